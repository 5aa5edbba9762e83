"""The ways in which decorators break functions, each tried on `@poet` through the public door.

The order is that of the checklist: the wrapper (A), the replaced body (B), results and identity
(C), source and environment (D), tools (E). Most of them hold before any version is made, so
nothing is generated in this module unless a test asks for `enhanced`.
"""

import asyncio
import contextlib
import contextvars
import copy
import functools
import gc
import importlib
import inspect
import json
import linecache
import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import traceback
import typing
import warnings
import weakref
from pathlib import Path

import pytest

import poet as poet_package
from poet import PoetError, PoetWarning, feedback, poet
from poet.errors import DecorationError, ExecutionNotFound


@pytest.fixture(autouse=True)
def nothing_generated(monkeypatch, tmp_path):
    """Each test has a working folder of its own, no model, and no generation unless it asks."""
    monkeypatch.setenv("POET_GENERATE", "never")
    for name in ("POET_MODEL", "POET_ENABLED", "POET_DIR", "POET_APPROVAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def enhanced(monkeypatch):
    """Versions are made at the first call, by blueprint."""
    monkeypatch.setenv("POET_GENERATE", "background")


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a module into the working folder and import it; its name is new for each test."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def write(text, name=None):
        name = name or f"shop_{tmp_path.name.replace('-', '_')}_{len(made)}"
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(text))
        made.append(name)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield write
    for name in made:
        sys.modules.pop(name, None)


def python(*arguments, text=None, folder=None, **variables):
    """Run a fresh interpreter; its output, or what went wrong."""
    done = subprocess.run(
        [sys.executable, *arguments],
        input=None if text is None else textwrap.dedent(text),
        cwd=folder or Path.cwd(),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def executions(folder=None):
    """Every `function.execution` event on disk below a folder, oldest first."""
    found = []
    for path in (folder or Path.cwd()).rglob(".poet/events/**/*"):
        if path.is_file():
            for line in path.read_bytes().splitlines():
                with contextlib.suppress(ValueError):
                    found.append(json.loads(line))
    kept = [e for e in found if isinstance(e, dict) and e.get("type") == "function.execution"]
    return sorted(kept, key=lambda e: e["id"])


def current_code(function):
    """The text of the version that runs for a decorated function."""
    (name,) = [function.__qualname__]
    found = list(Path.cwd().rglob(f".poet/*{name.rpartition('.')[2]}*/current/enhanced.py"))
    assert len(found) == 1, found
    return found[0].read_text()


# A. The wrapper


@poet
def add(a: int, b: int = 2, /, *rest: int, scale: float = 1.0, **more: str) -> float:
    """Add numbers.

    >>> add(1, 2)
    3.0
    """
    return (a + b + sum(rest)) * scale


def plain_add(a: int, b: int = 2, /, *rest: int, scale: float = 1.0, **more: str) -> float:
    """Add numbers.

    >>> add(1, 2)
    3.0
    """
    return (a + b + sum(rest)) * scale


def test_signature_help_and_hints_are_the_functions_own():
    """A reader, an editor and `help` see the function, not a wrapper."""
    assert inspect.signature(add) == inspect.signature(plain_add)
    assert (add.__name__, add.__qualname__, add.__module__) == ("add", "add", __name__)
    assert add.__doc__ == plain_add.__doc__
    assert typing.get_type_hints(add) == typing.get_type_hints(plain_add)
    import pydoc

    assert "add(a: int, b: int = 2, /" in pydoc.plain(pydoc.render_doc(add))


def test_doctests_are_found_and_run():
    """`doctest` finds the example of a decorated function."""
    import doctest

    finder = doctest.DocTestFinder()
    (found,) = [t for t in finder.find(add, "add", globs={"add": add}) if t.examples]
    assert doctest.DocTestRunner(verbose=False).run(found).failed == 0


def test_hints_resolve_in_the_module_that_wrote_them(write):
    """`get_type_hints` from elsewhere finds names of the defining module."""
    module = write(
        """
        from __future__ import annotations
        from decimal import Decimal
        from poet import poet

        @poet
        def total(prices: list[Decimal]) -> Decimal:
            return sum(prices, Decimal(0))
        """
    )
    from decimal import Decimal

    hints = typing.get_type_hints(module.total)
    assert hints == {"prices": list[Decimal], "return": Decimal}


@poet
async def fetch(n):
    await asyncio.sleep(0)
    return n


@poet
def count(n):
    for i in range(n):
        got = yield i
        if got == "stop":
            return "stopped"
    return "done"


@poet
async def stream(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (add, []),
        (fetch, [inspect.iscoroutinefunction, asyncio.iscoroutinefunction]),
        (count, [inspect.isgeneratorfunction]),
        (stream, [inspect.isasyncgenfunction]),
    ],
)
def test_kind_of_function_is_recognised(function, kind):
    """Frameworks that ask what a function is get the answer for the plain one."""
    kinds = [
        inspect.iscoroutinefunction,
        asyncio.iscoroutinefunction,
        inspect.isgeneratorfunction,
        inspect.isasyncgenfunction,
    ]
    assert inspect.isfunction(function)
    for recognise in kinds:
        assert recognise(function) == (recognise in kind)


def test_coroutine_answers():
    """An awaited call gives the result; calling alone runs nothing."""
    assert asyncio.run(fetch(5)) == 5
    never_awaited = fetch(5)
    assert inspect.iscoroutine(never_awaited)
    never_awaited.close()


