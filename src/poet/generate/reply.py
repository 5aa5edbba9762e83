"""Read a model's answer: fenced Python in, the texts of `enhanced.py` and `train.py` out.

Code is asked for in fences, not inside JSON, where models write it worse. What stands around the
blocks is ignored; whether the code is any good is for the gate to say.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ModelError

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n]*?)[ \t]*$")
_PYTHON = ("", "python", "py", "python3", "py3")
_OPERATE = re.compile(r"^(?:async[ ]+)?def[ ]+operate\b", re.MULTILINE)
_TRAIN = re.compile(r"^def[ ]+train\b", re.MULTILINE)
FORMAT = (
    "Answer with one block that begins with ```python and ends with ```, holding the whole text of "
    'enhanced.py; a train.py goes into a second block that begins with ```python title="train.py".'
)


class ReplyError(ModelError):
    """An answer holds no code that could be judged; the message tells the model what to send."""


@dataclass(frozen=True)
class Reply:
    """The code of an answer."""

    code: str
    train: str | None = None


@dataclass(frozen=True)
class _Block:
    language: str
    title: str
    text: str

    @property
    def is_train(self) -> bool:
        if "train.py" in self.title:
            return True
        return bool(_TRAIN.search(self.text)) and not _OPERATE.search(self.text)


def read_reply(text: str) -> Reply:
    """Return the code of a model's answer.

    Raises:
        ReplyError: There is no block of Python, more than one that could be meant, or a block
            that never ends.
    """
    text = text.replace("\r\n", "\n").replace("\ufeff", "")
    blocks = [b for b in _blocks(text) if b.language in _PYTHON]
    trains = _distinct(b.text for b in blocks if b.is_train)
    rest = [b for b in blocks if not b.is_train]
    # Explanations often quote a line or two in a block of their own; the version has the parts.
    whole = _distinct(b.text for b in rest if _OPERATE.search(b.text))
    found = whole or _distinct(b.text for b in rest)
    if not found:
        if not blocks and _OPERATE.search(text) and _parses(text):
            return Reply(text.strip() + "\n")  # the module itself, without a fence
        raise ReplyError(f"The answer holds no block of Python. {FORMAT}")
    if len(found) > 1:
        raise ReplyError(
            f"The answer holds {len(found)} blocks of Python that could each be enhanced.py. {FORMAT}"
        )
    if len(trains) > 1:
        raise ReplyError(f"The answer holds {len(trains)} blocks for train.py. {FORMAT}")
    return Reply(found[0], trains[0] if trains else None)


def _blocks(text: str) -> Iterator[_Block]:
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening is None or "`" in opening["info"]:
            at += 1
            continue
        language, _, title = opening["info"].partition(" ")
        ends = _ends(lines, at, opening["fence"])
        if not ends:
            raise ReplyError(
                f"The answer breaks off inside the block that begins at its line {at + 1}. Send the "
                "whole text, shorter if need be."
            )
        end = ends[0]
        if language.lower() in _PYTHON:
            # A docstring may hold a fence of its own: the block ends where the text makes sense.
            end = next((e for e in ends if _parses(_between(lines, at, e))), end)
        yield _Block(language.lower(), title.strip() or _title(lines, at), _between(lines, at, end))
        at = end + 1


def _ends(lines: list[str], at: int, fence: str) -> list[int]:
    """Return the lines that may close the fence opened at `at`, up to where another block begins."""
    ends = []
    for number in range(at + 1, len(lines)):
        line = lines[number].strip()
        if line and set(line) == {fence[0]} and len(line) >= len(fence):
            ends.append(number)
        elif ends and (other := _FENCE.match(lines[number])) and other["info"]:
            break
    return ends


def _title(lines: list[str], at: int) -> str:
    """Return the text next to a fence that may name its file: the line above, or its first line."""
    above = next((lines[n] for n in range(at - 1, max(at - 3, -1), -1) if lines[n].strip()), "")
    first = lines[at + 1] if at + 1 < len(lines) else ""
    named = [t for t in (above.strip(" *#:`"), first.strip(" #")) if t.endswith(".py")]
    return " ".join(t for t in named if len(t) < 40)


def _between(lines: list[str], start: int, end: int) -> str:
    return textwrap.dedent("\n".join(lines[start + 1 : end])).strip("\n") + "\n"


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _distinct(texts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(t for t in texts if t.strip()))
