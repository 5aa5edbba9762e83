"""Segments: sealing, indexes and deletion change nothing that a reader sees."""

import gzip
import os
import subprocess
import sys
import time

import pytest

from poet.events import Event, Journal
from poet.events import segments as segments_module
from poet.events.index import Index
from poet.events.locks import hold, taken
from poet.events.segments import seal, segments


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "events", segment_bytes=300_000, housekeeping=False)
    for i in range(3000):
        journal.emit(Event.new("function.feedback", {"function": f"f{i % 3}", "content": i}))
    journal.close()
    return journal


def test_sealing_keeps_every_event(journal):
    """Plain and sealed segments give the same answers."""
    before = journal.query()
    sealed, deleted = journal.gc()
    assert (sealed, deleted) == (len(journal.segments()), 0)
    assert journal.query() == before
    assert len(before) == 3000


def test_a_sealed_segment_is_an_ordinary_gzip_file(journal):
    """`zcat` shows it: nothing is hidden."""
    journal.gc()
    text = b"".join(gzip.open(s.path).read() for s in journal.segments())
    assert text.count(b"\n") == 3000


def test_a_segment_that_is_written_is_not_sealed(tmp_path):
    """Neither by its own process nor by another one."""
    journal = Journal(tmp_path / "events")
    journal.emit(Event.new("version.stored", {}))
    code = "import sys; from pathlib import Path; from poet.events import Journal;"
    code += "print(Journal(Path(sys.argv[1])).gc())"
    for _ in range(2):
        assert journal.gc() == (0, 0)
        done = subprocess.run(
            [sys.executable, "-c", code, str(journal.folder)], capture_output=True, check=True
        )
        assert done.stdout.strip() == b"(0, 0)"
    journal.close()
    assert journal.gc() == (1, 0)


def test_old_segments_are_deleted_with_their_indexes(journal):
    """After 30 days nothing is left."""
    journal.gc()
    assert journal.gc(now=time.time() + 31 * 86_400)[1] > 0
    assert [p.name for p in journal.folder.iterdir()] == ["gc.lock"]


def test_a_missing_or_damaged_index_is_made_anew(journal):
    """The index is only a shortcut."""
    journal.gc()
    before = journal.query(function="f1")
    for number, path in enumerate(sorted(journal.folder.glob("*.index"))):
        path.unlink() if number % 2 else path.write_bytes(b"{nonsense\n")
    segments_module._indexes.clear()
    segments_module._summaries.clear()
    assert journal.query(function="f1") == before


def test_an_index_survives_its_bytes(journal):
    """What is written is what is read."""
    journal.gc()
    index = journal.segments()[0].index()
    assert Index.parse(index.dump()) == index
    assert index.functions == {"f0", "f1", "f2"}


def test_many_function_names_are_not_kept(tmp_path):
    """The index stays small; the answers stay right."""
    journal = Journal(tmp_path / "events")
    for i in range(1500):
        journal.emit(Event.new("version.stored", {"function": f"f{i}"}))
    journal.close()
    journal.gc()
    assert journal.segments()[0].index().functions is None
    assert len(journal.query(function="f1234")) == 1


def test_both_forms_of_a_segment_are_read_once(journal):
    """A crash between writing the sealed form and deleting the plain one doubles nothing."""
    segment = journal.segments()[0]
    plain = segment.path.read_bytes()
    seal(segment)
    segment.path.write_bytes(plain)
    assert len(journal.query()) == 3000
    journal.gc()
    assert len(journal.query()) == 3000
    assert not segment.path.exists()


def test_halves_left_by_a_killed_process_are_removed(journal):
    """Temporary files do not collect."""
    half = journal.folder / ".x.jsonl.gz.1.tmp"
    half.write_bytes(b"x")
    journal.gc()
    assert not half.exists()


def test_positions_in_plain_and_sealed_segments_are_the_same(journal):
    """A reader goes on at the same place after sealing."""
    segment = journal.segments()[0]
    text = segment.read(0, 10_000)
    rest = segment.read(len(text), 1 << 30)
    seal(segment)
    sealed = segments(journal.folder)[0]
    assert sealed.read(0, 1 << 30) == text + rest
    assert sealed.read(len(text), 1 << 30) == rest
    assert segment.read(len(text), 1 << 30) == rest  # asked by its old name
    assert sealed.read(len(text) + len(rest), 10) == b""


def test_empty_segments_are_deleted(tmp_path):
    """A process that was killed before its first event leaves nothing for long."""
    (tmp_path / "01a1fb56-4fd3-74e2-b7ec-3e35ee3b6433-1.jsonl").touch()
    Journal(tmp_path).gc()
    assert Journal(tmp_path).segments() == []


def test_a_segment_tidied_away_while_it_is_opened_is_not_used(tmp_path):
    """Who writes learns that the file was taken before it was marked."""
    path = tmp_path / "x"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    with taken(path) as mine:
        assert mine
        assert not hold(descriptor)
        path.unlink()
    assert not hold(descriptor)
    os.close(descriptor)
