"""The queue over one SQLite file, for several programs on one machine.

Write-ahead logging without a sync per commit: what `publish` returned from survives the process;
a power cut may take the last moments, as it may with the embedded journal.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError
from .envelope import Event
from .locks import held
from .queue import DeadLetter, Delivery, EventQueue, check_group

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    function TEXT,
    execution_id TEXT,
    timestamp REAL NOT NULL,
    line BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS by_time ON events (timestamp);
CREATE INDEX IF NOT EXISTS by_function ON events (function, timestamp);
CREATE INDEX IF NOT EXISTS about ON events (execution_id) WHERE execution_id <> id;
CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, position INTEGER, busy INTEGER);
CREATE TABLE IF NOT EXISTS attempts (
    name TEXT, id TEXT, count INTEGER, PRIMARY KEY (name, id)
);
CREATE TABLE IF NOT EXISTS dead (
    name TEXT, id TEXT, line BLOB, error TEXT, attempts INTEGER, at REAL, revived INTEGER DEFAULT 0,
    PRIMARY KEY (name, id)
);
"""
INSERT = (
    "INSERT OR IGNORE INTO events (id, type, function, execution_id, timestamp, line) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)


class SQLiteQueue(EventQueue):
    """See `EventQueue`.

    Args:
        path: The file; it and its folder are made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        with self._used():
            pass

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread, in one transaction that commits at the end."""
        with self._lock:
            try:
                if self._connection is None or self._process != os.getpid():
                    # A connection must not be used, nor closed, on the other side of a fork.
                    self._connection, self._process = self._open(), os.getpid()
                with self._connection:
                    yield self._connection
            except sqlite3.Error as error:
                raise StoreError(
                    f"The events in {self.path} cannot be used: {error}. "
                    "Is the disk full, or the file read-only or not a SQLite database?"
                ) from error

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreError(f"{self.path} cannot be opened for events: {error}.") from error
        connection = sqlite3.connect(self.path, timeout=30.0, check_same_thread=False)
        try:
            connection.execute("PRAGMA synchronous=NORMAL")
            # SQLite answers "locked" at once where two processes turn on its log, so one does.
            with held(self.path.with_name(self.path.name + ".lock"), None):
                if connection.execute("PRAGMA user_version").fetchone()[0] < 1:
                    connection.execute("PRAGMA journal_mode=WAL")
                    connection.executescript(SCHEMA + "PRAGMA user_version = 1;")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def publish_many(self, events: Iterable[Event]) -> None:
        rows = [
            (
                event.id,
                event.type,
                event.payload.get("function"),
                event.payload.get("execution_id"),
                event.timestamp,
                event.line(),
            )
            for event in events
        ]
        with self._used() as connection:
            connection.executemany(INSERT, rows)

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
        wanted = {
            "type = ?": type,
            "function = ?": function,
            "timestamp >= ?": since,
            "timestamp < ?": until,
        }
        tests = [test for test, value in wanted.items() if value is not None]
        values: list[object] = [value for value in wanted.values() if value is not None]
        if execution_id is not None:
            # Two searches by index; an OR of the two conditions would read the whole table.
            tests.append(
                "seq IN (SELECT seq FROM events WHERE id = ? AND execution_id = id UNION ALL "
                "SELECT seq FROM events WHERE execution_id = ? AND execution_id <> id)"
            )
            values += [execution_id, execution_id]
        condition = "WHERE " + " AND ".join(tests) if tests else ""
        values.append(-1 if limit is None else max(0, limit))
        with self._used() as connection:
            rows = connection.execute(
                f"SELECT line FROM events {condition} ORDER BY timestamp DESC, id DESC LIMIT ?",
                values,
            ).fetchall()
        return [Event.parse(row[0]) for row in reversed(rows)]

    @contextmanager
    def claim(
        self, group: str, *, stop: Callable[[], bool] | None = None
    ) -> Iterator[SQLiteClaim | None]:
        with held(self._lock_file(group), stop) as mine:
            if not mine:
                yield None
                return
            claim = SQLiteClaim(self, group)
            try:
                yield claim
            finally:
                claim.end()

    def _lock_file(self, group: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{check_group(group)}.lock")

    def replay(self, group: str, *, since: float = 0.0) -> None:
        with held(self._lock_file(group), lambda: True) as mine:
            if not mine:
                raise StoreError(f"A process handles the events of {group!r}; stop it to replay.")
            with self._used() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO groups VALUES (?, "
                    "COALESCE((SELECT MIN(seq) - 1 FROM events WHERE timestamp >= ?), "
                    "(SELECT MAX(seq) FROM events), 0), 0)",
                    (group, since),
                )

    def dead_letters(self, group: str) -> list[DeadLetter]:
        with self._used() as connection:
            rows = connection.execute(
                "SELECT line, error, attempts, at FROM dead "
                "WHERE name = ? AND revived = 0 ORDER BY at",
                (check_group(group),),
            ).fetchall()
        return [DeadLetter(Event.parse(line), *rest) for line, *rest in rows]

    def revive(self, group: str) -> int:
        with self._used() as connection:
            return connection.execute(
                "UPDATE dead SET revived = 1 WHERE name = ? AND revived = 0", (check_group(group),)
            ).rowcount

    def gc(self, *, now: float | None = None, keep_days: float = 30) -> int:
        oldest = (time.time() if now is None else now) - keep_days * 86_400
        with self._used() as connection:
            return connection.execute("DELETE FROM events WHERE timestamp < ?", (oldest,)).rowcount

    def close(self) -> None:
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None


class SQLiteClaim:
    """See `Claim`. The position of a group is the number of the last event it acknowledged."""

    def __init__(self, queue: SQLiteQueue, group: str) -> None:
        self.queue, self.group = queue, group
        with queue._used() as connection:
            connection.execute("INSERT OR IGNORE INTO groups VALUES (?, 0, 0)", (group,))
            self.position, self.unclean = connection.execute(
                "SELECT position, busy FROM groups WHERE name = ?", (group,)
            ).fetchone()
            self.unclean = bool(self.unclean)
            connection.execute("UPDATE groups SET busy = 1 WHERE name = ?", (group,))

    def end(self) -> None:
        with self.queue._used() as connection:
            connection.execute("UPDATE groups SET busy = 0 WHERE name = ?", (self.group,))

    def fetch(self, most: int, wait: float) -> list[Delivery]:
        deadline = time.monotonic() + wait
        while True:
            found = self._next(most)
            if found or time.monotonic() >= deadline:
                return found
            time.sleep(min(0.02, wait))

    def _next(self, most: int) -> list[Delivery]:
        with self.queue._used() as connection:
            rows = connection.execute(
                "SELECT line FROM dead WHERE name = ? AND revived = 1 ORDER BY at LIMIT ?",
                (self.group, most),
            ).fetchall()
            if rows:
                return [Delivery(Event.parse(line), None) for (line,) in rows]
            rows = connection.execute(
                "SELECT seq, line FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
                (self.position, most),
            ).fetchall()
        return [Delivery(Event.parse(line), seq) for seq, line in rows]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        names = [(self.group, d.event.id) for d in deliveries]
        revived = [(self.group, d.event.id) for d in deliveries if d.token is None]
        self.position = max(
            self.position, *(d.token for d in deliveries if d.token is not None), self.position
        )
        with self.queue._used() as connection:
            connection.execute(
                "UPDATE groups SET position = ? WHERE name = ?", (self.position, self.group)
            )
            connection.executemany("DELETE FROM attempts WHERE name = ? AND id = ?", names)
            connection.executemany(
                "DELETE FROM dead WHERE name = ? AND id = ? AND revived = 1", revived
            )

    def attempt(self, delivery: Delivery) -> int:
        with self.queue._used() as connection:
            found = connection.execute(
                "INSERT INTO attempts VALUES (?, ?, 1) "
                "ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
                (self.group, delivery.event.id),
            ).fetchone()
        return int(found[0])

    def bury(self, delivery: Delivery, error: str, attempts: int) -> None:
        with self.queue._used() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO dead VALUES (?, ?, ?, ?, ?, ?, 0)",
                (
                    self.group,
                    delivery.event.id,
                    delivery.event.line(),
                    error,
                    attempts,
                    time.time(),
                ),
            )
        self.acknowledge([delivery])
