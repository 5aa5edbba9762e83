"""Read from the texts of two functions what special values they know: literals, keys, uses of names.

A candidate that behaves differently for one special value has to name that value somewhere.
"""

from __future__ import annotations

import ast
import itertools
import random
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_LITERALS = 60
_SHORT = 60


@dataclass
class Harvest:
    """What the texts show.

    Attributes:
        literals: Constants and their neighbours; those of the later texts first.
        sizes: Whole numbers that could be limits of a length.
        keys: For each variable the text keys that are read from it.
        all_keys: All text keys, of whatever variable.
        attributes: For each variable the attributes that are used.
        compared: For each last name (variable, key or attribute) what it is compared with.
        numeric: Variables that are used as numbers.
        iterated: Variables that are looped over or measured with `len`.
        indexed: Variables that are indexed with a number or a slice.
        called: Variables that are called.
        awaited: Variables that `async for` goes over.
        items_of: For each key the variables that stand for an item of its value.
        parts_of: For each key the variables that its value is given to.
    """

    literals: list[Any] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=dict)
    all_keys: list[str] = field(default_factory=list)
    attributes: dict[str, set[str]] = field(default_factory=dict)
    compared: dict[str, list[Any]] = field(default_factory=dict)
    numeric: set[str] = field(default_factory=set)
    iterated: set[str] = field(default_factory=set)
    indexed: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)
    items_of: dict[str, list[str]] = field(default_factory=dict)
    parts_of: dict[str, list[str]] = field(default_factory=dict)


def harvest(texts: Iterable[str]) -> Harvest:
    """Return what the texts show; the last one is the candidate's."""
    found = Harvest()
    literals: list[Any] = []
    for text in texts:
        tree = ast.parse(text)
        docs = _docstrings(tree)
        own: list[Any] = []
        for node in ast.walk(tree):
            _look(node, found)
            if isinstance(node, ast.Constant) and id(node) not in docs:
                own += _near(node.value)
            elif (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
                  and isinstance(node.operand, ast.Constant)
                  and type(node.operand.value) in (int, float)):  # fmt: skip
                own += _near(-node.operand.value)  # type: ignore[operator]
            elif isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
                own += _displayed(node)
        literals = [*own, *literals]
    # New literals are the interesting ones: what only one text knows comes first.
    names = [repr(v) for v in literals]
    literals.sort(key=lambda v: names.count(repr(v)) > 1)
    seen: set[str] = set()
    for value in literals:
        if repr(value) not in seen and len(found.literals) < MOST_LITERALS:
            seen.add(repr(value))
            found.literals.append(value)
    found.sizes = sorted({v for v in literals if type(v) is int and 1 < v <= 3000})[-6:]
    found.all_keys = list(dict.fromkeys(k for ks in found.keys.values() for k in ks))
    return found


def _docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _near(value: Any) -> Iterator[Any]:
    if value is None or value is Ellipsis or isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        if abs(value) < 1e15:
            yield from (value, value + 1, value - 1, -value, value * 2 + 1)
            if isinstance(value, int):
                yield from (float(value), value + 0.5)
    elif isinstance(value, str):
        if 0 < len(value) <= _SHORT:
            yield from (value, f"x {value} y", value * 2)
            yield from _matching(value)
            if value.upper() != value:
                yield value.upper()
    elif isinstance(value, bytes):
        yield value


def _matching(pattern: str) -> Iterator[str]:
    """Yield texts that a regular expression matches, where a literal looks like one."""
    if not set(pattern) & set("\\[(^$+*") or len(pattern) < 3:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]
    except (re.error, OverflowError, RecursionError):
        return
    for seed in range(4):
        text = _sample(parsed, random.Random(seed), most=seed)
        if len(text) <= _SHORT:
            yield text


def _sample(parsed: Any, chance: random.Random, most: int) -> str:
    """Return one text that a parsed pattern matches; what cannot be sampled is left out."""
    made = ""
    for op, value in parsed:
        name = str(op)
        if name == "LITERAL":
            made += chr(value)
        elif name == "ANY":
            made += chance.choice("ab1")
        elif name in ("IN", "NOT_LITERAL"):
            made += _one_of(value if name == "IN" else [], chance)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, high, inner = value
            for _ in range(min(max(low, chance.randint(0, max(most, 1))), int(high))):
                made += _sample(inner, chance, most)
        elif name == "SUBPATTERN":
            made += _sample(value[-1], chance, most)
        elif name == "ATOMIC_GROUP":
            made += _sample(value, chance, most)
        elif name == "BRANCH":
            made += _sample(chance.choice(value[1]), chance, most)
    return made


