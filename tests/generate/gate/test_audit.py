"""The audit: hostile text is refused, ordinary text passes, nothing makes it crash."""

from __future__ import annotations

import ast
import json
import os
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poet import domains
from poet.generate.gate.audit import RULES, as_json, as_sarif, as_text, audit, policy_page
from poet.generate.gate.contract import check_contract
from poet.generate.gate.manifest import Manifest, manifest_of
from poet.generate.gate.text import MOST_BYTES
from poet.source import FunctionSource
from poet.spec import Spec

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests"))
from corpus.modules import benign, hostile  # noqa: E402

DOMAIN = domains.load("reliability")
HOSTILE, BENIGN = hostile(), benign()
SOURCE = FunctionSource.in_text("def f(a, b=1):\n    return a\n", "f", module="app")


def named(cases):
    return [pytest.param(c, id=f"{c.kind}-{c.name}") for c in cases]


def judged(case):
    manifest = manifest_of(case.source, case.spec, DOMAIN)
    return [*check_contract(case.code, case.source), *audit(case.code, manifest)]


def rules(code, **known):
    return {f.rule for f in audit_soundly(code, Manifest(**known))}


def audit_soundly(code, manifest):
    """A fault of the audit itself refuses the text; here it must fail the test."""
    found = audit(code, manifest)
    assert not [f.message for f in found if "the audit failed" in f.message]
    return found


@pytest.mark.parametrize("case", named(c for c in HOSTILE if c.seen_by == "audit"))
def test_hostile_is_refused(case):
    """Without running anything."""
    assert judged(case)


@pytest.mark.parametrize("case", named(BENIGN))
def test_benign_passes(case):
    """What a model writes for an ordinary function is not held up."""
    assert [f.text() for f in judged(case)] == []


@pytest.mark.parametrize("case", named(c for c in HOSTILE if c.seen_by == "trial"))
def test_what_only_a_run_can_show_is_known(case):
    """When the audit learns to see one of these, the corpus must say so."""
    assert judged(case) == []


def test_corpora_are_large_enough():
    """Figures in the documentation rest on them."""
    assert len(HOSTILE) >= 200
    assert len(BENIGN) >= 100
    assert len({c.name for c in HOSTILE}) == len(HOSTILE)
    refused = sum(c.seen_by == "audit" for c in HOSTILE)
    assert refused / len(HOSTILE) >= 0.95


def test_every_rule_is_shown_by_the_corpus():
    """A rule that refuses nothing is not known to work."""
    seen = {f.rule for c in HOSTILE for f in judged(c)}
    assert set(RULES) <= seen


@pytest.mark.parametrize("path", sorted((ROOT / "tests/corpus/functions").glob("*.py")), ids=str)
def test_blueprints_pass(path):
    """What POET writes itself passes its own audit and contract."""
    for qualname in _functions(path):
        source = FunctionSource.in_file(path, qualname)
        code = DOMAIN.blueprint(source, Spec())
        found = [*check_contract(code, source), *audit(code, manifest_of(source, Spec(), DOMAIN))]
        assert [f.text() for f in found] == [], qualname


def _functions(path):
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name


def test_bytes_and_text_are_judged_alike():
    """The store hands over bytes, the model text."""
    assert audit(b"import os\nos.system('x')\n", Manifest()) == audit(
        "import os\nos.system('x')\n", Manifest())  # fmt: skip
    assert rules(b"x = '\xff'\n") == {"POET-A001"}


@pytest.mark.parametrize("depth", [100, 1_000, 20_000])
@pytest.mark.parametrize(
    "unit", ["-", "not ", "(", "[", "a.", "1+", "lambda: ", "f(", "x if y else "]
)
def test_deep_text_is_refused(unit, depth):
    """However deep, there is an answer."""
    assert rules(f"x = {unit * depth}1\n") & {"POET-A002", "POET-A003"}


def test_a_fault_of_the_audit_refuses(monkeypatch):
    """What the audit cannot judge does not pass."""
    import poet.generate.gate.audit as package

    def broken(ctx, node):
        raise ZeroDivisionError("broken")

    monkeypatch.setitem(package._CHECKS, ast.Assign, (broken,))
    assert [f.rule for f in audit("x = 1\n", Manifest())] == ["POET-A003"]


