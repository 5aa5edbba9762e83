"""Compare one column with what was kept of it: choose the test, and say what changed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from .categories import Compared, compare_labels, fisher, g_test
from .counted import Part
from .distances import population_stability
from .kinds import Column, Floats
from .multiplicity import cauchy_combination
from .ordered import (
    Counts,
    Ordered,
    Tested,
    component_p_values,
    ks_p_value,
    mann_whitney,
    rank_components,
)
from .reference import Kept
from .report import FeatureDrift, listed

TOO_FEW = 4  # values on a side below which no test could ever be significant
SMALL = 10  # values on a side below which only the exact rank-sum test is used
_FEW_DISTINCT = 10  # numbers with at most this many values are compared value by value
# Location, spread, all four components, Kolmogorov-Smirnov. Shifts of location are what happens
# most; simulation shows that the combination keeps its level (see the domain's guide).
_WEIGHTS = (2.0, 1.0, 1.0, 1.0)
# The combination of dependent p-values is a tenth too optimistic around 5 %, by simulation.
_CALIBRATION = 1.1


class Finding(NamedTuple):
    """What tests of one column say, before many columns are judged together.

    Attributes:
        feature: The report, not yet judged.
        parts: For each test made, its p-value and the share of values that moved.
        floor: Least share that counts for this one, whatever is asked for.
    """

    feature: FeatureDrift
    parts: tuple[tuple[float, float], ...] = ()
    floor: float = 0.0

    @property
    def tested(self) -> bool:
        """Whether any test could be made."""
        return bool(self.parts)

    def judged(self, min_effect: float) -> float:
        """Return the column's p-value, where parts that are too small do not count."""
        enough = max(min_effect, self.floor)
        best = min((p for p, moved in self.parts if moved >= enough), default=1.0)
        return min(1.0, best * len(self.parts))


def compare_column(part: Part | None, known: Kept) -> Finding:
    """Compare a column, None when the current side lacks it, with the reference's."""
    before = known.column
    name = before.name
    if part is None:
        gone = FeatureDrift(name, before.kind, test="presence", p_value=0.0, difference=1.0,
                            score=1.0, change="gone", missing_now=1.0)  # fmt: skip
        return Finding(gone, ((0.0, 1.0),))
    now = part.column
    if not now.total or not before.total:
        return Finding(FeatureDrift(name, before.kind, note="there are no rows"))
    missing = _missing(now, before)
    values = _values(part, known)
    feature = values.feature
    parts = list(values.parts)
    if missing is not None:
        tested, moved = missing
        parts.append((tested.p_value, moved))
        # The column is shown by the test that says more.
        if tested.p_value < feature.p_value or not values.tested:
            feature = FeatureDrift(
                name,
                before.kind,
                test="missing",
                statistic=moved,
                p_value=tested.p_value,
                difference=moved,
                score=moved if tested.p_value < 0.05 else 0.0,
                change=f"missing {_share(before):.1%} is now {_share(now):.1%}",
                stability=feature.stability,
                note=feature.note,
            )
    feature = FeatureDrift(**{**feature.__dict__, "missing_before": _share(before),
                              "missing_now": _share(now)})  # fmt: skip
    return Finding(feature, tuple(parts))


def _share(column: Column) -> float:
    return column.missing / column.total if column.total else 0.0


def _missing(now: Column, before: Column) -> tuple[Tested, float] | None:
    if not now.missing and not before.missing:
        return None
    if min(now.total, before.total) < TOO_FEW:
        return None
    here, there = (now.missing, now.present), (before.missing, before.present)
    large = now.total + before.total > 10_000
    tested = g_test(here, there) if large else fisher(here, there)
    return tested, abs(_share(now) - _share(before))


def _values(part: Part, known: Kept) -> Finding:
    now, before = part.column, known.column
    name, kind = before.name, before.kind
    if kind in ("datetime", "identifier") and now.kind in (kind, "numeric"):
        what = "a time axis" if kind == "datetime" else "an identifier"
        return Finding(FeatureDrift(name, kind, note=f"not compared: {what} moves on by nature"))
    if "empty" in (kind, now.kind):
        side = "the reference" if kind == "empty" else "the current data"
        return Finding(FeatureDrift(name, kind, note=f"{side} has only missing values"))
    if min(now.present, before.present) < TOO_FEW:
        few = min(now.present, before.present)
        return Finding(FeatureDrift(name, kind, note=f"not tested: {few} values are too few"))
    if kind in ("numeric", "text") and now.kind == kind and part.counts is not None:
        return _numbers(name, kind, part.counts, known)
    if kind in ("categorical", "boolean") and now.kind in ("categorical", "boolean"):
        return _labels(name, kind, compare_labels(now.counts, known.labels, known.slowdown[0]))
    return _type_changed(name, kind, now.kind)


def _type_changed(name: str, before: str, now: str) -> Finding:
    feature = FeatureDrift(name, before, test="type", p_value=0.0, difference=1.0, score=1.0,
                           change=f"was {before}, is now {now}")  # fmt: skip
    return Finding(feature, ((0.0, 1.0),))


