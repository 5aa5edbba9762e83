"""The libcst transformer behind `rewrite`: everything that it does not change keeps its form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import PositionProvider

if TYPE_CHECKING:
    from .rewrite import Request

_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


class Rewriter(cst.CSTTransformer):
    """Rewrites requests, and names of the module, in one function.

    Args:
        live: Names to be read as `module.NAME`.
        places: Requests to be rewritten, by line, column and the called thing's text.
        send, module, timeout: Texts to use.
    """

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(
        self,
        live: Collection[str],
        places: Mapping[tuple[int, int, str], Request],
        *,
        send: str,
        module: str,
        timeout: str,
    ) -> None:
        super().__init__()
        self.live, self.places = live, places
        self.send, self.module, self.timeout = send, module, timeout

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Read a name of the user's module live."""
        if original_node.value not in self.live:
            return updated_node
        return cst.Attribute(
            value=cst.Name(self.module),
            attr=cst.Name(original_node.value),
            lpar=updated_node.lpar,
            rpar=updated_node.rpar,
        )

    # Names that are not looked up keep their form: `x.name`, `f(name=…)`, what is defined.

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Keep the name of an attribute."""
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """Keep the keyword of an argument."""
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_MatchKeywordElement(
        self, original_node: cst.MatchKeywordElement, updated_node: cst.MatchKeywordElement
    ) -> cst.MatchKeywordElement:
        """Keep the keyword of a pattern."""
        return updated_node.with_changes(key=original_node.key)

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        """Keep the name of a function: its own may be among the module's."""
        return updated_node.with_changes(name=original_node.name)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Bound a request, and send it through `send` where it may be repeated."""
        start = self.get_metadata(PositionProvider, original_node).start  # type: ignore[attr-defined]
        shown = cst.Module([]).code_for_node(original_node.func)
        request = self.places.get((start.line, start.column, shown))
        if request is None:
            return updated_node
        args = list(updated_node.args)
        if not request.bounded:
            args = [*_separated(args), self._timeout()]
        if not request.repeat:
            return updated_node.with_changes(args=args)
        called = cst.Arg(updated_node.func, comma=_COMMA if args else cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(func=cst.Name(self.send), args=[called, *args])

    def _timeout(self) -> cst.Arg:
        return cst.Arg(
            value=cst.parse_expression(self.timeout),
            keyword=cst.Name("timeout"),
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )


def _separated(args: list[cst.Arg]) -> list[cst.Arg]:
    """Return arguments after which another may follow."""
    if not args or isinstance(args[-1].comma, cst.Comma):
        return args
    return [*args[:-1], args[-1].with_changes(comma=_COMMA)]
