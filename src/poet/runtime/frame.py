"""The call that is running in this context: where attempts and flags of an execution are noted."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any


class Frame:
    """One running call. `function` is the decorated function's state; `parent` the call around it."""

    __slots__ = ("attempts", "execution_id", "flags", "function", "parent")

    def __init__(self, function: Any, execution_id: str, parent: Frame | None) -> None:
        self.function = function
        self.execution_id = execution_id
        self.parent = parent
        self.attempts = 1
        self.flags: list[str] | None = None

    def inside(self, function: Any) -> bool:
        """Return whether this call, or one around it, is a call of that function."""
        frame: Frame | None = self
        while frame is not None:
            if frame.function is function:
                return True
            frame = frame.parent
        return False


active: ContextVar[Frame | None] = ContextVar("poet_active_call", default=None)


def note_flag(text: str) -> None:
    """Add a flag to the running call; without one (a test calls a part directly) do nothing."""
    frame = active.get()
    if frame is not None:
        if frame.flags is None:
            frame.flags = []
        if len(frame.flags) < 20 and text not in frame.flags:
            frame.flags.append(text[:500])


def note_attempt(number: int) -> None:
    """Say that the running call is at its n-th attempt."""
    frame = active.get()
    if frame is not None:
        frame.attempts = max(frame.attempts, number)
