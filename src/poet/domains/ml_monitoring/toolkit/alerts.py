"""From findings to alerts that people can bear: hysteresis, cool-down, budget, groups.

Also the cost of a threshold, from alerts that people called right or wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .reference import Reference
from .report import DriftReport

Event = Literal["raised", "worse", "cleared"]

_TOGETHER = 0.5  # correlation in the reference from which two columns move together


@dataclass(frozen=True)
class Alert:
    """What is sent to people.

    Attributes:
        event: `"raised"`, `"worse"` or `"cleared"`.
        severity: Of the report.
        message: Its message; for a cleared alert, since when.
        groups: Drifted features, those that move together in one list.
        check: Number of the check, from 1.
    """

    event: Event
    severity: str
    message: str
    groups: list[list[str]]
    check: int


@dataclass
class Alarm:
    """Decides which reports become alerts; it keeps a few numbers between checks.

    Attributes:
        raise_after: Checks in a row that must have drifted before anybody is told.
        clear_after: Checks in a row without drift before the alert ends.
        cool_down: Checks after an alert was raised during which no other one is.
        budget: Alerts raised at most in `period` checks; a critical one is never held back.
        period: Checks that the budget is for.
        status: `"ok"` or `"alert"`.
        suppressed: Alerts that the cool-down or the budget held back.
    """

    raise_after: int = 1
    clear_after: int = 2
    cool_down: int = 0
    budget: int | None = None
    period: int = 7
    status: str = "ok"
    suppressed: int = 0
    _checks: int = 0
    _drifted: int = 0
    _quiet: int = 0
    _severity: str = "none"
    _raised: list[int] = field(default_factory=list)

    def update(self, report: DriftReport, reference: Reference | None = None) -> Alert | None:
        """Take the report of a check; return the alert to send, if any.

        A check without data changes nothing.
        """
        if report.status != "compared":
            self._checks += 1
            return None
        quiet = self._quiet + 1
        event = self.raise_or_clear(report.drifted, report.severity)
        if event is None:
            return None
        if event == "cleared":
            text = f"No drift any more, for {quiet} checks."
            return Alert(event, "none", text, [], self._checks)
        groups = groups_of(report, reference)
        return Alert(event, report.severity, report.message, groups, self._checks)

    def raise_or_clear(self, drifted: bool, severity: str = "low") -> Event | None:
        """Take what a check said; return `"raised"`, `"worse"`, `"cleared"` or None.

        For a monitor that answers with flags; `update` takes a whole report.
        """
        self._checks += 1
        self._drifted = self._drifted + 1 if drifted else 0
        self._quiet = 0 if drifted else self._quiet + 1
        if self.status == "alert":
            if self._quiet >= self.clear_after:
                self.status, self._severity = "ok", "none"
                return "cleared"
            if _rank(severity) > _rank(self._severity):
                self._severity = severity
                return "worse"
            return None
        if self._drifted < self.raise_after:
            return None
        if self._held_back(severity):
            self.suppressed += 1
            return None
        self.status, self._severity = "alert", severity
        self._raised.append(self._checks)
        return "raised"

    def _held_back(self, severity: str) -> bool:
        if severity == "critical":
            return False
        if self._raised and self._checks - self._raised[-1] <= self.cool_down:
            return True
        recent = sum(self._checks - c < self.period for c in self._raised)
        return self.budget is not None and recent >= self.budget


def _rank(severity: str) -> int:
    return ("none", "low", "medium", "high", "critical").index(severity)


def groups_of(report: DriftReport, reference: Reference | None = None) -> list[list[str]]:
    """Return the drifted features, those that are correlated in the reference in one list."""
    groups = [[name] for name in report.drifted_features]
    if reference is None or reference.relations is None:
        return groups
    at = {name: i for i, name in enumerate(reference.relation_names)}
    r = reference.relations.correlation
    merged: list[list[str]] = []
    for name in report.drifted_features:
        near = [
            g for g in merged
            if any(name in at and o in at and abs(r[at[name], at[o]]) >= _TOGETHER for o in g)
        ]  # fmt: skip
        merged = [g for g in merged if g not in near]
        merged.append([o for g in near for o in g] + [name])
    return merged


@dataclass(frozen=True)
class Cheapest:
    """The threshold that would have cost least.

    Attributes:
        threshold: Scores at or above it alert.
        cost: What the labelled checks would have cost with it.
        cost_now: What they cost with the present one.
        labelled: Checks that it was learned from.
    """

    threshold: float
    cost: float
    cost_now: float
    labelled: int


def cheapest_threshold(
    scores: Sequence[float],
    real: Sequence[bool],
    *,
    now: float,
    miss: float = 5.0,
    false_alarm: float = 1.0,
) -> Cheapest:
    """Return the threshold on a score that costs least on checks that people have judged.

    Among equally cheap ones the nearest to the present one is taken, so that nothing moves
    without a reason.

    Args:
        scores: Of judged checks.
        real: Whether each was a change that mattered.
        now: The present threshold.
        miss: Cost of a change that mattered and did not alert.
        false_alarm: Cost of an alert that did not matter.

    Raises:
        ValueError: There are more or fewer labels than scores.
    """
    if len(scores) != len(real):
        raise ValueError(f"{len(scores)} scores have {len(real)} labels. Give one for each.")

    def cost(threshold: float) -> float:
        return sum(
            miss * (yes and score < threshold) + false_alarm * (not yes and score >= threshold)
            for score, yes in zip(scores, real, strict=True)
        )

    known = sorted(set(scores))
    between = [(a + b) / 2 for a, b in itertools.pairwise(known)]
    ends = [known[0], min(1.0, known[-1] * 1.1 + 1e-6)] if known else []
    best = min([now, *between, *ends], key=lambda t: (cost(t), abs(t - now)))
    return Cheapest(best, cost(best), cost(now), len(scores))