def test_long_text_is_refused():
    """Before it is parsed."""
    assert rules("#" * (MOST_BYTES + 1)) == {"POET-A002"}


def test_order_does_not_depend_on_the_run():
    """The same text has the same findings, in the order of its lines."""
    code = "import socket\nimport ctypes\neval('1')\nx = '__globals__'\n"
    found = audit(code, Manifest())
    assert found == audit(code, Manifest())
    assert [f.line for f in found] == sorted(f.line for f in found)


def test_names_that_are_bound_locally_are_ordinary():
    """A parameter called `input` or `vars` is nobody's built-in."""
    assert rules("def f(input, vars, id):\n    return input, vars, id\n") == set()
    assert "POET-A201" in rules("def f(x):\n    return vars(x)\n")


def test_the_original_decides():
    """What the original's module does, a version may do as well."""
    text = "import os\nKEY = 'HOME'\ndef f():\n    return os.environ['HOME']\n"
    assert "POET-A402" in rules("import os\ndef g():\n    return os.environ['HOME']\n")
    source = FunctionSource.in_text(text, "f", module="app")
    known = manifest_of(source, Spec(), DOMAIN)
    assert audit("import os\ndef g():\n    return os.environ['HOME']\n", known) == []


_word = st.sampled_from(
    "import from as def class return lambda x y z eval getattr os sys ( ) [ ] { } : , . = == := * ** @ "
    "'a' \"__class__\" f'{x}' 1 0x10 1e9 if else for in while try except finally with async await yield "
    "match case global nonlocal del raise assert not and or is None True ... -> # \n \n\t ; \\ \x0c é ｅ"
    .split(" ")
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_word, max_size=60).map(" ".join))
def test_words_never_crash_it(code):
    """Neither stage raises, whatever words follow one another."""
    audit_soundly(code, Manifest())
    check_contract(code, SOURCE)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_text_never_crashes_it(code):
    """Nor any other text."""
    audit_soundly(code, Manifest())
    check_contract(code, SOURCE)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_never_crash_it(code):
    """Nor bytes."""
    audit_soundly(code, Manifest())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_cut_modules_never_crash_it(data):
    """Nor real modules with a piece cut out."""
    code = data.draw(st.sampled_from(HOSTILE)).code
    start = data.draw(st.integers(0, len(code)))
    end = data.draw(st.integers(start, min(len(code), start + 80)))
    cut = code[:start] + code[end:]
    audit_soundly(cut, Manifest())
    check_contract(cut, SOURCE)


def test_standard_library_never_crashes_it():
    """Real files of every style; a sample, because there are thousands."""
    files = sorted(Path(os.__file__).parent.glob("*.py"))[::6]
    files += sorted((Path(os.__file__).parent / "test").glob("test_[a-g]*.py"))[::12]
    assert len(files) > 20
    for path in files:
        text = path.read_bytes()
        audit_soundly(text, Manifest())
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check_contract(text.decode("utf-8", "replace"), SOURCE)


def test_renderings():
    """Text for editors, JSON, and SARIF that names its rules."""
    found = audit("import ctypes\n", Manifest())
    assert as_text("a.py", found).startswith("a.py:1: POET-A101 imports ctypes")
    assert json.loads(as_json("a.py", found))["findings"][0]["rule"] == "POET-A101"
    run = json.loads(as_sarif("a.py", found, "1.2"))["runs"][0]
    assert run["tool"]["driver"]["rules"][0]["id"] == "POET-A101"
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 1
    assert as_text("a.py", []) == "a.py: nothing found"


def test_policy_page_is_current():
    """After a change of the rules, write `policy_page()` to docs/policy.md."""
    assert (ROOT / "docs" / "policy.md").read_text(encoding="utf-8") == policy_page()


def test_ids_are_in_order_and_explained():
    """Each rule has its text, its reason and its advice."""
    assert list(RULES) == sorted(RULES)
    for rule in RULES.values():
        assert rule.refuses
        assert rule.why.endswith(".")
        assert rule.advice.endswith(".")
