"""What a comparison found, for programs, for people and for the alert they are sent."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

SEVERITIES = ("none", "low", "medium", "high", "critical")
_STEPS = (0.1, 0.25, 0.45)  # scores from which a drift is medium, high, critical


def severity_of(score: float, drifted: bool) -> str:
    """Return the word for a score; `"none"` when nothing drifted."""
    if not drifted:
        return "none"
    return SEVERITIES[1 + sum(score >= step for step in _STEPS)]


@dataclass(frozen=True)
class FeatureDrift:
    """One column, compared.

    Attributes:
        name: Of the column; `a ~ b` for the correlation of two.
        kind: As `kinds` infers it; `"relation"` for a correlation.
        drifted: Significant after correction for many tests, and large enough to matter.
        test: What was tested: `ks+ranks`, `mann_whitney`, `chi_square`, `g`, `fisher`, `missing`,
            `type`, `presence`, `correlation`; empty when nothing could be.
        statistic: Of that test.
        p_value: Before correction.
        adjusted_p_value: After it (Benjamini-Hochberg unless asked otherwise).
        difference: The largest difference in the share of any interval (numbers) or any set of
            labels: 0, the same, to 1, nothing in common. For correlations half their change.
        score: The difference beyond what samples of this size show by chance, times the
            feature's importance.
        change: In words: `higher`, `wider`, `new labels: x`, …
        stability: Population stability index over the reference's deciles or labels.
        missing_before: Share of missing values in the reference.
        missing_now: The same of the current side.
        note: Why nothing was tested, or what to know of the result.
    """

    name: str
    kind: str
    drifted: bool = False
    test: str = ""
    statistic: float = 0.0
    p_value: float = 1.0
    adjusted_p_value: float = 1.0
    difference: float = 0.0
    score: float = 0.0
    change: str = ""
    stability: float = 0.0
    missing_before: float = 0.0
    missing_now: float = 0.0
    note: str = ""

    @property
    def severity(self) -> str:
        """One of `SEVERITIES`."""
        return severity_of(self.score, self.drifted)

    def __str__(self) -> str:
        if not self.test:
            return f"{self.name}: {self.note or 'not tested'}"
        what = self.change or ("changed" if self.drifted else "no change")
        return (
            f"{self.name}: {what} ({self.test}, p = {self.p_value:.2g},"
            f" {self.difference:.0%} of values moved)"
        )


@dataclass(frozen=True)
class DriftReport:
    """All columns of a table, compared.

    Attributes:
        features: By name, in the reference's order.
        rows_now: Rows on the current side.
        rows_before: Rows of the reference.
        alpha: Allowed share of false discoveries; without any drift, of false alarms.
        min_effect: Smallest difference that counts.
        new_features: Columns that the reference does not have; they are not judged.
        status: `"compared"`, or `"no current data"`, `"no reference data"`.
    """

    features: Mapping[str, FeatureDrift]
    rows_now: int
    rows_before: int
    alpha: float
    min_effect: float
    new_features: tuple[str, ...] = ()
    status: str = "compared"

    @property
    def drifted(self) -> bool:
        """Whether any feature drifted."""
        return any(f.drifted for f in self.features.values())

    @property
    def drifted_features(self) -> list[str]:
        """Names of those that did, the largest score first."""
        found = [f for f in self.features.values() if f.drifted]
        return [f.name for f in sorted(found, key=lambda f: -f.score)]

    @property
    def score(self) -> float:
        """The largest score of a drifted feature, or of any when none drifted; 0 to 1."""
        drifted = [f.score for f in self.features.values() if f.drifted]
        return max(drifted or [f.score for f in self.features.values()], default=0.0)

    @property
    def p_value(self) -> float:
        """The smallest corrected p-value."""
        return min((f.adjusted_p_value for f in self.features.values()), default=1.0)

    @property
    def severity(self) -> str:
        """One of `SEVERITIES`."""
        return severity_of(self.score, self.drifted)

    @property
    def worst(self) -> FeatureDrift | None:
        """The drifted feature of the largest score, or the least likely one when none drifted."""
        if not self.features:
            return None
        return min(
            self.features.values(), key=lambda f: (not f.drifted, -f.score * f.drifted, f.p_value)
        )

    @property
    def test(self) -> str:
        """The test behind the worst feature."""
        return self.worst.test if self.worst else ""

    @property
    def statistic(self) -> float:
        """That test's statistic."""
        return self.worst.statistic if self.worst else 0.0

    @property
    def message(self) -> str:
        """One or two sentences for an alert."""
        if self.status != "compared":
            return f"Nothing was compared: there is {self.status}."
        count = len(self.features)
        what = "feature" if count == 1 else "features"
        if not self.drifted:
            return f"No drift in {count} {what} ({self.rows_now:,} rows, alpha = {self.alpha:g})."
        names = self.drifted_features
        shown = "; ".join(str(self.features[n]) for n in names[:3])
        more = f"; and {len(names) - 3} more" if len(names) > 3 else ""
        return f"Drift ({self.severity}) in {len(names)} of {count} {what}: {shown}{more}."

    @property
    def recommendations(self) -> list[str]:
        """What to do, the most urgent first; empty when nothing drifted."""
        return recommendations(self)

    @property
    def alerts(self) -> list[str]:
        """One sentence for each drifted feature, the largest score first."""
        return [str(self.features[n]) for n in self.drifted_features]

    @property
    def stability(self) -> float:
        """The largest population stability index of a feature."""
        return max((f.stability for f in self.features.values()), default=0.0)

    @property
    def by_feature(self) -> dict[str, bool]:
        """Whether each feature drifted."""
        return {n: f.drifted for n, f in self.features.items()}

    @property
    def scores(self) -> dict[str, float]:
        """The score of each feature."""
        return {n: f.score for n, f in self.features.items()}

    @property
    def p_values(self) -> dict[str, float]:
        """The p-value of each feature, before correction."""
        return {n: f.p_value for n, f in self.features.items()}

    @property
    def drift_share(self) -> float:
        """The share of features that drifted."""
        return len(self.drifted_features) / len(self.features) if self.features else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: what `json.dumps` takes."""
        return {
            "drift_detected": self.drifted,
            "score": self.score,
            "severity": self.severity,
            "p_value": self.p_value,
            "status": self.status,
            "message": self.message,
            "recommendations": self.recommendations,
            "drifted_features": self.drifted_features,
            "new_features": list(self.new_features),
            "rows": {"current": self.rows_now, "reference": self.rows_before},
            "features": {n: describe(f) for n, f in self.features.items()},
        }


def describe(feature: FeatureDrift) -> dict[str, Any]:
    """Return a feature as plain values."""
    return {
        "drifted": feature.drifted,
        "score": feature.score,
        "severity": feature.severity,
        "kind": feature.kind,
        "test": feature.test,
        "statistic": feature.statistic,
        "p_value": feature.p_value,
        "adjusted_p_value": feature.adjusted_p_value,
        "difference": feature.difference,
        "stability": feature.stability,
        "change": feature.change,
        "missing": {"reference": feature.missing_before, "current": feature.missing_now},
        "note": feature.note,
    }


def recommendations(report: DriftReport) -> list[str]:
    """Return what to do about a report, the most urgent first."""
    found: list[str] = []
    if report.status != "compared":
        return [f"Find out why there is {report.status}."]
    drifted = [report.features[n] for n in report.drifted_features]
    by_test: dict[str, list[str]] = {}
    for feature in drifted:
        by_test.setdefault(feature.test, []).append(feature.name)
    advice = {
        "presence": "Restore {0}: the reference has it, the current data do not.",
        "type": "Check the pipeline: {0} changed its type.",
        "missing": "Check the source of {0}: the share of missing values changed.",
        "correlation": "Check how {0} go together: each alone may look right.",
    }
    found += [text.format(listed(by_test[t])) for t, text in advice.items() if t in by_test]
    moved = [f.name for f in drifted if f.test not in advice]
    if moved:
        urgent = report.severity in ("high", "critical")
        found.append(
            f"Compare the model's recent errors with earlier ones, and retrain if they grew:"
            f" {listed(moved)} moved."
            if urgent
            else f"Watch {listed(moved)}; the change is real but {report.severity}."
        )
    if report.new_features:
        found.append(f"Add {listed(report.new_features)} to the reference to have it monitored.")
    return found


def listed(names: list[str] | tuple[Hashable, ...]) -> str:
    """Return names as a sentence has them, at most five."""
    shown = [str(n) for n in names[:5]]
    rest = len(names) - len(shown)
    if rest:
        shown.append(f"{rest} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def plain(report: Any) -> dict[str, Any]:
    """Return a report's attributes and its message as values that `json.dumps` takes."""
    found: dict[str, Any] = {}
    for name, value in (*report.__dict__.items(), ("score", report.score)):
        if isinstance(value, tuple):
            found[name] = list(value)
        elif isinstance(value, Mapping):
            found[name] = dict(value)
        else:
            found[name] = None if value != value else value  # noqa: PLR0124 - NaN is no JSON
    return {**found, "message": report.message}
