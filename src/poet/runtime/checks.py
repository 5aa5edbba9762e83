"""Check values against type hints, quickly and without changing them.

The meaning of a hint is PEP 484's, read kindly: an int is a float, a bool is an int, a NumPy
scalar is a number, `None` is accepted only where the hint says so. Containers are checked by a
sample of at most 64 elements spread evenly, so that the cost does not grow with the data;
iterators are never consumed. A hint that cannot be checked accepts everything.
"""

from __future__ import annotations

import collections.abc
import itertools
import numbers
import types
import typing
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError, MissingAttribute
from .frame import note_flag

SAMPLE = 64

# A checker returns None when the value fits, or what is wrong with it.
Checker = Callable[[Any], str | None]
_checkers: dict[Any, Checker] = {}


def check(name: str, value: Any, expected: Any) -> None:
    """Raise unless an argument fits its type hint.

    Raises:
        ArgumentError: The argument does not fit. It is a TypeError and a ValueError.
    """
    if type(value) is expected:
        return
    problem = problem_with(value, expected)
    if problem is not None:
        raise ArgumentError(f"{name} must be {show(expected)}; got {problem}")


def check_result(result: Any, expected: Any) -> Any:
    """Return the result unchanged, and flag it where it does not fit the return annotation."""
    if type(result) is not expected:
        problem = problem_with(result, expected)
        if problem is not None:
            flag(f"the result should be {show(expected)}; it is {problem}")
    return result


def flag(text: str) -> None:
    """Note something odd about this call in its execution event; the answer is not changed."""
    note_flag(text)


def reject(name: str, value: Any, why: str) -> typing.NoReturn:
    """Refuse an argument with a clear error.

    Raises:
        ArgumentError: Always.
    """
    raise ArgumentError(f"{name} {why}; got {_brief(value)}")


def need(name: str, value: Any, attribute: str) -> None:
    """Raise unless an argument has an attribute that the function uses on every path.

    Raises:
        MissingAttribute: It is an AttributeError too, as the original would have raised.
    """
    if not _has(value, attribute):
        raise MissingAttribute(f"{name} must have .{attribute}; got {_brief(value)}")


def _has(value: Any, attribute: str) -> bool:
    """As `hasattr`, without running a property of the value where its class shows that it has one."""
    if any(attribute in kind.__dict__ for kind in type(value).__mro__):
        return True
    return hasattr(value, attribute)


def need_iterable(name: str, value: Any) -> None:
    """Raise unless an argument can be iterated over; nothing is consumed.

    Raises:
        ArgumentError: It is a TypeError too, as the original would have raised.
    """
    kind = type(value)
    if not hasattr(kind, "__iter__") and not hasattr(kind, "__getitem__"):
        raise ArgumentError(f"{name} must be iterable; got {_brief(value)}")


def problem_with(value: Any, expected: Any) -> str | None:
    """Return what is wrong with a value for a hint, or None when it fits."""
    try:
        checker = _checkers.get(expected)
    except TypeError:  # an unhashable hint, such as Literal of a list
        checker = _compile(expected)
    if checker is None:
        checker = _checkers[expected] = _compile(expected)
    problem = checker(value)
    if problem is not None and type(value).__module__ == "unittest.mock":
        return None  # a test double stands for whatever the test says
    return problem


def show(expected: Any) -> str:
    """Return a hint as a person would write it."""
    if expected is None or expected is type(None):
        return "None"
    if isinstance(expected, type) and not isinstance(expected, types.GenericAlias):
        return expected.__name__
    if isinstance(expected, typing.TypeVar):
        kinds = expected.__constraints__ or (expected.__bound__ or Any,)
        return " or ".join(show(kind) for kind in kinds)
    return str(expected).replace("typing.", "").replace("collections.abc.", "")


def _brief(value: Any) -> str:
    if value is None:
        return "None"
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a broken __repr__ must not hide the real message
        text = "…"
    if len(text) > 80:
        text = text[:77] + "…"
    return f"{text} ({type(value).__name__})"


def _instance(*kinds: Any) -> Checker:
    def checker(value: Any) -> str | None:
        return None if isinstance(value, kinds) else _brief(value)

    return checker


def _anything(_value: Any) -> str | None:
    return None


_PLAIN: dict[Any, Checker] = {
    Any: _anything,
    object: _anything,
    None: _instance(type(None)),
    int: _instance(int, numbers.Integral),
    float: _instance(float, int, numbers.Real),
    complex: _instance(complex, float, int, numbers.Complex),
    bytes: _instance(bytes, bytearray, memoryview),
    typing.NoReturn: _anything,
    typing.Never: _anything,
    typing.LiteralString: _instance(str),
}


def _boolean(value: Any) -> str | None:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return None
    return _brief(value)


_PLAIN[bool] = _boolean


