"""Retries, deadlines and circuit breaking around one operation.

The first attempt is a plain call: nothing here costs anything until something fails. Only
`Exception` is retried; cancellation, `KeyboardInterrupt` and `GeneratorExit` pass untouched.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..errors import DeadlineExceeded
from .frame import note_attempt, note_flag

if TYPE_CHECKING:
    from tenacity import RetryCallState

F = TypeVar("F", bound=Callable[..., Any])
Test = tuple[type[BaseException], ...] | type[BaseException] | Callable[[BaseException], bool]


class CircuitBreaker(Protocol):
    """What `resilient` asks of a breaker; see `poet.domains.api.toolkit.Breaker`."""

    def before(self) -> None:
        """Raise `CircuitOpen` when a call should not even be tried."""

    def success(self) -> None:
        """Note an attempt that reached the other side."""

    def failure(self, error: BaseException) -> None:
        """Note an attempt that failed with `error`."""


class _Policy:
    """The options of one `resilient`, and the decisions that follow from them."""

    def __init__(
        self,
        retries: int,
        timeout: float | None,
        retry_on: Test,
        retry_result: Callable[[Any], bool] | None,
        wait: float,
        wait_max: float,
        retry_after: Callable[[Any], float | None] | None,
        breaker: CircuitBreaker | None,
    ) -> None:
        self.retries = retries
        self.timeout = timeout
        self.retry_result = retry_result
        self.retry_after = retry_after
        self.breaker = breaker
        self.wait, self.wait_max = wait, wait_max
        if isinstance(retry_on, (tuple, type)):
            kinds = retry_on
            self.transient: Callable[[BaseException], bool] = lambda e: isinstance(e, kinds)
        else:
            self.transient = retry_on

    def again(self, error: BaseException) -> bool:
        """Tell whether an attempt that raised may be repeated."""
        return (
            self.retries > 0
            and isinstance(error, Exception)
            and not isinstance(error, DeadlineExceeded)
            and self.transient(error)
        )

    def unsatisfied(self, result: Any) -> bool:
        """Tell whether an answer means a transient failure on the other side."""
        return self.retries > 0 and self.retry_result is not None and self.retry_result(result)

    def tenacity_options(self, deadline: float | None) -> dict[str, Any]:
        """Build the arguments for a tenacity controller whose first attempt is the one that failed."""
        import tenacity

        jitter = tenacity.wait_random_exponential(multiplier=self.wait, max=self.wait_max)

        def wait(state: RetryCallState) -> float:
            asked = None
            if self.retry_after is not None and state.outcome is not None:
                failed = state.outcome.failed
                asked = self.retry_after(
                    state.outcome.exception() if failed else state.outcome.result()
                )
            return max(asked, 0.0) if asked is not None else jitter(state)

        def stop(state: RetryCallState) -> bool:
            if state.attempt_number > self.retries:
                return True
            # A wait that would end after the deadline is not begun.
            return deadline is not None and time.monotonic() + state.upcoming_sleep >= deadline

        def before_attempt(state: RetryCallState) -> None:
            note_attempt(state.attempt_number)

        return {
            "wait": wait,
            "stop": stop,
            "before": before_attempt,
            "retry": tenacity.retry_if_exception(self.again)
            | tenacity.retry_if_result(self.unsatisfied),
            "reraise": True,
            "retry_error_callback": _last_outcome,
        }


def _last_outcome(state: RetryCallState) -> Any:
    """Give up: the last answer is the answer, the last exception is the exception."""
    assert state.outcome is not None
    error = state.outcome.exception()
    if error is not None:
        if state.attempt_number > 1:
            error.add_note(f"POET tried {state.attempt_number} times.")
        raise error
    return state.outcome.result()


def resilient(
    *,
    retries: int = 0,
    timeout: float | None = None,
    retry_on: Test = (ConnectionError, TimeoutError),
    retry_result: Callable[[Any], bool] | None = None,
    wait: float = 0.1,
    wait_max: float = 10.0,
    retry_after: Callable[[Any], float | None] | None = None,
    abandon: bool = False,
    breaker: CircuitBreaker | None = None,
) -> Callable[[F], F]:
    """Make an operation survive transient failures.

    Args:
        retries: Attempts after the first one. Only for operations that may be repeated.
        timeout: Seconds for all attempts together. `async`: the running attempt is cancelled.
            Sync: Python cannot stop a running call, so a call that overruns is only flagged and
            no further attempt begins; see `abandon`.
        retry_on: Exceptions that are worth another attempt, or a function that says so.
        retry_result: Says whether an answer (not an exception) means "try again"; when the
            attempts are used up, the last answer is returned as it is.
        wait: Seconds of the first back-off; it doubles, with full jitter.
        wait_max: The longest back-off in seconds.
        retry_after: Reads from an exception or answer how many seconds the other side asks to
            wait; None where it does not say.
        abandon: Sync only: run each attempt in a helper thread (with a copy of the context) and
            stop waiting at the deadline. The thread runs on to its own end, so this is for
            operations that only read.
        breaker: Refuses calls at once while the other side is known to be down.

    Raises:
        DeadlineExceeded: `timeout` passed (async, or sync with `abandon`).
        CircuitOpen: The breaker refuses the call.

    The exception of the last attempt reaches the caller as it is, with a note that says how
    often it was tried. Back-off: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
    """
    policy = _Policy(retries, timeout, retry_on, retry_result, wait, wait_max, retry_after, breaker)

    def decorate(function: F) -> F:
        if inspect.iscoroutinefunction(function):
            return _async(function, policy)  # type: ignore[return-value]
        attempt = _abandoning(function) if abandon and timeout is not None else None
        return _sync(function, policy, attempt)  # type: ignore[return-value]

    return decorate


def _sync(
    function: Callable[..., Any],
    policy: _Policy,
    bounded: Callable[..., Any] | None,
) -> Callable[..., Any]:
    breaker, timeout = policy.breaker, policy.timeout

    def once(args: tuple[Any, ...], kwargs: dict[str, Any], deadline: float | None) -> Any:
        if breaker is not None:
            breaker.before()
        try:
            if bounded is not None:
                result = bounded(deadline, timeout, args, kwargs)
            else:
                result = function(*args, **kwargs)
        except Exception as error:
            if breaker is not None:
                breaker.failure(error)
            raise
        if breaker is not None:
            breaker.success()
        return result

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            if breaker is None and bounded is None:
                result = function(*args, **kwargs)
            else:
                result = once(args, kwargs, deadline)
        except Exception as error:
            if not policy.again(error):
                raise
            failure: Callable[[], Any] = functools.partial(_raise, error)
        else:
            if not policy.unsatisfied(result):
                if deadline is not None and bounded is None and time.monotonic() > deadline:
                    note_flag(f"the call took longer than its {timeout:g} s")
                return result
            failure = functools.partial(_return, result)
        from tenacity import Retrying

        first = [failure]

        def attempt() -> Any:
            return first.pop()() if first else once(args, kwargs, deadline)

        return Retrying(sleep=time.sleep, **policy.tenacity_options(deadline))(attempt)

    return wrapper


def _raise(error: BaseException) -> Any:
    raise error


def _return(result: Any) -> Any:
    return result


def _abandoning(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a caller that stops waiting for `function` at the deadline."""

    def call(deadline: float, timeout: float, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        outcome: list[tuple[bool, Any]] = []
        done = threading.Event()
        context = contextvars.copy_context()

        def work() -> None:
            try:
                outcome.append((True, context.run(function, *args, **kwargs)))
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, whole
                outcome.append((False, error))
            finally:
                done.set()

        # A daemon: a hung read must not keep the interpreter from ending.
        threading.Thread(target=work, name=f"poet-{function.__name__}", daemon=True).start()
        if not done.wait(max(0.0, deadline - time.monotonic())):
            raise DeadlineExceeded(
                f"{function.__name__} did not answer within {timeout:g} s; its thread was left to "
                "end by itself. Set timeout= in @poet(...) to allow more."
            )
        worked, value = outcome[0]
        if worked:
            return value
        raise value

    return call


def _async(
    function: Callable[..., Awaitable[Any]], policy: _Policy
) -> Callable[..., Awaitable[Any]]:
    breaker, timeout = policy.breaker, policy.timeout

    async def once(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if breaker is not None:
            breaker.before()
        try:
            result = await function(*args, **kwargs)
        except Exception as error:
            if breaker is not None:
                breaker.failure(error)
            raise
        if breaker is not None:
            breaker.success()
        return result

    async def attempts(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            result = await once(args, kwargs)
        except Exception as error:
            if not policy.again(error):
                raise
            failure: Callable[[], Any] = functools.partial(_raise, error)
        else:
            if not policy.unsatisfied(result):
                return result
            failure = functools.partial(_return, result)
        from tenacity import AsyncRetrying

        first = [failure]

        async def attempt() -> Any:
            return first.pop()() if first else await once(args, kwargs)

        return await AsyncRetrying(**policy.tenacity_options(deadline))(attempt)

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        if timeout is None:
            return await attempts(args, kwargs)
        import asyncio

        try:
            async with asyncio.timeout(timeout) as clock:
                return await attempts(args, kwargs)
        except TimeoutError as error:
            if clock.expired():
                raise DeadlineExceeded(
                    f"{function.__name__} did not answer within {timeout:g} s. "
                    "Set timeout= in @poet(...) to allow more."
                ) from error
            raise

    return wrapper
