"""Reading: the right events, each once, in order, whatever state the files are in."""

import threading
import time

import pytest
from uuid_utils import uuid7

from poet.events import Event, Journal
from poet.events.execution import ExecutionWriter


@pytest.fixture(params=["plain", "sealed"])
def journal(request, tmp_path):
    """3,000 executions of two functions, one second apart, and feedback on each hundredth."""
    journal = Journal(tmp_path / "events", segment_bytes=200_000, housekeeping=False)
    writers = [
        ExecutionWriter(journal, function=f"f{n}", environment="t", service=None) for n in (0, 1)
    ]
    journal.ids = [str(uuid7()) for _ in range(3000)]
    for i, name in enumerate(journal.ids):
        writers[i % 2].success(name, 1, (1000 + i) * 10**9, (1000 + i) * 10**9 + 1000)
    for name in journal.ids[::100]:
        journal.emit(Event.new("function.feedback", {"execution_id": name, "content": "ok"}))
    journal.close()
    if request.param == "sealed":
        journal.gc()
    return journal


def test_an_execution_is_found_by_its_id(journal):
    """Also the first and the last; an unknown one is None."""
    for i in (0, 1, 1234, 2999):
        assert journal.find(journal.ids[i]).id == journal.ids[i]
    assert journal.find(str(uuid7())) is None


def test_everything_said_of_an_execution_is_found(journal):
    """Its record, and the feedback that another part of the journal holds."""
    kinds = [e.type for e in journal.query(execution_id=journal.ids[1200])]
    assert kinds == ["function.execution", "function.feedback"]
    assert len(journal.query(execution_id=journal.ids[1201])) == 1


def test_filters_select(journal):
    """Type, function, times and any test of one's own."""
    assert len(journal.query(type="function.feedback")) == 30
    assert len(journal.query(function="f1")) == 1500
    assert len(journal.query(function="none")) == 0
    assert len(journal.query(type="version.stored")) == 0
    assert [e.payload["started_at"] for e in journal.query(since=1010, until=1012)] == [1010, 1011]
    assert len(journal.query(where=lambda e: e.payload.get("started_at", 0) >= 3990)) == 10


def test_a_limit_gives_the_newest_oldest_first(journal):
    """As a person reads a log."""
    newest = journal.query(type="function.execution", limit=3)
    assert [e.id for e in newest] == journal.ids[-3:]
    assert journal.query(limit=0) == []


def test_an_event_that_was_written_twice_is_read_once(tmp_path):
    """Deduplication is by id."""
    journal = Journal(tmp_path)
    event = Event.new("version.stored", {})
    journal.emit(event)
    journal.emit(event)
    assert journal.query() == [event]
    journal.close()


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(
    "torn", [b'{"id":"01', b"\0" * 100, b'{"id":1}\n', b"[1]\n", b"\n\n", b"\xff\xfe\n"]
)
def test_lines_that_are_no_events_are_skipped(tmp_path, torn, sealed):
    """Torn tails, zeros after a power cut, anybody's text: the events around them are read."""
    journal = Journal(tmp_path)
    first, second = (Event.new("version.stored", {"n": n}) for n in (1, 2))
    journal.emit(first)
    journal.append(torn)
    journal.close()
    journal.emit(second)
    journal.close()
    if sealed:
        journal.gc()
    assert journal.query() == [first, second]


def test_an_event_behind_a_torn_one_on_the_same_line_is_found(tmp_path):
    """Another thread's event may follow a line that a full disk cut."""
    journal = Journal(tmp_path)
    event = Event.new("version.stored", {"inner": {"id": "x"}, "text": '{"id":"y'})
    journal.append(event.line()[:50] + event.line())
    assert journal.query() == [event]
    journal.close()


def test_following_yields_what_comes(tmp_path):
    """From now on, across rotation and sealing, each once and in order."""
    journal = Journal(tmp_path, segment_bytes=70_000)
    journal.emit(Event.new("version.stored", {"n": -1}))
    done = threading.Event()
    seen = []
    started = threading.Event()

    def read():
        events = journal.follow(poll=0.01, stop=lambda: started.set() or done.is_set())
        seen.extend(e.payload["n"] for e in events)

    reader = threading.Thread(target=read)
    reader.start()
    started.wait()
    for n in range(1500):
        journal.emit(Event.new("version.stored", {"n": n}))
    deadline = time.monotonic() + 10
    while len(seen) < 1500 and time.monotonic() < deadline:
        time.sleep(0.01)
    done.set()
    reader.join()
    assert seen == list(range(1500))
    journal.close()


def test_an_empty_journal_has_nothing(tmp_path):
    """No folder, no events, no error."""
    journal = Journal(tmp_path / "none")
    assert journal.query() == []
    assert journal.find(str(uuid7())) is None
    assert journal.gc() == (0, 0)


def test_asking_while_segments_are_sealed_misses_nothing(tmp_path):
    """Sealing takes files away that a reader has just listed."""
    journal = Journal(tmp_path, segment_bytes=70_000, housekeeping=False)
    for n in range(3000):
        journal.emit(Event.new("version.stored", {"n": n}))
    journal.close()
    listed = journal.segments()
    journal.gc()
    from poet.events import reading

    wanted = reading.Filter()
    texts = [t for s in listed for t in reading._texts(s, wanted, lambda: 0.0)]
    assert sum(t.count(b"\n") for t in texts) == 3000
    assert all(s.modified() > 0 for s in listed)
