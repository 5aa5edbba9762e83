"""Inputs on which the original and a candidate are compared; made inside the sandbox, always the same.

Sources: doctests and examples, values for each annotation (boundaries first), for parameters
without one values suggested by its default, its name and its use, and literals found in either
text, so that a candidate that behaves differently for one special value is found out.
"""

from __future__ import annotations

import ast
import collections.abc
import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import inspect
import itertools
import pathlib
import random
import types
import typing
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ...runtime.checks import problem_with

MOST_INPUTS = 220
REPEATS = 12


@dataclass
class Input:
    """One call: fresh arguments each time `make` is called.

    Attributes:
        make: Returns (args, kwargs), built anew.
        origin: Where it came from: "example", "doctest", "annotation", "literal", "violation", …
        valid: Whether the arguments fit the annotations.
    """

    make: Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]
    origin: str
    valid: bool = True


INTEGERS = [0, 1, -1, 2, 3, 7, 10, 42, 100, 255, 1000, -5, 2**31, 10**12]
FLOATS = [0.0, 1.0, -1.0, 0.5, 3.14159, 100.0, 1e-9, 1e9, -2.5, 0.1, float("inf"), float("nan")]
TEXTS = ["", "a", "hello world", "Alice", "  padded  ", "UPPER lower", "2024-03-15", "42", "3.5",
         "user@example.com", "a,b,c", "line one\nline two", "été ☃", "x" * 300, "https://example.com/a?b=c",
         "true", "{\"a\": 1}", "-1", "USD", "a-b_c"]  # fmt: skip


def build_inputs(
    function: Callable[..., Any],
    hints: typing.Mapping[str, Any],
    texts: Iterable[str],
    examples: Iterable[tuple[tuple[Any, ...], dict[str, Any]]],
    namespace: dict[str, Any],
    method: str | None,
) -> list[Input]:
    """Return the inputs for one function.

    Args:
        function: The original.
        hints: Its resolved annotations.
        texts: Texts to harvest literals from: the original's and the candidate's.
        examples: Calls that the user gave.
        namespace: The user's module, for doctests and classes.
        method: None, "instance", "class" or "static".
    """
    found: list[Input] = [
        Input(lambda a=a, k=k: (copy.deepcopy(a), copy.deepcopy(k)), "example") for a, k in examples
    ]
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return found
    maker = _Maker(hints, texts, namespace)
    found += maker.inputs(signature, method, function)
    return found[:MOST_INPUTS]


def doctest_calls(
    doctests: Iterable[str], name: str, namespace: dict[str, Any]
) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Return the arguments of the function's calls in its doctests, evaluated in its module."""
    calls = []
    scope = dict(namespace)
    for text in doctests:
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name:
                try:
                    args = tuple(_evaluate(a, scope) for a in node.args)
                    kwargs = {k.arg: _evaluate(k.value, scope) for k in node.keywords if k.arg}
                except Exception:  # noqa: BLE001 - the example's own expressions
                    continue
                calls.append((args, kwargs))
        if len(tree.body) == 1 and isinstance(tree.body[0], ast.Assign):
            try:
                exec(compile(tree, "<doctest>", "exec"), scope)
            except Exception:  # noqa: BLE001 - the example's own statement
                continue
    return calls


