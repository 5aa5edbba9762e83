"""Any table is read into the same columns."""

from __future__ import annotations

import dataclasses
import datetime
from collections import namedtuple

import numpy as np
import pytest

from poet.domains.ml_monitoring.toolkit import columns, halves
from poet.domains.ml_monitoring.toolkit.kinds import read
from poet.errors import ArgumentError

AGES, CITIES = [31, 40, None], ["a", None, "b"]
Row = namedtuple("Row", "age city")


@dataclasses.dataclass
class Record:
    age: object
    city: object


def tables():
    yield "mapping", {"age": AGES, "city": CITIES}
    yield "records", [{"age": a, "city": c} for a, c in zip(AGES, CITIES)]
    yield "named tuples", [Row(a, c) for a, c in zip(AGES, CITIES)]
    yield "dataclasses", [Record(a, c) for a, c in zip(AGES, CITIES)]
    for library in ("pandas", "polars", "pyarrow"):
        try:
            module = __import__(library)
        except ImportError:
            continue
        make = module.table if library == "pyarrow" else module.DataFrame
        yield library, make({"age": AGES, "city": CITIES})
        if library == "polars":
            yield "lazy", make({"age": AGES, "city": CITIES}).lazy()


@pytest.mark.parametrize("table", [pytest.param(t, id=n) for n, t in tables()])
def test_every_form_gives_the_same_columns(table):
    """Names, kinds, values and missing values agree."""
    found = {n: read(n, a) for n, a in columns(table).items()}
    assert list(found) == ["age", "city"]
    assert found["age"].kind == "numeric"
    assert found["age"].values.tolist() == [31, 40]
    assert found["city"].counts == {"a": 1, "b": 1}
    assert found["age"].missing == found["city"].missing == 1


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ([1, 2.5], ["value"]),
        (range(3), ["value"]),
        ((v for v in "ab"), ["value"]),
        (np.zeros((3, 2)), ["feature_0", "feature_1"]),
        ([[1, 2], [3, 4]], ["feature_0", "feature_1"]),
        ([np.zeros(2), np.ones(2)], ["feature_0", "feature_1"]),
        (np.zeros(2, dtype=[("a", float), ("b", int)]), ["a", "b"]),
        (np.zeros((4, 2, 2)), [f"feature_{i}" for i in range(4)]),
        ({"a": 1, "b": "x"}, ["a", "b"]),
        ({"a": np.zeros((2, 2))}, ["a.feature_0", "a.feature_1"]),
        ([], ["value"]),
        ({}, []),
        ({3: [1]}, ["3"]),
    ],
)
def test_names_of_columns(data, names):
    """A single series is called `value`, rows without names are numbered."""
    assert list(columns(data)) == names


def test_pandas_dtypes():
    """Nullable numbers, categories, booleans and series keep their meaning."""
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None, 3], dtype="Int64"),
            "c": pd.Categorical(["a", "b", "a"]),
            "b": pd.array([True, None, False], dtype="boolean"),
            "t": pd.to_datetime(["2026-01-01", "2026-01-02", None]),
        }
    )
    found = {n: read(n, a) for n, a in columns(frame).items()}
    assert [c.kind for c in found.values()] == ["numeric", "categorical", "boolean", "datetime"]
    assert [c.missing for c in found.values()] == [1, 0, 1, 1]
    assert list(columns(pd.Series([1.0], name="x"))) == ["x"]


@pytest.mark.parametrize("data", [None, "text", b"bytes", 3, 2.5, True, np.float64(1)])
def test_what_is_no_data_is_rejected(data):
    """The error names the argument and says what to pass."""
    with pytest.raises(ArgumentError, match="today is .* no data"):
        columns(data, "today")


@pytest.mark.parametrize("data", [[[1, 2], [3]], [[1, 2], 3], {"a": 1, "b": [1, 2]}, object()])
def test_ragged_data_are_rejected(data):
    """Rows of different lengths are no table."""
    with pytest.raises(ArgumentError):
        columns(data)


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("x", [1, 2, 2], "numeric"),
        ("x", [1, True, 2], "numeric"),
        ("x", [True, False], "boolean"),
        ("x", ["a", 1], "categorical"),
        ("x", [["a"], ["b"]], "categorical"),
        ("x", [datetime.date(2026, 1, 1)], "datetime"),
        ("x", [None, float("nan")], "empty"),
        ("x", [f"some longer text {i}" for i in range(99)], "text"),
        ("user_id", list(range(50)), "identifier"),
        ("user_id", [f"u{i}" for i in range(99)], "identifier"),
        ("humid", list(range(50)), "numeric"),
    ],
)
def test_kinds(name, values, kind):
    """Types are inferred from values, and from names only for identifiers."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    assert read(name, array).kind == kind


def test_halves_split_in_time():
    """The newer half comes first in the answer, because it is the current one."""
    newer, older = halves([1, 2, 3, 4, 5])
    assert newer["value"].tolist() == [4, 5]
    assert older["value"].tolist() == [1, 2, 3]
