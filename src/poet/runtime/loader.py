"""Run the text of a version as a module of its own, with `original` and `params` bound to it.

The text is compiled under the file's real path, so that tracebacks, breakpoints and coverage
land there. The module sees trimmed built-ins and an import function that hands out its own
`poet.enhanced`; the audit, not this, is what keeps bad code out.
"""

from __future__ import annotations

import builtins
import functools
import hashlib
import inspect
import itertools
import json
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import StoreError
from .params import Param, Params, fill

_FORBIDDEN = ("eval", "exec", "compile", "breakpoint", "input", "open_code")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Loaded:
    """A version ready to be called: `entry` has the original's name and signature."""

    entry: Callable[..., Any]
    namespace: dict[str, Any]
    params: Params


class ModuleView:
    """The live names of the user's module, read only."""

    __slots__ = ("_globals",)

    def __init__(self, names: dict[str, Any]) -> None:
        object.__setattr__(self, "_globals", names)

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module.{name} is not for generated code")
        names = object.__getattribute__(self, "_globals")
        try:
            return names[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined in {names.get('__name__')}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"generated code cannot set {name!r} in the user's module")


class Binding(types.ModuleType):
    """The `poet.enhanced` that one version sees."""

    def __init__(self, original: Callable[..., Any]) -> None:
        super().__init__("poet.enhanced")
        from .. import enhanced

        for name in enhanced.__all__:
            if name not in enhanced.BOUND:
                setattr(self, name, getattr(enhanced, name))
        self.original = original
        self.params = Params()
        self.hints = _LazyHints(original)
        self.module = ModuleView(_globals_of(original))


def _globals_of(function: Callable[..., Any]) -> dict[str, Any]:
    names = getattr(inspect.unwrap(function), "__globals__", {})
    return names if isinstance(names, dict) else {}


def resolve_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations of a function as objects; one that cannot be resolved is absent."""
    plain = inspect.unwrap(function)
    try:
        return typing.get_type_hints(plain, include_extras=True)
    except Exception:  # noqa: BLE001 - evaluating annotations runs the user's expressions
        found: dict[str, Any] = {}
        for name, written in getattr(plain, "__annotations__", {}).items():
            one = types.SimpleNamespace(__annotations__={name: written})
            try:
                found |= typing.get_type_hints(one, _globals_of(plain), include_extras=True)
            except Exception:  # noqa: BLE001 - the same; this one stays unchecked
                continue
        return found


def load(
    text: str,
    path: str,
    original: Callable[..., Any],
    name: str,
    learned: Mapping[str, Any] | None = None,
) -> Loaded:
    """Run a version's text and return its entry function.

    Args:
        text: The audited text; nothing is read from `path`.
        path: Where the text is stored; used for tracebacks only.
        original: The user's own function object.
        name: Name of the entry function.
        learned: Learned values, from `params.json`.

    Raises:
        StoreError: The text lacks the entry, or `learned` does not fit its PARAMS.
    """
    binding = Binding(original)
    digest = hashlib.sha256(path.encode()).hexdigest()[:8]
    module = types.ModuleType(f"poet_version_{name}_{digest}_{next(_numbers)}")
    module.__file__ = path
    namespace = module.__dict__
    namespace["__builtins__"] = _builtins_for(binding)
    # Dataclasses and pickling look their module up by name while it runs.
    sys.modules[module.__name__] = module
    try:
        exec(_compiled(text, path), namespace)
        entry = namespace.get(name)
        if not callable(entry):
            raise StoreError(f"{path} defines no function {name!r}.")
        declared = namespace.get("PARAMS", {})
        if not all(isinstance(p, Param) for p in declared.values()):
            raise StoreError(f"{path}: each value of PARAMS must be a Param(…).")
        fill(binding.params, declared, learned or {})
        _dress(entry, original)
    finally:
        del sys.modules[module.__name__]
    return Loaded(entry, namespace, binding.params)


class _LazyHints(Mapping[str, Any]):
    """The original's annotations, resolved at first use; one that cannot be resolved is `Any`."""

    def __init__(self, original: Callable[..., Any]) -> None:
        self._original = original

    @functools.cached_property
    def _resolved(self) -> dict[str, Any]:
        return resolve_hints(self._original)

    def __getitem__(self, name: str) -> Any:
        return self._resolved.get(name, Any)

    def __iter__(self) -> typing.Iterator[str]:
        return iter(self._resolved)

    def __len__(self) -> int:
        return len(self._resolved)


