"""Two-sample tests of ordered values, from sorted arrays or from counts over common groups.

The common form is a pair of counts: how many values of each side fall into each of some ordered
groups. The groups are those of the reference alone: its distinct values and the gaps between them,
or, when it has many, its quantiles and the gaps between those. So a reference can be kept, and the
counts of partitions add up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.stats import kstwo, mannwhitneyu

from .kinds import Floats

Counts = NDArray[np.int64]
GROUPS = 4096  # the statistic from quantiles is at most 1 / GROUPS off
EXACT_P_UP_TO = 200
LIMITING_FROM = 20_000  # effective size from which Kolmogorov's limit is used; it is faster


class Tested(NamedTuple):
    """A statistic and its p-value."""

    statistic: float
    p_value: float


def ks_statistic(current: Floats, reference: Floats) -> float:
    """Return the Kolmogorov-Smirnov distance of two sorted arrays, exactly."""
    n, m = len(current), len(reference)
    if not n or not m:
        return 0.0
    right = np.searchsorted(reference, current, "right")
    tied = reference[np.maximum(right - 1, 0)] == current
    left = np.searchsorted(reference, current, "left") if tied.any() else right
    above = (np.arange(1, n + 1) / n - right / m).max()
    below = (left / m - np.arange(n) / n).max()
    return float(max(above, below, 0.0))


def ks(current: Floats, reference: Floats) -> Tested:
    """Test with Kolmogorov and Smirnov's distance whether two sorted samples have one source.

    The p-value is exact (ties aside, where it is too large) up to 200 values a side, else the
    asymptotic one that `scipy.stats.ks_2samp(method="asymp")` gives; from an effective size of
    20,000 on it is Kolmogorov's limit, which differs by less than 1 % where it matters.
    """
    statistic = ks_statistic(current, reference)
    return Tested(statistic, ks_p_value(statistic, len(current), len(reference)))


def ks_p_value(statistic: float, n: int, m: int, slowdown: float = 1.0) -> float:
    """Return the probability of a distance at least this large when there is no difference.

    Args:
        statistic: The distance.
        n: Values on one side.
        m: Values on the other.
        slowdown: How many values carry the information of one independent value; 1 for
            independent values.
    """
    if not n or not m or statistic <= 0:
        return 1.0
    if slowdown <= 1 and max(n, m) <= EXACT_P_UP_TO:
        return _ks_exact(statistic, n, m)
    effective = n * m / (n + m) / max(slowdown, 1.0)
    if effective > LIMITING_FROM:
        return float(special.kolmogorov(statistic * np.sqrt(effective)))
    return float(kstwo.sf(statistic, max(1, round(effective))))


def _ks_exact(statistic: float, n: int, m: int) -> float:
    # The share of lattice paths from (0, 0) to (n, m) that leave the band |i/n - j/m| < d. Along
    # each diagonal i + j = k stands the probability that a random path passes there and was
    # inside all the time; probabilities, unlike counts of paths, never overflow.
    limit = statistic * (1 - 1e-12) - 1e-12
    i = np.arange(n + 1)
    inside = np.zeros(n + 1)
    inside[0] = 1.0
    for k in range(n + m):
        j = k - i
        left = n + m - k
        down = inside * (n - i) / left
        inside = inside * np.clip(m - j, 0, left) / left
        inside[1:] += down[:-1]
        inside[np.abs(i / n - (j + 1) / m) >= limit] = 0.0
    return float(min(1.0, max(0.0, 1.0 - inside[n])))


def mann_whitney(current: Floats, reference: Floats) -> Tested:
    """Test whether one sample tends to be larger: exact for tiny samples without ties."""
    if not len(current) or not len(reference):
        return Tested(0.0, 1.0)
    # Ties within one side do not change the statistic; only those between both do.
    tied = bool(np.isin(current, reference).any())
    exact = not tied and min(len(current), len(reference)) <= 8
    found = mannwhitneyu(current, reference, method="exact" if exact else "asymptotic")
    p = float(found.pvalue)
    return Tested(float(found.statistic), 1.0 if np.isnan(p) else p)


def edges_of(reference: Floats, groups: int = GROUPS) -> Floats:
    """Return the distinct values of a sorted sample, or that many of its quantiles."""
    if len(reference) > groups:
        at = np.linspace(0, len(reference) - 1, groups).round().astype(np.int64)
        reference = reference[at]
    return np.unique(reference)


def counts_in(values: Floats, edges: Floats) -> Counts:
    """Count sorted values below the first edge, at it, between it and the second, at that, ….

    There are `2 * len(edges) + 1` groups. Because the edges are groups of their own, the
    Kolmogorov-Smirnov distance from the counts is exact when the edges are all values of the
    reference, and at most the largest share between two edges off when they are its quantiles.
    """
    upto = np.empty(2 * len(edges) + 2, dtype=np.int64)
    upto[0], upto[-1] = 0, len(values)
    upto[1:-1:2] = np.searchsorted(values, edges, "left")
    upto[2:-1:2] = np.searchsorted(values, edges, "right")
    return np.diff(upto)


class Ordered(NamedTuple):
    """What counts over ordered groups say.

    Attributes:
        ks: Kolmogorov and Smirnov's distance.
        kuiper: Kuiper's: the largest difference in the share of values in any interval.
        z: Standardised rank components: location, spread, skewness, tails; each is about
            standard normal when nothing changed, and positive when the current side has more.
        scores: The components' value for each group.
    """

    ks: float
    kuiper: float
    z: Floats
    scores: Floats


def rank_components(current: Counts, reference: Counts, degree: int = 4) -> Ordered:
    """Measure a difference of two samples of ordered values, given as counts over groups.

    The components are sums, over the current side, of polynomials of the mid-rank, orthonormal
    over both sides together (a smooth test after Neyman 1937, by ranks after Eubank, LaRiccia and
    Rosenstein 1987). The first is Wilcoxon's rank sum, the second close to Mood's test of spread.
    Ties are accounted for, because the polynomials are orthonormal over the tied ranks.
    """
    n, m = int(current.sum()), int(reference.sum())
    both = current + reference
    used = both > 0
    gap = np.cumsum(current) / max(n, 1) - np.cumsum(reference) / max(m, 1)
    above, below = max(float(gap.max(initial=0)), 0.0), max(float(-gap.min(initial=0)), 0.0)
    scores = np.zeros((len(both), degree))
    degree = min(degree, int(used.sum()) - 1)
    z = np.zeros(scores.shape[1])
    total = n + m
    if n and m and degree > 0:
        weight = both[used] / total
        rank = 2 * np.cumsum(weight) - weight - 1
        root = np.sqrt(weight)
        q, r = np.linalg.qr(root[:, None] * np.vander(rank, degree + 1, increasing=True))
        q = q * np.sign(np.where(np.diag(r) == 0, 1, np.diag(r)))
        scores[np.flatnonzero(used), :degree] = q[:, 1:] / root[:, None]
        deviation = np.sqrt(n * m / max(total - 1, 1))
        z = current.astype(float) @ scores / deviation
    return Ordered(max(above, below), above + below, z, scores)


def component_p_values(z: Floats, slowdown: Floats) -> tuple[float, float, float]:
    """Return p-values for location, for spread, and for all components together."""
    squares = z**2 / np.maximum(slowdown, 1.0)
    used = int(np.count_nonzero(squares)) or 1
    return (
        float(special.chdtrc(1, squares[0])),
        float(special.chdtrc(1, squares[1])),
        float(special.chdtrc(used, squares.sum())),
    )
