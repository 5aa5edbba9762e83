"""Providers by way of pydantic-ai, against a local server that speaks OpenAI's chat protocol."""

import asyncio
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from poet.errors import ModelError
from poet.generate.model import Message, model_from

pytest.importorskip("pydantic_ai")

TALK = [
    Message("system", "Be brief."),
    Message("user", "Why?"),
    Message("assistant", "Because."),
    Message("user", "Why again?"),
]


class Handler(BaseHTTPRequestHandler):
    """Does what the name of the asked model says: a status, `slow`, `long`, `empty`, or answers."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        """Keep quiet."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        model = body["model"]
        if model == "slow":
            self.server.hold.wait(10)
        status, answer = 200, {
            "id": "1", "object": "chat.completion", "created": 1, "model": model,
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": "" if model == "empty" else "So."},
                "finish_reason": "length" if model == "long" else "stop",
            }],
            "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14},
        }  # fmt: skip
        if model == "uncounted":
            del answer["usage"]
        if model == "alien":
            answer = {"hello": "world"}
        if model.isdigit():
            status, answer = int(model), {"error": {"message": f"sorry, {model}", "type": "x"}}
        data = json.dumps(answer).encode()
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def server(monkeypatch):
    """A server on loopback that `openai-chat:` finds by the environment."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.hold = [], threading.Event()
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    yield server
    server.hold.set()
    server.shutdown()
    server.server_close()
    thread.join()


def ask(name, deadline=10):
    return model_from(f"openai-chat:{name}").complete(TALK, deadline=deadline)


def test_an_answer_with_its_counts(server):
    """Text, model, tokens; the cost of a local server is not known, whatever its model's name."""
    answer = ask("gpt-4o")
    assert (answer.text, answer.model, answer.stop_reason) == ("So.", "gpt-4o", "stop")
    assert (answer.input_tokens, answer.output_tokens) == (11, 3)
    assert answer.cost is None
    assert [m["role"] for m in server.asked[0]["messages"]] == [m.role for m in TALK]
    assert [m["content"] for m in server.asked[0]["messages"]] == [m.text for m in TALK]
    assert ask("uncounted").input_tokens is None


def test_it_works_inside_a_running_loop_and_again_in_another(server):
    """Notebooks and async services call it; no connection is carried from loop to loop."""

    async def inside():
        first = ask("m").text
        return first, (await model_from("openai-chat:m").acomplete(TALK, deadline=10)).text

    assert asyncio.run(inside()) == ("So.", "So.")
    assert asyncio.run(inside()) == ("So.", "So.")


def test_the_deadline_is_kept_and_nothing_is_repeated(server):
    """One request, given up when its time is over."""
    ask("warm")  # the first completion also imports the library
    started = time.monotonic()
    with pytest.raises(ModelError, match="within 1 s") as raised:
        ask("slow", deadline=1)
    assert time.monotonic() - started < 2.5
    assert not raised.value.retryable
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "retryable", "hint"),
    [
        (400, False, "sorry, 400"),
        (401, False, "key"),
        (404, False, "OPENAI_BASE_URL"),
        (429, True, "sorry, 429"),
        (500, True, "sorry, 500"),
        (503, True, "sorry, 503"),
    ],
)
def test_failures_say_whether_asking_again_may_help(server, status, retryable, hint):
    """The client itself never asks twice."""
    with pytest.raises(ModelError, match=hint) as raised:
        ask(str(status))
    assert raised.value.retryable is retryable
    assert raised.value.retry_after == (7.0 if status == 429 else None)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("name", "hint"), [("long", "max_tokens"), ("empty", "no text"), ("alien", "openai-chat")]
)
def test_an_answer_that_is_none(server, name, hint):
    """Cut off, empty or in another protocol: an error that says what to do."""
    with pytest.raises(ModelError, match=hint) as raised:
        ask(name)
    assert not raised.value.retryable


def test_a_server_that_is_not_there(server, monkeypatch):
    """A refused connection may be over soon."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match="cannot be reached") as raised:
        ask("m")
    assert raised.value.retryable


def test_a_missing_key_is_named(monkeypatch):
    """Nothing is sent without one."""
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelError, match="OPENAI_API_KEY"):
        model_from("openai:gpt-5").complete(TALK, deadline=10)


def test_a_missing_library_is_named_with_its_extra(monkeypatch):
    """A step down the ladder that says what to install."""
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    with pytest.raises(ModelError, match=r"opendxa-poet\[llm\]"):
        model_from("openai:gpt-5").complete(TALK, deadline=10)


def test_an_unknown_provider():
    """A name that only the library could know is refused by it."""
    with pytest.raises(ModelError, match="nowhere:m"):
        model_from("nowhere:m").complete(TALK, deadline=10)
