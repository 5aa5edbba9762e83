"""Agreement: what counts as equal, as a refusal, as a recovery, and as a change."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from poet.domains import load
from poet.generate.gate.agreement import compare
from poet.generate.gate.trial import TrialResult, try_out
from poet.source import FunctionSource
from poet.spec import Spec

_spec = importlib.util.spec_from_file_location("trying", Path(__file__).with_name("trying.py"))
trying = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(trying)
attempt = trying.attempt
sys.path.insert(0, str(Path(__file__).parents[2] / "corpus"))

DAYS = """
    def days(text: str, limit: int = 30) -> int:
        if limit < 0:
            raise LookupError("limit")
        return min(len(text.split()), limit)
"""


def test_refusing_what_violates_the_annotation_is_allowed(tmp_path):
    """A check that the original lacks is what POET is for; the report counts it."""
    operate = 'check("text", text, str)\ncheck("limit", limit, int)\nreturn original(text, limit)'
    tried = attempt(tmp_path, DAYS, "days", operate)
    assert tried.passed, tried.text()
    assert tried.agreement.figures["rejected"] >= 3
    assert "all now an ArgumentError" in tried.agreement.summary


def test_refusing_what_the_original_answers_is_a_change(tmp_path):
    """An argument that fits the annotation and has an answer must get it."""
    operate = 'if not text:\n    reject("text", text, "empty")\nreturn original(text, limit)'
    tried = attempt(tmp_path, DAYS, "days", operate)
    assert "POET-G302" in tried.rules


def test_a_refusal_must_be_caught_as_the_originals_exception_was(tmp_path):
    """Who catches LookupError does not catch an ArgumentError."""
    operate = 'if limit < 0:\n    reject("limit", limit, "negative")\nreturn original(text, limit)'
    assert "POET-G302" in attempt(tmp_path, DAYS, "days", operate).rules
    value = DAYS.replace("LookupError", "ValueError")
    assert attempt(tmp_path, value, "days", operate).passed


CHANGES = {
    "another type": "return float(original(text, limit))",
    "another exception": "try:\n    return original(text, limit)\nexcept LookupError:\n    raise KeyError('limit')",
    "another message": "try:\n    return original(text, limit)\nexcept LookupError:\n    raise LookupError('x')",
    "a swallowed exception": "try:\n    return original(text, limit)\nexcept LookupError:\n    return 0",
    "prints": "print('hi')\nreturn original(text, limit)",
    "logs": "import logging\nlogging.getLogger('app').warning('x')\nreturn original(text, limit)",
    "warns": "import warnings\nwarnings.warn('x', UserWarning)\nreturn original(text, limit)",
    "one special value": "if limit == 4242:\n    return 1\nreturn original(text, limit)",
    "one special text": "if text == 'open sesame':\n    return 1\nreturn original(text, limit)",
    "large inputs": "if len(text) > 1500:\n    return 1\nreturn original(text, limit)",
    "after some calls": "params_seen.append(1)\nreturn original(text, limit) + (len(params_seen) > 40)",
    "a later date": "import time\nreturn original(text, limit) + (time.time() > 1_740_000_000)",
    "weekends": "import datetime\nreturn original(text, limit) + (datetime.date.today().weekday() > 4)",
    "chance": "import random\nreturn original(text, limit) + (random.random() < 0.5)",
}


@pytest.mark.parametrize("case", CHANGES)
def test_each_change_is_noticed(tmp_path, case):
    """Whatever a caller could notice."""
    head = "params_seen = []" if case == "after some calls" else ""
    tried = attempt(tmp_path, DAYS, "days", CHANGES[case], head=head)
    assert not tried.passed, tried.text()


def test_mutated_arguments_and_identity_count(tmp_path):
    """A function that changes its argument, and returns it, goes on doing so."""
    text = """
        def add(items: list[int], item: int) -> list[int]:
            items.append(item)
            return items
    """
    assert attempt(tmp_path, text, "add").passed
    kept = attempt(tmp_path, text, "add", "return [*items, item]")
    assert "leaves its arguments differently" in kept.text()
    copied = attempt(tmp_path, text, "add", "items.append(item)\nreturn list(items)")
    assert "returns another object" in copied.text()


def test_state_of_the_module_counts(tmp_path):
    """Calling the original twice shows in what it counts."""
    text = """
        CALLS = {"n": 0}
        def count(step: int) -> int:
            CALLS["n"] += step
            return CALLS["n"]
    """
    assert attempt(tmp_path, text, "count").passed
    assert not attempt(tmp_path, text, "count", "original(step)\nreturn original(step)").passed


def test_unannotated_parameters_are_found_out(tmp_path):
    """By use: keys, methods, arithmetic, comparison."""
    text = """
        def label(order, limit):
            if order["total"] > limit and order.get("country") == "CH":
                return order["name"].upper()
            return order["name"].lower()
    """
    tried = attempt(tmp_path, text, "label")
    assert tried.passed, tried.text()
    assert tried.agreement.figures["answered"] >= 20
    wrong = (
        'if order["total"] > limit:\n    return order["name"].upper()\nreturn order["name"].lower()'
    )
    assert not attempt(tmp_path, text, "label", wrong).passed


STUB = """
    def detect(current, reference, limit: float = 0.05):
        return {"drift": False, "score": 0.0, "details": None}
