"""Fourth stage: does the candidate answer as the original does, wherever the original has an answer?

The comparison is made here, on descriptions, not in the process where the candidate ran.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .describe import brief
from .report import Finding
from .trial import TrialResult

if TYPE_CHECKING:
    from ...source import FunctionSource
    from ...spec import Spec

_REFUSAL = "poet.errors.ArgumentError"
# What Python raises when a value is not what the code expected; `except` for these is rare, and
# a clear error in their place is what a check of the arguments is for.
# Not among them: KeyError, IndexError and ZeroDivisionError, which callers do catch on purpose.
_STUMBLES = ("TypeError", "AttributeError", "ValueError", "AssertionError", "OverflowError",
             "RecursionError", "UnboundLocalError")  # fmt: skip
_HARSH = ("poet.errors.CircuitOpen", "poet.errors.DeadlineExceeded")
_ONCE = ("busy once", "limited once", "reset once", "slow once")
_LASTING = ("busy", "reset", "slow")
_READING = ("GET", "HEAD", "OPTIONS")
_SHOWN = 6
# What a caller can notice besides the answer, and how a difference is told.
_ASIDE = {
    "args": "leaves its arguments differently",
    "printed": "prints something else",
    "logged": "logs something else",
    "warned": "warns differently",
    "files": "leaves other files",
    "is": "returns another object (the original returns one of its arguments)",
    "runs": "does not repeat its answers as the original does",
}


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


@dataclass(frozen=True)
class _Pair:
    """One step of the plan with both outcomes."""

    before: dict[str, Any]
    after: dict[str, Any]
    index: int
    scenario: str | None
    moment: int
    times: int
    valid: bool


_TRANSIENT = frozenset({"ConnectionError", "TimeoutError"})


def compare(result: TrialResult, source: FunctionSource, spec: Spec) -> Agreement:
    """Compare the outcomes of a trial, step by step."""
    if not result.compared:
        return Agreement("not compared: " + _first_note(result), [], {"compared": 0})
    pairs = list(_pairs(result))
    clean = {
        p.index: p.before for p in pairs if p.scenario is None and not p.moment and p.times == 1
    }
    counts: Counter[str] = Counter()
    changed: list[_Pair] = []
    refused: list[str] = []
    for pair in pairs:
        if pair.before["kind"] in ("no input", "timeout"):
            counts["not compared"] += 1
            continue
        verdict = _verdict(pair, clean.get(pair.index), source, spec)
        counts[verdict] += 1
        if verdict == "changed":
            changed.append(pair)
        elif verdict == "rejected" and len(refused) < 10:
            refused.append(_difference(pair))
    findings = [_error("POET-G302", _difference(p)) for p in _telling(changed)]
    findings += _missing(result)
    findings += list(dict.fromkeys(f for p in pairs for f in _effects(p, source, spec)))[:5]
    findings += _examples(result, pairs, source)
    findings += _coverage(counts, pairs, source)
    answered = len({p.index for p in pairs if p.before["kind"] == "value"})
    figures = {
        **{k: counts[k] for k in ("equal", "rejected", "recovered", "changed", "reshaped")},
        "answered": answered,
        "refusals": refused,
    }
    return Agreement(_summary(counts, source), findings[:30], figures)


def _first_note(result: TrialResult) -> str:
    return result.findings[0].message if result.findings else "there was nothing to run it on"


def _error(rule: str, message: str, advice: str = "") -> Finding:
    return Finding("agreement", rule, message, None, advice)


def _note(rule: str, message: str, advice: str = "") -> Finding:
    return Finding("agreement", rule, message, None, advice, "note")


def _pairs(result: TrialResult) -> Iterator[_Pair]:
    for step, before, after in zip(result.plan, result.original, result.candidate, strict=False):
        index, scenario, moment, times = step
        valid = result.inputs[index]["valid"]
        yield _Pair(before, after, index, scenario, moment, times, valid)


# One pair.


def _verdict(pair: _Pair, clean: dict[str, Any] | None, source: FunctionSource, spec: Spec) -> str:
    before, after = pair.before, pair.after
    if _same(before, after):
        return "equal"
    if after["kind"] == "raise" and _REFUSAL in after["bases"] and _may_refuse(pair, source):
        return "rejected"
    if spec.strict and before["kind"] == "value" and _refuses_result(after):
        return "rejected"  # asked for: a result that contradicts its annotation raises
    if source.is_stub:
        return _stub_verdict(pair)
    if spec.idempotent and before["kind"] == "raise" and _TRANSIENT & set(before["bases"]):
        return "recovered"  # the user said that a failed call may be repeated, effects and all
    if pair.scenario in _ONCE and clean is not None and _same(clean, after):
        return "recovered"
    if pair.scenario in _LASTING and after["kind"] == "raise" and before["kind"] == "raise":
        # Given up early: whoever caught the original's exception must catch this one.
        if after["type"] in _HARSH and _catches(before, after):
            return "recovered"
    return "changed"


def _refuses_result(after: dict[str, Any]) -> bool:
    return (
        after["kind"] == "raise"
        and _REFUSAL in after["bases"]
        and str(after.get("message", "")).startswith("the result must be ")
    )


def _may_refuse(pair: _Pair, source: FunctionSource) -> bool:
    """A refusal is allowed where the annotation is violated, or where it is caught as before."""
    if not pair.valid:
        return True
    if source.is_stub:
        return any(p.annotation is None for p in source.parameters)
    if pair.before["kind"] != "raise":
        return False
    return _catches(pair.before, pair.after) or _accidental(pair.before, source)


def _accidental(before: dict[str, Any], source: FunctionSource) -> bool:
    """Whether an exception is one that the function stumbled into, and not one that it raises."""
    name = before["type"].rpartition(".")[2]
    raised = {
        part.id
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Raise)
        for part in ast.walk(node)
        if isinstance(part, ast.Name)
    }
    return name in _STUMBLES and name not in raised


def _catches(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether `except` for the original's exception also catches the candidate's."""
    return before["type"] in after["bases"]


