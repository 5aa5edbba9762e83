"""The reliability blueprint: what it writes for functions of every shape, and how that behaves."""

import asyncio
import inspect
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poet.domains.reliability import probes
from poet.domains.reliability.blueprint import shown_file, write
from poet.errors import ArgumentError
from poet.generate.gate.contract import check_contract
from poet.runtime.loader import load
from poet.source import FunctionSource
from poet.spec import Spec


class Written:
    """A module's text, one of its functions, and the version that the blueprint writes for it."""

    def __init__(self, folder: Path, text: str, qualname: str, **spec) -> None:
        self.file = folder / "own.py"
        self.file.write_text(text)
        self.source = FunctionSource.in_file(self.file, qualname)
        self.text = write(self.source, Spec(**spec))
        module = types.ModuleType("own")
        exec(compile(text, str(self.file), "exec", dont_inherit=True), module.__dict__)
        found = module
        for part in qualname.split("."):
            found = inspect.getattr_static(found, part)
        self.module = module
        self.original = getattr(found, "__func__", found)
        assert check_contract(self.text, self.source) == []
        self.entry = load(
            self.text, str(folder / "enhanced.py"), self.original, self.source.name
        ).entry


@pytest.fixture
def written(tmp_path):
    return lambda text, name, **spec: Written(tmp_path, text, name, **spec)


def test_the_four_parts_and_the_answer(written):
    """A plain function is checked, called and answered as it was."""
    v = written(
        'def add(a: int, b: int = 2) -> int:\n    """Add two numbers."""\n    return a + b\n', "add"
    )
    assert v.entry(1) == 3
    assert v.entry(a=1, b=5) == 6
    assert v.entry.__doc__ == "Add two numbers."
    with pytest.raises(ArgumentError, match="a must be int"):
        v.entry("1")


def test_wrong_use_of_the_signature_is_the_usual_type_error(written):
    """A missing argument is reported under the function's own name."""
    with pytest.raises(TypeError, match=r"add\(\) missing 1 required"):
        written("def add(a, b):\n    return a + b\n", "add").entry(1)


@pytest.mark.parametrize(
    ("text", "name", "args", "kwargs", "answer"),
    [
        ("def f():\n    return 1\n", "f", (), {}, 1),
        ("def f(x):\n    return x\n", "f", ((1, 2),), {}, (1, 2)),
        ("def f(*args):\n    return args\n", "f", (1, 2), {}, (1, 2)),
        ("def f(**kw):\n    return kw\n", "f", (), {"a": 1}, {"a": 1}),
        ("def f(a, /, b, *, c=3):\n    return a, b, c\n", "f", (1,), {"b": 2}, (1, 2, 3)),
        ("def f(a, /, **kw):\n    return a, kw\n", "f", (1,), {"a": 2}, (1, {"a": 2})),
        ("def f(a, *b, c, **d):\n    return a, b, c, d\n", "f", (1, 2), {"c": 3, "e": 4},
         (1, (2,), 3, {"e": 4})),
        ("class A:\n    def f(self, x: int):\n        return x\n", "A.f", (None, 1), {}, 1),
        ("class A:\n    @classmethod\n    def f(cls, x: int):\n        return x\n", "A.f",
         (None, 1), {}, 1),
        ("class A:\n    @staticmethod\n    def f(x: int):\n        return x\n", "A.f", (1,), {}, 1),
        ("def operate(x: int):\n    return x\n", "operate", (1,), {}, 1),
        ("def enforce(x: int) -> int:\n    return x\n", "enforce", (1,), {}, 1),
        ("def perceive(x: int, y):\n    return x\n", "perceive", (1, 2), {}, 1),
        ("def check(x: int):\n    return x\n", "check", (1,), {}, 1),
        ("def original(params: int):\n    return params\n", "original", (1,), {}, 1),
        ("class Foo: pass\ndef f(original: int, check: int, hints: Foo):\n    return original\n",
         "f", (1, 2, None), {}, ArgumentError),
        ("class A:\n    def list(self, x: list[int]) -> list[int]:\n        return x\n", "A.list",
         (None, [1]), {}, [1]),
        ("def f(list: int, x: int = 2):\n    return list\n", "f", (1,), {}, 1),
        ("def f(x: int = None):\n    return x\n", "f", (), {}, None),
        ("def f(x: int = 'auto'):\n    return x\n", "f", ("auto",), {}, "auto"),
        ("NONE = object()\ndef f(x: int = NONE):\n    return x is NONE\n", "f", (), {}, True),
        ("from decimal import Decimal\ndef f(x: Decimal = 0):\n    return x\n", "f", (), {}, 0),
        ("def f(*names: str):\n    return names\n", "f", ("a", 1), {}, ArgumentError),
        ("def f(**n: int):\n    return n\n", "f", (), {"a": "1"}, ArgumentError),
        ("def f(value: int, *values: int):\n    return values\n", "f", (1, 2), {}, (2,)),
        ("def f(x: 'Nowhere'):\n    return x\n", "f", (1,), {}, 1),
        ("from typing import Optional\ndef f(x: Optional[int]):\n    return x\n", "f", ("1",), {},
         ArgumentError),
        ("def f(x: list[int] | None = None):\n    return x\n", "f", (["1"],), {}, ArgumentError),
        ("def f(x: 'int | str'):\n    return x\n", "f", (1.5,), {}, ArgumentError),
        ("from typing import Literal\nSide = Literal['l', 'r']\nOther = 1\ndef f(s: Side = 'l'):\n    return s\n",
         "f", ("x",), {}, ArgumentError),
        ("from typing import Literal\ndef f(s: Literal['l', 'r'] = 'l'):\n    return s\n", "f", (),
         {}, "l"),
        ("from collections.abc import Callable\ndef f(c: Callable = len):\n    return c([1])\n", "f",
         (), {}, 1),
        ("from collections.abc import Callable\ndef f(c: Callable = len):\n    return c\n", "f",
         (None,), {}, ArgumentError),
        ("int = str\ndef f(x: int):\n    return x\n", "f", ("1",), {}, "1"),
    ],
)  # fmt: skip
def test_every_shape_of_signature(written, text, name, args, kwargs, answer):
    """Whatever the signature, the version answers as the original or names the bad argument."""
    entry = written(text, name).entry
    if isinstance(answer, type) and issubclass(answer, Exception):
        with pytest.raises(answer):
            entry(*args, **kwargs)
    else:
        assert entry(*args, **kwargs) == answer


