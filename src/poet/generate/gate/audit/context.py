"""What the audit's checks share: the findings, and what each name in the text stands for."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from ....source import FunctionNode
from ..manifest import Manifest
from ..report import Finding
from . import tables
from .rules import RULES

BUILTINS = frozenset(dir(builtins))
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, *Comprehension.__args__)
MOST_FINDINGS = 100


class Context:
    """One text under audit.

    Attributes:
        tree: Its syntax tree.
        manifest: What the original may do.
        found: The findings so far.
        imported: What a local name that was imported stands for, dotted.
        modules: Those local names that stand for modules.
        constants: Module-level names that stand for one text.
        parents: The node around each node.
        docstrings: Texts that only document.
    """

    def __init__(self, tree: ast.Module, manifest: Manifest) -> None:
        self.tree, self.manifest = tree, manifest
        self.found: list[Finding] = []
        self._said: set[tuple[str, int | None, str]] = set()
        self.parents: dict[ast.AST, ast.AST] = {}
        self.nodes: list[ast.AST] = []
        self.docstrings: set[ast.AST] = set()
        self.imported: dict[str, str] = {}
        self.modules: set[str] = set()
        self.constants: dict[str, str] = {}
        self._locals: dict[ast.AST, frozenset[str]] = {}
        self._values: dict[ast.AST | None, dict[str, list[ast.expr]]] = {}
        self._inner_imports: set[str] = set()
        self._index()
        self.functions = {n.name: n for n in tree.body if isinstance(n, FunctionNode)}
        self.aliases = dict(self._aliases())

    def say(self, rule: str, node: ast.AST | int | None, message: str) -> None:
        """Note that a rule is broken."""
        line = node if isinstance(node, int) or node is None else getattr(node, "lineno", None)
        key = (rule, line, message)
        if key not in self._said and len(self.found) < MOST_FINDINGS:
            self._said.add(key)
            self.found.append(Finding("audit", rule, message, line, RULES[rule].advice))

    # What names stand for.

    def dotted(self, node: ast.AST) -> str | None:
        """Return what an expression of names and dots stands for, when it was imported."""
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            if base is None:
                return None
            # `module.requests` is the original's own `requests`.
            if base == "poet.enhanced.module":
                own = dict(self.manifest.aliases).get(node.attr)
                return own or f"{base}.{node.attr}"
            return f"{base}.{node.attr}"
        if isinstance(node, ast.Name):
            if self.is_local(node.id, node):
                return self.aliases.get(node.id)
            return self.imported.get(node.id) or self.aliases.get(node.id)
        return None

    def root(self, node: ast.AST) -> str | None:
        """Return what the innermost name of a chain of dots, indexes and calls stands for."""
        while True:
            if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
                node = node.value
            elif isinstance(node, ast.Call):
                node = node.func
            else:
                break
        return self.dotted(node)

    def is_builtin(self, node: ast.AST, name: str) -> bool:
        """Tell whether an expression is the plain name of this built-in."""
        return (
            isinstance(node, ast.Name) and node.id == name and not self.is_local(name, node)
        ) and name not in self.imported

    def is_local(self, name: str, node: ast.AST) -> bool:
        """Tell whether a function, lambda or comprehension around a node binds a name.

        Class bodies do not count: there a name that is not bound yet is the module's. Nor does
        a name that a function imports, whatever else it binds to that name.
        """
        if name in self._inner_imports:
            return False
        child, parent = node, self.parents.get(node)
        while parent is not None:
            if isinstance(parent, ast.comprehension) and child is parent.iter:
                around = self.parents[parent]
                if isinstance(around, Comprehension) and around.generators[0] is parent:
                    child, parent = around, self.parents.get(around)
                    continue
            if (
                isinstance(parent, _SCOPES)
                and self._is_inside(child, parent)
                and name in self.locals_of(parent)
            ):
                return True
            child, parent = parent, self.parents.get(parent)
        return False

    @staticmethod
    def _is_inside(child: ast.AST, scope: ast.AST) -> bool:
        # Decorators, defaults and the first iterable are evaluated in the scope around it.
        if isinstance(scope, FunctionNode):
            return child in scope.body
        if isinstance(scope, ast.Lambda):
            return child is scope.body
        return True

    def locals_of(self, scope: ast.AST) -> frozenset[str]:
        """Return the names that a function, lambda or comprehension binds itself."""
        if scope not in self._locals:
            self._locals[scope] = frozenset(_bound(scope))
        return self._locals[scope]

    def function_around(self, node: ast.AST) -> FunctionNode | None:
        """Return the function whose body holds a node."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, FunctionNode):
            parent = self.parents.get(parent)
        return parent

    def value_of(self, node: ast.Name) -> ast.expr | None:
        """Return the first value that a name is given, in the function around it or at the top."""
        found = self.values_of(node)
        return found[0] if found else None

    def values_of(self, node: ast.Name) -> list[ast.expr]:
        """Return what a name is given in the function around it, or else at the top.

        For the variable of a loop that is what the loop runs over.
        """
        for scope in (self.function_around(node), None):
            found = self._values.get(scope, {}).get(node.id)
            if found:
                return found
        return []

    def text_of(self, node: ast.AST | None) -> str | None:
        """Return the text that an expression surely has: a literal, a constant, or a sum of both."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name) and not self.is_local(node.id, node):
            return self.constants.get(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.text_of(node.left), self.text_of(node.right)
            return left + right if left is not None and right is not None else None
        if isinstance(node, ast.JoinedStr):
            parts = [self.text_of(v.value if isinstance(v, ast.FormattedValue) else v)
                     for v in node.values]  # fmt: skip
            return "".join(p for p in parts if p) if None not in parts else None
        return None

    def has(self, packages: frozenset[str]) -> bool:
        """Tell whether the text imports one of these packages, or the original's module does."""
        own = {d.split(".")[0] for d in self.imported.values()}
        return not packages.isdisjoint(own | self.manifest.packages)

    # Filled once.

    def _index(self) -> None:
        pending: list[ast.AST] = [self.tree]
        bound: dict[str, int] = {}
        for node in pending:
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
                if isinstance(node, (ast.Module, ast.ClassDef, *FunctionNode.__args__)):
                    if isinstance(body[0].value, ast.Constant):
                        self.docstrings.add(body[0].value)
            for child in ast.iter_child_nodes(node):
                # Shared singletons (Load, Add …) are nobody's child in particular.
                if child._fields or isinstance(child, (ast.Pass, ast.Break, ast.Continue)):
                    self.parents[child] = node
                    pending.append(child)
            if isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or alias.name.split(".")[0]
                    self.imported[local] = alias.name if alias.asname else local
                    self.modules.add(local)
                    if self.parents[node] is not self.tree:
                        self._inner_imports.add(local)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    dotted = f"{node.module}.{alias.name}"
                    self.imported[alias.asname or alias.name] = dotted
                    if self.parents[node] is not self.tree:
                        self._inner_imports.add(alias.asname or alias.name)
                    if dotted in tables.SAFE_MODULES or dotted in self.manifest.modules:
                        self.modules.add(alias.asname or alias.name)
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                bound[node.id] = bound.get(node.id, 0) + 1
            for target, value in _given(node):
                held = self._values.setdefault(self.function_around(node), {})
                for name, one in _paired(target, value):
                    held.setdefault(name, []).append(one)
        self.nodes = pending
        for statement in self.tree.body:
            for name, value in _simple(statement):
                text = value.value if isinstance(value, ast.Constant) else None
                if isinstance(text, str) and bound.get(name) == 1:
                    self.constants[name] = text

    def _aliases(self) -> Iterator[tuple[str, str]]:
        """Names that are given to imported things by an assignment somewhere in the text."""
        for node in self.nodes:
            for target, value in _given(node):
                for name, one in _paired(target, value):
                    dotted = self._plain_dotted(one)
                    if dotted is not None:
                        yield name, dotted

    def _plain_dotted(self, node: ast.expr) -> str | None:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.imported:
            return None
        if self.is_local(node.id, node):
            return None
        return ".".join([self.imported[node.id], *reversed(parts)])


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        if len(target.elts) == len(value.elts):
            for one, its in zip(target.elts, value.elts, strict=True):
                yield from _paired(one, its)


