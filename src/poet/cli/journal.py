"""Commands about what happened: events, feedback."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ..events import Event, Journal, journal_for
from .app import Json, app
from .loading import roots
from .output import as_json, moment, refuse, say

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@app.command()
def events(
    action: Annotated[
        str | None, typer.Argument(help="gc: compress what is full and delete what is old.")
    ] = None,
    follow: Annotated[bool, typer.Option(help="Go on printing as they happen.")] = False,
    type: Annotated[str | None, typer.Option(help="Only this type.")] = None,
    function: Annotated[str | None, typer.Option(help="Only this function.")] = None,
    since: Annotated[str | None, typer.Option(help="Only of the last 10m, 2h, 3d …")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest.")] = 50,
    json: Json = False,
) -> None:
    """Show what happened: calls, feedback, generations, changes of version."""
    start = time.time() - _seconds(since) if since else None
    journals = [journal_for(root) for root in roots()]
    if not journals:
        refuse("there is no .poet folder at or below this one.", 1)
    if action is not None:
        _gc(action, journals, json)
        return
    found = [
        e for j in journals for e in j.query(type=type, function=function, since=start, limit=limit)
    ]
    found.sort(key=lambda e: e.timestamp)
    for event in found[-limit:]:
        _print(event, json)
    if follow:
        if len(journals) > 1:
            refuse("--follow works in a folder with one .poet; go into one.")
        try:
            for event in journals[0].follow():
                if (type is None or event.type == type) and (
                    function is None or event.payload.get("function") == function
                ):
                    _print(event, json)
        except KeyboardInterrupt:
            return


def _gc(action: str, journals: list[Journal], as_data: bool) -> None:
    if action != "gc":
        refuse(f"poet events knows no {action!r}; write: poet events, or: poet events gc")
    done = [journal.gc() for journal in journals]
    sealed, deleted = sum(d[0] for d in done), sum(d[1] for d in done)
    if as_data:
        as_json({"compressed": sealed, "deleted": deleted})
    else:
        say(f"compressed {sealed} segments, deleted {deleted} older than 30 days")


def _seconds(text: str) -> float:
    unit = _UNITS.get(text[-1:])
    number = text[:-1]
    if unit is None or not number.replace(".", "", 1).isdigit():
        refuse(f"--since {text!r} cannot be read; write 30s, 10m, 2h or 3d.")
    return float(number) * unit


def _print(event: Event, as_data: bool) -> None:
    if as_data:
        typer.echo(event.line().decode(), nl=False)
        return
    p = event.payload
    if event.type == "function.execution":
        error = p.get("error")
        told = f"{error['type']}: {error['message'][:80]}" if error else "ok"
        more = f", {p['attempts']} attempts" if p.get("attempts", 1) > 1 else ""
        flags = f", flagged: {'; '.join(p['flags'])}" if p.get("flags") else ""
        about = f"{p['function']} v{p['version']} {p['duration_ms']:.2f} ms {told}{more}{flags}"
        about += f"  {p['execution_id']}"
    elif event.type == "function.feedback":
        subject = p.get("execution_id") or p.get("episode_id") or p.get("function")
        about = f"{p.get('content')!r} on {subject}"
    else:
        shown = {k: v for k, v in p.items() if v is not None and k != "findings"}
        about = ", ".join(f"{k} {v}" for k, v in shown.items())
    say(f"{moment(event.timestamp)}  {event.type:20}  {about}")


@app.command()
def feedback(
    target: Annotated[str, typer.Argument(help="An execution id, from `poet events` or an alert.")],
    text: Annotated[str, typer.Argument(help="What you have to say.")],
    source: Annotated[str | None, typer.Option(help="Who says so.")] = None,
    json: Json = False,
) -> None:
    """Say something about one execution; later versions learn from it."""
    from ..feedback import feedback as give

    folders = list(roots())
    if not folders:
        refuse("there is no .poet folder at or below this one.", 1)
    home = next((r for r in folders if journal_for(r).query(execution_id=target, limit=1)), None)
    if home is None and len(folders) > 1:
        refuse(
            f"no execution {target} is recorded here; give feedback in the function's own folder."
        )
    if len(target) != 36:
        refuse(f"{target!r} is not an execution id; see: poet events")
    identity = give(target, text, source=source, root=home or folders[0])
    if json:
        as_json({"id": identity, "execution_id": target, "known": home is not None})
    else:
        late = "" if home else " (its execution is not recorded here yet)"
        say(f"recorded as {identity}{late}")
