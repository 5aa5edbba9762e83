"""Inputs on which the original and a candidate are compared; made in the sandbox, always the same.

Sources: doctests and examples, values for each annotation (boundaries first), for parameters
without one values that their default, name and use suggest, and literals found in either text.
The original itself is asked which of them it has an answer for, and mixtures are made of those.
"""

from __future__ import annotations

import ast
import copy
import inspect
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .harvest import harvest
from .values import Values, fresh

MOST_INPUTS = 220
MOST_SCOUTED = 120
_MIXTURES = 40

Row = dict[str, Any]


@dataclass
class Input:
    """One call: fresh arguments each time `make` is called.

    Attributes:
        make: Returns (args, kwargs), built anew.
        origin: Where it came from: "example", "doctest", "annotation", "literal", "mixture",
            "defaults", "violation".
        valid: Whether the arguments fit the annotations.
    """

    make: Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]
    origin: str
    valid: bool = True


def build_inputs(
    function: Callable[..., Any],
    hints: Mapping[str, Any],
    job: Mapping[str, Any],
    namespace: dict[str, Any],
    scout: Callable[[list[Input]], list[bool]],
) -> list[Input]:
    """Return the inputs for one function.

    Args:
        function: The original.
        hints: Its resolved annotations.
        job: The trial's job: texts, doctests, examples, kind of method.
        namespace: The user's module, for doctests and classes.
        scout: Tells for each of some inputs whether the original returns a value.
    """
    from ..sandbox.codec import decode

    given = [(tuple(decode(a)), decode(k)) for a, k in job["examples"]]
    found = [_fixed(call, "example") for call in given]
    found += [
        _fixed(call, "doctest") for call in doctest_calls(job["doctests"], job["name"], namespace)
    ]
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        return found
    values = Values(hints, harvest([job["function_text"], job["code"]]), namespace)
    receivers: list[Callable[[], Any]] = []
    if job["method"] in ("instance", "class") and parameters:
        receivers = _receivers(values, function, job["method"], namespace)
        parameters = parameters[1:]
        if not receivers:
            return found
    calls = _Calls(parameters, values, receivers)
    return (found + calls.inputs(scout))[:MOST_INPUTS]


def _fixed(call: tuple[tuple[Any, ...], dict[str, Any]], origin: str) -> Input:
    return Input(lambda: (copy.deepcopy(call[0]), copy.deepcopy(call[1])), origin)


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
            if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                try:
                    args = tuple(_evaluate(a, scope) for a in node.args)
                    kwargs = {k.arg: _evaluate(k.value, scope) for k in node.keywords if k.arg}
                except Exception:  # noqa: BLE001 - the example's own expressions
                    continue
                calls.append((args, kwargs))
        if all(isinstance(n, (ast.Assign, ast.Import, ast.ImportFrom)) for n in tree.body):
            try:
                exec(compile(tree, "<doctest>", "exec"), scope)
            except Exception:  # noqa: BLE001 - the example's own statement
                continue
    return calls


