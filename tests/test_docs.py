"""The documentation says what the code does: every name that a user meets appears in it."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
import typer

import poet
from poet import enhanced, errors
from poet.cli.app import app
from poet.events import TYPES
from poet.settings import Settings, variable_of
from poet.spec import Spec, option_names

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("name", option_names())
def test_each_option_is_documented_with_its_default(name):
    """The table of options is the code's."""
    assert f"| `{name}` | `{getattr(Spec(), name)!r}` |" in REFERENCE


@pytest.mark.parametrize("name", [f.name for f in fields(Settings) if f.name != "sources"])
def test_each_setting_is_documented_with_its_variable(name):
    """The table of settings is the code's."""
    assert f"| `{name}` | `{variable_of(name)}` |" in REFERENCE


@pytest.mark.parametrize("name", sorted(typer.main.get_command(app).commands))
def test_each_command_is_documented_with_its_options(name):
    """The table of commands is the code's."""
    (row,) = re.findall(rf"^\| `poet {name}[ `].*$", REFERENCE, re.MULTILINE)
    for parameter in typer.main.get_command(app).commands[name].params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            assert f"`{max(parameter.opts, key=len)}`" in row


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_each_event_is_documented(kind):
    """The table of events is the code's."""
    assert f"| `{kind}` | {TYPES[kind]} |" in REFERENCE


@pytest.mark.parametrize(
    "name",
    [n for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, errors.PoetError)],
)
def test_each_error_is_documented(name):
    """The table of errors is the code's."""
    assert f"| `{name}`" in REFERENCE


@pytest.mark.parametrize("name", poet.__all__)
def test_each_public_name_is_documented(name):
    """What `poet` exports can be looked up."""
    assert f"poet.{name}" in REFERENCE or f"`{name}`" in REFERENCE


@pytest.mark.parametrize("name", enhanced.__all__)
def test_what_generated_code_may_use_is_documented(name):
    """So is what the model is offered."""
    assert f"`{name}`" in REFERENCE


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    """No page points at a file that is not there."""
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target
