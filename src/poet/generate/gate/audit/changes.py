"""Checks of what is assigned to: a text changes only what it made itself."""

from __future__ import annotations

import ast

from . import tables
from .context import Context


def changed(ctx: Context, node: ast.Attribute | ast.Subscript) -> None:
    """Judge what is assigned to, or deleted from."""
    root = ctx.root(node)
    if root is not None and not _makes_new(ctx, node):
        ctx.say("POET-A301", node, f"changes {ast.unparse(node)[:60]}")
        return
    if not isinstance(node, ast.Attribute):
        return
    if node.attr in tables.PROTECTED_ATTRIBUTES and node.attr not in ctx.manifest.attributes:
        if not is_own(node.value):
            ctx.say("POET-A404", node, f"sets {ast.unparse(node)[:60]}")
    elif root is None and not _made_here(ctx, node) and not node.attr.startswith("__"):
        ctx.say("POET-A301", node, f"sets {ast.unparse(node)[:60]}, which it did not make")


def _made_here(ctx: Context, node: ast.expr) -> bool:
    """Tell whether an attribute is set on `self`, or on something that this function made."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    around = ctx.function_around(node)
    if node.id in ("self", "cls"):
        return around is not None and isinstance(ctx.parents.get(around), ast.ClassDef)
    if not ctx.is_local(node.id, node):
        return False
    values = ctx.values_of(node)
    if not values:  # a caught exception, or a function that was defined here
        arguments = around.args if around is not None else None
        named = [] if arguments is None else [*arguments.posonlyargs, *arguments.args,
                                              *arguments.kwonlyargs]  # fmt: skip
        return node.id not in {a.arg for a in named}
    return all(_is_fresh(ctx, value) for value in values)


def _is_fresh(ctx: Context, value: ast.expr) -> bool:
    if isinstance(value, ast.Await):
        value = value.value
    if not isinstance(value, ast.Call):
        return False
    dotted = ctx.dotted(value.func)
    if dotted is not None:
        return not dotted.startswith(("contextlib.", "copy.", "functools."))
    given = [*value.args, *(k.value for k in value.keywords)]
    return not any(ctx.root(g) for g in given)


def _makes_new(ctx: Context, node: ast.AST) -> bool:
    """Tell whether a chain begins with a call of a class, so that its end is nobody else's."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if not isinstance(node, ast.Call):
        return False
    dotted = ctx.dotted(node.func) or ""
    return dotted.rsplit(".", maxsplit=1)[-1][:1].isupper()


def is_own(value: ast.expr) -> bool:
    """Tell whether a value is the object whose method this is."""
    return isinstance(value, ast.Name) and value.id in ("self", "cls")