def _given(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """Targets and what they are given, for everything that binds names to values."""
    match node:
        case ast.Assign():
            return [(target, node.value) for target in node.targets]
        case ast.AnnAssign(value=ast.expr()) | ast.NamedExpr():
            return [(node.target, node.value)]  # type: ignore[list-item]
        case ast.With() | ast.AsyncWith():
            return [(i.optional_vars, i.context_expr) for i in node.items if i.optional_vars]
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            return [(node.target, node.iter)]
        case _:
            return []


def _simple(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _paired(target, statement.value)
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        yield from _paired(statement.target, statement.value)


def _bound(scope: ast.AST) -> Iterator[str]:
    """Yield what a scope binds, not what scopes inside it do."""
    outside: set[str] = set()
    found: list[str] = []
    pending: list[ast.AST]
    if isinstance(scope, Comprehension):
        for generator in scope.generators:
            found += [
                n.id
                for n in ast.walk(generator.target)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            ]
        yield from found
        return
    arguments = scope.args  # type: ignore[attr-defined]
    found += [
        a.arg
        for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                  arguments.vararg, arguments.kwarg]
        if a is not None
    ]  # fmt: skip
    pending = [scope.body] if isinstance(scope, ast.Lambda) else list(scope.body)  # type: ignore[attr-defined]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, Comprehension):
            # Only a walrus inside it binds in this scope.
            found += [n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)]
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            outside.update(node.names)
        # An import inside a function is known by what it imports, wherever it stands.
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.append(node.rest)
        pending.extend(ast.iter_child_nodes(node))
    yield from (name for name in found if name not in outside)
