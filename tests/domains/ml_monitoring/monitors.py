"""Stubs of monitors, as people write them; the tests enhance them by the blueprint."""

from __future__ import annotations

from typing import Any


def detect_drift(current_data, reference_data):
    return {"drift_detected": False, "score": 0.0}


def drift_with_threshold(
    reference: list[float], current: list[float], threshold: float = 0.05
) -> dict[str, Any]:
    """Detect drift."""
    return {
        "drift": False,
        "p_value": 1.0,
        "threshold": 0.05,
        "model": "m1",
        "status": "ok",
        "recommendations": [],
    }


def monitor_feature(feature_name, values, baseline_values, min_effect=0.1):
    return {"feature_name": "", "drift": False, "psi": 0.0, "severity": "none", "n": 0}


def population_stability_index(expected, actual):
    return 0.0


def is_drifting(x, y):
    return False


def is_stable(live_data, training_data):
    return True


def drift_pair(new, old):
    return (False, 0.0)


def everything(today, last_month):
    pass


def drifted_columns(production, training) -> list[str]:
    return []


def nested(current, reference):
    return {"drift": {"detected": False, "score": 0.0}, "meta": {"owner": "ml-team"}}


async def check_batch(batch, baseline):
    return {"alert": False, "severity": "low", "message": "", "drifted_features": []}


def within(data):
    return {"drift_detected": False, "score": 0.0}


def monitor_performance(y_true, y_pred, baseline_accuracy=None):
    return {"accuracy": 0.0, "f1": 0.0, "degraded": False, "n_samples": 0}


def check_quality(df):
    return {"missing": {}, "ok": True, "issues": [], "rows": 0}


def monitor_report(report, baseline):
    return {"drift": False, "confidence": 0.0, "owner": "report."}


def confident(current, reference, confidence_level=0.95):
    return {"is_drift": False, "drift_share": 0.0, "features": {}}


def health():
    return {"status": "ok"}


def scale(value, factor):
    return 0.0


class Monitor:
    """A monitor that keeps its reference."""

    def __init__(self, reference_data, alpha=0.01):
        self.alpha = alpha
        self.reference_data = reference_data

    def check(self, current_data):
        """Check one batch."""
        return {"drift_detected": False, "score": 0.0, "drifted_features": []}

    def compare(self, current, reference):
        return {"drift_detected": False, "score": 0.0}