def test_generator_keeps_send_throw_close_and_return():
    """A generator's whole protocol passes through."""
    assert list(count(3)) == [0, 1, 2]
    generator = count(3)
    assert next(generator) == 0
    with pytest.raises(StopIteration) as stop:
        generator.send("stop")
    assert stop.value.value == "stopped"
    generator = count(3)
    next(generator)
    with pytest.raises(KeyError, match="thrown"):
        generator.throw(KeyError("thrown"))
    generator = count(3)
    next(generator)
    generator.close()
    assert list(generator) == []


def test_async_generator_streams():
    """Items come one by one, and an early stop closes the stream."""

    async def use():
        first = [i async for i in stream(3)]
        async with contextlib.aclosing(stream(3)) as some:
            async for item in some:
                return first, item

    assert asyncio.run(use()) == ([0, 1, 2], 0)


def test_pickle_by_name():
    """A decorated function pickles as the name under which it can be imported."""
    assert pickle.loads(pickle.dumps(add)) is add


def test_deepcopy_returns_the_function_itself():
    """As for any function."""
    assert copy.deepcopy(add) is add
    assert copy.copy({"f": add})["f"] is add


def test_cloudpickle_by_value_and_by_reference(write):
    """What Ray, Dask and Spark do with functions works."""
    cloudpickle = pytest.importorskip("cloudpickle")
    module = write("from poet import poet\n\n@poet\ndef twice(n):\n    return n * 2\n")
    assert cloudpickle.loads(cloudpickle.dumps(module.twice))(4) == 8

    @poet
    def local(n):
        return n + 1

    assert cloudpickle.loads(cloudpickle.dumps(local))(1) == 2


def test_spawn_pool_runs_it(write, tmp_path):
    """Workers of a spawned pool import the function and call it."""
    write("from poet import poet\n\n@poet\ndef double(n):\n    return n * 2\n", "pooled")
    (tmp_path / "main.py").write_text(
        textwrap.dedent(
            """
            import multiprocessing as mp
            from pooled import double

            if __name__ == "__main__":
                with mp.get_context("spawn").Pool(2) as pool:
                    print(pool.map(double, [1, 2, 3]))
            """
        )
    )
    assert python("main.py") == "[2, 4, 6]"


class Base:
    def greet(self, name="you"):
        return f"hello {name}"


class Shop(Base):
    __secret = 7

    def __init__(self, stock):
        self.stock = stock

    @poet
    def greet(self, name="you"):
        """Greet somebody."""
        return super().greet(name) + "!"

    @poet
    def secret(self):
        return self.__secret

    @poet
    def __len__(self):
        return self.stock

    @poet
    def __call__(self, n):
        return self.stock * n

    @property
    @poet
    def empty(self):
        return not self.stock

    @functools.cached_property
    @poet
    def label(self):
        return f"{self.stock} pieces"

    @classmethod
    @poet
    def above(cls, stock):
        return cls(stock)

    @poet
    @classmethod
    def below(cls, stock):
        return cls(stock)

    @staticmethod
    @poet
    def tax_above(price):
        return price * 2

    @poet
    @staticmethod
    def tax_below(price):
        return price * 3


class Branch(Shop):
    def greet(self, name="you"):
        return super().greet(name).upper()


def test_methods_bind():
    """A bound method has the bound signature, and its instance."""
    shop = Shop(3)
    assert shop.greet("Ada") == Shop.greet(shop, name="Ada") == "hello Ada!"
    assert str(inspect.signature(shop.greet)) == "(name='you')"
    assert inspect.ismethod(shop.greet)
    assert shop.greet.__self__ is shop


def test_super_private_names_and_inheritance():
    """`super()` without arguments, `__private` names and overriding work."""
    assert Branch(1).greet("Bob") == "HELLO BOB!"
    assert Branch(1).secret() == 7


def test_dunder_property_and_cached_property():
    """Special methods and properties call the decorated function."""
    shop = Shop(0)
    assert len(shop) == 0
    assert Shop(2)(3) == 6
    assert shop.empty is True
    assert shop.label == "0 pieces"
    assert "label" in vars(shop)


@pytest.mark.parametrize("name", ["above", "below"])
def test_classmethod_either_way_round(name):
    """Above or below `@classmethod`, the class is what the caller's class is."""
    assert type(getattr(Shop, name)(1)) is Shop
    assert type(getattr(Branch, name)(stock=1)) is Branch
    assert isinstance(inspect.getattr_static(Shop, name), classmethod)


@pytest.mark.parametrize(("name", "expected"), [("tax_above", 4), ("tax_below", 6)])
def test_staticmethod_either_way_round(name, expected):
    """Above or below `@staticmethod`, no instance is passed."""
    assert getattr(Shop, name)(2) == getattr(Shop(1), name)(price=2) == expected


def test_classmethods_and_statics_of_an_enhanced_class(write, enhanced):
    """The same with versions running."""
    module = write(
        """
        from poet import poet

        class Price:
            rate = 2

            def __init__(self, value: int) -> None:
                self.value = value

            @classmethod
            @poet
            def of(cls, text: str) -> "Price":
                return cls(int(text))

            @poet
            @staticmethod
            def double(value: int) -> int:
                return value * 2

            @poet
            def times(self, n: int) -> int:
                return self.value * n * self.rate
        """
    )

    class Cheap(module.Price):
        rate = 1

    assert type(Cheap.of("3")) is Cheap
    assert Cheap.of("3").times(2) == 6
    assert module.Price.double(4) == 8
    with pytest.raises(TypeError, match="value"):
        module.Price.double("4")


def test_class_is_refused():
    """A decorated class would break `isinstance`; the message says what to do."""
    with pytest.raises(DecorationError, match="methods"):
        poet(Shop)


