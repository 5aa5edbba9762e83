"""All commands in one place; each module registers its own."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="poet",
    help="Make plain Python functions production-ready, and see every line that runs for you.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Name = Annotated[str, typer.Argument(help="Name of a function, or FILE.py:NAME.")]


@app.callback(invoke_without_command=True)
def common(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Make plain Python functions production-ready, and see every line that runs for you."""
    if version:
        import poet

        typer.echo(f"poet {poet.__version__}")
        raise typer.Exit


from . import demo, journal, machine, versions, work  # noqa: E402, F401 - they register themselves
