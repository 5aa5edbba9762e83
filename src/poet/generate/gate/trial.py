"""Third stage: try the candidate beside the original, in a restricted process, and look closely.

An attempt at anything that the original does not do is a finding, also when the sandbox stopped
it and the candidate swallowed the error.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..sandbox import choose
from ..sandbox.codec import NotData, encode
from ..sandbox.process import run_job
from .describe import describe
from .report import Finding

if TYPE_CHECKING:
    from ...domains import Domain
    from ...source import FunctionSource
    from ...spec import Spec

SECONDS = 20.0  # for the whole trial, imports included; enforced from outside
SECONDS_PER_SIDE = 8.0
BUDGET = 2.0  # seconds in which the original is called on as many inputs as fit
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
        plan: For each outcome: index of the input, network script, later, times.
        expected: For each example the description of its result; None where it has none.
        compared: Whether both sides ran at all.
    """

    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    original: list[dict[str, Any]] = field(default_factory=list)
    candidate: list[dict[str, Any]] = field(default_factory=list)
    plan: list[list[Any]] = field(default_factory=list)
    expected: list[Any] = field(default_factory=list)
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
    job, untold, expected = job_for(code, source, spec, domain, closure or {})
    readable = readable_for(source, job, domain)
    key = f"{source.module} {source.file} {hash(source.module_text)}"
    answer = run_job(backend, job, readable=readable, seconds=SECONDS, key=key)
    result = TrialResult(
        expected=expected,
        figures={
            "sandbox": backend.name + ("" if backend.isolates else " (no isolation)"),
            "seconds": round(answer.seconds, 3),
        },
    )
    data = answer.data
    if data is None:
        said = f" It printed: {answer.output[-300:]}" if answer.output else ""
        result.findings.append(_finding("POET-T001", f"the trial failed: {answer.problem}.{said}"))
    elif "original" not in data and "unloadable" not in data:
        why = data.get("died", "it gave no answer")
        result.findings.append(_finding("POET-T001", f"the trial failed: {why}"))
    elif "unloadable" in data:
        result.findings += _untried(data["unloadable"], source, untold)
    else:
        _judge(result, {**data, "grants": spec.grants})
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


def job_for(
    code: str,
    source: FunctionSource,
    spec: Spec,
    domain: Domain,
    closure: Mapping[str, Any],
) -> tuple[dict[str, Any], list[str], list[Any]]:
    """Describe the function and a candidate for a worker.

    Returns:
        The job, what could not be carried into the sandbox (in words), and for each example the
        description of its result.
    """
    from .manifest import manifest_of

    told, untold = {}, []
    for name, value in closure.items():
        try:
            told[name] = encode(value)
        except NotData as error:
            untold.append(f"{name}: {error}")
    examples, expected = [], []
    for example in spec.examples:
        try:
            examples.append([encode(list(example.args)), encode(dict(example.kwargs))])
            expected.append(describe(example.result) if example.has_result else None)
        except NotData as error:
            untold.append(f"an example: {error}")
    manifest = manifest_of(source, spec, domain)
    folder = source.file.parent if source.file else None
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
        "examples": examples,
        "code": code,
        "code_path": f"{folder or ''}/.poet/candidate.py",
        "toolkit": domain.toolkit,
        "probes": str(domain.probes) if domain.probes else None,
        "may_import": sorted(manifest.packages),
        "packages": sorted(manifest.packages),
        "sys_path": [p for p in sys.path if p and os.path.isdir(p)],
        "memory": MEMORY,
        "budget": BUDGET,
        "side_seconds": SECONDS_PER_SIDE,
    }
    return job, untold, expected


def readable_for(
    source: FunctionSource, job: Mapping[str, Any], domain: Domain | None = None
) -> tuple[Path, ...]:
    """Return the folders that a sandboxed process needs to load the function's module."""
    folders = [source.file.parent] if source.file else []
    if domain is not None and domain.probes is not None:
        folders.append(domain.probes.parent)
    return (*folders, *_paths(job["sys_path"]))


def _paths(folders: list[str]) -> list[Path]:
    # The standard library and installed packages are readable anyway.
    return [Path(f) for f in folders if f != "/" and Path(f) != Path.home()]


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
    if "died" in original:
        # Not the candidate's fault, but nothing can be said of it either.
        why = f"the original's own run broke off: {original['died']}"
        result.findings.append(_finding("POET-T003", f"not tried: {why}"))
        return
    if "died" in candidate:
        result.findings.append(
            _finding("POET-T004", f"the candidate broke the trial: {candidate['died']}")
        )
    elif "unloadable" in candidate:
        result.findings.append(
            _finding("POET-T005", f"it cannot be loaded: {candidate['unloadable']}")
        )
    result.findings += _attempts(original, candidate, data.get("grants", ()))
    result.findings += _changes(original.get("changed", {}), candidate.get("changed", {}))
    if candidate.get("printed"):
        result.findings.append(
            _finding("POET-T203", f"it prints when it is loaded: {candidate['printed'][:80]!r}")
        )
    _judge_probes(result, data.get("probes") or {})
    if original.get("unended"):
        result.figures["inputs without an end"] = original["unended"]
    result.plan = original.get("plan", [])
    result.original = original.get("outcomes", [])
    result.candidate = candidate.get("outcomes", [])
    result.compared = bool(result.original) and bool(result.candidate)


def _granted(operation: str, grants: Sequence[str]) -> bool:
    """Whether the spec allows an operation that the original does not attempt."""
    kind, _, place = operation.partition(" ")
    for grant in grants:
        what, _, value = grant.partition(":")
        value = value.rstrip("/")
        if what in ("fs.read", "fs.write") and kind in ("read", "list", "write"):
            if (kind != "write" or what == "fs.write") and f"/{value}" in f"/{place}":
                return True
        if what == "net" and operation.startswith(("socket.", "http.client.", "urllib.")):
            if value in operation:
                return True
        if (what == "env" and operation == f"read the environment: {value}") or (
            what == "import" and operation == f"import {value}"
        ):
            return True
        if (what == "process" and operation.startswith(("subprocess.", "os.posix_spawn"))) or (
            what == "thread" and operation == "start a thread"
        ):
            return True
    return False


def _attempts(
    original: dict[str, Any], candidate: dict[str, Any], grants: Sequence[str]
) -> list[Finding]:
    before = original.get("operations", {})
    extra = {
        k: v
        for k, v in candidate.get("operations", {}).items()
        if k not in before and not _granted(k, grants)
    }
    return [
        Finding(
            "trial",
            "POET-T201",
            f"it attempts what the original does not on the same inputs: {operation}",
            line or None,
            "Leave it out, or ask for a grant.",
        )
        for operation, (_, line) in sorted(extra.items())[:20]
    ]


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[Finding]:
    found = []
    for what, which in sorted(after.items()):
        if which is True and what in before:
            continue
        names = [n for n in which if n not in before.get(what, ())] if which is not True else []
        if which is True or names:
            shown = f" ({', '.join(names[:5])})" if names else ""
            found.append(
                _finding("POET-T202", f"it leaves the process changed: {what}{shown}",
                         advice="Keep state in the function, or leave it to the original.")
            )  # fmt: skip
    return found


def _judge_probes(result: TrialResult, probes: dict[str, Any]) -> None:
    if "died" in probes:
        result.findings.append(
            _finding("POET-T301", f"the domain's probes ended: {probes['died']}")
        )
    elif probes.get("applied"):
        result.figures["probes"] = probes["ran"]
        for name, why in probes["failed"].items():
            result.findings.append(_finding("POET-T302", f"the domain's {name} fails: {why}"))
