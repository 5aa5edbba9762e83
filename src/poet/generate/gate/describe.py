"""Turn any Python value into a tree of plain data, so that two of them can be compared elsewhere.

The tree keeps exact types: `1`, `1.0` and `True` differ, as do `0.0` and `-0.0`; NaN equals NaN.
Two values are taken for equal if and only if their trees are equal. Objects without a value of
their own are described by class and attributes, or marked opaque.
"""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import dataclasses
import datetime
import decimal
import enum
import fractions
import hashlib
import json
import math
import pathlib
import re
import sys
import types
import uuid
from collections.abc import Callable
from typing import Any

MOST_DEPTH = 30
MOST_NODES = 4_000
MOST_TEXT = 2_000
_LARGE = 1_500
_PLACE = re.compile(r" at 0x[0-9a-fA-F]{6,}>")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
_VERSION_MODULE = re.compile(r"^poet_version_\w+$")

Tree = Any  # None, bool, int, str, or a list of trees: what JSON has without loss


def describe(value: Any) -> Tree:
    """Return the tree of a value, or of a very large one its name. Iterators are not drained."""
    describer = _Describer()
    tree = describer.tree(value, 0)
    if describer.nodes > _LARGE:
        return ["large", digest(tree), brief(tree, 300)]
    return tree


