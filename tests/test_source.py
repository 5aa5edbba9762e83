"""What is known of a function is what its text says, at the time of decoration."""

import importlib.util
import sys
import textwrap

import pytest

from poet.source import FunctionSource, SourceUnavailable, captured


def read(text, qualname, tmp_path):
    """Return the source of one function in a fresh file."""
    file = tmp_path / "users.py"
    file.write_text(textwrap.dedent(text))
    return FunctionSource.in_file(file, qualname)


def test_parts_of_a_function(tmp_path):
    """Signature, annotations, doctests, imports and kind are read from the text."""
    source = read(
        '''
        import json

        def load(path: str, /, *rest: int, key="a", **more) -> dict:
            """Load.

            >>> load("x")
            {}
            """
            return json.loads(path)
        ''',
        "load",
        tmp_path,
    )
    assert [(p.name, p.kind) for p in source.parameters] == [
        ("path", "POSITIONAL_ONLY"),
        ("rest", "VAR_POSITIONAL"),
        ("key", "KEYWORD_ONLY"),
        ("more", "VAR_KEYWORD"),
    ]
    assert source.parameters[2].default == "'a'"
    assert source.returns == "dict"
    assert source.doctests == (('load("x")', "{}\n"),)
    assert source.imports == ("import json",)
    assert source.self_contained
    assert source.module == "users"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("def f(x): return x", "function"),
        ("async def f(x): return x", "coroutine"),
        ("def f(x): yield x", "generator"),
        ("async def f(x): yield x", "async generator"),
        ("def f(x): return lambda: (yield x)", "function"),
    ],
)
def test_kind(body, kind, tmp_path):
    """An inner yield does not make the outer function a generator."""
    assert read(body, "f", tmp_path).kind == kind


@pytest.mark.parametrize(
    ("body", "stub"),
    [
        ("def f(a): return {'drift': False}", True),
        ("def f(a):\n    '''Doc.'''\n    ...", True),
        ("def f(a): pass", True),
        ("def f(): return 3", False),
        ("def f(a): return a", False),
        ("def f(a): return [None, 0.0]", True),
        ("def f(a): raise ValueError", False),
    ],
)
def test_stub(body, stub, tmp_path):
    """A stub takes parameters and returns a constant."""
    assert read(body, "f", tmp_path).is_stub is stub


def test_fingerprint_ignores_what_does_not_matter(tmp_path):
    """Comments, blank lines, indentation and docstrings do not make a function stale."""
    one = read("def f(a):\n    '''Doc.'''\n    return a + 1\n", "f", tmp_path)
    two = read("def f(a):  # note\n\n        '''Other.'''\n\n        return a + 1\n", "f", tmp_path)
    other = read("def f(a):\n    '''Doc.'''\n    return a + 2\n", "f", tmp_path)
    assert one.fingerprint == two.fingerprint != other.fingerprint


def test_fingerprint_of_a_stub_includes_its_docstring(tmp_path):
    """A stub's docstring is its specification."""
    one = read("def f(a):\n    '''Count cats.'''\n    return 0\n", "f", tmp_path)
    two = read("def f(a):\n    '''Count dogs.'''\n    return 0\n", "f", tmp_path)
    assert one.fingerprint != two.fingerprint


def test_text_is_kept_as_it_was_at_decoration(tmp_path):
    """Editing a file while it runs does not change what is known of the loaded function."""
    file = tmp_path / "edited.py"
    file.write_text("def f(a):\n    return a + 1\n")
    spec = importlib.util.spec_from_file_location("edited", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    analyse = captured(module.f)
    file.write_text("def f(a):\n    return 'quite another text'\n")
    assert "a + 1" in analyse().text


def test_methods_and_nested_functions(tmp_path):
    """Qualified names find methods; free variables and super() forbid rewriting."""
    text = """
    class Client:
        def get(self, key):
            return super().get(key)
        @staticmethod
        def name(x): return x
    def outer(n):
        def inner(x):
            return x + n
        return inner
    """
    get = read(text, "Client.get", tmp_path)
    assert (get.method, get.self_contained) == ("instance", False)
    assert read(text, "Client.name", tmp_path).method == "static"
    inner = read(text, "outer.<locals>.inner", tmp_path)
    assert inner.free_variables == ("n",)
    assert not inner.self_contained


def test_decorators_below_poet_are_known(tmp_path):
    """What stands between @poet and def is kept by name; the text is the def alone."""
    source = read(
        "from functools import cache\n@poet(domain='api')\n@cache\ndef f(x):\n    return x\n",
        "f",
        tmp_path,
    )
    assert source.decorators == ("cache",)
    assert source.text.startswith("def f")


@pytest.mark.parametrize("function", [len, lambda x: x, sys.getsizeof])
def test_no_text_is_said_clearly(function):
    """Built-ins and lambdas have no text of their own."""
    with pytest.raises(SourceUnavailable):
        captured(function)


def test_missing_function_is_said_clearly(tmp_path):
    """The message names the file and the function."""
    with pytest.raises(SourceUnavailable, match="'g'"):
        read("def f(): pass", "g", tmp_path)
