"""Inside the sandbox: hold the world still, so that equal code gives equal answers.

Every call begins at the same moment, with the same chance, the same identifiers. Waiting takes no
time: the clock is moved on instead, also inside `asyncio`.
"""

from __future__ import annotations

import asyncio
import os
import random
import selectors
import sys
import threading
import time
import types
import uuid
from collections.abc import Callable, Iterator
from typing import Any

MOMENT = 1_710_495_000.0  # 2024-03-15 09:30 UTC, a Friday
# Later moments at which inputs are tried again: a Sunday, a night long from now, a leap day.
MOMENTS = (MOMENT, 1_745_106_840.5, 2_208_986_999.0, 1_835_440_200.0)
_START = 5_000.0  # of the monotonic clocks
# After so many looks at the clock within one call it begins to move: a loop may wait for that.
_PATIENCE = 5_000

real_perf_counter = time.perf_counter


class Stuck(BaseException):
    """A coroutine waits for something that cannot happen any more."""


class Still:
    """The held world; `install` once in a process, then `begin` before each call."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.looks = 0
        self.chance = random.Random(99)
        self.travel: Any = None

    def install(self) -> None:
        """Replace clocks, waiting, chance and identifiers in this process."""
        self.travel = _time_machine().travel(MOMENT, tick=False).start()
        fakes: dict[Any, Any] = {
            time.sleep: self._sleep,
            time.monotonic: self._clock,
            time.perf_counter: self._clock,
            time.process_time: self._clock,
            time.monotonic_ns: self._clock_ns,
            time.perf_counter_ns: self._clock_ns,
            os.urandom: self._urandom,
            uuid.uuid4: self._uuid4,
            uuid.uuid1: self._uuid4,
        }
        for module in _users_modules():
            for name, value in list(vars(module).items()):
                if isinstance(value, types.BuiltinFunctionType | types.FunctionType):
                    fake = fakes.get(value)
                    if fake is not None:
                        setattr(module, name, fake)
        random._urandom = self._urandom  # type: ignore[attr-defined]
        numpy = sys.modules.get("numpy.random.bit_generator")
        if hasattr(numpy, "randbits"):
            numpy.randbits = self.chance.getrandbits  # type: ignore[union-attr]

    def begin(self, moment: float = MOMENT, turn: int = 0) -> None:
        """Go back to the beginning: the same moment, the same chance; another one for each turn."""
        self.travel.move_to(moment)
        self.passed, self.looks = 0.0, 0
        self.chance.seed(99 + turn)
        random.seed(1234 + turn)
        numpy = sys.modules.get("numpy")
        if numpy is not None and hasattr(numpy, "random"):
            numpy.random.seed(1234 + turn)

    def advance(self, seconds: float) -> None:
        """Let time pass without waiting."""
        if seconds > 0:
            self.passed += seconds
            self.travel.shift(seconds)

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine on an event loop whose waiting takes no time."""
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(coroutine)

    def _sleep(self, seconds: float = 0.0, /) -> None:
        self.advance(float(seconds))

    def _clock(self) -> float:
        self.looks += 1
        if self.looks > _PATIENCE:
            self.advance(0.05)
        return _START + self.passed

    def _clock_ns(self) -> int:
        return int(self._clock() * 1e9)

    def _urandom(self, size: int, /) -> bytes:
        return self.chance.randbytes(size)

    def _uuid4(self, *_args: Any) -> uuid.UUID:
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)


def _time_machine() -> Any:
    """Import time_machine, but not pytest, which it would import for its plugin."""
    absent = "pytest" not in sys.modules
    if absent:
        sys.modules["pytest"] = None  # type: ignore[assignment]
    try:
        import time_machine
    finally:
        if absent:
            del sys.modules["pytest"]
    return time_machine


def _users_modules() -> Iterator[types.ModuleType]:
    """The clocks' own modules, and all modules that are the user's: they may hold `from` imports."""
    yield from (time, os, uuid)
    library = (sys.prefix, sys.base_prefix)
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and not file.startswith(library) and "site-packages" not in file:
            if not getattr(module, "__name__", "").startswith("poet."):
                yield module


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, still: Still) -> None:
        self._still = still
        super().__init__(_Selector(still.advance))

    def time(self) -> float:
        return _START + self._still.passed


class _Selector(selectors.DefaultSelector):
    """Instead of waiting for a timer, moves the clock on; other threads get a moment first."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        super().__init__()
        self._advance = advance

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        if timeout is None:
            # No timer is set: only another thread could wake this loop up.
            ready = super().select(0.05 if threading.active_count() == 1 else None)
            if not ready:
                raise Stuck("all tasks wait for each other")
            return ready
        ready = super().select(0.002)
        if not ready:
            self._advance(timeout)
        return ready
