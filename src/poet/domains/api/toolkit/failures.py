"""Tell passing failures from lasting ones, without importing the library that raised them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from ....errors import CircuitOpen, DeadlineExceeded
from .answers import retryable_status, status_of

# By top-level package and class; subclasses count.
_TRANSIENT = {
    "requests": {"ConnectionError", "Timeout", "ChunkedEncodingError"},
    "httpx": {"NetworkError", "TimeoutException", "RemoteProtocolError"},
    "httpx2": {"NetworkError", "TimeoutException", "RemoteProtocolError"},
    "aiohttp": {"ClientConnectionError", "ClientPayloadError"},
    "urllib3": {"TimeoutError", "ProtocolError", "NewConnectionError"},
    "http": {"IncompleteRead", "BadStatusLine"},
    "builtins": {"ConnectionError", "TimeoutError"},
}
# A wrong certificate, scheme or address stays wrong.
_LASTING = {
    "SSLError",
    "SSLCertVerificationError",
    "CertificateError",
    "ClientSSLError",
    "ClientConnectorCertificateError",
    "UnsupportedProtocol",
    "InvalidURL",
}
_NO_CONNECTION = {
    "ConnectionRefusedError",
    "gaierror",
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ConnectTimeout",
    "ConnectError",
    "ClientConnectorError",
}


def transient(error: BaseException | None) -> bool:
    """Tell whether an exception means that the same request may succeed later.

    True for connections that fail or break, time-outs, and exceptions that carry the status 429,
    500, 502, 503 or 504. False for other statuses, wrong certificates and addresses, and for
    POET's own `DeadlineExceeded` and `CircuitOpen`.
    """
    if error is None or isinstance(error, (DeadlineExceeded, CircuitOpen)):
        return False
    status = status_of(error)
    if status is not None:
        return retryable_status(status)
    names = {(cls.__module__.split(".")[0], cls.__name__) for cls in type(error).__mro__}
    if any(name in _LASTING for _, name in names):
        return False
    if any(_name_of(part) in _LASTING for part in _chain(error)):
        return False
    if any(name in _TRANSIENT.get(package, ()) for package, name in names):
        return True
    if ("urllib", "URLError") in names:
        reason = getattr(error, "reason", None)
        return isinstance(reason, (ConnectionError, TimeoutError, socket.gaierror))
    return False


def unreachable(error: BaseException) -> bool:
    """Tell whether no connection could be made at all: refused, unknown host, time-out in connecting."""
    return any(_name_of(part) in _NO_CONNECTION for part in _chain(error))


def _name_of(error: BaseException) -> str:
    return type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those it wraps: as cause, context, argument or `reason`."""
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending and len(seen) < 50:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        pending += [w for w in wrapped if isinstance(w, BaseException)]
