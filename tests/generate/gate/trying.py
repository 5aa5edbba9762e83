"""Try a candidate for a function given as text: what the tests of trial and agreement share."""

from __future__ import annotations

import textwrap
from pathlib import Path

from poet.domains import load
from poet.generate.gate.agreement import Agreement, compare
from poet.generate.gate.report import Finding, has_errors
from poet.generate.gate.trial import TrialResult, try_out
from poet.source import FunctionSource
from poet.spec import Spec, make_spec


class Tried:
    """The outcome of one trial and its comparison."""

    def __init__(self, result: TrialResult, agreement: Agreement) -> None:
        self.result = result
        self.agreement = agreement
        self.findings: list[Finding] = [*result.findings, *agreement.findings]
        self.passed = not has_errors(self.findings)

    @property
    def rules(self) -> set[str]:
        return {f.rule for f in self.findings if f.severity == "error"}

    def text(self) -> str:
        return "\n".join(f.text() for f in self.findings) + "\n" + self.agreement.summary


def candidate(source: FunctionSource, operate: str | None = None, *, head: str = "") -> str:
    """Write an enhanced module whose `operate` has this body; the default calls the original."""
    names = [p.name for p in source.parameters]
    spelled = ", ".join(
        {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(p.kind, "") + p.name
        for p in source.parameters
    )
    signature = ", ".join(
        {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(p.kind, "")
        + p.name
        + (f"={p.default}" if p.default else "")
        for p in source.parameters
    )
    keyword = "async def" if source.kind == "coroutine" else "def"
    wait = "await " if source.kind == "coroutine" else ""
    body = textwrap.indent(textwrap.dedent(operate or f"return {wait}original({spelled})"), "    ")
    call = f"operate({', '.join(names)})"
    ending = f"return enforce({wait}{call})"
    if source.kind == "generator":
        ending = f"return (yield from {call})"
    return f'''"""{source.name}, enhanced by POET."""
from poet.enhanced import check, original, params, reject, resilient
{textwrap.dedent(head)}

def perceive({", ".join(names)}):
    return None


{keyword} operate({", ".join(names)}):
{body}


def enforce(result):
    return result


{keyword} {source.name}({signature}):
    {ending}
'''


def attempt(
    folder: Path,
    text: str,
    name: str,
    operate: str | None = None,
    *,
    head: str = "",
    code: str | None = None,
    sandbox: str = "plain",
    closure: dict | None = None,
    **options,
) -> Tried:
    """Try `operate` as the body of the candidate for function `name` in a module with this text."""
    file = folder / f"subject_{abs(hash(text)) % 10**8}.py"
    file.write_text(textwrap.dedent(text))
    source = FunctionSource.in_file(file, name)
    spec = make_spec(options) if options else Spec()
    written = code if code is not None else candidate(source, operate, head=head)
    result = try_out(
        written, source, spec, load("reliability"), sandbox=sandbox, closure=closure or {}
    )
    return Tried(result, compare(result, source, spec))