def _evaluate(node: ast.expr, scope: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<doctest>", "eval"), scope)


def _receivers(
    values: Values, function: Callable[..., Any], method: str, namespace: dict[str, Any]
) -> list[Callable[[], Any]]:
    """Return makers of the object that a method is called on."""
    found: Any = namespace
    for part in function.__qualname__.split(".")[:-1]:
        found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
    if not isinstance(found, type):
        return []
    kind = found
    if method == "class":
        return [lambda: kind]
    makers: list[Callable[[], Any]] = []
    for index in range(12):
        try:
            values.instance(kind, index)
        except Exception:  # noqa: BLE001 - the user's __init__ refuses these arguments
            continue
        makers.append(lambda index=index: values.instance(kind, index))  # type: ignore[misc]
    return makers[:6]


class _Calls:
    """Combines the values of all parameters to calls."""

    def __init__(
        self,
        parameters: list[inspect.Parameter],
        values: Values,
        receivers: list[Callable[[], Any]],
    ) -> None:
        many = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        self.plain = [p for p in parameters if p.kind not in many]
        self.rest = next((p for p in parameters if p.kind is many[0]), None)
        self.more = next((p for p in parameters if p.kind is many[1]), None)
        self.values = values
        self.receivers = receivers
        self.pools = {p.name: values.pool(p) for p in self.plain}
        self.shuffler = random.Random(20_240_315)

    def inputs(self, scout: Callable[[list[Input]], list[bool]]) -> list[Input]:
        """Return the inputs, likely ones first."""
        tried = list(self.scouted())
        answers = scout([self.input(row, "annotation", True, i) for i, row in enumerate(tried)])
        good = [(i, row) for i, (row, ok) in enumerate(zip(tried, answers, strict=False)) if ok]
        bases = [row for _, row in good[:3]] or tried[:1]
        # A value of a parameter has proved itself when the original answered a call with it.
        proved = {
            p.name: [row[p.name] for _, row in good if p.name in row] or self.pools[p.name]
            for p in self.plain
        }
        found = [self.input(row, "annotation", True, i) for i, row in good[:60]]
        base = bases[0]
        required = [p for p in self.plain if p.default is p.empty]
        if len(required) < len(self.plain):
            found += [self.input({p.name: row[p.name] for p in required}, "defaults", True, i)
                      for i, row in enumerate(bases)]  # fmt: skip
        groups = [
            self.literals(bases),
            self.variations(bases),
            self.mixtures(proved),
        ]
        # Interleaved, so that each kind is represented however many there are.
        while groups:
            for group in list(groups):
                one = next(group, None)
                if one is None:
                    groups.remove(group)
                else:
                    found.append(one)
        # Refusals come last: a call that is refused leaves no trace that later calls could show.
        wrong = list(self.violations(base))
        return [*found[: MOST_INPUTS - len(wrong)], *wrong]

    def scouted(self) -> Iterator[Row]:
        """Rows to find out with what the original can do."""
        if not self.plain:
            yield {}
            if self.receivers or self.rest or self.more:
                yield from ({} for _ in range(8))
            return
        longest = max(len(pool) for pool in self.pools.values())
        base = {name: pool[0] for name, pool in self.pools.items()}
        rows = [base]
        rows += [{**base, p.name: v} for p in self.plain for v in self.pools[p.name][1:14]]
        rows += [{n: pool[i % len(pool)] for n, pool in self.pools.items()}
                 for i in range(1, min(longest, 40))]  # fmt: skip
        rows += [{n: self.shuffler.choice(pool) for n, pool in self.pools.items()}
                 for _ in range(_MIXTURES * (len(self.plain) > 1))]  # fmt: skip
        yield from rows[:MOST_SCOUTED]

    def variations(self, bases: list[Row]) -> Iterator[Input]:
        for index, base in enumerate(bases):
            for p in self.plain:
                for value in self.pools[p.name][: 60 if index == 0 else 12]:
                    yield self.input({**base, p.name: value}, "annotation", True, index)

    def literals(self, bases: list[Row]) -> Iterator[Input]:
        fitting = [
            (p, v) for v in self.values.seen.literals for p in self.plain if self.values.fits(p, v)
        ]
        for base in bases[:2]:
            for p, value in fitting[:100]:
                yield self.input({**base, p.name: value}, "literal", True, 0)

    def violations(self, base: Row) -> Iterator[Input]:
        for p in self.plain:
            for wrong in self.values.violations(p):
                yield self.input({**base, p.name: wrong}, "violation", False, 0)

    def mixtures(self, proved: dict[str, list[Any]]) -> Iterator[Input]:
        if len(self.plain) > 1 or len(self.receivers) > 1 or self.rest or self.more:
            for index in range(_MIXTURES):
                row = {n: self.shuffler.choice(pool) for n, pool in proved.items()}
                yield self.input(row, "mixture", True, index)

    def input(self, row: Row, origin: str, valid: bool, index: int) -> Input:
        """Return the call with these arguments; every third has more of them, where it can."""
        valid = valid and all(
            p.name not in row or self.values.fits(p, row[p.name])
            for p in self.plain
            if p.name in self.values.unknown
        )
        receiver = self.receivers[index % len(self.receivers)] if self.receivers else None

        def make() -> tuple[tuple[Any, ...], dict[str, Any]]:
            args: list[Any] = [receiver()] if receiver else []
            kwargs: dict[str, Any] = {}
            positional = True
            for p in self.plain:
                if p.name not in row:
                    positional = False
                    continue
                value = fresh(row[p.name])
                if p.kind is p.KEYWORD_ONLY or not positional:
                    kwargs[p.name] = value
                else:
                    args.append(value)
            if self.rest is not None and positional and index % 4:
                args += [fresh(v) for v in self.values.pool(self.rest)[: index % 4]]
            if self.more is not None and index % 2:
                pool = self.values.pool(self.more)
                kwargs |= {f"extra_{i}": fresh(v) for i, v in enumerate(pool[: index % 3])}
            return tuple(args), kwargs

        return Input(make, origin, valid)
