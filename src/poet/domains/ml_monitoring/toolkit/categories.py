"""Tests of counts per category: chi-square, G, Fisher, chosen by size and cardinality."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.stats import fisher_exact

from .kinds import Floats
from .ordered import Tested

_FEW = 5  # expected counts below this make the chi-square distribution a poor approximation
_LARGE = 1000


def chi_square(current: ArrayLike, reference: ArrayLike) -> Tested:
    """Test with Pearson's statistic whether two rows of counts have the same shares."""
    table = _table(current, reference)
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return Tested(0.0, 1.0)
    expected = _expected(table)
    statistic = float(((table - expected) ** 2 / expected).sum())
    return Tested(statistic, float(special.chdtrc(table.shape[1] - 1, statistic)))


def g_test(current: ArrayLike, reference: ArrayLike) -> Tested:
    """Test with the likelihood ratio: twice the sample size times the divergence in nats."""
    table = _table(current, reference)
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return Tested(0.0, 1.0)
    statistic = max(0.0, float(2 * special.xlogy(table, table / _expected(table)).sum()))
    return Tested(statistic, float(special.chdtrc(table.shape[1] - 1, statistic)))


def fisher(current: ArrayLike, reference: ArrayLike) -> Tested:
    """Test two rows of two counts exactly; the statistic is the sample odds ratio."""
    table = np.asarray([current, reference], dtype=np.int64)
    found = fisher_exact(table)
    return Tested(float(found.statistic), float(found.pvalue))


class Compared(NamedTuple):
    """What two tables of labels say.

    Attributes:
        test: `"fisher"`, `"chi_square"` or `"g"`; empty when there was nothing to test.
        tested: Its statistic and p-value.
        variation: The largest difference in the share of any set of labels.
        by_chance: About how large that is for samples of this size when nothing changed.
        current: Counts per label, `labels` in order.
        reference: The same of the other side.
        labels: All labels, the most frequent first.
    """

    test: str
    tested: Tested
    variation: float
    by_chance: float
    current: Floats
    reference: Floats
    labels: tuple[Hashable, ...]


def compare_labels(
    current: Mapping[Hashable, int], reference: Mapping[Hashable, int], slowdown: float = 1.0
) -> Compared:
    """Compare how often labels occur.

    Two labels: Fisher's exact test in small samples. More: chi-square, or the G-test in large
    samples; labels so rare that the approximation would not hold are tested as one group. Labels
    that the reference never saw are tested as well: by Good and Turing's estimate, the share of
    labels seen once is about the share of values with a label still unseen.
    """
    labels = sorted(
        {**reference, **current},
        key=lambda k: (-reference.get(k, 0) - current.get(k, 0), str(k)),
    )
    here = np.asarray([current.get(k, 0) for k in labels], dtype=float)
    there = np.asarray([reference.get(k, 0) for k in labels], dtype=float)
    test, tested = _chosen(here, there, max(slowdown, 1.0))
    if test and len(here) > 2 and (here[there == 0] > 0).any():
        p = min(1.0, 2 * min(tested.p_value, _unseen(here, there, max(slowdown, 1.0))))
        tested = Tested(tested.statistic, p)
    variation, by_chance = _variation(here, there, max(slowdown, 1.0))
    return Compared(test, tested, variation, by_chance, here, there, tuple(labels))


def _chosen(here: Floats, there: Floats, slowdown: float) -> tuple[str, Tested]:
    if len(here) < 2 or not here.sum() or not there.sum():
        return "", Tested(0.0, 1.0)
    pooled = _without_rare(np.stack([here, there]))
    if pooled.shape[1] < 2:  # all labels are rare: the commonest against the rest
        pooled = np.stack([[row[0], row[1:].sum()] for row in (here, there)])
    small = _expected(pooled).min() < _FEW or pooled.sum() <= _LARGE
    if pooled.shape[1] == 2 and small and pooled.sum() <= 10 * _LARGE:
        if slowdown > 1:
            pooled = np.round(pooled / slowdown)
        return "fisher", fisher(pooled[0], pooled[1])
    if pooled.sum() > _LARGE:
        return "g", _slowed(g_test(pooled[0], pooled[1]), pooled.shape[1] - 1, slowdown)
    tested = chi_square(pooled[0], pooled[1])
    return "chi_square", _slowed(tested, pooled.shape[1] - 1, slowdown)


def _slowed(tested: Tested, degrees: int, slowdown: float) -> Tested:
    if slowdown <= 1:
        return tested
    statistic = tested.statistic / slowdown
    return Tested(statistic, float(special.chdtrc(degrees, statistic)))


def _without_rare(table: Floats) -> Floats:
    # What is rare must not depend on one side alone: a group chosen because the reference lacks
    # it would differ even if nothing changed.
    rare = _expected(table).min(axis=0) < _FEW
    groups = [table[:, ~rare]]
    if rare.any():
        groups.append(table[:, rare].sum(axis=1, keepdims=True))
    return np.concatenate(groups, axis=1)


def _unseen(here: Floats, there: Floats, slowdown: float) -> float:
    """Return the probability of so many values with unseen labels when nothing changed."""
    fresh, once = here[there == 0].sum(), float((there == 1).sum())
    table = np.asarray([[fresh, here.sum() - fresh], [once, there.sum() - once]])
    return float(fisher_exact(np.round(table / slowdown).astype(int), alternative="greater").pvalue)


def _variation(here: Floats, there: Floats, slowdown: float) -> tuple[float, float]:
    n, m = here.sum(), there.sum()
    if not n or not m:
        return 0.0, 0.0
    share = (here + there) / (n + m)
    by_chance = np.sqrt(2 * share * (1 - share) / np.pi * (1 / n + 1 / m) * slowdown).sum() / 2
    return float(np.abs(here / n - there / m).sum() / 2), float(by_chance)


def _table(current: ArrayLike, reference: ArrayLike) -> Floats:
    table = np.asarray([current, reference], dtype=float)
    return table[:, table.sum(axis=0) > 0]


def _expected(table: Floats) -> Floats:
    expected: Floats = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(table.sum(), 1.0)
    return expected
