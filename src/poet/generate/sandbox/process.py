"""Start a sandboxed worker, hand it a job, and take its one answer: data, never pickles."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .backend import Backend, Box

MOST_BYTES = 10 * 1024 * 1024
_START = "from poet.generate.sandbox.worker import main; main()"


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


def run_job(
    backend: Backend, job: Mapping[str, Any], *, readable: tuple[Path, ...], seconds: float
) -> Answer:
    """Run one job in a fresh worker and return its answer.

    Args:
        backend: How it is restricted.
        job: What to do; must be JSON.
        readable: Folders that the worker may read.
        seconds: Wall-clock limit, enforced from outside.
    """
    started = time.perf_counter()
    nonce = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="poet-trial-") as scratch:
        box = Box(Path(scratch).resolve(), readable, seconds=seconds)
        back, theirs = os.pipe()
        python = [sys.executable, "-s", "-P", "-B", "-X", "utf8", "-c", _START, str(theirs)]
        try:
            process = subprocess.Popen(
                backend.command(python, box),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=backend.environment(box),
                cwd=scratch,
                pass_fds=(theirs,),
                start_new_session=True,
            )
        except OSError as error:
            os.close(back)
            return Answer(None, f"the sandbox could not start: {error}", "", 0.0)
        finally:
            os.close(theirs)
        request = json.dumps({**job, "nonce": nonce, "scratch": scratch}).encode()
        answer = _converse(process, back, request, nonce, started + seconds)
    return replace(answer, seconds=time.perf_counter() - started)


def _converse(
    process: subprocess.Popen[bytes], back: int, request: bytes, nonce: str, give_up: float
) -> Answer:
    assert process.stdin is not None
    assert process.stdout is not None
    raw, printed = bytearray(), bytearray()
    problem = None
    try:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(request)
            process.stdin.close()
        out = process.stdout.fileno()
        open_ends = {back, out}
        while open_ends and problem is None:
            left = give_up - time.perf_counter()
            if left <= 0:
                problem = "it took too long and was killed"
                break
            for end in select.select(list(open_ends), [], [], left)[0]:
                chunk = os.read(end, 1 << 16)
                if not chunk:
                    open_ends.discard(end)
                elif end == back:
                    raw += chunk
                    if len(raw) > MOST_BYTES:
                        problem = "it answered with more than 10 MB"
                else:
                    printed += chunk
                    del printed[:-4000]
            if back not in open_ends:
                break
    finally:
        os.close(back)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    output = printed.decode("utf-8", "replace").strip()
    if problem is None:
        data, problem = _read(bytes(raw), nonce)
        if data is not None:
            return Answer(data, None, output, 0.0)
    return Answer(None, problem, output, 0.0)


def _read(raw: bytes, nonce: str) -> tuple[dict[str, Any] | None, str | None]:
    if not raw:
        return None, "it ended without an answer"
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None, "its answer was not data"
    if not isinstance(found, dict) or found.pop("nonce", None) != nonce:
        return None, "its answer was not signed with this trial's number"
    return found, None
