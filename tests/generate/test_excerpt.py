"""What of the user's module a model is shown."""

import pytest

from poet.generate.excerpt import definitions, redacted, visible
from poet.source import FunctionSource

MODULE = '''
import requests

BASE_URL = "https://api.example.com"
API_KEY = "k3y-of-the-kingdom"
UNRELATED = "not shown"


class Order:
    """An order."""

    items: list


def helper(order: Order, *, deep: bool = False) -> str:
    """Say what is in an order.

    More.
    """
    return "secret sauce"


def unrelated():
    return 1


def ship(order: Order):
    return requests.post(BASE_URL, data=helper(order), headers={"X": API_KEY})


class Shop(dict):
    size: int = 3

    def __init__(self, name):
        self.name = name

    def sell(self, what):
        return self.name + what

    def other(self, a, b=2):
        return 0
'''


def test_only_what_the_function_names():
    """Constants, classes, the heads of functions; not their bodies, and nothing else."""
    shown = definitions(FunctionSource.in_text(MODULE, "ship", module="m"))
    assert 'BASE_URL = "https://api.example.com"' in shown
    assert "class Order:" in shown
    assert "def helper(order: Order, *, deep: bool=False) -> str:" in shown
    assert "Say what is in an order." in shown
    for absent in ("UNRELATED", "unrelated", "secret sauce", "kingdom", "Shop"):
        assert absent not in shown


def test_the_class_around_a_method():
    """How it is made and what else it offers."""
    shown = definitions(FunctionSource.in_text(MODULE, "Shop.sell", module="m"))
    assert "class Shop(dict):" in shown
    assert "self.name = name" in shown
    assert "def other(self, a, b=2): ..." in shown


def test_a_large_module_is_shortened():
    """A table of ten thousand lines stays at home."""
    table = "TABLE = {\n" + "".join(f"    {n}: 'x',\n" for n in range(10_000)) + "}\n"
    text = table + "def look(n):\n    return TABLE[n]\n"
    shown = definitions(FunctionSource.in_text(text, "look", module="m"))
    assert "more lines" in shown
    assert len(shown) < 2_000


@pytest.mark.parametrize(
    "text",
    [
        'API_KEY = "HIDDEN-HIDDEN"',
        "password: str = 'HIDDEN-HIDDEN'",
        'connect(db_password="HIDDEN-HIDDEN")',
        '{"client_secret": "HIDDEN-HIDDEN"}',
        'key = "sk-HIDDENHIDDENHIDDENHIDDEN"',
        'x = "AKIAHIDDENHIDDEN1234"',
        'url = "postgresql://app:HIDDEN-HIDDEN@db/prod"',
        'h = {"Authorization": "Bearer HIDDENHIDDENHIDDEN"}',
        "'''-----BEGIN RSA PRIVATE KEY-----\nHIDDEN\n-----END RSA PRIVATE KEY-----'''",
    ],
)
def test_secrets_stay_at_home(text):
    """Named like one, shaped like one, or inside a URL."""
    assert "HIDDEN" not in redacted(text)
    assert "<redacted>" in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "tokens = text.split()",
        "def f(token: str) -> bool: ...",
        'password = os.environ["PASSWORD"]',
        'raise ValueError("the token is missing")',
        "url = 'https://example.com:8080/a@b'",
        "max_tokens = 4096",
    ],
)
def test_ordinary_code_is_shown_as_it_is(text):
    """A name alone is no secret."""
    assert redacted(text) == text


def test_hidden_characters_can_be_seen():
    """Direction marks, zero-width characters and tags carry no second message."""
    assert visible("a\u200bb\u202ec\U000e0041\x07") == r"a\u200bb\u202ec\U000e0041\u0007"
    assert visible("größe 日本\r\n\tx") == "größe 日本\n\tx"
