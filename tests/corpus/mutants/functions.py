"""Thirty-two functions of everyday kinds; each body can stand on its own in an enhanced module."""

from __future__ import annotations

import datetime
import json
import math
import re
import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, TypedDict


@dataclass
class Item:
    name: str
    price: float
    quantity: int = 1


class Account(TypedDict):
    owner: str
    balance: float
    frozen: bool


def total(items: list[Item], discount: float = 0.0) -> float:
    subtotal = sum(item.price * item.quantity for item in items)
    if subtotal > 100:
        subtotal -= subtotal * discount
    return round(subtotal, 2)


def slug(title: str) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words)[:40].rstrip("-")


def grade(score: int) -> str:
    if score < 0 or score > 100:
        raise ValueError(f"score out of range: {score}")
    if score >= 90:
        return "A"
    if score >= 75:
        return "B"
    if score >= 50:
        return "C"
    return "F"


def running_mean(values: list[float], window: int = 3) -> list[float]:
    if window < 1:
        raise ValueError("window must be at least 1")
    means = []
    for end in range(1, len(values) + 1):
        part = values[max(0, end - window) : end]
        means.append(sum(part) / len(part))
    return means


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_between(first: datetime.date, second: datetime.date) -> int:
    return abs((second - first).days)


def word_counts(text: str, least: int = 1) -> dict[str, int]:
    counts = Counter(word.strip(".,!?").lower() for word in text.split())
    return {word: n for word, n in counts.items() if n >= least and word}


def shipping(weight: float, country: str = "DE", express: bool = False) -> float:
    base = 4.9 if country == "DE" else 12.5
    if weight > 10:
        base += (weight - 10) * 0.8
    if express:
        base *= 2
    return round(base, 2)


def parse_pairs(text: str) -> dict[str, str]:
    pairs = {}
    for part in text.split(";"):
        key, found, value = part.partition("=")
        if found:
            pairs[key.strip()] = value.strip()
    return pairs


def withdraw(account: Account, amount: float) -> float:
    if account["frozen"]:
        raise PermissionError("account is frozen")
    if amount <= 0 or amount > account["balance"]:
        raise ValueError("amount cannot be withdrawn")
    return account["balance"] - amount


def median_of(values: list[float]) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def mask(number: str, shown: int = 4) -> str:
    digits = [c for c in number if c.isdigit()]
    hidden = max(0, len(digits) - shown)
    return "*" * hidden + "".join(digits[hidden:])


def fibonacci(n: int) -> int:
    if n < 0 or n > 200:
        raise ValueError(n)
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def roman(number: int) -> str:
    if not 0 < number < 4000:
        raise ValueError(number)
    signs = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
             (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    text = ""
    for value, sign in signs:
        while number >= value:
            text += sign
            number -= value
    return text


def priority(kind: Literal["bug", "feature", "question"], votes: int) -> int:
    base = {"bug": 10, "feature": 5, "question": 1}[kind]
    return base + min(votes, 20)


def quota(used: int, limit: int) -> dict[str, Any]:
    left = max(0, limit - used)
    return {"left": left, "exceeded": used > limit, "share": used / limit if limit else 0.0}


def group_by_length(words: list[str]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    for word in words:
        groups.setdefault(len(word), []).append(word)
    return groups


def normalise(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    if high == low:
        return [0.0 for _ in values]
    return [(v - low) / (high - low) for v in values]


def risk(age, smoker, bmi):
    points = 0
    if age > 60:
        points += 3
    elif age > 40:
        points += 1
    if smoker:
        points += 4
    if bmi < 18.5 or bmi > 30:
        points += 2
    return "high" if points >= 6 else "medium" if points >= 3 else "low"


def order_total(order):
    total = 0
    for line in order["lines"]:
        total += line["price"] * line["quantity"]
    if order.get("country") == "CH":
        total = total * 1.08
    return round(total, 2)


def overdue(invoices, days):
    return [i["id"] for i in invoices if i["age"] > days and i["status"] != "paid"]


def clean_name(name):
    name = name.strip().title()
    if len(name) > 30:
        name = name[:30]
    return name or "Unknown"


def chunks(items: list[Any], size: int = 10) -> list[list[Any]]:
    if size <= 0:
        raise ValueError("size must be positive")
    return [items[i : i + size] for i in range(0, len(items), size)]


def merge(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    merged = dict(first)
    for key, value in second.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = {**merged[key], **value}
        else:
            merged[key] = value
    return merged


def compound(principal: float, rate: float, years: int = 1) -> float:
    if years < 0:
        raise ValueError("years must not be negative")
    if years > 500:
        raise OverflowError("too many years")
    for _ in range(years):
        principal += principal * rate
    return principal


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])


def outliers(values: list[float], limit: float = 2.0) -> list[int]:
    if len(values) < 3:
        return []
    mean, spread = statistics.fmean(values), statistics.pstdev(values)
    if spread == 0:
        return []
    return [i for i, v in enumerate(values) if abs(v - mean) / spread > limit]


def parse_duration(text: str) -> int:
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text.strip())
    if not match or not any(match.groups()):
        raise ValueError(f"not a duration: {text!r}")
    hours, minutes, seconds = (int(g or 0) for g in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def to_csv(rows: list[dict[str, str]], separator: str = ",") -> str:
    if not rows:
        return ""
    names = list(rows[0])
    lines = [separator.join(names)]
    for row in rows:
        lines.append(separator.join(str(row.get(n, "")) for n in names))
    return "\n".join(lines) + "\n"


def config_value(text: str, key: str, default: Any = None) -> Any:
    try:
        data = json.loads(text)
    except ValueError:
        return default
    if not isinstance(data, dict):
        return default
    return data.get(key, default)


def next_workday(day: datetime.date) -> datetime.date:
    day += datetime.timedelta(days=1)
    while day.weekday() >= 5:
        day += datetime.timedelta(days=1)
    return day


def allot(amount: int, parts: int) -> list[int]:
    if parts < 1 or parts > 10_000:
        raise ValueError(f"cannot share among {parts}")
    base, rest = divmod(amount, parts)
    return [base + 1 if i < rest else base for i in range(parts)]
