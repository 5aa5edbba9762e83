"""One suite over the three queues: what is promised holds whichever the URL chooses."""

import os
import signal
import threading
import time

import pytest
from uuid_utils import uuid7

from poet.errors import SettingsError, StoreError
from poet.events import Event
from poet.events import queue as queue_module
from poet.events.embedded import EmbeddedQueue
from poet.events.queue import forward, open_queue
from poet.events.sqlite import SQLiteQueue


def events(count, **payload):
    return [Event.new("function.feedback", {"n": n, **payload}) for n in range(count)]


def numbers(queue, group="g", **options):
    """Handle everything there is and return the numbers that came."""
    seen = []
    queue.subscribe(lambda e: seen.append(e.payload["n"]), group=group, once=True, **options)
    return seen


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Pauses between attempts are real, and short."""
    monkeypatch.setattr(queue_module, "ACKNOWLEDGE_SECONDS", 0.05)


def test_events_come_once_and_in_order(queue):
    """Each group gets each of them; nothing comes twice."""
    queue.publish_many(events(1000))
    assert numbers(queue) == list(range(1000))
    assert numbers(queue) == []
    assert numbers(queue, "another") == list(range(1000))
    queue.publish(events(1)[0])
    assert numbers(queue) == [0]


def test_positions_survive_the_process(make_queue):
    """A reader that is opened anew goes on where the one before ended."""
    first = make_queue()
    first.publish_many(events(10))
    assert numbers(first) == list(range(10))
    second = make_queue()
    second.publish_many(events(5))
    assert numbers(second) == list(range(5))


@pytest.mark.parametrize("handled_between", [False, True])
def test_an_event_published_twice_is_delivered_once(make_queue, handled_between):
    """After a connection that broke, publishing again is safe; also after a restart."""
    queue = make_queue()
    batch = events(10)
    queue.publish_many(batch)
    if handled_between:
        assert numbers(queue) == list(range(10))
        queue = make_queue()
    queue.publish_many(batch)
    assert numbers(queue) == ([] if handled_between else list(range(10)))
    assert len(queue.query()) == 10


def test_stopping_in_the_middle_keeps_the_rest(queue):
    """What was handled is acknowledged, and nothing more."""
    queue.publish_many(events(10))
    seen = []
    queue.subscribe(lambda e: seen.append(e.payload["n"]), group="g", stop=lambda: len(seen) == 4)
    assert seen == [0, 1, 2, 3]
    assert numbers(queue) == [4, 5, 6, 7, 8, 9]


def test_an_interrupted_handler_keeps_its_event(queue):
    """Ctrl-C in a handler ends the subscription; that event comes again."""
    queue.publish_many(events(5))
    seen = []

    def handler(event):
        seen.append(event.payload["n"])
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queue.subscribe(handler, group="g", once=True)
    assert numbers(queue) == [2, 3, 4]


def test_what_cannot_be_handled_becomes_a_dead_letter(queue):
    """Tried N times, kept with its error, and the events after it are handled."""
    queue.publish_many(events(5))
    seen = []

    def handler(event):
        seen.append(event.payload["n"])
        if event.payload["n"] == 2:
            raise ValueError("broken")

    queue.subscribe(handler, group="g", once=True, failures=3)
    assert seen == [0, 1, 2, 2, 2, 3, 4]
    (letter,) = queue.dead_letters("g")
    assert (letter.event.payload["n"], letter.attempts) == (2, 3)
    assert letter.error == "ValueError: broken"
    assert queue.dead_letters("another") == []
    assert numbers(queue) == []


def test_dead_letters_can_be_revived(make_queue):
    """They come first, and count their failures anew."""
    queue = make_queue()
    queue.publish_many(events(3))

    def fail(event):
        raise ValueError("broken")

    queue.subscribe(fail, group="g", once=True, failures=1)
    assert len(queue.dead_letters("g")) == 3
    assert queue.revive("g") == 3
    assert queue.dead_letters("g") == []
    queue.subscribe(fail, group="g", once=True, failures=2)
    assert [letter.attempts for letter in queue.dead_letters("g")] == [2, 2, 2]
    queue.revive("g")
    queue.publish_many([Event.new("function.feedback", {"n": 9})])
    assert numbers(make_queue()) == [0, 1, 2, 9]
    assert queue.dead_letters("g") == []
    assert numbers(queue) == []


def test_replay_delivers_again(queue):
    """All of it, or what was recorded since a time and perhaps a few more."""
    queue.publish_many(events(5))
    assert numbers(queue) == list(range(5))
    queue.replay("g")
    assert numbers(queue) == list(range(5))
    time.sleep(1.1)
    since = time.time()
    queue.publish_many(events(2))
    queue.replay("g", since=since)
    assert numbers(queue)[-2:] == [0, 1]
    queue.replay("g", since=time.time() + 60)
    assert numbers(queue) == []
    queue.publish(Event.new("function.feedback", {"n": 7}))
    assert numbers(queue) == [7]


def test_replay_while_somebody_handles_is_refused(make_queue):
    """It would move the position under the handler's feet."""
    queue, other = make_queue(), make_queue()
    with queue.claim("g") as claim:
        assert claim is not None
        with pytest.raises(StoreError, match="stop it"):
            other.replay("g")


