"""The seam: names of models, conversations as text, costs."""

import asyncio
import importlib.util

import pytest

from poet.errors import ModelError, SettingsError
from poet.generate.model import Completion, Message, Model, as_text, model_from
from poet.generate.model.command import CommandModel
from poet.generate.model.prices import cost_of
from poet.generate.model.pydantic_ai import MAX_TOKENS, PydanticAIModel
from poet.generate.model.recordings import Recordings, Scripted

QUESTION = [Message("user", "Why?")]


@pytest.mark.parametrize("name", [None, "", "  "])
def test_no_name_is_no_model(name):
    """Without POET_MODEL there is none, and blueprints are written."""
    assert model_from(name) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("command:llm -m gpt-5", CommandModel),
        ("recordings:some/folder", Recordings),
        ("openai:gpt-5", PydanticAIModel),
        ("openai-chat:llama3:8b", PydanticAIModel),
        ("gateway/anthropic:claude", PydanticAIModel),
    ],
)
def test_names_choose_the_kind(name, kind):
    """The part before the first colon chooses; nothing is read or contacted."""
    model = model_from(name)
    assert isinstance(model, kind)
    assert isinstance(model, Model)
    assert model.name == name


def test_a_model_object_is_taken_as_it_is():
    """Tests can pass a scripted model where a name is expected."""
    model = Scripted([])
    assert model_from(model) is model


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gpt-5", "openai:gpt-5"),
        ("claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"),
        ("openai:", "openai:gpt-5"),
        ("antropic:claude", "anthropic"),
        ("comand:llm", "command"),
        ("openai:gpt-5?temperature=1", "max_tokens"),
        ("openai:gpt-5?max_tokens=many", "max_tokens"),
        ("openai:gpt-5?max_tokens=0", "max_tokens"),
    ],
)
def test_unusable_names_say_what_to_write(name, hint):
    """An error names the value and shows the form."""
    with pytest.raises(SettingsError, match=hint) as raised:
        model_from(name)
    assert repr(name) in str(raised.value)


def test_the_budget_of_an_answer():
    """Known providers get a limit; other servers get one only when the setting says so."""
    assert model_from("anthropic:x").max_tokens == MAX_TOKENS
    assert model_from("openai-chat:x").max_tokens is None
    assert model_from("openai-chat:x?max_tokens=900").max_tokens == 900


def test_a_conversation_as_text():
    """Each message stands under its role."""
    text = as_text([Message("system", "Be brief."), Message("user", "Why?\n")])
    assert text == "## system\n\nBe brief.\n\n## user\n\nWhy?\n"


def test_scripted_answers_in_order_and_then_says_that_none_is_left():
    """The model for tests remembers what it was asked."""
    model = Scripted(["one", ModelError("busy", retryable=True), "two"])
    assert model.complete(QUESTION, deadline=1).text == "one"
    with pytest.raises(ModelError, match="busy"):
        model.complete(QUESTION, deadline=1)
    assert asyncio.run(model.acomplete(QUESTION, deadline=1)).text == "two"
    with pytest.raises(ModelError, match="no answer is left"):
        model.complete(QUESTION, deadline=1)
    assert model.asked[0] == "## user\n\nWhy?\n"


def test_an_unknown_price_is_none_and_never_zero():
    """No provider, no counts, or a model without a price: the cost is not known."""
    assert Completion("x", "gpt-4o", 10, 10).cost is None
    assert cost_of("gpt-4o", "https://api.openai.com/v1", None, 10) is None
    assert cost_of("gpt-4o", "http://127.0.0.1:11434/v1", 10, 10) is None
    assert cost_of("no-such-model", "https://api.openai.com/v1", 10, 10) is None


@pytest.mark.skipif(not importlib.util.find_spec("genai_prices"), reason="extra prices")
def test_a_known_price():
    """Published prices are per provider."""
    cost = cost_of("gpt-4o", "https://api.openai.com/v1", 1000, 1000)
    assert cost is not None
    assert 0 < cost < 1
