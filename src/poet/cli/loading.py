"""Find what a command speaks of: stored functions by name, decorated functions in a file."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from .._decorator import decorated
from ..events import emit
from ..generate.sandbox.declarations import load_declarations
from ..runtime.state import DecoratedFunction
from ..settings import settings_for
from ..source import module_name
from ..store import FunctionFolder, folders_in
from .output import refuse

_SKIPPED = {"node_modules", "__pycache__", "site-packages", "build", "dist"}
_DEEPEST = 6


def roots(start: Path | None = None) -> Iterator[Path]:
    """Yield the `.poet/` folders at and below a folder, and the one that POET_DIR names."""
    base = (start or Path.cwd()).resolve()
    configured = settings_for(base).dir
    seen = set()
    if configured:
        seen.add(Path(configured).expanduser().absolute())
        yield from (p for p in seen if p.is_dir())
    for path, folders, _ in os.walk(base):
        depth = len(Path(path).relative_to(base).parts)
        if ".poet" in folders and Path(path) / ".poet" not in seen:
            yield Path(path) / ".poet"
        folders[:] = [
            f for f in sorted(folders)
            if not f.startswith(".") and f not in _SKIPPED and depth < _DEEPEST
            and not (Path(path) / f / "pyvenv.cfg").exists()
        ]  # fmt: skip


def stored() -> list[FunctionFolder]:
    """Return the folders of all functions at and below the working folder."""
    return [folder for root in roots() for folder in folders_in(root, notify_for(root))]


def notify_for(root: Path):  # type: ignore[no-untyped-def]
    """Return what writes a folder's changes of state to the journal."""
    settings = settings_for(root.parent)

    def notify(kind, payload):  # type: ignore[no-untyped-def]
        emit(root, kind, payload, environment=settings.environment, service="poet command")

    return notify


def named(name: str) -> FunctionFolder:
    """Return the folder of one function; `file.py:name` chooses among several."""
    file, _, plain = name.rpartition(":")
    everything = stored()
    found = [f for f in everything if plain in (f.name, f.qualname)
             and (not file or Path(f.file).name == Path(file).name)]  # fmt: skip
    if len(found) == 1:
        return found[0]
    if found:
        choices = ", ".join(f"{f.file}:{f.name}" for f in found)
        refuse(f"{name!r} could be any of {choices}. Write the one you mean.")
    if not everything:
        refuse(
            "no versions are stored at or below this folder. Decorate a function with @poet and "
            "call it, or run: poet enhance FILE.py"
        )
    near = difflib.get_close_matches(plain, [f.name for f in everything], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else " See: poet list"
    refuse(f"no stored function is called {name!r}.{hint}")


def states_in(target: str) -> list[DecoratedFunction]:
    """Load a file's declarations and return the decorated functions in it.

    Args:
        target: `FILE.py` or `FILE.py:NAME`.
    """
    path, _, name = target.partition(":") if ".py:" in target else (target, "", "")
    file = Path(path)
    if not file.is_file():
        refuse(f"there is no file {path}. Write: poet enhance FILE.py or FILE.py:NAME")
    file = file.resolve()
    module = module_name(file)
    package_root = file.parents[len(module.split(".")) - 1]
    import sys

    sys.path.insert(0, str(package_root))
    try:
        load_declarations(file, module)
    except SyntaxError as error:
        refuse(f"{path} does not parse: {error}")
    except Exception as error:  # noqa: BLE001 - the user's own module may fail in any way
        refuse(f"{path} cannot be loaded: {type(error).__name__}: {error}. Mend that first.")
    states = [f.__poet__ for (where, _), f in decorated.items() if where == str(file)]  # type: ignore[attr-defined]
    if not states:
        refuse(f"{path} holds no function decorated with @poet (is POET_ENABLED set to 0?).")
    if name:
        chosen = [s for s in states if name in (s.name, s.qualname)]
        if not chosen:
            have = ", ".join(s.name for s in states)
            near = difflib.get_close_matches(name, [s.name for s in states], n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            refuse(f"{path} holds no decorated function {name!r}; it holds {have}.{hint}")
        states = chosen
    return states
