"""What a model is shown of the user's module: the parts that one function needs, without secrets.

Never the whole file: the function itself, its imports, and the definitions that it names.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator

from ..source import FunctionNode, FunctionSource

REDACTED = "<redacted>"
MOST_LINES = 30  # of one definition
MOST_CHARACTERS = 6_000  # of all of them

_NAMED_SECRET = re.compile(
    r"""(?P<head>\b\w*(?:password|passwd|secret|token|api_?key|access_?key|private_?key|credential
        |authorization|bearer)\w*["']?\s*(?::\s*\w+\s*)?[:=]\s*(?:\w+\()?[rbuRBU]{0,2})
        (?P<quote>["'])(?P<value>[^"'\s\\]{8,})(?P=quote)""",
    re.IGNORECASE | re.VERBOSE,
)
_SHAPED_SECRET = re.compile(
    r"""sk-[A-Za-z0-9_-]{16,} | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_\w{20,} | AKIA[0-9A-Z]{12,}
        | AIza[0-9A-Za-z_-]{30,} | xox[abprs]-[0-9A-Za-z-]{10,} | glpat-[0-9A-Za-z_-]{16,}
        | eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}
        | (?<=Bearer\ )[A-Za-z0-9._~+/-]{16,}
        | -----BEGIN[ A-Z]*PRIVATE\ KEY-----.*?-----END[ A-Z]*PRIVATE\ KEY-----""",
    re.VERBOSE | re.DOTALL,
)
_URL_PASSWORD = re.compile(r"(?P<head>\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*:)[^\s/@'\"]+(?=@)")


def redacted(text: str) -> str:
    """Return a text with what looks like a secret replaced by `<redacted>`.

    Literals that are assigned to names such as `api_key` or `password`, texts of the shape of
    well-known keys, and passwords in URLs. This is a safety net: secrets do not belong in source.
    """
    text = _SHAPED_SECRET.sub(REDACTED, text)
    text = _URL_PASSWORD.sub(rf"\g<head>{REDACTED}", text)
    return _NAMED_SECRET.sub(rf"\g<head>\g<quote>{REDACTED}\g<quote>", text)


def visible(text: str) -> str:
    """Return a text in which every character can be seen: the hidden ones become escapes.

    Characters that have no shape (zero-width, direction marks, tags) could carry a second message
    that no person reviewing the prompt would see.
    """
    return "".join(c if c in "\n\t" or not _hidden(c) else _escaped(c) for c in _lines(text))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _hidden(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def definitions(source: FunctionSource) -> str:
    """Return the module's definitions that a function names, in the module's order, shortened.

    Constants are shown whole, classes up to `MOST_LINES`, other functions by their first lines.
    """
    try:
        tree = ast.parse(source.module_text)
    except SyntaxError:  # a notebook's cell with shell lines
        return ""
    wanted = set(source.global_names) | set(_in_annotations(source))
    shown: list[str] = []
    for node in tree.body:
        if node.lineno <= source.line <= (node.end_lineno or 0):
            if isinstance(node, ast.ClassDef):
                shown.append(_class_head(node))
            continue
        if wanted & set(_bound(node)):
            shown.append(_shortened(node, source.module_text))
    text = redacted("\n\n".join(shown))
    if len(text) <= MOST_CHARACTERS:
        return text
    return text[:MOST_CHARACTERS].rsplit("\n", 1)[0] + "\n# … (more was left out)"


def _in_annotations(source: FunctionSource) -> Iterator[str]:
    for text in (*(p.annotation for p in source.parameters), source.returns):
        yield from re.findall(r"[A-Za-z_]\w*", text or "")


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _shortened(node: ast.stmt, module_text: str) -> str:
    if isinstance(node, FunctionNode):
        return _function_head(node)
    text = ast.get_source_segment(module_text, node) or ast.unparse(node)
    lines = text.splitlines()
    if len(lines) <= MOST_LINES:
        return text
    return "\n".join([*lines[:MOST_LINES], f"    # … ({len(lines) - MOST_LINES} more lines)"])


def _function_head(node: FunctionNode) -> str:
    head = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    doc = (ast.get_docstring(node) or "").strip().splitlines()
    says = [f'    """{doc[0]}"""'] if doc else []
    return "\n".join([f"{head} {node.name}({ast.unparse(node.args)}){returns}:", *says, "    ..."])


def _class_head(node: ast.ClassDef) -> str:
    """Return the class around a method: bases, class variables and how it is made."""
    bases = ", ".join(map(ast.unparse, [*node.bases, *(k.value for k in node.keywords)]))
    lines = [f"class {node.name}({bases}):" if bases else f"class {node.name}:"]
    for child in node.body:
        if isinstance(child, (ast.Assign, ast.AnnAssign)):
            lines.append(f"    {ast.unparse(child)}")
        elif isinstance(child, FunctionNode):
            if child.name == "__init__":
                lines += [f"    {line}" for line in ast.unparse(child).splitlines()[:MOST_LINES]]
            else:
                lines.append(f"    def {child.name}({ast.unparse(child.args)}): ...")
    return "\n".join(lines)
