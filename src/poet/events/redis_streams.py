"""The queue over Redis Streams, for programs on several machines.

Needs the extra `redis` and a server of version 6.2 or newer. What `publish` returned from is as
safe as the server's settings make it: `appendonly yes` with `appendfsync always` survives a power
cut, `everysec` may lose a second, and without `appendonly` a restart may lose minutes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import orjson

from ..errors import MissingExtra, StoreError
from .envelope import Event
from .queue import DeadLetter, Delivery, EventQueue, check_group

try:
    import redis
except ImportError:
    raise MissingExtra.named("the Redis client", "redis") from None

log = logging.getLogger("poet")

# One consumer's name for all processes: who takes over finds what its predecessor left unfinished.
CONSUMER = "poet"
FIRST = "0-0"

# An id is stored once, with its place in the stream; that deduplicates, and finds an execution.
# KEYS: stream, ids, about. ARGV: id, line, execution that the event speaks of (or "").
PUBLISH = """
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return false end
local place = redis.call('XADD', KEYS[1], '*', 'event', ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], place)
if ARGV[3] ~= '' then redis.call('SADD', KEYS[3] .. ARGV[3], place) end
return place
"""
# Renew or give up a lease only where it is still ours. ARGV: token, milliseconds (0: give up).
LEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


class RedisQueue(EventQueue):
    """See `EventQueue`.

    Args:
        url: `redis://host:6379/0`, `rediss://…` for TLS, `unix://…`.
        name: What the keys begin with; queues of different names share a server.
        lease: Seconds after which another process takes over from one that was killed.
    """

    def __init__(self, url: str, *, name: str = "poet", lease: float = 10.0) -> None:
        self.lease = lease
        self._client: Any = redis.Redis.from_url(
            url, health_check_interval=30, socket_connect_timeout=5.0
        )
        # The braces keep the keys together on one node of a cluster.
        self.prefix = f"{{{name}}}:"
        self.stream = self.prefix + "events"
        self._ids = self.prefix + "ids"
        self._about = self.prefix + "about:"
        self._publish = self._client.register_script(PUBLISH)
        self._lease = self._client.register_script(LEASE)
        with self._used("opened"):
            if not self._client.info("persistence").get("aof_enabled"):
                log.warning(
                    "Redis keeps no append-only file, so a restart of it may lose events. "
                    "Set `appendonly yes` in its configuration."
                )

    @contextmanager
    def _used(self, what: str) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            raise StoreError(f"The events in Redis cannot be {what}: {error}.") from error

    def key(self, kind: str, group: str) -> str:
        """Return the key of something that belongs to a group."""
        return f"{self.prefix}{kind}:{check_group(group)}"

    def publish_many(self, events: Iterable[Event]) -> None:
        rows = [(e.id, e.line(), _subject(e)) for e in events]
        with self._used("stored"):
            for start in range(0, len(rows), 1000):
                pipe = self._client.pipeline(transaction=False)
                for row in rows[start : start + 1000]:
                    self._publish([self.stream, self._ids, self._about], row, client=pipe)
                pipe.execute()

    def query(
        self,
        *,
        type: str | None = None,
        function: str | None = None,
        execution_id: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int | None = None,
    ) -> list[Event]:
        from .reading import Filter

        wanted = Filter(type, function, execution_id, since, until)
        with self._used("read"):
            found: list[Event] = []
            lines = self._lines(since) if execution_id is None else self._lines_of(execution_id)
            for line in lines:
                event = Event.parse(line)
                if wanted.accepts(event):
                    found.append(event)
                    if limit is not None and len(found) >= limit:
                        break  # they come newest first
        if limit == 0:
            return []
        return sorted(found, key=lambda e: (e.timestamp, e.id))

    def _lines(self, since: float | None) -> Iterator[bytes]:
        """Yield stored events, the newest first."""
        # Nothing is stored before it happens; a second is for clocks that differ.
        lowest = "-" if since is None else str(max(0, int((since - 1) * 1000)))
        highest = "+"
        while True:
            page = self._client.xrevrange(self.stream, max=highest, min=lowest, count=1000)
            for place, fields in page:
                yield fields[b"event"]
                highest = "(" + place.decode()
            if not page:
                return

    def _lines_of(self, execution_id: str) -> Iterator[bytes]:
        places = set(self._client.smembers(self._about + execution_id))
        record = self._client.hget(self._ids, execution_id)
        if record is not None:
            places.add(record)
        pages = [self._client.xrange(self.stream, p, p) for p in sorted(places, reverse=True)]
        events = [fields[b"event"] for page in pages for _, fields in page]
        yield from events

    @contextmanager
    def claim(
        self, group: str, *, stop: Callable[[], bool] | None = None
    ) -> Iterator[RedisClaim | None]:
        key, token = self.key("lease", group), uuid4().hex
        while not self._take(key, token):
            if stop is not None and stop():
                yield None
                return
            time.sleep(0.05)
        claim = RedisClaim(self, group, key, token)
        try:
            yield claim
        finally:
            claim.end()

    def _take(self, key: str, token: str) -> bool:
        with self._used("read"):
            return bool(self._client.set(key, token, nx=True, px=int(self.lease * 1000)))

    def replay(self, group: str, *, since: float = 0.0) -> None:
        key, token = self.key("lease", group), uuid4().hex
        if not self._take(key, token):
            raise StoreError(f"A process handles the events of {group!r}; stop it to replay.")
        try:
            with self._used("replayed"):
                # "$" is the end; a second is for clocks that differ.
                later = since > time.time()
                before = "$" if later else f"{max(0, int((since - 1) * 1000))}-0"
                # A new group has no unfinished events of an earlier position.
                self._client.xgroup_destroy(self.stream, group)
                self._client.xgroup_create(self.stream, group, id=before, mkstream=True)
        finally:
            self._lease([key], [token, 0])

    def dead_letters(self, group: str) -> list[DeadLetter]:
        with self._used("read"):
            entries = [orjson.loads(e) for e in self._client.hvals(self.key("dead", group))]
        letters = [
            DeadLetter(Event(**e["event"]), e["error"], e["attempts"], e["at"]) for e in entries
        ]
        return sorted(letters, key=lambda letter: letter.at)

    def revive(self, group: str) -> int:
        dead, revived = self.key("dead", group), self.key("revived", group)
        with self._used("revived"):
            entries = self._client.hgetall(dead)
            pipe = self._client.pipeline(transaction=True)
            for name, entry in entries.items():
                pipe.hset(revived, name, orjson.dumps(orjson.loads(entry)["event"]))
                pipe.hdel(dead, name)
            pipe.execute()
        return len(entries)

    def gc(self, *, now: float | None = None, keep_days: float = 30) -> int:
        oldest = int(((time.time() if now is None else now) - keep_days * 86_400) * 1000)
        deleted = 0
        with self._used("deleted"):
            while True:
                page = self._client.xrange(self.stream, max=f"({oldest}", count=1000)
                if not page:
                    return deleted
                pipe = self._client.pipeline(transaction=True)
                for _, fields in page:
                    event = Event.parse(fields[b"event"])
                    pipe.hdel(self._ids, event.id)
                    if subject := _subject(event):
                        pipe.delete(self._about + subject)
                pipe.xdel(self.stream, *(place for place, _ in page))
                pipe.execute()
                deleted += len(page)

    def close(self) -> None:
        self._client.close()


class RedisClaim:
    """See `Claim`. A lease that a thread renews keeps other processes away."""

    def __init__(self, queue: RedisQueue, group: str, key: str, token: str) -> None:
        self.queue, self.group, self.key, self.token = queue, group, key, token
        self.client = queue._client
        self._left_over: str | None = FIRST  # read so far of what the holder before left unfinished
        self._ended = threading.Event()
        self._lost = False
        self._retained: set[bytes] = set()
        with queue._used("read"):
            try:
                self.client.xgroup_create(queue.stream, group, id=FIRST, mkstream=True)
            except redis.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
            self.unclean = bool(self.client.getset(queue.key("busy", group), "1"))
        self._keeper = threading.Thread(target=self._keep, name="poet-lease", daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        while not self._ended.wait(self.queue.lease / 3):
            try:
                kept = self.queue._lease([self.key], [self.token, int(self.queue.lease * 1000)])
            except redis.RedisError as error:
                log.warning("the lease on the events of %r was not renewed: %s", self.group, error)
                continue
            if not kept:
                self._lost = True
                return

    def end(self) -> None:
        self._ended.set()
        self._keeper.join()
        if self._lost:
            return
        with self.queue._used("released"):
            self.client.delete(self.queue.key("busy", self.group))
            self.queue._lease([self.key], [self.token, 0])

    def _check(self) -> None:
        if self._lost:
            raise StoreError(
                f"Another process has taken over the events of {self.group!r}, because this one "
                f"did not answer for {self.queue.lease:g} s. Subscribe again."
            )

    def fetch(self, most: int, wait: float) -> list[Delivery]:
        self._check()
        with self.queue._used("read"):
            revived = self.client.hgetall(self.queue.key("revived", self.group))
            if revived:
                events = [Event.parse(line) for line in revived.values()]
                return [Delivery(e) for e in sorted(events, key=lambda e: e.timestamp)][:most]
            if self._left_over is not None:
                found = self._read(self._left_over, most, None)
                if found:
                    self._left_over = found[-1].token.decode()
                    return found
                self._left_over = None
            return self._read(">", most, max(1, int(wait * 1000)) if wait else None)

    def _read(self, position: str, most: int, block: int | None) -> list[Delivery]:
        answer = self.client.xreadgroup(
            self.group, CONSUMER, {self.queue.stream: position}, count=most, block=block
        )
        if not answer:
            return []
        page = answer[0][1] if isinstance(answer, list) else next(iter(answer.values()))[0]
        deleted = [place for place, fields in page if not fields]
        if deleted:  # too old, and deleted while they waited to be handled
            self.client.xack(self.queue.stream, self.group, *deleted)
            if len(deleted) == len(page):
                return self._read(position, most, block)
        return [Delivery(Event.parse(f[b"event"]), place) for place, f in page if f]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        self._check()
        names = [d.event.id for d in deliveries]
        places = [d.token for d in deliveries if d.token is not None]
        revived = [d.event.id for d in deliveries if d.token is None]
        with self.queue._used("acknowledged"):
            pipe = self.client.pipeline(transaction=True)
            if places:
                pipe.xack(self.queue.stream, self.group, *places)
            if revived:
                pipe.hdel(self.queue.key("revived", self.group), *revived)
            pipe.hdel(self.queue.key("attempts", self.group), *names)
            pipe.execute()

    def attempt(self, delivery: Delivery) -> int:
        with self.queue._used("counted"):
            return int(
                self.client.hincrby(self.queue.key("attempts", self.group), delivery.event.id, 1)
            )

    def bury(self, delivery: Delivery, error: str, attempts: int) -> None:
        event = orjson.loads(delivery.event.line())
        entry = {"event": event, "error": error, "attempts": attempts, "at": time.time()}
        with self.queue._used("buried"):
            self.client.hset(
                self.queue.key("dead", self.group), delivery.event.id, orjson.dumps(entry)
            )
        self.acknowledge([delivery])


def _subject(event: Event) -> str:
    """Return the execution that an event speaks of without being its record, else ""."""
    subject = event.payload.get("execution_id")
    return str(subject) if subject is not None and subject != event.id else ""
