"""Checks of behaviour that a trial may miss: swallowed errors, triggers, exhausted resources."""

from __future__ import annotations

import ast

from ....source import FunctionNode
from . import tables
from .context import Context

_PARTS = frozenset({"original", "operate", "enforce", "perceive"})
_BASE = frozenset(
    "BaseException KeyboardInterrupt GeneratorExit SystemExit CancelledError BaseExceptionGroup"
    .split()
)  # fmt: skip
_LARGE = 100_000_000
_MOST_SECONDS = 120
_MOST_ATTEMPTS = 20
_MOST = 1e300


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
            _attempts(ctx, node, keyword.value)
    if name == "stop_after_attempt" and node.args:
        _attempts(ctx, node, node.args[0])


def _attempts(ctx: Context, node: ast.AST, value: ast.expr) -> None:
    number = _number(value)
    if number is not None and number > _MOST_ATTEMPTS:
        ctx.say("POET-A505", node, f"{number:g} attempts")


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
    if isinstance(node, ast.Call) and ctx.is_builtin(node.func, "len") and node.args:
        first = node.args[0]
        if isinstance(first, ast.Name) and not ctx.is_local(first.id, first):
            return isinstance(ctx.value_of(first), (ast.List, ast.Dict, ast.Set))
    return False


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
    left, right = _number(node.left), _number(node.right)
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


def costly(ctx: Context, node: ast.Call) -> None:
    """`bytearray(10**9)`, `list(range(10**10))`, `time.sleep(3600)`."""
    first = node.args[0] if node.args else None
    size = _number(first) if first is not None else None
    dotted = ctx.dotted(node.func)
    if dotted in ("time.sleep", "asyncio.sleep") and size is not None and size > _MOST_SECONDS:
        ctx.say("POET-A505", node, f"sleeps for {size:g} seconds")
    elif isinstance(node.func, ast.Name) and node.func.id in ("bytes", "bytearray"):
        if size is not None and size >= _LARGE:
            ctx.say("POET-A505", node, ast.unparse(node)[:40])
    elif isinstance(node.func, ast.Name) and node.func.id == "range":
        last = [_number(a) for a in node.args]
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


def _number(node: ast.expr) -> float | None:
    """Return the value of an expression of literal numbers; more than 1e300 counts as that."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return float(max(min(value, _MOST), -_MOST))
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _number(node.left), _number(node.right)
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
