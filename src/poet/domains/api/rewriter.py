"""The libcst transformer behind `rewrite`: everything that it does not change keeps its form."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import PositionProvider

from ..reliability.layout import WIDTH

if TYPE_CHECKING:
    from .rewrite import Request

_NOTHING = cst.SimpleWhitespace("")
_NEW_LINE = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
_LAST_LINE = cst.ParenthesizedWhitespace(indent=True)
_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


class Rewriter(cst.CSTTransformer):
    """Rewrites requests, and names of the module, in one function.

    Args:
        live: Names to be read as `module.NAME`.
        places: Requests to be rewritten, by line, column and the called thing's text.
        widths: Length of each line of the function's text.
        send, module, timeout: Texts to use.
    """

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(
        self,
        live: Collection[str],
        places: Mapping[tuple[int, int, str], Request],
        widths: Sequence[int],
        *,
        send: str,
        module: str,
        timeout: str,
    ) -> None:
        super().__init__()
        self.live, self.places, self.widths = live, places, widths
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
        start = self.get_metadata(PositionProvider, original_node).start
        shown = cst.Module([]).code_for_node(original_node.func)
        request = self.places.get((start.line, start.column, shown))
        if request is None:
            return updated_node
        args = list(updated_node.args)
        if not request.bounded:
            args = _with_one_more(args, self._timeout(), updated_node.whitespace_before_args)
        func = updated_node.func
        if request.repeat:
            between = updated_node.whitespace_before_args
            if isinstance(between, cst.SimpleWhitespace):
                between = cst.SimpleWhitespace(" ")
            comma = cst.Comma(whitespace_after=between) if args else cst.MaybeSentinel.DEFAULT
            args = [cst.Arg(func, comma=comma), *args]
            func = cst.Name(self.send)
        changed = updated_node.with_changes(func=func, args=args)
        return self._in_width(original_node, changed)

    def _in_width(self, before: cst.Call, after: cst.Call) -> cst.Call:
        """Put each argument on its own line where the call's line has become too long."""
        place = self.get_metadata(PositionProvider, before)
        code = cst.Module([])
        grown = len(code.code_for_node(after)) - len(code.code_for_node(before))
        one_line = place.start.line == place.end.line
        if not one_line or self.widths[place.start.line - 1] + grown <= WIDTH:
            return after
        comma = cst.Comma(whitespace_after=_NEW_LINE)
        args = [arg.with_changes(comma=comma, whitespace_after_arg=_NOTHING) for arg in after.args]
        last = args[-1].with_changes(comma=cst.Comma(whitespace_after=_LAST_LINE))
        return after.with_changes(args=[*args[:-1], last], whitespace_before_args=_NEW_LINE)

    def _timeout(self) -> cst.Arg:
        return cst.Arg(
            value=cst.parse_expression(self.timeout),
            keyword=cst.Name("timeout"),
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )


def _with_one_more(
    args: list[cst.Arg], more: cst.Arg, before_args: cst.BaseParenthesizableWhitespace
) -> list[cst.Arg]:
    """Return the arguments and another one, laid out as the call is."""
    if not args:
        return [more]
    last = args[-1]
    if isinstance(last.comma, cst.Comma):  # a trailing comma: one argument to a line
        others = [a.comma for a in args[:-1] if isinstance(a.comma, cst.Comma)]
        between = others[-1] if others else cst.Comma(whitespace_after=before_args)
        return [*args[:-1], last.with_changes(comma=between), more.with_changes(comma=last.comma)]
    return [*args[:-1], last.with_changes(comma=_COMMA), more]
