"""What the gate found: for a person in one line, for the model in full, for the store as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

STAGES = ("contract", "audit", "trial", "agreement")


@dataclass(frozen=True)
class Finding:
    """One thing that a stage has to say.

    Attributes:
        stage: One of `STAGES`.
        rule: Stable identifier, such as `"POET-A101"`.
        message: What is there.
        line: Line in the candidate, from 1; None where it has none.
        advice: What to do instead.
        severity: `"error"` refuses the candidate; `"note"` only tells.
    """

    stage: str
    rule: str
    message: str
    line: int | None = None
    advice: str = ""
    severity: str = "error"

    def text(self) -> str:
        """Return the finding as one line."""
        where = f"line {self.line}: " if self.line else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.rule} {where}{self.message}{advice}"


@dataclass(frozen=True)
class Report:
    """The gate's verdict.

    Attributes:
        passed: Whether the candidate may become a version.
        summary: One line that a person can check.
        findings: Everything found, in the order of the stages.
        sections: For each stage that ran, its figures.
        seconds: How long the gate took.
    """

    passed: bool
    summary: str
    findings: tuple[Finding, ...] = ()
    sections: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse the candidate."""
        return tuple(f for f in self.findings if f.severity == "error")

    def to_json(self) -> dict[str, Any]:
        """Return the report fit for JSON."""
        return {
            "passed": self.passed,
            "summary": self.summary,
            "findings": [asdict(f) for f in self.findings],
            "sections": dict(self.sections),
            "seconds": round(self.seconds, 4),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Report:
        """Read a stored report."""
        return cls(
            found["passed"],
            found["summary"],
            tuple(Finding(**f) for f in found["findings"]),
            found["sections"],
            found["seconds"],
        )

    def text(self) -> str:
        """Return the report for a person."""
        lines = [("passed: " if self.passed else "refused: ") + self.summary]
        for stage in STAGES:
            found = [f for f in self.findings if f.stage == stage]
            if stage not in self.sections and not found:
                lines.append(f"  {stage}: not reached")
                continue
            errors = sum(f.severity == "error" for f in found)
            state = f"{errors} error{'s' if errors != 1 else ''}" if errors else "ok"
            shown = _section(self.sections.get(stage, {}))
            lines.append(f"  {stage}: {state}{f' ({shown})' if shown else ''}")
            lines += [f"    {'' if f.severity == 'error' else 'note: '}{f.text()}" for f in found]
        return "\n".join(lines)

    def for_model(self) -> str:
        """Return what a model needs to repair its answer: the errors, most telling first."""
        return "\n".join(f"- [{f.stage}] {f.text()}" for f in self.errors[:20])


def _section(figures: Any) -> str:
    if not isinstance(figures, Mapping):
        return ""
    plain = {k: v for k, v in figures.items() if isinstance(v, (int, float, str, bool))}
    return ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in plain.items())


def has_errors(findings: Iterable[Finding]) -> bool:
    """Tell whether any finding refuses the candidate."""
    return any(f.severity == "error" for f in findings)
