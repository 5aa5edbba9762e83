"""Learned values of a version: declared in its text, changed without new code."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StoreError


@dataclass(frozen=True)
class Param:
    """A value that learning may change.

    Attributes:
        default: The value before anything was learned.
        low: The least value that makes sense; None: unbounded.
        high: The greatest value that makes sense; None: unbounded.
        meaning: What it does, for people and for the model.
    """

    default: Any
    low: float | None = None
    high: float | None = None
    meaning: str = ""

    def problem_with(self, value: Any) -> str | None:
        """Return why a value cannot be this parameter's, or None when it can."""
        number = isinstance(self.default, (int, float)) and not isinstance(self.default, bool)
        if number and (not isinstance(value, (int, float)) or isinstance(value, bool)):
            return f"{value!r} is not a number"
        if not number and self.default is not None and type(value) is not type(self.default):
            return f"{value!r} is not of type {type(self.default).__name__}"
        if number and math.isnan(value):
            return "NaN is not a value"
        if self.low is not None and value < self.low:
            return f"{value!r} is below {self.low!r}"
        if self.high is not None and value > self.high:
            return f"{value!r} is above {self.high!r}"
        return None


class Params(Mapping[str, Any]):
    """The values in force for one version: learned ones where there are any, else defaults."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            known = ", ".join(self.__dict__.get("_values", {})) or "none"
            raise AttributeError(
                f"no parameter {name!r} is declared in PARAMS (declared: {known})"
            ) from None

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Params({self._values!r})"


def fill(params: Params, declared: Mapping[str, Param], learned: Mapping[str, Any]) -> None:
    """Give `params` its values; called by the loader once the module has run.

    Raises:
        StoreError: A learned value is not declared or outside its range.
    """
    values = {name: param.default for name, param in declared.items()}
    for name, value in learned.items():
        if name not in declared:
            raise StoreError(f"params.json sets {name!r}, which PARAMS does not declare.")
        problem = declared[name].problem_with(value)
        if problem:
            raise StoreError(f"params.json: {name}: {problem}.")
        values[name] = value
    params.__dict__["_values"] = values
