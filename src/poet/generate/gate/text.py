"""Read a candidate's text: only plain UTF-8 of bounded size and depth becomes a syntax tree.

The contract and the audit both start here, so neither meets a text that could confuse the other.
"""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize
import warnings
from dataclasses import dataclass

MOST_BYTES = 200_000
MOST_NODES = 20_000
MOST_DEPTH = 80
MOST_DIGITS = 400

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
# Zero-width and bidirectional controls, other controls, tags, and line ends that only some see.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028\u2029\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
_KNOWN_NODES = frozenset(
    """
    Module FunctionDef AsyncFunctionDef ClassDef Return Delete Assign AugAssign AnnAssign For
    AsyncFor While If With AsyncWith Match Raise Try TryStar Assert Import ImportFrom Global Nonlocal
    Expr Pass Break Continue BoolOp NamedExpr BinOp UnaryOp Lambda IfExp Dict Set ListComp SetComp
    DictComp GeneratorExp Await Yield YieldFrom Compare Call FormattedValue JoinedStr Constant
    Attribute Subscript Starred Name List Tuple Slice Load Store Del And Or Add Sub Mult MatMult Div
    Mod Pow LShift RShift BitOr BitXor BitAnd FloorDiv Invert Not UAdd USub Eq NotEq Lt LtE Gt GtE
    Is IsNot In NotIn comprehension ExceptHandler arguments arg keyword alias withitem match_case
    MatchValue MatchSingleton MatchSequence MatchMapping MatchClass MatchStar MatchAs MatchOr
    TypeAlias TypeVar ParamSpec TypeVarTuple
    """.split()
)


@dataclass(frozen=True)
class Problem:
    """Why a text is not read: the rule's number in its stage, the line, and what is there."""

    rule: str
    message: str
    line: int | None = None


@dataclass(frozen=True)
class Read:
    """A text's syntax tree, or the problems that kept it from having one."""

    tree: ast.Module | None
    problems: tuple[Problem, ...] = ()
    identifiers: tuple[tuple[str, int], ...] = ()  # those that are not ASCII, with their lines


@functools.lru_cache(maxsize=4)
def read(code: str | bytes) -> Read:
    """Parse a text, or say why it is refused. Never raises, and runs nothing."""
    if isinstance(code, bytes):
        try:
            code = code.decode("utf-8")
        except UnicodeDecodeError as error:
            return Read(None, (Problem("001", f"not UTF-8: {error.reason}"),))
    if len(code) > MOST_BYTES:
        too_long = f"{len(code):,} characters; at most {MOST_BYTES:,}"
        return Read(None, (Problem("002", too_long),))
    problems = tuple(_characters(code))
    if problems:
        return Read(None, problems)
    try:
        with warnings.catch_warnings():
            # An odd escape in a string is a warning for its author, not a reason to fail.
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        reason = getattr(error, "msg", None) or str(error) or type(error).__name__
        return Read(None, (Problem("003", f"the text does not parse: {reason}", line),))
    if problem := _size(tree):
        return Read(None, (problem,))
    if code.isascii():
        return Read(tree)
    try:
        return Read(tree, (), tuple(_identifiers(code)))
    except (tokenize.TokenError, SyntaxError) as error:
        unsplit = f"the text cannot be split into tokens: {error}"
        return Read(None, (Problem("003", unsplit),))


def _characters(code: str) -> list[Problem]:
    found: list[Problem] = []
    try:
        code.encode("utf-8")
    except UnicodeEncodeError:
        return [Problem("001", "the text holds lone surrogates and is not valid UTF-8")]
    lines = code.split("\n")
    for number, line in enumerate(lines[:2], 1):
        cookie = _COOKIE.match(line)
        if cookie and cookie.group(1).lower().replace("_", "-") not in ("utf-8", "utf8"):
            found.append(Problem("001", f"declares the encoding {cookie.group(1)}", number))
    if code.isascii() and code.isprintable():
        return found
    for number, line in enumerate(lines, 1):
        if hidden := _HIDDEN.search(line):
            character = f"U+{ord(hidden[0]):04X}"
            found.append(Problem("001", f"holds the hidden character {character}", number))
        if "\r" in line.removesuffix("\r"):
            found.append(Problem("001", "holds a carriage return inside a line", number))
    return found[:20]


def _size(tree: ast.Module) -> Problem | None:
    count, level, layer = 0, 0, [tree]
    while layer:
        level += 1
        count += len(layer)
        if level > MOST_DEPTH:
            return Problem("002", f"nested more than {MOST_DEPTH} levels deep")
        if count > MOST_NODES:
            return Problem("002", f"more than {MOST_NODES:,} parts")
        following: list[ast.AST] = []
        for node in layer:
            kind = type(node).__name__
            if kind not in _KNOWN_NODES:
                line = getattr(node, "lineno", None)
                return Problem("003", f"{kind} is syntax that the audit does not know", line)
            if isinstance(node, ast.Constant) and isinstance(node.value, int):
                if abs(node.value).bit_length() > MOST_DIGITS * 3.33:
                    return Problem(
                        "002", f"a number of more than {MOST_DIGITS} digits", node.lineno
                    )
            following.extend(ast.iter_child_nodes(node))
        layer = following  # type: ignore[assignment]
    return None


def _identifiers(code: str) -> list[tuple[str, int]]:
    return [
        (token.string, token.start[0])
        for token in tokenize.generate_tokens(io.StringIO(code).readline)
        if token.type == tokenize.NAME and not token.string.isascii()
    ]
