"""Defaults of every kind: sentinels, shared lists, None for a number, computed ones."""

import os
from datetime import timedelta
from typing import Any, Callable, Sequence

MISSING = object()
TIMEOUT = timedelta(seconds=30)


class Unset:
    """A sentinel class, used as a value."""


def lookup(table: dict, key: str, default: Any = MISSING) -> Any:
    if default is MISSING:
        return table[key]
    return table.get(key, default)


def remember(item, seen=[]):
    """The shared list is meant."""
    seen.append(item)
    return seen


def wait_seconds(timeout: timedelta = TIMEOUT, factor: float = 1.0) -> float:
    return timeout.total_seconds() * factor


def limit_rows(rows: Sequence[Any], limit: int = None) -> Sequence[Any]:
    # None although annotated int: allowed by PEP 484 once, and everywhere in old code
    return rows if limit is None else rows[:limit]


def patch(user: dict[str, Any], name=Unset, email=Unset) -> dict[str, Any]:
    changes = {"name": name, "email": email}
    return {**user, **{k: v for k, v in changes.items() if v is not Unset}}


def sort_by(items: list, key: Callable[[Any], Any] = str, reverse: bool = False) -> list:
    return sorted(items, key=key, reverse=reverse)


def join_path(*parts: str, sep: str = os.sep) -> str:
    return sep.join(part.strip(sep) for part in parts)


def weights(values: list[float], weights: list[float] = None) -> float:
    if weights is None:
        weights = [1.0] * len(values)
    return sum(v * w for v, w in zip(values, weights)) / sum(weights)


def options(a, /, b=1, *rest, c, d=None, **more):
    return a, b, rest, c, d, more


def same(value=..., other=Ellipsis) -> bool:
    return value is other


def tagged(text: str, tags: tuple[str, ...] = (), extra: frozenset = frozenset()) -> str:
    return " ".join([text, *(f"#{tag}" for tag in (*tags, *sorted(extra)))])
