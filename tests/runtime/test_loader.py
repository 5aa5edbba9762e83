"""A version is an ordinary module, bound to the function that asked for it."""

import linecache
import traceback
import types

import pytest

from poet.errors import StoreError
from poet.runtime.loader import load

TEXT = '''"""add, enhanced."""
from poet.enhanced import Param, hints, module, original, params

PARAMS = {"step": Param(2, 1, 10, "what is added")}


def perceive(x):
    """P."""
    return x


def operate(x):
    """O'."""
    return original(x) + params.step


def enforce(result):
    """E."""
    return result


def add(x, extra=...):
    """Add."""
    return enforce(operate(perceive(x)))
'''
marker = object()


def original(x, extra=marker):
    """Return x."""
    return x


def test_original_and_params_belong_to_the_version():
    """Two functions that share a text do not share anything else."""
    one = load(TEXT, "/nowhere/enhanced.py", original, "add")
    two = load(TEXT, "/nowhere/enhanced.py", lambda x: -x, "add", {"step": 5})
    assert one.entry(1) == 3
    assert two.entry(1) == 4


def test_defaults_are_the_originals_own_objects():
    """A sentinel keeps its identity."""
    loaded = load(TEXT, "/nowhere/enhanced.py", original, "add")
    assert loaded.entry.__defaults__ == (marker,)


def test_learned_values_must_fit_their_declaration():
    """A value out of range never runs."""
    with pytest.raises(StoreError, match="above 10"):
        load(TEXT, "/nowhere/enhanced.py", original, "add", {"step": 11})
    with pytest.raises(StoreError, match="does not declare"):
        load(TEXT, "/nowhere/enhanced.py", original, "add", {"other": 1})


def test_tracebacks_show_the_stored_file(tmp_path):
    """The text runs under its own path."""
    file = tmp_path / "enhanced.py"
    file.write_text(TEXT)
    loaded = load(TEXT, str(file), original, "add")
    with pytest.raises(TypeError) as caught:
        loaded.entry("a")
    linecache.checkcache(str(file))
    shown = "".join(traceback.format_exception(caught.value))
    assert f'File "{file}"' in shown
    assert "return original(x) + params.step" in shown


@pytest.mark.parametrize("name", ["eval", "exec", "compile", "breakpoint", "input"])
def test_builtins_are_trimmed(name):
    """What runs text as code is not there, whatever the audit let through."""
    text = TEXT.replace("return result", f"return {name}")
    loaded = load(text, "/nowhere/enhanced.py", original, "add")
    with pytest.raises(NameError):
        loaded.entry(1)


def test_the_users_module_is_seen_live_and_cannot_be_set():
    """A changed global is seen by the version; the version changes nothing."""
    user = types.ModuleType("user")
    exec("RATE = 2\ndef scale(x): return x", user.__dict__)
    text = (
        '"""scale."""\nfrom poet.enhanced import module\n'
        "def perceive(x): return x\n"
        "def operate(x): return x * module.RATE\n"
        "def enforce(r): return r\n"
        "def scale(x): return enforce(operate(perceive(x)))\n"
        "def spoil(): module.RATE = 3\n"
    )
    loaded = load(text, "/nowhere/enhanced.py", user.scale, "scale")
    assert loaded.entry(2) == 4
    user.RATE = 10
    assert loaded.entry(2) == 20
    with pytest.raises(AttributeError):
        loaded.namespace["spoil"]()
    assert user.RATE == 10


def test_a_version_without_its_entry_is_refused():
    """The message names the file and the function."""
    with pytest.raises(StoreError, match="'other'"):
        load(TEXT, "/nowhere/enhanced.py", original, "other")
