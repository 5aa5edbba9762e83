"""Third stage: try the candidate beside the original, in a restricted process, and look closely.

An attempt at anything that the original does not do is a finding, also when the sandbox stopped
it and the candidate swallowed the error.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..sandbox import choose
from ..sandbox.process import run_job
from .report import Finding

if TYPE_CHECKING:
    from ...domains import Domain
    from ...source import FunctionSource
    from ...spec import Spec

SECONDS = 20.0  # for the whole trial, imports included; enforced from outside
SECONDS_PER_SIDE = 6.0
MEMORY = 1024 * 1024 * 1024


@dataclass
class TrialResult:
    """What happened in the sandbox.

    Attributes:
        findings: What the trial itself objects to.
        figures: For the report: which sandbox, how many inputs, how long.
        inputs: For each input where it came from and whether it fits the annotations.
        original: The original's outcomes.
        candidate: The candidate's, in the same order.
        compared: Whether both sides ran at all.
    """

    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    original: list[dict[str, Any]] = field(default_factory=list)
    candidate: list[dict[str, Any]] = field(default_factory=list)
    compared: bool = False


def try_out(
    code: str,
    source: FunctionSource,
    spec: Spec,
    domain: Domain,
    *,
    sandbox: str = "auto",
    closure: Mapping[str, Any] | None = None,
) -> TrialResult:
    """Run original and candidate on the same inputs in the sandbox.

    Raises:
        SandboxUnavailable: `sandbox="require"`, and this machine has no isolation.
    """
    backend = choose(sandbox)
    job, untold = _job(code, source, spec, domain, closure or {})
    readable = tuple({p.parent for p in [source.file] if p}) + tuple(_paths(job["sys_path"]))
    if domain.probes is not None:
        readable += (domain.probes.parent,)
    answer = run_job(backend, job, readable=readable, seconds=SECONDS)
    result = TrialResult(
        figures={
            "sandbox": backend.name + ("" if backend.isolates else " (no isolation)"),
            "seconds": round(answer.seconds, 3),
        }
    )
    data = answer.data
    if data is None:
        said = f" It printed: {answer.output[-300:]}" if answer.output else ""
        result.findings.append(_finding("POET-T001", f"the trial failed: {answer.problem}.{said}"))
    elif "unloadable" in data:
        result.findings += _untried(data["unloadable"], source, untold)
    else:
        _judge(result, data)
    return result


def _finding(rule: str, message: str, severity: str = "error", advice: str = "") -> Finding:
    return Finding("trial", rule, message, None, advice, severity)


def _untried(why: str, source: FunctionSource, untold: list[str]) -> list[Finding]:
    """A function that cannot be had in the sandbox is not compared; the report says so."""
    if source.free_variables or "<locals>" in source.qualname:
        names = f" ({', '.join(untold)})" if untold else ""
        note = f"not tried: {why}{names}"
        return [_finding("POET-T002", note, "note", "Only contract and audit were checked.")]
    return [
        _finding("POET-T003", f"not tried: {why}", advice="The plain function goes on running.")
    ]


def _job(
    code: str,
    source: FunctionSource,
    spec: Spec,
    domain: Domain,
    closure: Mapping[str, Any],
) -> tuple[dict[str, Any], list[str]]:
    told = {n: v for n, v in closure.items() if _is_data(v)}
    from .manifest import manifest_of

    manifest = manifest_of(source, spec, domain)
    job = {
        "task": "trial",
        "file": str(source.file) if source.file else None,
        "module": source.module if source.module != "__main__" else "session",
        "module_text": source.module_text,
        "script": _is_script(source),
        "qualname": source.qualname,
        "name": source.name,
        "method": source.method,
        "function_text": source.text,
        "free_variables": list(source.free_variables),
        "closure": told,
        "decorators_above": _decorators_above(source),
        "doctests": [text for text, _ in source.doctests],
        "examples": [
            {"args": list(e.args), "kwargs": dict(e.kwargs)}
            for e in spec.examples
            if _is_data(list(e.args)) and _is_data(dict(e.kwargs))
        ],
        "network": source.effects.network,
        "code": code,
        "code_path": str((source.file.parent if source.file else "") or "") + "/.poet/candidate.py",
        "probes": str(domain.probes) if domain.probes else None,
        "may_import": sorted(manifest.packages),
        "sys_path": [p for p in sys.path if p and os.path.isdir(p)],
        "memory": MEMORY,
        "seconds": SECONDS_PER_SIDE,
    }
    return job, [n for n in closure if n not in told]


def _paths(folders: list[str]) -> list[Any]:
    from pathlib import Path

    # The standard library and installed packages are readable anyway.
    return [Path(f) for f in folders if f != "/" and Path(f) != Path.home()]


def _is_data(value: Any) -> bool:
    """Tell whether a value survives JSON unchanged."""
    if value is None or isinstance(value, (bool, str)) or type(value) in (int, float):
        return True
    if type(value) is list:
        return all(map(_is_data, value))
    if type(value) is dict:
        return all(type(k) is str and _is_data(v) for k, v in value.items())
    return False


def _is_script(source: FunctionSource) -> bool:
    """Tell whether the file runs as a program here, or was never imported as a module."""
    if source.file is None:
        return True
    module = sys.modules.get(source.module)
    file = getattr(module, "__file__", None)
    return file is None or os.path.abspath(file) != str(source.file.absolute())


def _decorators_above(source: FunctionSource) -> int:
    """Count the decorators above `@poet`: they wrap what was decorated."""
    from ...source import _functions, _qualname

    for node, stack in _functions(ast.parse(source.module_text)):
        if _qualname(node, stack) == source.qualname and node.lineno == source.line:
            above = 0
            for decorator in node.decorator_list:
                head = ast.unparse(decorator).split("(")[0]
                if head == "poet" or head.endswith(".poet"):
                    return above
                if head not in ("staticmethod", "classmethod", "property"):
                    above += 1
    return 0


def _judge(result: TrialResult, data: dict[str, Any]) -> None:
    original, candidate = data["original"], data["candidate"]
    result.inputs = data["inputs"]
    result.figures["inputs"] = len(result.inputs)
    result.figures["imports seconds"] = round(data.get("imports_seconds", 0.0), 3)
    for side, name in ((original, "the original"), (candidate, "the candidate")):
        if "died" in side:
            result.findings.append(_finding("POET-T004", f"{name} broke the trial: {side['died']}"))
        elif "unloadable" in side:
            result.findings.append(
                _finding("POET-T005", f"{name} cannot be loaded: {side['unloadable']}")
            )
    extra = set(candidate.get("operations", {})) - set(original.get("operations", {}))
    for operation in sorted(extra)[:20]:
        result.findings.append(
            _finding(
                "POET-T201",
                f"it attempts {operation}, which the original does not on the same inputs",
                advice="Leave it out, or ask for a grant.",
            )
        )
    changed, before = candidate.get("changed", {}), original.get("changed", {})
    for what in sorted(changed):
        if what not in before or (what == "module" and changed[what] != before[what]):
            result.findings.append(_finding("POET-T202", f"it leaves the process changed: {what}"))
    probes = data.get("probes") or {}
    if "died" in probes:
        result.findings.append(
            _finding("POET-T301", f"the domain's probes ended: {probes['died']}")
        )
    elif probes.get("applied"):
        result.figures["probes"] = probes["ran"]
        for name, why in probes["failed"].items():
            result.findings.append(_finding("POET-T302", f"the domain's {name} fails: {why}"))
    result.original = original.get("outcomes", [])
    result.candidate = candidate.get("outcomes", [])
    result.compared = bool(result.original) and bool(result.candidate)
