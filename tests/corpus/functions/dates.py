"""Dates: billing periods, deadlines, parsing."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta, timezone
from typing import Optional

UTC = timezone.utc


def parse_date(text: str) -> date:
    """Accept 2024-03-01, 01.03.2024 and 20240301.

    >>> parse_date("01.03.2024")
    datetime.date(2024, 3, 1)
    """
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"):
        try:
            return datetime.strptime(text.strip(), pattern).date()
        except ValueError:
            continue
    raise ValueError(f"not a date: {text!r}")


def end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def business_days(start: date, end: date, holidays: set[date] | None = None) -> int:
    holidays = holidays or set()
    n = 0
    while start < end:
        if start.weekday() < 5 and start not in holidays:
            n += 1
        start += timedelta(days=1)
    return n


def age_in_years(born: date, today: Optional[date] = None) -> int:
    today = today or date.today()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def is_overdue(due, now):
    return now > due


def humanize(seconds: float) -> str:
    """
    >>> humanize(3725)
    '1h 2m 5s'
    """
    seconds = int(seconds)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def to_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def week_label(day: date, prefix: str = "W") -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-{prefix}{week:02d}"


def stamp(message: str) -> str:
    return f"{datetime.now(UTC).isoformat()} {message}"


def quarters(year: int) -> list[tuple[date, date]]:
    starts = [date(year, month, 1) for month in (1, 4, 7, 10)]
    return [(s, end_of_month(add_months(s, 2))) for s in starts]
