"""Write a version without a model: arguments checked, retried where nothing can be repeated.

The text calls the user's own function, so that its answer is the user's own; around it stand the
checks that its annotations and its body ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...source import FunctionSource
from ...spec import Spec
from . import layout
from .hints import Hints
from .naming import Names
from .needs import needs_of
from .parameters import entry_parameters, flat, original_arguments
from .retries import Policy, library_errors, policy_of


def write(source: FunctionSource, spec: Spec) -> str:
    """Return the text of `enhanced.py` for a function."""
    writer = Writer(source, spec)
    policy = policy_of(source, spec)
    operate = writer.operate(policy)
    return writer.module(operate)


@dataclass
class Operate:
    """The text of the middle part, and what it needs at the top of the module."""

    text: str
    imports: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)


class Writer:
    """Writes the parts of one version; other domains replace `operate`."""

    def __init__(self, source: FunctionSource, spec: Spec) -> None:
        self.source, self.spec = source, spec
        self.names = Names(source)
        self.hints = Hints(source, self.names)
        self.is_async = source.kind == "coroutine"
        self.parameters = self.names.parameters

    # -- the module -------------------------------------------------------------------------

    def module(self, operate: Operate) -> str:
        """Join the parts."""
        parts = [self.perceive(), operate.text, self.enforce(), self.entry()]
        imports = [*operate.imports, *self.names.import_statements()]
        standard = sorted({i for i in imports if _is_standard(i)})
        third = sorted(dict.fromkeys(i for i in imports if not _is_standard(i)), key=_isorted)
        groups = ["\n".join(standard), "\n".join(third)]
        head = [self._module_docstring(), *(g.strip("\n") for g in groups)]
        head += ["\n".join(operate.constants)]
        return "\n\n".join(h for h in head if h) + "\n\n\n" + "\n\n\n".join(parts) + "\n"

    def _module_docstring(self) -> str:
        source = self.source
        origin = (
            f"Original: {shown_file(source)}, {source.qualname} · domain: {self.spec.domain} · "
            f"optimised for: {self.spec.goal}"
        )
        return layout.docstring([f"{source.name}, enhanced by POET.", origin], indent=0)

    # -- perceive ---------------------------------------------------------------------------

    def perceive(self) -> str:
        """Write the first part: arguments are checked and passed on as they are."""
        head = layout.define(f"def {self.names.part('perceive')}", self.parameters)
        checks, checked, needed = self._checks()
        lines = [head, layout.docstring([_says(checked, needed, self.parameters)])]
        lines += checks
        if self.parameters:
            lines.append(_returned(self.parameters))
        return "\n".join(lines)

    def _checks(self) -> tuple[list[str], list[str], list[str]]:
        lines: list[str] = []
        checked: list[str] = []
        own = self.source.method in ("instance", "class")
        open_names: dict[str, str] = {}
        for index, parameter in enumerate(self.source.parameters):
            name = self.parameters[index]
            if index == 0 and own:
                continue
            guard = self.hints.of_parameter(parameter, parameter.name)
            if guard is None:
                if not parameter.kind.startswith("VAR_"):
                    open_names[parameter.name] = name
                continue
            checked.append(name)
            lines += self._check(parameter.kind, name, guard.expected, guard.unless)
        needed = self._needs(open_names)
        return lines + needed, checked, sorted({open_names[n] for n in self._needed})

    def _check(self, kind: str, name: str, expected: str, unless: str | None) -> list[str]:
        check = self.names.tool("check")
        if kind == "VAR_POSITIONAL":
            value = self.names.fresh("value", "item", "one")
            return [f"    for {value} in {name}:",
                    layout.call(check, [f'"{name}"', value, expected], indent=8)]  # fmt: skip
        if kind == "VAR_KEYWORD":
            key = self.names.fresh("key", "keyword", "word")
            value = self.names.fresh("value", "item", "one")
            return [f"    for {key}, {value} in {name}.items():",
                    layout.call(check, [key, value, expected], indent=8)]  # fmt: skip
        if unless:
            return [f"    if {name} is not {unless}:",
                    layout.call(check, [f'"{name}"', name, expected], indent=8)]  # fmt: skip
        return [layout.call(check, [f'"{name}"', name, expected], indent=4)]

    def _needs(self, open_names: dict[str, str]) -> list[str]:
        needs = needs_of(self.source, set(open_names), set(self.hints.bound))
        self._needed = {n.parameter for n in needs}
        lines = []
        for need in needs:
            name = open_names[need.parameter]
            if need.attribute is None:
                tool, more = self.names.tool("need_iterable"), []
            else:
                tool, more = self.names.tool("need"), [layout.quoted(need.attribute)]
            lines.append(layout.call(tool, [f'"{name}"', name, *more], indent=4))
        return lines

    # -- operate ----------------------------------------------------------------------------

    def operate(self, policy: Policy) -> Operate:
        """Write the middle part: the original is called, as often as the policy allows."""
        decorator = ""
        imports: list[str] = []
        if not policy.plain:
            arguments, imports = self._resilient_arguments(policy)
            decorator = layout.call(f"@{self.names.tool('resilient')}", arguments) + "\n"
        text = decorator + self.operate_head() + "\n" + self.operate_doc(policy) + "\n"
        return Operate(text + self.call_original(), imports)

    def _resilient_arguments(self, policy: Policy) -> tuple[list[str], list[str]]:
        arguments: list[str] = []
        imports: list[str] = []
        if policy.retries:
            imports, classes = library_errors(self.source, self.names)
            classes = ["ConnectionError", "TimeoutError", *classes]
            arguments += [f"retries={policy.retries}", f"retry_on=({', '.join(classes)})"]
        if policy.timeout is not None:
            arguments.append(f"timeout={policy.timeout!r}")
        if policy.abandon:
            arguments.append("abandon=True")
        return arguments, imports

    def operate_head(self) -> str:
        """Return the `def` line of the middle part."""
        prefix = "async def" if self.is_async else "def"
        return layout.define(f"{prefix} {self.names.part('operate')}", self.parameters)

    def operate_doc(self, policy: Policy) -> str:
        """Return its docstring: what is done, and why."""
        return layout.docstring(["O': the original, called as it is.", " ".join(policy.sentences)])

    def call_original(self) -> str:
        """Return the statement that calls the original with the flat arguments."""
        prefix = "return await " if self.is_async else "return "
        arguments = original_arguments(self.source, self.names)
        return layout.call(f"{prefix}{self.names.tool('original')}", arguments, indent=4)

    # -- enforce ----------------------------------------------------------------------------

    def enforce(self) -> str:
        """Write the last part: the result is compared with its annotation and never changed."""
        result = self.names.fresh("result", "answer", "outcome")
        name = self.names.part("enforce")
        if "generator" in self.source.kind:
            return f'def {name}({result}):\n    """E: items are passed on as they come."""\n    return {result}'
        expected = self.hints.of_result()
        if expected is None:
            says = "E: the result is passed on; the original does not say what it should be."
            return f"def {name}({result}):\n{layout.docstring([says])}\n    return {result}"
        if self.spec.strict:
            says = "E: a result that contradicts the return annotation raises (strict=True)."
            check = layout.call(
                self.names.tool("check"), ['"the result"', result, expected], indent=4
            )
            return (
                f"def {name}({result}):\n{layout.docstring([says])}\n{check}\n    return {result}"
            )
        says = "E: a result that contradicts the return annotation is flagged, never changed."
        tool = self.names.tool("check_result")
        call = layout.call(f"return {tool}", [result, expected], indent=4)
        return f"def {name}({result}):\n{layout.docstring([says])}\n{call}"

    # -- the entry --------------------------------------------------------------------------

    def entry(self) -> str:
        """Write the function that has the original's name and signature."""
        source = self.source
        prefix = "async def" if self.is_async else "def"
        head = layout.define(f"{prefix} {source.name}", entry_parameters(source, self.names))
        first = (source.doc.strip().splitlines() or [""])[0]
        says = first or f"{source.name}, with its arguments and its result checked."
        perceive, operate, enforce = map(self.names.part, ("perceive", "operate", "enforce"))
        perceived = f"{perceive}({', '.join(self.parameters)})"
        if not self.parameters:
            called = f"{operate}()"
        elif len(self.parameters) == 1:
            called = f"{operate}({perceived})"
        else:
            called = f"{operate}(*{perceived})"
        if source.kind == "generator":
            body = [f"return (yield from {enforce}({called}))"]
        elif self.is_async:
            body = [f"return {enforce}(await {called})"]
        else:
            body = [f"return {enforce}({called})"]
        if len(body[0]) + 4 > layout.WIDTH:
            body = self._entry_in_steps(called, perceived)
        return "\n".join([head, layout.docstring([says]), *(f"    {line}" for line in body)])

    def _entry_in_steps(self, called: str, perceived: str) -> list[str]:
        """Write the entry of a function with many parameters as three statements."""
        operate, enforce = map(self.names.part, ("operate", "enforce"))
        arguments = self.names.fresh("arguments", "given", "values")
        result = self.names.fresh("result", "answer", "outcome")
        star = "*" if len(self.parameters) > 1 else ""
        wait = "await " if self.is_async else ""
        perceive = layout.call(
            f"{arguments} = {self.names.part('perceive')}", self.parameters, indent=4
        )
        lines = perceive.removeprefix("    ").split("\n    ")
        if self.source.kind == "generator":
            return [*lines, f"return (yield from {enforce}({operate}({star}{arguments})))"]
        return [
            *lines,
            f"{result} = {wait}{operate}({star}{arguments})",
            f"return {enforce}({result})",
        ]


