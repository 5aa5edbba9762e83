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
from dataclasses import dataclass
from pathlib import Path

from .index import Block, Index, IndexBuilder, Summary
from .locks import taken

BLOCK_BYTES = 256 * 1024
# zlib is in every Python. Level 1 makes the journal's lines 13 times smaller at about 500 MB/s;
# level 6 takes 2.5 times as long for 14 times, lzma 5 times as long for 17 times.
LEVEL = 1
_GZIP = 31  # zlib's number for "with gzip header and checksum"
_NAME = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}-\d+)\.jsonl(\.gz)?$")


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

    @property
    def born(self) -> float:
        """When it was begun, unix time in seconds."""
        return int(self.name[:13].replace("-", ""), 16) / 1000

    def modified(self) -> float:
        """When it was last written to, unix time in seconds; 0 where it is gone."""
        try:
            return self.path.stat().st_mtime
        except FileNotFoundError:
            return 0.0 if self.sealed else self.as_sealed().modified()

    def as_sealed(self) -> Segment:
        """Return the sealed form that this segment has, or will have."""
        return Segment(self.path.with_name(self.name + ".jsonl.gz"), self.name, True)

    def summary(self) -> Summary:
        """Return the summary of a sealed segment's index."""
        path = self.path.with_name(self.name + ".index")
        found = _summaries.get(str(path))
        if found is None:
            try:
                found = Summary.read(path)
            except (OSError, ValueError):
                found = self.index().summary()
            if len(_summaries) >= 10_000:
                _summaries.clear()
            _summaries[str(path)] = found
        return found

    def index(self) -> Index:
        """Return the index of a sealed segment; one that is missing or damaged is made anew."""
        path = self.path.with_name(self.name + ".index")
        found = _indexes.get(str(path))
        if found is None:
            try:
                found = Index.parse(path.read_bytes())
            except (OSError, ValueError):
                found = _index_of_sealed(self.path)
            if len(_indexes) >= 200:
                _indexes.clear()
            _indexes[str(path)] = found
        return found

    def cuts(self, every: int) -> list[int]:
        """Return positions at line ends, about `every` bytes apart, of a segment that is written."""
        size = self.path.stat().st_size
        found = [0]
        with self.path.open("rb") as stream:
            for target in range(every, size, every):
                stream.seek(max(target, found[-1]))
                stream.readline()
                if stream.tell() < size:
                    found.append(stream.tell())
        return [*found, size]

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
                return self.as_sealed().read(start, most)  # since it was listed
        found = bytearray()
        for block in self.index().blocks:
            if block.start + block.size > start and len(found) < most:
                found += self.text(block)[max(0, start - block.start) :]
        return bytes(found[: found.rfind(b"\n") + 1])


# Sealed segments never change, so what is known of them stays true.
_indexes: dict[str, Index] = {}
_summaries: dict[str, Summary] = {}


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
    builder = IndexBuilder()
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


def _index_of_sealed(path: Path) -> Index:
    """Index a sealed segment from its text; damaged blocks at its end are left out."""
    builder = IndexBuilder()
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
