"""Alerts: when people are told, when not, and what thresholds cost."""

from __future__ import annotations

import numpy as np
import pytest

from poet.domains.ml_monitoring.toolkit import (
    Alarm,
    Reference,
    cheapest_threshold,
    compare,
    groups_of,
)

RNG = np.random.default_rng(1)
USUAL = RNG.normal(size=400)
QUIET, DRIFT = compare(USUAL, USUAL), compare(USUAL + 0.4, USUAL)
CRITICAL, EMPTY = compare(USUAL + 3, USUAL), compare([], USUAL)


def events(alarm, reports):
    return [a.event if (a := alarm.update(r)) else "" for r in reports]


def test_an_alert_is_raised_once_and_cleared_once():
    """Not at each check, and not at the first quiet one."""
    found = events(Alarm(), [QUIET, DRIFT, DRIFT, QUIET, DRIFT, QUIET, QUIET, QUIET])
    assert found == ["", "raised", "", "", "", "", "cleared", ""]


def test_one_noisy_check_can_be_waited_out():
    """raise_after=2 needs two in a row."""
    assert events(Alarm(raise_after=2), [DRIFT, QUIET, DRIFT, DRIFT]) == ["", "", "", "raised"]


def test_worse_is_said_and_missing_data_change_nothing():
    """The severity grew while the alert was on."""
    alarm = Alarm()
    assert events(alarm, [DRIFT, EMPTY, CRITICAL]) == ["raised", "", "worse"]
    assert alarm.status == "alert"


def test_budget_and_cool_down_hold_back_all_but_critical_alerts():
    """What was held back is counted."""
    alarm = Alarm(clear_after=1, budget=1, period=10)
    assert events(alarm, [DRIFT, QUIET, DRIFT, QUIET, CRITICAL]) == [
        "raised", "cleared", "", "", "raised",
    ]  # fmt: skip
    assert alarm.suppressed == 1
    calm = Alarm(clear_after=1, cool_down=3)
    assert events(calm, [DRIFT, QUIET, DRIFT, QUIET, QUIET, DRIFT])[-1] == "raised"


def test_features_that_move_together_are_one_group():
    """Correlated in the reference, so one cause."""
    z = RNG.normal(size=(500, 2))
    usual = {"a": z[:, 0], "b": z[:, 0] + 0.3 * z[:, 1], "c": RNG.normal(size=500)}
    known = Reference(usual)
    report = compare({n: v + 1 for n, v in usual.items()}, known)
    assert sorted(map(sorted, groups_of(report, known))) == [["a", "b"], ["c"]]
    assert len(groups_of(report)) == 3


def test_threshold_follows_what_people_said():
    """False alarms raise it, misses lower it, nothing moves without a reason."""
    scores = [0.05, 0.08, 0.1, 0.3, 0.4]
    learned = cheapest_threshold(scores, [False, False, False, True, True], now=0.03)
    assert 0.1 < learned.threshold < 0.3
    assert (learned.cost, learned.cost_now) == (0, 3)
    assert cheapest_threshold(scores, [True] * 5, now=0.2).threshold <= 0.05
    assert cheapest_threshold([], [], now=0.2).threshold == 0.2
    assert cheapest_threshold(scores, [True] * 5, now=0.01).threshold == 0.01
    with pytest.raises(ValueError, match="1 scores have 0 labels"):
        cheapest_threshold([1], [], now=0)
