"""Checks of errors that do not reach the caller, and of what goes on after the call."""

from __future__ import annotations

import ast

from . import resources, tables
from .context import Context

_PARTS = frozenset({"original", "operate", "enforce", "perceive"})
_BASE = frozenset(
    "BaseException KeyboardInterrupt GeneratorExit SystemExit CancelledError BaseExceptionGroup"
    .split()
)  # fmt: skip


def try_(ctx: Context, node: ast.Try | ast.TryStar) -> None:
    """What is caught, and what becomes of it."""
    for handler in node.handlers:
        caught = {_last(k) for k in _kinds(ctx, handler)}
        raises = any(isinstance(n, ast.Raise) for n in ast.walk(handler))
        if (not caught or caught & _BASE) and not _ends_with_raise(handler.body):
            what = ", ".join(sorted(caught)) or "everything"
            ctx.say("POET-A501", handler, f"catches {what} and does not raise it again")
        elif "Exception" in caught and not raises and _calls_a_part(ctx, node):
            if not _raised_later(ctx, node):
                ctx.say(
                    "POET-A501",
                    handler,
                    "catches Exception around the user's code, and raises nothing",
                )
    for statement in node.finalbody:
        for inner in ast.walk(statement):
            loops = isinstance(inner, (ast.Break, ast.Continue)) and not isinstance(
                statement, (ast.For, ast.While)
            )
            if isinstance(inner, ast.Return) or loops:
                ctx.say("POET-A501", inner, "leaves a finally block, and drops the exception")


def _kinds(ctx: Context, handler: ast.ExceptHandler) -> list[ast.expr]:
    if handler.type is None:
        return []
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    found: list[ast.expr] = []
    for kind in kinds:
        # `ERRORS = (BaseException,)` at the top.
        named = ctx.value_of(kind) if isinstance(kind, ast.Name) else None
        if isinstance(named, ast.Tuple):
            found += named.elts
        else:
            found.append(named if isinstance(named, (ast.Name, ast.Attribute)) else kind)
    return found


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _ends_with_raise(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Raise)


def _calls_a_part(ctx: Context, node: ast.Try | ast.TryStar | ast.With | ast.AsyncWith) -> bool:
    """Tell whether a block runs the user's code, itself or through functions of the text."""
    pending: list[ast.AST] = list(node.body)
    seen: set[str] = set()
    while pending:
        for inner in ast.walk(pending.pop()):
            if not isinstance(inner, ast.Name):
                continue
            if inner.id in _PARTS or ctx.imported.get(inner.id) == "poet.enhanced.original":
                return True
            if inner.id in ctx.functions and inner.id not in seen:
                seen.add(inner.id)
                pending.extend(ctx.functions[inner.id].body)
    return False


def _raised_later(ctx: Context, node: ast.AST) -> bool:
    """Tell whether the function around a `try` raises somewhere else: a retry loop does."""
    around = ctx.function_around(node)
    return around is not None and any(isinstance(n, ast.Raise) for n in ast.walk(around))


def with_(ctx: Context, node: ast.With | ast.AsyncWith) -> None:
    """`with suppress(Exception)`."""
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and ctx.dotted(call.func) == "contextlib.suppress":
            for kind in call.args:
                broad = _last(kind) in _BASE
                around = _last(kind) == "Exception" and _calls_a_part(ctx, node)
                if broad or around or isinstance(kind, ast.Starred):
                    ctx.say("POET-A501", node, f"suppresses {ast.unparse(kind)}")


def exit_(ctx: Context, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """`__exit__` that answers True swallows whatever was raised."""
    if node.name in ("__exit__", "__aexit__"):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Constant):
                if inner.value.value:
                    ctx.say("POET-A501", inner, f"{node.name} swallows every exception")


def repeated(ctx: Context, node: ast.Call) -> None:
    """Retries after everything or without an end; `stack.push(lambda *error: True)`."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in ("push", "push_async_exit") and node.args and isinstance(node.args[0], ast.Lambda):
        ctx.say("POET-A501", node, f"{name}(lambda …) swallows exceptions")
    for keyword in node.keywords:
        if keyword.arg in ("retry_on", "exceptions", "retry"):
            for kind in ast.walk(keyword.value):
                if isinstance(kind, ast.Name) and kind.id in _BASE:
                    ctx.say("POET-A501", node, f"repeats after {kind.id}")
        if keyword.arg in ("retries", "attempts", "max_tries", "max_attempts"):
            resources.attempts(ctx, node, keyword.value)
    if name == "stop_after_attempt" and node.args:
        resources.attempts(ctx, node, node.args[0])


def left_running(ctx: Context, node: ast.Call) -> None:
    """A pool that lives as long as the module, a task that nobody waits for."""
    dotted = ctx.dotted(node.func) or ""
    if dotted == "concurrent.futures.ThreadPoolExecutor" and ctx.function_around(node) is None:
        if not ctx.manifest.thread:
            ctx.say("POET-A405", node, "a pool of threads that stays")
    method = node.func.attr if isinstance(node.func, ast.Attribute) else dotted.split(".")[-1]
    if method in ("create_task", "ensure_future") and isinstance(ctx.parents.get(node), ast.Expr):
        if (ctx.root(node.func) or "").split(".")[0] == "asyncio":
            ctx.say("POET-A405", node, "a task that nobody waits for")


def raise_(ctx: Context, node: ast.Raise) -> None:
    """`raise SystemExit`."""
    kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    if (
        isinstance(kind, ast.Name)
        and kind.id in tables.ENDING
        and kind.id not in ctx.manifest.names
    ):
        ctx.say("POET-A502", node, f"raises {kind.id}")


def quiet_warnings(ctx: Context, node: ast.Call) -> None:
    """`warnings.simplefilter`, outside `with catch_warnings()`."""
    if ctx.dotted(node.func) not in ("warnings.simplefilter", "warnings.filterwarnings"):
        return
    parent = ctx.parents.get(node)
    while parent is not None:
        if isinstance(parent, ast.With) and any(
            isinstance(i.context_expr, ast.Call)
            and ctx.dotted(i.context_expr.func) == "warnings.catch_warnings"
            for i in parent.items
        ):
            return
        parent = ctx.parents.get(parent)
    ctx.say("POET-A302", node, "changes the warnings' filters for the whole process")
