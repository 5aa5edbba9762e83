"""Queues over all three stores, the third with a Redis server of its own."""

import shutil
import socket
import subprocess
import time
from uuid import uuid4

import pytest
import redis

from poet.events.embedded import EmbeddedQueue
from poet.events.redis_streams import RedisQueue
from poet.events.sqlite import SQLiteQueue


class Server:
    """A private Redis server that can be killed and started again on its data."""

    def __init__(self, folder, *options):
        if shutil.which("redis-server") is None:
            pytest.fail(
                "these tests need a Redis server: apt install redis-server, or brew install redis"
            )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.command = [
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
            "--dir", str(folder), *options,
        ]  # fmt: skip
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                with redis.Redis.from_url(self.url) as client:
                    client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.02)
        pytest.fail(f"{' '.join(self.command)} did not answer within 20 s")

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """A server for the whole run; each queue in it has a name of its own."""
    server = Server(
        tmp_path_factory.mktemp("redis"), "--appendonly", "yes", "--appendfsync", "everysec"
    )
    yield server.url
    server.kill()


@pytest.fixture(params=["embedded", "sqlite", "redis"])
def make_queue(request, tmp_path):
    """Return a function that opens the same queue again, as another process would."""
    opened = []
    if request.param == "redis":
        url, name = request.getfixturevalue("redis_url"), uuid4().hex

    def make():
        if request.param == "embedded":
            queue = EmbeddedQueue(tmp_path / ".poet" / "events")
        elif request.param == "sqlite":
            queue = SQLiteQueue(tmp_path / "events.db")
        else:
            queue = RedisQueue(url, name=name, lease=1.0)
        opened.append(queue)
        return queue

    yield make
    for queue in opened:
        queue.close()


@pytest.fixture
def queue(make_queue):
    return make_queue()
