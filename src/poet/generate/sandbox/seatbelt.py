"""macOS: `sandbox-exec` with a profile of our own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from .backend import Box, clean_environment
from .bubblewrap import python_folders

_PROFILE = """(version 1)
(deny default)
(allow process-fork process-exec sysctl-read mach-lookup ipc-posix-sem)
(allow file-read-metadata)
(allow file-read* {readable})
(allow file-write* (subpath {scratch}) (literal "/dev/null"))
(deny network*)
(deny signal (target others))
"""
_SYSTEM = ("/usr", "/System", "/Library/Frameworks", "/private/var/db/timezone", "/dev",
           "/opt/homebrew", "/Library/Developer/CommandLineTools")  # fmt: skip


class Seatbelt:
    """No network, files read-only, no signals to others."""

    name = "seatbelt"
    isolates = True

    def missing(self) -> str | None:
        """Return why Seatbelt cannot be used here, or None."""
        if sys.platform != "darwin":
            return "Seatbelt is for macOS"
        return None if shutil.which("sandbox-exec") else "sandbox-exec is not there"

    def command(self, python: Sequence[str], box: Box) -> list[str]:
        """Return the sandbox-exec command line."""
        folders = [*_SYSTEM, *map(str, python_folders()), *map(str, box.readable), str(box.scratch)]
        profile = _PROFILE.format(
            readable=" ".join(f"(subpath {_quoted(f)})" for f in dict.fromkeys(folders)),
            scratch=_quoted(str(box.scratch)),
        )
        return ["sandbox-exec", "-p", profile, *python]

    def environment(self, box: Box) -> dict[str, str]:
        """Return the environment: nothing of the user's."""
        return clean_environment(box)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
