"""The queue over the embedded journal; needs nothing but a folder.

A group is a folder under `events/groups/` with its position, its dead letters and a lock.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from ..errors import StoreError
from .envelope import Event
from .journal import KEEP_DAYS, Journal
from .lines import parse
from .locks import held
from .positions import Positions
from .queue import DeadLetter, Delivery, EventQueue, check_group
from .segments import segments

READ_BYTES = 512 * 1024
REMEMBERED = 100_000  # ids by which an event that was written twice is recognised
BEFORE_BYTES = 256 * 1024  # of each recent segment, read again for their ids after a restart


class EmbeddedQueue(EventQueue):
    """See `EventQueue`; `folder` is that of the journal, `.poet/events/`."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder)

    def publish_many(self, events: Iterable[Event]) -> None:
        for line in [event.line() for event in events]:
            if not self.journal.append(line):
                raise StoreError(
                    f"The event was not written to {self.journal.folder}. "
                    "Is the disk full, or the folder read-only?"
                )

    def query(self, **wanted: Any) -> list[Event]:
        return self.journal.query(**wanted)

    @contextmanager
    def claim(
        self, group: str, *, stop: Callable[[], bool] | None = None
    ) -> Iterator[EmbeddedClaim | None]:
        place = self._place(group)
        with held(place / "lock", stop) as mine:
            if not mine:
                yield None
                return
            claim = EmbeddedClaim(self.journal.folder, place)
            try:
                yield claim
            finally:
                claim.end()

    def replay(self, group: str, *, since: float = 0.0) -> None:
        place = self._place(group)
        with held(place / "lock", lambda: True) as mine:
            if not mine:
                raise StoreError(f"A process handles the events of {group!r}; stop it to replay.")
            (place / "progress").unlink(missing_ok=True)
            positions = Positions.since(self.journal.folder, since)
            _write(place / "position.json", {"at": positions.at})

    def dead_letters(self, group: str) -> list[DeadLetter]:
        return [
            DeadLetter(Event(**entry["event"]), entry["error"], entry["attempts"], entry["at"])
            for entry in _read(self._place(group) / "dead.json", [])
        ]

    def revive(self, group: str) -> int:
        place = self._place(group)
        with held(place / "dead.lock", None):
            dead = _read(place / "dead.json", [])
            waiting = _read(place / "revived.json", [])
            _write(place / "revived.json", waiting + [entry["event"] for entry in dead])
            _write(place / "dead.json", [])
        return len(dead)

    def gc(self, *, now: float | None = None, keep_days: float = KEEP_DAYS) -> int:
        return self.journal.gc(now=now, keep_days=keep_days)[1]

    def close(self) -> None:
        self.journal.close()

    def _place(self, group: str) -> Path:
        place = self.journal.folder / "groups" / check_group(group)
        place.mkdir(parents=True, exist_ok=True)
        return place


