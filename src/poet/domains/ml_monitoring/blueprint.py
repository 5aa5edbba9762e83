"""Write a monitor for a stub, over the domain's toolkit; other functions get reliability alone.

Which monitor depends on the parameters: current and reference data are compared; predictions and
truths are judged; a single table is examined for its quality, or its newer half is compared with
its older one; a method that is given current data compares them with the reference on `self`.
"""

from __future__ import annotations

import ast
import io
import tokenize

from ...source import FunctionSource
from ...spec import Spec
from ..reliability import blueprint as reliability
from ..reliability import layout
from ..reliability.blueprint import Operate, Writer
from ..reliability.naming import imports_from
from ..reliability.parameters import flat
from .results import Filler
from .roles import reference_attribute, roles_of, words

_TOOLKIT = "poet.domains.ml_monitoring.toolkit"
_QUALITY = frozenset("quality validate validation missing nulls profile integrity schema".split())
# Words in a function's name or keys without which two unnamed parameters are no two sides.
_MONITORING = frozenset(
    "drift drifted drifting drifts shift shifted shifting monitor monitoring psi ks divergence"
    " stability stable distribution distributions different anomaly outdated retrain alert degraded"
    " detect".split()
)
_ALPHA, _MIN_EFFECT = 0.05, 0.03


def write(source: FunctionSource, spec: Spec) -> str:
    """Return the text of `enhanced.py` for a function."""
    if source.is_stub and source.kind in ("function", "coroutine"):
        writer = MonitorWriter(source, spec)
        if writer.job:
            return writer.module(writer.monitor())
    return reliability.write(source, spec)


