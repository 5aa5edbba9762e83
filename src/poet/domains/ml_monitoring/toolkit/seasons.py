"""Compare like with like: the rows of a reference that fall into the same season.

A weekend compared with whole weeks looks like drift, every weekend. `matched` takes from the
reference the rows of the same weekdays, hours or months, in the same proportions.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ....errors import ArgumentError
from .tables import Array, columns

Season = Literal["hour", "weekday", "weekend", "hour of week", "month"]


def matched(
    reference: Any, reference_times: Any, current_times: Any, *, by: Season = "weekday"
) -> dict[str, Array]:
    """Return the newest rows of a reference whose seasons are mixed as the current ones are.

    A season of the current side that the reference lacks is left out; when it lacks all of them,
    the whole reference is returned, since something to compare with beats nothing.

    Args:
        reference: Anything that `columns` reads.
        reference_times: The time of each of its rows.
        current_times: The time of each current row.
        by: What repeats. `"weekend"` tells working days from weekends.

    Raises:
        ArgumentError: A row of the reference has no time.
    """
    table = columns(reference, "the reference")
    there, here = seasons_of(reference_times, by), seasons_of(current_times, by)
    if any(len(v) != len(there) for v in table.values()):
        raise ArgumentError(f"The reference does not have {len(there)} rows, one for each time.")
    share = {s: int(np.sum(here == s)) for s in np.unique(here).tolist()}
    rows = {s: np.flatnonzero(there == s) for s in share}
    known = [s for s in share if len(rows[s])]
    if not known:
        return table
    ratio = min(len(rows[s]) / share[s] for s in known)
    picked = [rows[s][-max(1, int(ratio * share[s])) :] for s in known]
    at = np.sort(np.concatenate(picked))
    return {n: v[at] for n, v in table.items()}


def seasons_of(times: Any, by: Season) -> Array:
    """Return a number for the season of each time.

    Args:
        times: `datetime` objects, `datetime64`, ISO texts, or a series of those; local time.
        by: As for `matched`.

    Raises:
        ArgumentError: They are no times, or `by` is unknown.
    """
    found = next(iter(columns(times, "the times").values()), np.empty(0))
    try:
        hours = np.asarray(found, dtype="datetime64[h]")
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{found[:1]!r} is no time. Pass datetimes or ISO texts.") from error
    hour = hours.astype(np.int64)
    weekday = (hour // 24 + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    if by == "hour":
        return hour % 24
    if by == "weekday":
        return weekday
    if by == "weekend":
        return (weekday >= 5).astype(np.int64)
    if by == "hour of week":
        return weekday * 24 + hour % 24
    if by == "month":
        return hours.astype("datetime64[M]").astype(np.int64) % 12
    raise ArgumentError(
        f"by={by!r} is no season. Use hour, weekday, weekend, hour of week or month."
    )
