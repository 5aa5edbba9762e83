"""One comparison, end to end: what is found, what is not, and what is said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from poet.domains.ml_monitoring.toolkit import Reference, compare
from poet.errors import ArgumentError


def normal(n, mean=0.0, seed=0, sd=1.0):
    return np.random.default_rng(seed).normal(mean, sd, n)


def one(current, reference, **options):
    report = compare({"x": current}, {"x": reference}, **options)
    return report.features["x"]


def test_same_data_have_score_zero():
    """Nothing moved, nothing is said to have moved."""
    report = compare(normal(300), normal(300))
    assert (report.drifted, report.score, report.severity) == (False, 0.0, "none")
    assert report.message.startswith("No drift in 1 feature")
    assert report.recommendations == []


@pytest.mark.parametrize(
    ("current", "words"),
    [
        (normal(600, 0.5, 1), "higher"),
        (normal(600, -0.5, 1), "lower"),
        (normal(600, 0, 1, 1.6), "wider"),
        (normal(600, 0, 1, 0.6), "narrower"),
    ],
)
def test_changes_are_found_and_named(current, words):
    """Location and spread, both ways."""
    feature = one(current, normal(600))
    assert feature.drifted
    assert words in feature.change


def test_shape_is_found_where_mean_and_variance_are_equal():
    """Two modes instead of one."""
    rng = np.random.default_rng(1)
    two = rng.choice([-0.9, 0.9], 800) + rng.normal(0, np.sqrt(1 - 0.81), 800)
    assert one(two, normal(800)).drifted


def test_trivial_changes_in_large_samples_do_not_alarm():
    """0.02 standard deviations are significant in 400,000 values, and nobody cares."""
    feature = one(normal(400_000, 0.02, 1), normal(400_000))
    assert feature.p_value < 1e-6
    assert not feature.drifted
    assert one(normal(400_000, 0.02, 1), normal(400_000), min_effect=0.0).drifted


@pytest.mark.parametrize("n", [8, 12, 20, 50, 300])
def test_level_is_kept(n):
    """Without drift at most 5 % of checks alarm, three standard errors allowed."""
    rng = np.random.default_rng(n)
    alarms = sum(compare(rng.normal(size=n), rng.normal(size=n)).drifted for _ in range(400))
    assert alarms <= 400 * 0.05 + 3 * np.sqrt(400 * 0.05 * 0.95)


def test_level_is_kept_for_a_wide_table_with_autocorrelation():
    """Neither thirty columns nor dependent rows make a monitor cry wolf."""
    rng = np.random.default_rng(3)

    def table(n):
        noise = rng.normal(size=(n + 100, 10))
        for i in range(1, len(noise)):
            noise[i] += 0.7 * noise[i - 1]
        return noise[100:]

    alarms = sum(compare(table(300), table(600)).drifted for _ in range(60))
    assert alarms <= 3 + 5


def test_a_kept_reference_gives_the_same_answer():
    """Also when it is used twice."""
    reference, current = {"x": normal(900)}, {"x": normal(300, 0.4, 1)}
    kept = Reference(reference)
    first, second = compare(current, kept), compare(current, kept)
    assert first.to_dict() == second.to_dict() == compare(current, reference).to_dict()
    assert "900 rows" in repr(kept)


def test_missing_values_are_a_drift_of_their_own():
    """More of them is drift; the same share is not."""
    holes = normal(500)
    holes[:25] = np.nan
    more = normal(500, seed=1)
    more[:150] = np.nan
    feature = one(more, holes)
    assert (feature.drifted, feature.test) == (True, "missing")
    assert feature.missing_before == pytest.approx(0.05)
    assert feature.missing_now == pytest.approx(0.3)
    assert not one(holes, holes).drifted
    assert one(np.full(100, np.nan), normal(100)).drifted
    assert not one(np.full(100, np.nan), np.full(100, np.nan)).drifted


def test_labels():
    """Shares, new labels and vanished labels."""
    usual = ["a"] * 300 + ["b"] * 300
    assert not one(usual[::-1], usual).drifted
    assert one(["a"] * 400 + ["b"] * 200, usual).change == "more a"
    assert one(["a"] * 300 + ["c"] * 300, usual).change == "new: c; gone: b"
    assert one([True] * 90 + [False] * 10, [True] * 50 + [False] * 50).test == "fisher"


def test_constants():
    """The same constant is no drift, another one is, and so is the end of a constant."""
    assert not one(np.ones(50), np.ones(50)).drifted
    assert one(np.full(50, 2.0), np.ones(50)).drifted
    assert one(normal(50), np.ones(50)).drifted
    assert one(np.ones(50), normal(50)).drifted


def test_whole_numbers_of_few_values():
    """Ratings from one to five are compared value by value and in order."""
    rng = np.random.default_rng(1)
    feature = one(rng.choice(5, 400, p=[0.1, 0.1, 0.2, 0.3, 0.3]), rng.choice(5, 400))
    assert feature.drifted
    assert "+ranks" in feature.test


def test_columns_that_come_and_go():
    """A vanished column is drift; a new one is listed and not judged."""
    report = compare({"a": normal(99), "new": normal(99)}, {"a": normal(99), "old": normal(99)})
    assert report.drifted_features == ["old"]
    assert report.new_features == ("new",)
    assert "Restore old" in report.recommendations[0]
    assert any("Add new" in r for r in report.recommendations)


def test_a_changed_type_is_drift():
    """Numbers that became texts."""
    feature = one(["1", "2"] * 50, [1, 2] * 50)
    assert (feature.test, feature.drifted) == ("type", True)
    assert not one([0, 1] * 50, [False, True] * 50).drifted
    assert not one([False, True] * 50, [0, 1] * 50).drifted


def test_time_axes_and_identifiers_are_not_compared():
    """They move on by nature."""
    before = {"id": np.arange(100), "at": np.arange("2026-01", "2026-01-05", dtype="M8[h]")}
    now = {"id": np.arange(100) + 100, "at": before["at"] + np.timedelta64(90, "D")}
    report = compare(now, before)
    assert not report.drifted
    assert all("moves on" in f.note for f in report.features.values())


def test_no_rows_and_few_rows():
    """Each has a status or a note, and nothing drifts."""
    assert compare([], normal(9)).status == "no current data"
    assert compare(normal(9), []).status == "no reference data"
    assert "no current data" in compare([], []).message
    report = compare([1.0, 9.0], normal(50))
    assert not report.drifted
    assert "too few" in report.features["value"].note


def test_broken_relations_are_found():
    """Each column alone looks right, and their correlation is gone."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=600)
    before = {"x": x, "y": 0.8 * x + 0.6 * rng.normal(size=600)}
    now = {"x": rng.normal(size=600), "y": rng.normal(size=600)}
    report = compare(now, before)
    assert report.drifted_features == ["x ~ y"]
    assert report.features["x ~ y"].test == "correlation"
    assert not compare(now, before, relations=False).drifted


