"""Checks of imports and of the parts of modules: only what the original has, and what is harmless."""

from __future__ import annotations

import ast
import sys

from . import tables
from .context import BUILTINS, Context

_STANDARD = sys.stdlib_module_names


def import_(ctx: Context, node: ast.Import) -> None:
    """`import a.b as c`."""
    for alias in node.names:
        _module(ctx, node, alias.name)
        _binds(ctx, node, alias.asname or alias.name.split(".")[0], alias.name)


def import_from(ctx: Context, node: ast.ImportFrom) -> None:
    """`from a import b as c`."""
    if node.level or node.module is None or any(a.name == "*" for a in node.names):
        ctx.say("POET-A102", node, ast.unparse(node))
        return
    _module(ctx, node, node.module)
    for alias in node.names:
        dotted = f"{node.module}.{alias.name}"
        _binds(ctx, node, alias.asname or alias.name, dotted)
        if node.module == "poet.enhanced":
            _of_poet(ctx, node, alias.name)
        elif node.module == ctx.manifest.toolkit:
            if alias.name.startswith("_"):
                ctx.say("POET-A204", node, f"{dotted} is private")
        elif dotted in ctx.manifest.modules or dotted in tables.SAFE_MODULES:
            _module(ctx, node, dotted)
        else:
            part(ctx, node, node.module, alias.name)
            watched(ctx, node, alias.name, dotted)


def _module(ctx: Context, node: ast.AST, module: str) -> None:
    """Judge the import of one module."""
    manifest = ctx.manifest
    top = module.split(".", maxsplit=1)[0]
    if module in ("poet.enhanced", manifest.toolkit):
        if isinstance(node, ast.Import):
            ctx.say("POET-A103", node, f"import {module}")
        return
    if top == "poet":
        ctx.say("POET-A103", node, f"imports {module}")
        return
    if any(p.startswith("_") for p in module.split(".")) and module != "__future__":
        if module not in manifest.modules:
            ctx.say("POET-A104", node, f"{module} is private")
        return
    if module in tables.SAFE_MODULES or module in manifest.modules:
        return
    if top in _STANDARD:
        ctx.say("POET-A101", node, f"imports {module}")
        return
    if any(m == module or m.startswith(f"{module}.") for m in manifest.modules):
        return
    closed = any(module == c or module.startswith(f"{c}.") for c in tables.CLOSED_SUBMODULES)
    leaked = set(module.split(".")[1:]) & tables.LEAKED_MODULES
    if top in manifest.packages and not closed and not leaked:
        return
    if any(top in tables.IMPLIED.get(p, ()) for p in manifest.packages) and not closed:
        return
    ctx.say("POET-A101", node, f"imports {module}")


def _binds(ctx: Context, node: ast.AST, local: str, dotted: str) -> None:
    """Refuse an import under a name that means something else."""
    from .... import enhanced

    last = dotted.rsplit(".", maxsplit=1)[-1]
    if local in enhanced.__all__ and dotted != f"poet.enhanced.{local}":
        if local not in ctx.manifest.names:
            ctx.say("POET-A305", node, f"imports {dotted} as {local}")
    elif local in BUILTINS and local != last:
        ctx.say("POET-A305", node, f"imports {dotted} as {local}")
    if local.startswith("__"):
        ctx.say("POET-A203", node, f"imports {dotted} as {local}")


def _of_poet(ctx: Context, node: ast.AST, name: str) -> None:
    from .... import enhanced

    if name not in enhanced.__all__:
        ctx.say("POET-A103", node, f"poet.enhanced offers no {name!r} to generated code")


def part(ctx: Context, node: ast.AST, module: str, name: str) -> None:
    """Judge one name of a module."""
    manifest = ctx.manifest
    top = module.split(".", maxsplit=1)[0]
    used = name in manifest.attributes or name in manifest.names
    own = used and (module in manifest.modules or top in manifest.packages)
    allowed = tables.PARTS.get(module)
    dotted = f"{module}.{name}"
    if own or (allowed is not None and name in allowed):
        return
    if module == "threading" and manifest.thread and name in ("Thread", "Timer"):
        return
    if top == "subprocess" and manifest.process and name in ("run", "PIPE", "DEVNULL", "STDOUT"):
        return
    if name.startswith("_") and not name.startswith("__"):
        ctx.say("POET-A204", node, f"{dotted} is private")
    elif module in tables.SAFE_MODULES and allowed is None:
        if name in tables.LEAKED_MODULES:
            ctx.say("POET-A104", node, f"{dotted} leads to another module")
    elif top in _STANDARD:
        ctx.say("POET-A104", node, f"{dotted}, which the original does not use")
    elif name in tables.LEAKED_MODULES or dotted in tables.CLOSED_SUBMODULES:
        ctx.say("POET-A104", node, f"{dotted} leads to another module")


def is_module(ctx: Context, dotted: str) -> bool:
    """Tell whether a dotted name is a module, as far as the text and the tables say."""
    if dotted in tables.SAFE_MODULES or dotted in ctx.manifest.modules:
        return True
    return any(its == dotted and local in ctx.modules for local, its in ctx.imported.items())


def watched(ctx: Context, node: ast.AST, text: str, shown: str) -> None:
    """Judge an attribute that reads, writes, runs or changes something wherever it is found."""
    rule = tables.WATCHED_RULE.get(text)
    if rule is None or text in ctx.manifest.attributes or text in ctx.manifest.names:
        return
    manifest = ctx.manifest
    if rule == "POET-A405":
        if manifest.process and text in ("Popen", "check_output", "run", "ProcessPoolExecutor"):
            return
        if manifest.thread and text in ("Thread", "Timer", "run_in_executor"):
            return
    if rule == "POET-A401":
        reading = text in ("read_text", "read_bytes", "iterdir", "rglob", "readlink", "listdir")
        if (reading and manifest.reads) or (not reading and manifest.writes):
            return  # which path is judged where it is called
    ctx.say(rule, node, shown)
