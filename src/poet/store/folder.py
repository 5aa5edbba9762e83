"""All versions of one function, and which of them is current."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import StoreError
from .files import locked, read_json, sha256, switch_link, sync_folder, write_atomic, write_json
from .version import Version

MOST_VERSIONS = 10
MOST_BYTES = 10 * 1024 * 1024
GITIGNORE = "# Written by POET. Versions are made to be committed; events and locks are not.\n" \
             "events/\nfeedback/\n*.lock\n.*.tmp\nstate.json\n"  # fmt: skip
_NUMBERED = re.compile(r"v[1-9][0-9]*$")

Notify = Callable[[str, Mapping[str, Any]], None]


def _silent(_type: str, _payload: Mapping[str, Any]) -> None:
    return None


@dataclass(frozen=True)
class FunctionFolder:
    """The folder of one function inside `.poet/`.

    Attributes:
        path: The folder.
        file: Name of the file that holds the function, relative to the folder of `.poet/`.
        qualname: Its qualified name.
        module: Name under which its module can be imported.
        notify: Called with an event type and payload after each change of state.
    """

    path: Path
    file: str
    qualname: str
    module: str
    notify: Notify = _silent

    @property
    def root(self) -> Path:
        """The `.poet/` folder."""
        return self.path.parent

    @property
    def name(self) -> str:
        """What the function is called in lists and events."""
        return self.path.name

    def versions(self) -> list[Version]:
        """Return all whole versions, oldest first."""
        if not self.path.is_dir():
            return []
        found = [
            Version(entry)
            for entry in self.path.iterdir()
            if _NUMBERED.match(entry.name) and (entry / "metadata.json").is_file()
        ]
        return sorted(found, key=lambda v: v.number)

    def version(self, number: int) -> Version:
        """Return one version.

        Raises:
            StoreError: There is none of that number.
        """
        for version in self.versions():
            if version.number == number:
                return version
        have = ", ".join(f"v{v.number}" for v in self.versions()) or "none"
        raise StoreError(f"{self.name} has no version {number}; stored: {have}.")

    @property
    def link(self) -> Path:
        """The link that names the current version."""
        return self.path / "current"

    def current(self) -> Version | None:
        """Return the version that `current` points at, or None.

        Raises:
            StoreError: It points outside this function's folder.
        """
        try:
            target = os.readlink(self.link)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.link} should be a link to a version: {error}") from error
        if not _NUMBERED.match(target):
            raise StoreError(
                f"{self.link} points at {target!r}, not at a version of {self.name}. Run "
                f"`poet rollback {self.name}` to choose one."
            )
        folder = self.path / target
        return Version(folder) if (folder / "metadata.json").is_file() else None

    def usable(self, fingerprint: str, spec_digest: str) -> Version | None:
        """Return the version to run for this source and spec: the current one where it fits.

        Where the source changed back, or two functions share a name, an older version that once
        was current may fit instead. One that was rolled back never does.
        """
        current = self.current()
        if current is not None and current.answers(fingerprint, spec_digest):
            return current
        for version in reversed(self.versions()):
            if version.status in ("current", "superseded") and version.answers(
                fingerprint, spec_digest
            ):
                return version
        return None

    def answering(self, fingerprint: str, spec_digest: str, status: str) -> list[Version]:
        """Return the versions of one status that were made for this source and spec, newest first."""
        return [v for v in reversed(self.versions())
                if v.status == status and v.answers(fingerprint, spec_digest)]  # fmt: skip

    def claim(self) -> None:
        """Make the folder and write down whose it is; harmless when done before."""
        self.path.mkdir(parents=True, exist_ok=True)
        ignore = self.root / ".gitignore"
        if not ignore.exists():
            write_atomic(ignore, GITIGNORE)
        identity = self.path / "function.json"
        if not identity.exists():
            write_json(
                identity, {"file": self.file, "qualname": self.qualname, "module": self.module}
            )

    @contextlib.contextmanager
    def locked(self, seconds: float = 30.0) -> Iterator[bool]:
        """Hold this function's lock; yields whether it was had within `seconds`."""
        self.claim()
        with locked(self.path / ".lock", seconds) as held:
            yield held

    def add(
        self,
        files: Mapping[str, str],
        metadata: Mapping[str, Any],
        *,
        status: str = "waiting",
    ) -> Version:
        """Store a version under the next number. Call it with the lock held.

        Args:
            files: Texts by file name; `enhanced.py` must be among them.
            metadata: `fingerprint`, `spec_digest` and whatever else is to be kept.
            status: One of `poet.store.version.STATUSES`.
        """
        self.claim()
        self._sweep()
        number = max((self._numbers()), default=0) + 1
        temporary = self.path / f".v{number}.{os.getpid()}.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        for name, text in files.items():
            write_atomic(temporary / name, text)
        for name in ("params.json", "state.json"):
            if name not in files:
                write_json(temporary / name, {})
        record = {
            **metadata,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "function": {"file": self.file, "module": self.module, "qualname": self.qualname},
            "hashes": {n: sha256(t.encode()) for n, t in files.items() if n.endswith(".py")},
            "status": status,
            "version": number,
        }
        write_json(temporary / "metadata.json", record)
        sync_folder(temporary)
        os.rename(temporary, self.path / f"v{number}")
        sync_folder(self.path)
        version = Version(self.path / f"v{number}")
        self.notify("version.stored", {"function": self.name, "version": number, "status": status})
        return version

    def make_current(self, version: Version, why: str) -> None:
        """Let a version take over between two calls. Call it with the lock held."""
        before = self.current()
        # The order matters: after a crash between the steps, `current` still names a whole version.
        version.mark("current", why=why)
        switch_link(self.link, version.folder.name)
        sync_folder(self.path)
        if before is not None and before.folder != version.folder and before.status == "current":
            before.mark("superseded")
        self.notify(
            "version.current",
            {
                "function": self.name,
                "version": version.number,
                "before": before.number if before else None,
                "why": why,
            },
        )
        self._retain()

    def roll_back(self, to: int | None, why: str) -> Version:
        """Return to an earlier version and bar the current one. Call it with the lock held.

        Args:
            to: Number of the version; None: the newest older one that was in use.
            why: Kept in the record of both.

        Raises:
            StoreError: There is nothing to return to.
        """
        bad = self.current()
        if bad is None:
            raise StoreError(f"{self.name} has no current version to roll back.")
        if to is not None:
            good = self.version(to)
        else:
            older = [v for v in self.versions()
                     if v.number < bad.number and v.status in ("current", "superseded")]  # fmt: skip
            if not older:
                raise StoreError(
                    f"{self.name} has no earlier version to return to. To run the plain function, "
                    "set POET_ENABLED=0 or delete the folder."
                )
            good = older[-1]
        if good.folder == bad.folder:
            raise StoreError(f"{self.name} already runs v{good.number}.")
        self.make_current(good, why)
        bad.mark("rolled back", why=why)
        self.notify(
            "version.rolled_back",
            {"function": self.name, "version": bad.number, "to": good.number, "why": why},
        )
        return good

    def _numbers(self) -> list[int]:
        return [int(e.name[1:]) for e in self.path.iterdir() if _NUMBERED.match(e.name)]

    def _sweep(self) -> None:
        """Delete what a process that died while writing left behind."""
        for entry in self.path.glob(".v*.tmp"):
            shutil.rmtree(entry, ignore_errors=True)
        for entry in self.path.glob(".*.tmp"):
            with contextlib.suppress(OSError):
                entry.unlink()

    def _retain(self) -> None:
        """Delete the oldest versions beyond the limits; the current and the one before stay."""
        versions = self.versions()
        current = self.current()
        used = [v for v in versions if v.status in ("current", "superseded")]
        kept = {v.number for v in used[-2:]} | {v.number for v in versions if v.status == "waiting"}
        if current is not None:
            kept.add(current.number)
        size = sum(v.size() for v in versions)
        count = len(versions)
        for version in versions:
            if count <= MOST_VERSIONS and size <= MOST_BYTES:
                break
            if version.number not in kept:
                size -= version.size()
                count -= 1
                shutil.rmtree(version.folder, ignore_errors=True)
                self.notify("version.deleted", {"function": self.name, "version": version.number})


