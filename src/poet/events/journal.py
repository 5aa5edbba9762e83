"""The embedded journal: append-only files of JSON lines, one writer's file per process.

Writing is one `os.write` on a descriptor opened with O_APPEND: no lock shared between processes,
no buffer that a kill could lose. Reading skips a torn last line of a process that died.
"""

from __future__ import annotations

import contextlib
import gzip
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
from uuid_utils import uuid7

from .envelope import Event

log = logging.getLogger("poet")

SEGMENT_BYTES = 64 * 1024 * 1024
KEEP_DAYS = 30


class Journal:
    """The journal of one `.poet/` folder in this process.

    Args:
        folder: Where the segments are: `.poet/events/`. It is made at the first write.
        segment_bytes: Size at which a new segment is begun.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.segment_bytes = segment_bytes
        self.lost = 0
        self._lock = threading.Lock()
        self._descriptor = -1
        self._left = 0

    def append(self, line: bytes) -> bool:
        """Write one line, ending in a newline; when this returns True it survives the process.

        Never raises: a full disk or a read-only folder must not break the user's call. Then the
        event is counted as lost, and that is said once.
        """
        size = len(line)
        if size > self._left and not self._open():
            return False
        self._left -= size
        try:
            if os.write(self._descriptor, line) == size:
                return True
            raise OSError("short write: is the disk full?")
        except OSError as error:
            self._lose(error)
            return False

    def emit(self, event: Event) -> bool:
        """Write one event; see `append`.

        Raises:
            ValueError: It is larger than 1 MB.
        """
        return self.append(event.line())

    def _open(self) -> bool:
        with self._lock:
            if self._left > 0:
                return True  # another thread was faster
            try:
                if self._descriptor >= 0:
                    os.close(self._descriptor)
                    self._descriptor = -1
                self.folder.mkdir(parents=True, exist_ok=True)
                _keep_out_of_version_control(self.folder.parent)
                path = self.folder / f"{uuid7()}-{os.getpid()}.jsonl"
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
                self._descriptor = os.open(path, flags, 0o600)
                self._left = self.segment_bytes
                return True
            except OSError as error:
                self._lose(error)
                return False

    def _lose(self, error: OSError) -> None:
        self.lost += 1
        if self.lost == 1:
            warnings.warn_explicit(
                f"POET cannot write events to {self.folder}: {error}. Calls go on unrecorded.",
                UserWarning,
                filename=str(self.folder),
                lineno=0,
            )

    def after_fork(self) -> None:
        """Begin a file of its own in a child process; the parent's stays the parent's."""
        self._lock = threading.Lock()
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
        self._descriptor, self._left = -1, 0

    # Reading.

    def segments(self) -> list[Path]:
        """Return the segments, oldest first."""
        found = [*self.folder.glob("*.jsonl"), *self.folder.glob("*.jsonl.gz")]
        return sorted(found, key=lambda p: p.name)

    def query(
        self,
        *,
        type: str | None = None,
        function: str | None = None,
        execution_id: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int | None = None,
        where: Callable[[Event], bool] | None = None,
    ) -> list[Event]:
        """Return the events that fit, oldest first; with `limit`, the newest of them.

        Args:
            type: Type of the event.
            function: Name of the function in its payload.
            execution_id: The execution that it records or speaks of.
            since: Unix time in seconds, inclusive.
            until: Unix time in seconds, exclusive.
            limit: At most so many.
            where: Any further test.
        """
        needles = [n.encode() for n in (type, execution_id) if n]
        found = []
        for segment in self.segments():
            if until is not None and _born(segment) >= until:
                continue
            if since is not None and segment.stat().st_mtime < since - 1:
                continue
            for line in _lines(segment):
                if any(needle not in line for needle in needles):
                    continue
                event = _parsed(line, segment)
                if event is None or (type and event.type != type):
                    continue
                payload = event.payload
                if function and payload.get("function") != function:
                    continue
                if execution_id and payload.get("execution_id") != execution_id:
                    continue
                if since is not None and event.timestamp < since:
                    continue
                if until is not None and event.timestamp >= until:
                    continue
                if where is None or where(event):
                    found.append(event)
        found.sort(key=lambda e: (e.timestamp, e.id))
        return found[-limit:] if limit else found

    def follow(
        self, *, poll: float = 0.2, stop: Callable[[], bool] | None = None
    ) -> Iterator[Event]:
        """Yield events as they are written, beginning now; waits `poll` seconds between looks."""
        positions = {p: p.stat().st_size for p in self.segments()}
        while stop is None or not stop():
            for segment in self.segments():
                if segment.suffix == ".gz":
                    continue
                start = positions.get(segment, 0)
                with segment.open("rb") as stream:
                    stream.seek(start)
                    data = stream.read()
                end = data.rfind(b"\n") + 1
                positions[segment] = start + end
                for line in data[:end].splitlines():
                    event = _parsed(line, segment)
                    if event is not None:
                        yield event
            time.sleep(poll)

    def gc(self, *, now: float | None = None, keep_days: float = KEEP_DAYS) -> tuple[int, int]:
        """Compress segments whose writer has ended, and delete what is older than `keep_days`.

        Returns:
            How many were compressed, and how many deleted.
        """
        moment = time.time() if now is None else now
        compressed = deleted = 0
        for segment in self.segments():
            if moment - segment.stat().st_mtime > keep_days * 86_400:
                segment.unlink(missing_ok=True)
                deleted += 1
            elif segment.suffix != ".gz" and not _is_written(segment):
                _compress(segment)
                compressed += 1
        return compressed, deleted


def _keep_out_of_version_control(root: Path) -> None:
    ignore = root / ".gitignore"
    if not ignore.exists():
        from ..store.folder import GITIGNORE

        ignore.write_text(GITIGNORE, encoding="utf-8")


def _born(segment: Path) -> float:
    """Return when a segment was begun: its name starts with a UUIDv7."""
    return int(segment.name[:13].replace("-", ""), 16) / 1000


def _is_written(segment: Path) -> bool:
    pid = int(segment.name.rsplit("-", 1)[1].split(".")[0])
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _compress(segment: Path) -> None:
    target = segment.with_suffix(".jsonl.gz")
    temporary = target.with_suffix(f".{os.getpid()}.tmp")
    stamp = segment.stat()
    with segment.open("rb") as source, gzip.open(temporary, "wb", compresslevel=3) as sink:
        while chunk := source.read(1 << 20):
            sink.write(chunk)
    os.utime(temporary, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    os.replace(temporary, target)
    segment.unlink()


def _lines(segment: Path) -> Iterator[bytes]:
    opener: Any = gzip.open if segment.suffix == ".gz" else open
    try:
        with opener(segment, "rb") as stream:
            yield from stream
    except FileNotFoundError:
        return  # compressed or deleted by another process in the meantime


def _parsed(line: bytes, segment: Path) -> Event | None:
    if not line.endswith((b"}\n", b"}")):
        return None  # the torn last line of a process that died in the middle of a write
    try:
        return Event.parse(line)
    except (ValueError, orjson.JSONDecodeError):
        log.debug("skipped a line of %s that is not an event", segment)
        return None


_journals: dict[Path, Journal] = {}


def journal_for(root: Path) -> Journal:
    """Return this process's journal for a `.poet/` folder."""
    journal = _journals.get(root)
    if journal is None:
        journal = _journals.setdefault(root, Journal(root / "events"))
    return journal


def _after_fork() -> None:
    for journal in _journals.values():
        journal.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
