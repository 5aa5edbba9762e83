"""Situations that a drift monitor meets: pairs of a reference and current data, with the truth.

Each scenario makes, from a random generator, a pair without drift and a pair with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

Pair = tuple[pd.DataFrame, pd.DataFrame]  # reference, current


@dataclass(frozen=True)
class Scenario:
    """A name, the group it is counted in, and how to make a pair with or without drift."""

    name: str
    group: str
    make: Callable[[np.random.Generator, bool], Pair]


def _column(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"x": values})


def _iid(n: int, m: int, usual: Callable, changed: Callable) -> Callable:
    def make(rng: np.random.Generator, drift: bool) -> Pair:
        return _column(usual(rng, n)), _column((changed if drift else usual)(rng, m))

    return make


def _normal(mean: float = 0.0, sd: float = 1.0) -> Callable:
    return lambda rng, n: rng.normal(mean, sd, n)


def _autoregression(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    noise = rng.normal(size=n + 300) * np.sqrt(1 - phi**2)
    for i in range(1, len(noise)):
        noise[i] += phi * noise[i - 1]
    return noise[300:]


def _two_modes(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.choice([-0.85, 0.85], n) + rng.normal(0, np.sqrt(1 - 0.85**2), n)


def _autocorrelated(phi: float, n: int, shift: float) -> Callable:
    def make(rng: np.random.Generator, drift: bool) -> Pair:
        series = _autoregression(rng, 3 * n, phi)
        return _column(series[: 2 * n]), _column(series[2 * n :] + shift * drift)

    return make


def _weekly(rng: np.random.Generator, drift: bool) -> Pair:
    hours = np.arange(24 * 7 * 9)
    wave = np.sin(hours * 2 * np.pi / 24) + 0.8 * ((hours // 24) % 7 >= 5)
    series = wave + 0.7 * _autoregression(rng, len(hours), 0.5)
    reference, current = series[: 24 * 7 * 8], series[24 * 7 * 8 :]
    return _column(reference), _column(current + 0.6 * drift)


def _wide(columns: int, moved: int, shift: float) -> Callable:
    def make(rng: np.random.Generator, drift: bool) -> Pair:
        names = [f"f{i}" for i in range(columns)]
        reference = pd.DataFrame(rng.normal(size=(1000, columns)), columns=names)
        current = pd.DataFrame(rng.normal(size=(500, columns)), columns=names)
        if drift:
            current.iloc[:, :moved] += shift
        return reference, current

    return make


def _correlation(rng: np.random.Generator, drift: bool) -> Pair:
    def table(n: int, rho: float) -> pd.DataFrame:
        z = rng.normal(size=(n, 3))
        z[:, 1] = rho * z[:, 0] + np.sqrt(1 - rho**2) * z[:, 1]
        return pd.DataFrame(z, columns=["a", "b", "c"])

    return table(1000, 0.7), table(500, 0.2 if drift else 0.7)


def _labels(labels: int, moved: float, n: int = 1000, m: int = 500) -> Callable:
    def make(rng: np.random.Generator, drift: bool) -> Pair:
        usual = np.arange(labels, 0, -1.0)
        usual /= usual.sum()
        changed = usual.copy()
        changed[0] -= moved
        changed[-1] += moved
        names = np.asarray([f"c{i}" for i in range(labels)])
        return (
            _column(rng.choice(names, n, p=usual)),
            _column(rng.choice(names, m, p=changed if drift else usual)),
        )

    return make


def _many_labels(rng: np.random.Generator, drift: bool) -> Pair:
    def draw(n: int, offset: int) -> np.ndarray:
        return np.asarray([f"p{v + offset}" for v in rng.zipf(1.6, n).clip(0, 2000)])

    current = draw(600, 0)
    if drift:
        current[:90] = [f"new{v}" for v in rng.integers(0, 60, 90)]
    return _column(draw(1200, 0)), _column(current)


def _new_label(rng: np.random.Generator, drift: bool) -> Pair:
    reference = rng.choice(["a", "b", "c"], 1000)
    current = rng.choice(["a", "b", "c"], 400).astype(object)
    if drift:
        current[rng.random(400) < 0.05] = "d"
    return _column(reference), _column(current)


def _missing(rng: np.random.Generator, drift: bool) -> Pair:
    def holes(n: int, share: float) -> np.ndarray:
        values = rng.normal(size=n)
        values[rng.random(n) < share] = np.nan
        return values

    return _column(holes(1000, 0.02)), _column(holes(500, 0.10 if drift else 0.02))


def _sudden(rng: np.random.Generator, drift: bool) -> Pair:
    current = rng.normal(size=600)
    if drift:
        current[300:] += 1.0
    return _column(rng.normal(size=1500)), _column(current)


def _gradual(rng: np.random.Generator, drift: bool) -> Pair:
    current = rng.normal(size=600)
    if drift:
        current += np.linspace(0, 1.0, 600)
    return _column(rng.normal(size=1500)), _column(current)


def _recurring(rng: np.random.Generator, drift: bool) -> Pair:
    def series(n: int, on: bool) -> np.ndarray:
        values = rng.normal(size=n)
        if on:
            values[(np.arange(n) // 50) % 3 == 0] += 1.2
        return values

    return _column(series(1500, False)), _column(series(600, drift))


def _counts(rng: np.random.Generator, drift: bool) -> Pair:
    return (
        _column(rng.poisson(3.0, 1000)),
        _column(rng.poisson(3.5 if drift else 3.0, 500)),
    )


def _heavy(df: float, change: Callable) -> Callable:
    def make(rng: np.random.Generator, drift: bool) -> Pair:
        current = rng.standard_t(df, 500)
        return _column(rng.standard_t(df, 1000)), _column(change(current) if drift else current)

    return make


SCENARIOS = [
    Scenario("mean +1.2 sd, n = 20", "tiny", _iid(20, 20, _normal(), _normal(1.2))),
    Scenario("mean +0.8 sd, n = 50", "tiny", _iid(50, 50, _normal(), _normal(0.8))),
    Scenario("mean +0.3 sd, n = 500", "i.i.d.", _iid(1000, 500, _normal(), _normal(0.3))),
    Scenario("variance ×1.5, n = 500", "i.i.d.", _iid(1000, 500, _normal(), _normal(0, 1.225))),
    Scenario("variance ÷2, n = 500", "i.i.d.", _iid(1000, 500, _normal(), _normal(0, 0.707))),
    Scenario("two modes, same mean and variance", "i.i.d.", _iid(1000, 500, _normal(), _two_modes)),
    Scenario("skewed, same mean and variance", "i.i.d.",
             _iid(1000, 500, _normal(), lambda r, n: (r.gamma(4, 1, n) - 4) / 2)),
    Scenario("counts, rate 3 → 3.5", "i.i.d.", _counts),
    Scenario("mean +0.15 sd, n = 5,000", "large", _iid(10_000, 5000, _normal(), _normal(0.15))),
    Scenario("mean +0.2 sd, n = 100,000", "large", _iid(100_000, 100_000, _normal(), _normal(0.2))),
    Scenario("trivial +0.02 sd is no drift, n = 100,000", "large",
             lambda r, d: _iid(100_000, 100_000, _normal(), _normal(0.25))(r, True) if d
             else _iid(100_000, 100_000, _normal(), _normal(0.02))(r, True)),
    Scenario("t with 2 df, shift 0.4", "heavy tails", _heavy(2, lambda x: x + 0.4)),
    Scenario("t with 2 df, scale ×1.5", "heavy tails", _heavy(2, lambda x: x * 1.5)),
    Scenario("Cauchy, shift 0.6", "heavy tails", _heavy(1, lambda x: x + 0.6)),
    Scenario("AR(1) 0.5, shift 0.6 sd", "autocorrelated", _autocorrelated(0.5, 500, 0.6)),
    Scenario("AR(1) 0.9, shift 1.5 sd", "autocorrelated", _autocorrelated(0.9, 500, 1.5)),
    Scenario("hourly with days and weekends, shift 0.6", "seasonal", _weekly),
    Scenario("50 columns, 1 moved by 0.4 sd", "wide", _wide(50, 1, 0.4)),
    Scenario("50 columns, 10 moved by 0.2 sd", "wide", _wide(50, 10, 0.2)),
    Scenario("correlation 0.7 → 0.2", "relations", _correlation),
    Scenario("5 labels, 10 % moved", "categories", _labels(5, 0.10)),
    Scenario("2 labels, 12 % moved, n = 100", "categories", _labels(2, 0.25, 200, 100)),
    Scenario("2,000 labels, 15 % new ones", "categories", _many_labels),
    Scenario("new label, 5 %", "categories", _new_label),
    Scenario("missing 2 % → 10 %", "missing", _missing),
    Scenario("sudden, in the middle of the window", "change in time", _sudden),
    Scenario("gradual, over the window", "change in time", _gradual),
    Scenario("recurring, every third stretch of 50", "change in time", _recurring),
]  # fmt: skip
