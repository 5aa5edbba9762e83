"""Try a backend out with real attempts to get out, before it is trusted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import socket
import sys
import tempfile
import threading
from pathlib import Path

from .backend import Backend, Verdict
from .process import run_job

FORMAT = 2


def probe(backend: Backend) -> Verdict:
    """Run attempts inside the backend and report which were stopped."""
    missing = backend.missing()
    if missing:
        return Verdict(error=missing)
    with tempfile.TemporaryDirectory(prefix="poet-probe-") as name:
        outside = Path(name)
        canary = outside / "canary"
        canary.write_text("secret")
        with socket.create_server(("127.0.0.1", 0)) as server:
            accepted = threading.Event()

            def accept() -> None:
                with contextlib.suppress(OSError):
                    server.accept()[0].close()
                    accepted.set()

            threading.Thread(target=accept, daemon=True).start()
            unix = socket.socket(socket.AF_UNIX)
            unix.bind(str(outside / "socket"))
            unix.listen()
            answer = run_job(
                backend,
                {
                    "task": "probe",
                    "outside": str(outside / "written"),
                    "canary": str(canary),
                    "socket": str(outside / "socket"),
                    "port": server.getsockname()[1],
                    "pid": os.getpid(),
                },
                readable=(),
                seconds=20.0,
            )
            unix.close()
        written = (outside / "written").exists()
    if answer.data is None:
        return Verdict(error=f"{answer.problem}: {answer.output[-200:]}".strip(": "))
    got_through = answer.data.get("got_through", {})
    stopped = {str(k): not v for k, v in got_through.items()}
    stopped["writing outside"] = stopped.get("writing outside", True) and not written
    stopped["network (TCP)"] = stopped.get("network (TCP)", True) and not accepted.is_set()
    return Verdict(stopped)


def cached_verdict(backend: Backend) -> Verdict:
    """Return the verdict for this machine, from the user's cache folder where it is known."""
    missing = backend.missing()
    if missing:
        return Verdict(error=missing)
    key = hashlib.sha256(
        json.dumps(
            [FORMAT, backend.name, platform.release(), sys.version, sys.executable, os.getuid()]
        ).encode()
    ).hexdigest()[:16]
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    file = Path(base) / "poet" / f"sandbox-{key}.json"
    try:
        found = json.loads(file.read_text())
        return Verdict(found["stopped"], found["error"])
    except (OSError, ValueError, KeyError):
        verdict = probe(backend)
    if verdict.holds:  # a failure may be mended any minute; it is tried again next time
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"stopped": dict(verdict.stopped), "error": verdict.error}))
    return verdict
