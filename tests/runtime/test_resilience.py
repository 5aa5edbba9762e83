"""The first attempt is a plain call; what comes after a failure keeps to the rules."""

import asyncio
import time

import pytest

from poet.enhanced import resilient
from poet.errors import CircuitOpen, DeadlineExceeded


def failing(times, error=ConnectionError, result="ok"):
    """Return an operation that fails so often, and the list of its attempts."""
    attempts = []

    def operate(*args):
        attempts.append(args)
        if len(attempts) <= times:
            raise error("down")
        return result

    return operate, attempts


def test_a_transient_failure_is_repeated_until_it_works():
    """Attempts are counted after the first one."""
    operate, attempts = failing(2)
    assert resilient(retries=2, wait=0.001)(operate)(1) == "ok"
    assert attempts == [(1,)] * 3


def test_the_last_exception_reaches_the_caller_as_it_is():
    """A note says how often it was tried; the type is the original's."""
    operate, attempts = failing(9)
    with pytest.raises(ConnectionError) as caught:
        resilient(retries=2, wait=0.001)(operate)()
    assert len(attempts) == 3
    assert "tried 3 times" in caught.value.__notes__[0]


def test_other_errors_are_not_repeated():
    """What is not transient fails at once."""
    operate, attempts = failing(1, ValueError)
    with pytest.raises(ValueError, match="down"):
        resilient(retries=5, wait=0.001)(operate)()
    assert len(attempts) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_ends_the_program_passes(error):
    """Only Exception is retried."""
    operate, attempts = failing(1, error)
    with pytest.raises(error):
        resilient(retries=5, retry_on=lambda e: True)(operate)()
    assert len(attempts) == 1


def test_without_retries_nothing_is_repeated():
    """The default repeats nothing."""
    operate, attempts = failing(1)
    with pytest.raises(ConnectionError):
        resilient()(operate)()
    assert len(attempts) == 1


def test_an_unsatisfying_answer_is_asked_for_again_and_then_returned():
    """When the attempts are used up, the last answer is the answer."""
    answers = iter([503, 503, 503, 200])
    operate = resilient(retries=2, wait=0.001, retry_result=lambda r: r == 503)(
        lambda: next(answers)
    )
    assert operate() == 503
    assert next(answers) == 200


def test_the_other_side_says_how_long_to_wait():
    """Retry-After wins over the back-off."""
    operate, _ = failing(1)
    began = time.monotonic()
    resilient(retries=1, wait=30, wait_max=60, retry_after=lambda e: 0.05)(operate)()
    assert 0.04 < time.monotonic() - began < 5


def test_no_attempt_begins_after_the_deadline():
    """A wait that would end too late is not begun."""
    operate, attempts = failing(9)
    began = time.monotonic()
    with pytest.raises(ConnectionError):
        resilient(retries=9, timeout=0.2, retry_after=lambda e: 10.0)(operate)()
    assert time.monotonic() - began < 5
    assert len(attempts) == 1


def test_abandon_returns_control_at_the_deadline():
    """A hung read does not hold the caller."""
    with pytest.raises(DeadlineExceeded, match=r"0\.05 s"):
        resilient(timeout=0.05, abandon=True)(lambda: time.sleep(2))()


def test_abandon_keeps_context_and_exceptions():
    """The helper thread sees the caller's context variables, and its errors are the caller's."""
    from contextvars import ContextVar

    name = ContextVar("name", default="none")
    name.set("mine")
    assert resilient(timeout=5, abandon=True)(lambda: name.get())() == "mine"
    operate, _ = failing(1, ValueError)
    with pytest.raises(ValueError, match="down"):
        resilient(timeout=5, abandon=True)(operate)()


def test_async_deadline_cancels():
    """A coroutine is really stopped."""
    ended = []

    async def hang():
        try:
            await asyncio.sleep(5)
        finally:
            ended.append(True)

    with pytest.raises(DeadlineExceeded):
        asyncio.run(resilient(timeout=0.05)(hang)())
    assert ended == [True]


def test_async_own_timeout_error_is_not_relabelled():
    """A TimeoutError of the operation is the operation's."""

    async def refuse():
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine") as caught:
        asyncio.run(resilient(timeout=5)(refuse)())
    assert not isinstance(caught.value, DeadlineExceeded)


def test_async_retries():
    """Coroutines are retried like functions."""
    operate, attempts = failing(2)

    async def call():
        return operate()

    assert asyncio.run(resilient(retries=2, wait=0.001)(call)()) == "ok"
    assert len(attempts) == 3


def test_breaker_is_asked_and_told():
    """An open circuit refuses without an attempt."""

    class Breaker:
        failures = 0

        def before(self):
            if self.failures >= 2:
                raise CircuitOpen("down for 5 s")

        def success(self):
            self.failures = 0

        def failure(self, error):
            self.failures += 1

    operate, attempts = failing(9)
    guarded = resilient(breaker=Breaker())(operate)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            guarded()
    with pytest.raises(CircuitOpen):
        guarded()
    assert len(attempts) == 2
