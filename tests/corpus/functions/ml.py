"""Monitoring of models: stubs that wait for a body, and small real metrics."""

import math

import numpy as np


def detect_drift(current_data, reference_data):
    """Compare today's features with the reference period."""
    return {"drift_detected": False, "score": 0.0}


def monitor_predictions(predictions: list[float], labels: list[int] | None = None) -> dict:
    """Watch the quality of a model's predictions."""
    return {"healthy": True, "accuracy": 0.0, "alerts": []}


def data_quality(rows: list[dict]) -> dict[str, float]:
    """Share of missing values, duplicates and outliers."""
    return {"missing": 0.0, "duplicates": 0.0, "score": 1.0}


def psi(expected: list[float], actual: list[float], bins: int = 10) -> float:
    """Population stability index over equal bins of the expected values."""
    edges = np.linspace(min(expected), max(expected), bins + 1)
    e = np.histogram(expected, edges)[0] / len(expected)
    a = np.histogram(np.clip(actual, edges[0], edges[-1]), edges)[0] / len(actual)
    e, a = np.clip(e, 1e-4, None), np.clip(a, 1e-4, None)
    return float(((a - e) * np.log(a / e)).sum())


def accuracy(y_true, y_pred):
    hits = sum(1 for t, p in zip(y_true, y_pred) if t == p)
    return hits / len(y_true)


def log_loss(labels: list[int], scores: list[float], eps: float = 1e-15) -> float:
    total = 0.0
    for label, score in zip(labels, scores):
        score = min(max(score, eps), 1 - eps)
        total += math.log(score) if label else math.log(1 - score)
    return -total / len(labels)


def auc(labels: list[int], scores: list[float]) -> float | None:
    positive = [s for s, label in zip(scores, labels) if label]
    negative = [s for s, label in zip(scores, labels) if not label]
    if not positive or not negative:
        return None
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


def f1(precision: float, recall: float, beta: float = 1.0) -> float:
    if not precision and not recall:
        return 0.0
    b = beta**2
    return (1 + b) * precision * recall / (b * precision + recall)


def retrain_needed(metrics: dict[str, float], thresholds: dict[str, float] | None = None) -> bool:
    thresholds = thresholds or {"accuracy": 0.8}
    return any(metrics.get(name, 1.0) < low for name, low in thresholds.items())


def ewma(values: list[float], alpha: float = 0.3) -> list[float]:
    smoothed = []
    for value in values:
        smoothed.append(value if not smoothed else alpha * value + (1 - alpha) * smoothed[-1])
    return smoothed