def test_importance_weighs_and_leaves_out():
    """A weight of 0 takes a feature out; 0.5 halves its score."""
    sides = {"a": normal(300, 1.0, 1), "b": normal(300)}, {"a": normal(300), "b": normal(300)}
    whole = compare(*sides).features["a"].score
    assert compare(*sides, importance={"a": 0.5}).features["a"].score == pytest.approx(whole / 2)
    assert "a" not in compare(*sides, importance={"a": 0.0}).features


def test_corrections():
    """Under any dependence is stricter; none is laxer."""
    sides = normal(100, 0.5, 5), normal(100, seed=6)
    q = [
        compare(np.c_[sides[0], normal(100)], np.c_[sides[1], normal(100)], correction=c).p_value
        for c in ("none", "benjamini-hochberg", "benjamini-yekutieli")
    ]
    assert q[0] < q[1] < q[2]


def test_infinities_count_as_extremes():
    """They are ordered like any number."""
    values = normal(300)
    values[:100] = np.inf
    assert one(values, normal(300)).drifted
    assert not one(values, values).drifted


def test_report_is_plain_data():
    """`to_dict` goes through JSON, and the flags are bools."""
    report = compare({"a": normal(99, 1.0), "c": ["x"] * 99}, {"a": normal(99), "c": ["y"] * 99})
    again = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert again["drift_detected"] is True
    assert set(again["features"]) == {"a", "c"}
    assert report.by_feature == {"a": True, "c": True}
    assert len(report.alerts) == 2
    assert report.drift_share == 1.0


def test_settings_outside_their_range_count_as_its_end():
    """alpha=2 alarms whenever anything moved, min_effect=7 never."""
    assert compare(normal(60, 0.1), normal(60, seed=1), alpha=2).drifted
    assert not compare(normal(60, 1.0), normal(60, seed=1), min_effect=7).drifted
    assert not compare(normal(60, 9.0), normal(60, seed=1), alpha=float("nan")).drifted


@pytest.mark.parametrize("options", [{"alpha": "x"}, {"min_effect": True}, {"alpha": None}])
def test_settings_that_are_no_numbers_are_rejected(options):
    """The message names the setting."""
    with pytest.raises(ArgumentError, match="is not a share"):
        compare([1], [1], **options)
