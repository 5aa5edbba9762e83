"""Streams: changes are found soon, false ones are rare, memory stays small."""

from __future__ import annotations

import numpy as np

from poet.domains.ml_monitoring.toolkit import AdaptiveWindow, Tracker


def changes(values, **options):
    tracker = Tracker(**options)
    return [c for c in map(tracker.update, values) if c]


def test_a_shift_is_found_within_a_hundred_observations():
    """One standard deviation, seen and called sudden."""
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(size=2000), rng.normal(1.0, 1, 500)])
    found = changes(values)
    assert found
    assert 2000 < found[0].at < 2100
    assert (found[0].what, found[0].kind) == ("location", "sudden")
    assert found[0].after > found[0].before


def test_a_change_of_spread_is_found():
    """The mean stays where it was."""
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(size=1500), rng.normal(0, 2.5, 800)])
    found = changes(values, reference=rng.normal(size=1000))
    assert found[0].what == "spread"
    assert found[0].at > 1500


def test_nothing_is_found_where_nothing_changes():
    """Ten streams of 5,000, heavy tails included."""
    rng = np.random.default_rng(3)
    found = [changes(rng.standard_cauchy(5000)) for _ in range(10)]
    assert sum(map(bool, found)) <= 1


def test_a_return_is_called_recurring():
    """Up, and back down again."""
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.normal(m, 1, 1500) for m in (0, 2, 0)])
    kinds = [c.kind for c in changes(values) if c.what == "location"]
    assert kinds[0] == "sudden"
    assert "recurring" in kinds


def test_memory_is_bounded():
    """Buckets grow with the logarithm of the window, which has a longest length."""
    window = AdaptiveWindow(longest=2000)
    for i in range(10_000):
        window.update((i * 7919 % 1000) / 1000)
    assert window.width <= 2000
    assert sum(map(len, window._rows)) < 80
    assert abs(window.mean - 0.5) < 0.02


def test_missing_observations_are_passed_over():
    """NaN is counted and changes nothing."""
    tracker = Tracker([1.0, 2.0, 3.0])
    assert tracker.update(float("nan")) is None
    assert tracker.seen == 1