class MonitorWriter(Writer):
    """Writes the parts of a monitor whose original is a stub."""

    def __init__(self, source: FunctionSource, spec: Spec) -> None:
        super().__init__(source, spec)
        own = source.parameters[1 if source.method in ("instance", "class") else 0 :]
        plain = [p for p in own if not p.kind.startswith("VAR_")]
        self.roles = roles_of(
            source.name,
            [p.name for p in plain],
            required=[p.name for p in plain if p.default is None],
        )
        self.owner_reference = self._owner_reference()
        self.job = self._job()
        self.toolkit: dict[str, str] = {}
        self.declared: dict[str, str] = {}

    def _owner_reference(self) -> str | None:
        if self.source.method != "instance" or self.roles.reference is not None:
            return None
        owner = self.source.qualname.split(".")[-2]
        for node in ast.walk(ast.parse(self.source.module_text)):
            if isinstance(node, ast.ClassDef) and node.name == owner:
                text = ast.get_source_segment(self.source.module_text, node) or ""
                return reference_attribute(text)
        return None

    def _job(self) -> str:
        roles = self.roles
        if roles.predicted and roles.truth:
            return "performance"
        if roles.current is None:
            return ""
        about = {w for k in _keys(self.constant) for w in words(k)} | set(words(self.source.name))
        named = roles.named or self.owner_reference is not None
        if not named and not about & (_MONITORING | _QUALITY):
            return ""
        if roles.reference is None and self.owner_reference is None:
            if about & _QUALITY and not about & _MONITORING - {"monitor", "detect", "alert"}:
                return "quality"
        return "drift"

    @property
    def constant(self) -> ast.expr | None:
        """What the stub returns; None for `pass`, `...` and a bare return."""
        last = self.source.tree.body[-1]
        return last.value if isinstance(last, ast.Return) else None

    # -- the module -------------------------------------------------------------------------

    def monitor(self) -> Operate:
        """Return the middle part, with the thresholds that learning may change."""
        sentences, call = {
            "drift": self._drift,
            "performance": self._performance,
            "quality": self._quality,
        }[self.job]()
        filler = Filler(
            self.job,
            self.source.name,
            arguments=self._echoed(),
            settings={"alpha": self._alpha()[0], "min_effect": self._min_effect()},
        )
        result = filler.bare(self.constant, self.source.returns)
        if filler.kept:
            kept = ", ".join(f"`{k}`" for k in filler.kept)
            sentences.append(f"What the stub says of {kept} is kept as it is.")
        report = self.names.fresh("report", "found", "comparison")
        if report != "report":
            result = _renamed(result, "report", report)
        doc = layout.docstring([sentences[0], " ".join(sentences[1:])])
        body = f"    {report} = {call}\n    return {result}"
        perceived = [n for n in (self.roles.current, self.roles.reference) if n]
        if self.job == "drift" and perceived:
            self.toolkit["side"] = self.names.alias("side")
        imports = imports_from(_TOOLKIT, self.toolkit)
        return Operate(
            "\n".join([self.operate_head(), doc, body]), imports, self._constants(result, call)
        )

    def _constants(self, result: str, call: str) -> list[str]:
        params = self.names.alias("params")
        used = {n: t for n, t in self.declared.items() if f"{params}.{n}" in result + call}
        if not used:
            return []
        self.names.tool("params")
        lines = [f'    "{name}": {self.names.tool("Param")}{text},' for name, text in used.items()]
        return ["PARAMS = {", *lines, "}"]

    def _echoed(self) -> tuple[str, ...]:
        roles = self.roles
        data = {roles.current, roles.reference, roles.predicted, roles.truth}
        return tuple(n for n in self.parameters if n not in data and n not in ("self", "cls"))

    # -- settings ---------------------------------------------------------------------------

    def _alpha(self) -> tuple[str, bool]:
        """Return the expression for the allowed share of false alarms, and whether it is given."""
        roles = self.roles
        if roles.alpha:
            return self._given(roles.alpha, "alpha"), True
        if roles.confidence:
            return f"1 - {roles.confidence}", True
        if roles.threshold and self._threshold_is_alpha():
            return self._given(roles.threshold, "alpha"), True
        return self._param("alpha"), False

    def _min_effect(self) -> str:
        threshold = self.roles.threshold
        if threshold and not self._threshold_is_alpha() and self.roles.alpha != threshold:
            return self._given(threshold, "min_effect")
        return self._param("min_effect")

    def _threshold_is_alpha(self) -> bool:
        # A threshold of at most 0.05 is a p-value's; a larger one is the size of a change.
        if self.roles.alpha or self.roles.confidence or not self.roles.threshold:
            return False
        own = next(p for p in self.source.parameters if p.name == self.roles.threshold)
        try:
            value = float(own.default or "nan")
        except ValueError:
            value = float("nan")
        names = {w for k in _keys(self.constant) for w in words(k)}
        return value <= 0.05 or (value != value and "value" in names and "p" in names)  # noqa: PLR0124

    def _given(self, parameter: str, setting: str) -> str:
        own = next(p for p in self.source.parameters if p.name == parameter)
        if own.default == "None":
            return f"{self._param(setting)} if {parameter} is None else {parameter}"
        return parameter

    def _param(self, setting: str) -> str:
        wanted = self._wanted_alpha() if setting == "alpha" else _MIN_EFFECT
        self.declared[setting] = {
            "alpha": f'({wanted!r}, 0.0001, 0.5, "allowed share of false alarms")',
            "min_effect": f'({wanted!r}, 0.0, 0.9, "smallest share of values that must move")',
        }[setting]
        return f"{self.names.alias('params')}.{setting}"

    def _wanted_alpha(self) -> float:
        for name, goal in self.spec.objectives.items():
            if {"false", "alarm"} <= set(words(name)) or {"false", "positive"} <= set(words(name)):
                target = goal.get("target") if isinstance(goal, dict) else goal
                if isinstance(target, (int, float)) and 0.0001 <= target <= 0.5:
                    return float(target)
        return _ALPHA

    # -- the jobs ---------------------------------------------------------------------------

    def _drift(self) -> tuple[list[str], str]:
        roles = self.roles
        current = roles.current or ""
        sentences = [
            "O': compare each column with the reference, and judge all columns together.",
            "The original is a stub, so this is written anew. A column drifted when its change is"
            " significant after correction for many tests and enough of its values moved.",
        ]
        reference = roles.reference
        arguments = [current]
        if reference:
            arguments.append(reference)
        elif self.owner_reference:
            arguments.append(f"{self.parameters[0]}.{self.owner_reference}")
        else:
            arguments = [f"*{self._tool('halves')}({current})"]
            sentences[0] = "O': compare the newer half of the rows with the older half."
        alpha, _ = self._alpha()
        arguments += [f"alpha={alpha}", f"min_effect={self._min_effect()}"]
        return sentences, self._call("compare", arguments)

    def _performance(self) -> tuple[list[str], str]:
        roles = self.roles
        arguments = [str(roles.predicted), str(roles.truth)]
        sentences = ["O': compare predictions with what came out.", "The original is a stub, so"]
        if roles.baseline:
            arguments.append(f"baseline={roles.baseline}")
            sentences[1] += " this is written anew. The model counts as worse when its errors are"
            sentences[1] += f" significantly more than `{roles.baseline}` allows."
        else:
            sentences[1] += " this is written anew. The model counts as worse when its errors in"
            sentences[1] += " the newer half of the rows are significantly larger."
        alpha, _ = self._alpha()
        return sentences, self._call("performance", [*arguments, f"alpha={alpha}"])

    def _quality(self) -> tuple[list[str], str]:
        sentences = [
            "O': look for missing values, constants, mixed types and repeated rows.",
            "The original is a stub, so this is written anew.",
        ]
        return sentences, self._call("quality", [str(self.roles.current)])

    def _call(self, tool: str, arguments: list[str]) -> str:
        head = f"report = {self._tool(tool)}"
        return layout.call(head, arguments, indent=4).strip().removeprefix("report = ")

    def _tool(self, name: str) -> str:
        self.toolkit[name] = self.names.alias(name)
        return self.toolkit[name]

    # -- perceive and enforce ---------------------------------------------------------------

    def perceive(self) -> str:
        """Write the first part: both sides are read, settings are checked."""
        roles = self.roles
        head = layout.define(f"def {self.names.part('perceive')}", self.parameters)
        data = [n for n in (roles.current, roles.reference) if n and self.job == "drift"]
        skipped = {roles.current, roles.reference, roles.predicted, roles.truth, roles.baseline}
        lines = self._setting_checks(skipped)
        says = "P: settings are checked; the toolkit checks the data."
        if data:
            says = "P: read the data into columns; no rows are fine, what is no data is rejected."
        elif not lines:
            says = "P: passed on as they are; the toolkit says what is no data."
        side = self.names.alias("side")
        lines += [f'    {n} = {side}({n}, "{n}")' for n in data]
        lines.append(f"    return {flat(self.parameters)}")
        return "\n".join([head, layout.docstring([says]), *lines])

    def _setting_checks(self, skipped: set[str | None]) -> list[str]:
        lines: list[str] = []
        roles = self.roles
        numbers = {roles.threshold, roles.alpha, roles.confidence}
        first = 1 if self.source.method in ("instance", "class") else 0
        for parameter, name in zip(
            self.source.parameters[first:], self.parameters[first:], strict=True
        ):
            guard = self.hints.of_parameter(parameter, parameter.name)
            if parameter.name in skipped:
                continue
            if guard is not None:
                lines += self._check(parameter.kind, name, guard.expected, guard.unless)
            else:
                kind = "float" if parameter.name in numbers else self._kind_in_result(name)
                unless = "None" if parameter.default == "None" else None
                if kind:
                    lines += self._check(parameter.kind, name, kind, unless)
        return lines

    def _kind_in_result(self, parameter: str) -> str | None:
        """Return the type of the result's key of that name, since the argument is repeated there."""
        if isinstance(self.constant, ast.Dict):
            for key, value in zip(self.constant.keys, self.constant.values, strict=True):
                named = isinstance(key, ast.Constant) and key.value == parameter
                if named and isinstance(value, ast.Constant):
                    kind = type(value.value).__name__
                    return None if kind in ("str", "NoneType") else kind
        return None

    def enforce(self) -> str:
        """Write the last part: the result has the stub's type."""
        constant = self.constant
        displays = ((ast.Dict, "dict"), (ast.List, "list"), (ast.Tuple, "tuple"))
        kind = next((name for node, name in displays if isinstance(constant, node)), None)
        if isinstance(constant, ast.Constant) and constant.value is not None:
            kind = type(constant.value).__name__
        if self.hints.of_result() is not None or kind is None or kind == "ellipsis":
            return super().enforce()
        result = self.names.fresh("result", "answer", "outcome")
        head = f"def {self.names.part('enforce')}({result}):"
        doc = layout.docstring(["E: a result that is not of the stub's type is flagged."])
        return f"{head}\n{doc}\n    return {self.names.tool('check_result')}({result}, {kind})"


def _renamed(text: str, old: str, new: str) -> str:
    """Return an expression with one name replaced, and texts inside it left alone."""
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(f"({text})").readline))
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string == old:
            row, column = token.start
            at = column - (1 if row == 1 else 0)
            lines[row - 1] = lines[row - 1][:at] + new + lines[row - 1][at + len(old) :]
    return "".join(lines)


def _keys(node: ast.expr | None) -> list[str]:
    if not isinstance(node, ast.Dict):
        return []
    return [k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
