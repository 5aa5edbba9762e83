"""Checks of text for hosts, paths and SQL, also of text that is put together."""

from __future__ import annotations

import ast
import itertools
import re

from ..manifest import hosts_in, sql_statements, sql_tables
from . import tables
from .context import Context

_SENSITIVE = re.compile(tables.SENSITIVE_PATH)
_BARE_HOST = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:com|net|org|io|ru|cn|xyz|tk|co|dev|app|ai|info|biz|onion|me|cc|sh|site"
    r"|online|top|example|test|local|internal|eu|de|uk|us|cloud|tech|gg|to|pw|ly)(?::\d+)?(?:/\S*)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:/\S*)?")
_PUT_TOGETHER = re.compile(
    r"(?:%s|\{\w*\}|\b(?:https?|wss?|ftp))://(?:%|\{)|^//[\w-]+(?:\.[\w-]+)+(?:[:/]|$)", re.I
)
_SCHEME = re.compile(r"^(?:https?|wss?|ftp)://$", re.IGNORECASE)
_COMPARING = frozenset({"startswith", "endswith", "removeprefix", "removesuffix", "mount", "count",
                        "split", "partition", "replace", "find", "index", "lower"})  # fmt: skip


def text(ctx: Context, node: ast.Constant) -> None:
    """Hosts, paths and SQL in text."""
    value = node.value
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str) or node in ctx.docstrings or value in ctx.manifest.texts:
        return
    _judge_text(ctx, node, value)


def joined(ctx: Context, node: ast.AST) -> None:
    """The same of text that is put together from literals."""
    parent = ctx.parents.get(node)
    whole = ctx.text_of(node)
    if whole is not None and not isinstance(parent, (ast.BinOp, ast.JoinedStr)):
        _judge_text(ctx, node, whole)
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    for before, after in itertools.pairwise(parts):
        if isinstance(before, ast.Constant) and isinstance(after, ast.FormattedValue):
            start = str(before.value)
            computed = re.search(r"(?:https?|wss?|ftp)://[^/\s]*$", start, re.IGNORECASE)
            if computed and ctx.text_of(after.value) is None and start not in ctx.manifest.texts:
                ctx.say("POET-A403", node, f"puts an address together: {start[-40:]}…")


def _judge_text(ctx: Context, node: ast.AST, value: str) -> None:
    manifest = ctx.manifest
    raised = _is_message(ctx, node)
    for host in hosts_in(value):
        if not manifest.may_reach(host):
            ctx.say("POET-A403", node, f"names the host {host}")
    if ctx.has(tables.NETWORK_PACKAGES) and not raised:
        bare = _BARE_HOST.fullmatch(value) or _ADDRESS.fullmatch(value)
        if bare and not manifest.may_reach(re.split(r"[:/]", value)[0]):
            ctx.say("POET-A403", node, f"names the host {value}")
        elif (_SCHEME.match(value) or _PUT_TOGETHER.search(value)) and not _compared(ctx, node):
            ctx.say("POET-A403", node, f"puts an address together: {value}…")
    if ctx.has(tables.DATABASE_PACKAGES) and not raised:
        if sql_statements(value) - manifest.statements:
            ctx.say("POET-A408", node, value.strip()[:40])
        elif other := sql_tables(value) - manifest.tables:
            ctx.say("POET-A408", node, f"names the table {min(other)}")
    if not raised and len(value) < 200 and _SENSITIVE.search(value) and not _compared(ctx, node):
        if not any(value.startswith(p) for p in manifest.reads | manifest.writes if p != "*"):
            ctx.say("POET-A401", node, f"names the path {value[:60]!r}")


def _is_message(ctx: Context, node: ast.AST) -> bool:
    """Tell whether a text is what an error, a flag or a log line says."""
    parent = ctx.parents.get(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.Call):
            name = ast.unparse(parent.func).lower()
            logs = name.rsplit(".", maxsplit=1)[-1] in tables.LOGGER_METHODS and "log" in name
            if logs or name.endswith(("error", "exception", "flag", "reject", "warn")):
                return True
        parent = ctx.parents.get(parent)
    return False


def _compared(ctx: Context, node: ast.AST) -> bool:
    """Tell whether a text is only looked for in another one, or a session's mount point."""
    parent = ctx.parents.get(node)
    while isinstance(parent, (ast.Tuple, ast.List, ast.Set)):
        parent = ctx.parents.get(parent)
    if isinstance(parent, ast.Compare):
        return True
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
        return parent.func.attr in _COMPARING
    return False
