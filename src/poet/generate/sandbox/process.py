"""Start a sandboxed worker, hand it jobs, and take its answers: data, never pickles."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .backend import Backend, Box
from .channel import ChannelClosed, TooLong, read_frame, write_frame

# The worker runs this very copy of POET, wherever the parent took it from.
_START = (
    f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[3])!r}); "
    "from poet.generate.sandbox.worker import main; main()"
)


@dataclass(frozen=True)
class Answer:
    """What came back from a worker.

    Attributes:
        data: The answer; None when there was none.
        problem: Why there is none, in words.
        output: The end of what it printed.
        seconds: How long it took.
    """

    data: dict[str, Any] | None
    problem: str | None
    output: str
    seconds: float


class Worker:
    """One sandboxed process. It is killed, with all that it started, by `close`."""

    def __init__(self, backend: Backend, readable: tuple[Path, ...]) -> None:
        self.backend = backend
        self.scratch = tempfile.mkdtemp(prefix="poet-trial-")
        box = Box(Path(self.scratch).resolve(), readable)
        # Both ways over standard input: some backends close every other descriptor.
        ours, theirs = socket.socketpair()
        self._channel = ours
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        # Not -I: it would ignore the environment, which the backend has made clean already.
        python = [sys.executable, "-s", "-P", "-B", "-X", "utf8", "-c", _START, backend.name]
        try:
            self._process = subprocess.Popen(
                backend.command(python, box),
                stdin=theirs.fileno(),
                stdout=self._printed,
                stderr=subprocess.STDOUT,
                env=backend.environment(box),
                cwd=self.scratch,
                start_new_session=True,
            )
        except OSError:
            ours.close()
            self._printed.close()
            shutil.rmtree(self.scratch, ignore_errors=True)
            raise
        finally:
            theirs.close()
        self.alive = True

    def ask(
        self, job: Mapping[str, Any], seconds: float, hand_over: socket.socket | None = None
    ) -> Answer:
        """Run one job.

        Args:
            job: What to do; must be JSON.
            seconds: After so long the worker is killed from outside.
            hand_over: A socket that the job is for.
        """
        began = time.perf_counter()
        nonce = secrets.token_hex(16)
        request = json.dumps(
            {**job, "nonce": nonce, "scratch": self.scratch, "seconds": seconds}
        ).encode()
        data, problem = None, None
        try:
            write_frame(self._channel.fileno(), request)
            if hand_over is not None:
                socket.send_fds(self._channel, [b"+"], [hand_over.fileno()])
            data, problem = _read(read_frame(self._channel.fileno(), began + seconds), nonce)
        except (ChannelClosed, TooLong) as error:
            problem = str(error) or "it ended without an answer"
        if data is None:
            self.kill()
        return Answer(data, problem, self._output(), time.perf_counter() - began)

    def kill(self) -> None:
        """End the process and everything in its group."""
        self.alive = False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """End the process and remove its folder."""
        self._channel.close()
        self.kill()
        self._printed.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _output(self) -> str:
        # The worker writes at the end of the file through its own descriptor of it.
        size = os.fstat(self._printed.fileno()).st_size
        most = os.pread(self._printed.fileno(), 4000, max(0, size - 4000))
        return most.decode("utf-8", "replace").strip()


def run_job(
    backend: Backend,
    job: Mapping[str, Any],
    *,
    readable: tuple[Path, ...],
    seconds: float,
    key: str | None = None,
) -> Answer:
    """Run one job in a worker and return its answer.

    Args:
        backend: How it is restricted.
        job: What to do; must be JSON.
        readable: Folders that the worker may read.
        seconds: Wall-clock limit, enforced from outside.
        key: Jobs with one key may share a worker inside `warm()`: the user's module and its state.
    """
    began = time.perf_counter()
    try:
        worker = _worker(backend, readable, key)
    except OSError as error:
        return Answer(None, f"the sandbox could not start: {error}", "", 0.0)
    try:
        answer = worker.ask(job, seconds)
    finally:
        _give_back(worker, backend, key)
    return Answer(answer.data, answer.problem, answer.output, time.perf_counter() - began)


# Warm workers.

_lock = threading.Lock()
_idle: dict[tuple[str, str], Worker] = {}
_keepers = 0
_MOST_IDLE = 3


@contextlib.contextmanager
def warm() -> Iterator[None]:
    """Keep workers for the next job of the same module while the block runs."""
    global _keepers
    with _lock:
        _keepers += 1
    try:
        yield
    finally:
        with _lock:
            _keepers -= 1
            ended = list(_idle.values()) if _keepers == 0 else []
            if _keepers == 0:
                _idle.clear()
        for worker in ended:
            worker.close()


def _worker(backend: Backend, readable: tuple[Path, ...], key: str | None) -> Worker:
    if key is not None:
        with _lock:
            kept = _idle.pop((backend.name, key), None)
        if kept is not None:
            return kept
    return Worker(backend, readable)


def _give_back(worker: Worker, backend: Backend, key: str | None) -> None:
    surplus: Worker | None = worker
    if key is not None and worker.alive:
        with _lock:
            if _keepers > 0:
                surplus = _idle.pop((backend.name, key), None)
                _idle[backend.name, key] = worker
                if len(_idle) > _MOST_IDLE:
                    surplus = _idle.pop(next(iter(_idle)))
    if surplus is not None:
        surplus.close()


@atexit.register
def _close_all() -> None:
    while _idle:
        _idle.popitem()[1].close()


def _read(raw: bytes, nonce: str) -> tuple[dict[str, Any] | None, str | None]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None, "its answer was not data"
    if not isinstance(found, dict) or found.pop("nonce", None) != nonce:
        return None, "its answer was not signed with this trial's number"
    return found, None