def _numbers(name: str, kind: str, here: Counts, known: Kept) -> Finding:
    there = known.counts
    n, m = int(here.sum()), int(there.sum())
    distinct = int(((here + there) > 0).sum())
    if distinct <= 2:
        return _labels(name, kind, _group_by_group(here, known))
    shape = rank_components(here, there)
    slowdown = known.slowdown_over(n)
    slow = max(float(slowdown[:2].max()), 1.0)
    effective = n * m / (n + m) / slow
    # The mean square of Kuiper's distance when nothing changed.
    by_chance = np.pi**2 / 6 / effective
    score = float(np.sqrt(max(0.0, shape.kuiper**2 - by_chance)))
    test, statistic, p = _numeric_test(shape, here, distinct, known)
    feature = FeatureDrift(
        name,
        kind,
        test=test,
        statistic=statistic,
        p_value=p,
        difference=shape.kuiper,
        score=min(score, 1.0),
        change=_direction(shape.z / np.sqrt(slowdown)),
        stability=_stability(here, there),
        note=f"one in {slow:.0f} rows is independent" if slow > 1.5 else "",
    )
    return Finding(feature, ((p, shape.kuiper),))


def _numeric_test(
    shape: Ordered, here: Counts, distinct: int, known: Kept
) -> tuple[str, float, float]:
    there = known.counts
    n, m = int(here.sum()), int(there.sum())
    slow = known.slowdown_over(n)
    location, spread, whole = component_p_values(shape.z, slow)
    if min(n, m) < SMALL:
        if m <= len(known.edges) * 4:  # every value of the reference is a group
            groups = np.arange(len(here), dtype=float)
            tested = mann_whitney(np.repeat(groups, here), np.repeat(groups, there))
            return "mann_whitney", tested.statistic, tested.p_value
        return "mann_whitney", float(shape.z[0]), location
    if distinct <= _FEW_DISTINCT:
        compared = _group_by_group(here, known)
        p = cauchy_combination([location, compared.tested.p_value])
        return f"{compared.test}+ranks", compared.tested.statistic, p
    distance = ks_p_value(shape.ks, n, m, float(slow[:2].max()))
    p = cauchy_combination([location, spread, whole, distance], _WEIGHTS)
    return "ks+ranks", shape.ks, min(1.0, _CALIBRATION * p)


def _group_by_group(here: Counts, known: Kept) -> Compared:
    def labelled(counts: Counts) -> dict[Hashable, int]:
        return {_group(i, known.edges): int(c) for i, c in enumerate(counts.tolist()) if c}

    return compare_labels(labelled(here), labelled(known.counts), known.slowdown[0])


def _group(index: int, edges: Floats) -> str:
    if index % 2:
        return f"{edges[index // 2]:g}"
    if index == 0:
        return f"below {edges[0]:g}"
    if index == 2 * len(edges):
        return f"above {edges[-1]:g}"
    return f"{edges[index // 2 - 1]:g} to {edges[index // 2]:g}"


def _direction(z: Floats) -> str:
    words = (("lower", "higher"), ("narrower", "wider"), ("skewed left", "skewed right"),
             ("lighter tails", "heavier tails"))  # fmt: skip
    strong = sorted((i for i in range(len(z)) if abs(z[i]) > 3), key=lambda i: -abs(z[i]))
    return " and ".join(words[i][int(z[i] > 0)] for i in strong[:2])


def _stability(here: Counts, there: Counts) -> float:
    # Ten groups of about equal shares of the reference.
    upto = np.cumsum(there)
    total = upto[-1]
    cuts = np.unique(np.searchsorted(upto, total * np.arange(1, 10) / 10)) + 1
    starts = np.concatenate([[0], cuts[cuts < len(there)]])
    return population_stability(np.add.reduceat(here, starts), np.add.reduceat(there, starts))


def _labels(name: str, kind: str, compared: Compared) -> Finding:
    moved = compared.variation
    score = float(np.sqrt(max(0.0, moved**2 - compared.by_chance**2)))
    feature = FeatureDrift(
        name,
        kind,
        test=compared.test or "same",
        # Fisher's odds ratio may be infinite; the difference of shares says the same.
        statistic=moved if compared.test == "fisher" else compared.tested.statistic,
        p_value=compared.tested.p_value,
        difference=moved,
        score=min(score, 1.0),
        change=_changed_labels(compared),
        stability=population_stability(compared.current, compared.reference),
    )
    return Finding(feature, ((compared.tested.p_value, moved),))


def _changed_labels(compared: Compared) -> str:
    new = [k for k, c, r in zip(compared.labels, compared.current, compared.reference,
                                strict=True) if c and not r]  # fmt: skip
    gone = [k for k, c, r in zip(compared.labels, compared.current, compared.reference,
                                 strict=True) if r and not c]  # fmt: skip
    found = []
    if new:
        found.append(f"new: {listed(tuple(new))}")
    if gone:
        found.append(f"gone: {listed(tuple(gone))}")
    if not found:
        gap = compared.current / compared.current.sum() - (
            compared.reference / compared.reference.sum()
        )
        most = int(np.argmax(np.abs(gap) + 1e-9 * (gap > 0)))
        found.append(f"{'more' if gap[most] > 0 else 'fewer'} {compared.labels[most]!s}")
    return "; ".join(found)