def test_property_is_refused_with_the_fix():
    """`@poet` above `@property` cannot work."""
    with pytest.raises(DecorationError, match="below @property"):
        poet(property(lambda self: 1))


def test_decorating_twice_is_refused():
    """Two sets of options on one function would contradict each other."""
    with pytest.raises(DecorationError, match="already"):
        poet(domain="api")(add)


@pytest.mark.parametrize("thing", [3, "api", [add], object()])
def test_what_is_not_a_function_is_refused(thing):
    """The message names what was given."""
    with pytest.raises(DecorationError):
        poet(thing)


def test_wrong_option_gets_did_you_mean():
    """A typing error is found where it is written."""
    with pytest.raises((DecorationError, PoetError), match="domain"):
        poet(domian="api")


def test_cache_above():
    """`functools.cache` on top caches, and keeps its handles."""
    calls = []

    @functools.cache
    @poet
    def slow(n):
        calls.append(n)
        return n

    assert slow(1) == slow(1) == 1
    assert calls == [1]
    assert slow.cache_info().hits == 1


def test_cache_below():
    """`functools.cache` below us keeps its handles reachable, or we say that it cannot be."""
    calls = []

    @poet
    @functools.cache
    def slow(n):
        calls.append(n)
        return n

    assert slow(1) == slow(1) == 1
    assert calls == [1]
    slow.cache_clear()
    assert slow(1) == 1
    assert calls == [1, 1]


def test_singledispatch_on_top_and_registered():
    """Dispatch by type works with decorated implementations, registered by annotation too."""

    @functools.singledispatch
    @poet
    def show(value):
        return "something"

    @show.register
    @poet
    def _(value: int):
        return "a number"

    assert [show("x"), show(1)] == ["something", "a number"]


def test_partial_and_contextmanager_on_top():
    """A partial, and a context manager made of a decorated generator."""
    assert functools.partial(add, 1)(4, scale=2.0) == 10.0

    @contextlib.contextmanager
    @poet
    def section(lines):
        lines.append("in")
        try:
            yield lines
        finally:
            lines.append("out")

    lines = []
    with pytest.raises(KeyError), section(lines) as got:
        assert got is lines
        raise KeyError("inside")
    assert lines == ["in", "out"]


def test_other_decorators_below_still_run():
    """A decorator between us and `def` is part of the function that we call."""
    seen = []

    def logged(function):
        @functools.wraps(function)
        def inner(*args):
            seen.append(args)
            return function(*args)

        return inner

    @poet
    @logged
    def half(n):
        return n / 2

    assert half(4) == 2
    assert seen == [(4,)]


def test_fastapi_route():
    """A decorated route is called with parsed arguments, sync and async; a bound method too."""
    fastapi = pytest.importorskip("fastapi")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    app = fastapi.FastAPI()

    @app.get("/double/{n}")
    @poet
    def double(n: int, plus: int = 0) -> dict[str, int]:
        return {"result": n * 2 + plus}

    @app.get("/later/{n}")
    @poet
    async def later(n: int) -> int:
        return n

    class Desk:
        @poet
        def ask(self, n: int) -> int:
            return n + 1

    app.get("/ask/{n}")(Desk().ask)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = TestClient(app)
        assert client.get("/double/4?plus=1").json() == {"result": 9}
        assert client.get("/later/3").json() == 3
        assert client.get("/ask/3").json() == 4
        assert client.get("/double/x").status_code == 422


def test_typer_command():
    """Typer reads arguments and options from the decorated function's signature."""
    typer = pytest.importorskip("typer")
    from typer.testing import CliRunner

    app = typer.Typer()

    @app.command()
    @poet
    def hello(name: str, times: int = 1) -> None:
        typer.echo(f"hello {name} " * times)

    done = CliRunner().invoke(app, ["Ada", "--times", "2"])
    assert done.output.strip() == "hello Ada hello Ada"


def test_pytest_sees_fixtures_and_parameters(tmp_path):
    """A decorated test function gets its fixtures."""
    (tmp_path / "test_inner.py").write_text(
        "from poet import poet\n\n@poet\ndef test_it(tmp_path):\n    assert tmp_path.is_dir()\n"
    )
    assert "1 passed" in python("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_inner.py")


def test_defaults_are_reachable():
    """What asks the wrapper for defaults finds them by `inspect` and in `__wrapped__`."""
    assert inspect.signature(add).parameters["b"].default == 2
    assert inspect.unwrap(add).__defaults__ == (2,)
    assert inspect.unwrap(add).__kwdefaults__ == {"scale": 1.0}


def test_abstract_method():
    """An abstract method stays abstract, whichever decorator stands above."""
    import abc

    class Shape(abc.ABC):
        @abc.abstractmethod
        @poet
        def area(self): ...

        @poet
        @abc.abstractmethod
        def edge(self): ...

    assert Shape.__abstractmethods__ == {"area", "edge"}
    with pytest.raises(TypeError, match="abstract"):
        Shape()


def test_weak_reference_and_own_attributes():
    """It is a real function: weakly referable, hashable, with attributes of its own."""

    @poet
    def local():
        return 1

    local.unit = "EUR"
    reference = weakref.ref(local)
    assert reference() is local
    assert {local: 1}[local] == 1
    assert local.unit == "EUR"


def test_attributes_set_below_survive():
    """Attributes that an inner decorator set are found on the outside."""

    def mark(function):
        function.marked = True
        return function

    @poet
    @mark
    def local():
        return 1

    assert local.marked is True


