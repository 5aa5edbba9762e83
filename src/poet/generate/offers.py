"""What generated code may use, read from the code itself, so that the prompt cannot go stale."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from .gate.audit.rules import RULES
from .gate.audit.tables import PARTS, SAFE_WHOLE


def enhanced_names() -> list[str]:
    """Return a line for each thing that `poet.enhanced` offers, the four bound names excepted."""
    from .. import enhanced

    names = [n for n in enhanced.__all__ if n not in enhanced.BOUND]
    return [_line(name, getattr(enhanced, name)) for name in names]


def toolkit_names(module_name: str | None) -> list[str]:
    """Return a line for each name in the `__all__` of a domain's toolkit.

    A toolkit whose own needs are not installed is not offered: code that used it could not run.
    """
    if module_name is None:
        return []
    try:
        module: ModuleType = importlib.import_module(module_name)
    except ImportError:
        return []
    names = getattr(module, "__all__", None)
    if names is None:
        names = [n for n, v in vars(module).items()
                 if not n.startswith("_") and getattr(v, "__module__", None) == module_name]  # fmt: skip
    return [_line(name, getattr(module, name)) for name in names]


def _line(name: str, value: Any) -> str:
    first = next(iter((inspect.getdoc(value) or "").strip().splitlines()), "")
    if not callable(value):
        first = ""  # the docstring of a constant is its type's
    return f"`{name}{_arguments(value)}`" + (f": {first}" if first else "")


def _arguments(value: Any) -> str:
    """Return the signature without annotations, short enough to read."""
    if not callable(value) or (isinstance(value, type) and issubclass(value, BaseException)):
        return ""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return "(…)"
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    text = str(signature.replace(parameters=bare, return_annotation=signature.empty))
    return re.sub(r"<class '(?:\w+\.)*(\w+)'>|<(?:function )?(\w+)[^>]*>", r"\1\2", text)


def probes(file: Path | None) -> list[str]:
    """Return what a domain's probes will look for: the first lines of their docstrings."""
    if file is None:
        return []
    return list(_promises(ast.parse(file.read_text(encoding="utf-8"))))


def _promises(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("probe_"):
            doc = (ast.get_docstring(node) or "").strip()
            yield doc.split("\n\n")[0].replace("\n", " ") or node.name.replace("_", " ")


def standard_modules() -> str:
    """Return the modules of the standard library that are open to every version, as one text."""
    whole, parts = sorted(SAFE_WHOLE - {"__future__"}), sorted(PARTS)
    return f"{', '.join(whole)}; and of these only the harmless functions: {', '.join(parts)}"


def refusals() -> list[str]:
    """Return what the audit refuses, each with what to do instead."""
    return [f"{rule.refuses}. {rule.advice}" for rule in RULES.values()]
