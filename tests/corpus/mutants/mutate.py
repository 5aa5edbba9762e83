"""Write a function anew as an enhanced module, and seed one fault in it at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from poet.source import FunctionSource

FUNCTIONS = Path(__file__).parent / "functions.py"

# Faults that change nothing a caller can see; each looked at by hand, with the reason.
EQUIVALENT: dict[str, str] = {
    "clean_name-4": "a name of exactly 30 characters is cut to 30 characters",
    "clean_name-7": "the same",
}


@dataclass(frozen=True)
class Mutant:
    """One fault: `name` is stable while the function's text is."""

    name: str
    what: str
    code: str


def sources() -> list[FunctionSource]:
    """Return the right implementations."""
    tree = ast.parse(FUNCTIONS.read_text())
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    return [FunctionSource.in_file(FUNCTIONS, name) for name in names]


def enhanced(source: FunctionSource, body: list[ast.stmt] | None = None) -> str:
    """Return the enhanced module in which `operate` holds the function's logic written anew."""
    plain = [p.name for p in source.parameters]
    passed = ", ".join(plain)
    given = ", ".join(p.name if p.default is None else f"{p.name}={p.default}" for p in source.parameters)
    operate = ast.parse(f"def operate({passed}):\n    pass\n").body[0]
    assert isinstance(operate, ast.FunctionDef)
    operate.body = copy.deepcopy(body or list(source.tree.body))
    for node in ast.walk(operate):
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Name("dict", ast.Load())
    ast.fix_missing_locations(operate)
    # What it takes from its module is imported by the enhanced one as well.
    imports = [line for line in source.imports if "__future__" not in line and "typing" not in line
               and "dataclasses" not in line]
    result = "(" + passed + ("," if len(plain) == 1 else "") + ")"
    star = "*" if len(plain) > 1 else ""
    return "\n".join([
        f'"""{source.name}, enhanced by POET."""', "", *imports,
        "from poet.enhanced import original", "",
        f"def perceive({passed}):", f"    return {passed if len(plain) == 1 else result}", "",
        ast.unparse(operate), "",
        "def enforce(result):", "    return result", "",
        f"def {source.name}({given}):", f"    return enforce(operate({star}perceive({passed})))", "",
    ])


def mutants(source: FunctionSource, most: int = 9) -> Iterator[Mutant]:
    """Yield modules with one fault each, spread over the whole body."""
    found = list(_faults(source))
    step = max(1, len(found) / most)
    chosen = [found[int(i * step)] for i in range(min(most, len(found)))]
    for number, what, body in chosen:
        name = f"{source.name}-{number}"
        if name not in EQUIVALENT:
            yield Mutant(name, what, enhanced(source, body))
    yield Mutant(f"{source.name}-rare", "another answer for one special value", _rare(source))


def _rare(source: FunctionSource) -> str:
    code = enhanced(source)
    first = source.parameters[0].name
    annotation = source.parameters[0].annotation or ""
    special = {"int": "4242", "float": "4242.5", "str": "'open sesame'"}.get(annotation)
    if special is None:
        return code.replace("    return result", "    return None if result == 41 or result else result")
    head = f"def operate({', '.join(p.name for p in source.parameters)}):\n"
    return code.replace(head, f"{head}    if {first} == {special}:\n        return None\n")


def _faults(source: FunctionSource) -> Iterator[tuple[int, str, list[ast.stmt]]]:
    body = list(source.tree.body)
    number = 0
    for index in range(sum(1 for s in body for _ in ast.walk(s))):
        for variant in range(3):
            changed = copy.deepcopy(body)
            node = [n for s in changed for n in ast.walk(s)][index]
            before = ast.unparse(node)
            if _mutate(node, variant):
                number += 1
                after = ast.unparse(ast.fix_missing_locations(node))
                if before != after:
                    yield number, f"line {getattr(node, 'lineno', '?')}: {before} → {after}", changed


_COMPARE = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot}
_OTHER = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt}
_BINARY = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.FloorDiv,
           ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv}


def _mutate(node: ast.AST, variant: int) -> bool:
    if isinstance(node, ast.Compare) and variant < 2:
        kind = type(node.ops[0])
        other = (_COMPARE if variant == 0 else _OTHER).get(kind)
        if other is None:
            return False
        node.ops[0] = other()
        return True
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and variant == 0:
        other = _BINARY.get(type(node.op))
        if other is None:
            return False
        node.op = other()
        return True
    if isinstance(node, ast.BoolOp) and variant == 0:
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return True
    if isinstance(node, ast.Constant):
        return _constant(node, variant)
    if isinstance(node, ast.If) and variant == 0:
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return True
    if isinstance(node, ast.Return) and node.value is not None and variant == 0:
        node.value = ast.Constant(None)
        return True
    if isinstance(node, ast.For) and variant == 0:
        node.body.append(ast.Break())
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and variant == 0:
        swap = {"lower": "upper", "strip": "lstrip", "title": "lower", "append": "remove",
                "rstrip": "lstrip", "hypot": "dist", "pstdev": "stdev", "fmean": "median"}
        if node.func.attr in swap:
            node.func.attr = swap[node.func.attr]
            return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and variant == 0:
        swap = {"min": "max", "max": "min", "sorted": "list", "any": "all", "abs": "float"}
        if node.func.id in swap:
            node.func.id = swap[node.func.id]
            return True
    return False


def _constant(node: ast.Constant, variant: int) -> bool:
    value = node.value
    if isinstance(value, bool):
        node.value = not value
        return variant == 0
    if isinstance(value, (int, float)):
        node.value = (value + 1, value - 1, value * 2 + 1)[variant]
        return True
    if isinstance(value, str) and variant == 0:
        node.value = value + "x"
        return True
    return False
