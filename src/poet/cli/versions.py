"""Commands about stored versions: list, show, diff, history, approve, rollback, params, eject."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any

import typer

from ..events import journal_for
from ..generate.gate.report import Report
from ..store import FunctionFolder, Version
from .app import Json, Name, app
from .loading import named, stored
from .output import as_json, code, moment, refuse, say, table


@app.command(name="list")
def list_(json: Json = False) -> None:
    """List the stored functions at and below this folder."""
    rows = []
    for folder in stored():
        version = folder.current()
        waiting = [v.number for v in folder.versions() if v.status == "waiting"]
        metadata = version.metadata if version else {}
        rows.append(
            {
                "function": folder.name,
                "file": folder.file,
                "version": version.number if version else None,
                "made by": metadata.get("provenance", {}).get("ladder"),
                "domain": metadata.get("provenance", {}).get("domain"),
                "edited": bool(version and version.is_edited()),
                "waiting": waiting,
                "gate": metadata.get("report", {}).get("summary"),
            }
        )
    if json:
        as_json(rows)
    elif not rows:
        say("nothing is stored at or below this folder; decorate a function and call it, or run: "
            "poet enhance FILE.py")  # fmt: skip
    else:
        table(
            ("function", "file", "version", "made by", "domain", "gate"),
            [
                (
                    r["function"],
                    r["file"],
                    f"v{r['version']}" + (" EDITED" if r["edited"] else "")
                    if r["version"]
                    else "-",
                    r["made by"] or "-",
                    r["domain"] or "-",
                    (r["gate"] or "-")
                    + (
                        f" (waiting: {', '.join(f'v{n}' for n in r['waiting'])})"
                        if r["waiting"]
                        else ""
                    ),
                )
                for r in rows
            ],
        )


def _version(folder: FunctionFolder, number: str | None) -> Version:
    if number is None:
        version = folder.current()
        if version is None:
            every = folder.versions()
            if not every:
                refuse(f"{folder.name} has no version; run: poet enhance {folder.file}")
            return every[-1]
        return version
    digits = number.removeprefix("v")
    if not digits.isdigit():
        refuse(f"{number!r} is not a version; write v2 or 2.")
    return folder.version(int(digits))


@app.command()
def show(
    name: Name,
    version: Annotated[str | None, typer.Option(help="Which one; default: the current.")] = None,
    code_only: Annotated[bool, typer.Option("--code", help="Only the code.")] = False,
    report: Annotated[bool, typer.Option("--report", help="Only the gate's report.")] = False,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Only what the model was asked.")
    ] = False,
    json: Json = False,
) -> None:
    """Show a version: its code, where it came from, what the gate said."""
    found = _version(named(name), version)
    metadata = found.metadata
    if json:
        as_json({**metadata, "code": found.code_path.read_text(encoding="utf-8")})
        return
    if prompt:
        file = found.folder / "prompt.md"
        if not file.is_file():
            refuse(
                f"v{found.number} was made by {metadata['provenance']['ladder']}; no model was asked.",
                1,
            )
        say(file.read_text(encoding="utf-8"))
        return
    if not report:
        code(found.code_path.read_text(encoding="utf-8").rstrip())
    if code_only:
        return
    if not report:
        say()
        for label, value in _facts(found, metadata):
            say(f"{label + ':':14}{value}")
        say()
    say(Report.from_json(metadata["report"]).text())


def _facts(version: Version, metadata: dict[str, Any]) -> list[tuple[str, str]]:
    made = metadata["provenance"]
    by = made["ladder"] + (f", {made['model']}" if made.get("model") else "")
    cost = made.get("cost")
    facts = [
        ("version", f"v{version.number}, {metadata['status']}"
         + (" — EDITED on disk" if version.is_edited() else "")),
        ("made by", f"{by}, attempt {made['attempt']}, {metadata['created']}"),
        ("file", str(version.code_path)),
        ("why", metadata.get("why", "-")),
    ]  # fmt: skip
    if made.get("model"):
        shown = "unknown" if cost is None else f"${cost:.4f}"
        facts.append(
            (
                "tokens",
                f"{made.get('input_tokens')} in, {made.get('output_tokens')} out, cost {shown}",
            )
        )
    capabilities = metadata["report"]["sections"].get("audit", {}).get("capabilities")
    if capabilities:
        facts.append(("may", capabilities))
    return facts


@app.command()
def diff(
    name: Name,
    old: Annotated[str, typer.Argument(help="A version, such as v1.")],
    new: Annotated[str, typer.Argument(help="A version, such as v2.")],
) -> None:
    """Show what changed between two versions."""
    folder = named(name)
    one, two = _version(folder, old), _version(folder, new)
    lines = difflib.unified_diff(
        one.code_path.read_text(encoding="utf-8").splitlines(),
        two.code_path.read_text(encoding="utf-8").splitlines(),
        f"{folder.name}/v{one.number}/enhanced.py",
        f"{folder.name}/v{two.number}/enhanced.py",
        lineterm="",
    )
    text = "\n".join(lines)
    say(text or f"v{one.number} and v{two.number} are the same.")


@app.command()
def history(name: Name, json: Json = False) -> None:
    """Tell what became of each version, and the events of the function's generation."""
    folder = named(name)
    rows = [
        {
            "version": v.number,
            "status": v.status,
            "created": v.metadata["created"],
            "made by": v.metadata["provenance"]["ladder"],
            "why": v.metadata.get("why", ""),
        }
        for v in folder.versions()
    ]
    events = [
        e for e in journal_for(folder.root).query(function=folder.name)
        if e.type.startswith(("generation.", "version.", "params.", "release.", "learning."))
    ]  # fmt: skip
    if json:
        as_json(
            {
                "versions": rows,
                "events": [{"at": e.timestamp, "type": e.type, **e.payload} for e in events],
            }
        )
        return
    table(("version", "status", "created", "made by", "why"),
          [(f"v{r['version']}", r["status"], r["created"], r["made by"], r["why"]) for r in rows])  # fmt: skip
    if events:
        say()
    for e in events[-40:]:
        about = e.payload.get("reason") or e.payload.get("summary") or e.payload.get("why") or ""
        step = e.payload.get("step")
        say(f"{moment(e.timestamp)}  {e.type}{f' [{step}]' if step else ''}  {about}")


