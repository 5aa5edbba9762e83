"""Seasons: a weekend is compared with weekends."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from poet.domains.ml_monitoring.toolkit import compare, matched
from poet.domains.ml_monitoring.toolkit.seasons import seasons_of
from poet.errors import ArgumentError

HOURS = np.arange("2026-01-05", "2026-03-02", dtype="M8[h]")  # eight weeks, Monday first
WEEKEND = (HOURS.astype("int64") // 24 + 3) % 7 >= 5
VALUES = np.random.default_rng(1).normal(WEEKEND * 2.0, 1.0)


def test_a_usual_weekend_is_drift_only_without_matching():
    """The pattern `false on weekends` is answered by a seasonal reference."""
    now, before = slice(-48, None), slice(0, -48)
    assert compare(VALUES[now], VALUES[before]).drifted
    like = matched(VALUES[before], HOURS[before], HOURS[now], by="weekday")
    assert len(like["value"]) == 7 * 48
    assert not compare(VALUES[now], like).drifted
    assert compare(VALUES[now] + 1, like).drifted


def test_seasons_keep_their_proportions():
    """Three quarters Mondays now are three quarters Mondays there."""
    times = [datetime.datetime(2026, 3, 2, 8)] * 3 + [datetime.datetime(2026, 3, 3, 8)]
    like = matched(np.arange(len(HOURS)), HOURS, times, by="weekday")["value"]
    mondays = seasons_of(HOURS[like], "weekday") == 0
    assert mondays.mean() == pytest.approx(0.75)


def test_unknown_seasons_and_missing_times():
    """Nothing alike: the whole reference; no time for a row: an error."""
    only_mondays = HOURS[:24]
    assert len(matched(VALUES[:24], only_mondays, HOURS[-24:])["value"]) == 24
    with pytest.raises(ArgumentError, match="one for each time"):
        matched([1, 2, 3], HOURS[:2], HOURS[:2])
    with pytest.raises(ArgumentError, match="no season"):
        seasons_of(HOURS, "decade")
    with pytest.raises(ArgumentError, match="no time"):
        seasons_of(["soon"], "hour")


@pytest.mark.parametrize(
    ("by", "wanted"),
    [("hour", 13), ("weekday", 6), ("weekend", 1), ("hour of week", 157), ("month", 2)],
)
def test_numbers_of_seasons(by, wanted):
    """13 h on Sunday, 1 March 2026."""
    assert seasons_of(["2026-03-01T13:30"], by).tolist() == [wanted]
