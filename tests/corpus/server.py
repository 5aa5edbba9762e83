"""A small HTTP server that answers the same question always the same way, and remembers requests."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USERS = {
    "1": {"id": 1, "name": "Ada", "plan": "pro"},
    "2": {"id": 2, "name": "Bob", "plan": "free"},
}


class Server:
    """`with Server() as server:` serves on a free port of this machine until the end of the block."""

    def __init__(self) -> None:
        self._seen: list[tuple[str, str]] = []
        seen = self._seen

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            do_PUT = do_DELETE = do_PATCH = do_HEAD = do_POST

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen.append((f"{self.command} {self.path}", body.hex()))
                status, payload = reply(self.command, self.path, body)
                data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Silence: requests are remembered instead."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def reset(self) -> None:
        self._seen.clear()

    def requests(self) -> list[tuple[str, str]]:
        """What was asked, in order; a GET that was only repeated counts once, a POST never."""
        kept: list[tuple[str, str]] = []
        for one in self._seen:
            if not (kept and kept[-1] == one and one[0].startswith("GET ")):
                kept.append(one)
        return kept


def reply(method: str, path: str, body: bytes) -> tuple[int, Any]:
    """The whole API: users, paging, search, an echo, and errors that never go away."""
    route, _, query = path.partition("?")
    parts = route.strip("/").split("/")
    if parts[0] == "users" and len(parts) == 2:
        user = USERS.get(parts[1])
        return (200, user) if user else (404, {"error": "no such user"})
    if parts[0] == "users":
        return (201, json.loads(body)) if method == "POST" else (200, list(USERS.values()))
    if parts[0] == "pages":
        number = int(parts[1])
        return 200, {
            "items": [number * 2 - 1, number * 2],
            "next": number + 1 if number < 3 else None,
        }
    if parts[0] == "echo":
        return 200, {"method": method, "query": query, "body": body.decode()}
    if parts[0] == "broken":
        return 200, b'{"truncated": '
    if parts[0] == "bad":
        return 400, {"error": "bad request"}
    return 404, {"error": f"nothing at {route}"}
