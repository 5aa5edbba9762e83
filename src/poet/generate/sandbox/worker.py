"""The process inside the sandbox: loads the user's module once, then answers jobs, each in a fork.

Original and candidate run in children of their own, which hold neither the channel to the parent
nor each other's. Answers are data and carry the number of the request.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .channel import MOST_BYTES, ChannelClosed, read_frame, write_frame
from .watch import Watch

_state: dict[str, Any] = {}


def main() -> None:
    """Answer jobs over the socket that is standard input, until it is closed."""
    lock_down(leave_network=sys.argv[1] == "plain")
    channel = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    watch = Watch("", os.getcwd(), [])
    watch.install()
    with watch.paused():
        while True:
            try:
                job = json.loads(read_frame(channel, None))
            except ChannelClosed:
                return
            nonce = job.pop("nonce")
            _load_early(job, watch)
            if job["task"] in ("serve", "kill"):
                done = _serve(job, watch, channel) if job["task"] == "serve" else _kill(job)
                write_frame(channel, json.dumps({**done, "nonce": nonce}).encode())
                continue
            answer = forked(
                functools.partial(_answer, job, watch),
                None,
                job["seconds"],
                (channel,),
                watch,
            )
            write_frame(channel, json.dumps({**answer, "nonce": nonce}).encode())


def _answer(job: dict[str, Any], watch: Watch) -> dict[str, Any]:
    task = {"probe": probe, "trial": trial, "warm": warm}[job["task"]]
    return task(job, watch)


def _load_early(job: dict[str, Any], watch: Watch) -> None:
    """Import the user's module here, so that every job's fork has it already."""
    if job["task"] not in ("trial", "warm", "serve") or "module" in _state or "failure" in _state:
        return
    import importlib

    from .loading import Unloadable, load_module

    for name in ("inputs", "doubles", "describe"):
        importlib.import_module(f"poet.generate.gate.{name}")
    importlib.import_module("poet.generate.sandbox.recording")
    importlib.import_module("poet.enhanced")
    importlib.import_module("poet.runtime.loader")
    still = importlib.import_module("poet.generate.sandbox.still")
    still._time_machine()
    began = time.perf_counter()
    watch.code_path = job.get("code_path", "")
    try:
        with watch.watching():
            _state["module"] = load_module(job)
    except Unloadable as error:
        _state["failure"] = str(error)
    _state["imports"] = time.perf_counter() - began
    for name in ("requests", "httpx", "aiohttp", "urllib.request"):
        # The doubles patch what is there; in a fork it is too late to share the import.
        if name.split(".")[0] in job.get("packages", ()) and name not in sys.modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def _serve(job: dict[str, Any], watch: Watch, channel: int) -> dict[str, Any]:
    """Fork a worker that answers calls of a version over the socket that comes with the job."""
    import socket

    with socket.socket(fileno=os.dup(channel)) as borrowed:
        _, (theirs, *_), _, _ = socket.recv_fds(borrowed, 1, 1)
    if "failure" in _state:
        os.close(theirs)
        return {"unloadable": _state["failure"]}
    child = os.fork()
    if child == 0:
        try:
            os.close(channel)
            _work(job, watch, theirs)
        except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happens
            with contextlib.suppress(BaseException):
                note = json.dumps({"died": f"{type(error).__name__}: {error}"[:2000]})
                write_frame(theirs, note.encode())
        finally:
            os._exit(0)
    os.close(theirs)
    return {"pid": child}


def _work(job: dict[str, Any], watch: Watch, channel: int) -> None:
    import mmap

    from ...runtime.loader import load
    from .loading import original_in
    from .pool import serve

    with open(job["mapping"], "r+b") as file:
        mapping = mmap.mmap(file.fileno(), 0)
    original = original_in(_state["module"], job)
    loaded = load(job["code"], job["code_path"], original, job["name"], job.get("learned"))
    # From here on the sandbox holds it, as it holds the user's own code: nothing is compared.
    watch.off()
    limit(job["memory"] + len(mapping), 1e6)
    most = _address_space() + job["memory"]

    def allow(more: int) -> None:
        import resource

        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (min(most + more, hard), hard))

    write_frame(channel, b'{"ready": true}')
    serve(loaded.entry, channel, mapping, allow)


def _kill(job: dict[str, Any]) -> dict[str, Any]:
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(job["pid"], signal.SIGKILL)
        os.waitpid(job["pid"], 0)
    return {"killed": job["pid"]}


def warm(job: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """Only load the module."""
    return {"unloadable": _state.get("failure"), "imports_seconds": _state.get("imports", 0.0)}


def lock_down(*, leave_network: bool) -> None:
    """Give up what this process does not need, as far as the kernel lets an ordinary one."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: children cannot open our descriptors
        if leave_network:
            clone_newuser, clone_newnet = 0x10000000, 0x40000000
            libc.unshare(clone_newnet if os.getuid() == 0 else clone_newuser | clone_newnet)


