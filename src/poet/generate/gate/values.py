"""Make values for type hints, and likely ones for parameters without a hint; always the same."""

from __future__ import annotations

import collections.abc
import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import inspect
import io
import itertools
import logging
import pathlib
import random
import re
import sqlite3
import types
import typing
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...runtime.checks import problem_with
from .harvest import Harvest

INTEGERS = [1, 0, -1, 2, 3, 7, 10, 42, 100, 255, 1000, -5, 2**31, 10**12]
FLOATS = [1.5, 0.0, 1.0, -1.0, 0.5, 3.14159, 100.0, 2, 1e-9, 1e9, -2.5, 0.1, -0.0, float("inf"),
          float("nan")]  # fmt: skip
TEXTS = ["hello world", "", "a", "Alice", "  padded  ", "UPPER lower", "2024-03-15", "42", "3.5",
         "user@example.com", "a,b,c", "line one\nline two", "été ☃ ß", "x" * 300,
         "https://example.com/a?b=c", "true", '{"a": 1}', "-1", "USD", "a-b_c", "1 2 3", "a=1;b=2",
         "Hello, world! Yes, you.", " a = 1 ; b = 2 ", "<p>Hi &amp; bye</p>", "\t", "aab", "1:30:05", "12.5%", "+49 30 1234567"]  # fmt: skip
_MOST = 60