@functools.lru_cache(maxsize=256)
def _compiled(text: str, path: str) -> types.CodeType:
    # The future statements of this file must not leak into the user's.
    return compile(text, path, "exec", dont_inherit=True)


def _builtins_for(binding: Binding) -> dict[str, Any]:
    names = {n: v for n, v in vars(builtins).items() if n not in _FORBIDDEN}

    def import_(
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: typing.Sequence[str] = (),
        level: int = 0,
    ) -> Any:
        if name == "poet.enhanced" and fromlist:
            return binding
        return builtins.__import__(name, globals, locals, fromlist, level)

    names["__import__"] = import_
    return names


def _dress(entry: Any, original: Callable[..., Any]) -> None:
    """Give the entry the original's own default objects, names and documentation."""
    plain = inspect.unwrap(original)
    code = getattr(entry, "__code__", None)
    theirs = getattr(plain, "__code__", None)
    if code is not None and theirs is not None and code.co_argcount == theirs.co_argcount:
        entry.__defaults__ = plain.__defaults__
        entry.__kwdefaults__ = plain.__kwdefaults__
    entry.__qualname__ = getattr(plain, "__qualname__", entry.__name__)
    entry.__doc__ = getattr(plain, "__doc__", entry.__doc__)


def binding_for_file(file: str | None) -> Binding:
    """Bind a version's file that was imported directly, by its place in `.poet/`.

    Raises:
        StoreError: The file is not a version in a `.poet/` folder, or its function is gone.
    """
    from importlib.util import module_from_spec, spec_from_file_location

    identity = Path(file or "").resolve().parent.parent / "function.json"
    if file is None or not identity.is_file():
        raise StoreError(
            "original and params exist only inside a version: import the file from its place in "
            f".poet/, or call the decorated function (asked from {file})."
        )
    about = json.loads(identity.read_text(encoding="utf-8"))
    source = identity.parent.parent.parent / about["file"]
    loaded = next(
        (
            m
            for m in list(sys.modules.values())
            if getattr(m, "__file__", None) and Path(str(m.__file__)).resolve() == source.resolve()
        ),
        None,
    )
    if loaded is None:
        spec = spec_from_file_location(about["module"], source)
        if spec is None or spec.loader is None:
            raise StoreError(f"{source} cannot be imported.")
        loaded = module_from_spec(spec)
        sys.modules[about["module"]] = loaded
        spec.loader.exec_module(loaded)
    found: Any = loaded
    for part in about["qualname"].split("."):
        if part == "<locals>":
            raise StoreError(f"{about['qualname']} exists only while its outer function runs.")
        found = inspect.getattr_static(found, part)
    found = getattr(found, "__func__", found)
    original = getattr(found, "__poet_original__", found)
    binding = Binding(original)
    learned = Path(file).parent / "params.json"
    declared = declared_in(Path(file))
    fill(binding.params, declared, json.loads(learned.read_text()) if learned.is_file() else {})
    return binding


def declared_in(path: Path) -> dict[str, Param]:
    """Read PARAMS from a version's text without running it."""
    import ast

    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(isinstance(t, ast.Name) and t.id == "PARAMS" for t in targets):
            value = getattr(node, "value", None)
            if isinstance(value, ast.Dict):
                return {
                    ast.literal_eval(k): Param(
                        *(ast.literal_eval(a) for a in v.args),
                        **{w.arg: ast.literal_eval(w.value) for w in v.keywords if w.arg},
                    )
                    for k, v in zip(value.keys, value.values, strict=True)
                    if k is not None and isinstance(v, ast.Call)
                }
    return {}
