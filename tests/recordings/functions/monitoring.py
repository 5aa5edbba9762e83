"""Stubs and small functions of people who watch models in production."""

import math


def check_schema(rows: list[dict], expected: dict[str, str]) -> dict:
    """Compare the columns and types of a batch with what was agreed.

    `expected` maps each column to "number", "text" or "bool".
    """
    return {"ok": True, "missing": [], "unexpected": [], "wrong_type": []}


def watch_latency(seconds: list[float], budget: float = 0.5) -> dict:
    """Tell whether the slowest twentieth of the requests stays within the budget."""
    return {"within_budget": True, "p50": 0.0, "p95": 0.0}


def calibration_report(labels: list[int], probabilities: list[float]) -> dict:
    """How far predicted probabilities are from observed frequencies."""
    return {"calibrated": True, "expected_error": 0.0, "brier": 0.0}


def compare_models(errors_old, errors_new):
    """Is the new model better than the old one on the same cases, beyond chance?"""
    return {"better": False, "difference": 0.0, "p_value": 1.0}


def volume_alert(counts_per_hour, today):
    """Alert when today's hourly counts are unusual against the history."""
    return {"alert": False, "hours": [], "score": 0.0}


def outlier_rows(rows: list[dict], column: str) -> list:
    """Indexes of the rows whose value in a column is far from the rest."""
    return []


def drift_in_text(texts_before: list[str], texts_now: list[str]) -> dict:
    """Has the vocabulary of incoming messages changed?"""
    return {"drift_detected": False, "distance": 0.0, "new_words": []}


def brier(labels: list[int], probabilities: list[float]) -> float:
    """Mean squared distance between probability and outcome."""
    return sum((p - y) ** 2 for y, p in zip(labels, probabilities, strict=True)) / len(labels)


def entropy(counts):
    total = sum(counts)
    return -sum(c / total * math.log2(c / total) for c in counts if c)
