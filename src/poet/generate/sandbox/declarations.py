"""Load a module's declarations without running it as a script.

Imports, functions, classes and assignments are run; calls that stand alone, loops and
`if __name__ == "__main__"` are not. Standard library only.
"""

from __future__ import annotations
import __future__

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


class NotThere:
    """Stands for a value that could not be made: a client without its key, a missing setting.

    Using it raises a RuntimeError that says why it is missing.
    """

    def __init__(self, name: str, error: BaseException) -> None:
        self._poet_name, self._poet_error = name, f"{type(error).__name__}: {error}"

    def _poet_fail(self) -> RuntimeError:
        return RuntimeError(f"{self._poet_name} could not be made here: {self._poet_error}")

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._poet_fail()

    def __call__(self, *args: object, **kwargs: object) -> object:
        raise self._poet_fail()

    def __getitem__(self, key: object) -> object:
        raise self._poet_fail()

    def __enter__(self) -> object:
        raise self._poet_fail()

    def __exit__(self, *error: object) -> None:
        raise self._poet_fail()


def load_declarations(
    path: Path, name: str, text: str | None = None, *, tolerant: bool = False
) -> types.ModuleType:
    """Make a module of a file's declarations and register it under `name`.

    Args:
        path: The file; its folder is put on the import path, as for a script.
        name: What the module is called; not `__main__`.
        text: The file's text, where it is known already.
        tolerant: Names whose assignment fails become `NotThere`, instead of the module failing.

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
        future = _future(wanted)
        for statement in wanted.body:
            one = ast.Module([statement], [])
            code = compile(one, str(path), "exec", flags=future, dont_inherit=True)
            try:
                exec(code, module.__dict__)
            except Exception as error:
                targets = _targets(statement)
                if not tolerant or not targets:
                    raise
                vars(module).update({t: NotThere(t, error) for t in targets})
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _future(tree: ast.Module) -> int:
    """Return the compiler's flags for the module's `from __future__` imports."""
    names = [
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    ]
    flags = 0
    for name in names:
        flags |= getattr(__future__, name).compiler_flag
    return flags


def _targets(node: ast.stmt) -> list[str]:
    """Return the plain names that an assignment binds."""
    if isinstance(node, ast.Assign):
        found = node.targets
    elif isinstance(node, ast.AnnAssign):
        found = [node.target]
    else:
        return []
    return [n.id for target in found for n in ast.walk(target) if isinstance(n, ast.Name)]
