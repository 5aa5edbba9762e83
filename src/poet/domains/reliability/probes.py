"""Behaviours that every version must show, whatever its function does.

A probe is given the version's entry function, loaded in the sandbox, and raises an AssertionError
that says what is wrong. These look at the parts alone and never call the user's function.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def _part(function: Callable[..., Any], name: str) -> Callable[..., Any] | None:
    part = getattr(function, "__globals__", {}).get(name)
    return part if inspect.isfunction(part) and part is not function else None


def probe_result_is_untouched(function: Callable[..., Any]) -> None:
    """`enforce` returns the very object that it was given."""
    enforce = _part(function, "enforce")
    if enforce is None or inspect.isgeneratorfunction(enforce):
        return
    for result in (None, 0, "", [], {"a": 1}, object()):
        try:
            passed_on = enforce(result)
        except TypeError:
            continue  # strict=True asks for an error where the annotation is contradicted
        assert passed_on is result, f"enforce changed a result: {result!r} became {passed_on!r}"


def probe_iterators_are_not_consumed(function: Callable[..., Any]) -> None:
    """`perceive` reads nothing from an iterator that it checks."""
    perceive = _part(function, "perceive")
    if perceive is None:
        return
    # Between the parts, *args is a tuple and **kwargs a dict; all others may be an iterator.
    empty: dict[Any, Any] = {
        inspect.Parameter.VAR_POSITIONAL: (),
        inspect.Parameter.VAR_KEYWORD: {},
    }
    parameters = inspect.signature(function).parameters
    given: dict[str, Any] = {
        n: empty[p.kind] if p.kind in empty else iter([1, 2, 3]) for n, p in parameters.items()
    }
    try:
        perceive(*given.values())
    except (TypeError, ValueError, AttributeError):
        return  # an iterator is not what these parameters take
    for name, stream in given.items():
        if parameters[name].kind not in empty:
            assert list(stream) == [1, 2, 3], f"perceive read from the iterator given for {name}"
