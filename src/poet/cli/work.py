"""Commands that make and judge versions: enhance, check, audit, domains."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import PoetError
from ..generate import ladder
from ..source import FunctionSource, SourceUnavailable
from .app import Json, app
from .loading import states_in, stored
from .output import as_json, progress, refuse, say, table


@app.command()
def enhance(
    target: Annotated[str, typer.Argument(help="FILE.py, or FILE.py:NAME for one function.")],
    force: Annotated[bool, typer.Option(help="Generate although a version fits.")] = False,
    blueprint: Annotated[bool, typer.Option(help="Do not ask the model.")] = False,
    json: Json = False,
) -> None:
    """Generate a version for each decorated function in a file that has none that fits."""
    results: list[dict[str, Any]] = []
    for state in states_in(target):
        if state.source is None:
            results.append({"function": state.name, "version": None, "fresh": False,
                            "summary": "there is no text to read"})  # fmt: skip
            continue
        job = ladder.job_for(state, progress if not json else lambda _text: None)
        job.folder.claim()
        ladder.adopt_edited(job)
        outcome = ladder.enhance(
            job,
            use_model=not blueprint,
            force=force,
            better_than_blueprint=not blueprint,
        )
        version = outcome.version
        results.append(
            {
                "function": state.name,
                "version": version.number if version else None,
                "status": version.status if version else "the plain function runs",
                "fresh": outcome.fresh,
                "made by": version.metadata["provenance"]["ladder"] if version else None,
                "summary": version.metadata["report"]["summary"] if version else None,
                "steps": list(outcome.steps),
            }
        )
    if json:
        as_json(results)
    else:
        for r in results:
            if r["version"] is None:
                say(f"{r['function']}: no version; the plain function goes on running")
                for step in r.get("steps", []):
                    say(f"  {step}")
            elif not r["fresh"]:
                say(f"{r['function']}: v{r['version']} is up to date")
                if r["status"] == "waiting":
                    say(f"  It waits for you: poet approve {r['function']}")
            else:
                say(f"{r['function']}: v{r['version']} by {r['made by']} ({r['status']})")
                say(f"  {r['summary']}")
                if r["status"] == "waiting":
                    say(f"  It waits for you: poet approve {r['function']}")
    if any(r["version"] is None for r in results):
        raise typer.Exit(1)


@app.command()
def check(json: Json = False) -> None:
    """Check every stored version that runs: fresh, unmodified, still passing the gate."""
    from ..domains import load as load_domain
    from ..generate.candidate import Candidate, Provenance
    from ..generate.gate import gate
    from ..spec import make_spec

    rows = []
    for folder in stored():
        version = folder.current()
        if version is None:
            rows.append((folder.name, "-", "no current version", False))
            continue
        file = folder.root.parent / folder.file
        label = f"v{version.number}"
        try:
            code = version.code()
            source = FunctionSource.in_file(file, folder.qualname)
        except (PoetError, SourceUnavailable, OSError) as error:
            rows.append((folder.name, label, str(error), False))
            continue
        if source.fingerprint != version.metadata["fingerprint"]:
            rows.append((folder.name, label, f"stale: {folder.file} changed since", False))
            continue
        options = {k: v for k, v in version.metadata.get("spec", {}).items()
                   if k in ("domain", "grants", "idempotent", "retries", "timeout")}  # fmt: skip
        spec = make_spec(options)
        domain = load_domain(spec.domain, beside=file.parent)
        report = gate(Candidate(code, Provenance("edited", domain.name)), source, spec, domain)
        rows.append((folder.name, label, report.summary, report.passed))
    if json:
        keys = ("function", "version", "result", "ok")
        as_json([dict(zip(keys, row, strict=True)) for row in rows])
    elif not rows:
        say("no versions are stored at or below this folder")
    else:
        table(("", "function", "version", "result"),
              [("ok" if ok else "NO", name, v, text) for name, v, text, ok in rows])  # fmt: skip
    if not all(row[3] for row in rows):
        raise typer.Exit(1)


@app.command()
def audit(
    file: Annotated[Path, typer.Argument(help="A version's file, or any Python file.")],
    original: Annotated[
        str | None,
        typer.Option(help="FILE.py:NAME of the original, whose capabilities are allowed."),
    ] = None,
    format: Annotated[str, typer.Option(help="text, json or sarif.")] = "text",
) -> None:
    """Judge one file by the audit's policy, by itself."""
    from ..domains import load as load_domain
    from ..generate.gate.audit import as_json as shown_as_json
    from ..generate.gate.audit import as_sarif, as_text
    from ..generate.gate.audit import audit as judge
    from ..generate.gate.manifest import Manifest, manifest_of
    from ..spec import Spec

    if format not in ("text", "json", "sarif"):
        refuse(f"--format {format} is not known; choose text, json or sarif.")
    if not file.is_file():
        refuse(f"there is no file {file}.")
    manifest = Manifest()
    if original is not None:
        path, _, name = original.partition(":")
        source = FunctionSource.in_file(path, name)
        manifest = manifest_of(source, Spec(), load_domain("reliability"))
    # The bytes as they are: what cannot be decoded is a finding too.
    findings = judge(file.read_bytes(), manifest)
    if format == "sarif":
        from importlib.metadata import version

        typer.echo(as_sarif(str(file), findings, version("opendxa-poet")))
    elif format == "json":
        typer.echo(shown_as_json(str(file), findings))
    elif findings:
        typer.echo(as_text(str(file), findings))
    else:
        say(f"{file}: nothing found")
    if findings:
        raise typer.Exit(1)


@app.command()
def domains(json: Json = False) -> None:
    """List the domains that come with POET."""
    from ..domains import load, names

    rows = []
    for name in names():
        domain = load(name)
        title = next((x for x in domain.requirements.splitlines() if x.startswith("# ")), "")
        rows.append((name, title.removeprefix("# "), str(domain.folder)))
    if json:
        as_json([dict(zip(("name", "about", "folder"), row, strict=True)) for row in rows])
    else:
        table(("domain", "about"), [row[:2] for row in rows])
        say("\nA folder or a Markdown file of your own works as well: @poet(domain='path/to/it')")