def limit(extra_memory: int, seconds: float) -> None:
    """Limit this process: memory beyond what it has now, CPU, files, descriptors, core dumps."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows
        return
    limits = [
        (resource.RLIMIT_AS, _address_space() + extra_memory),
        (resource.RLIMIT_CPU, int(seconds) + 2),
        (resource.RLIMIT_FSIZE, 16 * 1024 * 1024),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ]
    for kind, most in limits:
        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(kind)
            wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (wanted, wanted))


def _address_space() -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 1 << 31


# The trial.


def trial(job: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """Compare the original with the candidate; see `poet.generate.gate.trial`."""
    from ..gate.inputs import Input, build_inputs
    from .loading import Unloadable, original_in
    from .recording import Scene

    if "failure" in _state:
        return {"unloadable": _state["failure"]}
    module = _state["module"]
    try:
        original = original_in(module, job)
    except Unloadable as error:
        return {"unloadable": str(error)}
    from ...runtime.loader import resolve_hints

    watch.code_path, watch.may_import = job["code_path"], frozenset(job["may_import"])
    began = time.perf_counter()
    plain = inspect.unwrap(original)

    def scout(inputs: list[Input]) -> list[bool]:
        scene = Scene(job, module, inputs, watch)
        found = forked(
            lambda: {"answers": scene.scout(original, inputs)}, job["memory"], 4.0, (), watch
        )
        answers: list[bool] = found.get("answers", [])
        return answers

    with watch.watching():
        inputs = build_inputs(
            plain,
            resolve_hints(original),
            job,
            vars(module),
            scout,
        )
    made = time.perf_counter() - began
    scene = Scene(job, module, inputs, watch)
    told = {
        "imports_seconds": _state.get("imports", 0.0),
        "inputs_seconds": made,
        "inputs": [{"origin": i.origin, "valid": i.valid} for i in inputs],
        "probes": {},
    }
    seconds = job["side_seconds"]
    first = forked(lambda: scene.run_original(original), job["memory"], seconds, (), watch)
    second: dict[str, Any] = {"died": "the original's run broke off first"}
    if "plan" in first:
        second = forked(
            lambda: scene.run_candidate(original, first["plan"]),
            job["memory"], seconds, (), watch,
        )  # fmt: skip
    if job.get("probes") and "outcomes" in second:
        told["probes"] = forked(lambda: scene.probe(original), job["memory"], seconds, (), watch)
    return {**told, "original": first, "candidate": second}


def forked(
    work: Callable[[], dict[str, Any]],
    memory: int | None,
    seconds: float,
    close: Sequence[int],
    watch: Watch,
) -> dict[str, Any]:
    """Run something in a forked child and return what it answers, or what became of it.

    Args:
        work: Done in the child; must return data.
        memory: Bytes beyond what this process has; None sets no limits yet.
        seconds: The child is killed after so long.
        close: Descriptors that the child must not have.
        watch: Does not count the fork itself.
    """
    read_end, write_end = os.pipe()
    sys.stdout.flush()
    with watch.paused():
        child = os.fork()
    if child == 0:
        code = 1
        try:
            for descriptor in (read_end, *close):
                os.close(descriptor)
            write_end = _out_of_the_way(write_end)
            if memory is not None:
                limit(memory, seconds)
                with watch.watching():
                    found = work()
            else:
                found = work()
            _write_all(write_end, json.dumps(found).encode())
            code = 0
        except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happens
            with contextlib.suppress(BaseException):
                note = f"{type(error).__name__}: {error}"[:2000]
                os.write(write_end, json.dumps({"died": note}).encode())
        finally:
            os._exit(code)
    os.close(write_end)
    raw, problem = _drain(read_end, seconds)
    if problem:
        with contextlib.suppress(ProcessLookupError), watch.paused():
            os.kill(child, signal.SIGKILL)
    os.close(read_end)
    _, status = os.waitpid(child, 0)
    if problem:
        return {"died": problem}
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {status >> 8}"
        return {"died": f"it ended by {how} without an answer"}
    return found if isinstance(found, dict) else {"died": "its answer was not data"}


def _out_of_the_way(descriptor: int) -> int:
    """Move a descriptor to a number that no input names: `open(3)` is a call like any other."""
    import fcntl

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 237)
    os.close(descriptor)
    return moved


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _drain(descriptor: int, seconds: float) -> tuple[bytes, str | None]:
    import select

    raw, give_up = bytearray(), time.perf_counter() + seconds
    while True:
        left = give_up - time.perf_counter()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return bytes(raw), f"it did not end within {seconds:g} s and was killed"
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return bytes(raw), None
        raw += chunk
        if len(raw) > MOST_BYTES:
            return bytes(raw), f"it answered with more than {MOST_BYTES >> 20} MB"


# The probe: honest attempts to get out.


def probe(job: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """Try to get out in every way that the backend promises to stop."""
    import socket

    def write() -> None:
        Path(job["outside"]).write_text("x")

    def read() -> None:
        Path(job["canary"]).read_text()

    def tcp() -> None:
        socket.create_connection(("127.0.0.1", job["port"]), timeout=2).close()

    def udp() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("192.0.2.1", 53))  # a documentation address: nothing answers there
            s.send(b"x")

    def unix() -> None:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(job["socket"])

    def parent() -> None:
        os.kill(job["pid"], 0)
        if b"python" not in Path(f"/proc/{job['pid']}/cmdline").read_bytes():
            raise OSError("another process has that number in here")

    def memory() -> None:
        limit(64 << 20, 5.0)
        bytearray(1 << 30)

    attempts: dict[str, Callable[[], None]] = {
        "writing outside": write,
        "reading the user's files": read,
        "network (TCP)": tcp,
        "network (UDP)": udp,
        "Unix sockets": unix,
        "signals to other processes": parent,
        "memory": memory,
    }
    got_through = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            got_through[name] = True
        except (OSError, ValueError, MemoryError):
            got_through[name] = False
    return {"got_through": got_through}
