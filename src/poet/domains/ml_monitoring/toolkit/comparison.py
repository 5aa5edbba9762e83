"""Compare current data with a reference: one test per column, one judgement for the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from ....errors import ArgumentError
from .counted import Counted, count
from .dependence import correlation_shift
from .features import Finding, compare_column
from .multiplicity import benjamini_hochberg, benjamini_yekutieli
from .reference import Reference
from .report import DriftReport, FeatureDrift

Correction = Literal["benjamini-hochberg", "benjamini-yekutieli", "none"]

_SMALLEST_RELATION = 0.1  # a correlation that moved by less does not count


def compare(
    current: Any,
    reference: Any,
    *,
    alpha: float = 0.05,
    min_effect: float = 0.03,
    importance: Mapping[str, float] | None = None,
    correction: Correction = "benjamini-hochberg",
    relations: bool = True,
) -> DriftReport:
    """Tell which columns changed between a reference and current data, and how much.

    A column drifted when its change is significant after correction for many tests *and* at least
    `min_effect` of its values moved, so that neither chance nor trivia in large samples alarms.
    Which test is used depends on the column; see the domain's guide.

    No current rows or no reference rows: nothing is compared, `status` says so, and nothing
    drifted. Fewer than four values on a side: the column is not tested, and its `note` says so.
    A column that only the reference has drifted (`test="presence"`); one that only the current
    side has is listed in `new_features` and not judged. A column whose type changed drifted
    (`test="type"`). Missing values are compared by their share. Dates and identifiers are not
    compared, because they move on by nature.

    Args:
        current: Anything that `columns` reads, or partitions that `count` counted and that were
            added.
        reference: The same, in order of time where there is one, or a `Reference` that was built
            before.
        alpha: Allowed share of false discoveries; without any drift, of tables that alarm. A
            number outside 0 to 1 counts as the nearer end, here and for `min_effect`; with NaN
            nothing ever drifts.
        min_effect: Smallest share of values that must have moved.
        importance: Weight of a feature's score, 1 where none is given; 0 leaves a feature out.
        correction: For many tests.
        relations: Whether to test correlations of number columns too.

    Raises:
        ArgumentError: A side is no data, or a setting is no number.
    """
    alpha, min_effect = _share("alpha", alpha), _share("min_effect", min_effect)
    kept = reference if isinstance(reference, Reference) else Reference(reference)
    counted = current if isinstance(current, Counted) else count(current, kept)
    now, before = counted.rows, kept.rows
    if not now or not before:
        status = "no current data" if not now else "no reference data"
        names = list(kept.kept) or list(counted.new)
        empty = {n: FeatureDrift(n, "empty", note=f"there is {status}") for n in names}
        new = counted.new if before else ()
        return DriftReport(empty, now, before, alpha, min_effect, new, status)
    weights = importance or {}
    findings = {
        name: compare_column(counted.parts.get(name), known)
        for name, known in kept.kept.items()
        if weights.get(name, 1.0) > 0
    }
    if relations:
        found = _relation(counted, kept)
        if found is not None:
            findings[found.feature.name] = found
    features = _judge(findings, alpha, min_effect, weights, correction)
    return DriftReport(features, now, before, alpha, min_effect, counted.new)


def _share(name: str, value: float) -> float:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number:
        raise ArgumentError(f"{name}={value!r} is not a share. Give a number from 0 to 1.")
    return float(min(max(value, 0.0), 1.0))


def _relation(counted: Counted, kept: Reference) -> Finding | None:
    if kept.relations is None or counted.relation_rows is None:
        return None
    names = kept.relation_names
    slowdown = max(float(kept.kept[n].slowdown[0]) for n in names)
    shift = correlation_shift(counted.relation_rows, kept.relations, slowdown)
    if shift is None:
        return None
    first, second = (names[i] for i in shift.pair)
    moved = shift.after - shift.before
    feature = FeatureDrift(
        f"{first} ~ {second}",
        "relation",
        test="correlation",
        statistic=moved,
        p_value=shift.p_value,
        difference=abs(moved) / 2,
        score=abs(moved) / 2,
        change=f"correlation {shift.before:+.2f} is now {shift.after:+.2f}",
    )
    # Halved, as its difference is.
    return Finding(feature, ((shift.p_value, abs(moved) / 2),), floor=_SMALLEST_RELATION / 2)


def _judge(
    findings: Mapping[str, Finding],
    alpha: float,
    min_effect: float,
    weights: Mapping[str, float],
    correction: Correction,
) -> dict[str, FeatureDrift]:
    # What is too small to matter counts as not significant at all; that only raises p-values,
    # so that the correction keeps its promise.
    judged = {n: f.judged(min_effect) for n, f in findings.items() if f.tested}
    p = np.asarray(list(judged.values()))
    if len(p) and correction == "benjamini-hochberg":
        p = benjamini_hochberg(p)
    elif len(p) and correction == "benjamini-yekutieli":
        p = benjamini_yekutieli(p)
    adjusted = dict(zip(judged, p.tolist(), strict=True))
    features = {}
    for name, finding in findings.items():
        feature = finding.feature
        q = adjusted.get(name, 1.0)
        drifted = q <= alpha if finding.tested else False
        weight = weights.get(name, 1.0)
        features[name] = replace(
            feature,
            drifted=bool(drifted),
            adjusted_p_value=float(q),
            score=float(min(1.0, feature.score * weight)),
            change=feature.change if drifted else "",
        )
        if feature.kind == "relation" and not drifted:
            del features[name]
    return features
