"""Print for people or for programs: tables, plain lines, or JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

import typer


def say(text: str = "") -> None:
    """Print a line for a person."""
    typer.echo(text)


def progress(text: str) -> None:
    """Tell what is going on, beside the output proper."""
    typer.echo(f"  … {text}", err=True)


def as_json(value: Any) -> None:
    """Print a value as indented JSON."""
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under headings, in columns as wide as they need to be."""
    shown = [[str(c) for c in row] for row in rows]
    widths = [max(len(c) for c in column) for column in zip(head, *shown, strict=True)]
    widths[-1] = 0
    for index, row in enumerate([list(head), *shown]):
        line = "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        typer.echo(typer.style(line, bold=True) if index == 0 and sys.stdout.isatty() else line)


def code(text: str) -> None:
    """Print Python; coloured on a terminal, as it is elsewhere."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.syntax import Syntax

        Console().print(Syntax(text, "python", background_color="default"))
    else:
        typer.echo(text)


def refuse(message: str, code: int = 2) -> NoReturn:
    """End the command with a message that says what to do."""
    typer.echo(f"poet: {message}", err=True)
    raise typer.Exit(code)


def moment(timestamp: float) -> str:
    """Return a Unix time as a person reads it, in UTC."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S")
