"""Partitions that are counted apart and added give the answer of the whole."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from poet.domains.ml_monitoring.toolkit import Reference, compare, count


def table(n, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    values = rng.normal(shift, 1, n)
    values[::50] = np.nan
    return {
        "x": values,
        "k": rng.poisson(2, n),
        "c": rng.choice(["a", "b", "c"], n).astype(object),
        "b": rng.random(n) < 0.3,
    }


def parts_of(whole, k):
    n = len(whole["x"])
    return [{c: v[i : i + -(-n // k)] for c, v in whole.items()} for i in range(0, n, -(-n // k))]


@pytest.mark.parametrize("n", [200, 30_000])
@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_parts_add_up_to_the_whole(n, shift):
    """One array, seven chunks and chunks in another order say the same."""
    known = Reference(table(n, 1))
    whole = table(n, 2, shift)
    counted = [count(part, known) for part in parts_of(whole, 7)]
    together = compare(sum(counted[1:], counted[0]), known)
    backwards = compare(sum(counted[-2::-1], counted[-1]), known)
    wanted = compare(whole, known, relations=False)
    assert together.to_dict() == backwards.to_dict() == wanted.to_dict()
    assert together.drifted == (shift > 0 and n > 200)


def test_reference_and_counts_travel_between_processes():
    """Both pickle, and small: a reference of 30,000 rows takes under 300 kB."""
    known = Reference(table(30_000, 1))
    sent = pickle.dumps(known)
    assert len(sent) < 300_000
    again = pickle.loads(sent)
    part = pickle.loads(pickle.dumps(count(table(500, 2), again)))
    assert compare(part, known).rows_now == 500


def test_parts_with_different_columns_and_types():
    """A column that only some parts have counts with the rows it has."""
    known = Reference({"x": np.arange(60.0) % 7, "y": ["a", "b"] * 30})
    both = count({"x": [1.0, 2.0] * 20}, known) + count({"y": ["a"] * 40, "z": [1]}, known)
    assert both.rows == 80
    assert both.new == ("z",)
    mixed = count({"x": [1.0] * 30}, known) + count({"x": ["oops"] * 30}, known)
    assert compare(mixed, known).features["x"].test == "type"
