"""Lazy pipelines."""

import itertools
from typing import Any, Callable, Generator, Iterable, Iterator, Optional


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """
    >>> list(batches("abc", 2))
    [['a', 'b'], ['c']]
    """
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


def fibonacci(limit: int) -> Iterator[int]:
    a, b = 0, 1
    while a <= limit:
        yield a
        a, b = b, a + b


def read_csv(lines, sep=","):
    header = None
    for line in lines:
        parts = line.rstrip("\n").split(sep)
        if header is None:
            header = parts
        else:
            yield dict(zip(header, parts))


def averager() -> Generator[float, float, str]:
    """Send numbers, get the running mean."""
    total, count, mean = 0.0, 0, 0.0
    while True:
        value = yield mean
        if value is None:
            return f"{count} values"
        total += value
        count += 1
        mean = total / count


def walk(tree: dict[str, Any], prefix: str = "") -> Generator[tuple[str, Any], None, int]:
    """Leaves with their path; returns how many there were."""
    count = 0
    for key, value in tree.items():
        if isinstance(value, dict):
            count += yield from walk(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
            count += 1
    return count


def window(values, size=2):
    it = iter(values)
    current = tuple(itertools.islice(it, size))
    if len(current) == size:
        yield current
    for value in it:
        current = current[1:] + (value,)
        yield current


def countdown(start: int, step: int = 1) -> Iterator[int]:
    while start > 0:
        yield start
        start -= step


def filtered(items: Iterable[int], keep: Optional[Callable[[int], bool]] = None) -> Iterator[int]:
    return filter(keep, items)


def failing(n: int):
    for i in range(n):
        if i == 2:
            raise RuntimeError(f"failed at {i}")
        yield i


def interleave(*streams: Iterable[Any]) -> Iterator[Any]:
    for group in itertools.zip_longest(*streams):
        yield from (item for item in group if item is not None)
