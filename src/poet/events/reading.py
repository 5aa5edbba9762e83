"""Read the journal: ask it, find one execution, follow it.

Of a sealed segment only the blocks are read that can hold an answer. A segment that is still
written has no index; it is searched as text, which takes about 10 ms for its 64 MiB.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from .envelope import Event
from .positions import Positions
from .segments import Block, Segment, segments

log = logging.getLogger("poet")

CHUNK = 4 * 1024 * 1024
_HEAD = b'{"id":"'


@dataclass(frozen=True)
class Filter:
    """Which events are wanted; see `Journal.query`. None means any."""

    type: str | None = None
    function: str | None = None
    execution_id: str | None = None
    since: float | None = None
    until: float | None = None
    where: Callable[[Event], bool] | None = None

    def needles(self) -> list[bytes]:
        """Return texts that the line of a wanted event contains."""
        wanted = (self.execution_id, self.function, self.type)
        return [orjson.dumps(text) for text in wanted if text is not None]

    def accepts(self, event: Event) -> bool:
        """Say whether an event is wanted."""
        return (
            (self.type is None or event.type == self.type)
            and (self.function is None or event.payload.get("function") == self.function)
            and (
                self.execution_id is None or event.payload.get("execution_id") == self.execution_id
            )
            and (self.since is None or event.timestamp >= self.since)
            and (self.until is None or event.timestamp < self.until)
            and (self.where is None or self.where(event))
        )

    def overlaps(self, since: float, until: float) -> bool:
        """Say whether wanted events can lie between two times, both inclusive."""
        return (self.until is None or since < self.until) and (
            self.since is None or until >= self.since
        )


def query(folder: Path, wanted: Filter, limit: int | None) -> list[Event]:
    """Return the events that are wanted, oldest first and each once; see `Journal.query`."""
    if limit is not None and limit <= 0:
        return []
    found: dict[str, Event] = {}
    parts = sorted(_parts(folder, wanted), key=lambda part: part.until, reverse=True)
    oldest = float("-inf")  # of the newest `limit` events so far
    for part in parts:
        if part.until < oldest:
            break
        for line in _matching(part.read(), wanted.needles()):
            event = _event(line)
            if event is not None and wanted.accepts(event):
                found.setdefault(event.id, event)
        if limit is not None and len(found) >= limit:
            newest = sorted(found.values(), key=_by_time)[-limit:]
            found, oldest = {e.id: e for e in newest}, newest[0].timestamp
    events = sorted(found.values(), key=_by_time)
    return events[-limit:] if limit else events


def find(folder: Path, execution_id: str) -> Event | None:
    """Return the record of one execution, or None where the journal has none."""
    found = query(folder, Filter("function.execution", execution_id=execution_id), 1)
    return found[0] if found else None


def follow(folder: Path, *, poll: float, stop: Callable[[], bool] | None) -> Iterator[Event]:
    """Yield events as they are written; see `Journal.follow`."""
    positions = Positions.at_end(folder)
    while stop is None or not stop():
        lines = positions.advance(folder, CHUNK)
        for line in lines:
            event = _event(line)
            if event is not None:
                yield event
        if not lines:
            time.sleep(poll)


@dataclass(frozen=True)
class _Part:
    """Some lines that may hold an answer, read when they are needed."""

    segment: Segment
    block: Block | None  # None: the whole of a segment that is still written
    until: float

    def read(self) -> Iterator[bytes]:
        if self.block is not None:
            try:
                yield self.segment.text(self.block)
            except FileNotFoundError:
                return  # too old, and deleted in the meantime
            return
        start = 0
        while True:
            try:
                text = self.segment.read(start, CHUNK)
            except FileNotFoundError:
                return
            if not text:
                return
            start += len(text)
            yield text


def _parts(folder: Path, wanted: Filter) -> Iterator[_Part]:
    for segment in segments(folder):
        if not segment.sealed:
            modified = segment.modified()
            # Of a moment more than the clock of the file system may be behind ours.
            if wanted.since is None or modified >= wanted.since - 1:
                yield _Part(segment, None, modified + 1)
            continue
        try:
            index = segment.index()
        except FileNotFoundError:
            continue
        if not _may_hold(wanted, index.types, index.functions):
            continue
        blocks: Iterable[Block] = index.blocks
        if wanted.execution_id is not None:
            identity = wanted.execution_id
            blocks = [b for b in index.blocks if b.first <= identity <= b.last]
            blocks += [b for b in index.about(identity) if b not in blocks]
        for block in blocks:
            if wanted.overlaps(block.since, block.until):
                yield _Part(segment, block, block.until)


def _may_hold(wanted: Filter, types: frozenset[str], functions: frozenset[str] | None) -> bool:
    return (wanted.type is None or wanted.type in types) and (
        wanted.function is None or functions is None or wanted.function in functions
    )


def _matching(texts: Iterable[bytes], needles: list[bytes]) -> Iterator[bytes]:
    """Yield the lines that contain all of some texts."""
    for text in texts:
        if not needles:
            yield from text.splitlines()
            continue
        rarest, others = needles[0], needles[1:]
        at = text.find(rarest)
        while at >= 0:
            start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
            line = text[start : end if end >= 0 else len(text)]
            if all(other in line for other in others):
                yield line
            if end < 0:
                break
            at = text.find(rarest, end)


def _event(line: bytes) -> Event | None:
    found = parse(line)
    return Event(**found) if found is not None else None


_FIELDS = {
    "id", "type", "timestamp", "correlation_id", "causation_id", "source", "metadata", "payload",
}  # fmt: skip


def parse(line: bytes) -> dict[str, Any] | None:
    """Return the event of a line as a mapping; None where the line holds none.

    A line that a killed process could not finish is followed, on the same line, by the next event
    where another thread was writing: that event is found.
    """
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        start = line.rfind(_HEAD, 1)
        while start > 0:
            try:
                found = orjson.loads(line[start:])
            except orjson.JSONDecodeError:
                found = None
            if isinstance(found, dict) and found.keys() == _FIELDS:
                return found
            start = line.rfind(_HEAD, 1, start)
        return None
    return found if isinstance(found, dict) and found.keys() == _FIELDS else None


def events_in(text: bytes) -> Iterator[dict[str, Any] | bytes]:
    """Yield the events of some lines as mappings, and each line that holds none as it is."""
    for line in text.split(b"\n"):
        if line:
            found = parse(line)
            yield line if found is None else found


def _by_time(event: Event) -> tuple[float, str]:
    return event.timestamp, event.id
