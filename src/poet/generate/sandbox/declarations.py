"""Load a module's declarations without running it as a script.

Imports, functions, classes and assignments are run; calls that stand alone, loops and
`if __name__ == "__main__"` are not. Standard library only.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import types
from pathlib import Path


def declarations(tree: ast.Module) -> ast.Module:
    """Return the part of a module that declares things."""
    return ast.Module(_kept(tree.body), tree.type_ignores)


def _kept(body: list[ast.stmt]) -> list[ast.stmt]:
    kept: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If):
            if _is_main_guard(node.test):
                continue
            kept.append(
                ast.copy_location(
                    ast.If(node.test, _kept(node.body) or [ast.Pass()], _kept(node.orelse)), node
                )
            )
        elif isinstance(node, ast.Expr):
            if isinstance(node.value, ast.Constant):  # a docstring
                kept.append(node)
        elif not isinstance(node, (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith,
                                   ast.Delete, ast.Assert, ast.Raise)):  # fmt: skip
            kept.append(node)
    return kept


def _is_main_guard(test: ast.expr) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(test))


def load_declarations(path: Path, name: str, text: str | None = None) -> types.ModuleType:
    """Make a module of a file's declarations and register it under `name`.

    Args:
        path: The file; its folder is put on the import path, as for a script.
        name: What the module is called; not `__main__`.
        text: The file's text, where it is known already.

    Raises:
        SyntaxError: The text does not parse.
        Exception: Whatever the module's imports and assignments raise.
    """
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    tree = ast.parse(path.read_text(encoding="utf-8") if text is None else text)
    spec = importlib.util.spec_from_file_location(name, path)
    module = types.ModuleType(name)
    module.__file__ = str(path)
    module.__spec__ = spec
    if "." in name:
        module.__package__ = name.rpartition(".")[0]
    sys.modules[name] = module
    try:
        wanted = ast.fix_missing_locations(declarations(tree))
        exec(compile(wanted, str(path), "exec", dont_inherit=True), module.__dict__)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module
