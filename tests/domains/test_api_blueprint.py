"""The api blueprint: what it rewrites, and how its versions behave against a misbehaving server."""

import asyncio
import gc
import inspect
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from poet.domains.api import probes
from poet.errors import CircuitOpen, DeadlineExceeded

READ = """
import requests
def read(url: str) -> dict:
    response = requests.get(url)
    response.raise_for_status()
    return response.json()
"""
JSON_ONLY = "import requests\ndef read(url):\n    return requests.get(url)\n"
SEND = """
import requests
def send(url: str) -> dict:
    return requests.post(url, json={"a": 1}).json()
"""


@pytest.fixture
def at(server, request):
    """Return the address of a kind of trouble, counted for this test alone."""
    base, _ = server
    name = "".join(c for c in request.node.name if c.isalnum())
    return lambda kind, key="": f"{base}/{kind}/{name}{key}"


@pytest.fixture
def seen(server):
    """Return how many requests an address had."""
    return lambda url: server[1].requests[url.rsplit("/", 1)[1]]


@pytest.mark.parametrize(
    ("kind", "requests_needed"),
    [("fine", 1), ("500 then 200", 2), ("503 twice", 3), ("reset", 2), ("truncated JSON", 2),
     ("cut body", 2)],
)  # fmt: skip
def test_passing_trouble_is_survived(api, at, seen, kind, requests_needed):
    """A read gets its answer with no more requests than it takes."""
    url = at(kind)
    assert api(READ, "read").entry(url) == {"user": "ada", "credit": 17}
    assert seen(url) == requests_needed


def test_retry_after_is_obeyed(api, at, seen):
    """After a 429 the next attempt comes when the server asks for it."""
    url, start = at("429 with Retry-After"), time.monotonic()
    assert api(READ, "read").entry(url)["user"] == "ada"
    assert time.monotonic() - start >= 0.99
    assert seen(url) == 2


@pytest.mark.parametrize("kind", ["400", "404"])
def test_a_4xx_is_the_answer(api, at, seen, kind):
    """A client error is raised by the original's own raise_for_status, after one request."""
    url = at(kind)
    with pytest.raises(requests.HTTPError, match=kind):
        api(READ, "read").entry(url)
    assert seen(url) == 1


def test_the_last_answer_is_returned_as_it_is(api, at, seen):
    """A function that returns its response gets the 503 itself when the attempts are used up."""
    url = at("down")
    answer = api(JSON_ONLY, "read", retries=1).entry(url)
    assert answer.status_code == 503
    assert answer.text == "<h1>trouble</h1>"
    assert seen(url) == 2


def test_the_last_exception_is_the_librarys(api, at):
    """A body that is no JSON raises what the original raises."""
    with pytest.raises(requests.exceptions.JSONDecodeError):
        api(READ.replace("    response.raise_for_status()\n", ""), "read", retries=1).entry(
            at("down")
        )


@pytest.mark.parametrize("kind", ["POST 503", "POST, reply lost"])
def test_a_post_is_sent_once(api, at, seen, kind):
    """What sends data is never repeated unless it is declared idempotent."""
    url = at(kind)
    with pytest.raises(requests.RequestException):
        api(SEND, "send").entry(url)
    assert seen(url) == 1
    again = at(kind, "-idempotent")
    assert api(SEND, "send", idempotent=True).entry(again)["user"] == "ada"
    assert seen(again) == 2


def test_a_hang_ends_in_time_for_another_attempt(api, at, seen):
    """A request that never answers gets half of the time, so that a second one can answer."""
    url, start = at("hang once"), time.monotonic()
    assert api(READ, "read", timeout=1.0).entry(url)["user"] == "ada"
    assert time.monotonic() - start < 1.0
    assert seen(url) == 2


def test_a_slow_drip_is_bounded(api, at):
    """A server that sends a byte now and then cannot hold the caller longer than asked for."""
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        api(READ, "read", timeout=0.5).entry(at("slow drip"))
    assert time.monotonic() - start < 0.9