def _compile(hint: Any) -> Checker:
    try:
        if hint in _PLAIN:
            return _PLAIN[hint]
    except TypeError:
        pass
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin is typing.Annotated:
        return _compile(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return _union(hint, arguments)
    if origin is typing.Literal:
        return _literal(arguments)
    if isinstance(hint, typing.NewType):
        return _compile(hint.__supertype__)
    if isinstance(hint, typing.TypeVar):
        if hint.__bound__ is not None:
            return _compile(hint.__bound__)
        return _union(hint, hint.__constraints__) if hint.__constraints__ else _anything
    if hasattr(hint, "__value__") and type(hint).__name__ == "TypeAliasType":
        return _compile(hint.__value__)
    if typing.is_typeddict(hint):
        return _typed_dict(hint)
    if origin is not None:
        return _generic(origin, arguments)
    if isinstance(hint, type):
        return _class(hint)
    return _anything  # a forward reference, ParamSpec, Self, TypeGuard …


def _class(hint: type) -> Checker:
    if getattr(hint, "_is_protocol", False) and not getattr(hint, "_is_runtime_protocol", False):
        return _anything
    try:
        isinstance(None, hint)
    except TypeError:
        return _anything
    if getattr(hint, "_is_protocol", False):
        # A tuple has no __reversed__ when it runs, though type checkers count it as a Sequence.
        return _instance(hint, tuple) if hasattr(hint, "__reversed__") else _instance(hint)
    return _instance(hint)


def _union(hint: Any, arguments: tuple[Any, ...]) -> Checker:
    checkers = [_compile(a) for a in arguments]

    def checker(value: Any) -> str | None:
        problem = None
        for one in checkers:
            problem = one(value)
            if problem is None:
                return None
        return _brief(value)

    return checker


def _literal(arguments: tuple[Any, ...]) -> Checker:
    def checker(value: Any) -> str | None:
        for one in arguments:
            if one is value or (type(one) is type(value) and one == value):
                return None
            if isinstance(value, type(one)) and not isinstance(value, bool) and one == value:
                return None
        return _brief(value)

    return checker


def _typed_dict(hint: Any) -> Checker:
    fields = typing.get_type_hints(hint)
    # `__required_keys__` overlooks NotRequired in modules with postponed annotations.
    marked = typing.get_type_hints(hint, include_extras=True)
    required = [
        k for k in hint.__required_keys__ if typing.get_origin(marked[k]) is not typing.NotRequired
    ]

    def checker(value: Any) -> str | None:
        if not isinstance(value, collections.abc.Mapping):
            return _brief(value)
        for key in required:
            if key not in value:
                return f"a dict without {key!r}"
        for key, expected in fields.items():
            if key in value and (problem := problem_with(value[key], expected)):
                return f"{problem} for {key!r}, which must be {show(expected)}"
        return None

    return checker


def _generic(origin: Any, arguments: tuple[Any, ...]) -> Checker:
    if not isinstance(origin, type):
        return _anything
    base = _PLAIN.get(origin) or _class(origin)
    if origin is type:
        return _instance(type)
    if origin is tuple:
        return _tuple(base, arguments)
    if issubclass(origin, collections.abc.Mapping) and len(arguments) == 2:
        return _mapping(base, *arguments)
    if len(arguments) == 1 and issubclass(origin, collections.abc.Iterable):
        return _elements(base, arguments[0])
    return base


def _tuple(base: Checker, arguments: tuple[Any, ...]) -> Checker:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return _elements(base, arguments[0])
    if any(typing.get_origin(a) is typing.Unpack for a in arguments):
        return base

    def checker(value: Any) -> str | None:
        problem = base(value)
        if problem is not None:
            return problem
        if len(value) != len(arguments):
            return f"{len(value)} elements instead of {len(arguments)}: {_brief(value)}"
        for index, (item, expected) in enumerate(zip(value, arguments, strict=True)):
            if type(item) is not expected and (problem := problem_with(item, expected)):
                return f"{problem} at index {index}"
        return None

    return checker


def _mapping(base: Checker, key_hint: Any, value_hint: Any) -> Checker:
    def checker(value: Any) -> str | None:
        problem = base(value)
        if problem is not None or not isinstance(value, dict):
            return problem
        for key, item in itertools.islice(value.items(), SAMPLE):
            if type(key) is not key_hint and (problem := problem_with(key, key_hint)):
                return f"the key {problem}, keys must be {show(key_hint)}"
            if type(item) is not value_hint and (problem := problem_with(item, value_hint)):
                return f"{problem} for key {key!r}, which must be {show(value_hint)}"
        return None

    return checker


def _elements(base: Checker, hint: Any) -> Checker:
    def checker(value: Any) -> str | None:
        problem = base(value)
        if problem is not None or hint is Any or isinstance(value, (str, bytes, bytearray)):
            return problem
        if isinstance(value, (list, tuple)):
            size = len(value)
            step = max(1, -(-size // SAMPLE))
            pairs: Any = ((i, value[i]) for i in range(0, size, step))
        elif isinstance(value, (set, frozenset, collections.deque)):
            pairs = enumerate(itertools.islice(value, SAMPLE))
        else:
            return None  # reading from anything else could consume it or run its code
        for index, item in pairs:
            if type(item) is not hint and (problem := problem_with(item, hint)):
                where = f" at index {index}" if not isinstance(value, (set, frozenset)) else ""
                return f"{problem}{where}"
        return None

    return checker


__all__ = [
    "check",
    "check_result",
    "flag",
    "need",
    "need_iterable",
    "problem_with",
    "reject",
    "show",
]