def test_local_functions_can_be_freed():
    """Decorating inside a function that is called often does not pile functions up."""

    def make():
        @poet
        def local():
            return 1

        local()
        return local

    references = [weakref.ref(make()) for _ in range(5)]
    gc.collect()
    assert sum(r() is not None for r in references) <= 1


def test_traceback_has_one_frame_of_ours_marked_hidden(write):
    """A person reading a traceback sees one frame of POET, and pytest hides it."""
    module = write("from poet import poet\n\n@poet\ndef fail(n):\n    return 1 / n\n")
    with pytest.raises(ZeroDivisionError) as caught:
        module.fail(0)
    frames = traceback.extract_tb(caught.value.__traceback__)
    home = str(Path(poet_package.__file__).parent)
    assert sum(frame.filename.startswith(home) for frame in frames) == 1
    assert Path(frames[-1].filename).name == f"{module.__name__}.py"
    walk = caught.value.__traceback__
    while walk is not None:
        if walk.tb_frame.f_code.co_filename.startswith(home):
            assert walk.tb_frame.f_locals["__tracebackhide__"]
        walk = walk.tb_next


# B. Replacing the body


def test_closures_and_nonlocal(enhanced):
    """Free variables are the live ones, before and after they change."""

    def make(step):
        total = 0

        @poet
        def add_step(times: int = 1) -> int:
            nonlocal total
            total += step * times
            return total

        def reset():
            nonlocal total
            total = 0

        return add_step, reset

    (two, reset), (five, _) = make(2), make(5)
    assert [two(), two(3), five()] == [2, 8, 5]
    reset()
    assert two() == 2
    with pytest.raises(TypeError, match="times"):
        two("3")


def test_module_globals_are_live(write, enhanced, monkeypatch):
    """A global that is patched later is seen, and one that is written is changed."""
    module = write(
        """
        from poet import poet
        RATE = 2
        calls = 0

        @poet
        def convert(amount: float) -> float:
            global calls
            calls += 1
            return amount * RATE
        """
    )
    assert module.convert(2.0) == 4.0
    monkeypatch.setattr(module, "RATE", 10)
    assert module.convert(2.0) == 20.0
    assert module.calls == 2


def test_default_arguments_keep_their_identity(write, enhanced):
    """Sentinels and shared lists are the objects that the `def` made."""
    module = write(
        """
        from poet import poet
        MISSING = object()

        @poet
        def lookup(table: dict, key: str, default=MISSING, seen=[]):
            seen.append(key)
            return table.get(key, default), seen
        """
    )
    value, seen = module.lookup({}, "a")
    assert value is module.MISSING
    assert module.lookup({}, "b")[1] is seen
    assert seen == ["a", "b"]


def test_future_annotations_with_names_for_type_checkers_only(write, enhanced):
    """Annotations that exist only under TYPE_CHECKING never stop a call."""
    module = write(
        """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        from poet import poet
        if TYPE_CHECKING:
            from nowhere import Ledger

        @poet
        def post(ledger: Ledger, amount: int) -> Ledger:
            return [*ledger, amount]
        """
    )
    assert module.post([1], 2) == [1, 2]
    with pytest.raises(TypeError, match="amount"):
        module.post([1], "2")


def test_recursion_writes_one_event_per_outermost_call(write):
    """The levels inside are the function's own affair."""
    module = write(
        """
        from poet import poet

        @poet
        def fact(n):
            return 1 if n < 2 else n * fact(n - 1)
        """
    )
    assert module.fact(5) == 120
    assert module.fact(3) == 6
    assert len(executions()) == 2


def test_mutual_recursion_counts_each_functions_outermost_call(write):
    """Two functions that call each other have one event each, joined by their cause."""
    module = write(
        """
        from poet import poet

        @poet
        def even(n):
            return n == 0 or odd(n - 1)

        @poet
        def odd(n):
            return n != 0 and even(n - 1)
        """
    )
    assert module.even(4) is True
    events = {e["payload"]["function"]: e for e in executions()}
    assert len(executions()) == 2
    assert events["odd"]["causation_id"] == events["even"]["payload"]["execution_id"]


def test_exception_classes_keep_their_identity(write, enhanced):
    """`except` of the user's own class matches, with its attributes and its cause."""
    module = write(
        """
        from poet import poet

        class OutOfStock(Exception):
            def __init__(self, sku):
                super().__init__(f"{sku} is out of stock")
                self.sku = sku

        @poet
        def reserve(stock: dict, sku: str) -> int:
            try:
                return stock[sku]
            except KeyError as error:
                raise OutOfStock(sku) from error
        """
    )
    with pytest.raises(module.OutOfStock) as caught:
        module.reserve({}, "tea")
    assert caught.value.sku == "tea"
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("end", ["exhausted", "closed", "error", "collected"])
def test_generators_event_comes_at_the_end(write, end):
    """One event, when the generator is exhausted, closed, fails or is thrown away."""
    module = write(
        """
        from poet import poet

        @poet
        def numbers(n, bad=None):
            for i in range(n):
                if i == bad:
                    raise LookupError(i)
                yield i
        """
    )
    generator = module.numbers(3, bad=1 if end == "error" else None)
    assert next(generator) == 0
    assert executions() == []
    if end == "exhausted":
        assert list(generator) == [1, 2]
    elif end == "closed":
        generator.close()
    elif end == "collected":
        del generator
        gc.collect()
    else:
        with pytest.raises(LookupError):
            next(generator)
    (event,) = executions()
    assert event["payload"]["success"] is (end != "error")


