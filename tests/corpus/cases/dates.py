"""Cases of `functions.dates`."""

from datetime import date, datetime, timedelta, timezone

from functions import dates as m

from . import Cases, call, loosely

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right
DAY, NOON = date(2024, 2, 10), datetime(2024, 2, 10, 12)
EAST = timezone(timedelta(hours=3))

good(m.parse_date, ("2024-03-01",), ("01.03.2024",), (" 20240301 ",), ("yesterday",), ("",))

good(m.end_of_month, (DAY,), (date(2023, 2, 1),), (date(2024, 12, 31),), (NOON,))
right(m.end_of_month, (NOON,))

good(m.add_months, (DAY, 1), (date(2024, 1, 31), 1), (DAY, -14), (DAY, 0))
right(m.add_months, (NOON, 1), (DAY, True))

good(m.business_days, (DAY, date(2024, 2, 20)), (DAY, DAY), (DAY, date(2024, 2, 14), {date(2024, 2, 12)}), (date(2024, 3, 1), DAY))
bad(m.business_days, "holidays", (DAY, date(2024, 2, 14), [date(2024, 2, 12)]), (DAY, DAY, "monday"), (DAY, date(2024, 2, 14), {date(2024, 2, 12): "Carnival"}), (DAY, date(2024, 2, 14), {"2024-02-12"}))
right(m.business_days, (NOON, datetime(2024, 2, 14)), (DAY, DAY, None))

good(m.age_in_years, (date(2000, 6, 1), DAY), (date(2000, 1, 1), DAY), (DAY, DAY), (date(2030, 1, 1), DAY), call(born=DAY, today=NOON))
right(m.age_in_years, (NOON, None), (date(2000, 1, 1),))

good(m.is_overdue, (DAY, date(2024, 3, 1)), (1, 2), ("a", "b"), (DAY, DAY))

good(m.humanize, (3725,), (0,), (59.9,), (90000,), (-5,))
bad(m.humanize, "seconds", ("3725",), ("60",))
right(m.humanize, (True,), (10,))

good(m.to_utc, (NOON,), (NOON.replace(tzinfo=EAST),), (NOON.replace(tzinfo=timezone.utc),), (datetime(1970, 1, 1),))

good(m.week_label, (DAY,), (date(2021, 1, 1),), (DAY, "KW"), (NOON,))
bad(m.week_label, "prefix", (DAY, None), (DAY, 7))
right(m.week_label, (NOON,))

good(m.stamp, *loosely("type", ("hello",), ("",), ("two words",), ("ü",)))
bad(m.stamp, "message", (None,), (42,), (["a"],))

good(m.quarters, (2024,), (1999,), (1,), (0,))
right(m.quarters, (True,))