def _same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return _same_answer(before, after) and all(before.get(k) == after.get(k) for k in _ASIDE)


def _same_answer(before: dict[str, Any], after: dict[str, Any]) -> bool:
    if before["kind"] != after["kind"]:
        return False
    if before["kind"] == "value":
        return bool(before["value"] == after["value"])
    return bool(before["type"] == after["type"] and before["error"] == after["error"])


def _stub_verdict(pair: _Pair) -> str:
    before, after = pair.before, pair.after
    if after["kind"] == "raise" and not pair.valid:
        return "rejected"
    kept = all(before.get(k) == after.get(k) for k in ("args", "printed", "files"))
    if before["kind"] == after["kind"] == "value" and kept:
        return "reshaped" if _fits_shape(before["value"], after["value"]) else "changed"
    return "changed"


def _fits_shape(model: Any, value: Any) -> bool:
    """Compare two descriptions by keys and types; None in the stub may become anything."""
    if model == ["constant", "None"]:
        return True
    if model[0] == "mapping":
        if value[0] != "mapping":
            return False
        given = {repr(pair[0]): pair[1] for pair in value[2] if len(pair) == 2}
        return all(repr(k) in given and _fits_shape(v, given[repr(k)]) for k, v in model[2])
    if model[0] in ("int", "float"):
        # 0.0 and 0 in a stub both mean "a number"; a NumPy scalar would not be the user's type.
        return value[0] in ("int", "float")
    if model[0] == "sequence":
        return bool(value[:2] == model[:2])
    return bool(value[0] == model[0])


# Effects.


def _effects(pair: _Pair, source: FunctionSource, spec: Spec) -> Iterator[Finding]:
    before = Counter(tuple(r) for r in pair.before.get("requests", ()))
    after = Counter(tuple(r) for r in pair.after.get("requests", ()))
    hosts = {_host(url) for _, url, _ in before}
    hosts |= {g.removeprefix("net:") for g in spec.grants if g.startswith("net:")}
    failed = pair.scenario is not None
    for request, times in after.items():
        method, url, _ = request
        if _host(url) not in hosts:
            yield _error("POET-G310", f"it asks another host: {method} {url}")
        elif method in _READING or spec.idempotent:
            if request not in before and not failed:
                yield _error("POET-G312", f"it sends another request: {method} {url}")
            elif not failed and times > before[request]:
                yield _error("POET-G313", f"it sends {method} {url} {times} times, not "
                             f"{before[request]}, although nothing failed")  # fmt: skip
        elif times > before[request]:
            yield _error("POET-G311", f"it repeats an effect: {method} {url} {times} times instead "
                         f"of {before[request]}",
                         "Retry only what cannot repeat an effect.")  # fmt: skip
    if pair.scenario is None and pair.after["kind"] == "value":
        for request in before - after:
            yield _error("POET-G314", f"it does not send {request[0]} {request[1]}")
    yield from _other_effects(pair, source, spec)


def _other_effects(pair: _Pair, source: FunctionSource, spec: Spec) -> Iterator[Finding]:
    before, after = pair.before.get("effects", {}), pair.after.get("effects", {})
    for effect, times in after.items():
        known = before.get(effect, 0)
        if known and times > known and not (source.effects.repeatable or spec.idempotent):
            yield _error("POET-G311", f"it repeats an effect: {effect}, {times} times instead of "
                         f"{known}", "Retry only what cannot repeat an effect.")  # fmt: skip


def _host(url: str) -> str:
    return url.split("/")[2] if url.count("/") >= 2 else url


# All pairs.


def _telling(changed: list[_Pair]) -> list[_Pair]:
    """Return the differences to show: one of each kind first."""
    seen: set[tuple[Any, ...]] = set()
    first: list[_Pair] = []
    rest: list[_Pair] = []
    for pair in changed:
        kind = (pair.before["kind"], pair.after["kind"], pair.after.get("type"), pair.scenario)
        (rest if kind in seen else first).append(pair)
        seen.add(kind)
    return [*first, *rest][:_SHOWN]


