"""Judge many tests together, so that a table of fifty columns does not alarm every day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .kinds import Floats


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Return adjusted p-values that control the share of false discoveries (1995).

    They hold for independent tests and for positively dependent ones, as columns of a table
    usually are.
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return adjusted


def benjamini_yekutieli(p_values: ArrayLike) -> Floats:
    """Return adjusted p-values that hold under any dependence of the tests (2001)."""
    p = np.asarray(p_values, dtype=float)
    harmonic = np.sum(1 / np.arange(1, len(p) + 1))
    order = np.argsort(p)
    ranked = p[order] * len(p) * harmonic / np.arange(1, len(p) + 1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return adjusted


def cauchy_combination(p_values: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Combine dependent p-values of one question into one (Liu and Xie 2020)."""
    if any(p <= 0 for p in p_values):
        return 0.0
    share = np.asarray(weights if weights is not None else np.ones(len(p_values)), dtype=float)
    share = share / share.sum()
    p = np.minimum(np.asarray(p_values, dtype=float), 1 - 1e-9)
    # Near zero, tan((0.5 - p) pi) is 1 / (p pi), which keeps its digits.
    tangent = np.where(p < 1e-8, 1 / (np.maximum(p, 1e-300) * np.pi), np.tan((0.5 - p) * np.pi))
    total = float((share * tangent).sum())
    return 1 / (total * np.pi) if total > 1e8 else float(0.5 - np.arctan(total) / np.pi)
