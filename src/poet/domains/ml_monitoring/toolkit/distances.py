"""How far two distributions are apart, from counts over the same groups or from sorted arrays.

Divergences take counts (or shares) of equal length. Groups that are empty on both sides do not
count; `smooth` adds that many values to each group, so that a group which is empty on one side
alone does not make a divergence infinite.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr

from .kinds import Floats


def kullback_leibler(current: ArrayLike, reference: ArrayLike, *, smooth: float = 0.0) -> float:
    """Return the divergence of the current shares from the reference's, in nats; it may be inf."""
    p, q = _shares(current, reference, smooth)
    return float(rel_entr(p, q).sum())


def jensen_shannon(current: ArrayLike, reference: ArrayLike) -> float:
    """Return the Jensen-Shannon distance: the root of the divergence in bits, 0 to 1."""
    p, q = _shares(current, reference, 0.0)
    middle = (p + q) / 2
    divergence = (rel_entr(p, middle).sum() + rel_entr(q, middle).sum()) / 2 / np.log(2)
    return float(np.sqrt(max(divergence, 0.0)))


def population_stability(
    current: ArrayLike, reference: ArrayLike, *, smooth: float = 0.5
) -> float:  # fmt: skip
    """Return the population stability index: the two divergences together, in nats.

    By a rule of thumb of credit scoring, below 0.1 nothing happened and above 0.25 much did.
    """
    p, q = _shares(current, reference, smooth)
    return float(rel_entr(p, q).sum() + rel_entr(q, p).sum())


def hellinger(current: ArrayLike, reference: ArrayLike) -> float:
    """Return the Hellinger distance, 0 to 1."""
    p, q = _shares(current, reference, 0.0)
    return float(np.sqrt(max(0.0, 1.0 - np.sqrt(p * q).sum())))


def total_variation(current: ArrayLike, reference: ArrayLike) -> float:
    """Return the largest difference in the share of any set of groups, 0 to 1."""
    p, q = _shares(current, reference, 0.0)
    return float(np.abs(p - q).sum() / 2)


def wasserstein(current: Floats, reference: Floats) -> float:
    """Return the mean distance that values must move, in their own unit; arrays are sorted."""
    if not len(current) or not len(reference):
        return 0.0
    both = np.concatenate([current, reference])
    both.sort(kind="stable")
    steps = np.diff(both)
    here = np.searchsorted(current, both[:-1], "right") / len(current)
    there = np.searchsorted(reference, both[:-1], "right") / len(reference)
    return float(np.sum(np.abs(here - there) * steps))


def _shares(current: ArrayLike, reference: ArrayLike, smooth: float) -> tuple[Any, Any]:
    p, q = np.asarray(current, dtype=float), np.asarray(reference, dtype=float)
    if p.shape != q.shape:
        raise ValueError(f"current has {p.size} groups and reference {q.size}; give the same ones.")
    used = (p > 0) | (q > 0)
    p, q = p[used] + smooth, q[used] + smooth
    return p / max(p.sum(), 1e-300), q / max(q.sum(), 1e-300)
