"""Read the journal: ask it, find one execution, follow it.

Of a sealed segment only the blocks are read that can hold an answer. A segment that is still
written has no index; it is searched as text, which takes about 10 ms for its 64 MiB.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import orjson

from .envelope import Event
from .index import Block
from .lines import parse, time_of
from .positions import Positions
from .segments import Segment, segments

log = logging.getLogger("poet")

CHUNK = 4 * 1024 * 1024


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
    needles = wanted.needles()
    oldest = float("-inf")  # of the newest `limit` events so far; nothing before it is of interest

    def horizon() -> float:
        return oldest

    for until, segment in _newest_first(folder, wanted):
        if until < oldest:
            break
        for text in _texts(segment, wanted, horizon):
            for line in _matching(text, needles):
                if oldest > 0 and time_of(line) < oldest:
                    continue
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
    wanted = Filter("function.execution", execution_id=execution_id)
    plain = []
    for segment in segments(folder):
        if not segment.sealed:
            plain.append(segment)
            continue
        summary = segment.summary()
        if summary.first <= execution_id <= summary.last:
            for block in segment.index().holding(execution_id):
                event = _first([_text(segment, block)], wanted)
                if event is not None:
                    return event
    # An id tells when the call began. Its record is behind that, mostly close behind.
    plain.sort(key=lambda s: (s.name[:36] > execution_id, _distance(s.name, execution_id)))
    for segment in plain:
        event = _first(_texts(segment, wanted, lambda: 0.0), wanted)
        if event is not None:
            return event
    # What others wrote about executions may have ids of its own.
    found = query(folder, wanted, 1) if any(_about(s) for s in segments(folder)) else []
    return found[0] if found else None


def _first(texts: Iterable[bytes], wanted: Filter) -> Event | None:
    for text in texts:
        for line in _matching(text, wanted.needles()):
            event = _event(line)
            if event is not None and wanted.accepts(event):
                return event
    return None


def _distance(name: str, execution_id: str) -> int:
    try:
        return abs(
            int(name[:13].replace("-", ""), 16) - int(execution_id[:13].replace("-", ""), 16)
        )
    except ValueError:
        return 0


def _about(segment: Segment) -> bool:
    return segment.sealed and segment.summary().subjects > 0


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


def _newest_first(folder: Path, wanted: Filter) -> list[tuple[float, Segment]]:
    """Return the segments that may hold wanted events, each with the latest time of its events."""
    found = []
    for segment in segments(folder):
        if segment.sealed:
            summary = segment.summary()
            since, until = summary.since, summary.until
        else:
            # Of a moment more than the clock of the file system may be behind ours.
            since, until = float("-inf"), segment.modified() + 1
        if wanted.overlaps(since, until):
            found.append((until, segment))
    return sorted(found, key=lambda pair: (pair[0], pair[1].name), reverse=True)


def _texts(segment: Segment, wanted: Filter, oldest: Callable[[], float]) -> Iterator[bytes]:
    """Yield the parts of a segment that may hold wanted events, the last part first.

    Args:
        segment: The segment.
        wanted: What is wanted.
        oldest: Asked before each part; nothing before this time is of interest any more.
    """
    if not segment.sealed:
        try:
            cuts = segment.cuts(CHUNK)
        except FileNotFoundError:
            # Sealed since it was listed, or deleted.
            sealed = segment.as_sealed()
            if sealed.path.exists():
                yield from _texts(sealed, wanted, oldest)
            return
        for start, end in reversed(list(pairwise(cuts))):
            yield segment.read(start, end - start)
        return
    identity = wanted.execution_id
    if identity is not None:
        summary = segment.summary()
        if not summary.subjects and not summary.first <= identity <= summary.last:
            return
    index = segment.index()
    if not _may_hold(wanted, index.types, index.functions):
        return
    blocks: Iterable[Block] = index.blocks
    if identity is not None:
        blocks = dict.fromkeys((*index.holding(identity), *index.about(identity)))
    for block in sorted(blocks, key=lambda b: b.until, reverse=True):
        if block.until < oldest():
            return
        if wanted.overlaps(block.since, block.until):
            yield _text(segment, block)


def _text(segment: Segment, block: Block) -> bytes:
    try:
        return segment.text(block)
    except FileNotFoundError:
        return b""  # too old, and deleted in the meantime


def _may_hold(wanted: Filter, types: frozenset[str], functions: frozenset[str] | None) -> bool:
    return (wanted.type is None or wanted.type in types) and (
        wanted.function is None or functions is None or wanted.function in functions
    )


def _matching(text: bytes, needles: list[bytes]) -> Iterator[bytes]:
    """Yield the lines that contain all of some texts."""
    if not needles:
        yield from text.splitlines()
        return
    rarest, others = needles[0], needles[1:]
    at = text.find(rarest)
    while at >= 0:
        start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        line = text[start : end if end >= 0 else len(text)]
        if all(other in line for other in others):
            yield line
        at = text.find(rarest, end) if end >= 0 else -1


def _event(line: bytes) -> Event | None:
    found = parse(line)
    return Event(**found) if found is not None else None


def _by_time(event: Event) -> tuple[float, str]:
    return event.timestamp, event.id
