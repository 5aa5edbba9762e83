"""Inside the sandbox: the user's module, and the function in it that was decorated."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .codec import NotData, decode
from .declarations import load_declarations


class Unloadable(Exception):
    """The module or the function cannot be had in here; the text says why."""


def load_module(job: dict[str, Any]) -> types.ModuleType:
    """Import the user's module as the user's process did; a script's declarations only.

    Raises:
        Unloadable: It fails here.
    """
    for folder in reversed(job["sys_path"]):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    first: BaseException | None = None
    if not job["script"]:
        try:
            module = importlib.import_module(job["module"])
            if _same_file(module, job["file"]):
                return module
        except (Exception, SystemExit) as error:  # noqa: BLE001 - their import, their errors
            first = error
    file = Path(job["file"] or "session.py")
    try:
        return load_declarations(file, job["module"], job["module_text"], tolerant=True)
    except (Exception, SystemExit) as error:
        raise Unloadable(
            f"{file.name} could not be loaded in the sandbox: "
            f"{type(error).__name__}: {error or first}"
        ) from error


def _same_file(module: types.ModuleType, file: str | None) -> bool:
    theirs = getattr(module, "__file__", None)
    return file is None or (theirs is not None and Path(theirs).resolve() == Path(file).resolve())


def original_in(module: types.ModuleType, job: dict[str, Any]) -> Callable[..., Any]:
    """Return the function that was decorated; with POET switched off, the name is bound to it.

    Raises:
        Unloadable: It lives inside another function and cannot be rebuilt.
    """
    if "<locals>" in job["qualname"]:
        return _nested(module, job)
    found: Any = module
    for part in job["qualname"].split("."):
        try:
            found = inspect.getattr_static(found, part)
        except AttributeError as error:
            raise Unloadable(f"{job['qualname']} is not in {job['module']}: {error}") from error
    found = getattr(found, "__func__", found)
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, functools.cached_property):
        found = found.func
    if not callable(found):
        raise Unloadable(f"{job['qualname']} is bound to something else in the sandbox")
    # Decorators above @poet are not part of what was decorated.
    for _ in range(job["decorators_above"]):
        found = getattr(found, "__wrapped__", found)
    return found  # type: ignore[no-any-return]


def _nested(module: types.ModuleType, job: dict[str, Any]) -> Callable[..., Any]:
    """Rebuild a function that is defined inside another one, with the values of its free names."""
    missing = [n for n in job["free_variables"] if n not in job["closure"]]
    if missing:
        raise Unloadable(f"it closes over {', '.join(missing)}, which only its own process has")
    text = job["function_text"]
    outer = ast.parse(f"def _outer({', '.join(job['free_variables'])}):\n    pass\n").body[0]
    assert isinstance(outer, ast.FunctionDef)
    inner = ast.parse(text).body[0]
    outer.body = [inner, ast.Return(ast.Name(job["name"], ast.Load()))]
    tree = ast.fix_missing_locations(ast.Module([outer], []))
    scope = vars(module)
    exec(compile(tree, job["file"] or "<session>", "exec", dont_inherit=True), scope)
    try:
        values = {name: decode(value) for name, value in job["closure"].items()}
    except NotData as error:
        raise Unloadable(f"it closes over a value that the sandbox cannot have: {error}") from error
    function = scope.pop("_outer")(**{n: values[n] for n in job["free_variables"]})
    function.__qualname__ = job["qualname"]
    return function  # type: ignore[no-any-return]