def test_one_process_at_a_time_handles_a_group(make_queue):
    """A second one waits, and takes over when the first ends."""
    first, second = make_queue(), make_queue()
    first.publish_many(events(1))
    with first.claim("g") as claim:
        assert claim is not None
        assert numbers(second) == []
        with second.claim("another") as other:
            assert other is not None
    assert numbers(second) == [0]


def test_new_events_are_handled_as_they_come(make_queue):
    """Within the time between two looks."""
    publisher, reader = make_queue(), make_queue()
    seen, done = [], threading.Event()
    thread = threading.Thread(
        target=reader.subscribe,
        args=(lambda e: seen.append(e.payload["n"]),),
        kwargs={"group": "g", "stop": done.is_set, "poll": 0.05},
    )
    thread.start()
    for n, event in enumerate(events(20)):
        publisher.publish(event)
        deadline = time.monotonic() + 5
        while len(seen) <= n and time.monotonic() < deadline:
            time.sleep(0.001)
    done.set()
    thread.join()
    assert seen == list(range(20))


def test_order_of_a_function_is_kept_with_many_publishers(make_queue):
    """Four processes publish; each one's events come in the order in which it published."""
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            queue = make_queue()
            for n in range(100):
                queue.publish(Event.new("function.feedback", {"function": f"f{number}", "n": n}))
            os._exit(0)
        children.append(child)
    assert all(os.waitpid(child, 0)[1] == 0 for child in children)
    seen = {f"f{number}": [] for number in range(4)}
    queue = make_queue()
    queue.subscribe(
        lambda e: seen[e.payload["function"]].append(e.payload["n"]), group="g", once=True
    )
    assert all(found == list(range(100)) for found in seen.values())


def test_queries_select(queue):
    """By type, function, execution and time; a limit gives the newest."""
    name = str(uuid7())
    record = Event(name, "function.execution", time.time(), name, None, "poet", {},
                   {"execution_id": name, "function": "f"})  # fmt: skip
    said = Event.new("function.feedback", {"execution_id": name, "function": "f"})
    other = Event.new("function.feedback", {"execution_id": str(uuid7()), "function": "g"})
    queue.publish_many([record, said, other])
    assert queue.query() == [record, said, other]
    assert queue.query(execution_id=name) == [record, said]
    assert queue.query(type="function.execution") == [record]
    assert queue.query(function="g") == [other]
    assert queue.query(limit=2) == [said, other]
    assert queue.query(limit=0) == []
    assert queue.query(since=said.timestamp) == [said, other]
    assert queue.query(until=said.timestamp) == [record]
    assert queue.query(execution_id=name, type="function.feedback", limit=1) == [said]
    assert queue.query(execution_id=str(uuid7())) == []


def test_old_events_are_deleted(queue):
    """`gc` keeps 30 days; positions go on."""
    queue.publish_many(events(10))
    assert numbers(queue) == list(range(10))
    queue.close()
    assert queue.gc() == 0
    assert queue.gc(now=time.time() + 31 * 86_400) > 0
    assert queue.query() == []
    queue.publish_many(events(2))
    assert numbers(queue) == [0, 1]


def test_an_event_over_one_megabyte_is_refused(queue):
    """Before anything is stored."""
    with pytest.raises(ValueError, match="1,000,000"):
        queue.publish(Event.new("function.feedback", {"content": "x" * 1_000_001}))
    assert queue.query() == []


@pytest.mark.parametrize("group", ["", "a/b", "../x", "a" * 101, "ä:"])
def test_a_group_has_a_plain_name(queue, group):
    """It becomes the name of a file or key."""
    with pytest.raises(ValueError, match="cannot name a group"):
        queue.dead_letters(group)


