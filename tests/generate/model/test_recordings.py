"""Recorded pairs."""

import asyncio

import pytest

from poet.errors import ModelError
from poet.generate.model import Message, as_text
from poet.generate.model.recordings import Recordings

MESSAGES = [Message("system", "Be brief."), Message("user", "Why?  \nBecause.")]


def record(folder, number, messages, answer):
    (folder / f"{number:04d}.request.md").write_text(as_text(messages))
    if answer is not None:
        (folder / f"{number:04d}.answer.md").write_text(answer)


def test_the_answer_to_the_same_request(tmp_path):
    """Requests are matched by their text; line ends and trailing space do not count."""
    record(tmp_path, 1, [Message("user", "Other")], "no")
    record(tmp_path, 2, MESSAGES, "yes")
    request = tmp_path / "0002.request.md"
    request.write_bytes(request.read_text().replace("  \n", "\n").replace("\n", "\r\n").encode())
    model = Recordings(tmp_path)
    assert model.complete(MESSAGES, deadline=1).text == "yes"
    assert asyncio.run(model.acomplete(MESSAGES, deadline=1)).text == "yes"


def test_a_request_without_an_answer_is_written_aside(tmp_path):
    """The error names the folder, and the request waits there for an answer."""
    record(tmp_path, 1, MESSAGES, None)
    with pytest.raises(ModelError, match=str(tmp_path)):
        Recordings(tmp_path).complete(MESSAGES, deadline=1)
    (aside,) = (tmp_path / "missing").iterdir()
    assert aside.read_text() == as_text(MESSAGES)
    assert aside.name.endswith(".request.md")


def test_a_folder_that_is_not_there(tmp_path):
    """It is not made by asking."""
    with pytest.raises(ModelError, match="no folder of recordings"):
        Recordings(tmp_path / "none").complete(MESSAGES, deadline=1)
    assert not (tmp_path / "none").exists()
