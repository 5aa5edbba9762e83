"""`isolation="process"`: calls of one version run in warm, restricted workers and come back as data.

A fork server in the sandbox has the user's module loaded; workers are forked from it, so that one
that was killed is replaced in milliseconds. Arguments and results are data (see `codec`); large
arrays travel through one shared mapping per worker. Arguments that the function changes are
changed in the worker only.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import mmap
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...errors import DeadlineExceeded, MemoryExceeded, PoetError
from .backend import Backend
from .channel import ChannelClosed, TooLong, read_frame, write_frame
from .codec import Arrays, NotData, decode, encode, known_error
from .process import Worker

SECONDS = 5.0
MEMORY = 256 * 1024 * 1024
MAPPING = 256 * 1024 * 1024  # of address space; pages are taken only when they are written


class Pool:
    """Workers for one version of one function.

    Args:
        backend: How they are restricted.
        job: The trial's description of the function (`poet.generate.gate.trial.job_for`), with
            the version's text under `"code"` and its learned values under `"learned"`.
        readable: Folders that the workers may read.
        size: Most workers at a time; further calls wait.
        seconds: Wall-clock time for one call.
        memory: Bytes for one worker beyond what it has after loading.
    """

    def __init__(
        self,
        backend: Backend,
        job: Mapping[str, Any],
        readable: tuple[Path, ...] = (),
        *,
        size: int = 2,
        seconds: float = SECONDS,
        memory: int = MEMORY,
    ) -> None:
        self.backend, self.readable = backend, readable
        self.job = {**job, "task": "serve", "memory": memory}
        self.name = job["qualname"]
        self.seconds = seconds
        self._slots = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._server: Worker | None = None
        self._idle: list[_Served] = []

    def call(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call the version's function in a worker.

        Raises:
            DeadlineExceeded: It did not answer in time; the worker was killed.
            MemoryExceeded: It needed more memory than it may have.
            PoetError: An argument or the result is not data, or the worker died.
            Exception: What the function raised.
        """
        if self._process != os.getpid():
            self._reset()  # after a fork the workers are the parent's
        with self._slots:
            worker = self._take()
            try:
                result = worker.call(args, kwargs)
            except BaseException:
                self._drop(worker) if not worker.usable else self._keep(worker)
                raise
            self._keep(worker)
            return result

    async def acall(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call the version's function in a worker, without blocking the event loop."""
        return await asyncio.to_thread(self.call, *args, **kwargs)

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            for worker in self._idle:
                worker.close()
            self._idle.clear()
            if self._server is not None:
                self._server.close()
            self._server = None

    def _take(self) -> _Served:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._server is None or not self._server.alive:
                self._server = Worker(self.backend, self.readable)
            return _Served(self._server, self.job, self.name, self.seconds)

    def _keep(self, worker: _Served) -> None:
        with self._lock:
            self._idle.append(worker)

    def _drop(self, worker: _Served) -> None:
        with self._lock:
            worker.close()
            if self._server is not None and self._server.alive:
                self._server.ask({"task": "kill", "pid": worker.pid}, 5.0)


class _Served:
    """One forked worker: its channel and its mapping."""

    def __init__(self, server: Worker, job: Mapping[str, Any], name: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        self.usable = True
        handle, path = tempfile.mkstemp(dir=server.scratch)
        os.ftruncate(handle, MAPPING)
        self.mapping = mmap.mmap(handle, MAPPING)
        os.close(handle)
        ours, theirs = socket.socketpair()
        self.channel = ours
        with theirs:
            answer = server.ask({**job, "mapping": path}, 30.0, theirs)
        if answer.data is None or "pid" not in answer.data:
            why = answer.problem or (answer.data or {}).get("unloadable", "no worker")
            raise PoetError(f"{name}: no isolated worker could be started: {why}. {answer.output}")
        self.pid: int = answer.data["pid"]
        ready = self._read(time.perf_counter() + 30.0)
        with contextlib.suppress(OSError):
            os.unlink(path)
        if "ready" not in ready:
            raise PoetError(f"{name} cannot be loaded in its worker: {ready.get('died')}")

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        arrays = Arrays(self.mapping)
        try:
            request = json.dumps([encode(list(args), 0, arrays), encode(kwargs, 0, arrays)])
        except NotData as error:
            raise PoetError(
                f"{self.name} runs with isolation='process', and an argument cannot be sent to its "
                f"worker: {error}. Pass data, or use isolation='inprocess'."
            ) from error
        self.usable = False
        write_frame(self.channel.fileno(), request.encode())
        answer = self._read(time.perf_counter() + self.seconds)
        self.usable = True
        if "value" in answer:
            try:
                return decode(answer["value"], arrays, trusted=False)
            except NotData as error:
                raise PoetError(f"{self.name}: its worker's answer is not data: {error}") from error
        return self._raise(answer)

    def _read(self, give_up: float) -> dict[str, Any]:
        try:
            found = json.loads(read_frame(self.channel.fileno(), give_up))
        except TooLong as error:
            raise DeadlineExceeded(
                f"{self.name} did not answer within {self.seconds:g} s in its worker, which was "
                "killed. Raise timeout= in @poet(...) to allow more."
            ) from error
        except ChannelClosed as error:
            raise PoetError(f"{self.name}: its worker ended in the middle of a call.") from error
        except (ValueError, RecursionError) as error:
            raise PoetError(f"{self.name}: its worker's answer is not data.") from error
        return found if isinstance(found, dict) else {}

    def _raise(self, answer: Mapping[str, Any]) -> Any:
        if answer.get("memory"):
            raise MemoryExceeded(
                f"{self.name} needed more memory than its worker may have. Give it less at a time, "
                "or use isolation='inprocess'."
            )
        if "problem" in answer:
            raise PoetError(f"{self.name}: {answer['problem']}")
        raise known_error(answer)

    def close(self) -> None:
        """Give the channel and the mapping up."""
        self.channel.close()
        with contextlib.suppress(BufferError):
            self.mapping.close()


def serve(
    function: Callable[..., Any],
    channel: int,
    mapping: mmap.mmap | None,
    allow: Callable[[int], None],
) -> None:
    """In the worker: answer calls until the channel closes.

    Args:
        function: The version's function.
        channel: Where calls come from and answers go to.
        mapping: The memory shared with the caller.
        allow: Grants as many bytes more than the worker's own for one call.
    """
    while True:
        try:
            request = json.loads(read_frame(channel, None))
        except ChannelClosed:
            return
        arrays = Arrays(mapping)
        try:
            allow(sum(_shared_bytes(part) for part in request))
            args, kwargs = decode(request[0], arrays), decode(request[1], arrays)
            result = function(*args, **kwargs)
            if asyncio.iscoroutine(result):
                result = asyncio.run(result)
            answer: dict[str, Any] = {"value": encode(result, 0, Arrays(mapping))}
        except MemoryError:
            answer = {"memory": True}
        except NotData as error:
            answer = {"problem": f"its result cannot come back from the worker: {error}"}
        except Exception as error:  # noqa: BLE001 - the caller gets it
            answer = _told(error)
        write_frame(channel, json.dumps(answer).encode())


def _shared_bytes(data: Any) -> int:
    """Return how many bytes of arrays an encoded value has in the shared memory."""
    if isinstance(data, list):
        return sum(map(_shared_bytes, data))
    if not isinstance(data, dict):
        return 0
    if "shared" in data:
        dtype, shape, _ = data["shared"]
        return int(math.prod(shape)) * int(dtype[2:] or 1)
    return sum(map(_shared_bytes, data.values()))


def _told(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    try:
        args = encode(list(error.args))
        state = encode({k: v for k, v in vars(error).items() if k != "__notes__"})
    except NotData:
        args, state = [str(error)], {"dict": []}
    return {
        "type": [kind.__module__, kind.__qualname__],
        "args": args,
        "state": state,
        "text": str(error)[:2000],
    }