@pytest.mark.parametrize("end", ["exhausted", "closed", "error"])
def test_async_generators_event_comes_at_the_end(write, end):
    """The same for streams."""
    module = write(
        """
        from poet import poet

        @poet
        async def numbers(n, bad=None):
            for i in range(n):
                if i == bad:
                    raise LookupError(i)
                yield i
        """
    )

    async def use():
        stream = module.numbers(3, bad=1 if end == "error" else None)
        assert await anext(stream) == 0
        assert executions() == []
        if end == "closed":
            await stream.aclose()
            return []
        return [i async for i in stream]

    if end == "error":
        with pytest.raises(LookupError):
            asyncio.run(use())
    else:
        assert asyncio.run(use()) == ([1, 2] if end == "exhausted" else [])
    (event,) = executions()
    assert event["payload"]["success"] is (end != "error")


def test_generators_time_is_the_time_of_its_work(write):
    """A timer around the call of a generator function would measure nothing."""
    module = write(
        """
        import time
        from poet import poet

        @poet
        def slow():
            time.sleep(0.03)
            yield 1
        """
    )
    assert list(module.slow()) == [1]
    (event,) = executions()
    assert event["payload"]["duration_ms"] >= 25


def test_generators_are_lazy_when_enhanced(write, enhanced):
    """Nothing runs before the first item is asked for, and items come one at a time."""
    module = write(
        """
        from poet import poet
        made = []

        @poet
        def items(names: list[str]):
            for name in names:
                made.append(name)
                yield name.upper()
        """
    )
    generator = module.items(["a", "b"])
    assert module.made == []
    assert next(generator) == "A"
    assert module.made == ["a"]
    assert list(generator) == ["B"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_base_exceptions_pass_at_once(write, enhanced, error):
    """Ctrl-C and exit are neither retried nor changed, even where retries are wanted."""
    module = write(
        """
        from poet import poet
        calls = []

        @poet(retries=3, idempotent=True)
        def work(error):
            calls.append(1)
            raise error("now")
        """
    )
    with pytest.raises(error):
        module.work(error)
    assert module.calls == [1]


def test_cancellation_passes_at_once(write, enhanced):
    """A cancelled task is cancelled; the coroutine is not started again."""
    module = write(
        """
        import asyncio
        from poet import poet
        calls = []

        @poet(retries=3, idempotent=True)
        async def wait(seconds: float):
            calls.append(seconds)
            await asyncio.sleep(seconds)
        """
    )

    async def use():
        await module.wait(0)
        task = asyncio.create_task(module.wait(30))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return task.cancelled()

    assert asyncio.run(use()) is True
    assert module.calls == [0, 30]


def test_effects_are_not_repeated(write, enhanced):
    """A function that changes its argument is tried once, unless the user allows more."""
    module = write(
        """
        from poet import poet

        @poet
        def send(outbox: list, text: str) -> int:
            outbox.append(text)
            raise ConnectionError("line cut")

        @poet(idempotent=True, retries=2)
        def put(outbox: list, text: str) -> int:
            outbox.append(text)
            raise ConnectionError("line cut")
        """
    )
    once, often = [], []
    with pytest.raises(ConnectionError, match="line cut"):
        module.send(once, "hello")
    with pytest.raises(ConnectionError, match="line cut"):
        module.put(often, "hello")
    assert once == ["hello"]
    assert often == ["hello"] * 3


def test_transient_failures_of_idempotent_calls_are_retried(write, enhanced):
    """The answer of the attempt that worked is the answer."""
    module = write(
        """
        from poet import poet

        @poet(idempotent=True, retries=2)
        def ask(state: dict) -> int:
            state["calls"] = state.get("calls", 0) + 1
            if state["calls"] < 3:
                raise TimeoutError("busy")
            return state["calls"]
        """
    )
    assert module.ask({}) == 3
    assert [e["payload"]["attempts"] for e in executions()] == [3]


where = contextvars.ContextVar("where", default="nowhere")


def test_context_variables_are_the_callers(write, enhanced):
    """A value set by the caller is seen, and one set by the function stays set, as without us."""
    module = write(
        """
        import contextvars
        from poet import poet
        inner = contextvars.ContextVar("inner", default="unset")

        @poet(timeout=5.0)
        def tell(variable):
            inner.set("set")
            return variable.get()
        """
    )
    token = where.set("here")
    try:
        assert module.tell(where) == "here"
        assert module.inner.get() == "set"
    finally:
        where.reset(token)


# C. Results and identity


RESULTS = [None, True, 5, 1.5, "text", b"x", (1, 2), [1], {"a": 1}, {1}, frozenset("a"), object()]


@pytest.mark.parametrize("value", RESULTS, ids=lambda v: type(v).__name__)
def test_results_are_untouched(value):
    """The very object comes back: for `is True`, `json`, `type` and identity alike."""

    @poet
    def give():
        return value

    assert give() is value
    assert type(give()) is type(value)


def test_enhanced_results_are_untouched(write, enhanced):
    """The same with a version running: a cached object comes back as itself."""
    module = write(
        """
        from poet import poet
        CACHE = {"a": [1, 2]}

        @poet
        def cached(key: str) -> list[int]:
            return CACHE[key]

        @poet
        def is_known(key: str) -> bool:
            return key in CACHE
        """
    )
    assert module.cached("a") is module.CACHE["a"]
    assert module.is_known("a") is True
    assert json.dumps([module.cached("a"), module.is_known("b")]) == "[[1, 2], false]"


def test_wrong_return_annotation_changes_nothing(write, enhanced):
    """A result that contradicts its annotation is flagged in the event, never raised or changed."""
    module = write(
        """
        from poet import poet

        @poet
        def rate(n: int) -> int:
            return n / 2
        """
    )
    assert module.rate(5) == 2.5
    (event,) = executions()
    assert event["payload"]["success"] is True
    assert "float" in " ".join(event["payload"]["flags"])


def feedback_events(folder=None):
    lines = []
    for path in (folder or Path.cwd()).rglob(".poet/events/**/*"):
        if path.is_file():
            lines += [json.loads(x) for x in path.read_bytes().splitlines() if x.startswith(b"{")]
    return [e for e in lines if e["type"] == "function.feedback"]


SCORE = """
from poet import poet

@poet
def score(n):
    return {"score": n}

@poet
def is_risky(n):
    return n > 3

@poet
def nothing():
    return None
"""


def test_feedback_finds_the_execution_of_a_result(write):
    """A container is recognised by identity, even when later calls returned equal ones."""
    module = write(SCORE)
    first, second = module.score(1), module.score(1)
    assert first == second
    assert poet_package.execution(first).id != poet_package.execution(second).id
    ids = [e["payload"]["execution_id"] for e in executions()]
    assert [poet_package.execution(r).id for r in (first, second)] == ids
    feedback(first, "good")
    (event,) = feedback_events()
    assert event["payload"]["execution_id"] == ids[0]
    assert event["payload"]["content"] == "good"


def test_feedback_by_id_execution_and_run(write):
    """A ticket can carry the id; `poet.run` gives it with the result."""
    module = write(SCORE)
    ran = poet_package.run(module.score, 7)
    assert ran.result == {"score": 7}
    assert ran.id == executions()[0]["payload"]["execution_id"]
    feedback(ran, False)
    feedback(ran.id, 0.5, metric="share", root=Path.cwd() / ".poet")
    assert [e["payload"]["execution_id"] for e in feedback_events()] == [ran.id, ran.id]
    assert poet.run(module.score, 8).result == {"score": 8}


def test_bare_results_mean_the_newest_equal_one_in_this_context(write):
    """True, None and small numbers: the newest call here that returned it."""
    module = write(SCORE)
    assert module.is_risky(5) is True
    assert module.is_risky(1) is False
    assert module.nothing() is None
    ids = [e["payload"]["execution_id"] for e in executions()]
    assert poet_package.execution(True).id == ids[0]
    assert poet_package.execution(False).id == ids[1]
    assert poet_package.execution(None).id == ids[2]
    assert module.is_risky(9) is True
    assert poet_package.execution(True).id == executions()[-1]["payload"]["execution_id"]


def test_another_threads_bare_result_is_never_picked(write):
    """A thread that never called the function has nothing to speak of."""
    module = write(SCORE)
    module.is_risky(5)
    found = []

    def elsewhere():
        try:
            found.append(poet_package.execution(True))
        except ExecutionNotFound as error:
            found.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert isinstance(found[0], ExecutionNotFound)


def test_another_threads_container_is_found_by_identity(write):
    """An object handed from a worker to the main thread keeps its execution."""
    module = write(SCORE)
    results = []
    thread = threading.Thread(target=lambda: results.append(module.score(1)))
    thread.start()
    thread.join()
    assert poet_package.execution(results[0]).function == "score"


def test_tasks_do_not_see_each_others_bare_results(write):
    """Two requests served at once in one loop stay apart."""
    module = write(SCORE)

    async def request(n):
        result = module.is_risky(n)
        await asyncio.sleep(0.01)
        return poet_package.execution(result).id

    async def serve():
        return await asyncio.gather(request(5), request(6))

    ids = asyncio.run(serve())
    assert sorted(ids) == sorted(e["payload"]["execution_id"] for e in executions())
    assert ids[0] != ids[1]


def test_unknown_result_is_an_error_that_says_what_to_do():
    """Nothing is guessed."""
    with pytest.raises(ExecutionNotFound, match=r"poet\.run"):
        feedback({"score": 5}, "whose?")


def test_run_refuses_a_plain_function():
    """`poet.run` needs a decorated one."""
    with pytest.raises(TypeError, match="decorated"):
        poet_package.run(len, "abc")


def test_script_and_import_share_one_folder(tmp_path, enhanced):
    """Run as `__main__`, as a module or imported: one function, one version."""
    (tmp_path / "app.py").write_text(
        "from poet import poet\n\n@poet\ndef half(n: int) -> float:\n    return n / 2\n\n"
        "print(half(4))\n"
    )
    for arguments in (["app.py"], ["-m", "app"], ["-c", "import app"]):
        assert python(*arguments) == "2.0"
    versions = list(tmp_path.glob(".poet/*/v*"))
    assert len(versions) == 1, versions


def test_same_name_in_two_modules_never_clashes(write, enhanced):
    """The folder of a function belongs to its module and qualified name."""
    text = "from poet import poet\n\n@poet\ndef score(n: int) -> int:\n    return n {}\n"
    one, two = write(text.format("+ 1")), write(text.format("* 10"))
    assert [one.score(2), two.score(2), one.score(3)] == [3, 20, 4]
    assert len(list(Path.cwd().glob(".poet/*/current"))) == 2


def test_same_name_twice_in_one_file(write, enhanced):
    """A second `def` of the same name replaces the first, and each runs its own code."""
    module = write(
        """
        from poet import poet

        @poet
        def score(n: int) -> int:
            return n + 1

        first = score

        @poet
        def score(n: int) -> int:
            return n * 10
        """
    )
    assert [module.first(2), module.score(2), module.first(3)] == [3, 20, 4]


def test_comments_and_docstrings_are_no_change(tmp_path, enhanced):
    """Only what could change the answer makes a new version."""
    text = "from poet import poet\n\n@poet\ndef half(n: int) -> float:\n    {}return n / 2\n"
    script = "import app; print(app.half(4))"
    for body in ("", "# halve it\n    ", '"""Half of it."""\n    '):
        (tmp_path / "app.py").write_text(text.format(body))
        assert python("-c", script) == "2.0"
    assert len(list(tmp_path.glob(".poet/half/v*"))) == 1
    (tmp_path / "app.py").write_text(text.format("n = n + 1; "))
    assert python("-c", script) == "2.5"
    assert len(list(tmp_path.glob(".poet/half/v*"))) == 2


# D. Source and environment


def test_dash_c_runs_with_one_warning(tmp_path):
    """Without source there is a clear warning, and the function works."""
    code = """
        import warnings
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            from poet import poet
            @poet
            def double(n: int) -> int:
                return n * 2
            print(double(4), double(5), len([w for w in seen if "double" in str(w.message)]))
    """
    expected = "8 10 1" if sys.version_info < (3, 13) else ("8 10 1", "8 10 0")
    assert python("-c", textwrap.dedent(code)) in expected


def test_without_source_arguments_are_still_checked(enhanced):
    """Reliability goes around the function that cannot be read: annotations are enough."""
    namespace = {"poet": poet}
    text = "@poet\ndef double(n: int) -> int:\n    return n * 2\n"
    with pytest.warns(PoetWarning, match="double"):
        exec(compile(text, "<made up>", "exec"), namespace)
        assert namespace["double"](4) == 8
    with pytest.raises(TypeError, match="n must be int"):
        namespace["double"]("4")


def test_standard_input_as_in_a_prompt(tmp_path):
    """Typed at a prompt, a function works."""
    text = """
        import warnings; warnings.simplefilter("ignore")
        from poet import poet

        @poet
        def triple(n: int) -> int:
            return n * 3

        print(triple(3))
    """
    assert python("-", text=text).endswith("9")


def test_lambda_runs_or_is_refused_clearly():
    """A lambda has no name and no lines of its own; it works, or the message says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            double = poet(lambda n: n * 2)
        except DecorationError as refused:
            assert "lambda" in str(refused)
        else:
            assert double(4) == 8


@pytest.mark.parametrize("builtin", [len, abs, dict.get, int])
def test_builtins_work_or_are_refused(builtin):
    """What has no Python source never fails in some other way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            decorated = poet(builtin)
        except DecorationError:
            return
        assert decorated(
            {} if builtin is not abs else -1, *([1] if builtin is dict.get else [])
        ) in (
            0,
            1,
            None,
        )


def test_partial_is_refused_with_the_fix():
    """The function inside is what should be decorated."""
    with pytest.raises(DecorationError, match="partial"):
        poet(functools.partial(plain_add, 1))


CELL = """
@poet
def cell(n: int) -> int:
    return n + {}
"""


def run_cell(namespace, plus, number):
    """As IPython runs a cell: a file name that is no file, and the text in linecache."""
    name = f"/tmp/ipykernel_4711/{number}.py"
    text = CELL.format(plus)
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), namespace)
    return namespace["cell"]


