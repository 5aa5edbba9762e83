"""From a function's source and a spec to a stored version."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..runtime.state import DecoratedFunction

__all__ = ["prepare"]


def prepare(state: DecoratedFunction) -> None:
    """Make a version for a decorated function whose first call found none; see `ladder`."""
    from .ladder import prepare as prepare_

    prepare_(state)
