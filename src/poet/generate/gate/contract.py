"""First stage: does the text have the parts that a version must have, and the right signature?

What the code does is not judged here, except that loading the module must do nothing.
"""

from __future__ import annotations

import ast

from ...source import FunctionNode, FunctionSource
from .report import Finding
from .text import read

PARTS = ("perceive", "operate", "enforce")
_KINDS = {
    "function": "a plain function (def, without yield)",
    "coroutine": "a coroutine function (async def, without yield)",
    "generator": "a generator (def, with yield)",
    "async generator": "an async generator, or a def that returns one",
}
# Calls that only make a value; besides these, anything whose name begins with a capital letter.
_MAKERS = frozenset(
    """
    frozenset set dict list tuple range int float str bytes bool complex object min max sum len
    sorted compile getLogger get_logger namedtuple field partial timedelta date datetime time deque
    defaultdict array count itemgetter attrgetter local property cast enumerate zip timezone ref
    getenv join abs type split splitlines strip lower upper items keys values encode
    maketrans fromkeys union round escape to_datetime linspace dtype
    """.split()
)
_CALLING = frozenset("min max sum sorted list tuple set dict frozenset join enumerate zip".split())
_MAKER_FAMILIES = ("stop_", "wait_", "retry_if_", "retry_any", "retry_all", "before_", "after_")
_TYPE_ALIAS: tuple[type[ast.AST], ...] = tuple(
    getattr(ast, name) for name in ("TypeAlias",) if hasattr(ast, name)
)  # Python 3.12 and later


def _error(rule: str, message: str, line: int | None = None, advice: str = "") -> Finding:
    return Finding("contract", rule, message, line, advice)


def check_contract(code: str, source: FunctionSource) -> list[Finding]:
    """Check a candidate's form; nothing is run.

    Args:
        code: Text of `enhanced.py`.
        source: The original.
    """
    reading = read(code)
    tree = reading.tree
    if tree is None:
        return [_error("POET-C001", p.message, p.line) for p in reading.problems]
    found: list[Finding] = []
    if not ast.get_docstring(tree):
        found.append(
            _error("POET-C002", "the module has no docstring", 1, "Say what it adds and why.")
        )
    found += _at_the_top(tree)
    functions = {n.name: n for n in tree.body if isinstance(n, FunctionNode)}
    own = {source.name, *(p.name for p in source.parameters)}
    parts = {part: _part_name(part, own, functions) for part in PARTS}
    for part, name in parts.items():
        if name not in functions:
            advice = f"Every version has {', '.join(PARTS)} and {source.name}."
            found.append(_error("POET-C004", f"there is no function {part}", None, advice))
    entry = functions.get(source.name)
    if entry is None:
        found.append(_error("POET-C005", f"there is no function {source.name}"))
        return found
    if entry.decorator_list:
        advice = "Put decorators on operate; the entry only joins the parts."
        found.append(_error("POET-C006", f"{source.name} is decorated", entry.lineno, advice))
    found += _signature(entry, source)
    found += _kind(entry, source)
    found += _uses_parts(entry, source, parts)
    return found


def check_train(code: str) -> list[Finding]:
    """Check the form of `train.py`: it defines `train(feedback, params)`."""
    reading = read(code)
    if reading.tree is None:
        return [_error("POET-C020", f"train.py: {p.message}", p.line) for p in reading.problems]
    found = _at_the_top(reading.tree)
    for node in reading.tree.body:
        if isinstance(node, FunctionNode) and node.name == "train":
            shape = [(name, default) for name, _, default in _shape(node.args)]
            if shape != [("feedback", None), ("params", None)] or node.decorator_list:
                line = node.lineno
                found.append(_error("POET-C021", "train must be train(feedback, params)", line))
            elif isinstance(node, ast.AsyncFunctionDef) or _yields(node):
                found.append(_error("POET-C021", "train must be a plain function", node.lineno))
            return found
    return [*found, _error("POET-C022", "train.py defines no function train(feedback, params)")]


def _part_name(part: str, own: set[str], functions: dict[str, FunctionNode]) -> str:
    # A parameter called `operate` would hide the part inside the entry, so that gets a `_`.
    name = part
    while name in own or (name not in functions and f"{name}_" in functions):
        name += "_"
    return name


