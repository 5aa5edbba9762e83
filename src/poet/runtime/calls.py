"""The wrapper around a decorated function: four plain closures, one for each kind of function.

Each runs the current version, writes one event per outermost call and remembers which execution
the result came from. The lines that they share stand in each of them: a call costs microseconds,
and a universal wrapper would cost more and read worse. Context variables are reached through
their modules, because cloudpickle takes the globals of a function along, and those it cannot.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextvars import ContextVar
from time import time_ns
from typing import Any

from uuid_utils import uuid7

from . import frame as frames
from . import state as states
from .executions import remember
from .frame import Frame
from .state import DecoratedFunction

_off: ContextVar[bool] = ContextVar("poet_off", default=False)
_switched = False  # whether disabled() was ever used; spares a look-up on every call


@contextlib.contextmanager
def disabled() -> Iterator[None]:
    """Run the plain functions inside this block, in this context only."""
    global _switched
    _switched = True
    token = _off.set(True)
    try:
        yield
    finally:
        _off.reset(token)


def _plainly(state: DecoratedFunction, frame: Frame | None) -> bool:
    """Tell whether this call bypasses POET: switched off, or inside a call of the same function."""
    if _switched and _off.get():
        return True
    return frame is not None and frame.inside(state)


def wrap(state: DecoratedFunction) -> Callable[..., Any]:
    """Return the function that takes the place of the decorated one."""
    kind = _kind_of(state.original)
    wrapper = _WRAPPERS[kind](state)
    functools.update_wrapper(wrapper, state.original)
    wrapper.__poet__ = state  # type: ignore[attr-defined]
    wrapper.__poet_original__ = state.original  # type: ignore[attr-defined]
    for extra in ("cache_info", "cache_clear", "cache_parameters"):
        if hasattr(state.original, extra):  # functools.cache below us keeps its handles
            setattr(wrapper, extra, getattr(state.original, extra))
    return wrapper


def _kind_of(function: Callable[..., Any]) -> str:
    if inspect.iscoroutinefunction(function):
        return "coroutine"
    if inspect.isasyncgenfunction(function):
        return "async generator"
    if inspect.isgeneratorfunction(function):
        return "generator"
    return "function"


def _sync(state: DecoratedFunction) -> Callable[..., Any]:
    original = state.original

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        frame = frames.active.get()
        if (frame is not None or _switched) and _plainly(state, frame):
            return original(*args, **kwargs)
        started = time_ns()
        if started >= state.look_again:
            state.look(started)
            started = time_ns()  # making a version is no part of the call
        execution_id = str(uuid7())
        mine = Frame(state, execution_id, frame)
        token = frames.active.set(mine)
        try:
            result = state.entry(*args, **kwargs)
        except BaseException as error:
            frames.active.reset(token)
            state.failed(mine, started, time_ns(), error, args, kwargs)
            raise
        frames.active.reset(token)
        if (
            frame is None
            and mine.flags is None
            and mine.attempts == 1
            and states.correlation.get() is None
            and (write := state.plain_success) is not None
        ):
            write(execution_id, state.number, started, time_ns())
        else:
            state.succeeded(mine, started, time_ns(), result, args, kwargs)
        remember(result, execution_id, state, state.number)
        return result

    return wrapper


def _async(state: DecoratedFunction) -> Callable[..., Any]:
    original = state.original

    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        frame = frames.active.get()
        if (frame is not None or _switched) and _plainly(state, frame):
            return await original(*args, **kwargs)
        started = time_ns()
        if started >= state.look_again:
            await state.look_async(started)
            started = time_ns()
        execution_id = str(uuid7())
        mine = Frame(state, execution_id, frame)
        token = frames.active.set(mine)
        try:
            result = await state.entry(*args, **kwargs)
        except BaseException as error:
            frames.active.reset(token)
            state.failed(mine, started, time_ns(), error, args, kwargs)
            raise
        frames.active.reset(token)
        if (
            frame is None
            and mine.flags is None
            and mine.attempts == 1
            and states.correlation.get() is None
            and (write := state.plain_success) is not None
        ):
            write(execution_id, state.number, started, time_ns())
        else:
            state.succeeded(mine, started, time_ns(), result, args, kwargs)
        remember(result, execution_id, state, state.number)
        return result

    return wrapper


def _generator(state: DecoratedFunction) -> Callable[..., Any]:
    original = state.original

    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        __tracebackhide__ = True
        frame = frames.active.get()
        if (frame is not None or _switched) and _plainly(state, frame):
            return (yield from original(*args, **kwargs))
        started = time_ns()
        if started >= state.look_again:
            state.look(started)
            started = time_ns()  # making a version is no part of the call
        mine = Frame(state, str(uuid7()), frame)
        # The frame is active only while the generator runs, never in the caller's code between.
        inner = state.entry(*args, **kwargs)
        step: Callable[[], Any] = functools.partial(next, inner)
        try:
            while True:
                token = frames.active.set(mine)
                try:
                    item = step()
                except StopIteration as end:
                    state.succeeded(mine, started, time_ns(), end.value, args, kwargs)
                    return end.value
                finally:
                    frames.active.reset(token)
                try:
                    sent = yield item
                except GeneratorExit:
                    inner.close()
                    state.succeeded(mine, started, time_ns(), None, args, kwargs)
                    raise
                except BaseException as error:  # noqa: BLE001 - thrown on, into the generator
                    step = functools.partial(inner.throw, error)
                else:
                    step = (
                        functools.partial(next, inner)
                        if sent is None
                        else functools.partial(inner.send, sent)
                    )
        except GeneratorExit:
            raise
        except BaseException as error:
            state.failed(mine, started, time_ns(), error, args, kwargs)
            raise

    return wrapper


def _async_generator(state: DecoratedFunction) -> Callable[..., Any]:
    original = state.original

    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        __tracebackhide__ = True
        frame = frames.active.get()
        plainly = (frame is not None or _switched) and _plainly(state, frame)
        started = time_ns()
        if not plainly and started >= state.look_again:
            await state.look_async(started)
            started = time_ns()
        mine = Frame(state, str(uuid7()), frame)
        inner = (original if plainly else state.entry)(*args, **kwargs)
        step: Any = inner.__anext__()
        try:
            while True:
                token = frames.active.set(mine)
                try:
                    item = await step
                except StopAsyncIteration:
                    if not plainly:
                        state.succeeded(mine, started, time_ns(), None, args, kwargs)
                    return
                finally:
                    with contextlib.suppress(ValueError):  # closed from another task's context
                        frames.active.reset(token)
                try:
                    sent = yield item
                except GeneratorExit:
                    await inner.aclose()
                    if not plainly:
                        state.succeeded(mine, started, time_ns(), None, args, kwargs)
                    raise
                except BaseException as error:  # noqa: BLE001 - thrown on, into the generator
                    step = inner.athrow(error)
                else:
                    step = inner.asend(sent)
        except GeneratorExit:
            raise
        except BaseException as error:
            if not plainly:
                state.failed(mine, started, time_ns(), error, args, kwargs)
            raise

    return wrapper


_WRAPPERS: dict[str, Callable[[DecoratedFunction], Callable[..., Any]]] = {
    "function": _sync,
    "coroutine": _async,
    "generator": _generator,
    "async generator": _async_generator,
}
