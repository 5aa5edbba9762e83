"""What is particular to Redis: a server that is killed, leases, and what a missing one says."""

import threading
import time
from uuid import uuid4

import pytest

from poet.errors import StoreError
from poet.events import Event
from poet.events.redis_streams import RedisQueue

from .conftest import Server


def test_a_server_that_is_killed_loses_nothing(tmp_path):
    """kill -9 of Redis, 20 times in mid-stream, with a log that is synced at each write."""
    server = Server(tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    publisher, reader = (RedisQueue(server.url, lease=0.5) for _ in range(2))
    told, seen, done = [], set(), threading.Event()

    def publish():
        n = 0
        while not done.is_set():
            event = Event.new("function.feedback", {"n": n})
            while True:  # publishing the same event until it is told to be stored
                try:
                    publisher.publish(event)
                    break
                except StoreError:
                    time.sleep(0.005)
            told.append(n)
            n += 1

    def read():
        reader.subscribe(
            lambda e: seen.add(e.payload["n"]),
            group="g",
            poll=0.02,
            stop=lambda: done.is_set() and len(seen) >= len(told),
        )

    threads = [threading.Thread(target=publish), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        before = len(told)
        while len(told) < before + 20:
            time.sleep(0.002)
        server.kill()
        server.start()
    done.set()
    for thread in threads:
        thread.join(30)
    stored = [e.payload["n"] for e in reader.query()]
    publisher.close()
    reader.close()
    server.kill()
    assert told == list(range(len(told))) == stored  # each once, in order
    assert seen == set(told)


def test_a_holder_whose_lease_ran_out_stops(redis_url):
    """Two processes never believe for long that a group is theirs."""
    queue = RedisQueue(redis_url, name=uuid4().hex, lease=0.3)
    with queue.claim("g") as claim:
        queue._client.set(queue.key("lease", "g"), "somebody else")
        time.sleep(0.3)
        with pytest.raises(StoreError, match="taken over"):
            claim.fetch(1, 0.0)
    assert queue._client.get(queue.key("lease", "g")) == b"somebody else"
    queue.close()


def test_no_server_is_said(tmp_path):
    """A wrong address is an error at once, not an endless wait."""
    with pytest.raises(StoreError, match="Redis"):
        RedisQueue("redis://127.0.0.1:1/0")


def test_a_server_without_a_log_is_warned_of(tmp_path, caplog):
    """It works, and it is said what a restart would cost."""
    server = Server(tmp_path)
    RedisQueue(server.url).close()
    server.kill()
    assert "appendonly" in caplog.text
