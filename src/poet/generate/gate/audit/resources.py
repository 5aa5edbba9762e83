"""Checks of time and memory: loops without an end, powers, long sleeps, endless retries."""

from __future__ import annotations

import ast

from .context import Context

_LARGE = 100_000_000
_MOST_SECONDS = 120
_MOST_ATTEMPTS = 20
_MOST = 1e300


def attempts(ctx: Context, node: ast.AST, value: ast.expr) -> None:
    """How often something is repeated at most."""
    count = number(value)
    if count is not None and count > _MOST_ATTEMPTS:
        ctx.say("POET-A505", node, f"{count:g} attempts")


def endless(ctx: Context, node: ast.While) -> None:
    """`while True` without a way out."""
    always = isinstance(node.test, ast.Constant) and bool(node.test.value)
    leaves = any(
        isinstance(n, (ast.Return, ast.Raise, ast.Break, ast.Yield, ast.Await))
        for statement in node.body
        for n in ast.walk(statement)
    )
    if always and not leaves:
        ctx.say("POET-A505", node, "a loop without an end")


def large(ctx: Context, node: ast.BinOp) -> None:
    """Powers and repetitions of literals that fill the memory."""
    left, right = number(node.left), number(node.right)
    if (isinstance(node.op, ast.Pow) and right is not None and right > 5_000) or (
        isinstance(node.op, ast.LShift) and right is not None and right > 20_000
    ):
        ctx.say("POET-A505", node, ast.unparse(node)[:40])
    elif isinstance(node.op, ast.Mult):
        for size, other in ((left, node.right), (right, node.left)):
            repeats = isinstance(other, (ast.List, ast.Tuple)) or (
                isinstance(other, ast.Constant) and isinstance(other.value, (str, bytes))
            )
            if size is not None and size >= _LARGE // 10 and repeats:
                ctx.say("POET-A505", node, ast.unparse(node)[:40])


def held(ctx: Context, node: ast.Call) -> None:
    """A lock that is taken and never given back."""
    if isinstance(node.func, ast.Attribute) and node.func.attr == "acquire":
        gives = any(isinstance(n, ast.Attribute) and n.attr == "release" for n in ctx.nodes)
        if not gives and not node.args and not node.keywords:
            ctx.say("POET-A505", node, f"{ast.unparse(node)} without release; write `with`")


def costly(ctx: Context, node: ast.Call) -> None:
    """`bytearray(10**9)`, `list(range(10**10))`, `time.sleep(3600)`."""
    first = node.args[0] if node.args else None
    size = number(first) if first is not None else None
    dotted = ctx.dotted(node.func)
    if dotted in ("time.sleep", "asyncio.sleep") and size is not None and size > _MOST_SECONDS:
        ctx.say("POET-A505", node, f"sleeps for {size:g} seconds")
    elif isinstance(node.func, ast.Name) and node.func.id in ("bytes", "bytearray"):
        if size is not None and size >= _LARGE:
            ctx.say("POET-A505", node, ast.unparse(node)[:40])
    elif isinstance(node.func, ast.Name) and node.func.id == "range":
        last = [number(a) for a in node.args]
        if any(n is not None and n >= _LARGE * 10 for n in last):
            ctx.say("POET-A505", node, ast.unparse(node)[:40])
    elif dotted in ("numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full", "numpy.arange"):
        if size is not None and size >= _LARGE * 10:
            ctx.say("POET-A505", node, ast.unparse(node)[:40])
    elif dotted in ("itertools.count", "itertools.cycle", "itertools.repeat"):
        around = ctx.parents.get(node)
        if isinstance(around, ast.Call) and isinstance(around.func, ast.Name):
            if around.func.id in ("list", "tuple", "set", "sum", "max", "min", "sorted", "len"):
                ctx.say("POET-A505", node, ast.unparse(around)[:40])


def number(node: ast.expr) -> float | None:
    """Return the value of an expression of literal numbers; more than 1e300 counts as that."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return float(max(min(value, _MOST), -_MOST))
    if not isinstance(node, ast.BinOp):
        return None
    left, right = number(node.left), number(node.right)
    if left is None or right is None:
        return None
    try:
        match node.op:
            case ast.Pow():
                value = left**right
            case ast.LShift():
                value = left * 2.0**right
            case ast.Mult():
                value = left * right
            case ast.Add():
                value = left + right
            case ast.Sub():
                value = left - right
            case _:
                return None
    except (OverflowError, ZeroDivisionError):
        return _MOST
    return float(min(value, _MOST)) if isinstance(value, (int, float)) else None
