"""The gate: what a candidate must pass before it may run in anybody's name.

contract   has the parts, and the original's signature
audit      does nothing that it was not allowed to, as far as its text shows
trial      does nothing that the original does not, in a restricted process
agreement  answers as the original does, wherever the original has an answer
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .report import Finding, Report, has_errors

if TYPE_CHECKING:
    from ...domains import Domain
    from ...source import FunctionSource
    from ...spec import Spec
    from ..candidate import Candidate

__all__ = ["Finding", "Report", "gate"]


def gate(
    candidate: Candidate,
    source: FunctionSource,
    spec: Spec,
    domain: Domain,
    *,
    sandbox: str = "auto",
    closure: Mapping[str, Any] | None = None,
) -> Report:
    """Judge one candidate. Its code runs in the sandbox only, and so does the original.

    Args:
        candidate: What is judged.
        source: The original.
        spec: What was asked for.
        domain: Its probes are tried, its toolkit may be imported.
        sandbox: `"auto"`, `"require"` or `"plain"`.
        closure: Values of the original's free variables.

    Raises:
        SandboxUnavailable: `sandbox="require"`, and this machine has no isolation.
    """
    from .audit import audit
    from .contract import check_contract, check_train
    from .manifest import manifest_of

    started = time.perf_counter()
    manifest = manifest_of(source, spec, domain)
    formal = check_contract(candidate.code, source)
    audited = audit(candidate.code, manifest)
    if candidate.train:
        formal += check_train(candidate.train)
        audited += [
            replace(f, message=f"train.py: {f.message}") for f in audit(candidate.train, manifest)
        ]
    findings = [*formal, *audited]
    sections: dict[str, Any] = {"contract": {}, "audit": {"capabilities": manifest.text()}}
    # Neither runs anything, so that a model learns from one report of all that is wrong.
    if has_errors(findings):
        stage = "contract" if has_errors(formal) else "audit"
        return _refused(stage, findings, sections, started)

    from .agreement import compare
    from .trial import try_out

    result = try_out(candidate.code, source, spec, domain, sandbox=sandbox, closure=closure or {})
    findings += result.findings
    sections["trial"] = result.figures
    if has_errors(findings):
        return _refused("trial", findings, sections, started)
    agreement = compare(result, source, spec)
    findings += agreement.findings
    sections["agreement"] = agreement.figures
    if has_errors(findings):
        return _refused("agreement", findings, sections, started, agreement.summary)
    return Report(True, agreement.summary, tuple(findings), sections, time.perf_counter() - started)


def _refused(
    stage: str,
    findings: list[Finding],
    sections: dict[str, Any],
    started: float,
    summary: str | None = None,
) -> Report:
    errors = [f for f in findings if f.severity == "error"]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    line = f"refused by the {stage}: {errors[0].text()}{more}"
    if summary:
        line = f"{line}; {summary}"
    return Report(False, line, tuple(findings), sections, time.perf_counter() - started)
