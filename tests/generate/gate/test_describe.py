"""Descriptions: equal exactly when the values are, types included."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poet.generate.gate.describe import brief, describe, describe_error


class Colour(enum.Enum):
    RED = 1
    CRIMSON = 1  # noqa: PIE796 - an alias
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: int
    y: int


Pair = collections.namedtuple("Pair", "a b")


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a):
        self.a = a


DIFFERENT = [
    (1, True), (1, 1.0), (0.0, -0.0), ("1", 1), ([1], (1,)), ({1}, frozenset({1})), (b"a", bytearray(b"a")),
    ({"a": 1}, collections.OrderedDict(a=1)), ({"a": 1}, collections.defaultdict(int, a=1)),
    (Pair(1, 2), (1, 2)), (Point(1, 2), Point(1, 3)), (Colour.RED, Colour.BLUE), (Colour.RED, 1),
    (decimal.Decimal("1.0"), decimal.Decimal("1.00")), (datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1)),
    (datetime.datetime(2024, 1, 1), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)),
    (Path("a"), "a"), (re.compile("a"), re.compile("b")), (re.match("a", "ab"), re.match("a", "ac")),
    (ValueError("a"), ValueError("b")), (ValueError("a"), TypeError("a")), (len, max), (int, float),
    (Slotted(1), Slotted(2)), ([1, 2], [2, 1]), (None, ...), (range(3), range(4)), (1e-300, 0.0),
    (collections.Counter("a"), {"a": 1}), (b"", ""), ([[]], [[], []]), (float("inf"), float("nan")),
    ("a" * 5000, "a" * 4999 + "b"), (list(range(9000)), [*range(8000), -1, *range(8001, 9000)]),
    (2**5000, 2**5000 + 1), (collections.deque([1], 3), collections.deque([1])),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=str)
def test_different_values_have_different_descriptions(one, other):
    """A comparison that the user would notice is noticed."""
    assert describe(one) != describe(other)


SAME = [
    (float("nan"), float("nan")), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ({3, 1, 2}, {2, 1, 3}),
    (Colour.RED, Colour.CRIMSON), (Slotted(1), Slotted(1)), (ValueError("x"), ValueError("x")),
    (object(), object()), (lambda: 1, lambda: 1),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME, ids=str)
def test_equal_values_have_equal_descriptions(one, other):
    """NaN is NaN, a dict has no order, and addresses do not count."""
    assert describe(one) == describe(other)


def test_cycles_end():
    """A list inside itself is described, and differs from another shape of cycle."""
    one = [1]
    one.append(one)
    other = [1]
    other.append([1, other])
    assert describe(one) != describe(other)
    json.dumps(describe(one))


def test_objects_are_described_by_their_attributes():
    """Also private ones: state that a method changes is state."""

    class Counter:
        def __init__(self, n):
            self.name = "c"
            self._n = n

    assert describe(Counter(1)) != describe(Counter(2))


def test_exceptions_keep_their_attributes():
    """A status on an exception is part of what the caller catches."""

    class Failed(Exception):
        def __init__(self, status):
            super().__init__("failed")
            self.status = status

    assert describe_error(Failed(1)) != describe_error(Failed(2))


def test_a_broken_repr_is_no_failure():
    """A user's `__repr__` may raise; the description says so."""

    class Broken:
        __slots__ = ()

        def __repr__(self):
            raise RuntimeError("no")

    assert "RuntimeError" in json.dumps(describe(Broken()))


def test_arrays_and_frames():
    """Type, shape, every value; NaN equals NaN."""
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    nan = numpy.array([1.0, numpy.nan])
    assert describe(nan) == describe(nan.copy())
    assert describe(nan) != describe(nan.astype("float32"))
    assert describe(numpy.zeros((2, 3))) != describe(numpy.zeros((3, 2)))
    assert describe(numpy.float64(1.0)) != describe(1.0)
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert describe(frame) == describe(frame.copy())
    assert describe(frame) != describe(frame.astype({"a": float}))
    assert describe(frame) != describe(frame.rename(columns={"a": "c"}))
    assert describe(frame) != describe(frame.set_index("a"))


data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(data)
def test_any_data_survives_json(value):
    """Descriptions are data: JSON keeps them, and a copy is described the same."""
    tree = describe(value)
    assert json.loads(json.dumps(tree)) == tree
    assert isinstance(brief(tree), str)
