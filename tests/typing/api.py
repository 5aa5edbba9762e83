"""The decorator as a type checker sees it: never run, only checked.

`@poet` returns the type that it was given, so call errors, methods, coroutines, generics and
overloads survive. Every `type: ignore` below must be needed: an unused one is an error.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar, assert_type, overload

import poet as poet_package
from poet import Episode, Execution, episode, execution, feedback, poet, run

T = TypeVar("T")


@poet
def bare(days: int, account: str = "all") -> dict[str, float]:
    return {account: float(days)}


@poet()
def called(days: int) -> str:
    return str(days)


@poet(
    domain="api",
    optimize_for="speed",
    objectives={"latency": 0.2},
    constraints={"memory_mb": 100},
    examples=[((1,), 2)],
    learning=True,
    idempotent=True,
    retries=2,
    timeout=5.0,
    grants=["network"],
    isolation="process",
    record=True,
    strict=False,
    sandbox="require",
)
def with_options(url: str, *parts: str, deep: bool = False) -> bytes:
    return url.encode()


assert_type(bare(3), dict[str, float])
assert_type(bare(days=3, account="x"), dict[str, float])
assert_type(called(1), str)
assert_type(with_options("u", "a", deep=True), bytes)

bare("3")  # type: ignore[arg-type]
bare()  # type: ignore[call-arg]
bare(3, acount="x")  # type: ignore[call-arg]
called(days="1")  # type: ignore[arg-type]
with_options("u", deep="yes")  # type: ignore[arg-type]


@poet
async def fetch(user_id: int) -> list[int]:
    return [user_id]


@poet(domain="api")
async def stream(n: int) -> AsyncIterator[int]:
    yield n


@poet
def numbers(n: int) -> Iterator[int]:
    yield n


async def use() -> None:
    assert_type(await fetch(1), list[int])
    async for item in stream(2):
        assert_type(item, int)
    for number in numbers(3):
        assert_type(number, int)


as_awaitable: Callable[[int], Awaitable[list[int]]] = fetch


@poet
def first(items: list[T]) -> T:
    return items[0]


assert_type(first([1]), int)
assert_type(first(["a"]), str)


@overload
def parse(value: str) -> int: ...
@overload
def parse(value: bytes) -> float: ...
@poet
def parse(value: str | bytes) -> int | float:
    return len(value)


assert_type(parse("1"), int)
assert_type(parse(b"1"), float)


class Shop:
    @poet
    def price(self, sku: str) -> float:
        return float(len(sku))

    @classmethod
    @poet
    def named(cls, name: str) -> Shop:
        return cls()

    @poet
    @staticmethod
    def tax(price: float) -> float:
        return price

    @property
    @poet
    def open(self) -> bool:
        return True


shop = Shop()
assert_type(shop.price("tea"), float)
assert_type(Shop.named("x"), Shop)
assert_type(shop.tax(1.0), float)
assert_type(shop.open, bool)
shop.price(5)  # type: ignore[arg-type]
Shop.price("tea")  # type: ignore[call-arg, arg-type]


@contextmanager
@poet
def section(name: str) -> Iterator[str]:
    yield name


with section("a") as entered:
    assert_type(entered, str)

assert_type(partial(bare, 3)(), dict[str, float])

poet(domian="api")  # type: ignore[call-overload]
poet(retries="2")  # type: ignore[call-overload]
poet(bare, domain="api")  # type: ignore[call-overload]

ran = run(bare, 3)
assert_type(ran, Execution)
assert_type(ran.id, str)
assert_type(execution({"a": 1.0}), Execution)
assert_type(feedback(ran, "good", metric="score", source="Ada", tags=["christmas"]), str)
with episode() as joined:
    assert_type(joined, Episode)
with poet_package.disabled():
    bare(1)
