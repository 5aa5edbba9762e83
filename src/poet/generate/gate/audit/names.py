"""Checks of names and attributes: nothing is reached that was not meant to be."""

from __future__ import annotations

import ast

from . import tables
from .changes import changed, is_own
from .context import BUILTINS, Context
from .imports import is_module, part, watched


def name(ctx: Context, node: ast.Name) -> None:
    """One name, read or bound."""
    text = node.id
    if not isinstance(node.ctx, ast.Load):
        _stored(ctx, node)
        return
    if text.startswith("__") and text.endswith("__") and text != "__name__":
        if text != "__debug__":
            ctx.say("POET-A203", node, text)
        return
    if ctx.is_local(text, node):
        if text in ctx.aliases and is_module(ctx, ctx.aliases[text]):
            _as_value(ctx, node, ctx.aliases[text])
        return
    parent = ctx.parents.get(node)
    if text in ctx.imported:
        _as_value(ctx, node, ctx.imported[text])
    elif text in tables.FORBIDDEN_BUILTINS:
        ctx.say("POET-A201", node, text)
    elif text in tables.BUILTINS_ONLY_CALLED:
        if not (isinstance(parent, ast.Call) and parent.func is node):
            ctx.say("POET-A201", node, f"{text} used as a value")
    elif text in ("type", "object") and isinstance(parent, ast.Attribute):
        ctx.say("POET-A203", node, f"{text}.{parent.attr}")


def _as_value(ctx: Context, node: ast.Name, dotted: str) -> None:
    parent = ctx.parents.get(node)
    is_base = isinstance(parent, ast.Attribute) and parent.value is node
    if node.id in ctx.modules or is_module(ctx, dotted):
        if not is_base:
            ctx.say("POET-A105", node, f"the module {dotted} as a value")
    elif dotted == "poet.enhanced.module" and not is_base:
        ctx.say("POET-A105", node, "the original's module as a value")
    elif dotted in _NAMED_LOOKUPS and not (isinstance(parent, ast.Call) and parent.func is node):
        ctx.say("POET-A202", node, f"{dotted} used as a value")
    elif dotted == "functools.wraps":
        _wraps(ctx, node)


def _stored(ctx: Context, node: ast.Name) -> None:
    text = node.id
    if text.startswith("__") and text.endswith("__") and text not in ("__all__", "__slots__"):
        ctx.say("POET-A203", node, f"binds {text}")
    if ctx.is_local(text, node):
        return
    if text in ctx.imported:
        ctx.say("POET-A305", node, f"binds the imported name {text} anew")
    elif text in BUILTINS and text not in ctx.manifest.names:
        if not isinstance(ctx.parents.get(ctx.parents.get(node, node)), ast.ClassDef):
            ctx.say("POET-A305", node, f"binds {text} anew")
    elif text in ctx.functions:
        ctx.say("POET-A305", node, f"binds the function {text} anew")


def global_(ctx: Context, node: ast.Global) -> None:
    """`global name`."""
    for text in node.names:
        if text in ctx.imported or text in BUILTINS or text in ctx.functions:
            ctx.say("POET-A305", node, f"global {text}")


def attribute(ctx: Context, node: ast.Attribute) -> None:
    """One attribute, read or bound."""
    text, manifest = node.attr, ctx.manifest
    base = ctx.dotted(node.value)
    if not isinstance(node.ctx, ast.Load):
        changed(ctx, node)
    if base is not None:
        _imported_attribute(ctx, node, base)
    elif text in tables.LEAKED_ANYWHERE and text not in manifest.attributes:
        ctx.say("POET-A104", node, f".{text} leads to another module")
    if text in tables.FRAME_ATTRIBUTES and text not in manifest.attributes:
        ctx.say("POET-A203", node, f".{text}")
    elif text.startswith("__"):
        if not _allowed_dunder(ctx, node):
            ctx.say("POET-A203", node, f".{text}")
    elif text.startswith("_") and text not in tables.PUBLIC_UNDERSCORED:
        if not is_own(node.value) and text not in manifest.attributes:
            ctx.say("POET-A204", node, f".{text}")
    watched(ctx, node, text, f"{base}.{text}" if base else f".{text}")


def _imported_attribute(ctx: Context, node: ast.Attribute, base: str) -> None:
    text, manifest = node.attr, ctx.manifest
    dotted = ctx.dotted(node) or f"{base}.{text}"
    parent = ctx.parents.get(node)
    if base == "poet.enhanced.module":
        if dotted == f"{base}.{text}" and text not in manifest.reached:
            ctx.say("POET-A104", node, f"module.{text}, which the original does not use")
        elif not dotted.startswith(base):
            top = dotted.split(".", maxsplit=1)[0]
            if top not in manifest.packages or text not in manifest.reached:
                ctx.say("POET-A104", node, f"module.{text}, which the original does not use")
            if dotted in manifest.modules and not isinstance(parent, ast.Attribute):
                ctx.say("POET-A105", node, f"the module {dotted} as a value")
        return
    if base == "poet.enhanced.original":
        if text not in ("__name__", "__qualname__", "__doc__") and text not in manifest.attributes:
            ctx.say("POET-A204", node, f"original.{text}")
        return
    if base.startswith("poet."):
        return
    if is_module(ctx, base):
        if dotted not in tables.SAFE_MODULES | manifest.modules:
            part(ctx, node, base, text)
    elif text in tables.LEAKED_MODULES and not (
        text in manifest.attributes or dotted in tables.SAFE_MODULES
    ):
        ctx.say("POET-A104", node, f"{dotted} leads to another module")
    if is_module(ctx, dotted) and not isinstance(parent, ast.Attribute):
        ctx.say("POET-A105", node, f"the module {dotted} as a value")
    if dotted in _NAMED_LOOKUPS and not (isinstance(parent, ast.Call) and parent.func is node):
        ctx.say("POET-A202", node, f"{dotted} used as a value")
    if dotted == "functools.wraps":
        _wraps(ctx, node)


