"""Carry values into the sandbox as data: exact types, no pickles, nothing that runs when read.

Functions, classes and enum members go by name, where importing the name gives the same object.
"""

from __future__ import annotations

import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import importlib
import math
import pathlib
import sys
import types
import uuid
from collections.abc import Callable
from typing import Any

MOST_DEPTH = 40


class NotData(TypeError):
    """A value that cannot be carried."""


def encode(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON.

    Raises:
        NotData: It is not made of data, or nested too deeply.
    """
    if depth > MOST_DEPTH:
        raise NotData("nested too deeply")
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind in _SEQUENCES:
        items = [encode(v, depth + 1) for v in value]
        return items if kind is list else {kind.__name__: items}
    if kind in (dict, collections.OrderedDict):
        pairs = [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]
        return {kind.__name__: pairs}
    if kind in (bytes, bytearray):
        return {kind.__name__: base64.b64encode(value).decode()}
    if kind in _BY_TEXT:
        return {kind.__name__: _BY_TEXT[kind][0](value)}
    if isinstance(value, pathlib.PurePath):
        return {"Path": str(value)}
    if isinstance(value, enum.Enum):
        return {"member": [_name_of(kind), value.name]}
    if isinstance(value, types.FunctionType | type | types.BuiltinFunctionType):
        return {"name": _name_of(value)}
    if isinstance(value, types.ModuleType):
        return {"module": value.__name__}
    if dataclasses.is_dataclass(value):
        fields = {f.name: encode(getattr(value, f.name), depth + 1)
                  for f in dataclasses.fields(value)}  # fmt: skip
        return {"record": [_name_of(kind), fields]}
    if isinstance(value, tuple) and hasattr(kind, "_make"):
        return {"row": [_name_of(kind), [encode(v, depth + 1) for v in value]]}
    if kind.__module__ == "numpy":
        return _encode_numpy(value)
    raise NotData(f"a {kind.__qualname__} is not data")


def decode(data: Any) -> Any:
    """Return the value that `encode` was given.

    Raises:
        NotData: It is none of `encode`'s forms, or a name in it is not there.
    """
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    if isinstance(data, list):
        return [decode(v) for v in data]
    if not isinstance(data, dict) or len(data) != 1:
        raise NotData("not an encoded value")
    ((kind, content),) = data.items()
    reader = _READERS.get(kind)
    if reader is None:
        raise NotData(f"not an encoded value: {kind}")
    return reader(content)


def _name_of(value: Any) -> str:
    name = f"{value.__module__}:{value.__qualname__}"
    try:
        same = _named(name) is value
    except NotData:
        same = False
    if not same:
        raise NotData(f"{value.__qualname__} cannot be found by its name")
    return name


def _named(name: str) -> Any:
    module, _, path = name.partition(":")
    try:
        found: Any = sys.modules.get(module) or importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise NotData(f"{name} is not there: {error}") from error
    return found


def _encode_numpy(value: Any) -> Any:
    import numpy

    if not isinstance(value, numpy.ndarray | numpy.generic) or value.dtype.hasobject:
        raise NotData(f"a {type(value).__qualname__} is not data")
    raw = base64.b64encode(numpy.ascontiguousarray(value).tobytes()).decode()
    return {"array": [value.dtype.str, list(value.shape), raw, isinstance(value, numpy.generic)]}


def _array(content: Any) -> Any:
    import numpy

    dtype, shape, raw, scalar = content
    array = numpy.frombuffer(base64.b64decode(raw), numpy.dtype(dtype)).reshape(shape).copy()
    return array[()] if scalar else array


def _member(content: Any) -> Any:
    kind = _named(content[0])
    if not isinstance(kind, enum.EnumMeta):
        raise NotData(f"{content[0]} is not an enum")
    return kind[content[1]]


def _record(content: Any) -> Any:
    kind, fields = _named(content[0]), content[1]
    if not dataclasses.is_dataclass(kind) or not isinstance(kind, type):
        raise NotData(f"{content[0]} is not a dataclass")
    made = object.__new__(kind)
    for name, value in fields.items():
        object.__setattr__(made, name, decode(value))
    return made


def _row(content: Any) -> Any:
    return _named(content[0])._make(decode(v) for v in content[1])


def _pairs(content: Any) -> dict[Any, Any]:
    return {decode(k): decode(v) for k, v in content}


_SEQUENCES: tuple[type, ...] = (list, tuple, set, frozenset, collections.deque)
_BY_TEXT: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    complex: (lambda v: [repr(v.real), repr(v.imag)],
              lambda c: complex(float(c[0]), float(c[1]))),
    decimal.Decimal: (str, decimal.Decimal),
    fractions.Fraction: (str, fractions.Fraction),
    uuid.UUID: (str, uuid.UUID),
    datetime.date: (str, datetime.date.fromisoformat),
    datetime.datetime: (datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    datetime.time: (datetime.time.isoformat, datetime.time.fromisoformat),
    datetime.timedelta: (lambda v: [v.days, v.seconds, v.microseconds],
                         lambda c: datetime.timedelta(*c)),
    range: (lambda v: [v.start, v.stop, v.step], lambda c: range(*c)),
}  # fmt: skip
_READERS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "tuple": lambda c: tuple(map(decode, c)),
    "set": lambda c: set(map(decode, c)),
    "frozenset": lambda c: frozenset(map(decode, c)),
    "deque": lambda c: collections.deque(map(decode, c)),
    "dict": _pairs,
    "OrderedDict": lambda c: collections.OrderedDict(_pairs(c)),
    "bytes": base64.b64decode,
    "bytearray": lambda c: bytearray(base64.b64decode(c)),
    "Path": pathlib.Path,
    "member": _member,
    "name": _named,
    "module": importlib.import_module,
    "record": _record,
    "row": _row,
    "array": _array,
    **{kind.__name__: reader for kind, (_, reader) in _BY_TEXT.items()},
}