class Fresh:
    """Stands for a value that each call must have for itself, such as an iterator."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def fresh(value: Any) -> Any:
    """Return a copy of a value for one call."""
    return value.make() if isinstance(value, Fresh) else copy.deepcopy(value)


class Values:
    """Makes values for the parameters of one function.

    Args:
        hints: The function's resolved annotations.
        seen: What its text shows.
        namespace: The user's module, for classes that are named only.
    """

    def __init__(self, hints: Mapping[str, Any], seen: Harvest, namespace: dict[str, Any]) -> None:
        self.hints = hints
        self.seen = seen
        self.namespace = namespace
        self.depth = 0
        self.framed = any("DataFrame" in str(h) for h in hints.values())
        self.unknown: set[str] = set()  # parameters whose annotation no values could be made for

    # -- one parameter ----------------------------------------------------------------------

    def pool(self, p: inspect.Parameter) -> list[Any]:
        """Return values that fit what is known of a parameter, ordinary ones first."""
        if self.known(p):
            values = [*self.named(p.name, self.hints[p.name]), *self.values(self.hints[p.name])]
            special = [v for v in self.special(p.name) if self.fits(p, v)]
            values = [*values[:8], *special[:30], *values[8:]]
            if p.default is not p.empty:
                values = [*values[:1], p.default, *values[1:]]
            if values:
                return _distinct(values)[:_MOST]
            self.unknown.add(p.name)
        return _distinct(self.guessed(p))[: _MOST + 20] or [None]

    def known(self, p: inspect.Parameter) -> bool:
        """Whether the annotation says anything."""
        return p.name in self.hints and self.hints[p.name] not in (Any, object)

    def fits(self, p: inspect.Parameter, value: Any) -> bool:
        """Whether a value fits a parameter's annotation; without one everything does."""
        if not self.known(p):
            return True
        return not isinstance(value, Fresh) and problem_with(value, self.hints[p.name]) is None

    def special(self, name: str) -> list[Any]:
        """Return what the texts compare a name with, and lists beyond the sizes that they name."""
        return [*self.seen.compared.get(name, [])[:12], *self.long_texts()]

    def long_texts(self) -> list[str]:
        """Return texts around and beyond the sizes that the texts name."""
        made: list[str] = []
        for n in self.seen.sizes:
            made += ["x" * n, "x" * (n + 1), "x" * (n - 1)]
            made += [" ".join(["abcdefg"[:k]] * (n // k + 2)) for k in (1, 2, 3, 4, 6)]
        return made[:30]

    def named(self, name: str, hint: Any) -> list[Any]:
        """Return values that the name of a text or path parameter suggests."""
        found = [v for key, values in _BY_NAME.items() if key in name.lower() for v in values]
        if hint is str and self.framed:
            found += self.columns()
        return [v for v in found if problem_with(v, hint) is None][:6]

    def violations(self, p: inspect.Parameter) -> list[Any]:
        """Return a few values that contradict the annotation."""
        if not self.known(p):
            return []
        wrong: list[Any] = [None, "not it", 3, 2.5, [object], {"?": "?"}, b"raw"]
        return [w for w in wrong if problem_with(w, self.hints[p.name]) is not None][:4]

    # -- without a hint ---------------------------------------------------------------------

    def guessed(self, p: inspect.Parameter) -> list[Any]:
        """Return values for a parameter without annotation, likely ones first."""
        name, seen = p.name, self.seen
        used = seen.attributes.get(name, set())
        found: list[Any] = []
        if p.default is not p.empty and p.default is not None:
            found += [p.default, *self.values(type(p.default))[:10]]
        found += [v for v in seen.compared.get(name, []) if v is not None][:12]
        likely: list[Any] = []
        keys = seen.keys.get(name, [])
        items = [k for target in seen.keys.get(f"{name}[]", []) for k in seen.keys.get(target, [])]
        if items:
            rows = self.records(items)
            likely += [rows[:3], rows[:1], [], rows[:2] * 2, *([row] for row in rows[1:20])]
        if keys:
            likely += self.records(keys)
        likely += [v for key, values in _BY_NAME.items() if key in name.lower() for v in values]
        if used & _TEXT_METHODS:
            likely += [*TEXTS, *self.long_texts()]
        if used & {"items", "keys", "values", "get", "update", "setdefault"}:
            likely += [{"a": 1, "b": 2}, {}, {"name": "Ann", "value": 3.5}, {"x": [1, 2]}]
        if used & {"append", "sort", "extend", "pop", "insert", "index", "count", "reverse"}:
            likely += _LISTS
        if used & {"strftime", "isoformat", "year", "weekday", "month", "day", "timestamp"}:
            likely += self.values(datetime.datetime) + self.values(datetime.date)
        if used & {"mean", "shape", "reshape", "astype", "std", "flatten", "T", "dtype"}:
            likely += self.arrays()
        if used & {"columns", "groupby", "iloc", "loc", "dropna", "assign", "merge", "fillna"}:
            likely += self.frames(None)
        if name in seen.called:
            likely += [abs, str, len, _identity, _double]
        if name in seen.numeric:
            likely += [*INTEGERS[:9], *FLOATS[:7]]
        if name in seen.iterated or name in seen.indexed:
            likely += [*_LISTS, *TEXTS[:4], {"a": 1, "b": 2}, [("a", 1), ("b", 2)], (1, 2, 3),
                       [[1, 2], [3, 4]], [(1, 2), (3, 4)], {1, 2}]  # fmt: skip
        if used - _TEXT_METHODS - _COMMON or used == {"get"}:
            likely.insert(
                0 if used - {"get"} else len(likely) // 2,
                StandIn({k: _GUESSES.get(k, 3.5) for k in seen.all_keys}),
            )
        if name in seen.awaited:
            likely = [Fresh(lambda: _awaited_items([1, 2, 3])), Fresh(lambda: _awaited_items([])),
                      Fresh(lambda: _awaited_items(["a", "b"])), *likely]  # fmt: skip
        rest: list[Any] = [2, 0, 2.5, "hello", -3, [1, 2, 3], {"a": 1, "b": 2}, None, "", True, 10,
                           "42", [], (1, 2), ["b", "a"], "2024-03-15", [2.0, 4.5, 6.0],
                           [{"id": 1, "name": "x", "value": 2.0}], {"id": 1, "name": "x"},
                           [("a", 1)], b"raw", {"a": {"b": 1}}]  # fmt: skip
        return [*found, *likely[:60], *rest[: 12 if likely else 22], *seen.literals[:25]]

    def records(self, keys: list[str]) -> list[Any]:
        """Return dicts with the keys that are read."""
        keys = list(dict.fromkeys(keys))
        # Numbers differ from key to key, so that reading the wrong one shows.
        full = {
            k: self.inner(k, _GUESSES.get(k, _GUESSES.get(k.split("_")[-1], 3 + i)))
            for i, k in enumerate(keys)
        }
        made: list[Any] = [full, dict.fromkeys(keys, 2.5), dict.fromkeys(keys, "text"),
                           dict.fromkeys(keys, 0)]  # fmt: skip
        for key in keys:
            made += [{**full, key: v} for v in self.seen.compared.get(key, [])[:6]]
        made += [{k: v for k, v in full.items() if k != one} for one in keys[:4]]
        return [*made, {k: [1, 2] for k in keys}, {}]

    def inner(self, key: str, guess: Any) -> Any:
        """Return the value of a key: a record or records, where the text reads keys of it."""
        self.depth += 1
        try:
            if self.depth > 3:
                return guess
            items = [
                k for name in self.seen.items_of.get(key, []) for k in self.seen.keys.get(name, [])
            ]
            if items:
                return self.records(items)[:2]
            parts = [k for name in [key, *self.seen.parts_of.get(key, [])]
                     for k in self.seen.keys.get(name, [])]  # fmt: skip
            return self.records(parts)[0] if parts else guess
        finally:
            self.depth -= 1

    # -- hints ------------------------------------------------------------------------------

    def values(self, hint: Any) -> list[Any]:
        """Return values for a type hint, ordinary ones first."""
        self.depth += 1
        try:
            return self._values(hint) if self.depth < 6 else []
        finally:
            self.depth -= 1

    def _values(self, hint: Any) -> list[Any]:
        simple = _SIMPLE.get(hint) if isinstance(hint, collections.abc.Hashable) else None
        if simple is not None:
            return list(simple)
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if hint is Any or isinstance(hint, str) or hint is object:
            return [1, "a", None, [1], {"a": 1}, 2.5]
        if origin is typing.Annotated or origin in (typing.Required, typing.NotRequired):
            return self.values(arguments[0])
        if origin in (typing.Union, types.UnionType):
            if any("_SupportsArray" in str(a) for a in arguments):  # numpy.typing.ArrayLike
                return [[1.0, 2.0, 3.0], *self.arrays(), [[1, 2], [3, 4]], 2.5, [3, 4, 5]]
            pools = [self.values(a) for a in arguments]
            return [v for row in itertools.zip_longest(*pools, fillvalue=_NOTHING) for v in row
                    if v is not _NOTHING]  # fmt: skip
        if origin is typing.Literal:
            return list(arguments)
        if isinstance(hint, typing.NewType):
            return self.values(hint.__supertype__)
        if isinstance(hint, typing.TypeVar):
            return self.values(hint.__bound__ or (hint.__constraints__ or (int,))[0])
        if typing.is_typeddict(hint):
            return self.typed_dicts(hint)
        if hasattr(hint, "__value__"):  # a `type X = …` alias
            return self.values(hint.__value__)
        if origin is not None:
            return self.generic(origin, arguments)
        if getattr(hint, "_is_protocol", False):
            return self.protocol(hint)
        return self.classes(hint)

    def typed_dicts(self, hint: Any) -> list[Any]:
        fields = typing.get_type_hints(hint)
        pools = {n: [*self._compared(n, h), *self.values(h)] or [None] for n, h in fields.items()}
        rows = [{n: pool[i % len(pool)] for n, pool in pools.items()} for i in range(8)]
        return [*rows, {n: pool[0] for n, pool in pools.items() if n in hint.__required_keys__}]

    def _compared(self, name: str, hint: Any) -> list[Any]:
        """Return what the texts compare this key or attribute with, as far as it fits."""
        found = self.seen.compared.get(name, [])
        return [v for v in found if problem_with(v, hint) is None][:6]

    def generic(self, origin: Any, arguments: tuple[Any, ...]) -> list[Any]:
        if origin is collections.abc.Callable:
            return self.callables(arguments)
        if origin is type:
            kinds = [a for a in arguments if isinstance(a, type)]
            return kinds or [int, str]
        if not isinstance(origin, type):
            return []
        if origin is tuple:
            if len(arguments) == 2 and arguments[1] is Ellipsis:
                return [tuple(v) for v in self.lists(arguments[0])]
            pools = [self.values(a) or [None] for a in arguments]
            made = [tuple(pool[(i * (j + 1)) % len(pool)] for j, pool in enumerate(pools))
                    for i in range(8)]  # fmt: skip
            return made if pools else [()]
        if origin in (collections.abc.AsyncIterator, collections.abc.AsyncIterable,
                      collections.abc.AsyncGenerator):  # fmt: skip
            lists = self.lists(arguments[0])[:6]
            return [Fresh(lambda v=v: _awaited_items(v)) for v in lists]  # type: ignore[misc]
        if issubclass(origin, collections.abc.Mapping):
            return self.mappings(origin, arguments)
        if issubclass(origin, collections.abc.Iterable) and origin.__module__ in (
            "builtins", "collections", "collections.abc", "typing",
        ):  # fmt: skip
            return self.iterables(origin, arguments)
        return self.classes(origin)

    def mappings(self, origin: Any, arguments: tuple[Any, ...]) -> list[Any]:
        key, value = arguments if len(arguments) == 2 else (str, int)
        keys, values = self.values(key) or ["a"], self.values(value) or [1]
        hashable = [k for k in keys if isinstance(k, collections.abc.Hashable) and k == k]  # noqa: PLR0124 - NaN
        made = [
            dict(zip(hashable[:n], itertools.cycle(values), strict=False)) for n in (3, 0, 1, 6)
        ]
        spelled = self.seen.all_keys[:12] if key is str else []
        if spelled:
            guessed = {
                k: self.inner(k, _GUESSES.get(k, _GUESSES.get(k.split("_")[-1]))) for k in spelled
            }
            fitting = {k: v for k, v in guessed.items() if problem_with(v, value) is None}
            mixed = {**dict.fromkeys(spelled, values[0]), **fitting}
            made.insert(0, mixed)
            made += [dict.fromkeys(spelled, v) for v in values[:5]]
            made += [{**mixed, k: v} for k in spelled for v in self._compared(k, value)][:16]
            made += [{k: v for k, v in mixed.items() if k != one} for one in spelled[:5]]
        return [m if origin in _PLAIN_MAPS else _as(origin, m) for m in made]

    def iterables(self, origin: Any, arguments: tuple[Any, ...]) -> list[Any]:
        lists = self.lists(arguments[0] if arguments else int)
        if issubclass(origin, collections.abc.Set):
            kind = frozenset if origin is frozenset else set
            hashable = collections.abc.Hashable
            return [kind(v) for v in lists if all(isinstance(x, hashable) for x in v)]
        if issubclass(origin, collections.abc.Iterator):
            return [Fresh(lambda v=v: iter(list(v))) for v in lists]  # type: ignore[misc]
        if origin in _PLAIN_LISTS:
            return lists
        return [_as(origin, v) for v in lists]

    def lists(self, item: Any) -> list[list[Any]]:
        pool = [v for v in self.values(item) if not isinstance(v, Fresh)] or [None]
        extra = [v for v in self.seen.literals if problem_with(v, item) is None]
        shuffler = random.Random(7)
        mixed = [shuffler.choice(pool) for _ in range(12)]
        made = [pool[:3], [], pool[:1], pool, mixed, list(reversed(pool[:5])), [pool[0]] * 4]
        made += [[pool[0], v, pool[-1]] for v in extra[:12]] + ([extra] if extra else [])
        made += [[v] for v in pool[1:26]]
        made += [[pool[i % len(pool)] for i in range(n + 1)] for n in self.seen.sizes]
        return made

    def callables(self, arguments: tuple[Any, ...]) -> list[Any]:
        returns = arguments[-1] if arguments else Any
        takes = arguments[0] if len(arguments) == 2 and isinstance(arguments[0], list) else None
        made: list[Any] = []
        if takes and len(takes) >= 1 and (takes[0] == returns or returns is Any):
            made.append(_identity)
        if returns is bool:
            made.append(bool if takes and len(takes) == 1 else _always)
        if returns is str and takes and len(takes) == 1:
            made.append(str)
        for value in self.values(returns)[:2]:
            made.append(_Constant(value))
        return made or [_identity]

    def protocol(self, hint: Any) -> list[Any]:
        """Return an object with a protocol's methods; each answers with a value of its return type."""
        if getattr(hint, "__module__", "") == "typing":
            known: dict[str, list[Any]] = {"SupportsInt": [3, 2.5], "SupportsFloat": [2.5, 3], "SupportsAbs": [-3, 2.5],
                     "SupportsRound": [2.567], "SupportsIndex": [2], "SupportsBytes": [b"a"]}  # fmt: skip
            return known.get(hint.__name__, [])
        own = _own(hint)
        if own and all(n in ("__iter__", "__len__", "__getitem__", "__contains__") for n in own):
            return list(_LISTS)
        methods: dict[str, Any] = {}
        for name in _own(hint):
            member = inspect.getattr_static(hint, name, None)
            if not callable(member):
                continue
            try:
                returns = typing.get_type_hints(member).get("return", Any)
            except Exception:  # noqa: BLE001 - annotations are the user's expressions
                returns = Any
            answers = self.values(returns) or [None]
            methods[name] = _Constant(answers[0])
        for name, kind in getattr(hint, "__annotations__", {}).items():
            answers = self.values(kind) if not isinstance(kind, str) else ["text"]
            methods[name] = (answers or [None])[0]
        return [type("Double", (), {**methods, "__eq__": _same_kind, "__hash__": None})()]

    # -- classes ----------------------------------------------------------------------------

    def classes(self, hint: Any) -> list[Any]:
        if not isinstance(hint, type):
            return []
        name = f"{hint.__module__}.{hint.__qualname__}"
        if name.startswith("numpy."):
            return self.arrays() if name.endswith("ndarray") else self.scalars(hint)
        if name.startswith("pandas."):
            return self.frames(hint)
        if issubclass(hint, enum.Enum):
            members: list[Any] = [*hint.__members__.values()]
            return members
        if issubclass(hint, BaseException):
            return [hint("failed")] if hint.__init__ in _PLAIN_ERRORS else []
        made = []
        for index, changes in [*((i, {}) for i in range(8)), *self.changes(hint)]:
            try:
                made.append(self.instance(hint, index, changes))
            except Exception:  # noqa: BLE001 - the user's __init__ refuses these arguments
                continue
        return made

    def changes(self, kind: type) -> list[tuple[int, dict[str, Any]]]:
        """Return single fields of a class set to what the texts name."""
        if self.depth > 3:
            return []
        hints, numbers = _class_hints(kind), self.seen.literals[:10]
        return [
            (0, {name: value})
            for name, hint in hints.items()
            for value in [*self.seen.compared.get(name, [])[:6], *numbers]
            if name != "return" and problem_with(value, hint) is None
        ][:20]

    def instance(self, kind: type, index: int, changes: Mapping[str, Any] | None = None) -> Any:
        """Make an object by its own __init__; each index other arguments.

        Raises:
            Exception: What the class itself raises.
        """
        self.depth += 1
        try:
            if self.depth > 4 or inspect.isabstract(kind):
                raise TypeError(f"{kind} cannot be made here")
            args, kwargs = [], {}
            inner = Values(_class_hints(kind), self.seen, self.namespace)
            inner.depth = self.depth
            for position, p in enumerate(inspect.signature(kind).parameters.values()):
                if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                    continue
                if p.default is not p.empty and index % 2:
                    continue
                pool = inner.pool(p)
                value = fresh(pool[(index + position * (index // 3)) % len(pool)])
                value = (changes or {}).get(p.name, value)
                if p.kind is p.POSITIONAL_ONLY:
                    args.append(value)
                else:
                    kwargs[p.name] = value
            return kind(*args, **kwargs)
        finally:
            self.depth -= 1

    def arrays(self) -> list[Any]:
        try:
            import numpy as np
        except ImportError:
            return []
        wave = np.sin(np.arange(40.0))
        made = [wave, np.array([1.0, 2.0, 3.0]), np.arange(12).reshape(3, 4), np.array([]),
                np.array([1.0, np.nan, 3.0]), np.zeros(5), np.array([3, 1, 2]), np.ones((2, 2)),
                np.array([-1.5, 2.5, 1e9])]  # fmt: skip
        numbers = [v for v in self.seen.literals if isinstance(v, (int, float))][:20]
        made += [np.array([1.0, *numbers])] if numbers else []
        return made + [np.arange(float(n + 1)) for n in self.seen.sizes]

    def scalars(self, hint: type) -> list[Any]:
        try:
            return [hint(v) for v in (1, 0, 3)]
        except Exception:  # noqa: BLE001 - an abstract kind of number
            return [1.5, 0.0]

    def columns(self) -> list[str]:
        """Return names for the columns of a table: keys and words that the texts know."""
        words = [v for v in self.seen.literals if isinstance(v, str) and v.isidentifier()]
        return list(dict.fromkeys([*self.seen.all_keys, *words[:6], "a", "b"]))

    def frames(self, hint: Any) -> list[Any]:
        try:
            import pandas as pd
        except ImportError:
            return []
        if hint is pd.Series:
            return [pd.Series([1.0, 2.0, 3.0]), pd.Series([], dtype=float),
                    pd.Series([1.0, None, 3.0]), pd.Series(["a", "b", "a"]),
                    pd.Series([3, 1, 2], name="n")]  # fmt: skip
        if hint is not None and hint is not pd.DataFrame:
            return [pd.Timestamp("2024-03-15 09:30")] if hint is pd.Timestamp else []
        columns = self.columns()
        guessed = {n: _GUESSES.get(n, _GUESSES.get(n.split("_")[-1])) for n in columns}
        numbers = {n: [float(i + j) for i in range(5)] for j, n in enumerate(columns)}
        words = {n: ["x", "y", "x", "z", "y"] for n in columns}
        likely = {n: words[n] if isinstance(guessed[n], str) else numbers[n] for n in columns}
        gaps: dict[str, list[Any]] = {n: [1.0, None, 3.0, None, 5.0] for n in columns}
        empty: dict[str, list[float]] = {n: [] for n in columns}
        mixed = {n: (numbers if j % 2 else words)[n] for j, n in enumerate(columns)}
        flipped = {n: (words if j % 2 else numbers)[n] for j, n in enumerate(columns)}
        return [pd.DataFrame(d) for d in (likely, numbers, mixed, flipped, words, gaps, empty)]


class _Constant:
    """A function that always answers the same."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return copy.deepcopy(self.value)


_NOTHING = object()
_PLAIN_ERRORS = (Exception.__init__, ValueError.__init__, OSError.__init__)
_PLAIN_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_PLAIN_LISTS = (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection,
                collections.abc.MutableSequence, collections.abc.Reversible)  # fmt: skip
_TEXT_METHODS = frozenset(
    "lower upper strip split startswith replace encode endswith title join splitlines isdigit "
    "casefold lstrip rstrip partition rpartition format find isalpha isalnum capitalize zfill".split()
)
_COMMON = frozenset(
    "items keys values get update setdefault append sort extend pop insert index count reverse "
    "copy add year month day mean shape astype columns".split()
)
_LISTS: list[Any] = [[1, 2, 3], [3, 1, 2, 2], [], [1.5, -2.0, 4.0], ["b", "a", "b"], [0], [5] * 4]
_GUESSES: dict[str, Any] = {
    "name": "Ann", "email": "ann@example.com", "id": 7, "date": "2024-03-15", "status": "active",
    "items": [{"price": 2.5, "quantity": 2, "name": "pen"}], "price": 9.995, "amount": 120.0,
    "quantity": 3, "currency": "USD", "country": "DE", "tags": ["a", "b"], "type": "a",
    "lines": [{"price": 2.345, "quantity": 3}], "text": "some words", "message": "hello", "title":
    "A title", "user": {"name": "Ann", "id": 7}, "address": {"city": "Bonn", "zip": "53111"},
    "city": "Bonn", "active": True, "url": "https://example.com/a", "category": "x", "region": "n",
    "timestamp": 1_710_495_000, "created": "2024-03-15T09:30:00", "role": "admin", "level": "info",
}  # fmt: skip
_BY_NAME: dict[str, list[Any]] = {
    "url": ["https://api.example.com/v1", "http://localhost:8000"],
    "path": ["data.txt", "data.json", "missing.txt", "inbox", "out/new.txt", "data.csv"],
    "file": ["data.txt", "data.json", "data.csv", "missing.txt"],
    "folder": ["inbox", "missing"],
    "directory": ["inbox", "missing"],
    "date": ["2024-03-15", "2024-02-29", "not a date"],
    "email": ["ann@example.com", "no-at-sign", "A.B+c@Example.ORG"],
    "json": ['{"a": 1}', "[1, 2]", "{"],
    "csv": ["name,value\nAnn,1\n", "a,b,c"],
    "html": ["<p>Hi <b>you</b></p>", "plain"],
    "phone": ["+49 30 1234567", "555-1234"],
    "ip": ["192.168.0.1", "::1"],
    "pattern": [r"\w+", "a.b"],
    "percent": [12.5, 0, 100],
    "probab": [0.5, 0.0, 1.0],
}


def _class_hints(kind: type) -> dict[str, Any]:
    hints: dict[str, Any] = {}
    for holder in (kind, inspect.getattr_static(kind, "__init__")):
        try:
            hints |= typing.get_type_hints(holder)
        except Exception:  # noqa: BLE001 - annotations are the user's expressions
            continue
    if dataclasses.is_dataclass(kind):
        hints = {k: h for k, h in hints.items() if k != "return"}
    return hints


def _same_kind(self: Any, other: Any) -> bool:
    return type(self).__name__ == type(other).__name__


class StandIn:
    """An object with any method: notes how it is used, and answers with itself or with data.

    Stands for sessions, clients and connections that a function is given.
    """

    def __init__(self, body: Any) -> None:
        self.used: list[Any] = []
        self._body = body

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def method(*args: Any, **kwargs: Any) -> Any:
            self.used.append([name, args, kwargs])
            return copy.deepcopy(self._body) if name in ("json", "fetchall", "items") else self

        return method

    def __getitem__(self, key: Any) -> Any:
        return self._body.get(key, "text") if isinstance(self._body, dict) else "text"

    def __await__(self) -> Any:
        return self
        yield

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        self.used.append("left")

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.used.append("left")


async def _awaited_items(items: list[Any]) -> Any:
    for item in items:
        yield item


def _own(hint: Any) -> list[str]:
    names = getattr(hint, "__protocol_attrs__", None) or [
        *getattr(hint, "__annotations__", {}),
        *(n for n in vars(hint) if not n.startswith("_") or n in
          ("__iter__", "__len__", "__call__", "__getitem__", "__contains__")),
    ]  # fmt: skip
    return sorted(names)


def _identity(*args: Any, **kwargs: Any) -> Any:
    return args[0] if args else None


def _double(value: Any) -> Any:
    return value * 2


def _always(*args: Any, **kwargs: Any) -> bool:
    return True


def _as(kind: Any, content: Any) -> Any:
    if kind is collections.defaultdict:
        return collections.defaultdict(int, content)
    try:
        return kind(content)
    except Exception:  # noqa: BLE001 - an unusual container; the plain one has to do
        return content


def _distinct(values: Iterable[Any]) -> list[Any]:
    """Drop repetitions; by text, because equality is what the values' own classes say it is."""
    found: list[Any] = []
    seen: set[str] = set()
    for value in values:
        try:
            name = f"{type(value)} {value!r}"
        except Exception:  # noqa: BLE001 - a user's __repr__ may do anything
            name = str(id(value))
        if name not in seen:
            seen.add(name)
            found.append(value)
    return found


_SIMPLE: dict[Any, list[Any]] = {
    int: INTEGERS,
    float: FLOATS,
    complex: [1 + 2j, 0j, 3.0],
    bool: [True, False],
    str: TEXTS,
    bytes: [b"hello world", b"", b"abc", b"\x00\xff"],
    bytearray: [bytearray(b"abc")],
    type(None): [None],
    None: [None],
    list: [[1, 2, 3], [], ["a", "b"], [{"a": 1}], [3.5, 1.5]],
    dict: [{"a": 1}, {}, {"name": "Ann", "value": 3}, {"x": [1, 2]}],
    set: [{1, 2}, set()],
    frozenset: [frozenset({1})],
    tuple: [(1, 2), (), ("a",)],
    range: [range(3), range(0)],
    datetime.datetime: [datetime.datetime(2024, 3, 15, 9, 30), datetime.datetime(2024, 2, 29),
                        datetime.datetime(1999, 12, 31, 23, 59, 59),
                        datetime.datetime(2024, 3, 16, tzinfo=datetime.UTC)],
    datetime.date: [datetime.date(2024, 3, 15), datetime.date(2024, 2, 29), datetime.date(1970, 1, 1),
                    *(datetime.date(2024, 12, day) for day in range(25, 32)), datetime.date(2024, 3, 31)],
    datetime.time: [datetime.time(9, 30), datetime.time(0, 0)],
    datetime.timedelta: [datetime.timedelta(hours=1), datetime.timedelta(0), datetime.timedelta(days=-3)],
    datetime.tzinfo: [datetime.UTC],
    decimal.Decimal: [decimal.Decimal("1.10"), decimal.Decimal(0), decimal.Decimal("-3.333"),
                      decimal.Decimal("2.675"), decimal.Decimal(100)],
    fractions.Fraction: [fractions.Fraction(1, 3), fractions.Fraction(0)],
    pathlib.Path: [pathlib.Path("data.txt"), pathlib.Path("data.json"), pathlib.Path("missing.json"),
                   pathlib.Path("inbox"), pathlib.Path("out/new.txt"), pathlib.Path("data.csv")],
    pathlib.PurePath: [pathlib.PurePath("a/b.txt"), pathlib.PurePath()],
    uuid.UUID: [uuid.UUID(int=0), uuid.UUID(int=2**100)],
    re.Pattern: [re.compile(r"\w+"), re.compile("a")],
    logging.Logger: [Fresh(lambda: logging.getLogger("app"))],
    io.StringIO: [Fresh(lambda: io.StringIO("one\ntwo\n"))],
    io.BytesIO: [Fresh(lambda: io.BytesIO(b"one\ntwo\n"))],
    typing.TextIO: [Fresh(lambda: io.StringIO("one\ntwo\n"))],
    typing.BinaryIO: [Fresh(lambda: io.BytesIO(b"one\ntwo\n"))],
    typing.IO: [Fresh(lambda: io.StringIO("one\ntwo\n"))],
    collections.abc.Callable: [_identity],
    type: [int],
    collections.abc.AsyncIterator: [Fresh(lambda: _awaited_items([1, 2, 3]))],
    sqlite3.Connection: [Fresh(lambda: sqlite3.connect(":memory:"))],
}  # fmt: skip
