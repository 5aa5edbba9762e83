"""The contract: parts, signature, kind, and that loading a version does nothing."""

from __future__ import annotations

import pytest

from poet.generate.gate.contract import check_contract, check_train
from poet.source import FunctionSource

ORIGINAL = "def price(order, rate=0.2, *rest, exact=False, **more):\n    return order\n"
GOOD = '''"""price, enhanced by POET."""

from poet.enhanced import original


def perceive(order, rate, rest, exact, more):
    return order, rate, rest, exact, more


def operate(order, rate, rest, exact, more):
    return original(order, rate, *rest, exact=exact, **more)


def enforce(result):
    return result


def price(order, rate=0.2, *rest, exact=False, **more):
    """Price."""
    return enforce(operate(*perceive(order, rate, rest, exact, more)))
'''


def source(text=ORIGINAL, name="price"):
    return FunctionSource.in_text(text, name, module="app")


def rules(code, original=None):
    return [f.rule for f in check_contract(code, original or source())]


def test_good_version_passes():
    """Parts, entry and signature are as they should be."""
    assert rules(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ('"""price, enhanced by POET."""', "", "POET-C002"),
        ("def enforce(result)", "def enforced(result)", "POET-C004"),
        ("def price(", "def prices(", "POET-C005"),
        ("def price(", "@original\ndef price(", "POET-C006"),
        ("rate=0.2, *rest, exact", "rate=0.3, *rest, exact", "POET-C008"),
        ("rate=0.2, *rest, exact", "rate, *rest, exact", "POET-C008"),
        ("price(order, rate=0.2", "price(order, /, rate=0.2", "POET-C008"),
        ("exact=False, **more):\n    \"", "exact=False):\n    \"", "POET-C008"),
        ("def price(", "async def price(", "POET-C009"),
        ("return enforce(operate(", "yield enforce(operate(", "POET-C009"),
        ("enforce(operate(*perceive(order, rate, rest, exact, more)))", "original(order)", "POET-C010"),
        ("def enforce(result):", "def enforce(result:", "POET-C001"),
    ],
)  # fmt: skip
def test_each_departure_is_named(before, after, rule):
    """Every part of the contract has its own rule."""
    assert before in GOOD
    assert rule in rules(GOOD.replace(before, after))


def test_defaults_may_be_left_to_the_loader():
    """`...` stands for any default, and two spellings of a literal are the same."""
    assert rules(GOOD.replace("price(order, rate=0.2", "price(order, rate=...")) == []
    assert rules(GOOD.replace("price(order, rate=0.2", "price(order, rate=0.20")) == []


@pytest.mark.parametrize(
    "statement",
    [
        "READY = original({})",
        "Ready = original\nREADY = Ready({})",
        "for n in range(3):\n    print(n)",
        "try:\n    import numpy\nexcept ImportError:\n    numpy = None",
        "class Setup:\n    original({})",
        "class Setup:\n    value = operate(1, 2, 3, 4, 5)",
        "if True:\n    import os",
        "TYPE_CHECKING = True\nif TYPE_CHECKING:\n    original({})",
        "original.calls = 0",
        "original({})",
        "BEST = max([1], key=original)",
        "X = (Y := original)(1)",
        "del original",
        "assert original",
        "with original:\n    pass",
    ],
)
def test_loading_does_nothing(statement):
    """Whatever runs at import would run before anybody called."""
    assert "POET-C007" in rules(
        GOOD.replace("\n\ndef perceive", f"\n{statement}\n\n\ndef perceive", 1)
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import re\n_LINE = re.compile('a+')",
        "import logging\nlog = logging.getLogger(__name__)",
        "LIMITS = {'a': (1, 2), 'b': frozenset({3})}",
        "WORDS = frozenset('a b c'.split())",
        "from poet.enhanced import Param\nPARAMS = {'limit': Param(0.5, 0, 1, 'limit')}",
        "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass Row:\n"
        "    name: str\n    tags: list = field(default_factory=list)",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from decimal import Decimal",
        "RULES = [lambda order: original(order)]",
        "import threading\n_lock = threading.Lock()",
    ],
)
def test_constants_and_classes_are_fine(statement):
    """What only makes values may stand at the top."""
    assert rules(GOOD.replace("\n\ndef perceive", f"\n{statement}\n\n\ndef perceive", 1)) == []


def test_parameter_named_like_a_part():
    """The part then has a trailing underscore."""
    original = source("def run(operate):\n    return operate\n", "run")
    code = '''"""run, enhanced by POET."""
from poet.enhanced import original
def perceive(operate):
    return operate
def operate_(operate):
    return original(operate)
def enforce(result):
    return result
def run(operate):
    """Run."""
    return enforce(operate_(perceive(operate)))
'''
    assert rules(code, original) == []


@pytest.mark.parametrize(
    ("original", "entry"),
    [
        ("async def go(x):\n    return x\n", "async def go(x):\n    return enforce(await operate(perceive(x)))"),
        ("def go(x):\n    yield x\n", "def go(x):\n    return (yield from operate(perceive(x)))"),
        ("async def go(x):\n    yield x\n", "def go(x):\n    return operate(perceive(x))"),
    ],
)  # fmt: skip
def test_kinds(original, entry):
    """Async stays async and generators stay generators; an async generator may be returned."""
    code = (
        '"""go, enhanced by POET."""\nfrom poet.enhanced import original\n'
        "def perceive(x):\n    return x\ndef operate(x):\n    return original(x)\n"
        f"def enforce(result):\n    return result\n{entry}\n"
    )
    assert rules(code, source(original, "go")) == []
    plain = code.replace(entry, "def go(x):\n    return enforce(operate(perceive(x)))\n")
    if not original.startswith("async def go(x):\n    yield"):
        assert "POET-C009" in rules(plain, source(original, "go"))


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("def train(feedback, params):\n    return params\n", None),
        ("def train(feedback):\n    return {}\n", "POET-C021"),
        ("async def train(feedback, params):\n    return {}\n", "POET-C021"),
        ("def learn(feedback, params):\n    return {}\n", "POET-C022"),
        ("def train(feedback, params:\n", "POET-C020"),
        ("print('x')\ndef train(feedback, params):\n    return {}\n", "POET-C007"),
    ],
)
def test_train(code, rule):
    """`train.py` defines `train(feedback, params)` and does nothing else when it is loaded."""
    assert [f.rule for f in check_train(code)] == ([rule] if rule else [])