def test_notebook_cells(enhanced):
    """A cell has a source but no file; edited and run again it is the new function; folder: here."""
    namespace = {"poet": poet, "__name__": "__main__"}

    async def kernel():  # a loop is running, as in a notebook
        return [run_cell(namespace, 1, 1)(1), run_cell(namespace, 2, 2)(1)]

    assert asyncio.run(kernel()) == [2, 3]
    assert (Path.cwd() / ".poet").is_dir()
    assert not Path("/tmp/ipykernel_4711").exists()
    with pytest.raises(TypeError, match="n must be int"):
        namespace["cell"]("1")


def test_file_edited_while_the_process_runs(write, tmp_path, enhanced):
    """The code that runs is the code that was imported, whatever the file says now."""
    text = "from poet import poet\n\n@poet\ndef plus(n: int) -> int:\n    return n + {}\n"
    module = write(text.format(1), "edited_live")
    (tmp_path / "edited_live.py").write_text("# a new first line\n" + text.format(2))
    linecache.checkcache()
    assert module.plus(1) == 2
    assert "+ 2" not in str(inspect.unwrap(module.plus).__code__.co_consts)
    assert python("-c", "import edited_live; print(edited_live.plus(1))") == "3"
    assert module.plus(2) == 3


def test_reload_replaces(write, tmp_path, enhanced):
    """After `importlib.reload` the new code runs, old references keep the old, both with versions."""
    text = "from poet import poet\n\n@poet\ndef plus(n: int) -> int:\n    return n + {}\n"
    module = write(text.format(1), "reloaded")
    old = module.plus
    assert old(1) == 2
    (tmp_path / "reloaded.py").write_text(text.format(10) + "# longer\n")
    importlib.invalidate_caches()
    module = importlib.reload(module)
    assert [module.plus(1), old(1)] == [11, 2]


