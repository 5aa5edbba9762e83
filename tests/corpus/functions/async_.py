"""Coroutines: fetching through doubles, gathering, limits."""

import asyncio
from typing import Any, Awaitable, Callable, Sequence


async def double(n: int) -> int:
    await asyncio.sleep(0)
    return n * 2


async def gather_all(values: list[int], worker: Callable[[int], Awaitable[int]] = double) -> list[int]:
    return await asyncio.gather(*(worker(v) for v in values))


async def first_ok(candidates, default=None):
    for candidate in candidates:
        try:
            return await candidate()
        except (ConnectionError, TimeoutError):
            continue
    return default


async def with_limit(values: Sequence[str], limit: int = 2) -> dict[str, int]:
    gate = asyncio.Semaphore(limit)

    async def one(text):
        async with gate:
            await asyncio.sleep(0)
            return text, len(text)

    return dict(await asyncio.gather(*map(one, values)))


async def read_name(client: Any, user_id: int, *, upper: bool = False) -> str:
    data = await client.get(user_id)
    return data["name"].upper() if upper else data["name"]


async def wait_for(seconds: float, answer: str = "done") -> str:
    try:
        async with asyncio.timeout(0.05):
            await asyncio.sleep(seconds)
            return answer
    except TimeoutError:
        return "too late"


async def run_steps(state: dict, *steps):
    for step in steps:
        result = step(state)
        if asyncio.iscoroutine(result):
            await result
    return state


class Mailbox:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def send(self, to: str, text: str) -> int:
        await asyncio.sleep(0)
        self.sent.append((to, text))
        return len(self.sent)

    @classmethod
    async def open(cls, *first: str) -> "Mailbox":
        box = cls()
        for to in first:
            await box.send(to, "welcome")
        return box


async def total(values: list[float], rate: float | None = None) -> float:
    result = sum(values)
    return result if rate is None else result * rate
