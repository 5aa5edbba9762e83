"""What people and systems say of executions: kept verbatim, never refused for its form."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from uuid_utils import UUID, uuid7

from ..errors import ExecutionNotFound
from ..events import emit
from ..runtime.executions import Execution, execution_of, newest_in_context
from ..runtime.state import DecoratedFunction
from ..settings import settings_for

__all__ = ["Episode", "episode", "execution", "feedback", "run"]


@dataclass
class Episode:
    """Several executions that share one outcome; give feedback on it as on one of them."""

    id: str
    functions: list[DecoratedFunction] = field(default_factory=list, repr=False)


_episode: ContextVar[Episode | None] = ContextVar("poet_episode", default=None)


@contextlib.contextmanager
def episode() -> Iterator[Episode]:
    """Join the executions inside this block to one episode.

    Their events carry the episode's id as `correlation_id`, and `poet.feedback(episode, …)`
    speaks of all of them.
    """
    from ..runtime.state import correlation

    mine = Episode(str(uuid7()))
    token = _episode.set(mine)
    outer = correlation.set(mine.id)
    try:
        yield mine
    finally:
        correlation.reset(outer)
        _episode.reset(token)


def execution(result: Any) -> Execution:
    """Return the execution that a result came from.

    A list, dict or object is recognised by its identity. A bare value (None, True, 7, "ok")
    means the newest execution in this thread or task that returned an equal one.

    Raises:
        ExecutionNotFound: None is known here, or several could be meant.
    """
    return execution_of(result)


def run(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Execution:
    """Call a decorated function and return its execution: `.id` for a ticket, `.result`.

    A coroutine function cannot be run this way; await it and use `poet.execution(result)`.

    Raises:
        TypeError: `function` is not decorated, or is async.
        Exception: Whatever the function raises.
    """
    import inspect

    state = getattr(function, "__poet__", None)
    if not isinstance(state, DecoratedFunction):
        raise TypeError(f"poet.run takes a function decorated with @poet; got {function!r}")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            "poet.run is for sync functions; await yours and use poet.execution(result)"
        )
    if inspect.isgeneratorfunction(function):
        raise TypeError("poet.run is for functions that return; exhaust the generator yourself")
    before = newest_in_context()
    result = function(*args, **kwargs)
    newest = newest_in_context()
    if newest is None or newest == before:
        raise ExecutionNotFound(
            f"{state.qualname} ran without POET (it is switched off here), so it has no execution."
        )
    return Execution(newest[0], state.name, newest[2], result, state.root)


def feedback(
    target: Any,
    value: Any,
    *,
    metric: str | None = None,
    source: str | None = None,
    tags: Sequence[str] | Mapping[str, Any] | None = None,
    root: Path | str | None = None,
) -> str:
    """Say something about an execution, an episode or a function, in any form.

    Args:
        target: What it is about: a result, an `Execution`, an execution id (also of another
            process, also before its record has arrived), an `Episode`, or a decorated function.
        value: A text, bool, number, dict, exception, the output that would have been right, …
        metric: Name of what a number measures.
        source: Who or what says so.
        tags: Words, or names with values, to find it by.
        root: The `.poet/` folder, where the target does not tell: the id of another process's
            execution. Default: that of the only decorated module, else of the working folder.

    Returns:
        The id of the feedback's event. It is on disk when this returns.

    Raises:
        ExecutionNotFound: `target` is a result that no known execution returned.
    """
    about, name, where = _target(target)
    folder = Path(root).absolute() if root is not None else where or _only_root()
    settings = settings_for(folder.parent)
    return emit(
        folder,
        "function.feedback",
        {
            **about,
            "function": name,
            "content": _verbatim(value),
            "feedback_type": _form(value),
            "metric": metric,
            "provider": source,
            "tags": list(tags) if isinstance(tags, (list, tuple, set)) else tags,
        },
        environment=settings.environment,
        service=settings.service,
        causation_id=about.get("execution_id"),
        required=True,
    )


def _target(target: Any) -> tuple[dict[str, Any], str | None, Path | None]:
    if isinstance(target, Execution):
        return {"execution_id": target.id}, target.function, target.root
    if isinstance(target, Episode):
        return {"episode_id": target.id}, None, None
    state = getattr(target, "__poet__", None)
    if isinstance(state, DecoratedFunction):
        return {}, state.name, state.root
    if isinstance(target, str) and _is_execution_id(target):
        return {"execution_id": target}, None, None
    found = execution_of(target)
    return {"execution_id": found.id}, found.function, found.root


def _is_execution_id(text: str) -> bool:
    try:
        return len(text) == 36 and UUID(text).version == 7
    except ValueError:
        return False


def _states() -> list[DecoratedFunction]:
    from .._decorator import decorated

    return [f.__poet__ for f in decorated.values()]  # type: ignore[attr-defined]


def _only_root() -> Path:
    roots = {state.root for state in _states()}
    return roots.pop() if len(roots) == 1 else Path.cwd() / ".poet"


def _form(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, BaseException):
        return "exception"
    if isinstance(value, Mapping):
        return "structured"
    return "value"


def _verbatim(value: Any) -> Any:
    if isinstance(value, BaseException):
        return {
            "type": type(value).__name__,
            "message": str(value),
            "traceback": "".join(traceback.format_exception(value))[-4000:],
        }
    return value
