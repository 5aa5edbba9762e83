"""Functions that change something: files, a database, the log, their arguments, a global."""

import logging
import os
import sqlite3
import sys
import warnings
from pathlib import Path

log = logging.getLogger("shop.orders")
orders: list[dict] = []
_last_id = 0


def save_order(db: sqlite3.Connection, sku: str, count: int = 1) -> int:
    db.execute("create table if not exists orders (id integer primary key, sku text, count int)")
    cursor = db.execute("insert into orders (sku, count) values (?, ?)", (sku, count))
    db.commit()
    return cursor.lastrowid


def stock_of(db, sku: str) -> int:
    row = db.execute("select coalesce(sum(count), 0) from orders where sku = ?", (sku,)).fetchone()
    return row[0]


def write_report(path: str, lines: list[str]) -> int:
    with open(path, "w") as handle:
        return sum(handle.write(line + "\n") for line in lines)


def place(order: dict) -> int:
    global _last_id
    _last_id += 1
    order["id"] = _last_id
    orders.append(order)
    return _last_id


def say(*words: object, sep: str = " ", to_stderr: bool = False) -> None:
    print(*words, sep=sep, file=sys.stderr if to_stderr else sys.stdout)


def audit(action: str, level: str = "info") -> bool:
    getattr(log, level)("action %s", action)
    return True


def sort_in_place(items: list, reverse: bool = False) -> None:
    items.sort(reverse=reverse)


def drain(queue: list, limit: int = 10) -> list:
    taken = []
    while queue and len(taken) < limit:
        taken.append(queue.pop(0))
    return taken


def rotate(folder: Path, keep: int = 2) -> list[str]:
    """Delete the oldest logs by name, return what was deleted."""
    logs = sorted(folder.glob("*.log"))
    gone = logs[: max(len(logs) - keep, 0)]
    for path in gone:
        path.unlink()
    return [path.name for path in gone]


def set_env(name: str, value: str) -> str | None:
    old = os.environ.get(name)
    os.environ[name] = value
    return old


def old_way(n: int) -> int:
    warnings.warn("use new_way", DeprecationWarning, stacklevel=2)
    return n + 1
