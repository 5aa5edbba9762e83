"""Reading a model's answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poet.errors import ModelError
from poet.generate.reply import Reply, ReplyError, read_reply

CODE = '"""m."""\n\n\ndef perceive(x):\n    return x\n\n\ndef operate(x):\n    return x\n'
TRAIN = "def train(feedback, params):\n    return {}\n"


def fenced(code, info="python", fence="```"):
    return f"{fence}{info}\n{code}{fence}\n"


@pytest.mark.parametrize(
    "answer",
    [
        fenced(CODE),
        fenced(CODE, "py"),
        fenced(CODE, ""),
        fenced(CODE, fence="~~~~"),
        "Here it is:\n\n" + fenced(CODE) + "\nIt calls the original.",
        fenced(CODE).replace("\n", "\r\n"),
        "\ufeff" + fenced(CODE),
        CODE,
        "Add this first:\n" + fenced("x = 1\n") + "The whole:\n" + fenced(CODE),
        fenced("pip install x\n", "bash") + fenced(CODE),
        fenced(CODE) + "Again:\n" + fenced(CODE),
        "".join("  " + line + "\n" for line in fenced(CODE).splitlines()),
    ],
)
def test_the_code_is_found(answer):
    """Fences of all kinds, talk around them, line ends, quoted snippets, a repeated block."""
    assert read_reply(answer) == Reply(CODE)


@pytest.mark.parametrize(
    "second",
    [
        fenced(TRAIN, 'python title="train.py"'),
        "**train.py**\n\n" + fenced(TRAIN),
        fenced("# train.py\n" + TRAIN),
        fenced(TRAIN),
    ],
)
def test_train_is_told_apart(second):
    """By its title, the line above, its first line, or because it defines train."""
    reply = read_reply(fenced(CODE, 'python title="enhanced.py"') + "\n" + second)
    assert reply.code == CODE
    assert reply.train is not None
    assert reply.train.endswith(TRAIN)


def test_a_fence_inside_a_docstring_does_not_end_the_block():
    """The block ends where its text makes sense."""
    code = '"""Docs.\n\n```\nexample\n```\n"""\n\n\ndef operate(x):\n    return x\n'
    assert read_reply(fenced(code)).code == code


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("", "no block of Python"),
        ("I cannot help with that.", "no block of Python"),
        (fenced("{}\n", "json"), "no block of Python"),
        (fenced(""), "no block of Python"),
        (fenced(CODE) + fenced(CODE + "y = 2\n"), "2 blocks"),
        (fenced(CODE)[:-8], "breaks off"),
        (fenced(CODE) + fenced(TRAIN) + fenced(TRAIN + "y = 2\n"), "2 blocks for train.py"),
    ],
)
def test_an_answer_without_code_says_what_to_send(answer, hint):
    """The message goes back to the model, so it says what is wanted."""
    with pytest.raises(ReplyError, match=hint) as raised:
        read_reply(answer)
    assert isinstance(raised.value, ModelError)


def test_code_that_does_not_parse_is_for_the_gate():
    """A block with a syntax error is read; the gate's report says where it is."""
    assert read_reply(fenced("def operate(:\n")).code == "def operate(:\n"


@given(st.text(alphabet="`~ \npython#def operate():x", max_size=200))
def test_nothing_but_replies_and_reply_errors(text):
    """Whatever a model sends."""
    try:
        assert read_reply(text).code.strip()
    except ReplyError:
        pass
