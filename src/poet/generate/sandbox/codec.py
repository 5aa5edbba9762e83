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
import mmap
import pathlib
import sys
import types
import uuid
from collections.abc import Callable
from typing import Any

MOST_DEPTH = 40
_LARGE = 16 * 1024  # bytes of an array, from which on it goes through shared memory


class NotData(TypeError):
    """A value that cannot be carried."""


class Arrays:
    """Large arrays go beside the JSON, through memory that both processes have mapped."""

    def __init__(self, mapping: mmap.mmap | None) -> None:
        self.mapping = mapping
        self._used = 0

    def put(self, array: Any) -> int | None:
        """Copy an array into the mapping; return where it begins, or None if it stays outside."""
        if self.mapping is None or array.nbytes < _LARGE:
            return None
        begin = (self._used + 63) & ~63
        if begin + array.nbytes > len(self.mapping):
            raise NotData(f"arrays over {len(self.mapping) >> 20} MB in one call")
        import numpy

        target = numpy.frombuffer(self.mapping, array.dtype, array.size, begin)
        numpy.copyto(target.reshape(array.shape), array)
        self._used = begin + array.nbytes
        return begin

    def get(self, begin: int, dtype: Any, shape: tuple[int, ...]) -> Any:
        """Return a copy of an array in the mapping."""
        import numpy

        size = math.prod(shape)
        if self.mapping is None or dtype.hasobject or begin < 0 or size < 0:
            raise NotData("not an array in the shared memory")
        try:
            return numpy.frombuffer(self.mapping, dtype, size, begin).reshape(shape).copy()
        except ValueError as error:
            raise NotData(f"not an array in the shared memory: {error}") from error


