"""Figures of models, and the tables they are computed from."""

from __future__ import annotations

import json

import numpy as np
import pytest

from poet.domains.ml_monitoring.toolkit import performance, quality
from poet.errors import ArgumentError


def test_classes():
    """Accuracy, precision, recall and F1 of the positive class."""
    report = performance([1, 1, 0, 0, 1], [1, 0, 0, 1, 1])
    assert report.task == "classification"
    assert (report.accuracy, report.precision, report.recall) == (0.6, 2 / 3, 2 / 3)
    assert report.f1 == pytest.approx(2 / 3)
    assert performance(["a", "b"], ["a", "c"]).accuracy == 0.5


def test_scores_of_two_classes():
    """Probabilities are cut at one half, and ranked for the area under the curve."""
    report = performance([0.9, 0.2, 0.6, 0.4], [1, 0, 0, 1])
    assert report.accuracy == 0.5
    assert report.auc == 0.75


def test_numbers():
    """Errors of a regression."""
    truth = np.linspace(0, 1, 50) ** 0.5
    report = performance(truth + 0.1, truth)
    assert report.mae == pytest.approx(0.1)
    assert report.bias == pytest.approx(0.1)
    assert report.rmse == pytest.approx(0.1)
    assert report.score == report.r2


def test_degradation_without_and_with_a_baseline():
    """Newer errors against older ones, or against what the model used to have."""
    rng = np.random.default_rng(3)
    truth = rng.normal(size=400)
    error = rng.normal(0, np.repeat([0.1, 0.5], 200))
    assert performance(truth + error, truth).degraded
    assert not performance(truth[:200] + error[:200], truth[:200]).degraded
    assert performance(truth + error, truth, baseline=0.05).degraded
    assert not performance(truth + error, truth, baseline=0.9).degraded


def test_missing_pairs_are_left_out_and_none_left_is_said():
    """Only rows with both count."""
    assert performance([1, None, 0], [1, 1, None]).rows == 1
    assert performance([], []).message.startswith("Nothing was judged")
    json.dumps(performance([], []).to_dict(), allow_nan=False)


def test_lengths_must_agree():
    """One prediction for each truth."""
    with pytest.raises(ArgumentError, match="2 predictions for 3"):
        performance([1, 2], [1, 2, 3])


def test_quality_names_what_is_wrong():
    """Missing, constant, mixed, infinite, repeated."""
    report = quality(
        {
            "a": [1.0, np.inf, 2.0, 2.0],
            "b": [1, 1, 1, 1],
            "c": ["x", 1, "y", "y"],
            "d": [None, 1, 2, 2],
        }
    )
    assert not report.good
    assert (report.constant, report.infinite, report.mixed) == (("b",), ("a",), ("c",))
    assert report.duplicates == 1
    assert report.missing["d"] == 0.25
    assert len(report.issues) == 5
    json.dumps(report.to_dict(), allow_nan=False)


def test_quality_of_good_and_empty_tables():
    """No issues; no rows."""
    assert quality({"a": [1, 2], "b": [3, 4]}).message == "2 rows without an issue."
    assert quality({}).message == "There are no rows."
    assert quality({}).score == 0.0