def _kill_in_handler(make_queue, out, at):
    """Handle events in a child that is killed at its `at`-th; return what it noted."""
    child = os.fork()
    if child == 0:
        count = 0

        def handler(event):
            nonlocal count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(out, event.payload["n"].to_bytes(4, "big"))

        make_queue().subscribe(handler, group="g", once=True)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def test_publishers_that_are_killed_lose_nothing_they_were_told(make_queue):
    """kill -9, 20 times: whatever `publish` returned from is delivered, once and in order."""
    told = []
    for round_ in range(20):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            queue = make_queue()
            for n in range(1 << 30):
                queue.publish(Event.new("function.feedback", {"n": (round_ << 20) + n}))
                os.write(writer, (n + 1).to_bytes(4, "big"))
        os.close(writer)
        os.read(reader, 4)
        time.sleep(0.001 * round_)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        count = 1
        while chunk := os.read(reader, 1 << 16):
            count += len(chunk) // 4
        os.close(reader)
        told.append(count)
    seen = numbers(make_queue())
    assert seen == sorted(set(seen))
    for round_, count in enumerate(told):
        mine = [n & 0xFFFFF for n in seen if n >> 20 == round_]
        assert mine == list(range(len(mine)))
        assert count <= len(mine) <= count + 1  # one may be stored and not yet told


def test_readers_that_are_killed_lose_nothing(make_queue, tmp_path):
    """kill -9, 20 times: an idempotent handler ends up with every event, each once."""
    queue = make_queue()
    if hasattr(queue, "lease"):
        queue.lease = 0.15  # the children are killed often, and each leaves its lease behind
    queue.publish_many(events(5000))
    path = tmp_path / "handled"
    out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def make():
        child_queue = make_queue()
        if hasattr(child_queue, "lease"):
            child_queue.lease = 0.15
        return child_queue

    killed = 0
    for round_ in range(20):
        if hasattr(queue, "lease"):
            time.sleep(0.2)
        status = _kill_in_handler(make, out, 30 + 10 * round_)
        killed += os.WIFSIGNALED(status)
    assert killed == 20
    if hasattr(queue, "lease"):
        time.sleep(0.2)
    rest = numbers(queue)
    os.close(out)
    raw = path.read_bytes()
    noted = [int.from_bytes(raw[i : i + 4], "big") for i in range(0, len(raw), 4)]
    assert set(noted) | set(rest) == set(range(5000))
    assert queue.dead_letters("g") == []


def test_an_event_that_kills_its_handler_is_buried(make_queue, tmp_path):
    """It does not stop everything behind it for ever."""
    queue = make_queue()
    queue.publish_many(events(5))
    for _ in range(10):
        if hasattr(queue, "lease"):
            time.sleep(1.1)
        child = os.fork()
        if child == 0:

            def handler(event):
                if event.payload["n"] == 2:
                    os.kill(os.getpid(), signal.SIGKILL)

            make_queue().subscribe(handler, group="g", once=True, failures=2)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            break
    assert [letter.event.payload["n"] for letter in queue.dead_letters("g")] == [2]


def test_forwarding_copies_everything_once(tmp_path, make_queue):
    """From the journal to wherever the URL points, also when the target's store fails midway."""
    source, target = EmbeddedQueue(tmp_path / "source"), make_queue()
    source.publish_many(events(2500))
    assert forward(source, target, once=True) == 2500
    assert forward(source, target, once=True) == 0
    source.replay("forward")
    assert forward(source, target, once=True) == 2500
    assert numbers(target) == list(range(2500))
    source.close()


def test_the_url_chooses(tmp_path, redis_url, monkeypatch):
    """Argument, then setting, then the embedded journal."""
    monkeypatch.chdir(tmp_path)
    with open_queue(root=tmp_path / ".poet") as queue:
        assert queue.journal.folder == tmp_path / ".poet" / "events"
    with open_queue(f"journal:{tmp_path}/other") as queue:
        assert queue.journal.folder == tmp_path / "other" / "events"
    monkeypatch.setenv("POET_EVENTS_URL", "sqlite:///relative.db")
    with open_queue() as queue:
        assert isinstance(queue, SQLiteQueue)
    assert (tmp_path / "relative.db").exists()
    with open_queue(f"sqlite:///{tmp_path}/absolute.db"):
        assert (tmp_path / "absolute.db").exists()
    with open_queue(redis_url) as queue:
        queue.query(limit=1)


@pytest.mark.parametrize("url", ["kafka://x", "sqlite:x", "sqlite:///", "redis:x", "journal"])
def test_an_unknown_url_says_what_can_be_used(url):
    """The message names the value and the three forms."""
    with pytest.raises(SettingsError, match="redis://host"):
        open_queue(url)