def shown_file(source: FunctionSource) -> str:
    """Return the file of a function as its package sees it: `app/users.py`, on every machine."""
    if source.file is None:
        return source.module
    depth = source.module.count(".") + (2 if source.file.stem == "__init__" else 1)
    return "/".join(source.file.parts[-depth:])


def _returned(parameters: Sequence[str]) -> str:
    line = f"    return {flat(parameters)}"
    if len(line) <= layout.WIDTH:
        return line
    inner = f"        {', '.join(parameters)}"
    if len(inner) < layout.WIDTH:
        return "    return (\n" + "".join(f"        {p},\n" for p in parameters) + "    )"
    return "    return (\n" + "".join(f"        {p},\n" for p in parameters) + "    )"


def _says(checked: Sequence[str], needed: Sequence[str], parameters: Sequence[str]) -> str:
    if not parameters:
        return "P: there are no arguments to check."
    if not checked and not needed:
        return "P: nothing is said of the arguments, so they are passed on as they are."
    ways = []
    if checked:
        ways.append("what the annotations say")
    if needed:
        ways.append(f"what the body needs of {_listed(needed)} on every path")
    return f"P: check {' and '.join(ways)}; nothing is converted."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is_standard(statement: str) -> bool:
    import sys

    return statement.split()[1].split(".", maxsplit=1)[0] in sys.stdlib_module_names


def _isorted(statement: str) -> tuple[bool, str]:
    """Order imports as isort does: plain ones first, then by module."""
    return statement.startswith("from "), statement.split()[1]
