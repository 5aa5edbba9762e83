"""What a sealed segment holds and where, so that a question reads few blocks of it."""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from .lines import events_in

MOST_NAMES = 1000  # function names kept in an index; with more of them, each segment is looked into


@dataclass(frozen=True)
class Block:
    """Some whole lines of a segment, and what can be said without reading them.

    Attributes:
        offset: Where it begins in the file.
        length: Bytes in the file.
        start: Where it begins in the uncompressed text.
        size: Bytes of uncompressed text.
        first: Smallest id of its events.
        last: Largest id.
        since: Earliest time.
        until: Latest time.
    """

    offset: int
    length: int
    start: int
    size: int
    first: str
    last: str
    since: float
    until: float


@dataclass(frozen=True)
class Summary:
    """What decides whether a segment needs to be looked into, read without the rest of its index.

    Attributes:
        first: Smallest id of its events.
        last: Largest id.
        since: Earliest time.
        until: Latest time.
        subjects: How many events speak of an execution without being its record.
    """

    first: str
    last: str
    since: float
    until: float
    subjects: int

    @classmethod
    def read(cls, path: Path) -> Summary:
        """Read the beginning of an `.index` file.

        Raises:
            ValueError: It is not that of an index.
            OSError: It cannot be read.
        """
        with path.open("rb") as stream:
            line = stream.readline(1000)
        try:
            return cls(**orjson.loads(line))
        except TypeError as error:
            raise ValueError(f"not an index: {error}") from None


@dataclass(frozen=True)
class Index:
    """What a sealed segment holds.

    Attributes:
        blocks: Its blocks, in order.
        types: Types of its events.
        functions: Names of the functions; None: too many to keep.
        subjects: Sorted; for each event that speaks of an execution without being its record,
            a hash of the execution's id and the number of the block.
        events: How many events.
        torn: Lines that were no events.
    """

    blocks: tuple[Block, ...]
    types: frozenset[str]
    functions: frozenset[str] | None
    subjects: array[int]
    events: int
    torn: int

    @property
    def size(self) -> int:
        """Bytes of uncompressed text."""
        return self.blocks[-1].start + self.blocks[-1].size if self.blocks else 0

    def summary(self) -> Summary:
        """Return what the first line of the file says."""
        held = [b for b in self.blocks if b.last]
        return Summary(
            min((b.first for b in held), default=""),
            max((b.last for b in held), default=""),
            min((b.since for b in held), default=0.0),
            max((b.until for b in held), default=0.0),
            len(self.subjects),
        )

    def holding(self, execution_id: str) -> list[Block]:
        """Return the blocks that may hold the record of an execution."""
        return [b for b in self.blocks if b.first <= execution_id <= b.last]

    def about(self, execution_id: str) -> list[Block]:
        """Return the blocks in which events may speak of an execution without being its record."""
        low = _subject(execution_id, 0)
        found, i = [], bisect_left(self.subjects, low)
        while i < len(self.subjects) and self.subjects[i] >> 20 == low >> 20:
            found.append(self.blocks[self.subjects[i] & 0xFFFFF])
            i += 1
        return list(dict.fromkeys(found))

    def dump(self) -> bytes:
        """Return the bytes of the `.index` file: the summary, the rest, and then the subjects."""
        rest = {
            "blocks": [[b.offset, b.length, b.start, b.size, b.first, b.last, b.since, b.until]
                       for b in self.blocks],
            "types": sorted(self.types),
            "functions": None if self.functions is None else sorted(self.functions),
            "events": self.events,
            "torn": self.torn,
        }  # fmt: skip
        summary = orjson.dumps(asdict(self.summary()))
        return b"\n".join((summary, orjson.dumps(rest), self.subjects.tobytes()))

    @classmethod
    def parse(cls, raw: bytes) -> Index:
        """Read the bytes of an `.index` file.

        Raises:
            ValueError: They are not those of an index.
        """
        try:
            _, rest, numbers = raw.split(b"\n", 2)
            head = orjson.loads(rest)
            subjects = array("Q")
            subjects.frombytes(numbers)
            return cls(
                tuple(Block(*b) for b in head["blocks"]),
                frozenset(head["types"]),
                None if head["functions"] is None else frozenset(head["functions"]),
                subjects,
                head["events"],
                head["torn"],
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an index: {error}") from None


class IndexBuilder:
    """Collects the index of a segment block by block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.types: set[str] = set()
        self.functions: set[str] | None = set()
        self.subjects: list[int] = []
        self.offset = self.start = self.events = self.torn = 0

    def add(self, text: bytes, length: int) -> None:
        """Take in the lines of a block which takes `length` bytes in the file."""
        ids, times = [], []
        number = len(self.blocks)
        for event in events_in(text):
            if isinstance(event, bytes):
                self.torn += 1
                continue
            ids.append(event["id"])
            times.append(event["timestamp"])
            payload = event["payload"]
            self.types.add(event["type"])
            name, subject = payload.get("function"), payload.get("execution_id")
            if self.functions is not None and isinstance(name, str):
                self.functions.add(name)
                if len(self.functions) > MOST_NAMES:
                    self.functions = None
            if subject is not None and subject != event["id"]:
                self.subjects.append(_subject(str(subject), number))
        self.events += len(ids)
        self.blocks.append(
            Block(
                self.offset, length, self.start, len(text),
                min(ids, default=""), max(ids, default=""),
                min(times, default=0.0), max(times, default=0.0),
            )
        )  # fmt: skip
        self.offset += length
        self.start += len(text)

    def index(self) -> Index:
        """Return the index of what was taken in."""
        return Index(
            tuple(self.blocks),
            frozenset(self.types),
            None if self.functions is None else frozenset(self.functions),
            array("Q", sorted(self.subjects)),
            self.events,
            self.torn,
        )


def _subject(execution_id: str, block: int) -> int:
    return zlib.crc32(execution_id.encode()) << 20 | block
