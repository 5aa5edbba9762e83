"""What the body of a function needs of its parameters on every path, whatever it is given.

Only the straight line at the start of the body counts: what is evaluated before anything can
branch, return or raise for another reason. A need found here is a failure that is sure to come,
so checking it first never rejects a call that the original answers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ...source import FunctionSource

# Built-ins that iterate over their first argument before anything else can happen.
_CONSUMERS = frozenset("sum sorted list tuple set frozenset any all enumerate iter".split())


@dataclass(frozen=True)
class Need:
    """One need: `attribute` names an attribute; None means that the value is iterated over."""

    parameter: str
    attribute: str | None


def needs_of(source: FunctionSource, parameters: set[str], builtins_hidden: set[str]) -> list[Need]:
    """Return the needs of these parameters, in the order in which the body has them.

    Args:
        source: The original.
        parameters: Names to look at.
        builtins_hidden: Names that do not mean the built-in in this module.
    """
    tree = source.tree
    locals_ = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    escaping = {name for n in ast.walk(tree) if isinstance(n, ast.Nonlocal) for name in n.names}
    reader = _StraightLine(parameters - escaping, builtins_hidden | locals_ | set(parameters))
    try:
        for statement in tree.body:
            reader.statement(statement)
    except _EndOfLine:
        pass
    return list(dict.fromkeys(reader.found))


class _EndOfLine(Exception):
    """What comes next is not sure to be reached."""


class _StraightLine:
    """Follows the evaluation order of a body as far as it is certain."""

    def __init__(self, parameters: set[str], hidden: set[str]) -> None:
        self.parameters = set(parameters)
        self.hidden = hidden
        self.found: list[Need] = []

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.Pass, ast.Global, ast.Nonlocal)):
            return
        if isinstance(node, ast.Expr):
            self.expression(node.value)
        elif isinstance(node, ast.Assign):
            self.expression(node.value)
            for target in node.targets:
                self.bind(target, node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if node.value is not None:
                self.expression(node.value)
                self.parameters.discard(node.target.id)
        else:
            self.last(node)
            raise _EndOfLine

    def last(self, node: ast.stmt) -> None:
        """Read the part of a branching or ending statement that is evaluated in any case."""
        if isinstance(node, ast.For):
            self.expression(node.iter)
            self.iterated(node.iter)
        elif isinstance(node, (ast.If, ast.While)):
            self.expression(node.test)
        elif isinstance(node, ast.With):
            self.expression(node.items[0].context_expr)
        elif isinstance(node, ast.Return) and node.value is not None:
            self.expression(node.value)
        elif isinstance(node, ast.Match):
            self.expression(node.subject)
        elif isinstance(node, ast.AugAssign):
            self.expression(node.value)

    def bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.parameters.discard(target.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.iterated(value)
            raise _EndOfLine  # the number of elements may be wrong
        else:
            raise _EndOfLine

    def iterated(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name) and node.id in self.parameters:
            self.found.append(Need(node.id, None))

    def expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant | ast.Name):
            return
        if isinstance(node, ast.Attribute):
            self.expression(node.value)
            private = node.attr.startswith("__") and not node.attr.endswith("__")
            if (
                isinstance(node.value, ast.Name)
                and node.value.id in self.parameters
                and not private
            ):
                self.found.append(Need(node.value.id, node.attr))
            return
        if isinstance(node, ast.GeneratorExp):
            self.expression(node.generators[0].iter)
            return
        if isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self.argument(element)
            return
        if isinstance(node, ast.JoinedStr):
            for value in node.values:
                self.formatted(value)
            return
        if isinstance(node, ast.Lambda) and not (node.args.defaults or node.args.kw_defaults):
            return
        for part in self.sure_parts(node):
            self.expression(part)
        raise _EndOfLine

    def sure_parts(self, node: ast.expr) -> Iterator[ast.expr]:
        """Yield what is evaluated in any case before the operation itself can raise."""
        if isinstance(node, ast.Call):
            yield from self.call(node)
        elif isinstance(node, ast.BinOp):
            yield from (node.left, node.right)
        elif isinstance(node, ast.Compare):
            yield from (node.left, node.comparators[0])
        elif isinstance(node, ast.BoolOp):
            yield node.values[0]
        elif isinstance(node, ast.IfExp):
            yield node.test
        elif isinstance(node, ast.UnaryOp):
            yield node.operand
        elif isinstance(node, (ast.Await, ast.Subscript)):
            yield node.value
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
            first = node.generators[0]
            if not first.is_async:
                yield first.iter
                self.iterated(first.iter)

    def call(self, node: ast.Call) -> Iterator[ast.expr]:
        yield node.func
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                yield argument.value
                self.iterated(argument.value)
                return  # taking it apart may raise
            yield argument
        for keyword in node.keywords:
            yield keyword.value
            if keyword.arg is None:
                return
        consumes = (
            isinstance(node.func, ast.Name)
            and node.func.id in _CONSUMERS - self.hidden
            and len(node.args) >= 1
            and not (node.func.id == "iter" and len(node.args) > 1)
        )
        if consumes:
            self.iterated(_source_of(node.args[0]))

    def argument(self, node: ast.expr) -> None:
        if isinstance(node, ast.Starred):
            self.expression(node.value)
            self.iterated(node.value)
            raise _EndOfLine
        self.expression(node)

    def formatted(self, node: ast.expr) -> None:
        if isinstance(node, ast.FormattedValue):
            self.expression(node.value)
            if node.format_spec is not None:
                raise _EndOfLine  # not everything can be formatted so


def _source_of(node: ast.expr) -> ast.expr:
    """Return what a generator expression iterates over: `x` in `sum(f(i) for i in x)`."""
    if isinstance(node, ast.GeneratorExp) and not node.generators[0].is_async:
        return node.generators[0].iter
    return node
