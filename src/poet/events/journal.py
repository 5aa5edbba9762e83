"""The embedded journal: append-only files of JSON lines, one writer's file per process.

Writing is one `os.write` on a descriptor opened with O_APPEND: no lock shared between processes,
no buffer that a kill could lose. Reading is in `reading.py`, the files themselves in `segments.py`.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from uuid_utils import uuid7

from .envelope import Event

if TYPE_CHECKING:
    from .segments import Segment

log = logging.getLogger("poet")

SEGMENT_BYTES = 64 * 1024 * 1024
SEGMENT_SECONDS = 24 * 3600.0
KEEP_DAYS = 30
CHECK_BYTES = 64 * 1024  # so often it is checked that the file still exists and is not too large
RETRY_SECONDS = 1.0  # so long nothing is tried after a failure: a full disk must not slow calls
HIGH_DESCRIPTOR = 128

_all: weakref.WeakSet[Journal] = weakref.WeakSet()


class Journal:
    """The journal of one `.poet/` folder in this process.

    Args:
        folder: Where the segments are: `.poet/events/`. It is made at the first write.
        segment_bytes: Size at which a new segment is begun.
        housekeeping: Compress what is full, and delete what is too old, in a background thread
            whenever this process begins its next segment.
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        housekeeping: bool = True,
    ) -> None:
        self.folder = folder
        self.segment_bytes = segment_bytes
        self.housekeeping = housekeeping
        self.lost = 0
        self._lock = threading.Lock()
        self._descriptor = -1
        self._file: tuple[int, int] | None = None  # device and inode of what is open
        self._left = 0  # bytes until the next check
        self._begun = 0.0
        self._cut = False  # the last line may have been written in part
        self._retry_at = 0.0
        self._warned = False
        self._keeper: threading.Thread | None = None
        _all.add(self)

    def append(self, line: bytes) -> bool:
        """Write one line, ending in a newline; when this returns True it survives the process.

        Never raises: a full disk or a read-only folder must not break the user's call. Then the
        event is counted in `lost`, and that is said once.
        """
        size = len(line)
        if size > self._left and not self._check():
            return False
        # Threads may overwrite each other's count. That moves the next check by a few events.
        self._left -= size
        try:
            if os.write(self._descriptor, line) == size:
                return True
        except OSError:
            pass  # said by the second attempt, where it fails as well
        return self._append_again(line)

    def emit(self, event: Event) -> bool:
        """Write one event; see `append`.

        Raises:
            ValueError: It is larger than 1 MB.
        """
        return self.append(event.line())

    def close(self) -> None:
        """Close this process's segment, so that it can be compressed; a later write opens a new one.

        No other thread may be writing at this moment.
        """
        with self._lock:
            if self._stat() is not None:
                os.close(self._descriptor)
            self._descriptor, self._left, self._file = -1, 0, None

    def _append_again(self, line: bytes) -> bool:
        self._left, self._cut = 0, True
        if not self._check():
            return False
        try:
            if os.write(self._descriptor, line) == len(line):
                return True
            return self._lose(OSError("only a part was written; is the disk full?"))
        except OSError as error:
            return self._lose(error)

    def _check(self) -> bool:
        """Begin a segment where there is none, it was deleted or is full; say whether one is open."""
        with self._lock:
            if self._left > 0 and not self._cut:
                return True  # another thread has just checked, or this line is a long one
            if time.monotonic() < self._retry_at:
                self.lost += 1
                return False
            full = False
            try:
                open_file = self._stat()
                if open_file is None:
                    self._descriptor = _high(self._new_segment())
                elif open_file.st_nlink == 0 or (full := self._is_full(open_file)):
                    # The number stays and changes its file in one step: another thread that is
                    # about to write can never hit a closed descriptor, or a stranger's file.
                    fresh = self._new_segment()
                    os.dup2(fresh, self._descriptor, inheritable=False)
                    os.close(fresh)
                elif self._cut:
                    # Ends the line that was cut, and shows whether writing works again.
                    os.write(self._descriptor, b"\n")
            except OSError as error:
                return self._lose(error)
            self._cut, self._retry_at = False, 0.0
            self._left = CHECK_BYTES
            if full and self.housekeeping:
                self._keep_house()
            return True

    def _stat(self) -> os.stat_result | None:
        """Look at the open segment; None where none is, or somebody else closed our descriptor."""
        if self._descriptor < 0:
            return None
        try:
            found = os.fstat(self._descriptor)
        except OSError:
            return None
        return found if (found.st_dev, found.st_ino) == self._file else None

    def _is_full(self, found: os.stat_result) -> bool:
        return (
            found.st_size >= self.segment_bytes or time.monotonic() - self._begun > SEGMENT_SECONDS
        )

    def _new_segment(self) -> int:
        from .locks import hold

        self.folder.mkdir(parents=True, exist_ok=True)
        _keep_out_of_version_control(self.folder.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        while True:
            path = self.folder / f"{uuid7()}-{os.getpid()}.jsonl"
            fresh = os.open(path, flags, 0o600)
            if hold(fresh):
                break
            os.close(fresh)  # another process tidied it away before it was marked
        found = os.fstat(fresh)
        self._file, self._begun = (found.st_dev, found.st_ino), time.monotonic()
        return fresh

    def _lose(self, error: OSError) -> bool:
        self.lost += 1
        self._left, self._cut = 0, True
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if not self._warned:
            self._warned = True
            text = f"POET cannot write events to {self.folder}: {error}. Calls go on unrecorded."
            try:
                warnings.warn_explicit(text, UserWarning, str(self.folder), 0)
            except UserWarning:
                log.error(text)  # warnings are errors here, and a call must not fail for this
        return False

    def _keep_house(self) -> None:
        if self._keeper is None or not self._keeper.is_alive():
            self._keeper = threading.Thread(target=self._gc, name="poet-events-gc", daemon=True)
            self._keeper.start()

    def _gc(self) -> None:
        try:
            self.gc()
        except OSError as error:
            log.warning("POET could not compress its old events in %s: %s", self.folder, error)

    def after_fork(self) -> None:
        """Begin a file of its own in a child process; the parent's stays the parent's."""
        self._lock = threading.Lock()
        self._keeper = None
        if self._stat() is not None:
            os.close(self._descriptor)
        self._descriptor, self._left, self._file = -1, 0, None
        self._cut, self._retry_at = False, 0.0

    # Reading; the modules that do it are imported when they are used.

    def segments(self) -> list[Segment]:
        """Return the segments, oldest first."""
        from .segments import segments

        return segments(self.folder)

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
        """Return the events that fit, oldest first and each once; with `limit`, the newest of them.

        Args:
            type: Type of the event.
            function: Name of the function in its payload.
            execution_id: The execution that it records or speaks of.
            since: Unix time in seconds, inclusive.
            until: Unix time in seconds, exclusive.
            limit: At most so many.
            where: Any further test.
        """
        from .reading import Filter, query

        wanted = Filter(type, function, execution_id, since, until, where)
        return query(self.folder, wanted, limit)

    def find(self, execution_id: str) -> Event | None:
        """Return the record of one execution, or None: it has not ended, or is not kept any more."""
        from .reading import find

        return find(self.folder, execution_id)

    def follow(
        self, *, poll: float = 0.2, stop: Callable[[], bool] | None = None
    ) -> Iterator[Event]:
        """Yield events as they are written, beginning now; waits `poll` seconds between looks."""
        from .reading import follow

        return follow(self.folder, poll=poll, stop=stop)

    def gc(self, *, now: float | None = None, keep_days: float = KEEP_DAYS) -> tuple[int, int]:
        """Compress segments whose writer has ended, and delete what is older than `keep_days`.

        Returns:
            How many were compressed, and how many deleted.
        """
        from .segments import gc

        return gc(self.folder, now=time.time() if now is None else now, keep_days=keep_days)


def _high(descriptor: int) -> int:
    """Move a descriptor to a high number.

    Programs that close "all" descriptors and open their own get the lowest numbers; with a high
    one, an event can hardly end up in a stranger's file.
    """
    try:
        import fcntl

        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR)
    except (ImportError, OSError):
        return descriptor
    os.close(descriptor)
    return moved


def _keep_out_of_version_control(root: Path) -> None:
    ignore = root / ".gitignore"
    if not ignore.exists():
        from ..store.folder import GITIGNORE

        ignore.write_text(GITIGNORE, encoding="utf-8")


_journals: dict[Path, Journal] = {}


def journal_for(root: Path) -> Journal:
    """Return this process's journal for a `.poet/` folder."""
    journal = _journals.get(root)
    if journal is None:
        journal = _journals.setdefault(root, Journal(root / "events"))
    return journal


def _after_fork() -> None:
    for journal in _all:
        journal.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