"""


def test_a_stub_keeps_keys_and_types(tmp_path):
    """Its values are free; the domain's probes judge them."""
    free = 'return {"drift": True, "score": 3.5, "details": {"a": 1}, "more": 1}'
    tried = attempt(tmp_path, STUB, "detect", free)
    assert tried.passed, tried.text()
    assert tried.agreement.summary.startswith("a stub: same keys and types")
    assert not attempt(tmp_path, STUB, "detect", 'return {"drift": True, "details": 1}').passed
    assert not attempt(
        tmp_path, STUB, "detect", 'return {"drift": 1, "score": 0.5, "details": 1}'
    ).passed
    refusing = 'reject("current", current, "never right")'
    assert "POET-G305" in attempt(tmp_path, STUB, "detect", refusing).rules


def test_examples_hold(tmp_path):
    """Calls that the user says are right decide, for stubs above all."""
    options = {"examples": [(("a", "a"), {"drift": True, "score": 1.0, "details": None})]}
    right = 'return {"drift": True, "score": 1.0, "details": None}'
    assert attempt(tmp_path, STUB, "detect", right, **options).passed
    wrong = 'return {"drift": True, "score": 2.0, "details": None}'
    assert "POET-G315" in attempt(tmp_path, STUB, "detect", wrong, **options).rules
    contradicting = attempt(tmp_path, DAYS, "days", examples=[(("a b",), 5)])
    assert contradicting.passed
    assert "so does the original" in contradicting.text()


def test_few_answers_are_told(tmp_path):
    """A comparison on exceptions only says that it is one."""
    text = "def need(key: str) -> str:\n    raise KeyError(key)\n"
    tried = attempt(tmp_path, text, "need")
    assert tried.passed
    assert "compared mostly on exceptions" in tried.text()


def test_a_missing_comparison_is_a_difference():
    """Outcomes that one side lacks are a finding."""
    source = FunctionSource.in_text("def f(x):\n    return x + 1\n", "f", module="m")
    one = {"kind": "value", "value": ["int", "1"]}
    inputs = [{"origin": "annotation", "valid": True}] * 2
    result = TrialResult(
        [], {}, inputs, [one, one], [one], [[0, None, 0, 1], [1, None, 0, 1]], compared=True
    )
    assert "POET-G301" in {f.rule for f in compare(result, source, Spec()).findings}


def mutants_of(names):
    from mutants import mutate

    for source in mutate.sources():
        if source.name in names:
            for mutant in mutate.mutants(source, most=4):
                yield pytest.param(source, mutant, id=mutant.name)


@pytest.mark.parametrize(
    ("source", "mutant"), list(mutants_of({"grade", "mask", "order_total", "next_workday"}))
)
def test_seeded_faults_are_noticed(source, mutant):
    """A sample of the faults; `benchmarks/gate_trial.py` runs all."""
    result = try_out(mutant.code, source, Spec(), load("reliability"), sandbox="plain")
    assert result.compared
    assert [f for f in compare(result, source, Spec()).findings if f.severity == "error"], (
        mutant.what
    )
