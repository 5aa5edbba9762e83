"""Say what a value is, strictly: type, content and aliasing, so that two runs compare as text."""

from __future__ import annotations

import enum
import math
import re
import types
from collections import deque
from collections.abc import Mapping, Set
from pathlib import PurePath
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_ATOMS = (bool, int, str, bytes, complex, type(None), type(Ellipsis))


def describe(value: Any, seen: dict[int, int] | None = None) -> Any:
    """A plain structure of lists and strings; equal exactly when type and content are equal.

    An object met a second time is written as a reference to the first, so `result is argument`
    shows when arguments and result are described with one `seen`.
    """
    seen = {} if seen is None else seen
    kind = _name(type(value))
    if type(value) in _ATOMS:
        return [kind, repr(value)]
    if type(value) is float:
        return [kind, "nan" if math.isnan(value) else repr(value)]
    if id(value) in seen:
        return ["again", str(seen[id(value)])]
    seen[id(value)] = len(seen)
    if isinstance(value, enum.Enum):
        return [kind, value.name]
    if isinstance(value, type):
        return ["class", f"{value.__module__}.{value.__qualname__}"]
    if isinstance(value, (types.FunctionType, types.MethodType, types.BuiltinFunctionType)):
        return ["function", f"{value.__module__}.{value.__qualname__}"]
    if isinstance(value, types.ModuleType):
        return ["module", value.__name__]
    if isinstance(value, PurePath):
        return [kind, str(value)]  # what it caches of itself is its own affair
    if isinstance(value, BaseException):
        if type(value).__module__ not in {"builtins", "json.decoder"} and not _ours(value):
            return [kind, _ADDRESS.sub("", str(value))]  # a library's: it may hold a connection
        return [kind, *(describe(part, seen) for part in (value.args, _state(value)))]
    if (described := _foreign(value, seen)) is not None:
        return [kind, *described]
    return [kind, *_content(value, seen)]


def _ours(value: BaseException) -> bool:
    return type(value).__module__.partition(".")[0] in {"functions", "cases"}


def _content(value: Any, seen: dict[int, int]) -> list[Any]:
    parts: list[Any] = []
    if isinstance(value, Mapping):
        parts.append([[describe(k, seen), describe(v, seen)] for k, v in value.items()])
    elif isinstance(value, Set):
        parts.append(sorted((describe(item, {}) for item in value), key=repr))
    elif isinstance(value, (list, tuple, deque)):
        parts.append([describe(item, seen) for item in value])
    elif isinstance(value, (str, int, float, bytes, complex)):
        parts.append(type(value).__mro__[-2].__name__ + repr(str(value)))
    state = _state(value)
    if state:
        parts.append([[name, describe(part, seen)] for name, part in sorted(state.items())])
    if not parts:
        parts.append(_ADDRESS.sub("", repr(value)))
    return parts


def _state(value: Any) -> dict[str, Any]:
    """Instance attributes, slots included; notes on an exception are not part of its value."""
    state = {
        slot: getattr(value, slot)
        for cls in type(value).__mro__
        for slot in _slots(cls)
        if hasattr(value, slot)
    }
    state.update(getattr(value, "__dict__", {}))
    state.pop("__notes__", None)
    return {name: part for name, part in state.items() if not name.startswith("__weak")}


def _slots(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    hidden = (n for n in names if n not in {"__dict__", "__weakref__"})
    return tuple(f"_{cls.__name__}{n}" if n.startswith("__") else n for n in hidden)


def _foreign(value: Any, seen: dict[int, int]) -> list[Any] | None:
    """numpy and pandas values, recognised by module so that neither need be installed."""
    home = type(value).__module__.partition(".")[0]
    if home == "numpy":
        import numpy as np

        if isinstance(value, (np.ndarray, np.generic)):
            array = np.asarray(value)
            return [str(array.dtype), list(array.shape), describe(array.tolist(), {})]
    if home == "pandas":
        import pandas as pd

        if isinstance(value, pd.DataFrame):
            columns = [[describe(name, {}), _foreign(value[name], {})] for name in value.columns]
            return [describe(value.index.tolist(), {}), columns]
        if isinstance(value, pd.Series):
            parts = (value.name, value.index.tolist(), value.tolist())
            return [str(value.dtype), *(describe(part, {}) for part in parts)]
        return [repr(value)]
    return None


def _name(kind: type) -> str:
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