class EmbeddedClaim:
    """See `Claim`.

    `position.json` says how far every event is acknowledged. `progress` is a log of what happened
    behind that: a line for each attempt that is counted, and for each event that is acknowledged.
    It costs a microsecond a line, survives the process, and a power cut may take its end: then
    some events are handled twice.
    """

    def __init__(self, folder: Path, place: Path) -> None:
        self.folder, self.place = folder, place
        state = _read(place / "position.json", {"at": {}})
        self.positions = Positions(dict(state["at"]))
        self.waiting: deque[Delivery] = deque()
        self.open: set[str] = set()  # fetched and not acknowledged
        self.attempts: Counter[str] = Counter()
        self.passed_over: set[str] = set()  # acknowledged by a holder before, not met again yet
        self.seen: dict[str, None] = dict.fromkeys(_ids_before(folder, self.positions))
        self.unclean = (place / "busy").exists()
        (place / "busy").touch()
        self._progress = os.open(
            place / "progress", os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        self._remember((place / "progress").read_text("ascii", "replace"))
        # A crash may come between saving a position and emptying the log behind it.
        self.passed_over.difference_update(self.seen)

    def _remember(self, progress: str) -> None:
        whole, _, cut = progress.rpartition("\n")
        for line in whole.split("\n") if whole else ():
            kind, _, name = line.partition(" ")
            if kind == "attempt":
                self.attempts[name] += 1
            elif kind == "done":
                del self.attempts[name]
                self.passed_over.add(name)
        if cut:
            os.write(self._progress, b"\n")

    def _note(self, kind: str, names: Iterable[str]) -> None:
        text = "".join(f"{kind} {name}\n" for name in names).encode()
        if text and os.write(self._progress, text) != len(text):
            raise StoreError(f"{self.place} cannot be written to. Is the disk full?")

    def end(self) -> None:
        os.close(self._progress)
        (self.place / "busy").unlink(missing_ok=True)

    def fetch(self, most: int, wait: float) -> list[Delivery]:
        deadline = time.monotonic() + wait
        while True:
            found = self._revived(most) or self._next(most)
            if found or time.monotonic() >= deadline:
                return found
            time.sleep(min(0.02, wait))

    def _revived(self, most: int) -> list[Delivery]:
        found = [Event(**e) for e in _read(self.place / "revived.json", [])]
        return [Delivery(e, "revived") for e in found if e.id not in self.open][:most]

    def _next(self, most: int) -> list[Delivery]:
        if not self.waiting:
            self._read_on()
        found = [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]
        self.open.update(d.event.id for d in found)
        return found

    def _read_on(self) -> None:
        for line in self.positions.advance(self.folder, READ_BYTES):
            found = parse(line)
            if found is None or found["id"] in self.seen:
                continue
            self.seen[found["id"]] = None
            if found["id"] in self.passed_over:
                self.passed_over.discard(found["id"])
            else:
                self.waiting.append(Delivery(Event(**found)))
        while len(self.seen) > REMEMBERED:
            del self.seen[next(iter(self.seen))]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        revived = {d.event.id for d in deliveries if d.token == "revived"}
        if revived:
            with held(self.place / "dead.lock", None):
                rest = [e for e in _read(self.place / "revived.json", []) if e["id"] not in revived]
                _write(self.place / "revived.json", rest)
        names = [d.event.id for d in deliveries]
        self._note("done", names)
        self.open.difference_update(names)
        for name in names:
            del self.attempts[name]
        if not self.open and not self.waiting:
            _write(self.place / "position.json", {"at": self.positions.at})
            os.ftruncate(self._progress, 0)
            self._note("done", self.passed_over)
            self._note("attempt", self.attempts.elements())

    def attempt(self, delivery: Delivery) -> int:
        self._note("attempt", (delivery.event.id,))
        self.attempts[delivery.event.id] += 1
        return self.attempts[delivery.event.id]

    def bury(self, delivery: Delivery, error: str, attempts: int) -> None:
        event = orjson.loads(delivery.event.line())
        entry = {"event": event, "error": error, "attempts": attempts, "at": time.time()}
        with held(self.place / "dead.lock", None):
            others = [
                e
                for e in _read(self.place / "dead.json", [])
                if e["event"]["id"] != delivery.event.id
            ]
            _write(self.place / "dead.json", [*others, entry])
        self.acknowledge([delivery])


def _ids_before(folder: Path, positions: Positions) -> Iterator[str]:
    """Yield the ids of the events just before a reader's positions, oldest segment first."""
    for segment in segments(folder)[-8:]:
        at = positions.at.get(segment.name, 0)
        if not at:
            continue
        start = max(0, at - BEFORE_BYTES)
        try:
            text = segment.read(start, at - start)
        except FileNotFoundError:
            continue
        for line in text[: at - start].split(b"\n"):
            found = parse(line) if line else None
            if found is not None:
                yield found["id"]


def _read(path: Path, default: Any) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return default
    except ValueError:
        raise StoreError(f"{path} is damaged. Delete it to begin anew.") from None


def _write(path: Path, value: Any) -> None:
    """Replace a file; when this returns, the new one is safe from a power cut."""
    half = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with half.open("wb") as stream:
        stream.write(orjson.dumps(value))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(half, path)
