"""Positions: where a reader is survives crashes, rotation, sealing and deletion."""

import os

import pytest

from poet.events import Event, Journal
from poet.events.positions import Positions


def numbers(lines):
    return [Event.parse(line).payload["n"] for line in lines]


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "events", segment_bytes=70_000, housekeeping=False)
    for n in range(1000):
        journal.emit(Event.new("version.stored", {"n": n}))
    yield journal
    journal.close()


def test_reading_in_steps_gives_each_event_once(journal, tmp_path):
    """Saved and loaded after each step, with sealing in between."""
    seen, path = [], tmp_path / "position.json"
    while True:
        positions = Positions.load(path) or Positions()
        lines = positions.advance(journal.folder, 5000)
        if not lines:
            break
        seen += numbers(lines)
        positions.save(path)
        journal.gc()
    assert seen == list(range(1000))


def test_what_is_there_is_not_new(journal):
    """Beginning at the end gives only what comes later."""
    positions = Positions.at_end(journal.folder)
    journal.emit(Event.new("version.stored", {"n": 1000}))
    assert numbers(positions.advance(journal.folder, 10**6)) == [1000]


def test_several_writers_are_merged_by_time(tmp_path):
    """As far as is visible, and each writer's own order is kept."""
    journal = Journal(tmp_path)
    journal.emit(Event.new("version.stored", {"n": 0}))
    child = os.fork()
    if child == 0:
        journal.emit(Event.new("version.stored", {"n": 1}))
        os._exit(0)
    os.waitpid(child, 0)
    journal.emit(Event.new("version.stored", {"n": 2}))
    assert numbers(Positions().advance(tmp_path, 10**6)) == [0, 1, 2]
    positions, stepwise = Positions(), []
    while lines := positions.advance(tmp_path, 1):
        stepwise += numbers(lines)
    assert stepwise == [0, 1, 2]
    journal.close()


def test_deleted_segments_are_forgotten(journal):
    """The file of positions does not grow for ever."""
    positions = Positions()
    positions.advance(journal.folder, 10**7)
    journal.close()
    journal.gc(now=9e9)
    positions.advance(journal.folder, 10**7)
    assert positions.at == {}


def test_a_damaged_file_says_what_to_do(tmp_path):
    """Reading from the beginning is the user's decision."""
    path = tmp_path / "position.json"
    path.write_text("nonsense")
    with pytest.raises(ValueError, match="Delete it"):
        Positions.load(path)