def test_spawned_workers_generate_once(tmp_path, enhanced):
    """Many processes that start at once make one version."""
    (tmp_path / "app.py").write_text(
        "from poet import poet\n\n@poet\ndef half(n: int) -> float:\n    return n / 2\n"
    )
    (tmp_path / "main.py").write_text(
        textwrap.dedent(
            """
            import multiprocessing as mp
            from app import half

            if __name__ == "__main__":
                with mp.get_context("spawn").Pool(3) as pool:
                    print(pool.map(half, range(6), chunksize=1))
            """
        )
    )
    assert python("main.py") == "[0.0, 0.5, 1.0, 1.5, 2.0, 2.5]"
    assert len(list(tmp_path.glob(".poet/half/v*"))) == 1


def test_importing_and_decorating_write_nothing(write, tmp_path, enhanced):
    """Until the first call there is no folder."""
    write("from poet import poet\n\n@poet\ndef plus(n):\n    return n + 1\n")
    assert not (tmp_path / ".poet").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders")
def test_folder_that_cannot_be_written(write, tmp_path, enhanced):
    """A `.poet` that cannot be written costs a warning; the function answers."""
    (tmp_path / ".poet").write_text("in the way")  # root may write to a read-only folder
    module = write("from poet import poet\n\n@poet\ndef plus(n: int) -> int:\n    return n + 1\n")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert [module.plus(1), module.plus(2)] == [2, 3]
    assert any(isinstance(w.message, PoetWarning) for w in seen)


