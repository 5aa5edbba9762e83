"""Tests of labels agree with SciPy, and the right one is chosen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from poet.domains.ml_monitoring.toolkit import chi_square, fisher, g_test
from poet.domains.ml_monitoring.toolkit.categories import compare_labels

HERE, THERE = [30, 14, 34, 45, 0], [61, 8, 30, 60, 0]


def test_chi_square_and_g_are_scipys():
    """Statistic and p-value are those of chi2_contingency."""
    table = np.asarray([HERE[:4], THERE[:4]])
    for ours, power in ((chi_square, "pearson"), (g_test, "log-likelihood")):
        theirs = stats.chi2_contingency(table, correction=False, lambda_=power)
        found = ours(HERE, THERE)
        assert found.statistic == pytest.approx(theirs.statistic, rel=1e-12)
        assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-12)


def test_fisher_is_scipys():
    """Small tables of two labels are exact."""
    assert fisher([3, 9], [11, 2]).p_value == stats.fisher_exact([[3, 9], [11, 2]]).pvalue


@pytest.mark.parametrize(
    ("current", "reference", "test"),
    [
        ({"a": 9, "b": 3}, {"a": 4, "b": 9}, "fisher"),
        ({"a": 40, "b": 30, "c": 20}, {"a": 50, "b": 30, "c": 30}, "chi_square"),
        ({"a": 4000, "b": 3000, "c": 20}, {"a": 5000, "b": 3000, "c": 30}, "g"),
        ({"a": 5}, {"a": 9}, ""),
        ({}, {"a": 9}, ""),
    ],
)
def test_test_is_chosen_by_size_and_number_of_labels(current, reference, test):
    """Fisher for small tables of two, chi-square for medium, G for large ones."""
    assert compare_labels(current, reference).test == test


def test_many_rare_labels_do_not_alarm():
    """Labels that occur once each are tested as a group; the level is kept."""
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(200):
        sides = [
            dict(zip(*np.unique(rng.zipf(1.5, 300).clip(0, 500), return_counts=True), strict=True))
            for _ in range(2)
        ]
        alarms += compare_labels(*sides).tested.p_value < 0.05
    assert alarms <= 18


def test_new_labels_are_found_though_each_is_rare():
    """Fifty labels never seen before, once each, are one group."""
    known = {f"k{i}": 20 for i in range(10)}
    fresh = {**known, **{f"n{i}": 1 for i in range(50)}}
    assert compare_labels(fresh, known).tested.p_value < 1e-6
