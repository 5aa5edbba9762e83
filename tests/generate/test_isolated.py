"""`isolation="process"`: versions run in restricted workers, or not at all."""

import importlib.util
import sys
import time

import pytest

from poet.errors import DeadlineExceeded, DecorationError, SandboxUnavailable, StoreError
from poet.generate.sandbox import choose

MODULE = """
import os
import time
from poet import poet


@poet(isolation="process", timeout=1.0)
def wait(n: float) -> str | None:
    time.sleep(n)
    return os.environ.get("POET_ENABLED")
"""


def isolates():
    """Tell whether this machine can isolate at all."""
    try:
        return choose("require").isolates
    except SandboxUnavailable:
        return False


@pytest.fixture
def wait(tmp_path):
    """The decorated function of a fresh module."""
    name = f"isolated_{tmp_path.name}"
    file = tmp_path / f"{name}.py"
    file.write_text(MODULE)
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module.wait


def test_a_call_runs_elsewhere_or_is_refused(wait):
    """It never runs in this process instead."""
    if not isolates():
        with pytest.raises(SandboxUnavailable, match="doctor"):
            wait(0.0)
        return
    assert wait(0.0) == "0"  # as it is in workers only
    with pytest.raises(TypeError, match="n must be float"):
        wait("1")
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        wait(30.0)
    assert time.monotonic() - began < 10
    assert wait(0.0) == "0"  # as it is in workers only


def test_without_a_version_the_plain_function_does_not_run(wait, monkeypatch):
    """Whoever asked for isolation did not ask for a call in process."""
    monkeypatch.setenv("POET_GENERATE", "command")
    with pytest.raises(StoreError, match="keeps it from running here"):
        wait(0.0)


def test_what_cannot_be_isolated_is_refused_at_decoration(tmp_path):
    """Generators would have to cross item by item; a lambda has no text to load."""
    from poet import poet

    def items():
        yield 1

    with pytest.raises(DecorationError, match="generator"):
        poet(isolation="process")(items)
    with pytest.raises(DecorationError, match="text"):
        poet(isolation="process")(lambda n: n)
