"""Values that go into the sandbox come out the same, and nothing runs when they are read."""

import collections
import datetime
import decimal
import fractions
import math
import pathlib
import re
import uuid

import pytest

from poet.generate.sandbox.codec import NotData, decode, encode
from poet.spec import Example

VALUES = [
    None, True, 0, -(10**40), 1.5, -0.0, "text", "\ud800", [1, [2]], (1, (2,)), {1, 2}, frozenset("a"),
    {"a": 1, 2: "b", (1, 2): None}, b"\x00\xff", bytearray(b"x"), 1 + 2j, decimal.Decimal("1.10"),
    fractions.Fraction(1, 3), datetime.date(2024, 2, 29), datetime.time(9, 30),
    datetime.datetime(2024, 3, 15, 9, 30, tzinfo=datetime.UTC), datetime.timedelta(-1, 5, 7),
    pathlib.Path("a/b"), uuid.UUID(int=5), range(1, 10, 2), collections.deque([1, 2]), len, re.compile,
    Example((1,), {"a": 2}, 3), dict, re,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_round_trip(value):
    """Type and value are kept."""
    import json

    back = decode(json.loads(json.dumps(encode(value))))
    assert type(back) is type(value)
    assert back == value
    assert repr(back) == repr(value)


def test_nan_and_infinity():
    """Floats that JSON does not know are carried as text."""
    assert math.isnan(decode(encode(float("nan"))))
    assert decode(encode(float("-inf"))) == float("-inf")


def test_arrays():
    """Arrays keep dtype, shape and every bit."""
    numpy = pytest.importorskip("numpy")
    array = numpy.array([[1.5, numpy.nan], [0.0, -0.0]], dtype="float32")
    back = decode(encode(array))
    assert back.dtype == array.dtype
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize("value", [object(), lambda: 1, open, (x for x in ()), [object()]], ids=str)
def test_what_is_not_data_is_refused(value):
    """Objects, lambdas and generators are not carried; `open` is found by name under `io`."""
    if value is open:
        assert decode(encode(value)) is open
        return
    with pytest.raises(NotData):
        encode(value)


def test_depth_is_limited():
    """A list inside itself is no endless loop."""
    loop = []
    loop.append(loop)
    with pytest.raises(NotData, match="deep"):
        encode(loop)


@pytest.mark.parametrize(
    "data",
    [
        {"what": 1},
        {"a": 1, "b": 2},
        {"name": "os:nothing"},
        {"record": ["os:path", {}]},
        {"member": ["os:path", "x"]},
    ],
)
def test_forged_forms_are_refused(data):
    """Only `encode`'s own forms are read, and records only of dataclasses."""
    with pytest.raises(NotData):
        decode(data)
