"""The `poet` command.

Exit codes: 0 done; 1 the answer is no (a check failed, nothing found); 2 the command was used
wrongly, or something it needs is missing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; the entry point of the installed `poet`."""
    read_env(Path.cwd() / ".env")
    from .app import app

    try:
        app(args=arguments, prog_name="poet", standalone_mode=True)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from ..errors import PoetError
        from ..source import SourceUnavailable

        if not isinstance(error, (PoetError, SourceUnavailable)):
            raise  # a bug of ours: its traceback is what a report needs
        print(f"poet: {error}", file=sys.stderr)
        sys.exit(2)


def read_env(file: Path) -> None:
    """Take `NAME=value` lines from a `.env` file; what the environment has already wins."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        name = name.strip()
        if equals and name.isidentifier() and not line.lstrip().startswith("#"):
            os.environ.setdefault(name, value.strip().strip("\"'"))
