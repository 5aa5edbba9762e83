"""`poet demo`: the main job on real data, in a folder of its own, without a key."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any

import typer

from .app import app
from .output import code, say

# Iris (R. A. Fisher, 1936): sepal length in cm of 50 plants of each of two species.
SETOSA = [5.1, 4.9, 4.7, 4.6, 5.0, 5.4, 4.6, 5.0, 4.4, 4.9, 5.4, 4.8, 4.8, 4.3, 5.8, 5.7, 5.4, 5.1, 5.7,
          5.1, 5.4, 5.1, 4.6, 5.1, 4.8, 5.0, 5.0, 5.2, 5.2, 4.7, 4.8, 5.4, 5.2, 5.5, 4.9, 5.0, 5.5, 4.9,
          4.4, 5.1, 5.0, 4.5, 4.4, 5.0, 5.1, 4.8, 5.1, 4.6, 5.3, 5.0]  # fmt: skip
VERSICOLOR = [7.0, 6.4, 6.9, 5.5, 6.5, 5.7, 6.3, 4.9, 6.6, 5.2, 5.0, 5.9, 6.0, 6.1, 5.6, 6.7, 5.6, 5.8, 6.2,
              5.6, 5.9, 6.1, 6.3, 6.1, 6.4, 6.6, 6.8, 6.7, 6.0, 5.7, 5.5, 5.5, 5.8, 6.0, 5.4, 6.0, 6.7, 6.3,
              5.6, 5.5, 5.5, 6.1, 5.8, 5.0, 5.6, 5.7, 5.7, 6.2, 5.1, 5.7]  # fmt: skip

MODULE = '''"""Three ordinary functions."""

import json
import urllib.request

from poet import poet

BASE = "http://127.0.0.1:PORT"


@poet
def mean_length(lengths: list[float], digits: int = 2) -> float:
    """Return the mean length in cm."""
    return round(sum(lengths) / len(lengths), digits)


@poet(domain="api", timeout=5.0)
def fetch_lengths(species: str) -> list[float]:
    """Ask a server that has a bad day."""
    with urllib.request.urlopen(f"{BASE}/{species}") as response:
        return json.load(response)["lengths"]


@poet(domain="ml_monitoring")
def detect_drift(current_data, reference_data):
    """Tell whether the data changed; nobody has written this yet."""
    return {"drift_detected": False, "score": 0.0}
'''


class _BadDay(BaseHTTPRequestHandler):
    """Answers 503 twice, then drops a connection, then works."""

    asked = 0

    def do_GET(self) -> None:
        cls = type(self)
        cls.asked += 1
        if cls.asked <= 2:
            self.send_response(503)
            self.send_header("Retry-After", "0")
            self.end_headers()
            return
        if cls.asked == 3:
            self.connection.close()
            return
        body = json.dumps({"lengths": SETOSA if "setosa" in self.path else VERSICOLOR}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing on the console."""


@app.command()
def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Folder to leave everything in; default: removed.")
    ] = None,
) -> None:
    """Run the main job on real data: decorate, call, read, break, teach."""
    folder = keep or Path(tempfile.mkdtemp(prefix="poet-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _BadDay)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        _tell(folder.resolve(), server.server_address[1])
    finally:
        server.shutdown()
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _head(text: str) -> None:
    say(f"\n── {text} " + "─" * max(0, 76 - len(text)))


def _tell(folder: Path, port: int) -> None:
    import poet

    file = folder / "flowers.py"
    file.write_text(MODULE.replace("PORT", str(port)), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("flowers", file)
    assert spec is not None
    assert spec.loader is not None
    flowers = importlib.util.module_from_spec(spec)
    sys.modules["flowers"] = flowers
    spec.loader.exec_module(flowers)

    _head("1. Decorate and call: the first call writes a version, checks it, and runs it")
    result = flowers.mean_length(SETOSA)
    say(f"mean_length(setosa)      → {result}")
    version = flowers.mean_length.__poet__.version
    if version is None:
        say("The plain function runs here; `poet doctor` says why.")
        return
    say(f"gate                     → {version.metadata['report']['summary']}")

    _head(f"2. Read what runs in your name: {version.code_path.relative_to(folder)}")
    code(version.code().rstrip())

    _head("3. A wrong argument is refused before anything happens, by name")
    _attempt("mean_length(['5.1', '4.9'])", lambda: flowers.mean_length(["5.1", "4.9"]))
    _attempt("mean_length([])", lambda: flowers.mean_length([]))
    say("The second error is the function's own: POET adds nothing to it and hides nothing.")

    _head("4. A server answers 503 twice, drops a connection, then works")
    lengths = flowers.fetch_lengths("versicolor")
    say(f"fetch_lengths('versicolor') → {len(lengths)} lengths after {_BadDay.asked} requests")

    _head("5. A stub becomes a drift detector (domain ml_monitoring)")
    if importlib.util.find_spec("scipy") is None:
        say("needs NumPy and SciPy: pip install 'opendxa-poet[ml]'")
        same = None
    else:
        same = flowers.detect_drift(SETOSA[:25], SETOSA[25:])
        other = flowers.detect_drift(VERSICOLOR, SETOSA)
        say(f"setosa against setosa       → {same}")
        say(f"versicolor against setosa   → {other}")
        detector = flowers.detect_drift.__poet__.version
        if detector is not None:
            say(f"gate                        → {detector.metadata['report']['summary']}")

    _head("6. Say what you think of a result; it is kept for learning")
    if same is not None:
        identity = poet.feedback(same, "right: the same species")
        say(f"feedback {identity} on execution {poet.execution(same).id}")

    _head("7. Every call, refusal and version is in the journal")
    from ..events import journal_for

    for event in journal_for(folder / ".poet").query()[-9:]:
        p = event.payload
        told = p.get("summary") or p.get("content") or (p.get("error") or {}).get("message") or "ok"
        say(f"{event.type:22} {p.get('function') or '':14} {str(told)[:70]}")
    say(f"\nNext: decorate a function of your own, then try `poet list` and `poet show NAME`."
        f"\nEverything was in {folder}.")  # fmt: skip


def _attempt(shown: str, call: Callable[[], Any]) -> None:
    try:
        say(f"{shown} → {call()}")
    except Exception as error:  # noqa: BLE001 - shown to the reader, whatever it is
        say(f"{shown} → {type(error).__name__}: {error}")
