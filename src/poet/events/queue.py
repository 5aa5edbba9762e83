"""One queue over three stores: the embedded journal, SQLite, Redis Streams.

Delivery is at least once and in order: of each group, one process at a time handles events, and
another takes over when it ends. An event that was published twice is delivered once. One that a
handler cannot handle becomes a dead letter, and the next one is tried.
"""

from __future__ import annotations

import logging
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from ..errors import SettingsError, StoreError
from .envelope import Event

log = logging.getLogger("poet")

FAILURES = 5  # so often an event is tried before it becomes a dead letter
BATCH = 200
ACKNOWLEDGE_SECONDS = 0.5  # at the latest after this, what is handled is acknowledged
_GROUP = re.compile(r"[A-Za-z0-9_.-]{1,100}$")


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one group.

    Attributes:
        event: The event.
        token: What its queue needs to acknowledge it.
    """

    event: Event
    token: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class DeadLetter:
    """An event that a group's handler could not handle.

    Attributes:
        event: The event.
        error: Type and message of the last failure.
        attempts: How often it was tried.
        at: When it was given up, unix time in seconds.
    """

    event: Event
    error: str
    attempts: int
    at: float


class Claim(Protocol):
    """The right to handle a group's events, held by one process at a time.

    Attributes:
        unclean: Whether the holder before did not end in order; then any of the events that come
            first may be what killed it.
    """

    unclean: bool

    def fetch(self, most: int, wait: float) -> list[Delivery]:
        """Return the next events, unacknowledged ones of the holder before first.

        Args:
            most: At most so many.
            wait: Seconds to wait where there are none.
        """

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Have these events never delivered to this group again; on disk when this returns."""

    def attempt(self, delivery: Delivery) -> int:
        """Count an attempt to handle an event, and return how many there were; kept on disk."""

    def bury(self, delivery: Delivery, error: str, attempts: int) -> None:
        """Make a dead letter of an event, and acknowledge it."""


