"""The journal's files: which there are, who still writes them, sealing and deletion.

A segment is `<uuid7>-<pid>.jsonl` while it is written. Sealed, it is `….jsonl.gz`: one gzip
member per block of about 256 KiB, so that `zcat` shows it and one block can be read alone; next to
it stands `….index` with what each block holds. Positions in a segment always count uncompressed
bytes, so sealing moves nobody's position.
"""

from __future__ import annotations

import os
import re
import zlib
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from .locks import taken

BLOCK_BYTES = 256 * 1024
# zlib is in every Python. Level 1 makes the journal's lines 13 times smaller at about 500 MB/s;
# level 6 takes 2.5 times as long for 14 times, lzma 5 times as long for 17 times.
LEVEL = 1
MOST_NAMES = 1000  # function names kept in an index; with more of them, each segment is looked into
_GZIP = 31  # zlib's number for "with gzip header and checksum"
_NAME = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}-\d+)\.jsonl(\.gz)?$")


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

    @property
    def since(self) -> float:
        """Earliest time of an event."""
        return min((b.since for b in self.blocks), default=0.0)

    @property
    def until(self) -> float:
        """Latest time of an event."""
        return max((b.until for b in self.blocks), default=0.0)

    def about(self, execution_id: str) -> list[Block]:
        """Return the blocks in which events may speak of an execution without being its record."""
        low = _subject(execution_id, 0)
        found, i = [], bisect_left(self.subjects, low)
        while i < len(self.subjects) and self.subjects[i] >> 20 == low >> 20:
            found.append(self.blocks[self.subjects[i] & 0xFFFFF])
            i += 1
        return list(dict.fromkeys(found))

    def dump(self) -> bytes:
        """Return the bytes of the `.index` file: one line of JSON, then the subjects."""
        head = {
            "blocks": [[b.offset, b.length, b.start, b.size, b.first, b.last, b.since, b.until]
                       for b in self.blocks],
            "types": sorted(self.types),
            "functions": None if self.functions is None else sorted(self.functions),
            "events": self.events,
            "torn": self.torn,
        }  # fmt: skip
        return orjson.dumps(head) + b"\n" + self.subjects.tobytes()

    @classmethod
    def parse(cls, raw: bytes) -> Index:
        """Read the bytes of an `.index` file.

        Raises:
            ValueError: They are not those of an index.
        """
        end = raw.index(b"\n")
        head = orjson.loads(raw[:end])
        subjects = array("Q")
        subjects.frombytes(raw[end + 1 :])
        try:
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


@dataclass(frozen=True)
class Segment:
    """One file of the journal.

    Attributes:
        path: The file.
        name: Its name without suffixes; it sorts by the time at which the segment was begun.
        sealed: Whether it is compressed; then nothing is ever added to it.
    """

    path: Path
    name: str
    sealed: bool
    _cache: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def born(self) -> float:
        """When it was begun, unix time in seconds."""
        return int(self.name[:13].replace("-", ""), 16) / 1000

    def modified(self) -> float:
        """When it was last written to, unix time in seconds; 0 where it is gone."""
        try:
            return self.path.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def index(self) -> Index:
        """Return the index of a sealed segment; one that is missing or damaged is made anew."""
        path = self.path.with_name(self.name + ".index")
        key = str(path)
        found = _indexes.get(key)
        if found is None:
            try:
                found = Index.parse(path.read_bytes())
            except (OSError, ValueError):
                found = _index_of_sealed(self.path)
            if len(_indexes) > 4096:
                _indexes.clear()
            _indexes[key] = found
        return found

    def text(self, block: Block) -> bytes:
        """Return the lines of one block of a sealed segment."""
        with self.path.open("rb") as stream:
            stream.seek(block.offset)
            return zlib.decompress(stream.read(block.length), _GZIP)

    def read(self, start: int, most: int) -> bytes:
        """Return whole lines from a position on: about `most` bytes of them, b"" at the end.

        A last line without its newline is not returned; its writer is not done, or was killed.
        """
        if not self.sealed:
            try:
                return _whole_lines(self.path, start, most)
            except FileNotFoundError:
                sealed = Segment(self.path.with_suffix(".jsonl.gz"), self.name, True)
                return sealed.read(start, most)
        found = bytearray()
        for block in self.index().blocks:
            if block.start + block.size > start and len(found) < most:
                found += self.text(block)[max(0, start - block.start) :]
        return bytes(found[: found.rfind(b"\n") + 1])


