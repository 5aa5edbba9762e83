"""The parameter list of the original, as the entry and the parts of a version spell it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...source import FunctionSource
from .layout import constant
from .naming import Names

_LONGEST_DEFAULT = 60


def entry_parameters(source: FunctionSource, names: Names) -> list[str]:
    """Return the items of the entry's signature: the original's names, kinds and defaults.

    A default that is no constant is written `...`: the loader binds the original's own objects.
    """
    items: list[str] = []
    kinds = [p.kind for p in source.parameters]
    for index, (parameter, name) in enumerate(
        zip(source.parameters, names.parameters, strict=True)
    ):
        kind = parameter.kind
        if kind == "KEYWORD_ONLY" and "VAR_POSITIONAL" not in kinds and "*" not in items:
            items.append("*")
        stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(kind, "")
        default = "" if parameter.default is None else f"={default_text(parameter.default)}"
        items.append(f"{stars}{name}{default}")
        last_positional_only = kind == "POSITIONAL_ONLY" and (
            index + 1 == len(kinds) or kinds[index + 1] != "POSITIONAL_ONLY"
        )
        if last_positional_only:
            items.append("/")
    return items


def original_arguments(source: FunctionSource, names: Names) -> list[str]:
    """Return the items with which `operate` calls the original."""
    spelled = {"VAR_POSITIONAL": "*{0}", "KEYWORD_ONLY": "{0}={0}", "VAR_KEYWORD": "**{0}"}
    return [
        spelled.get(p.kind, "{0}").format(name)
        for p, name in zip(source.parameters, names.parameters, strict=True)
    ]


def default_text(written: str) -> str:
    """Return a default as the entry spells it: a short constant, or `...`."""
    return constant(written) if is_constant(written) and len(written) <= _LONGEST_DEFAULT else "..."


def is_constant(written: str) -> bool:
    """Tell whether a default is an immutable literal."""
    try:
        value = ast.literal_eval(written)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return _immutable(value)


def _immutable(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_immutable, value))
    return (
        value is None or value is ... or isinstance(value, (bool, int, float, complex, str, bytes))
    )


def flat(values: Sequence[str]) -> str:
    """Return what `perceive` returns: the one value itself, or several as a tuple."""
    return ", ".join(values)