def _one_of(items: Any, chance: random.Random) -> str:
    if not items or str(items[0][0]) == "NEGATE":
        return "~"
    name, value = chance.choice(items)
    if str(name) == "RANGE":
        return chr(chance.randint(*value))
    if str(name) == "CATEGORY":
        return {"CATEGORY_DIGIT": chance.choice("1234567890"), "CATEGORY_SPACE": " ",
                "CATEGORY_WORD": chance.choice("aZ_9")}.get(str(value), "~")  # fmt: skip
    return chr(value) if isinstance(value, int) else "~"


def _displayed(node: ast.expr) -> list[Any]:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return []
    return [value] if value and len(repr(value)) < 300 else []


def _look(node: ast.AST, found: Harvest) -> None:
    if isinstance(node, ast.Subscript):
        _subscript(node, found)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found.attributes.setdefault(node.value.id, set()).add(node.attr)
    elif isinstance(node, ast.Call):
        _call(node, found)
    elif isinstance(node, ast.Compare):
        _compare(node, found)
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        if isinstance(node.iter, ast.Name):
            found.iterated.add(node.iter.id)
            if isinstance(node, ast.AsyncFor) or getattr(node, "is_async", False):
                found.awaited.add(node.iter.id)
            if isinstance(node.target, ast.Name):
                # The keys read from an item tell what the items look like.
                found.keys.setdefault(f"{node.iter.id}[]", []).append(node.target.id)
        elif isinstance(node.target, ast.Name) and (key := last_name(node.iter)):
            found.items_of.setdefault(key, []).append(node.target.id)
    elif (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
          and isinstance(node.value, (ast.Subscript, ast.Call))):  # fmt: skip
        if key := last_name(node.value):
            found.parts_of.setdefault(key, []).append(node.targets[0].id)
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            if isinstance(side, ast.Name) and not isinstance(node.op, (ast.Mod, ast.Add)):
                found.numeric.add(side.id)
    elif isinstance(node, ast.AugAssign) and isinstance(node.value, ast.Name):
        found.numeric.add(node.value.id)


def _subscript(node: ast.Subscript, found: Harvest) -> None:
    name = node.value.id if isinstance(node.value, ast.Name) else None
    if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        found.keys.setdefault(name or last_name(node.value) or "", []).append(node.slice.value)
    elif name and isinstance(node.slice, (ast.Constant, ast.Slice, ast.UnaryOp)):
        found.indexed.add(name)


def _call(node: ast.Call, found: Harvest) -> None:
    function = node.func
    if isinstance(function, ast.Name):
        if function.id in ("len", "sum", "sorted", "list", "set", "tuple", "max", "min", "enumerate",
                           "any", "all", "reversed", "zip", "map"):  # fmt: skip
            found.iterated |= {a.id for a in node.args if isinstance(a, ast.Name)}
        elif function.id in ("abs", "round", "range", "divmod", "pow"):
            found.numeric |= {a.id for a in node.args if isinstance(a, ast.Name)}
        else:
            found.called.add(function.id)
    elif (isinstance(function, ast.Attribute) and function.attr in ("get", "pop", "setdefault")
          and isinstance(function.value, ast.Name) and node.args
          and isinstance(node.args[0], ast.Constant)
          and isinstance(node.args[0].value, str)):  # fmt: skip
        found.keys.setdefault(function.value.id, []).append(node.args[0].value)
        found.attributes.setdefault(function.value.id, set()).add("get")


def _compare(node: ast.Compare, found: Harvest) -> None:
    sides = [node.left, *node.comparators]
    for left, right in itertools.pairwise(sides):
        for name_side, value_side in ((left, right), (right, left)):
            name = last_name(name_side)
            if name is None:
                continue
            try:
                value = ast.literal_eval(value_side)
            except (ValueError, TypeError, SyntaxError):
                continue
            many = list(value) if isinstance(value, (tuple, list, set)) else [value]
            known = found.compared.setdefault(name, [])
            for one in many:
                known += [one, *(_near(one) if isinstance(one, (int, float)) else ())]
            if isinstance(name_side, ast.Name) and type(value) in (int, float):
                found.numeric.add(name)
    if any(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops):
        for side in node.comparators:
            if isinstance(side, ast.Name):
                found.iterated.add(side.id)


def last_name(node: ast.expr) -> str | None:
    """Return the variable, key or attribute that an expression ends in."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "get" and node.args and isinstance(node.args[0], ast.Constant):
            return str(node.args[0].value)
        return last_name(node.func.value)
    return None
