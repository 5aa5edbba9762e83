"""Linux without bubblewrap: Landlock and seccomp through sandlock, which comes from PyPI.

The process that starts sandlock has to stay as its supervisor, so that a small one of its own does
(see `supervise`): the user's process is not touched.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .backend import Box, clean_environment
from .bubblewrap import python_folders

_SUPERVISE = "from poet.generate.sandbox.sandlock import supervise; supervise()"


class Sandlock:
    """No network, files read-only, no signals to others, a limit on processes."""

    name = "sandlock"
    isolates = True

    def missing(self) -> str | None:
        """Return why sandlock cannot be used here, or None."""
        if not sys.platform.startswith("linux"):
            return "sandlock is for Linux"
        if importlib.util.find_spec("sandlock") is None:
            return "sandlock is not installed (pip install 'opendxa-poet[sandbox]')"
        return None

    def command(self, python: Sequence[str], box: Box) -> list[str]:
        """Return the command line of the supervisor."""
        policy = {
            "fs_readable": [str(p) for p in dict.fromkeys([*python_folders(), *box.readable])
                            if Path(p).exists()] + ["/proc", "/dev"],
            "fs_writable": [str(box.scratch), "/dev/null"],
            "max_processes": 16,
            "cwd": str(box.scratch),
            "no_coredump": True,
        }  # fmt: skip
        start = [sys.executable, "-s", "-P", "-B", "-c", _SUPERVISE, json.dumps(policy)]
        return [*start, *python]

    def environment(self, box: Box) -> dict[str, str]:
        """Return the environment: nothing of the user's."""
        return clean_environment(box)


def supervise() -> None:
    """Run the command after the policy in argv under sandlock, and end as it ends."""
    import sandlock

    policy = json.loads(sys.argv[1])
    sys.exit(sandlock.Sandbox(**policy).run_interactive(sys.argv[2:]))
