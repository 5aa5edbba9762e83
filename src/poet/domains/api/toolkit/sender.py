"""Repeat one HTTP request where repeating is safe, and only the request: nothing around it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ....runtime.resilience import resilient
from .answers import retry_after, retryable_answer
from .breaker import Breaker
from .failures import transient

# RFC 9110, section 9.2: safe methods change nothing; PUT and DELETE are idempotent by definition,
# but only as far as the service keeps to it, so they and the rest wait for `idempotent=True`.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SHORTEST = 0.05


class Sender:
    """Sends single requests with retries: `send(requests.get, url, timeout=10)`.

    Args:
        retries: Attempts after the first one.
        timeout: Seconds for one request with all its attempts and waits. No wait that would end
            later is begun, and a request's own numeric `timeout` is shortened to what is left.
        idempotent: Whether POST, PUT, PATCH and DELETE may be repeated as well.
        breaker: Shared state of the circuit breaker; its own when None.

    The answer of the last attempt is returned, and its exception raised, exactly as the library
    gave it. A coroutine function is sent by `await send(client.get, url)`.
    """

    def __init__(
        self,
        *,
        retries: int = 3,
        timeout: float = 60.0,
        idempotent: bool = False,
        breaker: Breaker | None = None,
    ) -> None:
        self.retries, self.timeout, self.idempotent = retries, timeout, idempotent
        self.breaker = Breaker() if breaker is None else breaker

    def __call__(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Send one request.

        Raises:
            CircuitOpen: The host could not be reached several times in a row (it is also of the
                class of that failure).
        """
        if not self._repeatable(call, args, kwargs):
            return call(*args, **kwargs)
        breaker = self.breaker.at(_host(call, args, kwargs))
        attempt = _Attempt(call, args, kwargs, self.timeout)
        around = resilient(
            retries=self.retries,
            timeout=self.timeout,
            retry_on=transient,
            retry_result=retryable_answer,
            retry_after=retry_after,
        )
        # The breaker counts requests, not attempts: it stands outside of the retries.
        if inspect.iscoroutinefunction(call):
            return _noted_async(around(attempt.run_async), breaker)
        return _noted(around(attempt.run), breaker)

    def _repeatable(
        self, call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> bool:
        if self.retries < 1 or not (self.idempotent or _method(call, args, kwargs) in SAFE):
            return False
        # A body that is read while it is sent is gone after the first attempt.
        bodies = [kwargs[name] for name in ("data", "content", "files") if kwargs.get(name)]
        return all(isinstance(body, (str, bytes, dict)) for body in bodies) and not (
            kwargs.get("files")
        )


class _Attempt:
    """One request that may be made several times; an answer that is not used is closed."""

    def __init__(
        self,
        call: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        seconds: float,
    ) -> None:
        self.call, self.args, self.kwargs = call, args, kwargs
        self.deadline = time.monotonic() + seconds
        self.unused: Any = None

    def run(self) -> Any:
        close, self.unused = getattr(self.unused, "close", None), None
        if callable(close):
            try:
                close()
            except Exception:  # noqa: BLE001 - nobody reads it any more; the next answer counts
                pass
        self.unused = answer = self.call(*self.args, **self._shortened())
        return answer

    async def run_async(self) -> Any:
        close, self.unused = getattr(self.unused, "aclose", None), None
        if callable(close):
            try:
                await close()
            except Exception:  # noqa: BLE001 - the same
                pass
        self.unused = answer = await self.call(*self.args, **self._shortened())
        return answer

    def _shortened(self) -> Mapping[str, Any]:
        timeout = self.kwargs.get("timeout")
        left = max(self.deadline - time.monotonic(), _SHORTEST)
        if isinstance(timeout, (int, float)) and timeout > left:
            return {**self.kwargs, "timeout": left}
        return self.kwargs


def _noted(run: Callable[[], Any], breaker: Breaker) -> Any:
    breaker.before()
    try:
        answer = run()
    except Exception as error:
        breaker.failure(error)
        raise
    breaker.success()
    return answer


async def _noted_async(run: Callable[[], Any], breaker: Breaker) -> Any:
    breaker.before()
    try:
        answer = await run()
    except Exception as error:
        breaker.failure(error)
        raise
    breaker.success()
    return answer


def _method(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    name = getattr(call, "__name__", "").upper()
    if name == "REQUEST":
        name = str(args[0] if args else kwargs.get("method", "")).upper()
    return name


def _host(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    place = 1 if getattr(call, "__name__", "") == "request" else 0
    url = args[place] if len(args) > place else kwargs.get("url", "")
    host = urlsplit(str(url)).netloc
    # A client with a base address is given paths only.
    return host or str(getattr(getattr(call, "__self__", None), "base_url", ""))
