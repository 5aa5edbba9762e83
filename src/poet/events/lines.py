"""Lines of the journal: which of them are events, and what can be read of one cheaply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

_HEAD = b'{"id":"'
_FIELDS = {
    "id", "type", "timestamp", "correlation_id", "causation_id", "source", "metadata", "payload",
}  # fmt: skip


def parse(line: bytes) -> dict[str, Any] | None:
    """Return the event of a line as a mapping; None where the line holds none.

    A line that a killed process could not finish is followed, on the same line, by the next event
    where another thread was writing: that event is found.
    """
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        start = line.rfind(_HEAD, 1)
        while start > 0:
            try:
                found = orjson.loads(line[start:])
            except orjson.JSONDecodeError:
                found = None
            if isinstance(found, dict) and found.keys() == _FIELDS:
                return found
            start = line.rfind(_HEAD, 1, start)
        return None
    return found if isinstance(found, dict) and found.keys() == _FIELDS else None


def events_in(text: bytes) -> Iterator[dict[str, Any] | bytes]:
    """Yield the events of some lines as mappings, and each line that holds none as it is."""
    for line in text.split(b"\n"):
        if line:
            found = parse(line)
            yield line if found is None else found


_TIME = re.compile(rb'\{"id":"[^"]*","type":"[^"]*","timestamp":([0-9.eE+-]+),')


def time_of(line: bytes) -> float:
    """Return an event's time without reading the rest of it; 0 where the line holds no event."""
    match = _TIME.match(line)
    return float(match[1]) if match else 0.0
