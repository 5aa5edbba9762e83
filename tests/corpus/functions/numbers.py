"""Arithmetic of invoices, statistics and units."""

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Iterable, Sequence


def add_vat(net: float, rate: float = 0.19) -> float:
    """
    >>> add_vat(100)
    119.0
    """
    return round(net * (1 + rate), 2)


def mean(values: Sequence[float]) -> float:
    if not values:
        raise ValueError("mean of nothing")
    return sum(values) / len(values)


def median(values):
    ordered = sorted(values)
    n = len(ordered)
    if n == 0:
        return None
    mid = n // 2
    return ordered[mid] if n % 2 else (ordered[mid - 1] + ordered[mid]) / 2


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """Keep a value between two bounds (the type of the argument survives)."""
    return max(low, min(high, value))


def percentile(values: list[float], q: float) -> float:
    if not 0 <= q <= 100:
        raise ValueError(f"q must be between 0 and 100, not {q}")
    ordered = sorted(values)
    position = (len(ordered) - 1) * q / 100
    below = math.floor(position)
    above = math.ceil(position)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def is_prime(n: int) -> bool:
    if n < 2:
        return False
    return all(n % d for d in range(2, math.isqrt(n) + 1))


def divide(a, b):
    return a / b


def safe_ratio(part: int, whole: int, default: float | None = None) -> float | None:
    if whole == 0:
        return default
    return part / whole


def round_money(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def compound(principal: float, rate: float, years: int, /, *, per_year: int = 1) -> float:
    """Positional-only, with one keyword-only option."""
    return principal * (1 + rate / per_year) ** (years * per_year)


def digits_of(n: int) -> list[int]:
    return [int(c) for c in str(abs(n))]


def celsius(fahrenheit: float) -> int:
    # the annotation is wrong: this is a float
    return (fahrenheit - 32) * 5 / 9


def share(total: int, parts: int) -> list[int]:
    """Split an amount into whole parts that differ by at most one.

    >>> share(10, 3)
    [4, 3, 3]
    """
    base, rest = divmod(total, parts)
    return [base + (i < rest) for i in range(parts)]


def as_fraction(numerator: int, denominator: int = 1) -> Fraction:
    return Fraction(numerator, denominator)


def running_total(values: Iterable[float]) -> list[float]:
    out = []
    total = 0
    for v in values:
        total += v
        out.append(total)
    return out


def within(value: float, target: float, tolerance: float = 1e-9) -> bool:
    return abs(value - target) <= tolerance