class EventQueue(ABC):
    """Publish events and have them handled. Made by `open_queue`; safe to use by many processes."""

    @abstractmethod
    def publish_many(self, events: Iterable[Event]) -> None:
        """Store events; when this returns they survive the process.

        Raises:
            ValueError: One is larger than 1 MB.
            StoreError: They cannot be stored; some of them may be. Publishing them again is safe.
        """

    @abstractmethod
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
        """Return stored events, oldest first; with `limit`, the newest. See `Journal.query`."""

    @abstractmethod
    def claim(
        self, group: str, *, stop: Callable[[], bool] | None = None
    ) -> AbstractContextManager[Claim | None]:
        """Wait until no other process handles a group's events, and handle them.

        Args:
            group: Letters, digits, `_`, `.` and `-`. A new group begins with the oldest event kept.
            stop: Asked while waiting; True ends the wait, and the value is None.
        """

    @abstractmethod
    def replay(self, group: str, *, since: float = 0.0) -> None:
        """Have a group handle stored events again, those recorded since a time and perhaps a few more.

        Args:
            group: The group. No process may be handling its events now.
            since: Unix time in seconds.

        Raises:
            StoreError: A process is handling the group's events.
        """

    @abstractmethod
    def dead_letters(self, group: str) -> list[DeadLetter]:
        """Return what a group could not handle, oldest first."""

    @abstractmethod
    def revive(self, group: str) -> int:
        """Deliver a group's dead letters again, before anything new; return how many."""

    @abstractmethod
    def gc(self, *, now: float | None = None, keep_days: float = 30) -> int:
        """Delete events older than `keep_days`; return how many, or how many files of them."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""

    def publish(self, event: Event) -> None:
        """Store one event; see `publish_many`."""
        self.publish_many((event,))

    def subscribe(
        self,
        handler: Callable[[Event], object],
        *,
        group: str,
        stop: Callable[[], bool] | None = None,
        once: bool = False,
        poll: float = 0.2,
        failures: int = FAILURES,
    ) -> int:
        """Call a handler for each event, in order, until told to stop.

        An event counts as handled when the handler returns. A crash may have up to half a second's
        events handled again, so a handler should do nothing twice for the same `event.id`.

        Args:
            handler: Called with one event at a time, in this thread.
            group: Whose position this is; each group gets every event.
            stop: Asked between events; True ends it.
            once: Return when there is nothing left to handle, or another process is handling.
            poll: Seconds to wait for new events before `stop` is asked again.
            failures: After so many failed attempts an event becomes a dead letter.

        Returns:
            How many events were handled.

        Raises:
            StoreError: The queue cannot be read. Once it could be, it is tried again instead,
                unless `once`.
        """
        handled, started, pause = 0, False, 0.1
        while True:
            try:
                with self.claim(group, stop=(lambda: True) if once else stop) as claim:
                    if claim is None:
                        return handled
                    started, careful = True, claim.unclean
                    while stop is None or not stop():
                        deliveries = claim.fetch(BATCH, 0.0 if once else poll)
                        if not deliveries:
                            if once:
                                break
                            continue
                        handled += _handle(claim, deliveries, handler, stop, failures, careful)
                        careful, pause = False, 0.1
                return handled
            except StoreError as error:
                # What worked and does not any more, such as a server that is restarted, may come
                # back; what never worked is the caller's to see.
                if once or not started:
                    raise
                log.warning("reading events as %r stopped: %s It is tried again.", group, error)
            if stop is not None and stop():
                return handled
            time.sleep(pause)
            pause = min(5.0, pause * 2)

    def __enter__(self) -> EventQueue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _handle(
    claim: Claim,
    deliveries: Sequence[Delivery],
    handler: Callable[[Event], object],
    stop: Callable[[], bool] | None,
    failures: int,
    careful: bool,
) -> int:
    handled = 0
    done: list[Delivery] = []
    last = time.monotonic()
    try:
        for delivery in deliveries:
            if stop is not None and stop():
                break
            if _handle_one(claim, delivery, handler, failures, careful):
                done.append(delivery)
                handled += 1
            if done and (careful or time.monotonic() - last > ACKNOWLEDGE_SECONDS):
                claim.acknowledge(done)
                done, last = [], time.monotonic()
    finally:
        if done:
            claim.acknowledge(done)
    return handled


def _handle_one(
    claim: Claim,
    delivery: Delivery,
    handler: Callable[[Event], object],
    failures: int,
    careful: bool,
) -> bool:
    """Return True where the event was handled, False where it was buried."""
    # After a crash the attempt is counted before it is made: an event that kills its handler's
    # process becomes a dead letter, too.
    attempts, counted = (claim.attempt(delivery), True) if careful else (0, False)
    reason = "its handler's process ended each time"
    while attempts <= failures:
        try:
            handler(delivery.event)
            return True
        except Exception as error:  # noqa: BLE001 - a handler may fail in any way; all are kept
            reason = f"{type(error).__name__}: {error}"
            if not counted:
                attempts = claim.attempt(delivery)
            counted = False
            log.warning("event %s: attempt %d: %s", delivery.event.id, attempts, reason)
            if attempts >= failures:
                break
            time.sleep(min(1.0, 0.02 * 2**attempts))
    log.error("event %s (%s) is a dead letter now", delivery.event.id, delivery.event.type)
    claim.bury(delivery, reason, attempts)
    return False


def check_group(group: str) -> str:
    """Return a group's name.

    Raises:
        ValueError: It has characters that a file's name or a key should not have.
    """
    if not _GROUP.match(group):
        raise ValueError(
            f"{group!r} cannot name a group: use up to 100 letters, digits, '_', '.' and '-'"
        )
    return group


def open_queue(url: str | None = None, *, root: Path | str | None = None) -> EventQueue:
    """Open the queue that a URL names.

    Args:
        url: `journal:` for the embedded journal of `root`; `sqlite:///file.db` (relative) or
            `sqlite:////var/lib/poet/events.db` (absolute); `redis://host:6379/0`, `rediss://…`.
            None: the setting `events_url` (`POET_EVENTS_URL`), else the embedded journal.
        root: The `.poet/` folder; None: `.poet/` in the working folder.

    Raises:
        SettingsError: The URL is of none of these forms.
        MissingExtra: Redis is asked for and its client is not installed.
        StoreError: The store cannot be opened.
    """
    folder = Path(root) if root is not None else Path.cwd() / ".poet"
    if url is None:
        from ..settings import settings_for

        url = settings_for(folder.parent).events_url or "journal:"
    scheme, separator, rest = url.partition(":")
    if scheme == "journal" and separator:
        from .embedded import EmbeddedQueue

        path = unquote(urlsplit(url).path)
        return EmbeddedQueue((Path(path) if path else folder) / "events")
    if scheme == "sqlite" and rest.startswith("///") and len(rest) > 3:
        from .sqlite import SQLiteQueue

        return SQLiteQueue(Path(unquote(rest[3:])))
    if scheme in ("redis", "rediss", "unix") and rest.startswith("//"):
        from .redis_streams import RedisQueue

        return RedisQueue(url)
    raise SettingsError(
        f"POET_EVENTS_URL cannot be {url!r}. Use journal:, sqlite:///file.db, or redis://host:6379/0."
    )


def forward(
    source: EventQueue,
    target: EventQueue,
    *,
    group: str = "forward",
    stop: Callable[[], bool] | None = None,
    once: bool = False,
) -> int:
    """Copy every event of one queue into another, such as the journal into Redis; return how many.

    Nothing is lost by a crash of either side, and nothing is stored twice.

    Args:
        source: Where from.
        target: Where to.
        group: The position in `source`.
        stop: Asked between batches; True ends it.
        once: Return when there is nothing left to copy, or another process is copying.

    Raises:
        StoreError: `target` cannot store them; they stay unacknowledged.
    """
    copied = 0
    with source.claim(group, stop=(lambda: True) if once else stop) as claim:
        if claim is None:
            return 0
        while stop is None or not stop():
            deliveries = claim.fetch(1000, 0.0 if once else 0.2)
            if deliveries:
                target.publish_many(d.event for d in deliveries)
                claim.acknowledge(deliveries)
                copied += len(deliveries)
            elif once:
                break
    return copied
