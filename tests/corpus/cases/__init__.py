"""Known-good calls, violations and border-line calls for every function of the corpus.

One module per module of `functions`, with the same name, holding one `Cases`. The two packages are
imported side by side from one folder (see `benchmarks/corpus.py`), so a copy of them works anywhere.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Compare = Literal["exact", "type", "shape"]


@dataclass(frozen=True)
class Fresh:
    """An argument that cannot be copied (an iterator, an open file): made anew for each call."""

    make: Callable[[], Any]


@dataclass(frozen=True)
class Call:
    """One call: its arguments, the files that must lie in the working folder, how to compare.

    `compare` is "exact" unless the value cannot repeat (a time, an id: "type") or the function is
    a stub, whose keys and types are kept but whose values are to be improved ("shape").
    """

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    compare: Compare = "exact"

    def with_files(self, **files: str) -> Call:
        """The same call in a folder that holds these files; `data_csv` is written as data.csv."""
        return replace(self, files={name.replace("_", ".", 1): text for name, text in files.items()})

    def fresh_arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments that this call may change without another call seeing it."""
        memo: dict[int, Any] = {}  # shared, so that one object passed twice stays one object
        args = tuple(_fresh(value, memo) for value in self.args)
        return args, {name: _fresh(value, memo) for name, value in self.kwargs.items()}


def _fresh(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, Fresh):
        return value.make()
    try:
        return copy.deepcopy(value, memo)
    except TypeError:  # a read-only view: nothing to protect
        return value


def call(*args: Any, **kwargs: Any) -> Call:
    return Call(args, kwargs)


def loosely(how: Compare, *calls: Call | tuple[Any, ...]) -> list[Call]:
    return [replace(_call(one), compare=how) for one in calls]


@dataclass(frozen=True)
class Case:
    """A call of one target; `argument` names the argument that a violation gets wrong."""

    target: str
    call: Call
    kind: Literal["good", "violation", "right"]
    argument: str = ""


class Cases:
    """The cases of one module of functions."""

    def __init__(self, module: Any, domain: str = "reliability") -> None:
        self.module = module
        self.domain = domain
        self.all: list[Case] = []

    def good(self, target: Any, *calls: Call | tuple[Any, ...]) -> None:
        """Calls inside the contract: the enhanced function must answer exactly as the plain one."""
        self.all += [Case(name_of(target), _call(one), "good") for one in calls]

    def bad(self, target: Any, argument: str, *calls: Call | tuple[Any, ...]) -> None:
        """Calls that break the annotation of `argument`, and that the plain function lets pass."""
        self.all += [Case(name_of(target), _call(one), "violation", argument) for one in calls]

    def right(self, target: Any, *calls: Call | tuple[Any, ...]) -> None:
        """Calls near the border of the annotations, which nobody may reject."""
        self.all += [Case(name_of(target), _call(one), "right") for one in calls]

    def targets(self) -> list[str]:
        return list(dict.fromkeys(case.target for case in self.all))

    def __iter__(self) -> Iterator[Case]:
        return iter(self.all)


def _call(one: Call | tuple[Any, ...]) -> Call:
    return one if isinstance(one, Call) else Call(one)


def name_of(target: Any) -> str:
    return target if isinstance(target, str) else target.__qualname__
