"""Statistics of ordered values agree with SciPy to machine precision."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from poet.domains.ml_monitoring.toolkit import ks, mann_whitney, rank_components
from poet.domains.ml_monitoring.toolkit.ordered import (
    GROUPS,
    component_p_values,
    counts_in,
    edges_of,
    ks_p_value,
)


def pair(n, m, seed, ties=False):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0.2, 1, n), rng.normal(0, 1.1, m)
    if ties:
        x, y = x.round(), y.round()
    return np.sort(x), np.sort(y)


@pytest.mark.parametrize(("n", "m"), [(5, 7), (20, 20), (33, 150), (200, 199)])
def test_ks_is_scipys_exact_one_in_small_samples(n, m):
    """Distance and exact p-value are SciPy's."""
    for seed in range(5):
        x, y = pair(n, m, seed)
        theirs = stats.ks_2samp(x, y, method="exact")
        ours = ks(x, y)
        assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-15)
        assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("n", "m"), [(300, 900), (5000, 4000)])
def test_ks_is_scipys_asymptotic_one_in_large_samples(n, m, ties):
    """Distance and asymptotic p-value are SciPy's, with and without ties."""
    x, y = pair(n, m, n, ties)
    theirs = stats.ks_2samp(x, y, method="asymp")
    ours = ks(x, y)
    assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-15)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_ks_from_counts_is_exact_while_the_reference_is_small(ties):
    """Groups at and between all distinct values of the reference lose nothing."""
    x, y = pair(2000, 700, 3, ties)
    edges = edges_of(y)
    shape = rank_components(counts_in(x, edges), counts_in(y, edges))
    assert shape.ks == pytest.approx(ks(x, y).statistic, abs=1e-15)


def test_ks_from_quantiles_is_within_its_bound():
    """Of a large reference 4,096 quantiles are kept: at most 1/4,096 is lost."""
    x, y = pair(60_000, 80_000, 4)
    edges = edges_of(y)
    shape = rank_components(counts_in(x, edges), counts_in(y, edges))
    assert len(edges) <= GROUPS
    assert abs(shape.ks - ks(x, y).statistic) <= 1 / (GROUPS - 1)


def test_first_component_is_the_rank_sum_test_with_ties():
    """Its p-value is SciPy's for Mann and Whitney's test, without continuity correction."""
    for ties in (False, True):
        x, y = pair(120, 90, 8, ties)
        values = np.unique(np.concatenate([x, y]))
        shape = rank_components(counts_in(x, values), counts_in(y, values))
        ours = component_p_values(shape.z, np.ones(4))[0]
        theirs = stats.mannwhitneyu(x, y, use_continuity=False, method="asymptotic").pvalue
        assert ours == pytest.approx(theirs, rel=1e-9)
        assert shape.z[0] > 0


def test_second_component_is_close_to_moods_test():
    """Where there is no shift, spread is judged as by Mood's test."""
    rng = np.random.default_rng(2)
    x, y = np.sort(rng.normal(0, 1.5, 400)), np.sort(rng.normal(0, 1, 400))
    values = np.unique(np.concatenate([x, y]))
    z = rank_components(counts_in(x, values), counts_in(y, values)).z
    assert z[1] == pytest.approx(stats.mood(x, y).statistic, abs=0.05)


def test_components_are_standard_normal_when_nothing_changed():
    """Mean 0, variance 1, uncorrelated: over 2,000 shuffles of one sample with ties."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=80).round(1)
    groups = np.unique(values)
    z = []
    for _ in range(2000):
        rng.shuffle(values)
        x, y = np.sort(values[:30]), np.sort(values[30:])
        z.append(rank_components(counts_in(x, groups), counts_in(y, groups)).z)
    found = np.asarray(z)
    assert np.abs(found.mean(axis=0)).max() < 0.1
    assert np.abs(np.cov(found.T) - np.eye(4)).max() < 0.12


def test_counts_add_up_over_partitions():
    """Counting parts and adding is counting the whole."""
    x, y = pair(5000, 3000, 1)
    edges = edges_of(y)
    parts = sum(counts_in(np.sort(part), edges) for part in np.array_split(x, 7))
    assert np.array_equal(parts, counts_in(x, edges))


def test_mann_whitney_is_scipys():
    """Exact for tiny samples."""
    x, y = pair(6, 7, 1)
    assert mann_whitney(x, y).p_value == stats.mannwhitneyu(x, y).pvalue


def test_degenerate_samples_have_no_evidence():
    """Empty and constant samples are answered with p = 1."""
    assert ks(np.empty(0), np.ones(3)).p_value == 1.0
    assert ks(np.ones(5), np.ones(3)) == (0.0, 1.0)
    assert mann_whitney(np.ones(5), np.ones(3)).p_value == 1.0
    assert ks_p_value(1.0, 3, 3) == pytest.approx(0.1)
    assert rank_components(np.asarray([3]), np.asarray([4])).ks == 0.0


def test_fewer_independent_values_are_weaker_evidence():
    """A slowdown of ten raises the p-value."""
    assert ks_p_value(0.1, 1000, 1000, 10.0) > 1000 * ks_p_value(0.1, 1000, 1000)
