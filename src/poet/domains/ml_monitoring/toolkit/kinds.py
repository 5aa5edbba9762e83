"""Decide what a column is, and bring it into the form that is compared.

numeric      numbers; infinities count as the largest and smallest values
boolean      True and False; compared as two categories
categorical  texts and other labels of which there are few
text         texts of which there are many: their lengths are compared
datetime     a time axis: it moves on by nature, so it is not compared
identifier   a different value in each row, named so: not compared
empty        nothing but missing values
"""

from __future__ import annotations

import datetime
import decimal
import numbers
import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .tables import Array

Kind = Literal[
    "numeric", "boolean", "categorical", "text", "datetime", "identifier", "empty"
]  # fmt: skip
Floats = NDArray[np.float64]

_MANY_LABELS = 50  # more distinct texts than this, and mostly distinct: free text
_IDENTIFIER = re.compile(r"(^|_|\b)(id|ids|index|idx|uuid|guid|key|row|rownum)$", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column of one side, without its missing values.

    Attributes:
        name: Of the column.
        kind: See the module's docstring.
        total: Rows, missing values included.
        missing: Rows that are None, NaN, NaT or pandas.NA.
        values: Numbers in the order of the rows; lengths for texts; empty for categories.
        counts: How often each label occurs; empty for numbers.
    """

    name: str
    kind: Kind
    total: int
    missing: int
    values: Floats = field(repr=False)
    counts: dict[Hashable, int] = field(default_factory=dict, repr=False)

    @property
    def present(self) -> int:
        """Rows that have a value."""
        return self.total - self.missing


def read(name: str, array: Array, like: Kind | None = None) -> Column:
    """Return a column in the form that is compared.

    Args:
        name: Of the column.
        array: Its values.
        like: The kind that the other side has. It decides where this side could be either: texts
            or labels, whole numbers or an identifier.
    """
    if array.dtype.kind in "iuf":
        return _numbers(name, array, like)
    if array.dtype.kind in "mM":
        gone = np.isnat(array)
        return _column(name, "datetime", len(array), gone, array[~gone].astype("int64"))
    if array.dtype.kind == "b":
        yes = int(array.sum())
        counts: dict[Hashable, int] = {
            v: n for v, n in ((True, yes), (False, len(array) - yes)) if n
        }
        return Column(name, "boolean", len(array), 0, np.empty(0), counts)
    return _objects(name, array.tolist(), like)


def _numbers(name: str, array: Array, like: Kind | None) -> Column:
    values = array.astype(np.float64, copy=False)
    if array.dtype.kind == "f":
        gone = np.isnan(values)
        missing = int(gone.sum())
        if missing:
            values = values[~gone]
    else:
        missing = 0
    if not len(values):
        return Column(name, "empty", len(array), missing, values)
    kind: Kind = "numeric"
    if like != "numeric" and _IDENTIFIER.search(name) and _each_once(values):
        kind = "identifier"
    return Column(name, kind, len(array), missing, values)


def _each_once(values: Floats) -> bool:
    return len(values) > 1 and len(np.unique(values)) == len(values)


def _objects(name: str, values: list[Any], like: Kind | None) -> Column:
    # Everything is judged by the distinct values: a million labels are mostly a few.
    counts = _counted(values)
    gone = [label for label in counts if is_missing(label)]
    missing = sum(counts.pop(label) for label in gone)
    total = len(values)
    if not counts:
        return Column(name, "empty", total, missing, np.empty(0))
    if all(isinstance(v, (bool, np.bool_)) for v in counts):
        counts = {bool(v): n for v, n in counts.items()}
        return Column(name, "boolean", total, missing, np.empty(0), counts)
    if all(isinstance(v, (numbers.Real, decimal.Decimal)) for v in counts):
        found = [float(v) for v in values if not is_missing(v)]
        column = _numbers(name, np.asarray(found), like)
        return Column(name, column.kind, total, missing, column.values)
    if all(isinstance(v, (datetime.date, datetime.time, np.datetime64)) for v in counts):
        return Column(name, "datetime", total, missing, np.empty(0))
    return _texts(name, values, counts, missing, like)


def _counted(values: list[Any]) -> dict[Hashable, int]:
    try:
        return dict(Counter(values))
    except TypeError:  # a list or dict as a value
        return dict(Counter(v if is_missing(v) else repr(v) for v in values))


def _texts(
    name: str, values: list[Any], counts: dict[Hashable, int], missing: int, like: Kind | None
) -> Column:
    total, distinct = len(values), len(counts)
    many = distinct > _MANY_LABELS and distinct > 0.5 * (total - missing)
    if like in ("categorical", "boolean") or (like != "text" and not many):
        return Column(name, "categorical", total, missing, np.empty(0), counts)
    if like is None and _IDENTIFIER.search(name) and distinct == total - missing:
        return Column(name, "identifier", total, missing, np.empty(0))
    lengths = np.asarray([len(str(v)) for v in values if not is_missing(v)], dtype=float)
    return Column(name, "text", total, missing, lengths)


def _column(name: str, kind: Kind, total: int, gone: Array, values: Array) -> Column:
    missing = int(gone.sum())
    if missing == total:
        kind = "empty"
    return Column(name, kind, total, missing, values.astype(np.float64))


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for "there is none": None, NaN, NaT, pandas.NA."""
    if value is None:
        return True
    if type(value) in (str, int, bool):
        return False
    try:
        return bool(value != value)  # noqa: PLR0124 - what is unequal to itself is NaN or NaT
    except (TypeError, ValueError):  # pandas.NA has no truth value; an array has several
        return type(value).__name__ == "NAType"