def encode(value: Any, depth: int = 0, arrays: Arrays | None = None) -> Any:
    """Return a value as JSON.

    Args:
        value: The value.
        depth: How deep it is already.
        arrays: Takes large arrays.

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
        items = [encode(v, depth + 1, arrays) for v in value]
        return items if kind is list else {kind.__name__: items}
    if kind in (dict, collections.OrderedDict):
        pairs = [
            [encode(k, depth + 1, arrays), encode(v, depth + 1, arrays)] for k, v in value.items()
        ]
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
        fields = {f.name: encode(getattr(value, f.name), depth + 1, arrays)
                  for f in dataclasses.fields(value)}  # fmt: skip
        return {"record": [_name_of(kind), fields]}
    if isinstance(value, tuple) and hasattr(kind, "_make"):
        return {"row": [_name_of(kind), [encode(v, depth + 1, arrays) for v in value]]}
    if kind.__module__ == "numpy":
        return _encode_numpy(value, arrays)
    raise NotData(f"a {kind.__qualname__} is not data")


def decode(data: Any, arrays: Arrays | None = None, *, trusted: bool = True) -> Any:
    """Return the value that `encode` was given.

    Args:
        data: What `encode` returned.
        arrays: Has the large arrays.
        trusted: False: names are looked up among loaded modules only, and functions, classes and
            modules are not taken at all.

    Raises:
        NotData: It is none of `encode`'s forms, or a name in it is not there.
    """
    if data is None or isinstance(data, (bool, int, float, str)):
        return data

    def inner(one: Any) -> Any:
        return decode(one, arrays, trusted=trusted)

    if isinstance(data, list):
        return [inner(v) for v in data]
    if not isinstance(data, dict) or len(data) != 1:
        raise NotData("not an encoded value")
    ((kind, content),) = data.items()
    if not trusted and kind in ("name", "module"):
        raise NotData("a function, class or module")
    try:
        if kind in _COMPOUND:
            return _COMPOUND[kind](content, inner)
        if kind == "shared":
            return _shared(content, arrays)
        return _READERS[kind](content)
    except (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError) as error:
        raise NotData(f"not an encoded value: {kind}") from error


def known_error(answer: Any) -> BaseException:
    """Return the exception that a worker tells of, where its class is loaded here; else a PoetError."""
    from ...errors import PoetError

    text = str(answer.get("text", ""))
    try:
        module, name = answer["type"]
        kind = _named(f"{module}:{name}")
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            raise NotData(f"{name} is not an exception")
        made = kind.__new__(kind)
        made.args = tuple(decode(answer["args"], trusted=False))
        vars(made).update(decode(answer["state"], trusted=False))
    except (NotData, KeyError, TypeError, ValueError) as error:
        return PoetError(f"{answer.get('type', ['', 'an exception'])[-1]}: {text} ({error})")
    return made


def _name_of(value: Any) -> str:
    name = f"{value.__module__}:{value.__qualname__}"
    try:
        same = _named(name) is value
    except NotData:
        same = False  # defined inside a function, or in a module that went away
    if not same:
        raise NotData(f"{value.__qualname__} cannot be found by its name")
    return name


def _named(name: str) -> Any:
    module, _, path = str(name).partition(":")
    try:
        found: Any = sys.modules[module]
        for part in path.split("."):
            found = getattr(found, part)
    except (KeyError, AttributeError) as error:
        raise NotData(f"{name} is not there: {error}") from error
    return found


def _imported(name: str) -> Any:
    importlib.import_module(name.partition(":")[0])
    return _named(name)


def _encode_numpy(value: Any, arrays: Arrays | None) -> Any:
    import numpy

    if not isinstance(value, numpy.ndarray | numpy.generic) or value.dtype.hasobject:
        raise NotData(f"a {type(value).__qualname__} is not data")
    begin = arrays.put(value) if arrays is not None and isinstance(value, numpy.ndarray) else None
    if begin is not None:
        return {"shared": [value.dtype.str, list(value.shape), begin]}
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


def _record(content: Any, inner: Callable[[Any], Any]) -> Any:
    kind, fields = _named(content[0]), content[1]
    if not dataclasses.is_dataclass(kind) or not isinstance(kind, type):
        raise NotData(f"{content[0]} is not a dataclass")
    made = object.__new__(kind)
    known = {f.name for f in dataclasses.fields(kind)}
    for name, value in fields.items():
        if name not in known:
            raise NotData(f"{content[0]} has no field {name}")
        object.__setattr__(made, name, inner(value))
    return made


def _row(content: Any, inner: Callable[[Any], Any]) -> Any:
    kind = _named(content[0])
    if not (isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")):
        raise NotData(f"{content[0]} is not a named tuple")
    return tuple.__new__(kind, [inner(v) for v in content[1]])


def _pairs(content: Any, inner: Callable[[Any], Any]) -> dict[Any, Any]:
    return {inner(k): inner(v) for k, v in content}


def _shared(content: Any, arrays: Arrays | None) -> Any:
    import numpy

    if arrays is None:
        raise NotData("an array in shared memory that is not there")
    dtype, shape, begin = content
    return arrays.get(begin, numpy.dtype(dtype), tuple(shape))


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
_COMPOUND: dict[str, Callable[[Any, Callable[[Any], Any]], Any]] = {
    "tuple": lambda c, inner: tuple(map(inner, c)),
    "set": lambda c, inner: set(map(inner, c)),
    "frozenset": lambda c, inner: frozenset(map(inner, c)),
    "deque": lambda c, inner: collections.deque(map(inner, c)),
    "dict": _pairs,
    "OrderedDict": lambda c, inner: collections.OrderedDict(_pairs(c, inner)),
    "record": _record,
    "row": _row,
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "bytes": base64.b64decode,
    "bytearray": lambda c: bytearray(base64.b64decode(c)),
    "Path": pathlib.Path,
    "member": _member,
    "name": _imported,
    "module": importlib.import_module,
    "array": _array,
    **{kind.__name__: reader for kind, (_, reader) in _BY_TEXT.items()},
}
