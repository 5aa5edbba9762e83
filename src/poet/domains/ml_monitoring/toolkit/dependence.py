"""What two-sample tests take for granted: independent rows, and columns that move alone.

`correlation_time` says how many rows carry the information of one independent row;
`correlation_shift` tests whether columns that went together still do.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from .kinds import Floats
from .tables import Array

_SHORT = 12  # values below which an estimate says nothing
_LONGEST = 4096  # newest values that are looked at


def correlation_time(series: Array) -> float:
    """Return how many values in a row carry the information of one independent value; at least 1.

    Values without significant autocorrelation (Ljung-Box over the first lags, 5 %) count as
    independent, and so do sorted values: somebody sorted them, and their order in time is lost.
    Otherwise it is the larger of two estimates: that of an autoregression of first
    order, corrected for its bias in short series (Kendall 1954), and the sum of autocorrelations
    up to where pairs of them turn negative (Geyer 1992).
    """
    values = np.asarray(series, dtype=float)[-_LONGEST:]
    n = len(values)
    if n < _SHORT:
        return 1.0
    steps = np.diff(values)
    if (steps >= 0).all() or (steps <= 0).all():
        return 1.0
    values = values - values.mean()
    power = float(values @ values)
    if power <= 0 or not np.isfinite(power):
        return 1.0
    first = min(10, n // 5)
    rho = np.asarray([values[k:] @ values[: n - k] for k in range(first + 1)]) / power
    portmanteau = n * (n + 2) * np.sum(rho[1:] ** 2 / (n - np.arange(1, first + 1)))
    positive = rho[1] > 0 or rho[1:].sum() > 0
    if not positive or special.chdtrc(first, portmanteau) > 0.05:
        return 1.0
    rho = _autocorrelations(values, power, min(n // 2, 1000))
    phi = min((n * rho[1] + 1) / (n - 4), 0.98)
    by_order_one = (1 + phi) / (1 - phi)
    pairs = rho[:-1:2][: len(rho) // 2] + rho[1::2][: len(rho) // 2]
    stop = np.flatnonzero(pairs <= 0)
    pairs = np.minimum.accumulate(pairs[: stop[0] if len(stop) else len(pairs)])
    by_sum = (2 * pairs.sum() - 1) / (1 - min(0.5, 2 * pairs.sum() / n))
    return float(np.clip(max(by_order_one, by_sum), 1.0, n / 4))


def period_of(series: Array) -> int:
    """Return after how many values a series repeats itself; 0 when it does not.

    It repeats when its autocorrelation has a peak of at least 0.5 that comes again at twice the
    lag, seen over six periods or more.
    """
    values = np.asarray(series, dtype=float)[-_LONGEST:]
    n = len(values)
    values = values - values.mean() if n else values
    power = float(values @ values)
    if n < 200 or power <= 0 or not np.isfinite(power):
        return 0
    lags = n // 3
    rho = _autocorrelations(values, power, lags + 1) * n / (n - np.arange(lags + 2))
    inner = rho[1:-1]
    peaks = 1 + np.flatnonzero((inner >= 0.5) & (inner >= rho[:-2]) & (inner >= rho[2:]))
    peaks = peaks[(peaks >= 4) & (peaks <= n // 6)]
    peaks = peaks[rho[np.minimum(2 * peaks, lags)] >= 0.35]
    return int(peaks[np.argmax(rho[peaks])]) if len(peaks) else 0


def without_season(series: Array, period: int) -> Floats:
    """Return a series less the mean of each phase of a period."""
    values = np.asarray(series, dtype=float)[-_LONGEST:]
    phase = np.arange(len(values)) % period
    return values - (np.bincount(phase, values) / np.bincount(phase))[phase]


def _autocorrelations(values: Floats, power: float, lags: int) -> Floats:
    size = 1 << (2 * len(values) - 1).bit_length()
    spectrum = np.fft.rfft(values, size)
    found: Floats = np.fft.irfft(spectrum * np.conj(spectrum), size)[: lags + 1] / power
    return found


class CorrelationShift(NamedTuple):
    """A change in how two columns go together.

    Attributes:
        pair: Their positions.
        before: The reference's correlation of normal scores.
        after: The current one.
        p_value: For all pairs together (Bonferroni).
    """

    pair: tuple[int, int]
    before: float
    after: float
    p_value: float


class Relations(NamedTuple):
    """Correlations of normal scores, and what their estimates vary by.

    Attributes:
        rows: That they were estimated from.
        correlation: Columns by columns.
        variance: Of each correlation, times the rows.
    """

    rows: int
    correlation: Floats
    variance: Floats


def correlation_shift(
    current: Floats, reference: Floats | Relations, slowdown: float = 1.0
) -> CorrelationShift | None:
    """Test whether any two columns go together differently than before.

    Values are replaced by normal scores on each side, so that a change of one column alone does
    not count and heavy tails do no harm; the variance of each product is estimated from the data.

    Args:
        current: Rows by columns, nothing missing.
        reference: The same columns, or what `relations_of` found in them.
        slowdown: As `correlation_time` gives it.

    Returns:
        The pair that changed most; None with fewer than 50 rows a side or two columns.
    """
    before = reference if isinstance(reference, Relations) else relations_of(reference)
    now = relations_of(current)
    if now is None or before is None:
        return None
    spread = np.sqrt((now.variance / now.rows + before.variance / before.rows) * max(slowdown, 1.0))
    z = np.abs(now.correlation - before.correlation) / np.maximum(spread, 1e-12)
    upper = np.triu_indices(len(z), 1)
    best = int(np.argmax(z[upper]))
    i, j = int(upper[0][best]), int(upper[1][best])
    p = min(1.0, 2 * float(special.ndtr(-z[i, j])) * len(upper[0]))
    return CorrelationShift(
        (i, j), float(before.correlation[i, j]), float(now.correlation[i, j]), p
    )


def relations_of(rows: Floats) -> Relations | None:
    """Return the correlations of rows by columns; None with under 50 rows or two columns."""
    n, width = rows.shape
    if n < 50 or width < 2:
        return None
    by_rank = special.ndtri((np.arange(n) + 0.5) / n)
    by_rank /= by_rank.std()
    scores = np.empty((width, n))
    for column, values in zip(scores, rows.T, strict=True):
        column[np.argsort(values, kind="stable")] = by_rank
    r = scores @ scores.T / n
    squares = scores**2
    # Variance of a correlation by its influence: x*y - r*(x*x + y*y)/2 for each row.
    fourth = squares @ squares.T / n
    cubic = (squares * scores) @ scores.T / n
    own = np.diag(fourth)
    variance = (
        fourth - r * (cubic + cubic.T) + r**2 / 4 * (own[:, None] + own[None, :] + 2 * fourth)
    )
    return Relations(n, r, np.maximum(variance, 1e-6))
