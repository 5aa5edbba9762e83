"""What happened, written down: an append-only journal of immutable events.

The journal is one file per process and is written with one system call per event, so that an
event that was written survives the death of the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StoreError
from .envelope import TYPES, Event
from .journal import Journal, journal_for

__all__ = ["TYPES", "Event", "Journal", "emit", "journal_for"]


def emit(
    root: Path,
    kind: str,
    payload: Mapping[str, Any],
    *,
    environment: str = "development",
    service: str | None = None,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    required: bool = False,
) -> str:
    """Write one event to the journal of a `.poet/` folder and return its id.

    Args:
        root: The `.poet/` folder.
        kind: One of `TYPES`.
        payload: What happened; values that JSON does not know are written as text.
        environment: Name of the deployment.
        service: Name of the running program.
        correlation_id: What the event belongs to; default: the execution it speaks of, or itself.
        causation_id: What led to it.
        required: Raise where the event cannot be written, instead of warning once.

    Raises:
        ValueError: The event is larger than 1 MB, or of an unknown type.
        StoreError: `required`, and the folder cannot be written to.
    """
    event = Event.new(
        kind,
        payload,
        environment=environment,
        service=service,
        correlation_id=correlation_id,
        causation_id=causation_id,
    )
    if not journal_for(root).emit(event) and required:
        raise StoreError(
            f"The journal in {root / 'events'} cannot be written to, so nothing was recorded. "
            "Make the folder writable, or set POET_DIR to one that is."
        )
    return event.id