def test_default_objects_keep_their_identity(written):
    """A mutable or computed default is the original's own object."""
    v = written("def f(x=[], y=len('abc')):\n    return x\n", "f")
    assert v.entry() is v.original()
    assert "x=..., y=..." in v.text


def test_coroutines_stay_coroutines(written):
    """An async function is awaited, and its result is looked at."""
    v = written("async def f(x: int) -> int:\n    return x\n", "f")
    assert inspect.iscoroutinefunction(v.entry)
    assert asyncio.run(v.entry(3)) == 3


def test_generators_stay_generators(written):
    """Items, sent values and the return value pass through a generator."""
    v = written("def f(n: int):\n    got = yield n\n    return got\n", "f")
    assert inspect.isgeneratorfunction(v.entry)
    stream = v.entry(1)
    assert next(stream) == 1
    with pytest.raises(StopIteration) as stop:
        stream.send("back")
    assert stop.value.value == "back"


def test_async_generators_give_their_items(written):
    """An async generator's items pass through."""
    v = written("async def f(n: int):\n    for i in range(n):\n        yield i\n", "f")

    async def collect():
        return [i async for i in v.entry(3)]

    assert asyncio.run(collect()) == [0, 1, 2]


def test_what_writes_is_called_once_and_the_text_says_why(written):
    """Nothing that writes gets a second attempt unless it is declared idempotent."""
    text = "def save(path: str):\n    with open(path, 'w') as f:\n        f.write('x')\n"
    plain = written(text, "save")
    assert "resilient" not in plain.text
    assert "Not retried: it opens a file with mode 'w'" in plain.text
    assert "retries=3" in written(text, "save", idempotent=True).text


def test_retries_alone_do_not_allow_repeating_an_effect(written):
    """`retries=5` on a function that writes changes nothing without `idempotent=True`."""
    text = "def save(path: str):\n    open(path, 'a').write('x')\n"
    assert "resilient" not in written(text, "save", retries=5).text


def test_network_reads_are_retried_on_the_librarys_own_errors(written):
    """The classes of the imported library are named, since they are not built-in ones."""
    text = "import requests\ndef get(url: str):\n    return requests.get(url).json()\n"
    v = written(text, "get")
    assert "import requests\n" in v.text
    assert "requests.ConnectionError, requests.Timeout" in v.text
    assert "Retried up to 3 times" in v.text
    assert "resilient" not in written(text, "get", retries=0).text
    assert "resilient" not in written(text, "get", idempotent=False).text


def test_pure_functions_are_not_retried(written):
    """What only computes would fail in the same way again."""
    assert "only computes" in written("def f(x):\n    return x + 1\n", "f").text


