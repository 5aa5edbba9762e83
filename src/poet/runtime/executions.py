"""Which execution a result came from, without touching the result.

A result that has an identity (a list, a dict, an object) is found by it, from any thread, as long
as that is unambiguous. A bare value (None, True, 7, "ok") could come from many executions: the
newest in this context is meant, and one of another thread or task never is.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import ExecutionNotFound

KEPT = 256  # results remembered per process
KEPT_IN_CONTEXT = 16  # bare results remembered per context
LARGEST = 10_000  # built-in containers with more elements are not kept alive for feedback's sake

_BARE = (type(None), bool, int, float, complex, str, bytes)
_CONTAINERS = (dict, list, tuple, set, frozenset, bytearray)


@dataclass(frozen=True)
class Execution:
    """One call of a decorated function.

    Attributes:
        id: UUIDv7 that names it for ever, also in another process.
        function: Name of the function, as in `.poet/`.
        version: Number of the version that answered; 0: the original itself.
        result: What the call returned, where it is known in this process.
        root: The `.poet/` folder whose journal holds its record.
    """

    id: str
    function: str
    version: int
    result: Any = None
    root: Path | None = field(default=None, repr=False, compare=False)


class Called(Protocol):
    """What is remembered of the function that was called."""

    name: str

    @property
    def root(self) -> Path:
        """The `.poet/` folder."""


# One remembered result: (result or reference, execution id, function, version, depth, before).
# A chain, because a new link costs less than a new tuple of all; it is cut when it grows too long.
Link = tuple[Any, str, Called, int, int, Any]
_recent: ContextVar[Link | None] = ContextVar("poet_recent", default=None)
_held: OrderedDict[int, list[Any]] = OrderedDict()  # id(result) → [reference, …see remember]


def remember(result: Any, execution_id: str, function: Called, version: int) -> None:
    """Note which execution returned a result; called after every successful call."""
    kind = type(result)
    before = _recent.get()
    depth = 0 if before is None else before[4] + 1
    if depth > 4 * KEPT_IN_CONTEXT:
        before, depth = _cut(before), KEPT_IN_CONTEXT
    if kind in _BARE:
        if kind in (str, bytes) and len(result) > LARGEST:
            return
        _recent.set((result, execution_id, function, version, depth, before))
        return
    if kind in _CONTAINERS:
        if len(result) > LARGEST:
            return
        reference = result
    else:
        try:
            reference = weakref.ref(result)
        except TypeError:  # slots without __weakref__: keeping it alive is the only way
            reference = result
    _recent.set((reference, execution_id, function, version, depth, before))
    key = id(result)
    held = _held.pop(key, None)
    shared = held is not None and held[1] != execution_id and _same(held[0], result)
    _held[key] = [reference, execution_id, function, version, shared]
    if len(_held) > KEPT:
        try:
            _held.popitem(last=False)
        except KeyError:  # another thread was faster
            pass


def _chain() -> Iterator[Link]:
    link = _recent.get()
    while link is not None:
        yield link
        link = link[5]


def _cut(newest: Link | None) -> Link | None:
    """Return the newest links as a chain of their own."""
    kept: Link | None = None
    newest_first: list[Link] = []
    while newest is not None and len(newest_first) < KEPT_IN_CONTEXT:
        newest_first.append(newest)
        newest = newest[5]
    for depth, link in enumerate(reversed(newest_first)):
        kept = (*link[:4], depth, kept)
    return kept


def _same(reference: Any, result: Any) -> bool:
    if isinstance(reference, weakref.ref):
        return reference() is result
    return reference is result


def execution_of(result: Any) -> Execution:
    """Return the execution that returned this result.

    Raises:
        ExecutionNotFound: None is known, or it could be one of several of other contexts.
    """
    bare = type(result) in _BARE
    for value, execution_id, function, version, _, _ in _chain():
        if _same(value, result) or (bare and type(value) is type(result) and value == result):
            return Execution(execution_id, function.name, version, result, function.root)
    if not bare:
        found = _held.get(id(result))
        if found is not None and _same(found[0], result):
            if found[4]:
                raise ExecutionNotFound(
                    "This object was returned by several executions, and none of them in this "
                    "thread or task. Call the function with poet.run(f, …) and use its .id."
                )
            return Execution(found[1], found[2].name, found[3], result, found[2].root)
    raise ExecutionNotFound(
        f"No execution in this thread or task is known to have returned {_brief(result)}. Give "
        "feedback where the call was made, or call it with poet.run(f, …) and keep its .id."
    )


def newest_in_context() -> tuple[str, Called, int] | None:
    """Return (id, function, version) of the newest execution in this context."""
    link = _recent.get()
    return None if link is None else link[1:4]


def _brief(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - the user's __repr__
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "…"
