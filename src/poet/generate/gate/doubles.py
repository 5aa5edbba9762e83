"""Inside the sandbox: a scripted double of HTTP below the public interface of the common clients.

Original and candidate meet the same script, so both really return values without a network. What
they send is noted, because a repeated effect is worse than a wrong answer.
"""

from __future__ import annotations

import ast
import io
import json
import sys
import types
from typing import Any

# Each scenario is the list of answers to the requests of one call; the last one repeats.
_OK, _NOT_FOUND, _BAD_REQUEST, _BUSY, _LIMITED, _BROKEN, _RESET, _SLOW = range(8)
SCRIPTS: dict[str, list[int]] = {
    "plain": [_OK],
    "numbers": [_OK],
    "texts": [_OK],
    "a list": [_OK],
    "empty": [_OK],
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
        body = answer_for(function_text)
        self.bodies = {
            "numbers": _filled(body, 7),
            "texts": _filled(body, "text"),
            "a list": [body, body],
            "empty": {} if isinstance(body, dict) else [],
        }
        self.body = self._body = body
        self._created = "201" in function_text
        self.scenarios = list(SCRIPTS)
        self._script: list[int] = [_OK]
        self._sent: list[tuple[str, str, str]] = []
        self.used = False

    def begin(self, scenario: str | None) -> None:
        """Begin a call under one script."""
        self._script = list(SCRIPTS[scenario or "plain"])
        self._body = self.bodies.get(scenario or "plain", self.body)
        self._sent = []
        self.used = False

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
        self.used = True
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
        if status == 200 and method.upper() == "POST" and self._created:
            status = 201
        content = self._body if status < 300 else {"error": f"status {status}"}
        return status, headers, json.dumps(content).encode()

    def install(self) -> None:
        """Put the double below each client library that is loaded."""
        for name, put in (
            ("requests", self._requests),
            ("httpx", self._httpx),
            ("urllib.request", self._urllib),
            ("aiohttp", self._aiohttp),
        ):
            if name in sys.modules:
                put()

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

        _put(HTTPAdapter, "send", send)

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

        def begin(transport: Any, *_args: Any, **_options: Any) -> None:
            # The real one reads all of the machine's certificates, which takes most of a call.
            transport._pool = _Closed()

        _put(httpx.HTTPTransport, "__init__", begin)
        _put(httpx.AsyncHTTPTransport, "__init__", begin)
        _put(httpx.HTTPTransport, "handle_request", handle)
        _put(httpx.AsyncHTTPTransport, "handle_async_request", handle_async)

    def _aiohttp(self) -> None:
        import aiohttp

        async def request(session: Any, method: str, url: Any, **options: Any) -> Any:
            body = options.get("data")
            if options.get("json") is not None:
                body = json.dumps(options["json"])
            base = getattr(session, "_base_url", None)
            address = str(base.join(url) if base is not None else url)
            params = options.get("params")
            if params:
                from urllib.parse import urlencode

                address += "?" + urlencode(params)
            try:
                status, headers, content = self.answer(method, address, body)
            except ConnectionResetError as error:
                raise aiohttp.ClientOSError(*error.args) from None
            except TimeoutError as error:
                raise aiohttp.ServerTimeoutError(str(error)) from None
            answer = _Answer(method, address, status, headers, content)
            if options.get("raise_for_status") or getattr(session, "_raise_for_status", False):
                answer.raise_for_status()
            return answer

        _put(aiohttp.ClientSession, "_request", request)

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
            return urllib.response.addinfourl(io.BytesIO(content), message, url, status)

        import urllib.response

        _put(urllib.request.OpenerDirector, "open", open_)


def _put(owner: Any, name: str, function: Any) -> None:
    setattr(owner, name, function)


class _Closed:
    """A pool of connections that holds none."""

    def __enter__(self) -> _Closed:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> _Closed:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing to close."""

    def close(self) -> None:
        """Nothing to close."""

    async def aclose(self) -> None:
        """Nothing to close."""


class _Answer:
    """What aiohttp's users read from a response."""

    def __init__(self, method: str, url: str, status: int, headers: Any, content: bytes) -> None:
        self.method, self.url, self.status, self.headers = method, url, status, headers
        self.ok, self.reason = status < 400, "OK" if status < 400 else "Error"
        self._content = content

    async def text(self, *_args: Any, **_options: Any) -> str:
        """Return the body as text."""
        return self._content.decode()

    async def read(self) -> bytes:
        """Return the body."""
        return self._content

    async def json(self, **_options: Any) -> Any:
        """Return the body's value."""
        return json.loads(self._content)

    def raise_for_status(self) -> None:
        """Raise what aiohttp raises for a status of 400 and more."""
        if self.status >= 400:
            import aiohttp

            raise aiohttp.ClientResponseError(
                types.SimpleNamespace(real_url=self.url),  # type: ignore[arg-type]
                (),
                status=self.status,
                message=self.reason,
            )

    async def __aenter__(self) -> _Answer:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing to release."""

    def release(self) -> None:
        """Nothing is held."""

    close = release

    async def wait_for_close(self) -> None:
        """Nothing is open."""


def _filled(body: Any, value: Any) -> Any:
    """Return an answer of the same form with one value everywhere."""
    if isinstance(body, dict):
        return {k: _filled(v, value) for k, v in body.items()}
    if isinstance(body, list):
        return [_filled(v, value) for v in body]
    return value


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
