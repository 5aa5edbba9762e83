"""How well a model did where the truth is known, and whether it got worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from ....errors import ArgumentError
from .kinds import Floats, is_missing
from .report import plain
from .tables import Array, columns

_CLASSES = 20  # whole numbers with at most this many distinct values are classes


@dataclass(frozen=True)
class PerformanceReport:
    """Figures of a model; those that do not apply to the task are NaN.

    Attributes:
        task: `"classification"`, `"regression"`, or `"none"` without any pair of values.
        rows: Pairs that have both a prediction and a truth.
        accuracy: Share of right classes.
        precision: Of the larger class of two; the mean over classes when there are more.
        recall: The same way.
        f1: The same way.
        auc: Probability that a positive is scored above a negative; for scores of two classes.
        mae: Mean absolute error.
        rmse: Root of the mean squared error.
        r2: Share of variance explained.
        bias: Mean of prediction minus truth.
        degraded: Whether the model is significantly worse than the baseline, or, without one,
            in the newer half of the rows than in the older.
        p_value: Of that test, one-sided.
        baseline: The value it was compared with; None for the halves.
    """

    task: str = "none"
    rows: int = 0
    accuracy: float = np.nan
    precision: float = np.nan
    recall: float = np.nan
    f1: float = np.nan
    auc: float = np.nan
    mae: float = np.nan
    rmse: float = np.nan
    r2: float = np.nan
    bias: float = np.nan
    degraded: bool = False
    p_value: float = 1.0
    baseline: float | None = None

    @property
    def score(self) -> float:
        """Accuracy, or the share of variance explained; 0 without data."""
        value = self.accuracy if self.task == "classification" else self.r2
        return 0.0 if np.isnan(value) else value

    @property
    def error(self) -> float:
        """Share of wrong classes, or the mean absolute error; 0 without data."""
        value = 1 - self.accuracy if self.task == "classification" else self.mae
        return 0.0 if np.isnan(value) else value

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; figures that do not apply are None."""
        return plain(self)

    @property
    def message(self) -> str:
        """One sentence."""
        if self.task == "none":
            return "Nothing was judged: no row has both a prediction and a truth."
        what = (
            f"accuracy {self.accuracy:.3f}, F1 {self.f1:.3f}"
            if self.task == "classification"
            else f"mean absolute error {self.mae:.4g}, R² {self.r2:.3f}"
        )
        than = "the newer half than in the older" if self.baseline is None else None
        worse = f"worse in {than}" if than else f"worse than the baseline {self.baseline:.4g}"
        end = f"{worse} (p = {self.p_value:.2g})" if self.degraded else "not significantly worse"
        return f"{self.task.capitalize()} over {self.rows:,} rows: {what}; {end}."

    @property
    def recommendations(self) -> list[str]:
        """What to do; empty when the model did not get worse."""
        if not self.degraded:
            return []
        return ["Look for drift in the features of the rows with the largest errors, and retrain."]


def performance(
    predictions: Any, actual: Any, *, baseline: Any = None, alpha: float = 0.05
) -> PerformanceReport:
    """Judge predictions where the truth is known.

    Labels, booleans and few whole numbers are classes; other truths are numbers. Scores between
    0 and 1 for two classes are cut at 0.5 and give an area under the curve as well. Rows that
    miss either side are left out.

    Args:
        predictions: One per row, in order of time where there is one.
        actual: The truths.
        baseline: The accuracy, or the mean absolute error, that the model used to have; several
            earlier ones count as their mean, and None compares the newer half with the older.
        alpha: Allowed probability of calling a model worse that is not.

    Raises:
        ArgumentError: The two differ in length, or are no single columns.
    """
    guessed, truth = _single(predictions, "predictions"), _single(actual, "actual")
    if len(guessed) != len(truth):
        raise ArgumentError(
            f"There are {len(guessed)} predictions for {len(truth)} true values. Pass one for each."
        )
    both = [(p, t) for p, t in zip(guessed.tolist(), truth.tolist(), strict=True)
            if not is_missing(p) and not is_missing(t)]  # fmt: skip
    baseline = _baseline(baseline)
    if not both:
        return PerformanceReport(baseline=baseline)
    p, t = [list(side) for side in zip(*both, strict=True)]
    if _are_classes(t):
        return _classification(p, t, baseline, alpha)
    try:
        numbers = np.asarray(p, float), np.asarray(t, float)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"The true values are numbers, but not all predictions are: {p[:3]!r} … Pass numbers."
        ) from error
    return _regression(*numbers, baseline, alpha)


