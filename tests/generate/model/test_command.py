"""A program as the model."""

import asyncio
import os
import shlex
import sys
import time

import pytest

from poet.errors import ModelError, SettingsError
from poet.generate.model import Message
from poet.generate.model.command import CommandModel

QUESTION = [Message("user", "Wäre es möglich? $HOME | `id`")]


def program(code: str) -> CommandModel:
    return CommandModel(shlex.join([sys.executable, "-c", code]))


def test_the_prompt_goes_in_and_the_answer_comes_out():
    """UTF-8 both ways, and no shell looks at the prompt."""
    echo = program("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().upper())")
    answer = echo.complete(QUESTION, deadline=20)
    assert answer.text.startswith("## USER")
    assert "$HOME | `ID`" in answer.text
    assert answer.input_tokens is None
    assert answer.cost is None


def test_it_works_inside_a_running_loop():
    """Both ways of asking work where a loop runs."""

    async def inside():
        model = program("print('yes')")
        assert model.complete(QUESTION, deadline=20).text == "yes\n"
        return (await model.acomplete(QUESTION, deadline=20)).text

    assert asyncio.run(inside()) == "yes\n"


def test_the_deadline_ends_the_program_and_what_it_started(tmp_path):
    """Nothing is left running."""
    note = tmp_path / "pid"
    model = program(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(ModelError, match="within 2 s") as raised:
        model.complete(QUESTION, deadline=2)
    assert time.monotonic() - started < 6
    assert not raised.value.retryable
    assert ended(int(note.read_text()))


def ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that nobody has collected."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("code", "retryable"), [(1, False), (75, True)])
def test_a_failing_program_is_quoted(code, retryable):
    """Its exit code and its last words are in the message; 75 asks to come again."""
    with pytest.raises(ModelError, match=f"exit code {code}: no key") as raised:
        program(f"import sys; sys.exit(print('no key', file=sys.stderr) or {code})").complete(
            QUESTION, deadline=20
        )
    assert raised.value.retryable is retryable


def test_silence_is_an_error():
    """An empty answer is no answer."""
    with pytest.raises(ModelError, match="answered nothing"):
        program("pass").complete(QUESTION, deadline=20)


def test_a_missing_program():
    """The message names it and the setting."""
    with pytest.raises(ModelError, match=r"no-such-program.*POET_MODEL"):
        CommandModel("no-such-program -x").complete(QUESTION, deadline=1)


@pytest.mark.parametrize("text", ["llm 'unclosed", "''x'"])
def test_a_command_that_cannot_be_split(text):
    """Quotes have to match."""
    with pytest.raises(SettingsError, match="cannot be read"):
        CommandModel(text)
