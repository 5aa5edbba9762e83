"""How far a reader has come in each segment of the journal, and the file that remembers it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from .lines import time_of
from .segments import Segment, segments

CHUNK = 4 * 1024 * 1024


@dataclass
class Positions:
    """For each segment by name, how many uncompressed bytes have been read.

    Segments that are deleted are forgotten; new ones begin at 0.
    """

    at: dict[str, int] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set, repr=False)

    @classmethod
    def at_end(cls, folder: Path) -> Positions:
        """Return the positions behind everything that is written now."""
        return cls({s.name: _size(s) for s in segments(folder)})

    @classmethod
    def since(cls, folder: Path, moment: float) -> Positions:
        """Return the positions before the first event of a time, or somewhat earlier.

        Args:
            folder: The journal's folder.
            moment: Unix time in seconds.
        """
        return cls({s.name: _before(s, moment) for s in segments(folder)})

    @classmethod
    def load(cls, path: Path) -> Positions | None:
        """Read a file of positions; None where there is none.

        Raises:
            ValueError: It holds something else.
        """
        try:
            return cls(dict(orjson.loads(path.read_bytes())))
        except FileNotFoundError:
            return None
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{path} does not hold positions ({error}). Delete it to read from the beginning."
            ) from None

    def save(self, path: Path) -> None:
        """Write the file of positions; after a crash or power cut it is the old or the new one."""
        half = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with half.open("wb") as stream:
            stream.write(orjson.dumps(self.at, option=orjson.OPT_SORT_KEYS))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(half, path)

    def advance(self, folder: Path, most: int) -> list[bytes]:
        """Return the next whole lines of all segments, and move behind them.

        Args:
            folder: The journal's folder.
            most: About so many bytes at most.

        Returns:
            Lines in the order of each process that wrote; several are merged by time.
        """
        found = segments(folder)
        for gone in self.at.keys() - {s.name for s in found}:
            del self.at[gone]
        writers: dict[str, list[Segment]] = {}
        for segment in found:
            if segment.name not in self._ended:
                writers.setdefault(segment.name.rpartition("-")[2], []).append(segment)
        share = max(1, most // max(1, len(writers)))
        batches = [b for own in writers.values() if (b := self._next(own, share)) is not None]
        if len(batches) == 1:
            lines = [line for line in batches[0].text.split(b"\n") if line]
            self.at[batches[0].name] = batches[0].start + len(batches[0].text)
            return lines
        return self._merge(batches)

    def _next(self, own: list[Segment], most: int) -> _Batch | None:
        """Read from the first of one writer's segments that holds anything unread."""
        for number, segment in enumerate(own):
            start = self.at.get(segment.name, 0)
            try:
                text = segment.read(start, most)
            except FileNotFoundError:
                continue  # deleted since it was listed
            if text:
                more = number + 1 < len(own) or _size(segment) > start + len(text)
                return _Batch(segment.name, start, text, more)
            if segment.sealed:
                self._ended.add(segment.name)
        return None

    def _merge(self, batches: list[_Batch]) -> list[bytes]:
        timed: list[tuple[float, int, int, bytes]] = []
        horizon = float("inf")  # behind it, a writer whose text was cut may have earlier events
        for number, batch in enumerate(batches):
            latest, end = 0.0, batch.start
            for line in batch.text.splitlines(keepends=True):
                # Never before an earlier line of the same writer, whatever its clock says.
                latest, end = max(latest, time_of(line)), end + len(line)
                timed.append((latest, number, end, line))
            if batch.more:
                horizon = min(horizon, latest)
        timed = sorted((item for item in timed if item[0] <= horizon), key=lambda item: item[:3])
        for _, number, end, _line in timed:
            self.at[batches[number].name] = end
        return [text for *_, line in timed if (text := line.rstrip(b"\n"))]


@dataclass(frozen=True)
class _Batch:
    name: str
    start: int
    text: bytes
    more: bool


def _before(segment: Segment, moment: float) -> int:
    try:
        if segment.sealed:
            index = segment.index()
            return next((b.start for b in index.blocks if b.until >= moment), index.size)
        at = 0
        while text := segment.read(at, CHUNK):
            for line in text.splitlines(keepends=True):
                if time_of(line) >= moment:
                    return at
                at += len(line)
        return at
    except FileNotFoundError:
        return 0


def _size(segment: Segment) -> int:
    try:
        return segment.index().size if segment.sealed else segment.path.stat().st_size
    except FileNotFoundError:
        return 0
