"""Streams."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any


async def ticks(n: int) -> AsyncIterator[int]:
    for i in range(n):
        await asyncio.sleep(0)
        yield i


async def stream_words(text: str, upper: bool = False) -> AsyncGenerator[str, None]:
    for word in text.split():
        await asyncio.sleep(0)
        yield word.upper() if upper else word


async def collect_until(source, stop):
    async for item in source:
        if item == stop:
            return
        yield item


async def mapped(items: list[Any], function: Callable[[Any], Any]) -> AsyncIterator[Any]:
    for item in items:
        yield function(item)


async def pages(fetch, start=1):
    page = start
    while page:
        data = await fetch(page)
        for item in data["items"]:
            yield item
        page = data.get("next")


class Feed:
    def __init__(self, items: list[str]) -> None:
        self.items = items

    async def read(self, limit: int | None = None) -> AsyncIterator[str]:
        for item in self.items[:limit]:
            yield item


async def fail_late(n: int, at: int = 2):
    for i in range(n):
        if i == at:
            raise OSError(5, "stream broke")
        yield i


async def pairs(left: list[int], right: list[int]) -> AsyncIterator[tuple[int, int]]:
    for pair in zip(left, right):
        await asyncio.sleep(0)
        yield pair
