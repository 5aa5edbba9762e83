"""Checks of data libraries: file functions, methods that write, expressions in text."""

from __future__ import annotations

import ast
import re

from . import tables
from .context import Context

_SIMPLE_EXPRESSION = re.compile(
    r"^(?!.*(?:__|@\w+\s*[.\[(]|\.\s*\w+\s*\(|\w\s*\())[^;`]*$", re.DOTALL
)


def call(ctx: Context, node: ast.Call, dotted: str, method: str) -> None:
    """One call of a method that such libraries have."""
    manifest = ctx.manifest
    if dotted in tables.NUMPY_FILES:
        if method not in manifest.attributes:
            ctx.say("POET-A407", node, dotted)
        elif node.args and (text := ctx.text_of(node.args[0])) is not None:
            if text not in manifest.texts:
                ctx.say("POET-A401", node, f"{dotted} of {text!r}")
    elif method in tables.READ_TEXT:
        first = node.args[0] if node.args else None
        in_memory = isinstance(first, ast.Call) and (ctx.dotted(first.func) or "").startswith("io.")
        text = ctx.text_of(first)
        if not in_memory and method not in manifest.attributes:
            ctx.say("POET-A407", node, f".{method}")
        elif text is not None and text not in manifest.texts:
            ctx.say("POET-A401", node, f".{method} of {text!r}")
    elif method in tables.TEXT_OR_FILE and method not in manifest.attributes:
        named = {k.arg for k in node.keywords} & {*tables.TEXT_OR_FILE[method], None}
        if node.args or named:
            ctx.say("POET-A407", node, f".{method} to a file")
    elif method in tables.EXPRESSIONS:
        _expression(ctx, node, method)
    elif method in ("dump", "dumps") and not dotted and "dump" not in manifest.attributes:
        if ctx.has(tables.DATA_PACKAGES):
            ctx.say("POET-A407", node, f".{method}")
    elif method == "replace" and len(node.args) == 1 and not node.keywords:
        # Text wants two arguments, a frame a dict: this moves a file.
        if ctx.has(frozenset({"pathlib"})) and not isinstance(node.args[0], ast.Dict):
            ctx.say("POET-A401", node, ".replace of a path")
    elif dotted in ("urllib.parse.urlunsplit", "urllib.parse.urlunparse") and node.args:
        parts = node.args[0]
        if isinstance(parts, (ast.Tuple, ast.List)) and len(parts.elts) > 1:
            if ctx.text_of(parts.elts[1]) is not None:
                ctx.say("POET-A403", node, "puts an address together")


def _expression(ctx: Context, node: ast.Call, method: str) -> None:
    if method in ctx.manifest.attributes:
        given = [ctx.text_of(a) for a in node.args[:1]]
        if all(t is None or t in ctx.manifest.texts for t in given):
            return
    for one in [*node.args[:1], *(k.value for k in node.keywords if k.arg == "expr")]:
        text = ctx.text_of(one)
        if text is None or not _SIMPLE_EXPRESSION.match(text):
            ctx.say("POET-A407", node, f".{method} of an expression that is not plainly harmless")


def text_or_file_as_value(ctx: Context, node: ast.Attribute) -> None:
    """`write = frame.to_csv`, not called on the spot."""
    if node.attr in tables.TEXT_OR_FILE.keys() | tables.READ_TEXT | tables.EXPRESSIONS:
        parent = ctx.parents.get(node)
        called = isinstance(parent, ast.Call) and parent.func is node
        if not called and node.attr not in ctx.manifest.attributes:
            if node.attr not in tables.EXPRESSIONS or isinstance(parent, ast.Call):
                ctx.say("POET-A407", node, f".{node.attr} as a value")
