"""A process of its own with resource limits: what every system has. It does not isolate."""

from __future__ import annotations

from collections.abc import Sequence

from .backend import Box, clean_environment


class Plain:
    """Own process, clean environment, limits; files and network are not kept away.

    On Linux the worker also moves itself into an empty network namespace where the kernel lets
    an ordinary process do that; it is not counted on.
    """

    name = "plain"
    isolates = False

    def missing(self) -> str | None:
        """Never missing."""
        return None

    def command(self, python: Sequence[str], box: Box) -> list[str]:
        """Return the command as it is."""
        return list(python)

    def environment(self, box: Box) -> dict[str, str]:
        """Return the environment: nothing of the user's."""
        return clean_environment(box)