_indexes: dict[str, Index] = {}


def segments(folder: Path) -> list[Segment]:
    """Return the segments in a folder, oldest first; none where there is no folder."""
    found: dict[str, Segment] = {}
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    for name in names:
        # Sorted, `x.jsonl` comes before `x.jsonl.gz`: while both exist the first is complete.
        match = _NAME.match(name)
        if match and match[1] not in found:
            found[match[1]] = Segment(folder / name, match[1], match[2] is not None)
    return list(found.values())


def gc(folder: Path, *, now: float, keep_days: float) -> tuple[int, int]:
    """Seal what nobody writes any more and delete what is too old; see `Journal.gc`."""
    sealed = deleted = 0
    if not folder.is_dir():
        return 0, 0
    lock = folder / "gc.lock"
    lock.touch()
    with taken(lock) as mine:
        if not mine:
            return 0, 0  # another process is at it
        for half in folder.glob(".*.tmp"):
            half.unlink(missing_ok=True)  # left by a process that was killed while sealing
        for segment in segments(folder):
            if not segment.sealed:
                with taken(segment.path) as ended:
                    if not ended:
                        continue
                    if now - segment.modified() <= keep_days * 86_400:
                        sealed += seal(segment)
                        continue
            if now - segment.modified() > keep_days * 86_400:
                segment.path.unlink(missing_ok=True)
                segment.path.with_name(segment.name + ".index").unlink(missing_ok=True)
                deleted += 1
    return sealed, deleted


def seal(segment: Segment) -> bool:
    """Compress a segment that nobody writes, and index it; an empty one is deleted."""
    stamp = segment.path.stat()
    target = segment.path.with_name(segment.name + ".jsonl.gz")
    if stamp.st_size == 0:
        segment.path.unlink()
        return False
    builder = _Builder()
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with segment.path.open("rb") as source, open(temporary, "wb", opener=_private) as sink:
        rest = b""
        while chunk := source.read(BLOCK_BYTES):
            text = rest + chunk
            end = text.rfind(b"\n") + 1
            text, rest = text[:end], text[end:]
            if text:
                builder.add(text, sink.write(_pack(text)))
        if rest:  # the line that a killed process did not finish; kept as it is
            builder.add(rest, sink.write(_pack(rest)))
        sink.flush()
        os.fsync(sink.fileno())
    if segment.path.stat().st_size != stamp.st_size:
        temporary.unlink()
        return False  # somebody writes it after all
    index = target.with_name(segment.name + ".index")
    half = index.with_name(f".{index.name}.{os.getpid()}.tmp")
    with open(half, "wb", opener=_private) as sink:
        sink.write(builder.index().dump())
    os.utime(temporary, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    os.replace(half, index)
    os.replace(temporary, target)
    segment.path.unlink()
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _pack(text: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(text) + packer.flush()


def _whole_lines(path: Path, start: int, most: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(start)
        found = stream.read(most)
        while found and b"\n" not in found:
            more = stream.read(most)
            if not more:
                return b""
            found += more
    return found[: found.rfind(b"\n") + 1]


def _subject(execution_id: str, block: int) -> int:
    return zlib.crc32(execution_id.encode()) << 20 | block


class _Builder:
    """Collects the index of a segment block by block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.types: set[str] = set()
        self.functions: set[str] | None = set()
        self.subjects: list[int] = []
        self.offset = self.start = self.events = self.torn = 0

    def add(self, text: bytes, length: int) -> None:
        """Take in the lines of a block which takes `length` bytes in the file."""
        from .reading import events_in

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
        return Index(
            tuple(self.blocks),
            frozenset(self.types),
            None if self.functions is None else frozenset(self.functions),
            array("Q", sorted(self.subjects)),
            self.events,
            self.torn,
        )


def _index_of_sealed(path: Path) -> Index:
    """Index a sealed segment from its text; damaged blocks at its end are left out."""
    builder = _Builder()
    raw = path.read_bytes()
    while raw:
        packer = zlib.decompressobj(_GZIP)
        try:
            text = packer.decompress(raw)
        except zlib.error:
            break
        if not packer.eof:
            break
        builder.add(text, len(raw) - len(packer.unused_data))
        raw = packer.unused_data
    return builder.index()
