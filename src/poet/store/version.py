"""One version on disk: immutable code, and a record of where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import TamperedVersion
from .files import read_json, sha256, write_json

# What can become of a version. Only a "current" or "superseded" one may be run again.
STATUSES = ("current", "superseded", "waiting", "rolled back", "rejected", "edited")


@dataclass(frozen=True)
class Version:
    """A numbered folder of one function."""

    folder: Path

    @property
    def number(self) -> int:
        """The number in the folder's name."""
        return int(self.folder.name[1:])

    @property
    def code_path(self) -> Path:
        """The file that runs."""
        return self.folder / "enhanced.py"

    @property
    def metadata(self) -> dict[str, Any]:
        """Provenance, hashes, report and status, read afresh."""
        found: dict[str, Any] = read_json(self.folder / "metadata.json")
        return found

    @property
    def status(self) -> str:
        """One of `STATUSES`."""
        return str(self.metadata.get("status", "waiting"))

    @property
    def params(self) -> dict[str, Any]:
        """Learned values; empty when nothing was learned."""
        path = self.folder / "params.json"
        found: dict[str, Any] = read_json(path) if path.is_file() else {}
        return found

    def answers(self, fingerprint: str, spec_digest: str) -> bool:
        """Tell whether this version was made for exactly this source and spec."""
        metadata = self.metadata
        asked = (fingerprint, spec_digest)
        return (metadata["fingerprint"], metadata["spec_digest"]) == asked

    def code(self) -> str:
        """Return the text that passed the gate.

        Raises:
            TamperedVersion: The file on disk is another one.
        """
        raw = self.code_path.read_bytes()
        if sha256(raw) != self.metadata["hashes"]["enhanced.py"]:
            raise TamperedVersion(
                f"{self.code_path} was changed after it passed the gate. Run `poet enhance` to "
                "have the edited text checked and stored as a version of its own; under review, "
                "`poet approve` it then."
            )
        return raw.decode("utf-8")

    def is_edited(self) -> bool:
        """Tell whether somebody changed the code on disk."""
        try:
            self.code()
        except TamperedVersion:
            return True
        return False

    def mark(self, status: str, **more: Any) -> None:
        """Record what became of this version."""
        assert status in STATUSES, status
        write_json(self.folder / "metadata.json", {**self.metadata, "status": status, **more})

    def size(self) -> int:
        """Return the bytes that the folder takes."""
        return sum(p.stat().st_size for p in self.folder.rglob("*") if p.is_file())