def test_a_deadline_is_kept_or_its_limits_are_said(written):
    """`timeout=` reaches async code as a cancel, network reads as an end of waiting, others as a note."""
    sync = written("def f(x):\n    return x\n", "f", timeout=2.0)
    assert "timeout=2.0" in sync.text
    assert "cannot stop" in sync.text
    cancelled = written("async def f(x):\n    return x\n", "f", timeout=2.0).text
    assert "Cancelled 2 s after" in cancelled
    web = "import requests\ndef f(x):\n    return requests.get(x)\n"
    assert "abandon=True" in written(web, "f", timeout=2.0).text
    locked = "import requests\ndef f(x):\n    with lock:\n        return requests.get(x)\nlock=1\n"
    assert "abandon=True" not in written(locked, "f", timeout=2.0).text


def test_a_wrong_result_is_passed_on_unless_strict(written):
    """The result is the user's own even when it contradicts the annotation."""
    text = "def f(x) -> dict:\n    return x\n"
    assert written(text, "f").entry([1]) == [1]
    with pytest.raises(ArgumentError, match="the result must be dict"):
        written(text, "f", strict=True).entry([1])


def test_odd_docstrings_are_harmless(written):
    """Quotes and backslashes in a docstring cannot break out of the generated one."""
    v = written("def f(x):\n    r'''He said \"\"\"no\\n\"'''\n    return x\n", "f")
    assert v.entry(1) == 1


def test_many_long_parameters_are_laid_out(written):
    """Long signatures are broken over lines and still equal the original's."""
    names = [f"a_rather_long_parameter_name_{i}" for i in range(9)]
    text = f"def f({', '.join(f'{n}: int = {i}' for i, n in enumerate(names))}):\n    return {names[0]}\n"
    v = written(text, "f")
    assert v.entry(5) == 5
    assert max(map(len, v.text.splitlines())) <= 100


def test_the_file_is_named_as_the_package_sees_it(tmp_path):
    """The docstring's path does not depend on where the project lies."""
    package = tmp_path / "app"
    package.mkdir()
    (package / "__init__.py").write_text("def g(x):\n    return x\n")
    (package / "users.py").write_text("def f(x):\n    return x\n")
    assert shown_file(FunctionSource.in_file(package / "users.py", "f")) == "app/users.py"
    assert shown_file(FunctionSource.in_file(package / "__init__.py", "g")) == "app/__init__.py"


NEEDS = {
    "def f(o):\n    return o.total\n": "need",
    "def f(o):\n    t = o.total\n    return t\n": "need",
    "def f(xs):\n    for x in xs:\n        print(x)\n": "need_iterable",
    "def f(xs):\n    return sum(xs)\n": "need_iterable",
    "def f(xs):\n    return [x for x in xs]\n": "need_iterable",
    "def f(xs):\n    return sum(x for x in xs)\n": "need_iterable",
    "def f(xs):\n    a, b = xs\n    return a\n": "need_iterable",
    "def f(o):\n    return o and o.total\n": None,
    "def f(o, d=None):\n    return d or o.total\n": None,
    "def f(o):\n    if o is None:\n        return 0\n    return o.total\n": None,
    "def f(o):\n    try:\n        return o.total\n    except AttributeError:\n        return 0\n": None,
    "def f(o):\n    o = o or D\n    return o.total\nclass D:\n    total = 1\n": None,
    "def f(o):\n    log()\n    return o.total\ndef log():\n    pass\n": None,
    "def f(o):\n    assert o.total\n    return 1\n": None,
    "def f(o):\n    return lambda: o.total\n": None,
    "def f(o):\n    def g():\n        return o.total\n    return 1\n": None,
    "def f(xs):\n    return sum(xs)\ndef sum(x):\n    return 0\n": None,
    "def f(xs, sum):\n    return sum(xs)\n": None,
    "def f(o):\n    return getattr(o, 'x', 1) + o.y if o else 0\n": None,
    "def f(o):\n    with open('x') as h:\n        return o.y\n": None,
    "def f(o):\n    return 1 if o is None else o.total\n": None,
    "def f(o):\n    return isinstance(o, int) or o.total\n": None,
}


@pytest.mark.parametrize("text", NEEDS)
def test_only_what_is_sure_to_fail_is_needed(written, text):
    """A need is written only where every path uses it, and never where the original may answer."""
    found = written(text, "f").text
    wanted = NEEDS[text]
    body = found.split("def operate")[0]
    assert (f"    {wanted}(" in body) if wanted else ("    need" not in body)


def test_a_need_raises_what_the_original_would_raise(written):
    """The clear error is also the AttributeError or TypeError of the original."""
    with pytest.raises(AttributeError, match="total"):
        written("def f(o):\n    return o.total\n", "f").entry(3)
    with pytest.raises(TypeError, match="iterable"):
        written("def f(xs):\n    return sum(xs)\n", "f").entry(3)


def test_iterators_are_not_consumed(written):
    """A generator given for an iterable is whole when the original gets it."""
    v = written("def f(xs):\n    return sum(xs)\n", "f")
    assert v.entry(i for i in range(4)) == 6


