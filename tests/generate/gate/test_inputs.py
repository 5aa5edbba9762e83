"""Inputs: every kind of annotation gets values, and the texts' own literals are among them."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import inspect
import pathlib
import re
import typing
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, NewType, Protocol, TypedDict, TypeVar

import pytest

from poet.generate.gate.harvest import harvest
from poet.generate.gate.inputs import build_inputs, doctest_calls
from poet.generate.gate.values import Fresh, Values, fresh
from poet.runtime.checks import problem_with


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Order:
    name: str
    total: float
    colour: Colour = Colour.RED


class Row(TypedDict, total=False):
    name: str
    size: int


class Point(NamedTuple):
    x: int
    y: float


class Named(Protocol):
    name: str

    def greet(self) -> str: ...


T = TypeVar("T")
UserId = NewType("UserId", int)

HINTS = [
    int, float, bool, str, bytes, complex, None, list, dict, tuple, set, list[int], dict[str, float],
    tuple[int, str], tuple[int, ...], set[str], frozenset[int], int | None, typing.Optional[str],  # noqa: UP045
    typing.Union[int, str, list[int]],  # noqa: UP007
    Literal["a", "b"], Colour, Order, Row, Point, list[Order],
    dict[str, list[Order]], Sequence[int], Iterable[str], Mapping[str, Any], Callable[[int], str], Any,
    datetime.datetime, datetime.date, datetime.timedelta, decimal.Decimal, pathlib.Path, re.Pattern,
    Annotated[int, "positive"], UserId, T, type[Order], Named, Iterator[int], AsyncIterator[int],
    typing.TextIO, object,
]  # fmt: skip


@pytest.mark.parametrize("hint", HINTS, ids=str)
def test_each_annotation_has_values_that_fit(hint):
    """At least one value, and all fit by the runtime's own check."""
    values = Values({"x": hint}, harvest([]), {}).values(hint)
    assert values
    for value in values:
        if not isinstance(value, Fresh):
            assert problem_with(value, hint) is None, (value, hint)


def test_arrays_frames_and_models():
    """Libraries' types as well."""
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    pydantic = pytest.importorskip("pydantic")

    class Model(pydantic.BaseModel):
        name: str
        size: int = 3

    maker = Values({}, harvest(["def f(d):\n    return d['price'] + 1\n"]), {})
    assert any(a.ndim == 2 for a in maker.values(numpy.ndarray))
    assert any("price" in f.columns for f in maker.values(pandas.DataFrame))
    assert maker.values(pandas.Series)
    assert isinstance(maker.values(Model)[0], Model)


def test_iterators_are_made_anew():
    """Each call has its own."""
    (first, *_) = Values({}, harvest([]), {}).values(Iterator[int])
    assert list(fresh(first)) == list(fresh(first))


def test_the_texts_literals_are_harvested():
    """With their neighbours, texts that match their patterns, and sizes beyond their limits."""
    found = harvest(
        [
            "def f(x): return x",
            "def f(x):\n    if x == 4242 or len(x) > 77: return re.match(r'(\\d+)h', x)",
        ]
    )
    assert {4242, 4243, 4241, -4242} <= {v for v in found.literals if isinstance(v, int)}
    assert 77 in found.sizes
    assert any(isinstance(v, str) and re.fullmatch(r"\d+h", v) for v in found.literals)
    assert 4242 in found.compared["x"]


def test_keys_and_their_comparisons():
    """Records are made of the keys that are read, with the values they are compared with."""
    text = "def f(order):\n    return order['country'] == 'XK' and order.get('total', 0) > 5"
    pool = Values({}, harvest([text]), {}).pool(
        inspect.Parameter("order", inspect.Parameter.POSITIONAL_ONLY)
    )
    assert any(isinstance(v, dict) and v.get("country") == "XK" and "total" in v for v in pool)


def test_doctests_are_calls():
    """Their arguments are evaluated in the module."""
    calls = doctest_calls(["rate = 2", "f(1, b=rate)", "f(g(3))"], "f", {"g": abs})
    assert calls == [((1,), {"b": 2}), ((3,), {})]


def build(text, name="f", method=None):
    scope: dict[str, Any] = {}
    exec(text, scope)
    job = {
        "examples": [],
        "doctests": [],
        "name": name,
        "function_text": text,
        "code": text,
        "method": method,
    }
    function = scope[name]
    hints = typing.get_type_hints(function)

    def scout(inputs):
        answers = []
        for one in inputs:
            args, kwargs = one.make()
            try:
                function(*args, **kwargs)
                answers.append(True)
            except Exception:
                answers.append(False)
        return answers

    return function, build_inputs(function, hints, job, scope, scout)


def test_the_originals_answers_decide_what_is_tried():
    """Of the guesses for unannotated parameters those that work are mixed."""
    function, inputs = build("def f(a, b):\n    return a['x'].upper() + str(b + 1)\n")
    answered = 0
    for one in inputs:
        args, kwargs = one.make()
        try:
            function(*args, **kwargs)
            answered += 1
        except Exception:
            continue
    assert answered >= 30


def test_violations_are_marked_and_last():
    """What contradicts an annotation is no valid input."""
    _, inputs = build("def f(a: int, b: str = 'x') -> str:\n    return b[:a]\n")
    valid = [i.valid for i in inputs]
    assert False in valid
    assert valid == sorted(valid, reverse=True)
    assert len(inputs) <= 220


def test_every_shape_of_signature():
    """Positional-only, keyword-only, *args and **kwargs are spelled as they must be."""
    function, inputs = build("def f(a: int, /, b: int, *rest: int, c: int = 1, **more: int) -> int:\n"
                             "    return a + b + sum(rest) + c + sum(more.values())\n")  # fmt: skip
    calls = [i.make() for i in inputs if i.valid]
    for args, kwargs in calls:
        function(*args, **kwargs)
    assert any(len(args) > 2 for args, _ in calls)
    assert any("extra_0" in kwargs for _, kwargs in calls)


def test_inputs_are_always_the_same():
    """No chance is involved."""
    text = "def f(a: int, b: list[float]) -> float:\n    return a * sum(b)\n"
    first = [repr(i.make()) for i in build(text)[1]]
    assert first == [repr(i.make()) for i in build(text)[1]]


def test_records_are_nested_as_they_are_read():
    """Items of a list under a key, and records inside records."""
    text = (
        "def f(order):\n"
        "    user = order['user']\n"
        "    return user['mail'], order['ship']['street'], [line['amount'] for line in order['rows']]\n"
    )
    function, inputs = build(text)
    (args, _), *_ = [i.make() for i in inputs if _answers(function, i)]
    assert args[0]["user"]["mail"] is not None
    assert args[0]["ship"]["street"] is not None
    assert args[0]["rows"][0]["amount"] is not None


def _answers(function, one):
    args, kwargs = one.make()
    try:
        function(*args, **kwargs)
    except Exception:
        return False
    return True
