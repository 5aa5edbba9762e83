"""Show an audit's findings: as text for a person, as JSON, and as SARIF for code scanners."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from ..report import Finding
from .rules import RULES

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(path: str, findings: Sequence[Finding]) -> str:
    """Return one line per finding, in the form that editors jump to."""
    if not findings:
        return f"{path}: nothing found"
    return "\n".join(
        f"{path}:{f.line or 1}: {f.rule} {f.message} ({RULES[f.rule].refuses}). {f.advice}"
        if f.rule in RULES
        else f"{path}:{f.line or 1}: {f.rule} {f.message}. {f.advice}"
        for f in findings
    )


def as_json(path: str, findings: Sequence[Finding]) -> str:
    """Return the findings as an indented JSON object."""
    found = {"file": path, "findings": [asdict(f) for f in findings]}
    return json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False)


def as_sarif(path: str, findings: Sequence[Finding], version: str = "0") -> str:
    """Return the findings as a SARIF 2.1.0 log, which code-scanning services show.

    Args:
        path: The file, relative to the repository's root.
        findings: What the audit found in it.
        version: POET's version.
    """
    used = sorted({f.rule for f in findings})
    rules = [
        {
            "id": name,
            "shortDescription": {"text": f"Refuses {RULES[name].refuses}."},
            "fullDescription": {"text": RULES[name].why},
            "help": {"text": RULES[name].advice},
        }
        for name in used
        if name in RULES
    ]
    results = [
        {
            "ruleId": f.rule,
            "level": "error" if f.severity == "error" else "note",
            "message": {"text": f"{f.message}. {f.advice}".strip()},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": path},
                        "region": {"startLine": f.line or 1},
                    }
                }
            ],
        }
        for f in findings
    ]
    driver = {"name": "poet audit", "version": version, "rules": rules}
    log = {"$schema": _SARIF, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}  # fmt: skip
    return json.dumps(log, indent=2, ensure_ascii=False)
