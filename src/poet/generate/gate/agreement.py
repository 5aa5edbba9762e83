"""Fourth stage: does the candidate answer as the original does, wherever the original has an answer?

The comparison is made here, on descriptions, not in the process where the candidate ran.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .describe import brief
from .report import Finding
from .trial import TrialResult

if TYPE_CHECKING:
    from ...source import FunctionSource
    from ...spec import Spec

_REFUSAL = "poet.errors.ArgumentError"
_TRANSIENT_SCENARIOS = ("busy once", "limited once", "reset once", "slow once")


@dataclass
class Agreement:
    """How two functions compare.

    Attributes:
        summary: One line that a person can check.
        findings: The differences that refuse the candidate, and notes.
        figures: Counts, and examples of what differs.
    """

    summary: str
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


def compare(result: TrialResult, source: FunctionSource, spec: Spec) -> Agreement:
    """Compare the outcomes of a trial, input by input."""
    if not result.compared:
        return Agreement("not compared: " + _first_note(result), [], {"compared": 0})
    counts = {"equal": 0, "rejected": 0, "recovered": 0, "changed": 0, "reshaped": 0}
    answered = 0
    findings: list[Finding] = []
    listed: list[str] = []
    clean = {o["index"]: o for o in result.original if o.get("scenario") in (None, "plain")}
    if len(result.original) != len(result.candidate):
        findings.append(_error("POET-G301", "one side has fewer outcomes than the other"))
    for before, after in zip(result.original, result.candidate, strict=False):
        if "skipped" in (before["kind"], after["kind"]) or before["kind"] == "no input":
            continue
        answered += before["kind"] == "value"
        about = result.inputs[before["index"]]
        verdict = _verdict(before, after, about, clean.get(before["index"]), source, spec)
        counts[verdict] += 1
        if verdict == "changed":
            findings.append(_error("POET-G302", _difference(before, after, about)))
        elif verdict == "rejected" and len(listed) < 10:
            listed.append(_difference(before, after, about))
    findings += _repeated_effects(result)
    total = sum(counts.values())
    if total == 0:
        findings.append(
            Finding("agreement", "POET-G304", "nothing could be compared: no inputs could be made",
                    severity="note")
        )  # fmt: skip
    elif answered < 3 and not source.is_stub:
        findings.append(
            Finding("agreement", "POET-G303", f"the original returned a value on {answered} inputs "
                    "only; mostly exceptions were compared", severity="note",
                    advice="Give examples= to have more compared.")
        )  # fmt: skip
    figures = {**counts, "answered": answered, "refusals": listed}
    return Agreement(_summary(counts, total, source), findings[:30], figures)


def _first_note(result: TrialResult) -> str:
    return result.findings[0].message if result.findings else "there was nothing to run it on"


def _error(rule: str, message: str) -> Finding:
    return Finding("agreement", rule, message)


def _verdict(
    before: dict[str, Any],
    after: dict[str, Any],
    about: dict[str, Any],
    clean: dict[str, Any] | None,
    source: FunctionSource,
    spec: Spec,
) -> str:
    if _same(before, after):
        return "equal"
    refused = after["kind"] == "raise" and _REFUSAL in after["bases"]
    if refused and (not about["valid"] or _could_catch(before, after)):
        return "rejected"
    if source.is_stub and spec.domain != "reliability":
        return "reshaped" if _same_shape(before, after) else "changed"
    transient = before.get("scenario") in _TRANSIENT_SCENARIOS
    if transient and clean is not None and _same_answer(clean, after):
        return "recovered"
    if before["kind"] == "timeout" and after["kind"] == "timeout":
        return "equal"
    return "changed"


def _same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return _same_answer(before, after) and all(
        before.get(k) == after.get(k) for k in ("args", "printed", "logged", "warned")
    )


def _same_answer(before: dict[str, Any], after: dict[str, Any]) -> bool:
    if before["kind"] != after["kind"]:
        return False
    if before["kind"] == "value":
        return bool(before["value"] == after["value"])
    if before["kind"] == "raise":
        return bool(before["type"] == after["type"] and before["error"] == after["error"])
    return before["kind"] != "timeout"


def _could_catch(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """The original raised too, and whoever caught that catches the refusal."""
    return before["kind"] == "raise" and before["type"] in after["bases"]


def _same_shape(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """A stub has no behaviour: the keys and types of its result are kept, not the values."""
    if after["kind"] == "raise":
        return _REFUSAL in after["bases"]
    if before["kind"] != "value" or after["kind"] != "value":
        return False
    return _fits_shape(before["value"], after["value"])


def _fits_shape(model: Any, value: Any) -> bool:
    """Compare two descriptions by keys and types; None in the stub may become anything."""
    if model == ["constant", "None"]:
        return True
    if model[0] == "mapping":
        if value[0] != "mapping":
            return False
        given = {repr(k): v for k, v in value[2]}
        return all(repr(k) in given and _fits_shape(v, given[repr(k)]) for k, v in model[2])
    if model[0] in ("int", "float"):
        return value[0] in ("int", "float", "scalar")
    if model[0] == "sequence":
        return bool(value[:2] == model[:2])
    return bool(value[0] == model[0])


def _repeated_effects(result: TrialResult) -> list[Finding]:
    """Compare the requests that were sent: nothing that writes may be sent more often."""
    found = []
    for before, after in zip(result.original, result.candidate, strict=False):
        sent = [tuple(r) for r in before.get("requests", ())]
        sends = [tuple(r) for r in after.get("requests", ())]
        for request in dict.fromkeys(sends):
            method, url = request[0], request[1]
            if method in ("GET", "HEAD", "OPTIONS"):
                if request not in sent and _host(url) not in {_host(r[1]) for r in sent}:
                    found.append(_error("POET-G310", f"it asks another host: {method} {url}"))
            elif sends.count(request) > sent.count(request):
                found.append(
                    _error("POET-G311", f"it repeats an effect: {method} {url} "
                           f"{sends.count(request)} times instead of {sent.count(request)}")
                )  # fmt: skip
    return found[:5]


def _host(url: str) -> str:
    return url.split("/")[2] if url.count("/") >= 2 else url


def _difference(before: dict[str, Any], after: dict[str, Any], about: dict[str, Any]) -> str:
    args = before.get("args")
    given = ", ".join(brief(a) for a in args[2:3]) if isinstance(args, list) else "an input"
    where = (
        f" (network: {before['scenario']})" if before.get("scenario") not in (None, "plain") else ""
    )
    if _same_answer(before, after):
        for part in ("args", "printed", "logged", "warned"):
            if before.get(part) != after.get(part):
                what = {"args": "leaves its arguments differently", "printed": "prints differently",
                        "logged": "logs differently", "warned": "warns differently"}[part]  # fmt: skip
                return f"on {given}{where} it {what}"
    return f"on {given}{where} the original {_answer(before)}; the candidate {_answer(after)}"


def _answer(outcome: dict[str, Any]) -> str:
    if outcome["kind"] == "value":
        return f"returns {brief(outcome['value'])}"
    if outcome["kind"] == "raise":
        return f"raises {outcome['type'].split('.')[-1]}: {outcome['message'][:120]}"
    return "does not end"


def _summary(counts: dict[str, int], total: int, source: FunctionSource) -> str:
    if total == 0:
        return "compared on no inputs"
    plural = "s" if counts["equal"] != 1 else ""
    parts = [f"equal on {counts['equal']:,} input{plural}"]
    if source.is_stub and counts["reshaped"]:
        parts.append(f"a stub: same keys and types on {counts['reshaped']:,} more")
    if counts["rejected"]:
        parts.append(f"differs on {counts['rejected']:,}, all now an ArgumentError")
    if counts["recovered"]:
        parts.append(f"recovers on {counts['recovered']:,}")
    if counts["changed"]:
        parts.append(f"answers differently on {counts['changed']:,}")
    return "; ".join(parts)
