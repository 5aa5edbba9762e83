"""Turn a stored version into a package that no longer needs POET.

The package holds the version with the original and what it needs of its module, and copies of the
few runtime files that generated code uses, under their own folder. Methods and functions inside
functions cannot leave their place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import PoetError
from ..source import FunctionSource

_PACKAGE = Path(__file__).resolve().parents[1]
_RUNTIME = ("errors.py", "runtime/checks.py", "runtime/frame.py", "runtime/params.py",
            "runtime/resilience.py")  # fmt: skip
_BOUND = ("original", "params", "hints", "module")


def eject(
    folder: Path, code: str, source: FunctionSource, learned: Mapping[str, Any], toolkit: str | None
) -> list[Path]:
    """Write the package.

    Args:
        folder: The package's folder; it must not exist.
        code: Text of the version.
        source: The original.
        learned: Learned values.
        toolkit: Module of the domain's helpers, where the version uses them.

    Returns:
        The files written.

    Raises:
        PoetError: The function cannot be taken out of its place.
    """
    if source.method or "<locals>" in source.qualname:
        raise PoetError(
            f"{source.qualname} belongs to a class or another function and cannot stand alone; "
            "eject works for functions at the top of a module."
        )
    files = {"__init__.py": _init(source), "enhanced.py": _enhanced(code, source, learned),
             "original.py": _original(source)}  # fmt: skip
    files |= {f"poet_runtime/{name}": text for name, text in _runtime(toolkit)}
    written = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _init(source: FunctionSource) -> str:
    return (
        f'"""{source.name}, as POET had enhanced it; this package stands alone."""\n\n'
        f"from .enhanced import {source.name}\n\n__all__ = [{source.name!r}]\n"
    )


def _enhanced(code: str, source: FunctionSource, learned: Mapping[str, Any]) -> str:
    tree = ast.parse(code)
    lines = code.splitlines()
    bound: list[str] = []
    for node in reversed(tree.body):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("poet."):
            continue
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        names = [(a.name, a.asname) for a in node.names]
        if node.module != "poet.enhanced":
            written = ", ".join(a if b is None else f"{a} as {b}" for a, b in names)
            module = (node.module or "").removeprefix("poet.")
            lines[first:last] = [f"from .poet_runtime.{module} import {written}"]
            continue
        mine = [n for n in names if n[0] in _BOUND]
        plain = [n for n in names if n[0] not in _BOUND]
        shown = ", ".join(a if b is None else f"{a} as {b}" for a, b in plain)
        new = [f"from .poet_runtime.enhanced import {shown}"] if shown else []
        new += list(_bindings(mine, source))
        lines[first:last] = new
        bound += [a for a, _ in mine]
    text = "\n".join(lines) + "\n"
    if "params" in bound:
        text += f"\nfill(params, PARAMS, {dict(learned)!r})\n"
    defaults = any(p.default == "..." or p.default for p in source.parameters)
    if defaults:
        text += (
            f"\n# The original's own default objects.\n"
            f"{source.name}.__defaults__ = _original.{source.name}.__defaults__\n"
            f"{source.name}.__kwdefaults__ = _original.{source.name}.__kwdefaults__\n"
        )
    return re.sub(r", enhanced by POET\.", ", enhanced by POET and ejected.", text, count=1)


def _bindings(names: list[tuple[str, str | None]], source: FunctionSource) -> Iterator[str]:
    yield "from . import original as _original"
    for name, alias in names:
        local = alias or name
        if name == "original":
            yield f"{local} = _original.{source.name}"
        elif name == "params":
            yield "from .poet_runtime.runtime.params import Params, fill"
            yield f"{local} = Params()"
        elif name == "hints":
            yield "import collections, typing"
            yield f"{local} = collections.defaultdict(lambda: typing.Any)"
            yield f"{local}.update(typing.get_type_hints(_original.{source.name}))"
        else:
            yield f"{local} = _original"


def _original(source: FunctionSource) -> str:
    """Return the function with the parts of its module that it needs, in their order."""
    tree = ast.parse(source.module_text)
    needed = _needed(tree, source)
    parts = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if "poet" not in {a.name.split(".")[0] for a in node.names} and not (
                isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "poet"
            ):
                parts.append(ast.get_source_segment(source.module_text, node) or "")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == source.name:
            above = [f"@{d}" for d in source.decorators]
            parts.append("\n".join(["", "", *above, source.text.rstrip()]))
        elif _defines(node) & needed:
            parts.append(_without_poet(node, source.module_text))
    head = f'"""{source.name} as it was written, with what it needs of {source.module}."""\n'
    return head + "\n" + "\n".join(p for p in parts if p is not None) + "\n"


def _without_poet(node: ast.stmt, text: str) -> str:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        node.decorator_list = [
            d for d in node.decorator_list if ast.unparse(d).split("(")[0].split(".")[-1] != "poet"
        ]
        return "\n\n" + ast.unparse(node)
    return ast.get_source_segment(text, node) or ast.unparse(node)


def _defines(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def _needed(tree: ast.Module, source: FunctionSource) -> set[str]:
    # Defaults, annotations and decorators are evaluated in the module, too.
    head = [source.tree.args, source.tree.returns, *(ast.parse(d) for d in source.decorators)]
    named = {n.id for part in head if part is not None for n in ast.walk(part)
             if isinstance(n, ast.Name)}  # fmt: skip
    needed = set(source.global_names) | named
    pending = list(needed)
    while pending:
        name = pending.pop()
        for node in tree.body:
            if name in _defines(node):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Name) and inner.id not in needed:
                        needed.add(inner.id)
                        pending.append(inner.id)
    return needed


def _runtime(toolkit: str | None) -> Iterator[tuple[str, str]]:
    yield "__init__.py", '"""The part of POET\'s runtime that this package uses."""\n'
    yield "runtime/__init__.py", '"""Checks, retries and parameters."""\n'
    for name in _RUNTIME:
        yield name, (_PACKAGE / name).read_text(encoding="utf-8")
    enhanced = (_PACKAGE / "enhanced.py").read_text(encoding="utf-8")
    # Bound names belong to the loader; here the package binds them itself.
    yield "enhanced.py", enhanced[: enhanced.index("\n\ndef __getattr__")] + "\n"
    if toolkit:
        parts = toolkit.split(".")[1:]
        for depth in range(1, len(parts)):
            yield "/".join(parts[:depth]) + "/__init__.py", '"""Helpers of the domain."""\n'
        place = _PACKAGE.joinpath(*parts)
        if place.is_dir():
            for file in sorted(place.rglob("*.py")):
                yield "/".join(parts) + "/" + file.relative_to(place).as_posix(), file.read_text()
        else:
            yield "/".join(parts) + ".py", place.with_suffix(".py").read_text(encoding="utf-8")