def _missing(result: TrialResult) -> list[Finding]:
    short = len(result.original) - len(result.candidate)
    if short == 0:
        return []
    return [
        _error("POET-G301", f"it took too long: only {len(result.candidate)} of {len(result.original)} "
               "calls were answered",
               "A missing comparison counts as a difference; make it faster.")
    ]  # fmt: skip


def _examples(result: TrialResult, pairs: list[_Pair], source: FunctionSource) -> Iterator[Finding]:
    """Hold the candidate to the results that the user says are right."""
    for index, expected in enumerate(result.expected):
        if expected is None:
            continue
        for pair in pairs:
            if pair.index != index or pair.scenario or pair.moment or pair.times > 1:
                continue
            if pair.after["kind"] == "value" and pair.after["value"] == expected:
                continue
            said = f"examples[{index}] should give {brief(expected)}, but it {_answer(pair.after)}"
            same = not source.is_stub and _same_answer(pair.before, pair.after)
            yield (
                _note("POET-G316", f"{said}; so does the original",
                      "Correct the example or the function.")
                if same else _error("POET-G315", said)
            )  # fmt: skip


def _coverage(
    counts: Counter[str], pairs: list[_Pair], source: FunctionSource
) -> Iterator[Finding]:
    if not sum(counts.values()) - counts["not compared"]:
        yield _note("POET-G304", "nothing could be compared: no inputs could be made",
                    "Give examples= to have calls compared.")  # fmt: skip
        return
    if source.is_stub:
        if not any(p.after["kind"] == "value" for p in pairs):
            yield _error(
                "POET-G305", "it returns a value on none of the inputs; the stub does on all"
            )
        return
    answered = len({p.index for p in pairs if p.before["kind"] == "value"})
    if answered < 3:
        inputs = len({p.index for p in pairs})
        yield _note("POET-G303", f"compared mostly on exceptions: the original returned a value on "
                    f"{answered} of {inputs} inputs", "Give examples= to have more compared.")  # fmt: skip


# Words.


def _difference(pair: _Pair) -> str:
    asked = pair.before.get("asked") or pair.before.get("args")
    given = _arguments(asked)
    where = f" (network: {pair.scenario})" if pair.scenario else ""
    where += " (at a later date)" if pair.moment else ""
    if _same_answer(pair.before, pair.after):
        for part, words in _ASIDE.items():
            if pair.before.get(part) != pair.after.get(part):
                return f"on {given}{where} it {words}{_parts(pair, part)}"
    return f"on {given}{where} the original {_answer(pair.before)}; the candidate {_answer(pair.after)}"


def _arguments(asked: Any) -> str:
    if not isinstance(asked, list) or len(asked) < 4:
        return brief(asked) if asked else "an input"
    if asked[0] == "large":
        return str(asked[2])[:120]
    positional, named = asked[2], asked[3]
    texts = [brief(a, 80) for a in positional[2:]]
    texts += [f"{k[1]}={brief(v, 80)}" for k, v in named[2] if len(k) > 1]
    whole = ", ".join(texts)
    return f"({whole if len(whole) <= 160 else whole[:159] + '…'})"


def _parts(pair: _Pair, part: str) -> str:
    before, after = pair.before.get(part), pair.after.get(part)
    if part in ("printed", "logged", "warned"):
        return f": {str(after)[:80]!r} instead of {str(before)[:80]!r}"
    return ""


def _answer(outcome: dict[str, Any]) -> str:
    if outcome["kind"] == "value":
        return f"returns {brief(outcome['value'])}"
    if outcome["kind"] == "raise":
        kind = outcome["type"].split(".")[-1]
        return (
            f"raises {kind}: {outcome['message'][:120]}" if outcome["message"] else f"raises {kind}"
        )
    return "does not end within two seconds" if outcome["kind"] == "timeout" else "cannot be called"


def _summary(counts: Counter[str], source: FunctionSource) -> str:
    if not sum(counts.values()) - counts["not compared"]:
        return "compared on no inputs"
    equal, rejected = counts["equal"], counts["rejected"]
    parts = [f"equal on {equal:,} input{'s' if equal != 1 else ''}"]
    if source.is_stub:
        parts = [f"a stub: same keys and types on {equal + counts['reshaped']:,} inputs"]
    if rejected:
        parts.append(
            f"differs on {rejected:,}, {'all ' if rejected > 1 else ''}now an ArgumentError"
        )
    if counts["recovered"]:
        parts.append(f"recovers from {counts['recovered']:,} failures of the network")
    if counts["changed"]:
        parts.append(f"answers differently on {counts['changed']:,}")
    if counts["not compared"]:
        parts.append(f"{counts['not compared']:,} not compared")
    return "; ".join(parts)
