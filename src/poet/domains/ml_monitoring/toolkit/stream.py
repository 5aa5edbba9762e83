"""Watch a stream one observation at a time, in constant memory.

`AdaptiveWindow` keeps a window that is as long as nothing changes (ADWIN, Bifet and Gavaldà 2007).
`Tracker` puts two of them over the ranks that observations have in a reference, so that neither
the unit nor heavy tails matter, and a change of spread is seen as well as one of location.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np

from .reference import Reference

_PER_ROW = 5  # buckets of one size before two are merged
_EVERY = 32  # observations between two looks for a change
_SHORTEST = 5  # observations on each side of a cut


class AdaptiveWindow:
    """The mean of a stream of values between 0 and 1, over as long as it did not change.

    Buckets hold 1, 2, 4, … observations, so that memory grows with the logarithm of the window,
    up to a longest window.

    Args:
        delta: Bound on the probability of seeing a change where there is none, for each window.
        longest: Observations kept at most.
    """

    def __init__(self, delta: float = 0.002, longest: int = 100_000) -> None:
        self.delta, self.longest = delta, longest
        self.width = 0
        self.total = self.squares = 0.0
        self._seen = 0
        # Row i holds buckets (sum, sum of squares) of 2**i observations, the oldest first.
        self._rows: list[list[tuple[float, float]]] = [[]]

    @property
    def mean(self) -> float:
        """Of the window; 0 when it is empty."""
        return self.total / self.width if self.width else 0.0

    def update(self, value: float) -> bool:
        """Take one observation; return whether the window was cut because its mean changed."""
        self._rows[0].append((value, value * value))
        self.width += 1
        self.total += value
        self.squares += value * value
        if len(self._rows[0]) > _PER_ROW:
            self._compress()
        if self.width > self.longest:
            self._drop()
        self._seen += 1
        return self._seen % _EVERY == 0 and self.width > 2 * _SHORTEST and self._shrink()

    def _compress(self) -> None:
        for i, row in enumerate(self._rows):
            if len(row) <= _PER_ROW:
                return
            (a, aa), (b, bb) = row[0], row[1]
            del row[:2]
            if i + 1 == len(self._rows):
                self._rows.append([])
            self._rows[i + 1].append((a + b, aa + bb))

    def _drop(self) -> None:
        """Forget the oldest bucket."""
        while not self._rows[-1]:
            self._rows.pop()
        total, squares = self._rows[-1].pop(0)
        self.width -= 1 << (len(self._rows) - 1)
        self.total -= total
        self.squares -= squares

    def _shrink(self) -> bool:
        changed = False
        while self.width > 2 * _SHORTEST and self._has_cut():
            self._drop()
            changed = True
        return changed

    def _has_cut(self) -> bool:
        """Tell whether an older and a newer part of the window differ by more than chance."""
        n, mean = self.width, self.mean
        variance = max(self.squares / n - mean * mean, 0.0)
        confidence = log(2 * log(n) / self.delta)
        older, older_total = 0, 0.0
        for i in range(len(self._rows) - 1, -1, -1):
            for bucket in self._rows[i]:
                older += 1 << i
                older_total += bucket[0]
                newer = n - older
                if newer < _SHORTEST:
                    return False
                if older >= _SHORTEST:
                    m = 1 / (1 / (older - _SHORTEST + 1) + 1 / (newer - _SHORTEST + 1))
                    bound = sqrt(2 / m * variance * confidence) + 2 / (3 * m) * confidence
                    gap = older_total / older - (self.total - older_total) / newer
                    if abs(gap) > bound:
                        return True
        return False


@dataclass(frozen=True)
class Change:
    """A change in a stream.

    Attributes:
        at: Number of the observation at which it was seen, from 1.
        what: `"location"` or `"spread"`.
        before: Mean rank before, 0 to 1; for spread, mean distance from the middle rank.
        after: The same since.
        kind: `"sudden"`; `"gradual"`, when it goes on from a change shortly before; or
            `"recurring"`, when the stream is back where it was earlier.
    """

    at: int
    what: str
    before: float
    after: float
    kind: str


class Tracker:
    """Tells when a stream of numbers changes, in constant memory.

    Args:
        reference: What is usual: a `Reference` of one number column, values, or None to take the
            first `warm_up` observations for it.
        delta: Bound on the probability of a false change, for each window.
        warm_up: Observations that become the reference when none is given.
    """

    def __init__(self, reference: Any = None, *, delta: float = 0.002, warm_up: int = 200) -> None:
        self.seen = 0
        self.changes: list[Change] = []
        self._windows = {"location": AdaptiveWindow(delta), "spread": AdaptiveWindow(delta)}
        self._warm_up, self._first = warm_up, list[float]()
        self._edges: list[float] = []
        if reference is not None:
            known = reference if isinstance(reference, Reference) else Reference(reference)
            self._edges = next(iter(known.kept.values())).edges.tolist()

    def update(self, value: float) -> Change | None:
        """Take one observation; return the change that it made certain, if any.

        Missing values (NaN) are counted and otherwise passed over.
        """
        self.seen += 1
        if value != value:  # noqa: PLR0124 - NaN
            return None
        edges = self._edges
        if not edges:
            self._first.append(value)
            if len(self._first) >= self._warm_up:
                self._edges = np.unique(self._first).tolist()
                self._first.clear()
            return None
        rank = (bisect_left(edges, value) + bisect_right(edges, value)) / (2 * len(edges))
        found = None
        for what, observed in (("location", rank), ("spread", abs(2 * rank - 1))):
            window = self._windows[what]
            before = window.mean
            if window.update(observed):
                found = found or self._changed(what, before, window.mean)
        return found

    def _changed(self, what: str, before: float, after: float) -> Change:
        earlier = [c for c in self.changes if c.what == what]
        kind = "sudden"
        if earlier:
            last = earlier[-1]
            near = self.seen - last.at < 1000
            if near and (after - before) * (last.after - last.before) > 0:
                kind = "gradual"
            elif any(abs(c.before - after) < 0.1 for c in earlier):
                kind = "recurring"
        change = Change(self.seen, what, before, after, kind)
        self.changes = [*self.changes[-19:], change]
        return change
