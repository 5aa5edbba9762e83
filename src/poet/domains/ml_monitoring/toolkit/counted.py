"""Current data, counted over the groups of a kept reference; counts of partitions add up.

So data larger than memory, or spread over machines, give the same answer as one array: count each
part where it is, add, compare.

    known = Reference(last_month)                       # small; send it to the workers
    parts = [count(part, known) for part in partitions]
    report = compare(sum(parts[1:], parts[0]), known)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .kinds import Column, Floats, read
from .ordered import Counts, counts_in
from .reference import Kept, Reference, relation_rows
from .tables import Array, columns, rows_of


@dataclass(frozen=True)
class Part:
    """One column of current data.

    Attributes:
        column: Its kind, totals and labels, without numbers.
        counts: Numbers counted over the reference's groups; None for other kinds.
    """

    column: Column
    counts: Counts | None = None

    def __add__(self, other: Part) -> Part:
        mine, theirs = self.column, other.column
        kind = theirs.kind if mine.kind == "empty" else mine.kind
        if "empty" not in (mine.kind, theirs.kind) and mine.kind != theirs.kind:
            kind = "categorical"  # parts that disagree are no numbers any more
        column = replace(
            mine,
            kind=kind,
            total=mine.total + theirs.total,
            missing=mine.missing + theirs.missing,
            counts=dict(Counter(mine.counts) + Counter(theirs.counts)),
        )
        if self.counts is None or other.counts is None:
            return Part(column, other.counts if self.counts is None else self.counts)
        return Part(column, self.counts + other.counts)


@dataclass(frozen=True)
class Counted:
    """A table of current data, or a part of one; `a + b` is both together.

    Attributes:
        rows: Of the longest column, summed over parts.
        parts: By name of the column.
        new: Columns that the reference lacks.
        relation_rows: Rows from which correlations are estimated; only while all rows are in
            one part.
    """

    rows: int
    parts: Mapping[str, Part]
    new: tuple[str, ...] = ()
    relation_rows: Floats | None = None

    def __add__(self, other: Counted) -> Counted:
        names = dict.fromkeys([*self.parts, *other.parts])
        parts = {}
        for name in names:
            both = [side.parts[name] for side in (self, other) if name in side.parts]
            parts[name] = both[0] if len(both) == 1 else both[0] + both[1]
        new = tuple(dict.fromkeys(self.new + other.new))
        return Counted(self.rows + other.rows, parts, new)


def count(data: Any, reference: Reference) -> Counted:
    """Count a table, or one part of it, over a reference's groups.

    Raises:
        ArgumentError: This is no data.
    """
    table = _renamed(columns(data, "the current data"), reference)
    parts = {n: _count(table[n], known) for n, known in reference.kept.items() if n in table}
    names = reference.relation_names
    related = None
    if reference.relations is not None and all(
        n in table and table[n].dtype.kind in "iuf" for n in names
    ):
        related = relation_rows(table, names)
    new = tuple(n for n in table if n not in reference.kept)
    return Counted(rows_of(table), parts, new, related)


def _renamed(table: dict[str, Array], reference: Reference) -> dict[str, Array]:
    # Two single columns are meant to be compared, whatever they are called.
    if len(table) == len(reference.kept) == 1 and set(table) != set(reference.kept):
        return {next(iter(reference.kept)): next(iter(table.values()))}
    return table


def _count(array: Array, known: Kept) -> Part:
    column = read(known.column.name, array, known.column.kind)
    light = replace(column, values=np.empty(0))
    if known.column.kind not in ("numeric", "text"):
        if column.kind == "numeric" and known.column.kind == "boolean":
            found = Counter(bool(v) if v in (0, 1) else v for v in column.values.tolist())
            return Part(replace(light, kind="boolean", counts=dict(found)))
        return Part(light)
    values = column.values
    if column.kind == "boolean" and known.column.kind == "numeric":
        yes = column.counts.get(True, 0)
        values = np.repeat([0.0, 1.0], [column.present - yes, yes])
        light = replace(light, kind="numeric", counts={})
    return Part(light, counts_in(np.sort(values), known.edges))
