"""Read the corpora of hostile and benign enhanced modules: text files, one case after the other.

    === name
    tries: what it wants             (hostile; else `shows:`)
    original: price                  (hostile: one of originals.txt)
    seen by: audit                   (hostile: audit, or trial where only a run can show it)
    grants: net:api.example.com      (optional)
    --- top                          lines put after the imports
    --- perceive, operate, enforce   lines put at the beginning of the part
    --- answer                       what operate returns instead of the original's answer
    --- whole                        the module, instead of all that
    --- original                     the original's module (benign)
    --- enhanced                     imports and the three parts; docstring and entry are added

Nothing in them is ever run by reading them.
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from poet.source import FunctionSource
from poet.spec import Spec

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One enhanced module and the original that it belongs to."""

    name: str
    kind: str  # the file's name
    about: str
    seen_by: str
    original: str
    function: str
    code: str
    grants: tuple[str, ...] = ()

    @property
    def source(self) -> FunctionSource:
        return FunctionSource.in_text(self.original, self.function, module="app")

    @property
    def spec(self) -> Spec:
        return Spec(grants=self.grants)


@dataclass
class _Raw:
    name: str
    head: dict[str, str] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)


def _read(path: Path) -> list[_Raw]:
    cases: list[_Raw] = []
    section = None
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("=== "):
            cases.append(_Raw(line[4:].strip()))
            section = None
        elif line.startswith("--- "):
            section = line[4:].strip()
            cases[-1].sections[section] = ""
        elif section is not None:
            cases[-1].sections[section] += line + "\n"
        elif ": " in line and cases:
            key, _, value = line.partition(": ")
            cases[-1].head[key] = value.strip()
    for case in cases:
        case.sections = {k: v.strip("\n") + "\n" for k, v in case.sections.items()}
    return cases


def hostile() -> list[Case]:
    """Return every hostile module."""
    originals = {raw.name: raw for raw in _read(HERE / "hostile" / "originals.txt")}
    found = []
    for path in sorted((HERE / "hostile").glob("*.txt")):
        if path.name == "originals.txt":
            continue
        for raw in _read(path):
            base = originals[raw.head["original"]]
            code = raw.sections.get("whole") or _assembled(base, raw)
            if "escaped" in raw.head:  # characters that no editor shows
                code = code.encode("ascii").decode("unicode_escape")
            found.append(
                Case(
                    raw.name,
                    path.stem,
                    raw.head["tries"],
                    raw.head.get("seen by", "audit"),
                    base.sections["original"],
                    base.head["function"],
                    code,
                )
            )
    return found


def benign() -> list[Case]:
    """Return every benign module."""
    found = []
    for path in sorted((HERE / "benign").glob("*.txt")):
        for raw in _read(path):
            original = raw.sections["original"]
            function = raw.head.get("function") or _last_function(original)
            code = raw.sections["enhanced"]
            if "whole" not in raw.head:
                code = f'"""{function}, enhanced by POET."""\n\n{code}\n\n{_entry(original, function)}'
            grants = tuple(raw.head["grants"].split()) if "grants" in raw.head else ()
            about = raw.head.get("shows", raw.name)
            found.append(Case(raw.name, path.stem, about, "", original, function, code, grants))
    return found


def _assembled(base: _Raw, raw: _Raw) -> str:
    function = base.head["function"]
    source = FunctionSource.in_text(base.sections["original"], function, module="app")
    names = [p.name for p in source.parameters]
    flat = ", ".join(names)
    answer = raw.sections.get("answer", f"original({flat})").strip()
    put = {k: textwrap.indent(textwrap.dedent(v), "    ") for k, v in raw.sections.items()}
    return (
        f'"""{function}, enhanced by POET."""\n\n'
        "from poet.enhanced import check, check_result, flag, module, original, params, resilient\n"
        f"{raw.sections.get('top', '')}\n\n"
        f"def perceive({flat}):\n{put.get('perceive', '')}    return {flat}\n\n\n"
        f"{raw.sections.get('decorators', '')}"
        f"def operate({flat}):\n{put.get('operate', '')}    return {answer}\n\n\n"
        f"def enforce(result):\n{put.get('enforce', '')}    return result\n\n\n"
        + _entry(base.sections["original"], function)
    )


def _last_function(text: str) -> str:
    found = [n.name for n in ast.parse(text).body
             if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]  # fmt: skip
    return found[-1]


def _entry(original: str, function: str) -> str:
    source = FunctionSource.in_text(original, function, module="app")
    node = source.tree
    flat = ", ".join(p.name for p in source.parameters)
    perceived = f"perceive({flat})"
    star = "*" if len(source.parameters) > 1 else ""
    called = f"operate({star}{perceived})" if source.parameters else "operate()"
    prefix = "async def" if source.kind == "coroutine" else "def"
    if source.kind == "generator":
        body = f"return (yield from {called})"
    elif source.kind == "coroutine":
        body = f"return enforce(await {called})"
    else:
        body = f"return enforce({called})"
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    first = (source.doc.splitlines() or [function])[0]
    return f'{prefix} {source.name}({ast.unparse(node.args)}):\n    """{first}"""\n    {body}\n'
