"""The ladder with a scripted model: what is asked when, and what is kept of it."""

from dataclasses import replace

import pytest

from poet.domains import load
from poet.errors import ModelError
from poet.generate import ladder
from poet.generate.ladder import Job, enhance
from poet.generate.model.recordings import Scripted
from poet.settings import settings_for
from poet.source import FunctionSource
from poet.spec import make_spec
from poet.store import folder_for

MODULE = '''
def total(prices: list[float], discount: float = 0.0) -> float:
    """Sum the prices and take the discount off."""
    return sum(prices) * (1 - discount)
'''
SOURCE = FunctionSource.in_text(MODULE, "total", module="shop")
GOOD = load("reliability").blueprint(SOURCE, make_spec({}))
WRONG = GOOD.replace("return original(", "return 1.0 + original(")


def fenced(code):
    return f"Here you are.\n\n```python\n{code}```\n"


@pytest.fixture
def run(tmp_path):
    """Enhance `total` with a model that gives these answers; return the outcome and the model."""

    def enhanced(*answers, **settings):
        model = Scripted(answers)
        folder = folder_for(tmp_path / ".poet", None, "total", "shop")
        chosen = replace(settings_for(tmp_path), model=model, **settings)
        outcome = enhance(Job(SOURCE, make_spec({}), folder, chosen))
        assert outcome.version is not None, outcome.steps
        return outcome.version.metadata["provenance"], model, outcome

    return enhanced


def test_a_good_answer_is_kept_with_its_prompt(run):
    """One question, one version; the prompt lies beside the code."""
    provenance, model, outcome = run(fenced(GOOD))
    assert (provenance["ladder"], provenance["attempt"]) == ("model", 1)
    assert provenance["model"] == "scripted"
    assert provenance["cost"] is None
    (asked,) = model.asked
    assert "def total(prices: list[float]" in asked
    assert (outcome.version.folder / "prompt.md").read_text().rstrip() == asked.rstrip()


def test_a_refused_answer_goes_back_with_the_report(run):
    """The model sees its own answer and what the gate found."""
    provenance, model, outcome = run(fenced(WRONG), fenced(GOOD))
    assert (provenance["ladder"], provenance["attempt"]) == ("repair", 2)
    assert "return 1.0 + original(" in model.asked[1]
    assert "[agreement]" in model.asked[1]
    assert "refused" in outcome.steps[0]


def test_an_answer_without_code_is_asked_for_again(run):
    """The reason is told in words."""
    provenance, model, _ = run("I would rather not.", fenced(GOOD))
    assert provenance["ladder"] == "repair"
    assert "no block of Python" in model.asked[1]


def test_after_three_attempts_the_smaller_prompt_is_tried(run):
    """It is a new conversation without the old mistakes."""
    provenance, model, _ = run(*[fenced(WRONG)] * 3, fenced(GOOD))
    assert provenance["ladder"] == "small prompt"
    assert len(model.asked) == 4
    assert "1.0 +" not in model.asked[3]


def test_a_model_that_never_gets_it_right_leaves_the_blueprint(run):
    """Every step down is told."""
    provenance, model, outcome = run(*[fenced(WRONG)] * 4)
    assert provenance["ladder"] == "blueprint"
    assert len(outcome.steps) == 5


def test_a_model_that_cannot_be_asked_leaves_the_blueprint(run):
    """A missing key is a step down with its reason, not an exception."""
    provenance, _, outcome = run(ModelError("Set SOME_KEY."), ModelError("Set SOME_KEY."))
    assert provenance["ladder"] == "blueprint"
    assert any("SOME_KEY" in step for step in outcome.steps)


def test_a_busy_provider_is_asked_again_when_it_says(run):
    """Retry-After is obeyed; the attempt is still the first."""
    busy = ModelError("busy", retryable=True, retry_after=0.01)
    provenance, model, _ = run(busy, busy, fenced(GOOD))
    assert (provenance["ladder"], provenance["attempt"]) == ("model", 1)
    assert len(model.asked) == 3


def test_the_time_for_all_attempts_together_is_bounded(run):
    """Nothing is asked when no time is left."""
    provenance, model, outcome = run(fenced(GOOD), generation_seconds=0.5)
    assert provenance["ladder"] == "blueprint"
    assert model.asked == []
    assert any("used up" in step for step in outcome.steps)


def test_an_attempt_is_never_longer_than_its_share():
    """Thirty seconds for one attempt, three attempts with the full prompt."""
    assert (ladder.ATTEMPTS, ladder.SECONDS_PER_ATTEMPT) == (3, 30.0)


def test_a_refusal_is_remembered_and_asked_anew_on_command(tmp_path, monkeypatch):
    """The gate does not judge the same text in every process; `poet enhance` asks again."""
    from poet.generate import ladder

    text = "def f(n: int) -> int:\n    return n\n"
    (tmp_path / "refused.py").write_text(text)
    source = FunctionSource.in_file(tmp_path / "refused.py", "f")
    folder = folder_for(tmp_path / ".poet", tmp_path / "refused.py", "f", "refused")
    (tmp_path / "mute").mkdir()
    (tmp_path / "mute" / "requirements.md").write_text("# Mute\n")
    (tmp_path / "mute" / "blueprint.py").write_text("def write(source, spec):\n    return 'x ='\n")
    job = Job(source, make_spec({"domain": str(tmp_path / "mute")}), folder, settings_for(tmp_path))
    monkeypatch.setattr(ladder, "load_domain", lambda name, **more: load(str(tmp_path / "mute")))
    assert not ladder._refused(job)
    assert enhance(job).version is None
    assert ladder._refused(job)
    (tmp_path / "mute" / "requirements.md").write_text("# Changed\n")
    assert not ladder._refused(job)
