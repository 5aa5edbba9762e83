"""Risk scores and rules of a lender."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Mapping, Optional


class Band(str, Enum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class Applicant:
    income: float
    debt: float = 0.0
    age: Optional[int] = None


def score(applicant: Applicant, base: int = 600) -> int:
    points = base + min(int(applicant.income / 1000), 150)
    if applicant.income:
        points -= int(100 * applicant.debt / applicant.income)
    if applicant.age is not None and applicant.age < 21:
        points -= 30
    return max(300, min(points, 850))


def band(points: float) -> Band:
    """
    >>> band(720).value
    'low'
    """
    if points >= 700:
        return Band.LOW
    return Band.MEDIUM if points >= 580 else Band.HIGH


def fraud_score(transaction: Mapping[str, Any], weights: dict[str, float] | None = None) -> float:
    weights = weights or {"foreign": 0.4, "night": 0.2, "large": 0.4}
    flags = {
        "foreign": transaction.get("country") != "DE",
        "night": transaction.get("hour", 12) < 6,
        "large": transaction.get("amount", 0) > 1000,
    }
    return round(sum(weights.get(k, 0) for k, on in flags.items() if on), 3)


def monthly_payment(principal: float, yearly_rate: float, months: int) -> float:
    if yearly_rate == 0:
        return round(principal / months, 2)
    r = yearly_rate / 12
    return round(principal * r / (1 - (1 + r) ** -months), 2)


def exposure(loans):
    return sum(loan["balance"] * loan.get("pd", 0.05) for loan in loans)


def decide(points: int, amount: Decimal, *, limits: dict[Band, Decimal] | None = None) -> tuple[bool, str]:
    limits = limits or {Band.LOW: Decimal(50_000), Band.MEDIUM: Decimal(10_000)}
    limit = limits.get(band(points), Decimal(0))
    return amount <= limit, f"limit is {limit}"


def var_at(returns: list[float], level: float = 0.95) -> float:
    ordered = sorted(returns)
    return -ordered[int((1 - level) * len(ordered))]


def explain(points: int, reasons: list[str] | None = None, limit: int = 2) -> str:
    text = f"Score {points}"
    return text + (": " + "; ".join(reasons[:limit]) if reasons else "")
