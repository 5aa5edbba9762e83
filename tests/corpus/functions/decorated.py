"""Functions under other decorators, and partial ones."""

import contextlib
import functools
import time
from typing import Callable, Iterator, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
calls: list[str] = []


def logged(function: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        calls.append(function.__name__)
        return function(*args, **kwargs)

    return inner


def timed(unit="ms"):
    def decorate(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                inner.last = (time.perf_counter() - began) * (1000 if unit == "ms" else 1)

        return inner

    return decorate


@functools.lru_cache(maxsize=32)
def price_of(sku: str, currency: str = "EUR") -> float:
    return len(sku) * (1.1 if currency == "USD" else 1.0)


@functools.cache
def squares(n: int) -> tuple[int, ...]:
    return tuple(i * i for i in range(n))


@contextlib.contextmanager
def section(name: str, lines: list[str]) -> Iterator[str]:
    lines.append(f"<{name}>")
    try:
        yield name
    finally:
        lines.append(f"</{name}>")


@logged
def greet(name: str, polite: bool = False) -> str:
    return f"Dear {name}" if polite else f"Hi {name}"


@timed("s")
@logged
def slow_sum(values: list[int], start: int = 0) -> int:
    return sum(values, start)


def power(base: float, exponent: float) -> float:
    return base**exponent


square = functools.partial(power, exponent=2)


def use_section(names: list[str]) -> list[str]:
    lines: list[str] = []
    for name in names:
        with section(name, lines):
            lines.append("text")
    return lines


@functools.singledispatch
def render(value) -> str:
    return str(value)


@render.register
def _(value: list) -> str:
    return "\n".join(f"- {render(item)}" for item in value)
