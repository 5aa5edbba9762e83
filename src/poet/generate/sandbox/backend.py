"""What a sandbox backend is: it says how to start a Python process under its restrictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Box:
    """What a sandboxed process may see.

    Attributes:
        scratch: The only folder that it may write to; also its HOME and working folder.
        readable: Folders that it may read besides Python's own.
        memory: Bytes that it may use beyond what its imports take.
        seconds: Wall-clock time after which it is killed from outside.
    """

    scratch: Path
    readable: tuple[Path, ...] = ()
    memory: int = 1024 * 1024 * 1024
    seconds: float = 30.0


@dataclass(frozen=True)
class Verdict:
    """What real attempts showed: for each, whether it was stopped."""

    stopped: Mapping[str, bool] = field(default_factory=dict)
    error: str | None = None

    @property
    def holds(self) -> bool:
        """Whether every attempt was stopped."""
        return self.error is None and bool(self.stopped) and all(self.stopped.values())

    def text(self) -> str:
        """Return the verdict as a person reads it."""
        if self.error:
            return self.error
        failed = [name for name, ok in self.stopped.items() if not ok]
        return "stops all attempts" if not failed else "does not stop: " + ", ".join(failed)


class Backend(Protocol):
    """One way to restrict a process."""

    name: str
    isolates: bool

    def command(self, python: Sequence[str], box: Box) -> list[str]:
        """Return the command that runs `python` (a Python command line) in the box."""

    def environment(self, box: Box) -> dict[str, str]:
        """Return the process's whole environment."""

    def missing(self) -> str | None:
        """Return why the backend cannot be used here at all, or None."""


def clean_environment(box: Box) -> dict[str, str]:
    """Return an environment with nothing of the user's in it."""
    return {
        "HOME": str(box.scratch),
        "TMPDIR": str(box.scratch),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "POET_ENABLED": "0",
        # One thread: a sandboxed BLAS with too little memory hangs instead of failing.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
