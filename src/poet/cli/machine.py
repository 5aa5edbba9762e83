"""Commands about this machine and project: config, doctor."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from ..settings import Settings, settings_for, variable_of
from .app import Json, app
from .output import as_json, say, table

_KEYS = {
    "openai": "OPENAI_API_KEY",
    "openai-chat": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GOOGLE_API_KEY",
    "google-gla": "GOOGLE_API_KEY",
}


@app.command()
def config(json: Json = False) -> None:
    """Show each setting, its value and where it came from."""
    settings = settings_for()
    rows = [
        (f.name, getattr(settings, f.name), settings.sources[f.name], variable_of(f.name))
        for f in fields(Settings)
        if f.name != "sources"
    ]
    if json:
        keys = ("setting", "value", "from", "variable")
        as_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        table(("setting", "value", "from", "variable"), rows)


@app.command()
def doctor(json: Json = False) -> None:
    """Tell what works on this machine, and what to do about what does not."""
    settings = settings_for()
    found = [_python(), _model(settings), *_sandboxes(settings), _journal(), *_extras()]
    if json:
        as_json([dict(zip(("what", "ok", "found", "do"), row, strict=True)) for row in found])
        return
    for what, ok, text, advice in found:
        mark = {True: "ok", False: "NO", None: "--"}[ok]
        say(f"{mark}  {what + ':':22}{text}")
        if advice:
            say(f"      → {advice}")


Row = tuple[str, bool | None, str, str]


def _python() -> Row:
    import poet

    return ("poet", True, f"{poet.__version__} on Python {sys.version.split()[0]}", "")


def _model(settings: Settings) -> Row:
    model = settings.model
    if model is None:
        return ("model", None, "none; blueprints are used",
                "set POET_MODEL, such as openai:gpt-5, anthropic:claude-sonnet-4-5 or "
                "'command:llm -m gpt-5'")  # fmt: skip
    kind, _, rest = model.partition(":")
    if kind == "command":
        import shutil

        program = rest.split()[0] if rest.split() else ""
        there = shutil.which(program) is not None
        return ("model", there, model, "" if there else f"{program!r} is not on the PATH")
    if kind == "recordings":
        there = Path(rest).is_dir()
        return ("model", there, model, "" if there else f"there is no folder {rest}")
    if importlib.util.find_spec("pydantic_ai") is None:
        return ("model", False, f"{model}, but the client is not installed",
                "pip install 'opendxa-poet[llm]'")  # fmt: skip
    variable = _KEYS.get(kind)
    if variable and not os.environ.get(variable) and not os.environ.get("OPENAI_BASE_URL"):
        return ("model", False, f"{model}, no key", f"set {variable}")
    key = "key present" if variable and os.environ.get(variable) else "no key needed"
    return ("model", True, f"{model}, {key}", "")


def _sandboxes(settings: Settings) -> list[Row]:
    from ..generate.sandbox import backends, choose
    from ..generate.sandbox.probe import cached_verdict

    rows: list[Row] = []
    for backend in backends():
        missing = backend.missing()
        if backend.isolates and missing is None:
            verdict = cached_verdict(backend)
            rows.append((f"sandbox {backend.name}", verdict.holds, verdict.text(), ""))
        elif backend.isolates:
            rows.append((f"sandbox {backend.name}", None, missing or "", ""))
    chosen = choose("auto")
    note = "" if chosen.isolates else " (limits only, no isolation)"
    rows.append(("candidates run in", chosen.isolates or None, f"{chosen.name}{note}",
                 "" if chosen.isolates else "install bubblewrap; POET_SANDBOX=require insists on it"))  # fmt: skip
    return rows


def _journal() -> Row:
    folder = Path.cwd()
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ("this folder", True, f"{folder} can be written to", "")
    except OSError as error:
        return ("this folder", False, str(error), "set POET_DIR to a folder that can be written to")


def _extras() -> list[Row]:
    wanted = {"ml": ("numpy", "scipy"), "redis": ("redis",), "prices": ("genai_prices",)}
    rows: list[Row] = []
    for extra, modules in wanted.items():
        there = all(importlib.util.find_spec(m) is not None for m in modules)
        advice = "" if there else f"if you need it: pip install 'opendxa-poet[{extra}]'"
        rows.append(
            (f"extra {extra}", there or None, "installed" if there else "not installed", advice)
        )
    return rows