def _wraps(ctx: Context, node: ast.AST) -> None:
    """`wraps(f)` copies onto what it is called with, so it may only decorate."""
    call = ctx.parents.get(node)
    around = ctx.parents.get(call) if call is not None else None
    decorates = (
        isinstance(call, ast.Call)
        and call.func is node
        and isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef))
        and call in around.decorator_list
    )
    if not decorates:
        ctx.say("POET-A301", node, "wraps(…) that is not a decorator")


def _allowed_dunder(ctx: Context, node: ast.Attribute) -> bool:
    text, parent = node.attr, ctx.parents.get(node)
    if text == "__class__":
        if isinstance(parent, ast.Compare):
            return True
        return isinstance(parent, ast.Attribute) and parent.attr in ("__name__", "__qualname__")
    if text in tables.ALLOWED_DUNDERS:
        if text in ("__cause__", "__context__", "__suppress_context__"):
            return True  # of exceptions, also set
        return isinstance(node.ctx, ast.Load)
    is_super = isinstance(node.value, ast.Call) and ctx.is_builtin(node.value.func, "super")
    return is_super and text in tables.ALLOWED_METHODS


def subscript(ctx: Context, node: ast.Subscript) -> None:
    """`value[key]`."""
    if not isinstance(node.ctx, ast.Load):
        changed(ctx, node)


def argument(ctx: Context, node: ast.arg) -> None:
    """One parameter."""
    if node.arg.startswith("__") and node.arg.endswith("__"):
        ctx.say("POET-A203", node, node.arg)


def named_lookup(ctx: Context, node: ast.Call) -> None:
    """`getattr(value, name)` and its relatives: the name must be there to be read."""
    dotted = ctx.dotted(node.func)
    if isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr"):
        if ctx.is_local(node.func.id, node.func):
            return
        given = node.args[1:2]
        what = node.func.id
    elif dotted in _NAMED_LOOKUPS:
        given = node.args if dotted.endswith("attrgetter") else node.args[:1]
        what = dotted
    elif (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in tables.METHOD_BY_NAME
        and node.args
        and (text := ctx.text_of(node.args[0])) is not None
    ):
        # `frame.apply("to_csv", …)` calls the method of that name.
        if text in tables.WATCHED_RULE or text in tables.TEXT_OR_FILE or text.startswith("_"):
            ctx.say("POET-A202", node, f".{node.func.attr}({text!r})")
        return
    else:
        return
    if not given or any(isinstance(a, ast.Starred) for a in node.args):
        ctx.say("POET-A202", node, f"{what} without a visible name")
    for one in given:
        text = ctx.text_of(one)
        if text is None:
            ctx.say("POET-A202", node, f"{what} with a computed name")
            continue
        _named(ctx, node, what, text)


def _named(ctx: Context, node: ast.Call, what: str, text: str) -> None:
    base = ctx.dotted(node.args[0]) if node.args and what in ("getattr", "hasattr") else None
    if base is not None and is_module(ctx, base):
        part(ctx, node, base, text)
    for step in text.split("."):
        hidden = step.startswith("_") and step not in (
            tables.PUBLIC_UNDERSCORED | _NAMES_TO_ASK_FOR
        )
        if hidden or step in tables.FRAME_ATTRIBUTES or step in tables.LEAKED_ANYWHERE:
            ctx.say("POET-A202", node, f"{what} of {text!r}")
        if step in _FILE_METHODS and step not in ctx.manifest.attributes:
            ctx.say("POET-A407", node, f"{what} of {text!r}")
        watched(ctx, node, step, f"{what} of {text!r}")


def match_class(ctx: Context, node: ast.MatchClass) -> None:
    """`case Kind(attribute=…)` reads attributes too."""
    for text in node.kwd_attrs:
        if text.startswith("_") or text in tables.FRAME_ATTRIBUTES | tables.LEAKED_ANYWHERE:
            ctx.say("POET-A203", node, f"matches .{text}")


_FILE_METHODS = tables.TEXT_OR_FILE.keys() | tables.READ_TEXT | tables.EXPRESSIONS
_NAMED_LOOKUPS = frozenset({"operator.attrgetter", "operator.methodcaller"})
_NAMES_TO_ASK_FOR = frozenset(
    {"__name__", "__qualname__", "__doc__", "__len__", "__iter__", "__next__", "__array__",
     "__call__", "__getitem__", "__aiter__", "__await__", "__contains__", "__float__", "__int__",
     "__enter__", "__exit__", "__version__", "__fspath__", "__aenter__", "__anext__", "__index__"}
)  # fmt: skip
