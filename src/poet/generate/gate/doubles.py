"""Inside the sandbox: a scripted double of HTTP below the public interface of the common clients.

Original and candidate meet the same script, so both really return values without a network. What
they send is noted, because a repeated effect is worse than a wrong answer.
"""

from __future__ import annotations

import ast
import io
import json
from typing import Any

# Each scenario is the list of answers to the requests of one call; the last one repeats.
_OK, _NOT_FOUND, _BAD_REQUEST, _BUSY, _LIMITED, _BROKEN, _RESET, _SLOW = range(8)
SCRIPTS: dict[str, list[int]] = {
    "plain": [_OK],
    "not found": [_NOT_FOUND],
    "bad request": [_BAD_REQUEST],
    "busy": [_BUSY],
    "busy once": [_BUSY, _OK],
    "limited once": [_LIMITED, _OK],
    "broken text": [_BROKEN],
    "reset": [_RESET],
    "reset once": [_RESET, _OK],
    "slow": [_SLOW],
    "slow once": [_SLOW, _OK],
}
_STATUS = {_OK: 200, _NOT_FOUND: 404, _BAD_REQUEST: 400, _BUSY: 503, _LIMITED: 429, _BROKEN: 200}


class Doubles:
    """The double for one function.

    Args:
        function_text: The original's text; the answer has the keys that it reads.
    """

    def __init__(self, function_text: str) -> None:
        self.body = answer_for(function_text)
        self.scenarios = list(SCRIPTS)
        self._script: list[int] = [_OK]
        self._sent: list[tuple[str, str, str]] = []

    def begin(self, scenario: str | None) -> None:
        """Begin a call under one script."""
        self._script = list(SCRIPTS[scenario or "plain"])
        self._sent = []

    def sent(self) -> list[list[str]]:
        """Return the requests of this call: method, URL, body."""
        return [list(r) for r in self._sent]

    def answer(self, method: str, url: str, body: Any) -> tuple[int, dict[str, str], bytes]:
        """Note a request and return status, headers and body; resets and time-outs raise.

        Raises:
            ConnectionResetError: The script says so.
            TimeoutError: The script says so.
        """
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
        self._sent.append((method.upper(), url, text[:500]))
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if step == _RESET:
            raise ConnectionResetError(104, "Connection reset by peer")
        if step == _SLOW:
            raise TimeoutError("timed out")
        status = _STATUS[step]
        headers = {"Content-Type": "application/json"}
        if step == _LIMITED:
            headers["Retry-After"] = "1"
        if step == _BROKEN:
            return status, headers, b'{"cut": '
        content = self.body if status == 200 else {"error": f"status {status}"}
        return status, headers, json.dumps(content).encode()

    def install(self) -> None:
        """Put the double below each client library that is loaded or can be."""
        for install in (self._requests, self._httpx, self._urllib):
            try:
                install()
            except ImportError:
                continue

    def _requests(self) -> None:
        import requests
        from requests.adapters import HTTPAdapter

        def send(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                status, headers, content = self.answer(request.method, request.url, request.body)
            except ConnectionResetError as error:
                raise requests.ConnectionError(error, request=request) from None
            except TimeoutError as error:
                raise requests.ReadTimeout(error, request=request) from None
            response = requests.Response()
            response.status_code = status
            response.headers.update(headers)
            response._content = content
            response.url = request.url
            response.request = request
            response.encoding = "utf-8"
            response.reason = "OK" if status < 400 else "Error"
            response.raw = io.BytesIO(content)
            return response

        HTTPAdapter.send = send  # type: ignore[method-assign]

    def _httpx(self) -> None:
        import httpx

        def respond(request: Any) -> Any:
            try:
                status, headers, content = self.answer(
                    request.method, str(request.url), request.content
                )
            except ConnectionResetError as error:
                raise httpx.ReadError(str(error), request=request) from None
            except TimeoutError as error:
                raise httpx.ReadTimeout(str(error), request=request) from None
            return httpx.Response(status, headers=headers, content=content, request=request)

        def handle(_transport: Any, request: Any) -> Any:
            request.read()
            return respond(request)

        async def handle_async(_transport: Any, request: Any) -> Any:
            await request.aread()
            return respond(request)

        httpx.HTTPTransport.handle_request = handle  # type: ignore[method-assign]
        httpx.AsyncHTTPTransport.handle_async_request = handle_async  # type: ignore[method-assign]

    def _urllib(self) -> None:
        import email.message
        import urllib.error
        import urllib.request

        def open_(
            _opener: Any, fullurl: Any, data: Any = None, timeout: Any = None
        ) -> urllib.request.addinfourl:  # type: ignore[name-defined]
            request = fullurl if isinstance(fullurl, urllib.request.Request) else None
            url = request.full_url if request else str(fullurl)
            body = data if data is not None else (request.data if request else None)
            method = request.get_method() if request else ("POST" if body else "GET")
            try:
                status, headers, content = self.answer(method, url, body)
            except (ConnectionResetError, TimeoutError) as error:
                raise urllib.error.URLError(error) from None
            message = email.message.Message()
            for name, value in headers.items():
                message[name] = value
            if status >= 400:
                raise urllib.error.HTTPError(url, status, "Error", message, io.BytesIO(content))
            return urllib.response.addinfourl(io.BytesIO(content), message, url, status)  # type: ignore[attr-defined]

        import urllib.response

        urllib.request.OpenerDirector.open = open_  # type: ignore[assignment, method-assign]


def answer_for(text: str) -> Any:
    """Return a JSON answer that has the keys which a function's text reads, nested as it reads them."""
    tree = ast.parse(text)
    keys: dict[str, Any] = {}
    for node in ast.walk(tree):
        path = _path(node)
        if path:
            here = keys
            for part in path[:-1]:
                deeper = here.setdefault(part, {})
                if not isinstance(deeper, dict):
                    deeper = here[part] = {}
                here = deeper
            here.setdefault(path[-1], _value(path[-1]))
    iterates = any(isinstance(n, (ast.For, ast.comprehension)) for n in ast.walk(tree))
    for key, value in list(keys.items()):
        if iterates and key in ("items", "results", "data", "users", "records", "entries"):
            inner = {k: v for k, v in keys.items() if k != key and not isinstance(v, (dict, list))}
            if not isinstance(value, list):
                keys[key] = [value if isinstance(value, dict) and value else inner or {"id": 1}]
    return keys or {"id": 7, "name": "Ann", "value": 3.5, "items": [1, 2, 3]}


def _path(node: ast.AST) -> list[str]:
    """Return the keys of an access such as `data["user"]["name"]` or `data.get("a")`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                parts.insert(0, node.slice.value)
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
            and "/" not in node.args[0].value
        ):
            parts.insert(0, node.args[0].value)
            node = node.func.value
        else:
            return parts


_GUESSES: dict[str, Any] = {
    "name": "Ann", "email": "ann@example.com", "id": 7, "status": "active", "items": [], "results": [],
    "data": {}, "rates": {"EUR": 0.9, "USD": 1.0}, "date": "2024-03-15", "message": "fine", "url":
    "https://example.com/x", "title": "A title", "tags": ["a"], "next": None, "currency": "EUR",
}  # fmt: skip


def _value(key: str) -> Any:
    return _GUESSES.get(key, _GUESSES.get(key.rsplit("_", maxsplit=1)[-1], 3.5))
