"""Dependent rows are recognised, and independent ones are not punished."""

from __future__ import annotations

import numpy as np
import pytest

from poet.domains.ml_monitoring.toolkit import compare, correlation_shift, correlation_time
from poet.domains.ml_monitoring.toolkit.dependence import period_of


def autoregression(n, phi, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n + 200)
    for i in range(1, len(x)):
        x[i] += phi * x[i - 1]
    return x[200:]


@pytest.mark.parametrize(("phi", "wanted"), [(0.5, 3.0), (0.8, 9.0), (0.9, 19.0)])
def test_correlation_time_of_an_autoregression(phi, wanted):
    """(1 + phi) / (1 - phi) on average."""
    found = np.mean([correlation_time(autoregression(2000, phi, s)) for s in range(30)])
    assert 0.85 * wanted < found < 1.45 * wanted


def test_independent_values_count_fully():
    """At most one series in ten is taken for a dependent one, and then by little."""
    times = [correlation_time(np.random.default_rng(s).normal(size=500)) for s in range(200)]
    assert np.mean(np.asarray(times) > 1) < 0.1
    assert np.mean(times) < 1.05


@pytest.mark.parametrize("values", [np.arange(100.0), np.arange(100.0)[::-1], np.ones(100)])
def test_sorted_and_constant_values_count_fully(values):
    """Sorting is not dependence."""
    assert correlation_time(values) == 1.0
    assert correlation_time(values[:10]) == 1.0


def test_correlation_shift_names_the_pair():
    """Of three columns, two that parted."""
    rng = np.random.default_rng(1)
    before = rng.normal(size=(400, 3))
    before[:, 2] = 0.9 * before[:, 0] + 0.4 * before[:, 2]
    found = correlation_shift(rng.normal(size=(400, 3)), before)
    assert found.pair == (0, 2)
    assert found.p_value < 1e-6
    assert found.before > 0.8
    assert correlation_shift(before[:20], before) is None


def test_correlation_shift_keeps_its_level():
    """Also for heavy tails and strong correlation."""
    rng = np.random.default_rng(2)

    def table():
        z = rng.standard_t(2, (200, 4))
        z[:, 1] += z[:, 0]
        return z

    alarms = sum(correlation_shift(table(), table()).p_value < 0.05 for _ in range(300))
    assert alarms <= 15 + 12


def test_a_daily_wave_is_a_season_and_not_dependence():
    """Over whole weeks a wave averages out, so a shift of a week is found; part of a day is not."""
    rng = np.random.default_rng(4)
    hours = np.arange(24 * 7 * 9)
    series = np.sin(hours * 2 * np.pi / 24) + rng.normal(0, 0.5, len(hours))
    before, now = series[: -24 * 7], series[-24 * 7 :]
    assert period_of(before) % 24 == 0
    assert not compare(now, before).drifted
    assert compare(now + 0.4, before).drifted
    assert period_of(autoregression(1000, 0.9)) == 0
