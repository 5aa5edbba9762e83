"""Type hints are checked as PEP 484 means them, kindly, and nothing is consumed or changed."""

import collections
import datetime
import decimal
import enum
import fractions
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest

from poet.enhanced import check, check_result, need, need_iterable, reject
from poet.errors import ArgumentError, MissingAttribute
from poet.runtime.checks import problem_with


class Colour(enum.Enum):
    RED = 1


@dataclass
class Point:
    x: int


class Movie(typing.TypedDict):
    title: str
    year: typing.NotRequired[int]


T = typing.TypeVar("T")
UserId = typing.NewType("UserId", int)


class Named(typing.Protocol):
    name: str


FITS = [
    (True, int), (3, float), (3, complex), (np.int64(3), int), (np.float32(1), float),
    (np.bool_(True), bool), (fractions.Fraction(1, 2), float), (None, None), (None, int | None),
    ("a", typing.Literal["a", "b"]), ([1, 2], list[int]), ([], list[str]), ({"a": 1}, dict[str, int]),
    ((1, "a"), tuple[int, str]), ((1, 2, 3), tuple[int, ...]), ((), tuple[()]), ({1}, set[int]),
    ("abc", Sequence[str]), ([1], Iterable[int]), (iter([1]), Iterator[int]), (len, Callable[..., int]),
    (Colour.RED, Colour), (Point(1), Point), ({"title": "x"}, Movie), ({"title": "x", "year": 1}, Movie),
    (3, UserId), ("x", T), (object(), Named), (b"x", bytes), (bytearray(b"x"), bytes),
    (datetime.datetime(2020, 1, 1), datetime.date), (int, type[int]), (int, type),
    (collections.OrderedDict(a=1), dict[str, int]), (3, typing.Annotated[int, "x"]),
    (decimal.Decimal(1), decimal.Decimal), ({"a": [1]}, Mapping[str, list[int]]), (3, typing.Any),
    (3, "a forward reference"), (mock.Mock(), int), ([1, "a"], list[int | str]), (range(3), Sequence[int]),
]  # fmt: skip
VIOLATES = [
    ("1", int), (1.0, int), ("1", float), (None, int), (1, str), (1, bool), (1, bytes), ("a", bytes),
    ("c", typing.Literal["a", "b"]), (["a"], list[int]), ((1,), list), ({"a": "b"}, dict[str, int]),
    ({1: 1}, dict[str, int]), ((1,), tuple[int, str]), (("a", "b"), tuple[int, str]), ([1], tuple[int, ...]),
    ({"a"}, set[int]), (3, Iterable[int]), (3, Callable[..., int]), ("RED", Colour), ({"x": 1}, Point),
    ({"year": 1}, Movie), ({"title": 3}, Movie), ("3", UserId), ("2020-01-01", datetime.date),
    (3, type[int]), (1.5, decimal.Decimal), ({"a": ["b"]}, Mapping[str, list[int]]), ([1, None], list[int]),
    ("x", int | None), (3, str | bytes), ([*range(1000), "x"][::-1], list[int]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "hint"), FITS)
def test_a_value_that_fits_is_never_refused(value, hint):
    """A right call is never rejected."""
    assert problem_with(value, hint) is None


@pytest.mark.parametrize(("value", "hint"), VIOLATES)
def test_a_value_that_violates_is_refused(value, hint):
    """The message names argument, expected and given."""
    with pytest.raises(ArgumentError, match=r"price must be .+; got "):
        check("price", value, hint)


def test_an_iterator_is_not_consumed():
    """Checking looks, it does not read."""
    numbers = iter([1, "a"])
    check("numbers", numbers, Iterator[int])
    assert list(numbers) == [1, "a"]


def test_the_cost_of_a_check_does_not_grow_with_the_data():
    """At most a bounded sample of elements is looked at."""
    looked = []

    class Watched(list):
        def __getitem__(self, index):
            looked.append(index)
            return super().__getitem__(index)

    check("xs", Watched(range(1_000_000)), list[int])
    assert 0 < len(looked) <= 64


def test_a_refused_argument_is_a_type_error_and_a_value_error():
    """Existing except clauses keep working."""
    for kind in (TypeError, ValueError):
        with pytest.raises(kind):
            check("x", "a", int)


def test_needed_attribute_raises_what_the_original_would():
    """Lacking .lower is an AttributeError, as it would have been."""
    with pytest.raises(AttributeError, match=r"name must have \.lower"):
        need("name", 3, "lower")
    assert issubclass(MissingAttribute, ArgumentError)
    need("name", "x", "lower")
    need_iterable("xs", [])
    with pytest.raises(TypeError):
        need_iterable("xs", 3)


def test_a_result_is_returned_untouched():
    """A result that contradicts its annotation is flagged, never changed."""
    result = [1]
    assert check_result(result, dict) is result


def test_reject_says_why():
    """A refusal of a version's own reads like the others."""
    with pytest.raises(ArgumentError, match="days must be positive; got -3"):
        reject("days", -3, "must be positive")


def test_broken_repr_does_not_hide_the_message():
    """The user's own __repr__ may fail."""

    class Broken:
        def __repr__(self):
            raise RuntimeError

    with pytest.raises(ArgumentError, match="Broken"):
        check("x", Broken(), int)
