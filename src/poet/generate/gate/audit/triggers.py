"""Checks of triggers that a trial may miss: a date, chance, the number of calls."""

from __future__ import annotations

import ast

from ....source import FunctionNode
from . import tables
from .context import Context


def compared(ctx: Context, node: ast.Compare) -> None:
    """Clock, chance or a count of calls against a number that stands in the text."""
    sides = [node.left, *node.comparators]
    literals = [s for s in sides if _is_moment(ctx, s)]
    for side in sides:
        others = [s for s in sides if s is not side]
        if not any(_is_constant(ctx, o) for o in others) and not literals:
            continue
        if _reads_clock(ctx, side) and (
            literals or _reads_field(ctx, side) or _is_absolute(others)
        ):
            if not _original_reads_clock(ctx):
                ctx.say("POET-A503", node, ast.unparse(node)[:60])
        elif _throws_dice(ctx, side) and not _original_throws_dice(ctx):
            ctx.say("POET-A504", node, ast.unparse(node)[:60])
        elif _counts_time(ctx, side):
            ctx.say("POET-A503", node, f"depends on how long it runs: {ast.unparse(node)[:60]}")
        elif _is_count(ctx, side, node):
            ctx.say("POET-A504", node, f"counts its calls: {ast.unparse(node)[:60]}")


def decides(
    ctx: Context, node: ast.If | ast.IfExp | ast.While | ast.Match | ast.comprehension
) -> None:
    """A decision by chance, or by a part of today's date, however it is written."""
    if isinstance(node, ast.comprehension):
        tests = node.ifs
    else:
        tests = [node.subject if isinstance(node, ast.Match) else node.test]
    for test in tests:
        if _throws_dice(ctx, test) and not _original_throws_dice(ctx):
            ctx.say("POET-A504", test, f"decides by chance: {ast.unparse(test)[:60]}")
        if _reads_clock(ctx, test) and not _original_reads_clock(ctx):
            moment = any(
                isinstance(p, ast.expr) and _is_moment(ctx, p) for p in _parts_of(ctx, test)
            )
            if moment or _reads_field(ctx, test):
                ctx.say("POET-A503", test, ast.unparse(test)[:60])


def _original_throws_dice(ctx: Context) -> bool:
    return bool(ctx.manifest.modules & {"random", "secrets", "uuid"})


def _original_reads_clock(ctx: Context) -> bool:
    return bool(ctx.manifest.attributes & (tables.CLOCK_FIELDS | {"today"})) and bool(
        ctx.manifest.modules & {"datetime", "time"}
    )


def _is_constant(ctx: Context, node: ast.expr) -> bool:
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(_is_constant(ctx, e) for e in node.elts)
    if isinstance(node, ast.UnaryOp):
        return _is_constant(ctx, node.operand)
    if isinstance(node, ast.Name):
        named = ctx.value_of(node)
        return isinstance(named, ast.Constant)
    return isinstance(node, ast.Constant) and node.value is not None


def _is_moment(ctx: Context, node: ast.expr) -> bool:
    """`datetime(2027, 1, 1)`, and a name that stands for it."""
    if isinstance(node, ast.Name) and (named := ctx.value_of(node)) is not None:
        node = named
    if not isinstance(node, ast.Call):
        return False
    dotted = ctx.dotted(node.func) or ""
    made = dotted in ("datetime.datetime", "datetime.date", "datetime.datetime.fromisoformat",
                      "datetime.date.fromisoformat", "datetime.datetime.strptime",
                      "datetime.datetime.fromtimestamp")  # fmt: skip
    return made and bool(node.args) and isinstance(node.args[0], ast.Constant)


def _parts_of(ctx: Context, node: ast.expr) -> list[ast.AST]:
    """Everything in an expression, and in the values of the names in it."""
    found = list(ast.walk(node))
    for name in [n for n in found if isinstance(n, ast.Name) and n.id not in ctx.imported]:
        value = ctx.value_of(name)
        if value is not None:
            found += ast.walk(value)
    return found


def _reads_clock(ctx: Context, node: ast.expr) -> bool:
    parts = _parts_of(ctx, node)
    return any(isinstance(n, ast.Call) and ctx.dotted(n.func) in tables.CLOCKS for n in parts)


