"""A circuit breaker: when a host cannot be reached several times in a row, stop asking for a while.

It counts only failures to connect. A host that answers, however badly, is there; refusing a call
to it could refuse one that the original would have answered.

Pattern: Nygard, "Release It!" (2007), chapter 5.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from ....errors import CircuitOpen
from .failures import unreachable


class Breaker:
    """Counts failures to connect, and refuses calls at once while too many came in a row.

    Args:
        failures: Failures in a row after which calls are refused.
        rest: Seconds for which they are. Then one call is let through: if it connects, all are.
        clock: Seconds that only grow.

    Safe to share between threads. Its state is this process's own.
    """

    def __init__(
        self, failures: int = 5, rest: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.failures, self.rest, self.clock = failures, rest, clock
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._until = 0.0
        self._last: BaseException | None = None
        self._hosts: dict[str, Breaker] = {}

    def at(self, host: str) -> Breaker:
        """Return the breaker of one host, which counts for itself."""
        with self._lock:
            if host not in self._hosts:
                if len(self._hosts) >= 1000:  # a crawler's hosts must not fill the memory
                    self._hosts.clear()
                self._hosts[host] = Breaker(self.failures, self.rest, self.clock)
            return self._hosts[host]

    def before(self) -> None:
        """Let a call through, or refuse it.

        Raises:
            CircuitOpen: Too many calls in a row could not connect. The error is also of the class
                of the last failure, so that code which handles that one handles this one.
        """
        if self._in_a_row < self.failures:
            return
        with self._lock:
            now = self.clock()
            if now >= self._until:
                self._until = now + self.rest  # this call tries; the others wait for its outcome
                return
            left, last = self._until - now, self._last
        raise _refusal(last)(
            f"Not tried: the last {self._in_a_row} calls could not connect ({_brief(last)}). "
            f"The next one is tried in {left:.1f} s."
        ) from last

    def success(self) -> None:
        """Note a call that was answered."""
        if self._in_a_row:
            with self._lock:
                self._in_a_row, self._last = 0, None

    def failure(self, error: BaseException) -> None:
        """Note a call that failed; only a failure to connect counts."""
        if isinstance(error, CircuitOpen):
            return
        if not unreachable(error):
            self.success()
            return
        with self._lock:
            self._in_a_row += 1
            # Kept without its traceback, which would keep the frames of a call alive.
            self._last = error.with_traceback(None) if self._last is None else self._last
            if self._in_a_row >= self.failures:
                self._until = self.clock() + self.rest


def _brief(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _refusal(last: BaseException | None) -> Callable[[str], CircuitOpen]:
    return functools.partial(_make, type(last)) if last is not None else CircuitOpen


def _make(failure: type[BaseException], message: str) -> CircuitOpen:
    try:
        return _class_like(failure)(message)
    except TypeError:  # a class that cannot be combined, or that wants other arguments
        return CircuitOpen(message)


_classes: dict[type[BaseException], type[CircuitOpen]] = {}


def _class_like(failure: type[BaseException]) -> type[CircuitOpen]:
    if failure not in _classes:

        def reduce(self: CircuitOpen) -> tuple[Any, ...]:
            return (_make, (failure, str(self)))

        kinds = (CircuitOpen,) if issubclass(CircuitOpen, failure) else (CircuitOpen, failure)
        body = {"__module__": __name__, "__reduce__": reduce}
        _classes[failure] = type("CircuitOpen", kinds, body)
    return _classes[failure]