def test_only_the_read_is_repeated(api, at, seen):
    """In a function that reads and then sends, the read is repeated and the sending is not."""
    text = """
import requests
def both(read_url, send_url):
    requests.get(read_url).raise_for_status()
    return requests.post(send_url, json={}).status_code
"""
    read_url, send_url = at("500 then 200", "-r"), at("POST 503", "-s")
    assert api(text, "both").entry(read_url, send_url) == 503
    assert (seen(read_url), seen(send_url)) == (2, 1)


def test_a_method_with_a_session(api, at, seen):
    """A client class's own session is seen, bounded and repeated."""
    text = """
import requests
class Api:
    def __init__(self):
        self.session = requests.Session()
    def read(self, url: str) -> dict:
        return self.session.get(url).json()
"""
    v, url = api(text, "Api.read"), at("500 then 200")
    assert v.entry(v.module.Api(), url)["user"] == "ada"
    assert seen(url) == 2
    assert "timeout=params.request_timeout" in v.text


def test_async_httpx(api, at, seen):
    """An awaited request is repeated, and the coroutine stays one."""
    text = """
import httpx
async def read(url: str) -> dict:
    async with httpx.AsyncClient() as client:
        response = await client.get(url)
        return response.json()
"""
    v, url = api(text, "read"), at("503 twice")
    assert inspect.iscoroutinefunction(v.entry)
    assert asyncio.run(v.entry(url))["user"] == "ada"
    assert seen(url) == 3


def test_sync_httpx_with_a_client(api, at, seen):
    """httpx's connection errors and statuses are known as well."""
    text = """
import httpx
def read(url):
    with httpx.Client(trust_env=False) as client:
        return client.get(url).json()
"""
    for kind in ("reset", "500 then 200", "truncated JSON"):
        url = at(kind, kind.replace(" ", ""))
        assert api(text, "read").entry(url)["user"] == "ada"
        assert seen(url) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_urllib(api, at, seen):
    """urlopen gets a time-out, and a function that only reads is repeated as a whole."""
    text = """
import json, urllib.request
def read(url):
    with urllib.request.urlopen(url) as reply:
        return json.load(reply)
"""
    v = api(text, "read")
    for kind in ("503%20twice", "reset", "cut%20body"):
        assert v.entry(at(kind, kind))["user"] == "ada"
    assert "urlopen(url, timeout=params.request_timeout)" in v.text
    gc.collect()  # after a reset, http.client leaves the reply's socket to the collector


def test_the_module_is_read_live(api, at):
    """A constant that changes, or a library that a test replaces, is seen at once."""
    text = "import requests\nBASE = 'nowhere'\ndef read():\n    return requests.get(BASE).json()\n"
    v = api(text, "read")
    v.module.BASE = at("fine")
    assert v.entry()["user"] == "ada"

    class Fake:
        @staticmethod
        def get(url, timeout):
            return type("Answer", (), {"json": lambda self: "fake"})()

    v.module.requests = Fake
    assert v.entry() == "fake"


def test_the_breaker_names_how_long_and_keeps_the_class(api):
    """After failures to connect in a row the call is refused, as the exception that it was."""
    v = api(READ, "read", retries=1)
    for _ in range(5):
        with pytest.raises(requests.ConnectionError):
            v.entry("http://127.0.0.1:9/")
    with pytest.raises(CircuitOpen, match=r"in \d+\.\d s") as refused:
        v.entry("http://127.0.0.1:9/")
    assert isinstance(refused.value, requests.ConnectionError)