def _reads_field(ctx: Context, node: ast.expr) -> bool:
    return any(
        isinstance(n, ast.Attribute) and n.attr in tables.CLOCK_FIELDS | {"strftime", "isoformat"}
        for n in _parts_of(ctx, node)
    )


def _is_absolute(others: list[ast.expr]) -> bool:
    """A number that only a date can be, or a text that looks like one."""
    for other in others:
        value = other.value if isinstance(other, ast.Constant) else None
        if isinstance(value, (int, float)) and value > 1_000_000_000:
            return True
        if isinstance(value, str) and value[:4].isdigit():
            return True
    return False


def _throws_dice(ctx: Context, node: ast.expr) -> bool:
    for part in _parts_of(ctx, node):
        if isinstance(part, ast.Call):
            if ctx.dotted(part.func) in tables.DICE:
                return True
        elif isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Mod, ast.BitAnd)):
            # The last digits of an address, a hash or the clock are as good as dice.
            for inner in ast.walk(part.left):
                if isinstance(inner, ast.Call) and (
                    ctx.dotted(inner.func) in tables.CLOCKS
                    or ctx.is_builtin(inner.func, "id")
                    or ctx.is_builtin(inner.func, "hash")
                ):
                    return True
    return False


def _counts_time(ctx: Context, node: ast.expr) -> bool:
    """Time since the process began, or since the module was loaded."""
    if isinstance(node, ast.Call) and ctx.dotted(node.func) in tables.COUNTING_CLOCKS:
        return True
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and not ctx.is_local(part.id, part):
            value = ctx.value_of(part)
            if isinstance(value, ast.Call):
                if ctx.dotted(value.func) in tables.COUNTING_CLOCKS | tables.CLOCKS:
                    return ctx.function_around(value) is None
    return False


def _is_count(ctx: Context, node: ast.expr, compare: ast.Compare) -> bool:
    """A module-level number, or item, that every call adds to."""
    around = ctx.function_around(compare)
    if around is None:
        return False
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and ctx.is_builtin(inner.func, "next"):
            first = inner.args[0] if inner.args else None
            if isinstance(first, ast.Name) and not ctx.is_local(first.id, first):
                return True
        if not isinstance(inner, ast.Name):
            continue
        if inner.id in _globals(around) and _grows(ctx, inner.id):
            return True
    held = node.value if isinstance(node, ast.Subscript) else None
    if isinstance(held, ast.Name) and not ctx.is_local(held.id, held):
        return _grows(ctx, held.id)
    if not isinstance(node, ast.Call):
        return False
    if ctx.is_builtin(node.func, "len") and node.args:
        first = node.args[0]
        if isinstance(first, ast.Name) and not ctx.is_local(first.id, first):
            kept = ctx.value_of(first)
            return isinstance(kept, (ast.List, ast.Dict, ast.Set, ast.Call)) and _answers(
                ctx, compare
            )
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        held = node.func.value
        value = ctx.value_of(held) if isinstance(held, ast.Name) else None
        if isinstance(value, ast.Call):
            return ctx.dotted(value.func) == "contextvars.ContextVar"
    return False


def _answers(ctx: Context, node: ast.AST) -> bool:
    """Tell whether a comparison decides on the answer, and not only on keeping house."""
    parent = ctx.parents.get(node)
    while parent is not None and not isinstance(parent, (ast.If, ast.IfExp)):
        parent = ctx.parents.get(parent)
    if isinstance(parent, ast.IfExp):
        return True
    return isinstance(parent, ast.If) and any(
        isinstance(n, (ast.Return, ast.Raise)) for s in parent.body for n in ast.walk(s)
    )


def _globals(function: FunctionNode) -> set[str]:
    return {n for g in ast.walk(function) if isinstance(g, ast.Global) for n in g.names}


def _grows(ctx: Context, name: str) -> bool:
    """Tell whether something is added to a name, other than where a failure is counted."""
    for node in ctx.nodes:
        if isinstance(node, ast.AugAssign):
            target: ast.expr = node.target
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            target = node.targets[0]
        else:
            continue
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            target = target.value
        if isinstance(target, ast.Name) and target.id == name and not _in_handler(ctx, node):
            return True
    return False


def _in_handler(ctx: Context, node: ast.AST) -> bool:
    parent = ctx.parents.get(node)
    while parent is not None:
        if isinstance(parent, ast.ExceptHandler):
            return True
        parent = ctx.parents.get(parent)
    return False
