"""The process inside the sandbox: it loads the user's module, runs the original and the candidate on
the same inputs, each in a child of its own, and answers with descriptions of what happened.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    """Read a job from standard input and write the answer to the descriptor that argv names."""
    back = int(sys.argv[1])
    job = json.load(sys.stdin)
    nonce = job.pop("nonce")
    leave_the_network()
    task = {"probe": probe, "trial": trial}[job.pop("task")]
    answer = json.dumps({**task(job), "nonce": nonce}).encode()
    while answer:
        answer = answer[os.write(back, answer) :]


def leave_the_network() -> None:
    """Move into an empty network namespace where the kernel allows; harmless where it does not."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    clone_newuser, clone_newnet = 0x10000000, 0x40000000
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        if os.getuid() == 0:
            libc.unshare(clone_newnet)
        else:
            libc.unshare(clone_newuser | clone_newnet)


def limit(extra_memory: int, seconds: float) -> None:
    """Limit this process: memory beyond what it has now, CPU, files, processes, core dumps."""
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


def trial(job: dict[str, Any]) -> dict[str, Any]:
    """Compare the original with the candidate; see `poet.generate.gate.trial`."""
    from ..gate.inputs import build_inputs, doctest_calls
    from .loading import Unloadable, load_module, original_in

    began = time.perf_counter()
    try:
        module = load_module(job)
        original = original_in(module, job)
    except Unloadable as error:
        return {"unloadable": str(error)}
    imports = time.perf_counter() - began
    from ...runtime.loader import resolve_hints

    hints = resolve_hints(original)
    namespace = vars(module)
    examples = [(tuple(e["args"]), e["kwargs"]) for e in job["examples"]]
    examples += doctest_calls(job["doctests"], job["name"], namespace)
    plain = inspect.unwrap(original)
    inputs = build_inputs(
        plain, hints, [job["function_text"], job["code"]], examples, namespace, job["method"]
    )
    from .recording import Scene

    scene = Scene(job, module, inputs)
    runs = {}
    for side in ("original", "candidate"):
        runs[side] = in_child(
            lambda side=side: scene.run(side, original), job["memory"], job["seconds"]
        )
    probes = {}
    if job.get("probes"):
        probes = in_child(lambda: scene.probe(original), job["memory"], job["seconds"])
    return {
        "imports_seconds": imports,
        "inputs": [{"origin": i.origin, "valid": i.valid} for i in inputs],
        "original": runs["original"],
        "candidate": runs["candidate"],
        "probes": probes,
    }


def in_child(work: Callable[[], Any], memory: int, seconds: float) -> dict[str, Any]:
    """Run something in a forked child and return what it answers, or what became of it."""
    read_end, write_end = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        code = 1
        try:
            limit(memory, seconds)
            answer = json.dumps(work()).encode()
            while answer:
                answer = answer[os.write(write_end, answer) :]
            code = 0
        except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happens
            with contextlib.suppress(BaseException):
                note = json.dumps({"died": f"{type(error).__name__}: {error}"}).encode()
                os.write(write_end, note[:60_000])
        finally:
            os._exit(code)
    os.close(write_end)
    raw, timed_out = _drain(read_end, seconds)
    if timed_out:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    os.close(read_end)
    _, status = os.waitpid(child, 0)
    if timed_out:
        return {"died": f"it did not end within {seconds:g} s and was killed"}
    try:
        found: dict[str, Any] = json.loads(raw)
    except ValueError:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {status >> 8}"
        return {"died": f"it ended by {how} without an answer"}
    return found


def _drain(descriptor: int, seconds: float) -> tuple[bytes, bool]:
    import select

    raw, give_up = bytearray(), time.monotonic() + seconds
    while True:
        left = give_up - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return bytes(raw), True
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return bytes(raw), False
        raw += chunk
        if len(raw) > 10 * 1024 * 1024:
            return bytes(raw), True


# The probe: honest attempts to get out.


def probe(job: dict[str, Any]) -> dict[str, Any]:
    """Try to write outside, read a secret, reach the network and touch the parent."""
    import socket

    def write() -> None:
        Path(job["outside"]).write_text("x")

    def read() -> None:
        Path(job["canary"]).read_text()

    def tcp() -> None:
        socket.create_connection(("127.0.0.1", job["port"]), timeout=2).close()

    def udp() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("192.0.2.1", 53))  # a documentation address: nothing is sent
            s.send(b"x")

    def parent() -> None:
        if Path(f"/proc/{job['pid']}/cmdline").read_bytes() == b"":
            raise OSError
        os.kill(job["pid"], 0)

    attempts: dict[str, Callable[[], None]] = {
        "writing outside": write,
        "reading the user's files": read,
        "network (TCP)": tcp,
        "network (UDP)": udp,
        "signals to other processes": parent,
    }
    got_through = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            got_through[name] = True
        except (OSError, ValueError):
            got_through[name] = False
    return {"got_through": got_through}
