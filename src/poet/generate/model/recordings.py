"""Models that answer from what is written down: a folder of recorded pairs, or a list.

A folder holds pairs of files, `0001.request.md` and `0001.answer.md`. A request is matched by
its text, so a recording repeats a generation exactly, without a key or a network.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...errors import ModelError
from . import Completion, Message, as_text


class Recordings:
    """Replays a folder of recorded requests and answers.

    A request that was not recorded is an error, and is written to `missing/` in the folder: put
    an answer beside it and move both up to record it.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).expanduser()
        self.name = f"recordings:{folder}"

    def complete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Return the recorded answer; `deadline` plays no part."""
        text = as_text(messages)
        wanted = digest_of(text)
        if not self.folder.is_dir():
            raise ModelError(f"There is no folder of recordings at {self.folder}; see POET_MODEL.")
        for request in sorted(self.folder.glob("*.request.md")):
            answer = answer_of(request)
            if answer.is_file() and digest_of(request.read_text(encoding="utf-8")) == wanted:
                return Completion(answer.read_text(encoding="utf-8"), self.name)
        raise ModelError(
            f"{self.folder} holds no answer to this request; {self._set_aside(text, wanted)}"
        )

    async def acomplete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Do as `complete`; reading a folder is quick enough for an event loop."""
        return self.complete(messages, deadline=deadline)

    def _set_aside(self, text: str, digest: str) -> str:
        aside = self.folder / "missing" / f"{digest[:12]}.request.md"
        try:
            aside.parent.mkdir(exist_ok=True)
            aside.write_text(text, encoding="utf-8")
        except OSError as error:
            return f"it could not be written aside either: {error}."
        return f"it was written to {aside}."


class Scripted:
    """Gives the answers of a list, one per request, and remembers what it was asked.

    For tests of code that uses POET::

        model = Scripted(["```python\\n…\\n```"])
        …
        assert "def total" in model.asked[0]

    Args:
        answers: Each a text, or an exception that is raised instead.
        name: What it is called in provenance.
    """

    def __init__(self, answers: Iterable[str | Exception], name: str = "scripted") -> None:
        self.name = name
        self.asked: list[str] = []
        self._answers = list(answers)
        self._lock = threading.Lock()

    def complete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Return the next answer.

        Raises:
            ModelError: No answer is left.
        """
        with self._lock:
            self.asked.append(as_text(messages))
            if not self._answers:
                raise ModelError(
                    f"{self.name} was asked {len(self.asked)} times: no answer is left."
                )
            answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Completion(answer, self.name)

    async def acomplete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Do as `complete`."""
        return self.complete(messages, deadline=deadline)


def digest_of(request: str) -> str:
    """Return a digest of a request that is blind to line ends and to space where lines end."""
    lines = (line.rstrip() for line in request.strip().splitlines())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def answer_of(request: Path) -> Path:
    """Return where the answer to a recorded request stands."""
    return request.with_name(request.name.replace(".request.", ".answer."))
