"""Grouping, merging, chunking: what every code base has in its drawer."""

from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any, Callable, Dict, Hashable, Iterable, List, Mapping, MutableMapping, Sequence, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def chunk(items: Sequence[T], size: int) -> List[List[T]]:
    """
    >>> chunk([1, 2, 3, 4, 5], 2)
    [[1, 2], [3, 4], [5]]
    """
    return [list(items[i : i + size]) for i in range(0, len(items), size)]


def flatten(nested: Iterable[Iterable[T]]) -> list[T]:
    return [item for inner in nested for item in inner]


def group_by(items: Iterable[T], key: Callable[[T], K]) -> Dict[K, List[T]]:
    groups: Dict[K, List[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def unique(items):
    seen = set()
    out = []
    for item in items:
        if item not in seen:
            seen.add(item)
            out.append(item)
    return out


def deep_merge(base: dict, extra: dict) -> dict:
    result = dict(base)
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = deep_merge(result[key], value)
        else:
            result[key] = value
    return result


def top(words: Iterable[str], n: int = 3) -> list[tuple[str, int]]:
    return Counter(words).most_common(n)


def first(items: Iterable[T], default: T | None = None) -> T | None:
    return next(iter(items), default)


def pluck(rows: list[dict[str, Any]], key: str) -> list[Any]:
    return [row.get(key) for row in rows]


def get_path(data: Mapping[str, Any], path: str, default: Any = None) -> Any:
    """
    >>> get_path({"a": {"b": 1}}, "a.b")
    1
    """
    current: Any = data
    for part in path.split("."):
        if not isinstance(current, Mapping) or part not in current:
            return default
        current = current[part]
    return current


def rename_keys(row: MutableMapping[str, Any], names: Mapping[str, str]) -> None:
    """Rename in place; returns nothing."""
    for old, new in names.items():
        if old in row:
            row[new] = row.pop(old)


def last_n(items: Iterable[T], n: int) -> deque[T]:
    return deque(items, maxlen=n)


def invert(mapping: dict[str, str]) -> dict[str, str]:
    return {v: k for k, v in mapping.items()}


def sort_rows(rows, *keys, reverse=False):
    return sorted(rows, key=lambda row: tuple(row[k] for k in keys), reverse=reverse)


def as_list(value) -> list:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def ordered(pairs: list[tuple[str, int]]) -> "OrderedDict[str, int]":
    return OrderedDict(sorted(pairs))


def zip_rows(header: Sequence[str], *rows: Sequence[Any], strict: bool = True) -> list[dict[str, Any]]:
    return [dict(zip(header, row, strict=strict)) for row in rows]