def test_import_from_a_zip_file(tmp_path):
    """A module inside a zip has no folder to write to; it works."""
    import zipfile

    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr(
            "zipped.py",
            "from poet import poet\n\n@poet\ndef plus(n: int) -> int:\n    return n + 1\n",
        )
    code = "import sys; sys.path.insert(0, 'app.zip'); import zipped; print(zipped.plus(1))"
    assert python("-W", "ignore", "-c", code, POET_GENERATE="background") == "2"


def test_missing_journal_is_made_again(write, tmp_path):
    """Somebody removes `.poet/` while the program runs: calls go on."""
    import shutil

    module = write("from poet import poet\n\n@poet\ndef plus(n):\n    return n + 1\n")
    assert module.plus(1) == 2
    shutil.rmtree(tmp_path / ".poet")
    assert module.plus(2) == 3


def test_threads(write, enhanced):
    """Many threads at the first call: each gets its answer, one version, an event for each call."""
    module = write("from poet import poet\n\n@poet\ndef plus(n: int) -> int:\n    return n + 1\n")
    barrier, answers = threading.Barrier(8), []

    def work(n):
        barrier.wait()
        answers.extend(module.plus(n) for _ in range(20))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(n + 1 for n in range(8) for _ in range(20))
    assert len(list(Path.cwd().glob(".poet/plus/v*"))) == 1
    assert len(executions()) == 160


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork(write):
    """A forked child calls on, and writes its own events."""
    module = write("from poet import poet\n\n@poet\ndef plus(n):\n    return n + 1\n")
    assert module.plus(1) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(module.plus, range(4)) == [1, 2, 3, 4]
    assert module.plus(2) == 3
    events = executions()
    assert len(events) == 6
    assert len({e["payload"]["execution_id"] for e in events}) == 6


# E. Tools


def test_traceback_and_breakpoints_land_in_a_real_file(write, enhanced):
    """The version's frames name a file that exists, with the line that ran."""
    module = write("from poet import poet\n\n@poet\ndef fail(n: int) -> float:\n    return 1 / n\n")
    with pytest.raises(ZeroDivisionError) as caught:
        module.fail(0)
    frames = traceback.extract_tb(caught.value.__traceback__)
    ours = [f for f in frames if Path(f.filename).name == "enhanced.py"]
    assert ours
    for frame in ours:
        assert Path(frame.filename).read_text().splitlines()[frame.lineno - 1].strip() == frame.line


def test_getsource_is_the_users_function():
    """'Go to definition' goes to what the person wrote."""
    assert "return (a + b + sum(rest)) * scale" in inspect.getsource(add)
    assert inspect.getsourcefile(inspect.unwrap(add)) == __file__


def test_switched_off_by_environment(tmp_path):
    """`POET_ENABLED=0` gives the plain function back: no wrapper, no folder."""
    (tmp_path / "app.py").write_text(
        "from poet import poet\n\ndef plain(n):\n    return n + 1\n\n"
        "made = poet(plain)\nprint(made is plain, made(1))\n"
    )
    assert python("app.py", POET_ENABLED="0", POET_GENERATE="background") == "True 2"
    assert not (tmp_path / ".poet").exists()


def test_switched_off_still_refuses_wrong_options(monkeypatch):
    """A mistake does not hide until production."""
    monkeypatch.setenv("POET_ENABLED", "0")
    with pytest.raises((DecorationError, PoetError)):
        poet(domian="api")


def test_disabled_block(write, enhanced):
    """Inside `poet.disabled()` the plain function runs, in this context only."""
    module = write("from poet import poet\n\n@poet\ndef double(n: int) -> int:\n    return n * 2\n")
    with poet_package.disabled():
        assert module.double("ab") == "abab"
        assert poet.disabled is poet_package.disabled
    assert executions() == []
    with pytest.raises(TypeError, match="n must be int"):
        module.double("ab")


def test_generated_files_pass_ruff_and_mypy(write, enhanced):
    """A team's linters may look into `.poet/`."""
    module = write(
        """
        from poet import poet

        @poet
        def share(total: int, parts: int = 2, *, names: list[str] | None = None) -> dict[str, float]:
            return {name: total / parts for name in names or ["a"]}
        """
    )
    assert module.share(4) == {"a": 2.0}
    assert "def perceive" in current_code(module.share)
    python("-m", "ruff", "check", "--isolated", ".poet")
    python("-m", "ruff", "format", "--isolated", "--line-length", "100", "--check", ".poet")


def test_importing_poet_is_light():
    """Nothing heavy is imported by `import poet`."""
    heavy = "libcst jinja2 typer tenacity numpy hypothesis pydantic_ai fastapi rich scipy"
    code = f"import poet, sys; print([m for m in {heavy.split()!r} if m in sys.modules])"
    assert python("-c", code) == "[]"
