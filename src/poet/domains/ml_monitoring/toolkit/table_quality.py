"""What is wrong with a table by itself: missing values, constants, mixed types, repeated rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .kinds import read
from .report import plain
from .tables import columns, rows_of


@dataclass(frozen=True)
class QualityReport:
    """The state of a table.

    Attributes:
        rows: Of the longest column.
        missing: Share of missing values, per column.
        constant: Columns that hold one value only.
        mixed: Columns that hold both numbers and texts.
        infinite: Columns with infinities.
        duplicates: Rows that repeat an earlier one.
        kinds: What each column was taken for.
        issues: The same in sentences, the worst first; empty when nothing is wrong.
    """

    rows: int
    missing: Mapping[str, float]
    constant: tuple[str, ...]
    mixed: tuple[str, ...]
    infinite: tuple[str, ...]
    duplicates: int
    kinds: Mapping[str, str]
    issues: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether there are rows and no issues."""
        return self.rows > 0 and not self.issues

    @property
    def missing_share(self) -> float:
        """Share of missing values in the whole table."""
        return float(np.mean(list(self.missing.values()))) if self.missing else 0.0

    @property
    def score(self) -> float:
        """1, perfect, to 0: the share of cells that are present, in columns without an issue."""
        if not self.rows or not self.missing:
            return 0.0
        bad = {*self.constant, *self.mixed, *self.infinite}
        return float(np.mean([0.0 if n in bad else 1 - m for n, m in self.missing.items()]))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; figures that do not apply are None."""
        return plain(self)

    @property
    def message(self) -> str:
        """One or more sentences."""
        if not self.rows:
            return "There are no rows."
        return " ".join(self.issues) or f"{self.rows:,} rows without an issue."


def quality(data: Any, *, max_missing: float = 0.05) -> QualityReport:
    """Look for what usually goes wrong between a source of data and a model.

    Args:
        data: Anything that `columns` reads.
        max_missing: Share of missing values from which a column is an issue.
    """
    table = columns(data)
    rows = rows_of(table)
    read_in = {n: read(n, a) for n, a in table.items()}
    missing = {n: c.missing / c.total if c.total else 0.0 for n, c in read_in.items()}
    constant = tuple(
        n for n, c in read_in.items()
        if c.present > 1 and (len(c.counts) == 1 or (len(c.values) and np.ptp(c.values) == 0))
    )  # fmt: skip
    infinite = tuple(n for n, c in read_in.items() if np.isinf(c.values).any())
    mixed = tuple(n for n, c in read_in.items() if _is_mixed(list(c.counts)))
    duplicates = _duplicates(list(table.values()), rows)
    issues = [f"{n} misses {m:.0%} of its values." for n, m in missing.items() if m > max_missing]
    issues += [f"{n} mixes numbers and texts." for n in mixed]
    issues += [f"{n} has infinite values." for n in infinite]
    issues += [f"{n} holds one value only." for n in constant]
    if duplicates:
        issues.append(f"{duplicates:,} rows repeat an earlier one.")
    return QualityReport(rows, missing, constant, mixed, infinite, duplicates,
                         {n: c.kind for n, c in read_in.items()}, tuple(issues))  # fmt: skip


def _is_mixed(labels: list[Any]) -> bool:
    texts = sum(isinstance(v, str) for v in labels)
    return 0 < texts < len(labels)


def _duplicates(arrays: list[Any], rows: int) -> int:
    if len(arrays) < 2 or any(len(a) != rows for a in arrays):
        return 0  # equal values of a single column are no repeated rows
    # repr, so that NaN equals NaN and a list can be compared
    seen = set(zip(*(map(repr, a.tolist()) for a in arrays), strict=True))
    return rows - len(seen)
