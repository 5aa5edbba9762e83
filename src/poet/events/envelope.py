"""The form of an event, and the table of all types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time_ns
from typing import Any

import orjson
from uuid_utils import uuid7

MOST_BYTES = 1_000_000
FORMAT = "1"

TYPES: dict[str, str] = {
    "function.execution": "a call ended",
    "function.feedback": "somebody or something said something of a call, an episode or a function",
    "generation.started": "a version is being generated",
    "generation.step_down": "a step of the ladder did not work; the next one is tried",
    "generation.rejected": "the gate refused a candidate",
    "generation.succeeded": "a candidate passed the gate and was stored",
    "generation.failed": "no candidate passed; what ran before goes on",
    "generation.skipped": "nothing was generated, because the settings say so",
    "generation.alert": "too many generations failed",
    "version.stored": "a version is on disk",
    "version.waiting": "a version waits for approval",
    "version.approved": "somebody approved a version",
    "version.current": "a version took over",
    "version.rolled_back": "a version was withdrawn",
    "version.edited": "a version's file was changed by hand",
    "version.deleted": "a version was deleted to keep within the limits",
    "params.changed": "learned values were set",
    "learning.pattern": "feedback and figures together say something",
    "learning.decision": "what is to be done about it",
    "release.step": "a release went on, paused or ended",
}


@dataclass(frozen=True)
class Event:
    """One immutable record.

    Attributes:
        id: UUIDv7.
        type: One of `TYPES`.
        timestamp: Unix time in seconds.
        correlation_id: What it belongs to: an execution, an episode, a generation.
        causation_id: The event or execution that led to it.
        source: Which part of POET wrote it.
        metadata: `version` of this form, `environment`, `service`.
        payload: What happened.
    """

    id: str
    type: str
    timestamp: float
    correlation_id: str
    causation_id: str | None
    source: str
    metadata: Mapping[str, Any]
    payload: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def new(
        cls,
        kind: str,
        payload: Mapping[str, Any],
        *,
        environment: str = "development",
        service: str | None = None,
        correlation_id: str | None = None,
        causation_id: str | None = None,
    ) -> Event:
        """Make an event that happens now.

        Raises:
            ValueError: The type is not one of `TYPES`.
        """
        if kind not in TYPES:
            raise ValueError(f"{kind!r} is not a type of event; known: {', '.join(TYPES)}")
        identity = str(uuid7())
        subject = payload.get("execution_id") or payload.get("episode_id")
        return cls(
            identity,
            kind,
            time_ns() / 1e9,
            correlation_id or subject or identity,
            causation_id,
            "poet",
            {"version": FORMAT, "environment": environment, "service": service},
            payload,
        )

    def line(self) -> bytes:
        """Return the event as one line of JSON.

        Raises:
            ValueError: It is larger than 1 MB.
        """
        raw = dumps(
            {
                "id": self.id,
                "type": self.type,
                "timestamp": self.timestamp,
                "correlation_id": self.correlation_id,
                "causation_id": self.causation_id,
                "source": self.source,
                "metadata": self.metadata,
                "payload": self.payload,
            }
        )
        if len(raw) > MOST_BYTES:
            raise ValueError(
                f"an event of {len(raw):,} bytes is over the limit of {MOST_BYTES:,}; record less"
            )
        return raw

    @classmethod
    def parse(cls, line: bytes) -> Event:
        """Read one line.

        Raises:
            ValueError: It is not an event.
        """
        found = orjson.loads(line)
        try:
            return cls(**found)
        except TypeError as error:
            raise ValueError(f"not an event: {error}") from None


def dumps(value: Any) -> bytes:
    """Return one line of JSON; what JSON does not know is written as text, never refused."""
    options = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    try:
        return orjson.dumps(value, default=_as_text, option=options)
    except (TypeError, orjson.JSONEncodeError):
        return orjson.dumps(_plain(value, 0), default=_as_text, option=options)


def _as_text(value: Any) -> Any:
    try:
        return repr(value)[:2000]
    except Exception:  # noqa: BLE001 - the user's __repr__
        return f"<{type(value).__name__}>"


def _plain(value: Any, depth: int) -> Any:
    """Make JSON of what orjson refuses: huge integers, broken text, cycles, odd keys."""
    if depth > 20:
        return "…"
    if isinstance(value, Mapping):
        return {str(_as_text(k) if not isinstance(k, str) else k): _plain(v, depth + 1)
                for k, v in value.items()}  # fmt: skip
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v, depth + 1) for v in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)
    return _as_text(value)