# What stands at the top of the module.


def _at_the_top(tree: ast.Module) -> list[Finding]:
    found: list[Finding] = []
    defined: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node.name in defined:
                found.append(_error("POET-C003", f"{node.name} is defined twice", node.lineno))
            defined.add(node.name)
    running = _what_runs(tree)
    for index, node in enumerate(tree.body):
        if index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if not _is_quiet(node, running):
            found.append(_runs_at_import(node))
    return found


def _what_runs(tree: ast.Module) -> frozenset[str]:
    """Names that, called at the top, could run anything: functions, `original`, other names."""
    found = {"original"}
    for node in tree.body:
        if isinstance(node, FunctionNode):
            found.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and _may_be_a_function(node.value):
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    found.add(part.id)
        elif isinstance(node, ast.ImportFrom) and node.module == "poet.enhanced":
            found |= {a.asname or a.name for a in node.names if a.name == "original"}
    return frozenset(found)


def _may_be_a_function(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).endswith("partial")
    return value is not None and not isinstance(
        value, (ast.Constant, ast.JoinedStr, ast.BinOp, ast.UnaryOp, ast.Compare)
    )


def _is_quiet(node: ast.stmt, running: frozenset[str]) -> bool:
    """Tell whether running a statement at the top only makes names."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            arguments = node.args
            defaults = [*arguments.defaults, *(d for d in arguments.kw_defaults if d)]
            decorators = [
                part
                for decorator in node.decorator_list
                if isinstance(decorator, ast.Call)
                for part in [*decorator.args, *(k.value for k in decorator.keywords)]
            ]
            return all(_only_makes(e, running) for e in [*defaults, *decorators])
        case ast.ClassDef():
            return all(_is_quiet(child, running) or _is_text(child) for child in node.body)
        case ast.Assign():
            return _only_makes(node.value, running) and all(map(_is_name, node.targets))
        case ast.AnnAssign():
            return _is_name(node.target) and (
                node.value is None or _only_makes(node.value, running)
            )
        case ast.If():
            imports = all(isinstance(n, (ast.Import, ast.ImportFrom, ast.Pass)) for n in node.body)
            return _type_checking(node) and imports and not node.orelse
        case _:
            return isinstance(node, _TYPE_ALIAS)


def _is_name(node: ast.expr) -> bool:
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(_is_name, node.elts))
    return isinstance(node, ast.Name)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _only_makes(node: ast.expr, running: frozenset[str]) -> bool:
    """Tell whether an expression makes a value and does nothing else."""
    pending: list[ast.AST] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
        if isinstance(part, ast.Lambda):
            continue
        if isinstance(part, ast.Call) and not _makes(part, running):
            return False
        pending.extend(ast.iter_child_nodes(part))
    return True


def _makes(call: ast.Call, running: frozenset[str]) -> bool:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if isinstance(function, ast.Name) and name in running:
        return False
    bare = name.lstrip("_")
    known = bare[:1].isupper() or bare in _MAKERS or bare.startswith(_MAKER_FAMILIES)
    if not known and ast.unparse(function) != "os.environ.get":
        return False
    # `max(rows, key=operate)` calls what it is given; `sorted(_NAMES)` does not.
    passed = {k.value.id for k in call.keywords if isinstance(k.value, ast.Name)}
    return name not in _CALLING or passed.isdisjoint(running)


def _runs_at_import(node: ast.stmt) -> Finding:
    lines = ast.unparse(node).splitlines()
    return _error(
        "POET-C007",
        f"{lines[0][:60]!r} runs code when the module is loaded",
        node.lineno,
        "At the top there are only imports, functions, classes and constants.",
    )


def _type_checking(node: ast.If) -> bool:
    return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


# The entry.


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
            "Names, order, kinds and defaults must be the same (`...` stands for a default that "
            "is not a literal).",
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


def _uses_parts(
    entry: FunctionNode, source: FunctionSource, parts: dict[str, str]
) -> list[Finding]:
    called = {n.func.id for n in ast.walk(entry)
              if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}  # fmt: skip
    if parts["operate"] in called:
        return []
    return [
        _error(
            "POET-C010",
            f"{source.name} does not call {parts['operate']}",
            entry.lineno,
            "The entry joins the parts: enforce(operate(*perceive(…))).",
        )
    ]