NAMES = st.lists(
    st.sampled_from("a b c original check hints need resilient module value key int list".split()),
    unique=True,
    max_size=6,
)
ANNOTATIONS = st.sampled_from(
    [None, "int", "str | None", "list[int]", "dict[str, list[int]]", "'Foo'", "tuple[int, ...]",
     "Foo", "object"]
)  # fmt: skip
DEFAULTS = st.sampled_from(["1", "None", "'x'", "-2.5", "()", "[]", "Foo", "('a', 1)", "b'x'"])


@st.composite
def signatures(draw):
    """A random signature of any mixture of kinds."""
    names = draw(NAMES)
    cut = sorted(draw(st.lists(st.integers(0, len(names)), min_size=2, max_size=2)))
    groups = names[: cut[0]], names[cut[0] : cut[1]], names[cut[1] :]
    with_default = False
    items = []

    def item(name, forced=None):
        annotation, default = draw(ANNOTATIONS), draw(st.none() | DEFAULTS)
        default = default or forced
        text = name + (f": {annotation}" if annotation else "")
        return text + (f" = {default}" if default else ""), bool(default)

    for group in groups[:2]:
        for name in group:
            text, had = item(name, "1" if with_default else None)
            with_default = with_default or had
            items.append(text)
        if group is groups[0] and group:
            items.append("/")
    starred = draw(st.booleans())
    if starred:
        items.append("*rest")
    elif groups[2]:
        items.append("*")
    items += [item(name)[0] for name in groups[2]]
    if draw(st.booleans()):
        items.append("**more")
    return ", ".join(items)


@settings(max_examples=150, deadline=None)
@given(
    signatures(), st.sampled_from(["def", "async def"]), st.sampled_from("f operate check".split())
)
def test_any_signature_is_kept(tmp_path_factory, signature, head, name):
    """For any signature the text compiles, keeps the contract and has an equal signature."""
    future = "from __future__ import annotations\nclass Foo: pass\n"
    text = f"{future}{head} {name}({signature}):\n    return 1\n"
    v = Written(tmp_path_factory.mktemp("signature"), text, name)

    def shape(function):
        return [
            (p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()
        ]

    assert shape(v.entry) == shape(v.original)


RUFF = Path(sys.executable).with_name("ruff")


@pytest.mark.skipif(not (RUFF.exists() or shutil.which("ruff")), reason="ruff is not installed")
def test_the_text_is_formatted_and_clean(tmp_path):
    """What is written passes a linter and a formatter as it is."""
    long = ", ".join(f"a_long_parameter_{i}: int = {i}" for i in range(8))
    sources = {
        "requests_too": "import requests\ndef f(url: str, *, n: int = 3) -> dict:\n    'Get it.'\n    return requests.get(url).json()\n",
        "long": f"def f({long}) -> int:\n    '''{'word ' * 40}'''\n    return 1\n",
        "none": "def f():\n    return 1\n",
        "mixed": "def f(check: int) -> int:\n    return 1\n",
        "names": "def f(check: int, original: int, hints: str = 'x', *resilient: int):\n    return 1\n",
        "writes": "def f(x):\n    open(x, 'w').write('y')\n",
        "stream": "def f(xs, o):\n    for x in xs:\n        yield x\n",
    }
    folder = tmp_path / "out"
    folder.mkdir()
    for name, text in sources.items():
        (folder / f"{name}.py").write_text(Written(tmp_path, text, "f", timeout=2.5).text)
    ruff = str(RUFF) if RUFF.exists() else "ruff"
    for command in (["check", "--select=E,F,W,I"], ["format", "--diff"]):
        done = subprocess.run(
            [ruff, *command, "--line-length=100", "--isolated", str(folder)],
            capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_probes_pass_on_what_the_blueprint_writes(written):
    """The domain's own probes accept its blueprint, and catch a part that misbehaves."""
    entry = written("def f(xs, n: int = 1, *more: int) -> list:\n    return sum(xs)\n", "f").entry
    probes.probe_result_is_untouched(entry)
    probes.probe_iterators_are_not_consumed(entry)


@pytest.mark.parametrize(
    ("part", "probe"),
    [
        ("def enforce(result):\n    return result or []\n", probes.probe_result_is_untouched),
        (
            "def perceive(xs):\n    list(xs)\n    return xs\n",
            probes.probe_iterators_are_not_consumed,
        ),
    ],
)
def test_probes_catch_what_they_are_for(part, probe):
    """A changed result and a consumed iterator are found."""
    namespace: dict = {}
    exec(part + "def f(xs):\n    return xs\n", namespace)
    with pytest.raises(AssertionError):
        probe(namespace["f"])