@app.command()
def approve(
    name: Name,
    version: Annotated[
        str | None, typer.Option(help="Which one; default: the newest waiting.")
    ] = None,
) -> None:
    """Let a version that waits for review take over."""
    folder = named(name)
    if version is not None:
        chosen = _version(folder, version)
    else:
        waiting = [v for v in folder.versions() if v.status == "waiting"]
        if not waiting:
            refuse(f"no version of {folder.name} waits for approval.", 1)
        chosen = waiting[-1]
    chosen.code()  # an edited one is not what was reviewed
    with folder.locked() as held:
        if not held:
            refuse(f"another process is changing {folder.name}; try again.")
        folder.notify("version.approved", {"function": folder.name, "version": chosen.number})
        folder.make_current(chosen, "approved")
    say(f"{folder.name} runs v{chosen.number} from the next call on.")


@app.command()
def rollback(
    name: Name,
    to: Annotated[
        str | None, typer.Option(help="Version to return to; default: the one before.")
    ] = None,
    why: Annotated[str, typer.Option(help="Kept in the record.")] = "rolled back by hand",
) -> None:
    """Return to an earlier version; running processes follow within a second."""
    folder = named(name)
    number = None if to is None else _version(folder, to).number
    with folder.locked() as held:
        if not held:
            refuse(f"another process is changing {folder.name}; try again.")
        good = folder.roll_back(number, why)
    say(f"{folder.name} runs v{good.number} from the next call on.")


@app.command()
def params(
    name: Name,
    settings: Annotated[list[str] | None, typer.Argument(help="key=value, to set.")] = None,
    json: Json = False,
) -> None:
    """Show the learned values of the current version, or set some."""
    import ast

    from ..runtime.loader import declared_in
    from ..store.files import write_json

    folder = named(name)
    version = _version(folder, None)
    declared = declared_in(version.code_path)
    values = {k: p.default for k, p in declared.items()} | version.params
    for setting in settings or []:
        key, equals, text = setting.partition("=")
        if not equals or key not in declared:
            known = ", ".join(declared) or "none"
            refuse(f"{setting!r} cannot be set; write key=value, with a key of: {known}.")
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            value = text
        problem = declared[key].problem_with(value)
        if problem:
            refuse(f"{key}: {problem}.")
        values[key] = value
    if settings:
        learned = {k: v for k, v in values.items() if v != declared[k].default}
        with folder.locked():
            write_json(version.folder / "params.json", learned)
        folder.notify("params.changed", {"function": folder.name, "version": version.number,
                                         "values": learned, "by": "hand"})  # fmt: skip
    if json:
        as_json(values)
    elif not declared:
        say(f"v{version.number} of {folder.name} declares no parameters.")
    else:
        table(("name", "value", "default", "range", "meaning"),
              [(k, values[k], p.default, f"{p.low} … {p.high}", p.meaning) for k, p in declared.items()])  # fmt: skip


@app.command()
def eject(
    name: Name,
    out: Annotated[
        Path | None, typer.Option(help="Folder to make; default: NAME_ejected here.")
    ] = None,
) -> None:
    """Write the current version as a package of its own that no longer needs POET."""
    from ..domains import load as load_domain
    from ..source import FunctionSource
    from .ejecting import eject as eject_

    folder = named(name)
    version = _version(folder, None)
    source = FunctionSource.in_file(folder.root.parent / folder.file, folder.qualname)
    target = out or Path(f"{source.name}_ejected")
    if target.exists():
        refuse(f"{target} exists already; choose another with --out.")
    text = version.code()
    domain = load_domain(version.metadata["provenance"]["domain"], beside=folder.root.parent)
    toolkit = domain.toolkit if domain.toolkit and domain.toolkit in text else None
    files = eject_(target, text, source, version.params, toolkit)
    say(f"wrote {len(files)} files to {target}/; use: from {target.name} import {source.name}")
