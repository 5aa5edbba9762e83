"""A reference that is kept: what comparisons need of it, computed once, small, independent of n."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.polynomial import legendre

from .dependence import correlation_time, period_of, relations_of, without_season
from .kinds import Column, Floats, read
from .ordered import Counts, counts_in, edges_of
from .tables import Array, columns, rows_of

RELATION_ROWS = 5000  # rows, evenly spaced, that correlations are estimated from
_RELATION_COLUMNS = 100


@dataclass(frozen=True)
class Kept:
    """One column of the reference.

    Attributes:
        column: Its name, kind and totals, without its values.
        edges: Distinct values or quantiles; empty for labels.
        counts: Values below, at and between the edges.
        slowdown: For location, spread, skewness and tails: how many rows carry the information
            of one independent row.
        period: Rows after which the column repeats itself, 0 when it does not.
        seasonal: The slowdown of what is left without the season.
        labels: Count of each label.
    """

    column: Column
    edges: Floats = field(repr=False)
    counts: Counts = field(repr=False)
    slowdown: Floats
    labels: dict[Hashable, int] = field(default_factory=dict, repr=False)
    period: int = 0
    seasonal: Floats | None = None

    def slowdown_over(self, rows: int) -> Floats:
        """Return the slowdown for so many current rows: over whole periods a season averages out."""
        if self.seasonal is None or rows < 0.95 * self.period:
            return self.slowdown
        over = rows % self.period
        if rows < 5 * self.period and min(over, self.period - over) > 0.05 * self.period:
            return self.slowdown
        return self.seasonal


class Reference:
    """What is known of the data that current data are compared with.

    Build it once and pass it to `compare` as often as wanted: comparing then costs one sort of
    the current values. It keeps at most 4,096 quantiles and their counts for each number column
    (the Kolmogorov-Smirnov distance is then within 1 / 4,096 of the exact one; up to 4,096
    distinct values it is exact), the counts of labels, and correlations from 5,000 rows.

    Args:
        data: Anything that `columns` reads; rows in order of time, where there is one, so that
            autocorrelation is seen.
        ordered: Whether the order of rows means anything.
    """

    def __init__(self, data: Any, *, ordered: bool = True) -> None:
        table = columns(data, "the reference")
        self.rows = rows_of(table)
        self.kept = {name: _keep(name, array, ordered) for name, array in table.items()}
        self.relation_names = [
            n
            for n, k in self.kept.items()
            if k.column.kind == "numeric" and len(k.edges) > 20 and k.column.total == self.rows
        ][:_RELATION_COLUMNS]
        self.relations = relations_of(relation_rows(table, self.relation_names))

    def __repr__(self) -> str:
        return f"Reference({self.rows:,} rows, {len(self.kept)} columns)"


def side(data: Any, name: str) -> dict[str, Array] | Reference:
    """Return the columns of one side of a comparison; a `Reference` is passed on.

    Raises:
        ArgumentError: It is no data; the message calls it `name`.
    """
    return data if isinstance(data, Reference) else columns(data, name)


def _keep(name: str, array: Array, ordered: bool) -> Kept:
    column = read(name, array)
    slowdown = np.ones(4)
    if column.kind not in ("numeric", "text") or not len(column.values):
        if ordered and column.counts and len(column.counts) > 1:
            slowdown = _slowdown_of_labels(array, column)
        return Kept(_light(column), np.empty(0), np.zeros(1, dtype=np.int64), slowdown,
                    column.counts)  # fmt: skip
    values = np.sort(column.values)
    edges = edges_of(values)
    if ordered:
        slowdown = _slowdown(column.values, edges)
    counts = counts_in(values, edges)
    if slowdown.max() > 2:
        period = period_of(_ranks(column.values, edges))
        if period:
            rest = _slowdown(column.values, edges, period)
            return Kept(_light(column), edges, counts, slowdown, period=period, seasonal=rest)
    return Kept(_light(column), edges, counts, slowdown)


def _light(column: Column) -> Column:
    return Column(column.name, column.kind, column.total, column.missing, np.empty(0))


def _ranks(values: Floats, edges: Floats) -> Floats:
    """Return the ranks of the newest values, -1 to 1."""
    newest = values[-4096:]
    below, upto = np.searchsorted(edges, newest, "left"), np.searchsorted(edges, newest, "right")
    found: Floats = (below + upto) / len(edges) - 1
    return found


def _slowdown(values: Floats, edges: Floats, period: int = 0) -> Floats:
    """Return the correlation time of each rank component, from the newest values."""
    rank = _ranks(values, edges)
    series = [legendre.legval(rank, np.eye(5)[degree]) for degree in range(1, 5)]
    if period:
        series = [without_season(s, period) for s in series]
    return np.asarray([correlation_time(s) for s in series])


def _slowdown_of_labels(array: Array, column: Column) -> Floats:
    common = max(column.counts, key=lambda k: column.counts[k])
    newest = array[-4096:].tolist()
    try:
        series = np.asarray([v == common for v in newest], dtype=float)
        runs = 1 + sum(a != b for a, b in pairwise(newest))
    except (TypeError, ValueError):
        return np.ones(4)
    if runs <= len(column.counts):  # grouped by label: the order in time is lost
        return np.ones(4)
    return np.full(4, correlation_time(series))


def relation_rows(table: dict[str, Array], names: list[str]) -> Floats:
    """Return up to 5,000 evenly spaced rows of some columns, without those that miss a value."""
    if len(names) < 2 or len({len(table[n]) for n in names}) != 1:
        return np.empty((0, 0))
    step = -(-len(table[names[0]]) // RELATION_ROWS)
    picked: list[Floats] = []
    for n in names:
        values = table[n][:: max(step, 1)]
        if values.dtype.kind not in "iuf":
            values = np.asarray([np.nan if v is None else v for v in values.tolist()], dtype=float)
        picked.append(values.astype(np.float64, copy=False))
    rows = np.stack(picked, axis=1)
    complete: Floats = rows[np.isfinite(rows).all(axis=1)]
    return complete
