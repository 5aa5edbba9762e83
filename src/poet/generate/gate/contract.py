"""First stage: does the text have the parts that a version must have, and the right signature?"""

from __future__ import annotations

import ast

from ...source import FunctionNode, FunctionSource
from .report import Finding

PARTS = ("perceive", "operate", "enforce")
_ALLOWED_AT_TOP = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
    ast.If,  # if TYPE_CHECKING:
)
_KINDS = {
    "function": "a plain function (def, without yield)",
    "coroutine": "a coroutine function (async def, without yield)",
    "generator": "a generator (def, with yield)",
    "async generator": "an async generator, or a def that returns one",
}


def _error(rule: str, message: str, line: int | None = None, advice: str = "") -> Finding:
    return Finding("contract", rule, message, line, advice)


def check_contract(code: str, source: FunctionSource) -> list[Finding]:
    """Check a candidate's form; nothing is run.

    Args:
        code: Text of `enhanced.py`.
        source: The original.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        return [_error("POET-C001", f"the text does not parse: {error}", line)]
    found: list[Finding] = []
    if ast.get_docstring(tree) is None:
        found.append(
            _error("POET-C002", "the module has no docstring", 1, "Say what it adds and why.")
        )
    functions: dict[str, FunctionNode] = {}
    for index, node in enumerate(tree.body):
        if isinstance(node, FunctionNode):
            if node.name in functions:
                found.append(_error("POET-C003", f"{node.name} is defined twice", node.lineno))
            functions[node.name] = node
        elif isinstance(node, ast.Expr) and index == 0 and isinstance(node.value, ast.Constant):
            continue
        elif (isinstance(node, ast.If) and not _type_checking(node)) or not isinstance(
            node, _ALLOWED_AT_TOP
        ):
            found.append(_runs_at_import(node))
    for part in PARTS:
        if part not in functions and source.name != part:
            found.append(
                _error(
                    "POET-C004",
                    f"there is no function {part}",
                    None,
                    f"Every version has {', '.join(PARTS)} and {source.name}.",
                )  # fmt: skip
            )
    entry = functions.get(source.name)
    if entry is None:
        found.append(_error("POET-C005", f"there is no function {source.name}"))
        return found
    if entry.decorator_list:
        found.append(
            _error(
                "POET-C006",
                f"{source.name} is decorated",
                entry.lineno,
                "Put decorators on operate; the entry only joins the parts.",
            )  # fmt: skip
        )
    found += _signature(entry, source)
    found += _kind(entry, source)
    found += _uses_parts(entry, source)
    return found


def check_train(code: str) -> list[Finding]:
    """Check the form of `train.py`: it defines `train(feedback, params)`."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [_error("POET-C020", f"train.py does not parse: {error}")]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "train":
            names = [a.arg for a in [*node.args.posonlyargs, *node.args.args]]
            if names == ["feedback", "params"]:
                return []
            return [_error("POET-C021", "train must take (feedback, params)", node.lineno)]
    return [_error("POET-C022", "train.py defines no function train(feedback, params)")]


def _runs_at_import(node: ast.stmt) -> Finding:
    return _error(
        "POET-C007",
        f"{ast.unparse(node)[:60]!r} runs when the module is loaded",
        node.lineno,
        "At the top there are only imports, functions, classes and constants.",
    )


def _type_checking(node: ast.If) -> bool:
    return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _shape(args: ast.arguments) -> list[tuple[str, str, str | None]]:
    """Name, kind and default of each parameter."""
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults))
    defaults += args.defaults
    shape = []
    for index, (arg, default) in enumerate(zip(plain, defaults, strict=True)):
        kind = "POSITIONAL_ONLY" if index < len(args.posonlyargs) else "POSITIONAL_OR_KEYWORD"
        shape.append((arg.arg, kind, None if default is None else ast.unparse(default)))
    if args.vararg:
        shape.append((args.vararg.arg, "VAR_POSITIONAL", None))
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        shape.append((arg.arg, "KEYWORD_ONLY", None if default is None else ast.unparse(default)))
    if args.kwarg:
        shape.append((args.kwarg.arg, "VAR_KEYWORD", None))
    return shape


def _signature(entry: FunctionNode, source: FunctionSource) -> list[Finding]:
    wanted = [(p.name, p.kind, p.default) for p in source.parameters]
    given = _shape(entry.args)
    same = len(wanted) == len(given) and all(
        w[:2] == g[:2] and _same_default(w[2], g[2]) for w, g in zip(wanted, given, strict=True)
    )
    if same:
        return []
    return [
        _error(
            "POET-C008",
            f"the signature of {source.name} is ({ast.unparse(entry.args)}); the original's is "
            f"({ast.unparse(source.tree.args)})",
            entry.lineno,
            "Names, order, kinds and defaults must be the same (… stands for a default that is "
            "not a literal).",
        )
    ]


def _same_default(wanted: str | None, given: str | None) -> bool:
    if wanted is None or given is None:
        return wanted == given
    # The loader binds the original's own objects, so `...` may stand for any of them.
    return given in ("...", wanted)


def _yields(node: FunctionNode) -> bool:
    pending: list[ast.AST] = list(node.body)
    while pending:
        child = pending.pop()
        if isinstance(child, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(child, (*FunctionNode.__args__, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(child))
    return False


def _kind(entry: FunctionNode, source: FunctionSource) -> list[Finding]:
    is_async, yields = isinstance(entry, ast.AsyncFunctionDef), _yields(entry)
    kind = {
        (False, False): "function",
        (True, False): "coroutine",
        (False, True): "generator",
        (True, True): "async generator",
    }[is_async, yields]
    # The wrapper is an async generator itself and only needs an object to iterate over.
    if kind == source.kind or (source.kind == "async generator" and kind == "function"):
        return []
    return [
        _error(
            "POET-C009",
            f"{source.name} is {_KINDS[kind]}; the original is {_KINDS[source.kind]}",
            entry.lineno,
        )
    ]


def _uses_parts(entry: FunctionNode, source: FunctionSource) -> list[Finding]:
    called = {n.func.id for n in ast.walk(entry)
              if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}  # fmt: skip
    if "operate" in called or source.name in PARTS:
        return []
    return [
        _error(
            "POET-C010",
            f"{source.name} does not call operate",
            entry.lineno,
            "The entry joins the parts: enforce(operate(*perceive(…))).",
        )  # fmt: skip
    ]