def _baseline(value: Any) -> float | None:
    if value is None:
        return None
    values = [value] if isinstance(value, (int, float, np.number)) else _single(value, "baseline")
    try:
        return float(np.mean([float(v) for v in values])) if len(values) else None
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"baseline={value!r} is no number. Pass an accuracy or error."
        ) from error


def _single(data: Any, name: str) -> Array:
    found = columns(data, name)
    if len(found) > 1:
        raise ArgumentError(f"{name} has {len(found)} columns. Pass one value for each row.")
    return next(iter(found.values()), np.empty(0))


def _are_classes(truth: list[Any]) -> bool:
    if not all(isinstance(v, (int, float, np.number)) and not isinstance(v, bool) for v in truth):
        return True
    return all(float(v).is_integer() for v in truth) and len(set(truth)) <= _CLASSES


def _classification(
    p: list[Any], t: list[Any], baseline: float | None, alpha: float
) -> PerformanceReport:
    auc = np.nan
    if set(t) <= {0, 1} and any(isinstance(v, float) and not v.is_integer() for v in p):
        auc = _auc(np.asarray(p, float), np.asarray(t, float))
        p = [type(t[0])(v >= 0.5) for v in p]
    right = np.asarray([a == b for a, b in zip(p, t, strict=True)], dtype=float)
    classes = sorted(set(t) | set(p), key=str)
    judged = classes[-1:] if len(classes) == 2 else classes
    figures = np.asarray([_of_class(p, t, c) for c in judged]).mean(axis=0)
    degraded, p_value = _more_errors(1 - right, None if baseline is None else 1 - baseline, alpha)
    return PerformanceReport(
        "classification",
        len(t),
        accuracy=float(right.mean()),
        precision=float(figures[0]),
        recall=float(figures[1]),
        f1=float(figures[2]),
        auc=float(auc),
        degraded=degraded,
        p_value=p_value,
        baseline=baseline,
    )


def _of_class(p: list[Any], t: list[Any], label: Any) -> tuple[float, float, float]:
    hits = sum(a == label and b == label for a, b in zip(p, t, strict=True))
    said, were = sum(a == label for a in p), sum(b == label for b in t)
    precision, recall = hits / said if said else 0.0, hits / were if were else 0.0
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _auc(scores: Floats, truth: Floats) -> float:
    positive = truth == 1
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return np.nan
    return float((stats.rankdata(scores)[positive].sum() - n * (n + 1) / 2) / (n * m))


def _regression(
    p: Floats, t: Floats, baseline: float | None, alpha: float
) -> PerformanceReport:  # fmt: skip
    error = p - t
    spread = float(((t - t.mean()) ** 2).sum())
    degraded, p_value = _more_errors(np.abs(error), baseline, alpha)
    return PerformanceReport(
        "regression",
        len(t),
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error**2).mean())),
        r2=1 - float((error**2).sum()) / spread if spread else np.nan,
        bias=float(error.mean()),
        degraded=degraded,
        p_value=p_value,
        baseline=baseline,
    )


def _more_errors(errors: Floats, baseline: float | None, alpha: float) -> tuple[bool, float]:
    """Test whether errors are larger than a mean, or than those of the older half."""
    n = len(errors)
    if n < 8:
        return False, 1.0
    if baseline is None:
        older, newer = errors[: n // 2], errors[n // 2 :]
        if errors.min() == errors.max():
            return False, 1.0
        p = float(stats.mannwhitneyu(newer, older, alternative="greater").pvalue)
    elif set(np.unique(errors)) <= {0.0, 1.0}:
        p = float(stats.binomtest(int(errors.sum()), n, min(max(baseline, 0), 1),
                                  alternative="greater").pvalue)  # fmt: skip
    elif errors.std() == 0:
        p = 0.0 if errors[0] > baseline else 1.0
    else:
        p = float(stats.ttest_1samp(errors, baseline, alternative="greater").pvalue)
    return p <= alpha, p