TEXTS = {
    "plain": (READ, "read", True),
    "alias": ("import requests as rq\ndef f(u):\n    return rq.get(u)\n", "f", True),
    "from": ("from requests import get\ndef f(u):\n    return get(u).text\n", "f", True),
    "global session": (
        "import requests\nS = requests.Session()\ndef f(u):\n    return S.get(u)\n", "f", True),
    "annotated": (
        "import requests\ndef f(s: requests.Session, u):\n    return s.get(u)\n", "f", True),
    "request": ("import requests\ndef f(m, u):\n    return requests.request(m, u)\n", "f", True),
    "one line": ("import requests\ndef f(u): return requests.get(u).text\n", "f", True),
    "commas": (
        "import requests\ndef f(u):\n    return requests.get(\n        u,\n        params={},\n    )\n",
        "f", True),
    "non-ASCII": (
        "import requests\ndef f(u):\n    é = 'ü'; return (é, requests.get(u + 'ä'))\n", "f", True),
    "two spaces": (
        'import requests\ndef f(u):\n  q = """\n a\nb"""\n  return requests.get(u, data=q)\n',
        "f", True),
    "docstring": (
        'import requests\ndef f(u):\n    """Doc.\n\n    More.\n    """\n    # why\n'
        "    return requests.get(u)\n", "f", True),
    "local called module": (
        "import requests\nB = 1\ndef f(u, send=2):\n    module = params = 1\n"
        "    return requests.get(u), B, module, params, send\n", "f", True),
    "own time-out": ("import requests\ndef f(u):\n    return requests.get(u, timeout=3)\n", "f", True),
    "options": ("import requests\ndef f(u, **o):\n    return requests.post(u, **o)\n", "f", False),
    "explicit None": (
        "import requests\ndef f(u):\n    return requests.post(u, timeout=None)\n", "f", False),
    "debug text": (
        "import requests\ndef f(u):\n    return f'{u=}', requests.get(u)\n", "f", False),
    "sets a global": (
        "import requests\nN = 0\ndef f(u):\n    global N\n    N += 1\n    return requests.get(u)\n",
        "f", False),
    "super": (
        "import requests\nclass A:\n    def f(self, u):\n        super().__init__()\n"
        "        return requests.get(u)\n", "A.f", False),
    "private": (
        "import requests\nclass A:\n    def f(self, u):\n        return requests.get(self.__u)\n",
        "A.f", False),
    "generator": ("import requests\ndef f(u):\n    yield requests.get(u)\n", "f", False),
    "no requests": ("def f(u):\n    return u\n", "f", False),
    "a dict": ("def f(session):\n    return session.get('a')\n", "f", False),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS)
def test_what_is_rewritten_and_what_is_not(api, case):
    """The body moves only where it means the same, and what is written passes the gate's text checks."""
    text, name, rewritten = TEXTS[case]
    v = api(text, name)
    assert v.findings() == []
    calls_original = "return original(" in v.text
    assert calls_original != rewritten, v.text
    if rewritten and case != "own time-out":
        assert "params.request_timeout" in v.text


def test_strings_keep_their_lines(api):
    """Indenting the body anew does not touch the text inside of a string."""
    text, name, _ = TEXTS["two spaces"]
    v = api(text, name)
    v.module.requests = type("R", (), {"get": staticmethod(lambda u, data, timeout: data)})
    assert v.entry("x") == "\n a\nb"


def test_locals_called_like_tools(api):
    """Variables and parameters named `module`, `params` and `send` do not hide the tools."""
    text, name, _ = TEXTS["local called module"]
    v = api(text, name)
    v.module.requests = type("R", (), {"get": staticmethod(lambda u, timeout: u)})
    assert v.entry("x") == ("x", 1, 1, 1, 2)


def test_the_reason_for_staying_is_said(api):
    """Where the text stays and has no time-outs, the docstring says so and what to do."""
    text, name, _ = TEXTS["debug text"]
    v = api(text, name)
    assert "prints its own text" in v.text
    assert "retry_on=transient" in v.text


def test_probes_pass(api):
    """The domain's probes accept its blueprint."""
    entry = api(READ, "read", retries=1).entry
    for probe in probes.__all__:
        getattr(probes, probe)(entry)


RUFF = Path(sys.executable).with_name("ruff")


@pytest.mark.skipif(not (RUFF.exists() or shutil.which("ruff")), reason="ruff is not installed")
def test_what_is_written_is_clean(api, tmp_path):
    """Linter and formatter have nothing to say."""
    folder = tmp_path / "out"
    folder.mkdir()
    for case in (
        "plain",
        "global session",
        "request",
        "commas",
        "options",
        "debug text",
        "private",
    ):
        text, name, _ = TEXTS[case]
        (folder / f"{case.replace(' ', '_')}.py").write_text(api(text, name).text)
    ruff = str(RUFF) if RUFF.exists() else "ruff"
    for command in (["check", "--select=E,F,W,I"], ["format", "--diff"]):
        done = subprocess.run(
            [ruff, *command, "--line-length=100", "--isolated", str(folder)],
            capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
