"""Each setting has one origin, and a wrong one is an error that says where."""

import pytest

from poet.errors import SettingsError
from poet.settings import is_enabled, settings_for, variable_of


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """No variable of the surrounding shell takes part."""
    import os

    for name in list(os.environ):
        if name.startswith(("POET_", "AITOMATIC_")):
            monkeypatch.delenv(name)


def test_order_is_argument_environment_project_default(tmp_path, monkeypatch):
    """The nearer to the caller, the stronger."""
    (tmp_path / "pyproject.toml").write_text('[tool.poet]\ngenerate = "command"\nmodel = "a:b"\n')
    inner = tmp_path / "deep" / "er"
    inner.mkdir(parents=True)
    found = settings_for(inner)
    assert (found.generate, found.model, found.approval) == ("command", "a:b", "auto")
    assert "pyproject.toml" in found.sources["generate"]
    monkeypatch.setenv("POET_GENERATE", "never")
    assert settings_for(inner).generate == "never"
    assert settings_for(inner).sources["generate"] == "POET_GENERATE"
    assert settings_for(inner, generate="background").generate == "background"


def test_unknown_key_names_the_nearest(tmp_path):
    """A typing mistake in pyproject.toml does not go unnoticed."""
    (tmp_path / "pyproject.toml").write_text('[tool.poet]\naproval = "auto"\n')
    with pytest.raises(SettingsError, match="did you mean 'approval'"):
        settings_for(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("generate", "sometimes"), ("enabled", "perhaps"), ("generation_seconds", "-1")],
)
def test_wrong_value_names_the_variable(tmp_path, monkeypatch, name, value):
    """The message names what to change."""
    monkeypatch.setenv(variable_of(name), value)
    with pytest.raises(SettingsError, match=variable_of(name)):
        settings_for(tmp_path)


@pytest.mark.parametrize(
    ("value", "on"), [("0", False), ("false", False), ("1", True), ("", False)]
)
def test_switch(monkeypatch, value, on):
    """POET_ENABLED=0 switches everything off."""
    monkeypatch.setenv("POET_ENABLED", value)
    assert is_enabled() is on
