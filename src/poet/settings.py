"""What a project or a machine decides about POET, each value with where it came from.

An explicit argument wins, then a `POET_*` variable, then `[tool.poet]` of the nearest
`pyproject.toml` upwards, then the default. `.env` files are read by the command line and the
service only, never here.
"""

from __future__ import annotations

import difflib
import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .errors import SettingsError


@dataclass(frozen=True)
class Settings:
    """Settings in force for one project folder.

    Attributes:
        enabled: False switches POET off: every decorated function is the plain one.
        generate: `"background"`: the first call makes a version where none is stored, and a model
            (if there is one) improves it in the background. `"command"`: only `poet enhance`
            generates. `"never"`: only what is stored and approved runs.
        approval: `"auto"`, or `"review"`: a new version waits for `poet approve`.
        model: Which language model writes code, such as `"openai:gpt-5"` or
            `"command:llm -m gpt-5"`; None: blueprints only.
        dir: Folder for versions and events; None: `.poet/` next to the user's module.
        events_url: The queue that `poet.events.queue` opens, and that its `forward` copies the journal
            into; None: the journal itself.
        environment: Name of the deployment, kept in each event.
        service: Name of the running program, kept in each event.
        sandbox: `"auto"`, `"require"` or `"plain"`; see `poet doctor`.
        api_url: `"local"`: everything happens in this process. A POET service does not exist yet,
            so that a URL is refused.
        record: Whether arguments and results are recorded for all functions.
        generation_seconds: Time for all attempts of one generation together.
        sources: For each name where its value came from.
    """

    enabled: bool = True
    generate: str = "background"
    approval: str = "auto"
    model: str | None = None
    dir: str | None = None
    events_url: str | None = None
    environment: str = "development"
    service: str | None = None
    sandbox: str = "auto"
    api_url: str = "local"
    record: bool = False
    generation_seconds: float = 60.0
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)


_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError("true or false")


def _one_of(*choices: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value in choices:
            return str(value)
        near = difflib.get_close_matches(str(value), choices, n=1)
        raise ValueError(
            "one of " + ", ".join(choices) + (f"; did you mean {near[0]}?" if near else "")
        )

    return check


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    raise ValueError("a text")


def _seconds(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if number <= 0:
        raise ValueError("a number of seconds above 0")
    return number


def _local(value: Any) -> str:
    if value in ("local", "", None):
        return "local"
    raise ValueError("local; generating on a service is not available yet")


_READERS: dict[str, Callable[[Any], Any]] = {
    "enabled": _boolean,
    "generate": _one_of("background", "command", "never"),
    "approval": _one_of("auto", "review"),
    "model": _text,
    "dir": _text,
    "events_url": _text,
    "environment": lambda v: _text(v) or "development",
    "service": _text,
    "sandbox": _one_of("auto", "require", "plain"),
    "api_url": _local,
    "record": _boolean,
    "generation_seconds": _seconds,
}
_VARIABLES = {name: f"POET_{name.upper()}" for name in _READERS} | {"api_url": "AITOMATIC_API_URL"}


def variable_of(name: str) -> str:
    """Return the environment variable that sets a setting."""
    return _VARIABLES[name]


def is_enabled() -> bool:
    """Return whether POET is switched on, from the environment alone (read at each decoration)."""
    value = os.environ.get("POET_ENABLED", "1")
    return value.strip().lower() not in _FALSE


def settings_for(folder: Path | None = None, **explicit: Any) -> Settings:
    """Read the settings for a project.

    Args:
        folder: Where to begin looking for `pyproject.toml`; None: the working folder.
        **explicit: Values that win over everything else.

    Raises:
        SettingsError: A value cannot be used, or `[tool.poet]` has an unknown key.
    """
    start = (folder or Path.cwd()).resolve()
    variables = tuple((n, os.environ.get(v)) for n, v in _VARIABLES.items())
    return _read(start, variables, tuple(sorted(explicit.items())))


@functools.lru_cache(maxsize=64)
def _read(
    start: Path,
    variables: tuple[tuple[str, str | None], ...],
    explicit: tuple[tuple[str, Any], ...],
) -> Settings:
    values: dict[str, Any] = {}
    sources = {f.name: "default" for f in fields(Settings) if f.name != "sources"}
    file, table = _project_table(start)
    for layer, origin in (
        (table, f"[tool.poet] in {file}"),
        ({n: v for n, v in variables if v is not None}, "environment"),
        (dict(explicit), "argument"),
    ):
        for name, value in layer.items():
            where = _VARIABLES.get(name, name) if origin == "environment" else f"{name} ({origin})"
            if name not in _READERS:
                near = difflib.get_close_matches(name, _READERS, n=1)
                hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(_READERS)
                raise SettingsError(f"{where} is not a setting of POET; {hint}")
            try:
                values[name] = _READERS[name](value)
            except ValueError as error:
                raise SettingsError(f"{where} is {value!r}; expected {error}.") from None
            sources[name] = _VARIABLES[name] if origin == "environment" else origin
    return Settings(**values, sources=sources)


def _project_table(start: Path) -> tuple[Path | None, dict[str, Any]]:
    import tomllib

    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            try:
                with file.open("rb") as stream:
                    return file, tomllib.load(stream).get("tool", {}).get("poet", {})
            except (OSError, tomllib.TOMLDecodeError) as error:
                raise SettingsError(f"{file} cannot be read: {error}") from error
    return None, {}
