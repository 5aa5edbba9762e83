"""Domains: folders of plain text and small files that teach POET a field.

A domain's folder holds `requirements.md` (what a model is told), `blueprint.py` (what is written
without a model), `probes.py` (behaviours that a version must show) and, for those that come with
POET, a `toolkit` (tested helpers that generated code may call). A user's own folder needs only
one of the first two; a single Markdown file is a domain with requirements alone.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UnknownDomain

if TYPE_CHECKING:
    from ..source import FunctionSource
    from ..spec import Spec

Blueprint = Callable[["FunctionSource", "Spec"], str]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Domain:
    """What POET knows of one field.

    Attributes:
        name: The folder's or the file's name, which generated code carries in its docstring.
        requirements: Markdown for the model; empty when the folder has none.
        blueprint: Writes the text of a version without a model.
        probes: File with `probe_*` functions; None when there are none.
        toolkit: Module that generated code may import; only domains that come with POET have one.
        folder: Where its files are; for a single Markdown file, that file.
        digest: Sixteen hex digits that change when any of its files does.
    """

    name: str
    requirements: str
    blueprint: Blueprint | None = field(compare=False)
    probes: Path | None
    toolkit: str | None
    folder: Path
    digest: str


def names() -> tuple[str, ...]:
    """Return the names of the domains that come with POET, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in _HERE.glob("*/requirements.md")))


def load(name: str, *, beside: Path | None = None) -> Domain:
    """Return the domain of this name or path.

    Args:
        name: A name from `names()`, or the path of a folder or of a Markdown file. A name that is
            not known is also looked for as a folder or `.md` file.
        beside: Folder against which a relative path is looked up first; the working folder is next.

    Raises:
        UnknownDomain: There is no such domain; the message names the nearest one.
    """
    if name in names():
        return _bundled(name)
    for path in _places(name, beside):
        if path.is_dir():
            return _folder(path.resolve())
        if path.is_file() and path.suffix.lower() in {".md", ".markdown"}:
            return _markdown(path.resolve())
    raise UnknownDomain(_unknown(name))


def _places(name: str, beside: Path | None) -> Iterator[Path]:
    path = Path(name).expanduser()
    for base in (beside, Path.cwd()) if beside else (Path.cwd(),):
        yield base / path
        yield base / path.with_name(path.name + ".md")


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), names(), n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names())}."
    looks_like_path = "/" in name or "\\" in name or name.endswith(".md")
    what = "is neither a folder nor a Markdown file" if looks_like_path else "is not a domain"
    return f"domain={name!r} {what}. {hint} A path of your own folder or .md file works as well."


def _bundled(name: str) -> Domain:
    folder = _HERE / name
    package = f"{__name__}.{name}"
    has_toolkit = (folder / "toolkit.py").is_file() or (folder / "toolkit").is_dir()

    def blueprint(source: FunctionSource, spec: Spec) -> str:
        # Imported when it writes: a call of an enhanced function never needs it.
        text: str = importlib.import_module(f"{package}.blueprint").write(source, spec)
        return text

    return Domain(
        name=name,
        requirements=_read(folder / "requirements.md"),
        blueprint=blueprint if (folder / "blueprint.py").is_file() else _bundled_reliability(),
        probes=_if_file(folder / "probes.py"),
        toolkit=f"{package}.toolkit" if has_toolkit else None,
        folder=folder,
        digest=_digest(folder),
    )


def _bundled_reliability() -> Blueprint | None:
    return _bundled("reliability").blueprint


def _folder(folder: Path) -> Domain:
    requirements = _if_file(folder / "requirements.md")
    own_blueprint = _if_file(folder / "blueprint.py")
    if requirements is None and own_blueprint is None:
        raise UnknownDomain(
            f"The folder {folder} is not a domain: it has neither requirements.md nor blueprint.py."
            " Write in requirements.md what a good function of your field does."
        )
    return Domain(
        name=folder.name,
        requirements=_read(requirements) if requirements else "",
        blueprint=_blueprint_in(own_blueprint) if own_blueprint else _bundled_reliability(),
        probes=_if_file(folder / "probes.py"),
        toolkit=None,
        folder=folder,
        digest=_digest(folder),
    )


def _markdown(path: Path) -> Domain:
    return Domain(
        name=path.stem,
        requirements=_read(path),
        blueprint=_bundled_reliability(),
        probes=None,
        toolkit=None,
        folder=path,
        digest=hashlib.sha256(path.read_bytes()).hexdigest()[:16],
    )


def _blueprint_in(path: Path) -> Blueprint:
    def blueprint(source: FunctionSource, spec: Spec) -> str:
        # Loaded anew each time, so that an edited blueprint takes effect in a running notebook.
        found = importlib.util.spec_from_file_location(f"poet_domain_{path.parent.name}", path)
        if found is None or found.loader is None:
            raise UnknownDomain(f"{path} cannot be imported as a Python file.")
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        write = getattr(module, "write", None)
        if not callable(write):
            raise UnknownDomain(f"{path} has no function write(source, spec); a blueprint is that.")
        return str(write(source, spec))

    return blueprint


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".md", ".py", ".j2"} and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _if_file(path: Path) -> Path | None:
    return path if path.is_file() else None


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