def digest(tree: Tree) -> str:
    """Return a short name of a tree; equal trees have equal names."""
    text = json.dumps(tree, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def brief(tree: Tree, most: int = 120) -> str:
    """Return a tree as a person would write the value, cut at `most` characters."""
    text = _text(tree)
    return text if len(text) <= most else text[: most - 1] + "…"


def type_name(kind: type) -> str:
    """Return the full name of a class; the modules of versions all count as one."""
    module = getattr(kind, "__module__", "?")
    if _VERSION_MODULE.match(str(module)):
        module = "<version>"
    name = getattr(kind, "__qualname__", str(kind))
    return name if module == "builtins" else f"{module}.{name}"


def public_message(error: BaseException) -> str:
    """Return an exception's text without addresses in it."""
    return _short(_safe_text(str, error))


def _safe_text(make: Callable[[Any], str], value: Any) -> str:
    try:
        return _ADDRESS.sub("0x…", make(value))
    except Exception as error:  # noqa: BLE001 - a user's __repr__ may do anything
        return f"<its text raises {type(error).__name__}>"


def _short(text: str) -> str:
    if len(text) <= MOST_TEXT:
        return text
    return text[:200] + f"…[{len(text)} characters, " + digest(text) + "]"


class _Describer:
    """Walks one value; knows what it has met on the way down, and how much it has written."""

    def __init__(self) -> None:
        self.on_path: dict[int, int] = {}
        self.nodes = 0

    def tree(self, value: Any, depth: int) -> Tree:
        self.nodes += 1
        simple = self._simple(value)
        if simple is not None:
            return simple
        if id(value) in self.on_path:
            return ["cycle", depth - self.on_path[id(value)]]
        if depth > MOST_DEPTH or self.nodes > MOST_NODES:
            return ["more", type_name(type(value)), _short(_safe_text(repr, value))]
        self.on_path[id(value)] = depth
        try:
            return self._compound(value, depth + 1)
        finally:
            del self.on_path[id(value)]

    def _simple(self, value: Any) -> Tree:
        kind = type(value)
        if value is None or value is Ellipsis or value is NotImplemented:
            return ["constant", repr(value)]
        if kind is bool:
            return ["bool", value]
        if kind is int:
            # Very large numbers: hexadecimal has no limit on the number of digits.
            return ["int", _short(hex(value)) if value.bit_length() > 1000 else str(value)]
        if kind is float:
            return ["float", "nan" if math.isnan(value) else repr(value)]
        if kind is str:
            return ["str", _short(_surrogates(value))]
        return None

    def _compound(self, value: Any, depth: int) -> Tree:
        for kinds, method in _BY_TYPE:
            if isinstance(value, kinds):
                return method(self, value, depth)
        module = type(value).__module__.partition(".")[0]
        method_of = _BY_LIBRARY.get(module)
        if method_of is not None:
            found = method_of(self, value, depth)
            if found is not None:
                return found
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
            return ["object", type_name(type(value)), self._mapping(fields, depth)]
        if isinstance(value, (collections.abc.Iterator, collections.abc.AsyncIterator)):
            return ["iterator", type_name(type(value))]
        if isinstance(value, collections.abc.Mapping):
            # Somebody else's mapping may refuse to be read; then it is an object like others.
            with contextlib.suppress(Exception):
                return ["mapping", type_name(type(value)), self._mapping(value, depth)]
        return self._object(value, depth)

    # -- built-in kinds ---------------------------------------------------------------------

    def _text(self, value: str, depth: int) -> Tree:
        return ["text", type_name(type(value)), _short(_surrogates(str.__str__(value)))]

    def _bytes(self, value: Any, depth: int) -> Tree:
        return ["bytes", type_name(type(value)), _short(bytes(value).hex())]

    def _number(self, value: Any, depth: int) -> Tree:
        return ["number", type_name(type(value)), _safe_text(repr, value)]

    def _enum(self, value: enum.Enum, depth: int) -> Tree:
        return ["enum", type_name(type(value)), value.name or str(value.value)]

    def _sequence(self, value: Any, depth: int) -> Tree:
        return [
            "sequence",
            type_name(type(value)),
            *(self.tree(v, depth) for v in self._some(value)),
        ]

    def _some(self, value: Any) -> list[Any]:
        items = list(value)
        if len(items) <= MOST_NODES:
            return items
        # Too long to write out: its ends, its length and a name for all of it.
        named = digest([_Describer().tree(v, MOST_DEPTH - 2) for v in items])
        return [*items[:50], f"…[{len(items)} items, {named}]", *items[-50:]]

    def _set(self, value: Any, depth: int) -> Tree:
        items = sorted((self.tree(v, depth) for v in self._some(value)), key=repr)
        return ["set", type_name(type(value)), *items]

    def _dict(self, value: Any, depth: int) -> Tree:
        extra = []
        if isinstance(value, collections.defaultdict):
            extra = [self.tree(value.default_factory, depth)]
        return ["mapping", type_name(type(value)), self._mapping(value, depth), *extra]

    def _mapping(self, value: Any, depth: int) -> Tree:
        pairs = [[self.tree(k, depth), self.tree(value[k], depth)] for k in self._some(value)
                 if k in value]  # fmt: skip
        rest = [] if len(value) <= MOST_NODES else [["more", str(len(value)), ""]]
        # The order of a dict is no part of its equality.
        return [*sorted(pairs, key=repr), *rest]

    def _function(self, value: Any, depth: int) -> Tree:
        name = getattr(value, "__qualname__", None) or _safe_text(repr, value)
        return ["function", type(value).__name__, name]

    def _class(self, value: type, depth: int) -> Tree:
        return ["class", type_name(value)]

    def _module(self, value: types.ModuleType, depth: int) -> Tree:
        return ["module", value.__name__]

    def _error(self, error: BaseException, depth: int) -> Tree:
        return describe_error(error, self, depth)

    def _match(self, value: re.Match[Any], depth: int) -> Tree:
        own = [value.string, value.re.pattern, value.regs, value.groupdict()]
        return ["match", *(self.tree(v, depth) for v in own)]

    def _pattern(self, value: re.Pattern[Any], depth: int) -> Tree:
        return ["pattern", self.tree(value.pattern, depth), value.flags]

    def _deque(self, value: collections.deque[Any], depth: int) -> Tree:
        return [*self._sequence(value, depth), ["maxlen", str(value.maxlen)]]

    def _date(self, value: Any, depth: int) -> Tree:
        zone = getattr(value, "tzinfo", None)
        return ["date", type_name(type(value)), _safe_text(repr, value),
                _safe_text(str, zone)]  # fmt: skip

    def _object(self, value: Any, depth: int) -> Tree:
        """Describe an object by its attributes; by its text where it has none."""
        attributes = _attributes(value)
        kind = type_name(type(value))
        if attributes is None:
            return ["opaque", kind, _short(_safe_text(repr, value))]
        shown = {k: v for k, v in attributes.items() if not k.startswith("_")}
        if not shown or type(value).__module__.split(".")[0] not in sys.stdlib_module_names:
            # What a method changes in its object is often private. The standard library's own
            # objects keep caches and locks there, which say nothing.
            shown = attributes
        return ["object", kind, self._mapping(shown, depth)]

    # -- libraries --------------------------------------------------------------------------

    def _numpy(self, value: Any, depth: int) -> Tree:
        import numpy

        if isinstance(value, numpy.ndarray):
            if value.dtype.hasobject:
                return ["array", type_name(type(value)), str(value.dtype), list(value.shape),
                        self.tree(value.tolist(), depth)]  # fmt: skip
            plain = numpy.ascontiguousarray(value)
            if plain.dtype.kind in "fc":
                # Every NaN is the same NaN, whatever its bits.
                plain = numpy.where(
                    numpy.isnan(plain), numpy.asarray(numpy.nan, plain.dtype), plain
                )
            named = hashlib.sha256(plain.tobytes()).hexdigest()[:24]
            few = [_safe_text(repr, v) for v in value.reshape(-1)[:6].tolist()]
            return [
                "array",
                type_name(type(value)),
                str(value.dtype),
                list(value.shape),
                named,
                few,
            ]
        if isinstance(value, numpy.generic):
            item = value.item() if value.dtype.kind not in "mMVO" else None
            text = self.tree(item, depth) if item is not None else _safe_text(repr, value)
            return ["scalar", str(value.dtype), text]
        if isinstance(value, numpy.dtype):
            return ["dtype", str(value)]
        return None

    def _pandas(self, value: Any, depth: int) -> Tree:
        import pandas

        kind = type_name(type(value))
        if isinstance(value, pandas.DataFrame):
            columns = [self.tree(value.iloc[:, i], depth) for i in range(value.shape[1])]
            return ["frame", kind, self.tree(value.index, depth), self.tree(value.columns, depth),
                    columns]  # fmt: skip
        if isinstance(value, (pandas.Series, pandas.Index)):
            index = [] if isinstance(value, pandas.Index) else [self.tree(value.index, depth)]
            return ["series", kind, str(value.dtype), self.tree(value.name, depth),
                    self.tree(value.to_numpy(), depth), *index]  # fmt: skip
        if isinstance(value, (pandas.Timestamp, pandas.Timedelta, pandas.Period)):
            return ["date", kind, repr(value)]
        return None

    def _response(self, value: Any, depth: int) -> Tree:
        if not hasattr(value, "status_code") or not hasattr(value, "content"):
            return None
        body = _safe_text(lambda v: v.content.hex() if v.content else "", value)
        return ["response", type_name(type(value)), value.status_code, str(value.url), _short(body)]


def describe_error(
    error: BaseException, describer: _Describer | None = None, depth: int = 0
) -> Tree:
    """Return the tree of an exception: type, arguments and public attributes."""
    describer = describer or _Describer()
    attributes = {k: v for k, v in getattr(error, "__dict__", {}).items() if not k.startswith("_")}
    for name in ("request", "response"):  # large, and described with the requests that were sent
        attributes.pop(name, None)
    inner = [describer.tree(e, depth + 1) for e in getattr(error, "exceptions", ())]
    return [
        "error",
        type_name(type(error)),
        public_message(error),
        [describer.tree(a, depth + 1) for a in error.args],
        describer._mapping(attributes, depth + 1),
        *inner,
    ]


def _attributes(value: Any) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        own = None
    if isinstance(own, dict):
        found.update({k: v for k, v in own.items() if isinstance(k, str)})
    slots = [
        s
        for kind in type(value).__mro__
        for s in _names_of(kind.__dict__.get("__slots__", ()))
        if s not in ("__dict__", "__weakref__")
    ]
    for name in slots:
        try:
            found[name] = object.__getattribute__(value, name)
        except AttributeError:
            continue
    return None if own is None and not slots else found


def _names_of(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _surrogates(text: str) -> str:
    if " at 0x" in text:  # the text of some object; where it lies in memory is nobody's answer
        text = _PLACE.sub(" at 0x…>", text)
    return text.encode("utf-8", "backslashreplace").decode()


_BY_TYPE: tuple[tuple[Any, Callable[[Any, Any, int], Tree]], ...] = (
    (enum.Enum, _Describer._enum),
    (str, _Describer._text),
    ((bytes, bytearray, memoryview), _Describer._bytes),
    (type, _Describer._class),
    (
        (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType),
        _Describer._function,
    ),
    (types.ModuleType, _Describer._module),
    (BaseException, _Describer._error),
    (re.Match, _Describer._match),
    (re.Pattern, _Describer._pattern),
)
_BY_LIBRARY: dict[str, Callable[[Any, Any, int], Tree]] = {
    "numpy": _Describer._numpy,
    "pandas": _Describer._pandas,
    "requests": _Describer._response,
    "httpx": _Describer._response,
}
_BY_TYPE += (
    ((datetime.datetime, datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo),
     _Describer._date),
    ((int, float, complex, decimal.Decimal, fractions.Fraction, uuid.UUID, range, slice,
      pathlib.PurePath), _Describer._number),
    (collections.deque, _Describer._deque),
    ((tuple, list), _Describer._sequence),
    ((set, frozenset), _Describer._set),
    (dict, _Describer._dict),
)  # fmt: skip


def _text(tree: Tree) -> str:
    """Write a tree roughly as Python would."""
    if not isinstance(tree, list) or not tree:
        return str(tree)
    head, rest = tree[0], tree[1:]
    if head in ("constant", "bool", "int", "float"):
        return str(rest[0])
    if head == "str":
        return repr(rest[0])
    if head == "sequence":
        inner = ", ".join(_text(t) for t in rest[1:])
        shown = {"list": f"[{inner}]", "tuple": f"({inner})"}
        return shown.get(rest[0], f"{rest[0]}({inner})")
    if head == "set":
        return f"{rest[0]}({', '.join(_text(t) for t in rest[1:])})"
    if head in ("mapping", "object"):
        pairs = [p for p in rest[1] if isinstance(p, list) and len(p) == 2]
        if head == "object":
            return f"{_last(rest[0])}({', '.join(f'{_bare(k)}={_text(v)}' for k, v in pairs)})"
        inner = ", ".join(f"{_text(k)}: {_text(v)}" for k, v in pairs)
        return f"{{{inner}}}" if rest[0] == "dict" else f"{rest[0]}({{{inner}}})"
    if head == "error":
        return f"{_last(rest[0])}: {rest[1]}" if rest[1] else _last(rest[0])
    if head == "array":
        few = rest[-1] if isinstance(rest[-1], list) else []
        return f"array({', '.join(map(str, few))}… dtype={rest[1]}, shape={rest[2]})"
    if head == "scalar":
        return f"{rest[0]}({_text(rest[1])})"
    if head in ("number", "date", "opaque", "text"):
        return str(rest[1])
    if head == "bytes":
        return f"{rest[0]}(0x{rest[1]})"
    if head in ("frame", "series"):
        return f"a {_last(rest[0])}"
    return " ".join(_text(t) for t in tree)


def _bare(tree: Tree) -> str:
    return str(tree[1]) if isinstance(tree, list) and len(tree) > 1 else str(tree)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
