"""From the annotations of the original to the checks of a version.

An annotation of built-in names is written out (`list[int]`, `str | None`); any other is looked up
when the version runs: `hints["order"]`. One that says nothing (`Any`, `object`) gives no check.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ...source import FunctionSource, Parameter
from .naming import Names, is_builtin

_CLASSES = frozenset(
    "int float complex bool str bytes bytearray list dict set frozenset tuple".split()
)
_GENERIC = frozenset("list dict set frozenset tuple".split())
_SAYS_NOTHING = frozenset({"Any", "object", "typing.Any", "t.Any"})
# For a value of the class on the left, a hint on the right is right (PEP 484's numeric tower).
_FITS = {
    "bool": {"bool", "int", "float", "complex"},
    "int": {"int", "float", "complex"},
    "float": {"float", "complex"},
}


@dataclass(frozen=True)
class Guard:
    """How one parameter is checked.

    Attributes:
        expected: Text of the hint.
        unless: Text of a default that must be let through although it may not fit.
    """

    expected: str
    unless: str | None = None


class Hints:
    """The annotations of one function, as text that is valid inside its generated module."""

    def __init__(self, source: FunctionSource, names: Names) -> None:
        self.source = source
        self.names = names
        self.module = ast.parse(source.module_text)
        self.bound = dict(bindings(self.module))
        self.from_typing = dict(_typing_names(self.module))
        self.hidden = set(self.bound) | names.taken | _class_names(source, self.module)

    def of_parameter(self, parameter: Parameter, name: str) -> Guard | None:
        """Return the check for a parameter; None when its annotation gives none."""
        if parameter.annotation is None:
            return None
        starred = parameter.kind in ("VAR_POSITIONAL", "VAR_KEYWORD")
        text = parameter.annotation
        if starred and (text.endswith((".args", ".kwargs")) or text[0] == "*" or "Unpack[" in text):
            return None  # about the arguments as a whole, not about each
        expected = self.text(text, name)
        if expected is None:
            return None
        if parameter.default is None:
            return Guard(expected)
        return self._with_default(expected, text, parameter.default)

    def of_result(self) -> str | None:
        """Return the hint for the result of a plain or async function, or None."""
        return self.text(self.source.returns, "return") if self.source.returns else None

    def text(self, annotation: str, key: str) -> str | None:
        """Return an annotation as text for the generated module; None when it says nothing."""
        try:
            node = ast.parse(annotation, mode="eval").body
        except SyntaxError:
            return f'{self.names.tool("hints")}["{key}"]'
        node = _unquoted(node)
        if ast.unparse(node) in _SAYS_NOTHING:
            return None
        written = self._written(node)
        if written is not None:
            return None if "object" in written.split(" | ") else written
        return f'{self.names.tool("hints")}["{key}"]'

    def _written(self, node: ast.expr) -> str | None:
        """Return the literal text of a hint of built-in names only, or None."""
        node = _unquoted(node)
        if isinstance(node, ast.Constant) and node.value is None:
            return "None"
        if isinstance(node, ast.Name):
            plain = node.id in _CLASSES | {"object"} and node.id not in self.hidden
            return node.id if plain else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._joined([node.left, node.right])
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        return None

    def _subscript(self, node: ast.Subscript) -> str | None:
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        head = ast.unparse(node.value)
        imported = self.from_typing.get(head, head if head.startswith("typing.") else "")
        if imported.endswith("Optional"):
            return self._joined([*items, ast.Constant(None)])
        if imported.endswith("Union"):
            return self._joined(items)
        if head not in _GENERIC or head in self.hidden:
            return None
        inner = []
        for item in items:
            last_of_tuple = isinstance(item, ast.Constant) and item.value is ...
            text = "..." if last_of_tuple else self._written(item)
            if text is None:
                return None
            inner.append(text)
        return f"{head}[{', '.join(inner)}]"

    def _joined(self, items: list[ast.expr]) -> str | None:
        texts = [self._written(item) for item in items]
        parts = dict.fromkeys(p for t in texts if t is not None for p in _alternatives(t))
        if None in texts or list(parts) == ["None"]:
            return None
        return " | ".join(parts)

    def _with_default(self, expected: str, annotation: str, default: str) -> Guard | None:
        """Let a default through that its own annotation would reject, as `x: int = None` has."""
        kind = _kind_of(default)
        if kind == "NoneType":
            allowed = "None" in annotation or "Optional" in annotation
            return Guard(expected if allowed else f"{expected} | None")
        if kind is not None:
            heads = {part.split("[")[0] for part in _alternatives(expected)}
            if heads & _FITS.get(kind, {kind}) or self._is_choice(annotation, default):
                return Guard(expected)
            return Guard(f"{expected} | {kind}") if kind not in self.hidden else None
        if default.isidentifier() and self.bound.get(default) == 1:
            return Guard(expected, f"{self.names.tool('module')}.{default}")
        if is_builtin(default) and default not in self.hidden:
            return Guard(expected, default)  # `count: Callable[[str], int] = len`
        # `Color.RED` for a Color, `Decimal("1")` for a Decimal; of anything else nothing is known.
        head, own = (
            default.split("(", maxsplit=1)[0].split(".", maxsplit=1)[0],
            annotation.strip("'\"").split("[")[0],
        )
        return Guard(expected) if head == own.split(" ")[0].split(".")[0] else None

    def _is_choice(self, annotation: str, default: str) -> bool:
        """Tell whether a hint is a `Literal`, by itself or by an alias, that lists the default."""
        try:
            node = _unquoted(ast.parse(annotation, mode="eval").body)
        except SyntaxError:
            return False
        if isinstance(node, ast.Name) and self.bound.get(node.id) == 1:
            node = self._assigned(node.id) or node
        if not isinstance(node, ast.Subscript):
            return False
        head = ast.unparse(node.value)
        if self.from_typing.get(head) != "Literal" and head != "typing.Literal":
            return False
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return default in {ast.unparse(item) for item in items}

    def _assigned(self, name: str) -> ast.expr | None:
        """Return what the module's top level assigns to a name."""
        for statement in self.module.body:
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
                return statement.value
        return None


