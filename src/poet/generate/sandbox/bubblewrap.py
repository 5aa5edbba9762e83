"""Linux namespaces through bubblewrap (https://github.com/containers/bubblewrap)."""

from __future__ import annotations

import os
import shutil
import site
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .backend import Box, clean_environment


class Bubblewrap:
    """No network, files read-only, its own processes, nothing of HOME."""

    name = "bubblewrap"
    isolates = True

    def missing(self) -> str | None:
        """Return why bubblewrap cannot be used here, or None."""
        if not sys.platform.startswith("linux"):
            return "bubblewrap is for Linux"
        if shutil.which("bwrap") is None:
            return "bwrap is not installed (apt install bubblewrap)"
        return None

    def command(self, python: Sequence[str], box: Box) -> list[str]:
        """Return the bwrap command line."""
        command = [
            shutil.which("bwrap") or "bwrap",
            "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
            "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run",
        ]  # fmt: skip
        for path in dict.fromkeys([*python_folders(), *box.readable]):
            command += ["--ro-bind-try", str(path), str(path)]
        command += [part for hidden in _private(box) for part in ("--tmpfs", str(hidden))]
        command += ["--bind", str(box.scratch), str(box.scratch), "--chdir", str(box.scratch)]
        return [*command, "--", *python]

    def environment(self, box: Box) -> dict[str, str]:
        """Return the environment: nothing of the user's."""
        return clean_environment(box)


def _private(box: Box) -> Iterator[Path]:
    """Folders inside readable ones that are nobody's business: versions, keys, credentials."""
    for folder in box.readable:
        for name in (".poet", ".git", ".ssh", ".aws", ".config", ".gnupg", ".kube", ".docker"):
            if (folder / name).is_dir():
                yield folder / name


def python_folders() -> Iterator[Path]:
    """Folders that Python needs to run: the system's libraries, its own and the installed packages."""
    for name in ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime",
                 "/etc/alternatives"):  # fmt: skip
        if Path(name).exists():
            yield Path(name)
    found = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(sys.executable)]
    found.append(os.path.dirname(os.path.realpath(sys.executable)))
    found += site.getsitepackages()
    # An editable install lives where its source is.
    found.append(str(Path(__file__).resolve().parents[3]))
    for one in found:
        if Path(one).exists():
            yield Path(one)
