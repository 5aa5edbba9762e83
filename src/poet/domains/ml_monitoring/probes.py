"""Behaviours that every drift monitor must show, however it was written.

A probe is given the version's entry function and calls it by the roles of its parameters. A method
is given a `self` whose every attribute is the reference.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from poet.domains.ml_monitoring.results import NEGATIVE
from poet.domains.ml_monitoring.roles import Roles, roles_of, words

if TYPE_CHECKING:
    from poet.source import FunctionSource

_FLAGS = frozenset(
    "drift_detected drift drifted is_drift has_drift is_drifted drifting detected alert shifted"
    " shift_detected".split()
)


def APPLIES(source: FunctionSource) -> bool:
    """Tell whether the function is a stub of a monitor that compares two sides and says so."""
    if not source.is_stub:
        return False
    own = source.parameters[1 if source.method in ("instance", "class") else 0 :]
    plain = [p for p in own if not p.kind.startswith("VAR_")]
    roles = roles_of(
        source.name,
        [p.name for p in plain],
        required=[p.name for p in plain if p.default is None],
    )
    known = {roles.current, roles.reference}
    if any(p.default is None and p.name not in known for p in plain):
        return False
    return roles.current is not None and (
        roles.reference is not None or source.method == "instance"
    )


class _Owner:
    """A `self` for methods: the reference, whatever it is called there."""

    def __init__(self, reference: Any) -> None:
        self._reference = reference

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._reference


def _call(function: Callable[..., Any], current: Any, reference: Any) -> Any:
    parameters = inspect.signature(function).parameters
    own = list(parameters)
    given: dict[str, Any] = {}
    if own[:1] == ["self"]:
        given[own.pop(0)] = _Owner(reference)
    roles: Roles = roles_of(
        function.__name__,
        own,
        required=[n for n in own if parameters[n].default is inspect.Parameter.empty],
    )
    if roles.current:
        given[roles.current] = current
    if roles.reference:
        given[roles.reference] = reference
    bound = inspect.signature(function).bind(**given)
    result = function(*bound.args, **bound.kwargs)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def _flag(function: Callable[..., Any], result: Any) -> bool | None:
    """Return what a result says of drift; None when it has no such word."""
    if isinstance(result, bool):  # `is_stable` asks the opposite question
        return result != bool(set(words(function.__name__)) & NEGATIVE)
    if isinstance(result, dict):
        for key, value in result.items():
            if isinstance(value, bool) and "_".join(words(str(key))) in _FLAGS:
                return value
    if isinstance(result, tuple):
        return next((v for v in result if isinstance(v, bool)), None)
    return None


def _normal(size: int, seed: int, mean: float = 0.0) -> Any:
    return np.random.default_rng(seed).normal(mean, 1.0, size)


def _says(function: Callable[..., Any], current: Any, reference: Any, wanted: bool) -> None:
    found = _flag(function, _call(function, current, reference))
    if found is not None:
        what = "drift" if wanted else "no drift"
        assert found is wanted, f"expected {what}, and the answer was {found!r}"


def probe_same_data_are_no_drift(function: Callable[..., Any]) -> None:
    """The same values on both sides have not drifted, in any form."""
    values = _normal(200, 1)
    for form in (values, values.tolist(), {"a": values, "b": values[::-1]}):
        _says(function, form, form, False)


def probe_shifted_mean_is_drift(function: Callable[..., Any]) -> None:
    """A mean that moved by one standard deviation is found in 500 values."""
    _says(function, _normal(500, 2, 1.0), _normal(500, 3), True)
    _says(function, _normal(500, 3), _normal(500, 2, 1.0), True)


def probe_new_labels_are_drift(function: Callable[..., Any]) -> None:
    """Labels that were never seen and make up half of the values are drift."""
    _says(function, ["a", "x"] * 100, ["a", "b"] * 100, True)


def probe_empty_input_is_answered(function: Callable[..., Any]) -> None:
    """No rows, on one side or both, are no drift and no crash."""
    values = _normal(50, 4)
    for current, reference in (([], values), (values, []), ([], []), (values[:0], values)):
        _says(function, current, reference, False)


def probe_result_keeps_its_form(function: Callable[..., Any]) -> None:
    """The type of the answer, and its keys, are the same for every input."""
    values = _normal(100, 5)
    answers = [
        _call(function, *sides)
        for sides in (([], values), (values, values), (values + 3, values), ([1.0], values))
    ]
    first = answers[0]
    for answer in answers:
        assert type(answer) is type(first), f"{type(first)} became {type(answer)}"
        if isinstance(first, dict) and _flag(function, first) is not None:
            assert list(answer) == list(first), f"keys {list(first)} became {list(answer)}"


def probe_missing_values_are_answered(function: Callable[..., Any]) -> None:
    """NaN and None are no crash; a few of them on both sides are no drift."""
    values = _normal(300, 6)
    values[::30] = np.nan
    _says(function, values, values, False)
    _call(function, [None, 1.0, 2.0, None] * 20, values)
    _call(function, np.full(50, np.nan), values)


def probe_constants_are_answered(function: Callable[..., Any]) -> None:
    """A constant column is no crash; the same constant is no drift, another one is."""
    _says(function, np.ones(100), np.ones(100), False)
    _says(function, np.full(100, 2.0), np.ones(100), True)


def probe_tiny_samples_do_not_alarm(function: Callable[..., Any]) -> None:
    """Two or three values never are enough to call anything drift."""
    _says(function, [5.0, 6.0], [1.0, 2.0, 3.0], False)