def _evaluate(node: ast.expr, scope: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<doctest>", "eval"), scope)


class _Maker:
    def __init__(
        self, hints: typing.Mapping[str, Any], texts: Iterable[str], namespace: dict[str, Any]
    ) -> None:
        self.hints = hints
        self.namespace = namespace
        self.literals = list(_literals(texts))
        self.keys, self.attributes, self.compared = _uses(texts)
        self.depth = 0

    def inputs(
        self, signature: inspect.Signature, method: str | None, function: Callable[..., Any]
    ) -> list[Input]:
        parameters = list(signature.parameters.values())
        first: list[Any] = []
        if method in ("instance", "class") and parameters:
            first = self.receivers(function, method)
            parameters = parameters[1:]
            if not first:
                return []
        plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        pools = {p.name: self.pool(p) for p in plain}
        violations = {p.name: self.violations(p) for p in plain}
        rest = next((p for p in parameters if p.kind is p.VAR_POSITIONAL), None)
        more = next((p for p in parameters if p.kind is p.VAR_KEYWORD), None)
        rows = list(_rows(plain, pools))
        calls: list[tuple[dict[str, Any], str, bool]] = [(row, "annotation", True) for row in rows]
        for p in plain:
            for literal in self.literals[:40]:
                if self.fits(p, literal):
                    calls.append(({**rows[0], p.name: literal}, "literal", True))
        for p in plain:
            for wrong in violations[p.name]:
                calls.append(({**rows[0], p.name: wrong}, "violation", False))
        required = [p for p in plain if p.default is p.empty]
        if len(required) < len(plain) and rows:
            for row in rows[:4]:
                calls.insert(1, ({p.name: row[p.name] for p in required}, "defaults", True))
        if rows:
            calls += [(rows[0], "repeat", True)] * REPEATS
        made = []
        for index, (row, origin, valid) in enumerate(calls):
            receiver = first[index % len(first)] if first else None
            made.append(
                Input(_caller(plain, row, receiver, rest, more, self, index), origin, valid)
            )
        return made

    def receivers(self, function: Callable[..., Any], method: str) -> list[Callable[[], Any]]:
        """Return makers of the object that a method is called on."""
        found: Any = self.namespace
        for part in function.__qualname__.split(".")[:-1]:
            found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
        if not isinstance(found, type):
            return []
        if method == "class":
            return [lambda: found]
        kind = found
        makers = []
        for index in range(4):
            try:
                self.instance(kind, index)
            except Exception:  # noqa: BLE001 - the user's __init__ refuses these arguments
                continue
            makers.append(lambda index=index: self.instance(kind, index))
        return makers

    def instance(self, kind: type, index: int) -> Any:
        """Make an object by its own __init__."""
        self.depth += 1
        try:
            if self.depth > 3 or inspect.isabstract(kind):
                raise TypeError(kind)
            hints = {}
            try:
                hints = typing.get_type_hints(kind.__init__)
                hints |= typing.get_type_hints(kind) if dataclasses.is_dataclass(kind) else {}
            except Exception:  # noqa: BLE001 - annotations are the user's expressions
                hints = {}
            args, kwargs = [], {}
            for p in inspect.signature(kind).parameters.values():
                if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                    continue
                if p.default is not p.empty and index % 2:
                    continue
                inner = _Maker(hints, (), self.namespace)
                inner.depth = self.depth
                inner.literals, inner.keys, inner.compared = [], self.keys, self.compared
                pool = inner.pool(p)
                value = copy.deepcopy(pool[index % len(pool)])
                if p.kind is p.POSITIONAL_ONLY:
                    args.append(value)
                else:
                    kwargs[p.name] = value
            return kind(*args, **kwargs)
        finally:
            self.depth -= 1

    def fits(self, p: inspect.Parameter, value: Any) -> bool:
        hint = self.hints.get(p.name, inspect.Parameter.empty)
        if hint is inspect.Parameter.empty:
            return True
        return problem_with(value, hint) is None

    def pool(self, p: inspect.Parameter) -> list[Any]:
        """Return values for one parameter that fit what is known of it."""
        if p.name in self.hints and self.hints[p.name] is not Any:
            values = self.values(self.hints[p.name])
            if p.default is not p.empty:
                values = [*values[:3], p.default, *values[3:]]
            if values:
                return values
        return self.guessed(p) or [None]

    def guessed(self, p: inspect.Parameter) -> list[Any]:
        """Return values for a parameter without annotation, likely ones first."""
        found: list[Any] = []
        default = p.default
        if default is not p.empty and default is not None:
            found.append(default)
            found += self.values(type(default))[:8]
        found += self.compared.get(p.name, [])
        used = self.attributes.get(p.name, set())
        keys = self.keys.get(p.name, [])
        if keys:
            found += self.records(keys)
        if used & {
            "lower",
            "upper",
            "strip",
            "split",
            "startswith",
            "replace",
            "encode",
            "endswith",
        }:
            found += TEXTS
        if used & {"items", "keys", "values", "get"} or "dict" in p.name:
            found += [{}, {"a": 1, "b": 2}, {"name": "Ann", "value": 3.5}]
        if used & {"append", "sort", "extend", "pop"} or p.name.endswith("s"):
            found += [[], [1, 2, 3], [3, 1, 2, 2], [1.5, -2.0], ["a", "b", "a"], [0]]
        if used & {"strftime", "isoformat", "date", "year", "weekday"} or "date" in p.name:
            found += self.values(datetime.datetime)
        if used & {"mean", "shape", "reshape", "astype"}:
            found += self.arrays()
        if not used and not keys:
            found += [
                1,
                0,
                2.5,
                "hello",
                -3,
                [1, 2, 3],
                {"a": 1},
                None,
                "",
                True,
                10,
                "42",
                [],
                (1, 2),
            ]
        found += [None, 5, "text", [2, 4, 6], {"id": 1, "name": "x", "value": 2.0}]
        return found

    def records(self, keys: list[str]) -> list[Any]:
        """Return dicts with the keys that the body reads."""
        guess = {
            "name": "Ann", "email": "ann@example.com", "id": 7, "date": "2024-03-15", "status": "active",
            "items": [{"price": 2.5, "quantity": 2, "name": "pen"}], "price": 9.5, "amount": 120.0,
            "quantity": 3, "currency": "USD", "country": "DE", "tags": ["a", "b"], "type": "a",
        }  # fmt: skip
        full = {k: guess.get(k.split("_")[-1], 3) for k in keys}
        made: list[Any] = [full, dict.fromkeys(keys, 2.5), dict.fromkeys(keys, "text"),
                           dict.fromkeys(keys, 0), {k: [1, 2] for k in keys}]  # fmt: skip
        made += [{k: v for k, v in full.items() if k != one} for one in keys[:3]]
        return [*made, {}, [full, full], []]

    def arrays(self) -> list[Any]:
        try:
            import numpy as np
        except ImportError:
            return []
        wave = np.sin(np.arange(40.0))
        return [wave, np.array([1.0, 2.0, 3.0]), np.arange(12).reshape(3, 4), np.array([]),
                np.array([1.0, np.nan, 3.0]), np.zeros(5)]  # fmt: skip

    def violations(self, p: inspect.Parameter) -> list[Any]:
        """Return a few values that contradict the annotation."""
        hint = self.hints.get(p.name)
        if hint is None and p.name not in self.hints:
            return []
        wrong = [None, "not it", 3, 2.5, [object], {"?": "?"}, b"raw"]
        return [w for w in wrong if problem_with(w, hint) is not None][:3]

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
        if origin is typing.Annotated:
            return self.values(arguments[0])
        if origin in (typing.Union, types.UnionType):
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
        if origin is not None:
            return self.generic(origin, arguments)
        return self.classes(hint)

    def typed_dicts(self, hint: Any) -> list[Any]:
        fields = typing.get_type_hints(hint)
        pools = {n: self.values(h) or [None] for n, h in fields.items()}
        rows = [{n: pool[i % len(pool)] for n, pool in pools.items()} for i in range(5)]
        return [*rows, {n: pool[0] for n, pool in pools.items() if n in hint.__required_keys__}]

    def generic(self, origin: Any, arguments: tuple[Any, ...]) -> list[Any]:
        if origin in (collections.abc.Callable, type) or not isinstance(origin, type):
            return [int, str] if origin is type else [_identity]
        if origin is tuple:
            if len(arguments) == 2 and arguments[1] is Ellipsis:
                return [tuple(v) for v in self.lists(arguments[0])]
            pools = [self.values(a) or [None] for a in arguments]
            return (
                [tuple(pool[i % len(pool)] for pool in pools) for i in range(4)] if pools else [()]
            )
        if issubclass(origin, collections.abc.Mapping):
            key, value = arguments if len(arguments) == 2 else (str, int)
            keys, values = self.values(key) or ["a"], self.values(value) or [1]
            hashable = [k for k in keys if isinstance(k, collections.abc.Hashable)]
            spelled = [k for ks in self.keys.values() for k in ks] if key is str else []
            made = [dict(zip(hashable[:n], itertools.cycle(values))) for n in (3, 0, 1, 6)]
            if spelled:
                made.insert(0, dict(zip(spelled, itertools.cycle(values))))
                made += [dict.fromkeys(spelled, v) for v in values[:4]]
            return [m if origin in _PLAIN_MAPS else _as(origin, m) for m in made]
        if issubclass(origin, collections.abc.Iterable):
            lists = self.lists(arguments[0] if arguments else int)
            if issubclass(origin, (set, frozenset, collections.abc.Set)):
                kind = frozenset if origin is frozenset else set
                return [
                    kind(v)
                    for v in lists
                    if all(isinstance(x, collections.abc.Hashable) for x in v)
                ]
            if issubclass(origin, collections.abc.Iterator):
                return [_Fresh(v) for v in lists]
            if origin in (list, collections.abc.Sequence, collections.abc.Iterable,
                          collections.abc.Collection, collections.abc.MutableSequence):  # fmt: skip
                return lists
            return [_as(origin, v) for v in lists]
        return self.classes(origin)

    def lists(self, item: Any) -> list[list[Any]]:
        pool = self.values(item) or [None]
        pool = [v for v in pool if not isinstance(v, _Fresh)] or [None]
        shuffler = random.Random(7)
        mixed = [shuffler.choice(pool) for _ in range(12)]
        return [
            pool[:3],
            [],
            pool[:1],
            pool,
            mixed,
            list(reversed(pool[:5])),
            [pool[0]] * 4,
            pool * 3,
        ]

    def classes(self, hint: Any) -> list[Any]:
        name = f"{getattr(hint, '__module__', '')}.{getattr(hint, '__qualname__', '')}"
        if name.startswith("numpy.") and name.endswith("ndarray"):
            return self.arrays()
        if name.startswith("pandas."):
            return self.frames(hint)
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return list(hint)
        if isinstance(hint, type):
            made = []
            for index in range(4):
                try:
                    made.append(self.instance(hint, index))
                except Exception:  # noqa: BLE001 - the user's __init__ refuses these arguments
                    continue
            return made
        return []

    def frames(self, hint: Any) -> list[Any]:
        import pandas as pd

        if hint is pd.Series:
            return [pd.Series([1.0, 2.0, 3.0]), pd.Series([], dtype=float),
                    pd.Series([1.0, None, 3.0]), pd.Series(["a", "b", "a"])]  # fmt: skip
        names = [k for ks in self.keys.values() for k in ks] or ["a", "b"]
        numbers = {n: [float(i + j) for i in range(5)] for j, n in enumerate(names)}
        words = {n: ["x", "y", "x", "z", "y"] for n in names}
        mixed = {n: (numbers if j % 2 else words)[n] for j, n in enumerate(names)}
        empty: dict[str, list[float]] = {n: [] for n in names}
        return [pd.DataFrame(d) for d in (numbers, mixed, words, empty)]


class _Fresh:
    """Stands for an iterator, which each call must have for itself."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items


_NOTHING = object()
_PLAIN_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def _identity(*args: Any, **kwargs: Any) -> Any:
    return args[0] if args else None


def _as(kind: Any, content: Any) -> Any:
    try:
        return kind(content)
    except Exception:  # noqa: BLE001 - an unusual container; the plain one has to do
        return content


_SIMPLE: dict[Any, list[Any]] = {
    int: INTEGERS,
    float: [*FLOATS[:4], 2, *FLOATS[4:]],
    complex: [0j, 1 + 2j, 3.0],
    bool: [True, False],
    str: TEXTS,
    bytes: [b"", b"abc", b"\x00\xff", b"hello world"],
    bytearray: [bytearray(b"abc")],
    type(None): [None],
    None: [None],
    list: [[1, 2, 3], [], ["a", "b"], [{"a": 1}], [3.5, 1.5]],
    dict: [{"a": 1}, {}, {"name": "Ann", "value": 3}, {"x": [1, 2]}],
    set: [{1, 2}, set()],
    frozenset: [frozenset({1})],
    tuple: [(1, 2), (), ("a",)],
    datetime.datetime: [datetime.datetime(2024, 3, 15, 9, 30), datetime.datetime(2024, 2, 29),
                        datetime.datetime(1999, 12, 31, 23, 59, 59),
                        datetime.datetime(2024, 3, 16, tzinfo=datetime.UTC)],
    datetime.date: [datetime.date(2024, 3, 15), datetime.date(2024, 2, 29), datetime.date(1970, 1, 1),
                    datetime.date(2024, 12, 29)],
    datetime.time: [datetime.time(9, 30), datetime.time(0, 0)],
    datetime.timedelta: [datetime.timedelta(hours=1), datetime.timedelta(0), datetime.timedelta(days=-3)],
    decimal.Decimal: [decimal.Decimal("1.10"), decimal.Decimal(0), decimal.Decimal("-3.333")],
    fractions.Fraction: [fractions.Fraction(1, 3), fractions.Fraction(0)],
    pathlib.Path: [pathlib.Path("a/b.txt"), pathlib.Path("missing.json"), pathlib.Path()],
    uuid.UUID: [uuid.UUID(int=0), uuid.UUID(int=2**100)],
}  # fmt: skip


def _rows(
    parameters: list[inspect.Parameter], pools: dict[str, list[Any]]
) -> Iterable[dict[str, Any]]:
    """Combine the pools: each value of each parameter once, then seeded mixtures."""
    base = {p.name: pools[p.name][0] for p in parameters}
    yield base
    for p in parameters:
        for value in pools[p.name][1:30]:
            yield {**base, p.name: value}
    shuffler = random.Random(20_240_315)
    if len(parameters) > 1:
        for _ in range(60):
            yield {p.name: shuffler.choice(pools[p.name]) for p in parameters}


def _caller(
    parameters: list[inspect.Parameter],
    row: dict[str, Any],
    receiver: Callable[[], Any] | None,
    rest: inspect.Parameter | None,
    more: inspect.Parameter | None,
    maker: _Maker,
    index: int,
) -> Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]:
    def make() -> tuple[tuple[Any, ...], dict[str, Any]]:
        args: list[Any] = [receiver()] if receiver else []
        kwargs: dict[str, Any] = {}
        positional = True
        for p in parameters:
            if p.name not in row:
                positional = False
                continue
            value = row[p.name]
            value = iter(list(value.items)) if isinstance(value, _Fresh) else copy.deepcopy(value)
            if p.kind is p.KEYWORD_ONLY or not positional:
                kwargs[p.name] = value
            else:
                args.append(value)
        if rest is not None and positional and index % 3:
            pool = maker.pool(rest)
            args += [copy.deepcopy(v) for v in pool[: index % 4]]
        if more is not None and index % 2:
            pool = maker.pool(more)
            kwargs |= {f"extra_{i}": copy.deepcopy(v) for i, v in enumerate(pool[: index % 3])}
        return tuple(args), kwargs

    return make


def _literals(texts: Iterable[str]) -> Iterable[Any]:
    seen: set[str] = set()
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            value = node.value if isinstance(node, ast.Constant) else _NOTHING
            if value is _NOTHING or value is None or value is Ellipsis or isinstance(value, bool):
                continue
            near = [value]
            if isinstance(value, (int, float)):
                near += [value + 1, value - 1, -value]
            elif isinstance(value, str):
                if len(value) > 60:
                    continue
                near += [value.upper(), f"x {value} y"]
            for one in near:
                if repr(one) not in seen:
                    seen.add(repr(one))
                    yield one


def _uses(
    texts: Iterable[str],
) -> tuple[dict[str, list[str]], dict[str, set[str]], dict[str, list[Any]]]:
    """Tell which keys, attributes and compared literals the texts use on each name."""
    keys: dict[str, list[str]] = {}
    attributes: dict[str, set[str]] = {}
    compared: dict[str, list[Any]] = {}
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                    keys.setdefault(node.value.id, []).append(node.slice.value)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                attributes.setdefault(node.value.id, set()).add(node.attr)
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "get"
                and isinstance(node.func.value, ast.Name)
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                keys.setdefault(node.func.value.id, []).append(node.args[0].value)
            elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Name):
                for other in node.comparators:
                    try:
                        value = ast.literal_eval(other)
                    except (ValueError, TypeError, SyntaxError):
                        continue
                    many = value if isinstance(value, (tuple, list, set)) else [value]
                    compared.setdefault(node.left.id, []).extend(many)
    return {k: list(dict.fromkeys(v)) for k, v in keys.items()}, attributes, compared
