"""The decorator: `@poet`, `@poet()` and `@poet(domain="api", …)`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar, overload

from .errors import DecorationError
from .runtime.calls import wrap
from .runtime.state import DecoratedFunction, warn_once
from .settings import is_enabled, settings_for
from .source import SourceUnavailable, captured, module_name
from .spec import make_spec

F = TypeVar("F", bound=Callable[..., Any])

# Every function decorated in this process, by file and qualified name: a reload replaces.
decorated: dict[tuple[str, str], Callable[..., Any]] = {}


class Decorator(Protocol):
    """What `poet(...)` returns: it gives back the type that it was given."""

    def __call__(self, function: F, /) -> F:
        """Decorate one function."""


@overload
def poet(function: F, /) -> F: ...
@overload
def poet(
    *,
    domain: str | None = None,
    optimize_for: str | Callable[[Any], float] | None = None,
    objectives: Mapping[str, Any] | None = None,
    constraints: Mapping[str, Any] | None = None,
    examples: Iterable[Any] | None = None,
    learning: bool | str | None = None,
    idempotent: bool | None = None,
    retries: int | None = None,
    timeout: float | None = None,
    grants: Iterable[str] | None = None,
    isolation: str = "inprocess",
    record: bool = False,
    strict: bool = False,
    sandbox: str = "auto",
) -> Decorator: ...
def poet(function: Any = None, /, **options: Any) -> Any:
    """Make a function production-ready, and let it learn.

    The decorated function is called exactly like the plain one; its results and exceptions are
    its own. The first call writes a version to `.poet/` next to the module (see `poet show`) and
    runs it; nothing is generated, read or written by decorating.

    Args:
        function: The function, when used without parentheses.
        **options: All keyword-only; see `poet.spec.Spec` for each. `domain` chooses what POET
            knows of the field (`poet domains`); `optimize_for`, `objectives` and `constraints`
            say what later versions should become better at; `examples` are calls that must stay
            right; `idempotent`, `retries` and `timeout` decide what may be repeated, how often
            and for how long (seconds).

    Raises:
        DecorationError: What is decorated, or an option, cannot be used; the message says what
            to do instead.

    ::

        @poet(domain="api", timeout=5.0)
        def fetch_user(user_id: int) -> dict:
            return requests.get(f"{BASE}/users/{user_id}").json()
    """
    if function is not None and options:
        raise DecorationError("Give options by keyword only: @poet(domain=…).")
    if function is not None and not callable(function) and not _is_descriptor(function):
        raise DecorationError(
            f"@poet takes options by keyword only; {function!r} was given by position. "
            f"Write @poet(domain={function!r})."
            if isinstance(function, str)
            else f"@poet decorates functions, not {type(function).__name__} objects."
        )
    make_spec(options)  # a wrong option is an error where it is written, even when switched off
    decorate = functools.partial(_decorate, options=options)
    return decorate(function) if function is not None else decorate


def _is_descriptor(thing: Any) -> bool:
    return isinstance(thing, (classmethod, staticmethod, property))


def _decorate(function: Any, *, options: dict[str, Any]) -> Any:
    if isinstance(function, (classmethod, staticmethod)):
        # In this order the function inside is what is enhanced; the outside stays what it was.
        return type(function)(_decorate(function.__func__, options=options))
    _refuse_what_cannot_be_decorated(function)
    where = f"@poet on {getattr(function, '__qualname__', function)}"
    spec = make_spec(options, where)
    if spec.isolation == "process":
        _refuse_what_cannot_be_isolated(function)
    if not is_enabled():
        return function
    state = _state_for(function, spec)
    wrapper = wrap(state)
    decorated[(str(state.file), state.qualname)] = wrapper
    return wrapper


def _refuse_what_cannot_be_decorated(function: Any) -> None:
    if inspect.isclass(function):
        raise DecorationError(
            f"@poet decorates functions; {function.__name__} is a class. Decorate its methods."
        )
    if isinstance(function, property):
        raise DecorationError("@poet goes below @property: decorate the function inside it.")
    if isinstance(function, functools.partial):
        raise DecorationError("@poet cannot decorate a partial; decorate the function it calls.")
    if not callable(function):
        raise DecorationError(f"@poet decorates functions, not {type(function).__name__} objects.")
    if hasattr(function, "__poet__"):
        raise DecorationError(
            f"{function.__qualname__} is decorated with @poet already; put all options into one."
        )
    if not hasattr(function, "__name__"):
        raise DecorationError(
            f"@poet decorates functions; decorate {type(function).__name__}.__call__ instead."
        )


def _refuse_what_cannot_be_isolated(function: Any) -> None:
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise DecorationError(
            f"isolation='process' is for functions that return; {function.__qualname__} is a "
            "generator, whose items would have to cross between processes one by one."
        )
    if captured_or_none(function) is None:
        raise DecorationError(
            f"isolation='process' needs the text of {getattr(function, '__qualname__', function)}; "
            "put it into a file."
        )


def captured_or_none(function: Any) -> Any:
    """Return what reads the function's source, or None where there is no text."""
    try:
        return captured(function)
    except SourceUnavailable:
        return None


def _state_for(function: Any, spec: Any) -> DecoratedFunction:
    plain = inspect.unwrap(function)
    code = getattr(plain, "__code__", None)
    file = Path(code.co_filename) if code is not None else None
    if file is not None and not file.is_file():
        file = None  # a notebook's cell, a prompt, exec
    if file is not None:
        file = file.absolute()
    problem = None
    try:
        read_source = captured(function)
    except SourceUnavailable as error:
        read_source, problem = None, error
    state = DecoratedFunction(
        original=function,
        spec=spec,
        read_source=read_source,
        file=file,
        module=_module_of(plain, file),
        settings=functools.partial(settings_for, file.parent if file else None),
        prepare=_prepare,
        isolate=_isolate,
    )
    if problem is not None:
        warn_once(
            state,
            f"@poet cannot read {state.qualname}: {problem} It runs with checks of its "
            "annotations only. Put it into a file to have it enhanced.",
        )
    return state


def _module_of(plain: Any, file: Path | None) -> str:
    name = getattr(plain, "__module__", None) or "__main__"
    if name in ("__main__", "__mp_main__"):
        spec = getattr(plain, "__globals__", {}).get("__spec__")
        return getattr(spec, "name", None) or (module_name(file) if file else "__main__")
    return str(name)


def _prepare(state: DecoratedFunction) -> None:
    """Make a version where none is stored. Imported here: most calls never need it."""
    from .generate import prepare

    prepare(state)


def _isolate(state: DecoratedFunction, version: Any) -> Callable[..., Any]:
    """Run a version in worker processes. Imported here for the same reason."""
    from .generate.isolated import isolated_entry

    return isolated_entry(state, version)