def _alternatives(text: str) -> list[str]:
    """Split `list[int | str] | None` at its outer bars."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == "|" and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    return [*parts, text[start:].strip()]


def _kind_of(default: str) -> str | None:
    """Return the name of the class of a default's value where its text shows it."""
    try:
        return type(ast.literal_eval(default)).__name__
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        pass
    if default in ("math.inf", "math.nan", "math.pi", "math.e", "-math.inf"):
        return "float"
    node = ast.parse(default, mode="eval").body
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CLASSES:
        return node.func.id
    if isinstance(node, ast.BinOp):
        numbers = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
        computed = all(isinstance(n, (ast.BinOp, ast.UnaryOp, ast.Constant, ast.operator,
                                      ast.unaryop)) for n in ast.walk(node))  # fmt: skip
        if computed and all(type(n) in (int, float) for n in numbers):
            whole = all(type(n) is int for n in numbers)
            divides = any(isinstance(n, (ast.Div, ast.Pow)) for n in ast.walk(node))
            return "int" if whole and not divides else "float" if not whole else None
    return None


def _unquoted(node: ast.expr) -> ast.expr:
    """Return what a quoted annotation says."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return node
    return node


def bindings(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each name that the module's top level binds, with how often."""
    counts: dict[str, int] = {}
    for statement in _top_level(module.body):
        for name in _bound_by(statement):
            counts[name] = counts.get(name, 0) + 1
    for node in ast.walk(module):
        if isinstance(node, ast.Global):
            for name in node.names:
                counts[name] = counts.get(name, 0) + 1
    yield from counts.items()


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            for field in ("body", "orelse", "finalbody"):
                yield from _top_level(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from _top_level(handler.body)


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0]
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For)):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id


def _typing_names(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module in ("typing", "typing_extensions"):
            for alias in node.names:
                yield alias.asname or alias.name, alias.name


def _class_names(source: FunctionSource, module: ast.Module) -> set[str]:
    """Return what the class around a method binds: there, `list` may be a method."""
    if source.method is None:
        return set()
    owner = source.qualname.split(".")[-2]
    classes = [n for n in ast.walk(module) if isinstance(n, ast.ClassDef) and n.name == owner]
    names = {name for cls in classes for node in cls.body for name in _bound_by(node)}
    return {name for name in names if is_builtin(name)}