def find_root(file: Path | None, configured: str | None) -> Path:
    """Return the `.poet/` folder for a function in `file` (None: the working folder's)."""
    base = file.parent if file is not None else Path.cwd()
    if configured is None:
        return base / ".poet"
    return Path(configured).expanduser().absolute()


def folder_for(
    root: Path, file: Path | None, qualname: str, module: str, notify: Notify = _silent
) -> FunctionFolder:
    """Return the folder of a function; it need not exist yet.

    The plain name belongs to whoever came first. A function of the same name from another file
    gets `name@file`, so that two never share a folder.
    """
    base = root.parent
    shown = "<session>" if file is None else os.path.relpath(file, base).replace(os.sep, "/")
    plain = qualname.replace(".<locals>", "")
    for name in (plain, f"{plain}@{_slug(shown)}"):
        identity = root / name / "function.json"
        try:
            owner = read_json(identity) if identity.is_file() else None
        except StoreError:
            owner = None
        if owner is None or (owner.get("file") == shown and owner.get("qualname") == qualname):
            break
    return FunctionFolder(root / name, shown, qualname, module, notify)


def folders_in(root: Path, notify: Notify = _silent) -> list[FunctionFolder]:
    """Return the folders of all functions in a `.poet/` folder, by name."""
    found = []
    for identity in sorted(root.glob("*/function.json")):
        about = read_json(identity)
        found.append(
            FunctionFolder(
                identity.parent, about["file"], about["qualname"], about["module"], notify
            )
        )
    return found


def _slug(file: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", ".", file.removesuffix(".py")).strip(".") or "session"
