"""Loading domains by name, folder and file."""

from pathlib import Path

import pytest

from poet import domains
from poet.errors import UnknownDomain
from poet.source import FunctionSource
from poet.spec import Spec


@pytest.fixture
def source(tmp_path: Path) -> FunctionSource:
    file = tmp_path / "own.py"
    file.write_text("def double(x: int) -> int:\n    return 2 * x\n")
    return FunctionSource.in_file(file, "double")


def test_the_default_domain_is_complete(source):
    """`reliability` has text for a model, a blueprint and probes."""
    domain = domains.load("reliability")
    assert "reliability" in domains.names()
    assert domain.requirements.startswith("# Reliability")
    assert domain.blueprint is not None
    assert "def perceive" in domain.blueprint(source, Spec())
    assert domain.probes is not None
    assert len(domain.digest) == 16


@pytest.mark.parametrize("name", domains.names())
def test_every_domain_that_comes_along_can_write(name, source):
    """Each bundled domain has requirements and a blueprint that writes all parts."""
    domain = domains.load(name)
    assert domain.requirements.strip()
    text = domain.blueprint(source, Spec(domain=name))
    for part in ("perceive", "operate", "enforce", "double"):
        assert f"def {part}(" in text


def test_an_unknown_name_gets_the_nearest_one():
    """A slip of the pen is answered with the name that was meant."""
    with pytest.raises(UnknownDomain, match="Did you mean 'reliability'"):
        domains.load("relaibility")
    with pytest.raises(UnknownDomain, match="neither a folder nor a Markdown file"):
        domains.load("no/such/folder")


def test_a_markdown_file_is_a_domain(tmp_path, source):
    """One Markdown file gives the requirements; the blueprint is that of reliability."""
    (tmp_path / "claims.md").write_text("# Claims\nAmounts are in cents.\n")
    domain = domains.load("claims", beside=tmp_path)
    assert domain.name == "claims"
    assert "cents" in domain.requirements
    assert "def operate(x)" in domain.blueprint(source, Spec())


def test_a_folder_of_ones_own(tmp_path, source):
    """A folder's own blueprint and probes are used, and editing any file changes the digest."""
    folder = tmp_path / "finance"
    folder.mkdir()
    (folder / "requirements.md").write_text("# Finance\n")
    (folder / "blueprint.py").write_text(
        "def write(source, spec):\n    return f'# {source.name}'\n"
    )
    (folder / "probes.py").write_text("def probe_nothing(function):\n    pass\n")
    domain = domains.load(str(folder))
    assert domain.blueprint(source, Spec()) == "# double"
    assert domain.probes == (folder / "probes.py").resolve()
    (folder / "requirements.md").write_text("# Finance, revised\n")
    assert domains.load(str(folder)).digest != domain.digest


def test_an_empty_folder_is_refused(tmp_path):
    """A folder without requirements and blueprint is an error that says what to write."""
    with pytest.raises(UnknownDomain, match="requirements.md"):
        domains.load(str(tmp_path))


def test_a_blueprint_without_write_is_refused(tmp_path, source):
    """A blueprint.py that defines no `write` is named in the error."""
    (tmp_path / "blueprint.py").write_text("x = 1\n")
    with pytest.raises(UnknownDomain, match="no function write"):
        domains.load(str(tmp_path)).blueprint(source, Spec())
