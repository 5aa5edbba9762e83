"""Names inside a generated module: what a part, a tool or a loop variable may be called there.

The user's function and its parameters keep their names. A part that has the same name gets a
trailing underscore, a tool of `poet.enhanced` (or an imported library) is imported under an alias.
"""

from __future__ import annotations

import builtins
import keyword

from ...source import FunctionSource
from .layout import WIDTH

PARTS = ("perceive", "operate", "enforce")


class Names:
    """The names taken in one generated module, and the tools that it turned out to use."""

    def __init__(self, source: FunctionSource) -> None:
        self.parameters = tuple(_mangled(p.name, source) for p in source.parameters)
        self.taken = {source.name, *self.parameters}
        self.taken_by_body: set[str] = set()
        self.tools: dict[str, str] = {}

    def part(self, name: str) -> str:
        """Return the name of `perceive`, `operate` or `enforce` here."""
        while name in self.taken:
            name += "_"
        return name

    def tool(self, name: str) -> str:
        """Return the name under which a thing of `poet.enhanced` is used, and note its use."""
        self.tools[name] = self.alias(name)
        return self.tools[name]

    def alias(self, name: str) -> str:
        """Return `name`, or `poet_name` when the user's function or a parameter is called so."""
        while name in self.taken or name in self.taken_by_body:
            name = f"poet_{name}"
        return name

    def fresh(self, *wishes: str) -> str:
        """Return the first wish that is free, for a local variable."""
        for wish in wishes:
            if wish not in self.taken and wish not in self.tools.values():
                return wish
        return self.part(wishes[0])

    def import_statements(self) -> list[str]:
        """Return the import statements for the tools in use."""
        return imports_from("poet.enhanced", self.tools)


def imports_from(module: str, names: dict[str, str]) -> list[str]:
    """Return the statements that import from a module, laid out as isort and a formatter do.

    Args:
        module: Where from.
        names: What, and under which name.
    """
    # Constants, then classes, then the rest.
    ordered = sorted(names, key=lambda n: (0 if n.isupper() else 1 if n[0].isupper() else 2, n))
    plain = [n for n in ordered if names[n] == n]
    flat = f"from {module} import {', '.join(plain)}"
    if len(flat) > WIDTH:
        flat = f"from {module} import (\n" + "".join(f"    {n},\n" for n in plain) + ")"
    # The plain names share a statement, which stands where the first of them belongs.
    return [
        flat if names[n] == n else f"from {module} import {n} as {names[n]}"
        for n in ordered
        if names[n] != n or n == plain[0]
    ]


def is_builtin(name: str) -> bool:
    """Tell whether a bare name means the built-in of that name, if nothing hides it."""
    return hasattr(builtins, name) and not keyword.iskeyword(name)


def _mangled(name: str, source: FunctionSource) -> str:
    # Inside a class, Python itself renames a parameter `__x` to `_Class__x`.
    if not name.startswith("__") or name.endswith("__"):
        return name
    owners = [part for part in source.qualname.split(".")[:-1] if part != "<locals>"]
    owner = owners[-1].lstrip("_") if source.method and owners else ""
    return f"_{owner}{name}" if owner else name
