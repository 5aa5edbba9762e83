"""A local HTTP server that misbehaves on schedule.

`/KIND/KEY` answers by the kind's schedule, counted for each key on its own: the first request of a
key gets the first step, and so on; the last step is for all that follow. It listens on loopback,
and everything that it was sent is on record.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOD = json.dumps({"user": "ada", "credit": 17}).encode()
HANG_SECONDS = 30.0

# Each kind of trouble, step by step.
SCHEDULES: dict[str, tuple[str, ...]] = {
    "fine": ("ok",),
    "429 with Retry-After": ("429", "ok"),
    "500 then 200": ("500", "ok"),
    "503 twice": ("503", "503", "ok"),
    "reset": ("reset", "ok"),
    "truncated JSON": ("short", "ok"),
    "cut body": ("cut", "ok"),
    "hang once": ("hang", "ok"),
    "hang": ("hang",),
    "slow drip": ("drip",),
    "down": ("503",),
    "400": ("400",),
    "404": ("404",),
    "POST, reply lost": ("lost", "ok"),
    "POST 503": ("503", "ok"),
}


class Record:
    """What the server was sent: requests by key, and the effects that POST requests had."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests: Counter[str] = Counter()
        self.effects: Counter[str] = Counter()
        self.times: dict[str, list[float]] = defaultdict(list)

    def request(self, key: str) -> int:
        """Count a request and return how many of its key came before."""
        with self.lock:
            self.requests[key] += 1
            self.times[key].append(time.monotonic())
            return self.requests[key] - 1

    def effect(self, key: str) -> None:
        """Count an effect: what a POST was meant to do has been done."""
        with self.lock:
            self.effects[key] += 1


def _handler(record: Record, stopping: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.serve()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.serve()

        def serve(self) -> None:
            kind, key = self.path.strip("/").replace("%20", " ").rsplit("/", 1)
            earlier = record.request(key)
            steps = SCHEDULES[kind]
            step = steps[min(earlier, len(steps) - 1)]
            if self.command == "POST" and step in ("ok", "lost"):
                record.effect(key)
            self.step(step)

        def step(self, step: str) -> None:
            self.close_connection = True
            if step == "ok":
                self.answer(200, GOOD)
            elif step == "429":
                self.answer(429, b'{"error": "slow down"}', {"Retry-After": "1"})
            elif step.isdigit():
                self.answer(int(step), b"<h1>trouble</h1>", kind="text/html")
            elif step == "short":
                self.answer(200, GOOD[:-9])
            elif step == "cut":
                self.answer(200, GOOD[:-9], {"Content-Length": str(len(GOOD))})
            elif step == "hang":
                stopping.wait(HANG_SECONDS)
            elif step == "drip":
                self.drip()
            elif step in ("reset", "lost"):
                # Linger 0: the connection ends with RST instead of FIN.
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()

        def drip(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(GOOD)))
            self.end_headers()
            for byte in GOOD:
                if stopping.wait(HANG_SECONDS / len(GOOD)):
                    return
                try:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                except OSError:
                    return

        def answer(
            self,
            status: int,
            body: bytes,
            headers: dict[str, str] | None = None,
            kind: str = "application/json",
        ) -> None:
            self.send_response(status)
            wanted = {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}
            for name, value in wanted.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):  # the connection was reset on purpose
                pass

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is no error here."""


@contextmanager
def serving() -> Iterator[tuple[str, Record]]:
    """Serve on a free port of loopback; give the address and the record."""
    record, stopping = Record(), threading.Event()
    server = _Server(("127.0.0.1", 0), _handler(record, stopping))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", record
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()
