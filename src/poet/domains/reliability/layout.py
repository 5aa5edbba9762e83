"""Lay out generated Python as a formatter would: 100 columns, double quotes, trailing commas."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 100


def constant(text: str) -> str:
    """Return the text of a literal with double quotes, as a formatter writes it."""
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        return quoted(node.value)
    if isinstance(node, ast.Tuple) and node.elts:
        inner = [constant(ast.unparse(e)) for e in node.elts]
        return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
    return ast.unparse(node)


def quoted(value: str | bytes) -> str:
    """Return a string literal, in double quotes unless that needs more escapes."""
    text = repr(value)
    if '"' in text or not text.endswith("'"):
        return text
    start = text.index("'")
    return f'{text[:start]}"{text[start + 1 : -1]}"'


def call(head: str, arguments: Sequence[str], *, indent: int = 0, tail: str = "") -> str:
    """Return `head(arguments)tail` on one line, or on several when it is too long."""
    pad = " " * indent
    flat = f"{pad}{head}({', '.join(arguments)}){tail}"
    if len(flat) <= WIDTH:
        return flat
    inner = f"{pad}    {', '.join(arguments)}"
    if len(inner) <= WIDTH:
        return f"{pad}{head}(\n{inner}\n{pad}){tail}"
    lines = "".join(f"{pad}    {a},\n" for a in arguments)
    return f"{pad}{head}(\n{lines}{pad}){tail}"


def define(head: str, parameters: Sequence[str]) -> str:
    """Return the `def` line of a function, broken one parameter to a line when it is too long."""
    flat = f"{head}({', '.join(parameters)}):"
    if len(flat) <= WIDTH:
        return flat
    inner = f"    {', '.join(parameters)}"
    if len(inner) <= WIDTH:
        return f"{head}(\n{inner}\n):"
    lines = "".join(f"    {p},\n" for p in parameters)
    return f"{head}(\n{lines}):"


def docstring(paragraphs: Iterable[str], *, indent: int = 4) -> str:
    """Return a docstring of these paragraphs, wrapped; one that fits stays on one line."""
    pad = " " * indent
    texts = [escaped(" ".join(p.split())) for p in paragraphs if p.strip()]
    if len(texts) == 1 and len(pad) + len(texts[0]) + 6 <= WIDTH:
        return f'{pad}"""{texts[0]}"""'
    room = WIDTH - indent
    wrapped = [
        textwrap.fill(
            t, room - (3 if i == 0 else 0), break_long_words=False, break_on_hyphens=False
        )  # fmt: skip
        for i, t in enumerate(texts)
    ]
    body = textwrap.indent("\n\n".join(wrapped), pad).lstrip()
    return f'{pad}"""{body}\n{pad}"""'


def escaped(text: str) -> str:
    """Return text that may stand inside a triple-quoted string."""
    text = "".join(c if c.isprintable() else " " for c in text).replace("\\", "\\\\")
    text = text.replace('"""', "'''")
    return text[:-1] + "'" if text.endswith('"') else text
