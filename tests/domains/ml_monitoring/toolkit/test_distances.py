"""Distances agree with SciPy to machine precision."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial import distance

from poet.domains.ml_monitoring import toolkit

P, Q = [5, 0, 3, 12], [4, 2, 9, 1]


def test_divergences_are_scipys():
    """KL, Jensen-Shannon and PSI from counts."""
    assert toolkit.kullback_leibler(P, Q) == pytest.approx(stats.entropy(P, Q), rel=1e-14)
    assert toolkit.jensen_shannon(P, Q) == pytest.approx(
        distance.jensenshannon(P, Q, base=2), rel=1e-12
    )
    p, q = np.add(P, 0.5), np.add(Q, 0.5)
    assert toolkit.population_stability(P, Q) == pytest.approx(
        stats.entropy(p, q) + stats.entropy(q, p), rel=1e-12
    )


def test_wasserstein_is_scipys():
    """In the values' own unit."""
    rng = np.random.default_rng(1)
    x, y = np.sort(rng.normal(size=300)), np.sort(rng.normal(1, 2, 200))
    assert toolkit.wasserstein(x, y) == pytest.approx(stats.wasserstein_distance(x, y), rel=1e-12)


def test_bounds():
    """Equal shares are 0 apart, disjoint ones 1 (or infinitely many nats)."""
    for f in (toolkit.jensen_shannon, toolkit.hellinger, toolkit.total_variation):
        assert f([2, 4], [1, 2]) == pytest.approx(0, abs=1e-7)
        assert f([1, 0], [0, 1]) == pytest.approx(1)
    assert toolkit.kullback_leibler([1, 0], [0, 1]) == np.inf
    assert toolkit.wasserstein(np.empty(0), np.ones(2)) == 0.0


def test_groups_must_be_the_same():
    """Different numbers of groups are an error that says so."""
    with pytest.raises(ValueError, match="2 groups and reference 3"):
        toolkit.total_variation([1, 2], [1, 2, 3])


def test_adjusted_p_values_are_scipys():
    """Benjamini-Hochberg and Benjamini-Yekutieli."""
    p = [0.001, 0.2, 0.04, 0.03, 0.9, 0.04]
    assert toolkit.benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    assert toolkit.benjamini_yekutieli(p) == pytest.approx(
        stats.false_discovery_control(p, method="by")
    )


def test_cauchy_combination_is_scipys():
    """The tail of the mean of tangents; tiny p-values keep their digits."""
    p = np.asarray([0.01, 0.3, 0.8])
    wanted = stats.cauchy.sf(np.mean(np.tan((0.5 - p) * np.pi)))
    assert toolkit.cauchy_combination(list(p)) == pytest.approx(wanted, rel=1e-12)
    assert toolkit.cauchy_combination([1e-200, 0.5]) == pytest.approx(2e-200, rel=1e-9)
    assert toolkit.cauchy_combination([0.0, 0.5]) == 0.0
