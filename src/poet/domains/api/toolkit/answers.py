"""Read what matters for a second attempt from the answers of any HTTP library."""

from __future__ import annotations

import math
import time
from email.utils import parsedate_to_datetime
from typing import Any

# "Later": too many requests, and a server or a gateway in trouble. A 500 is often a passing one
# too, and reading again does no harm; nothing else of the 4xx family gets better by asking again.
RETRYABLE = frozenset({429, 500, 502, 503, 504})


def retryable_status(status: int | None) -> bool:
    """Tell whether a status says that the same request may succeed later."""
    return status in RETRYABLE


def status_of(thing: Any) -> int | None:
    """Return the HTTP status of an answer, or of an exception that carries one; None without."""
    answer = getattr(thing, "response", None)
    for holder in (thing, answer):
        if getattr(holder, "headers", None) is None:
            continue  # a `.status` of something that is no HTTP answer
        for name in ("status_code", "status", "code"):
            status = getattr(holder, name, None)
            if isinstance(status, int) and not isinstance(status, bool) and 100 <= status <= 599:
                return int(status)
    return None


def retryable_answer(answer: Any) -> bool:
    """Tell whether an answer, returned and not raised, is a passing failure or was cut short."""
    return retryable_status(status_of(answer)) or cut_short(answer)


def retry_after(thing: Any) -> float | None:
    """Return the seconds that an answer or exception asks to wait (`Retry-After`), or None.

    Both forms of RFC 9110, section 10.2.3 are read: seconds and an HTTP date. An answer that
    asks for no wait at all gets the usual back-off instead.
    """
    for holder in (thing, getattr(thing, "response", None)):
        value = _header(holder, "Retry-After")
        if value:
            return _seconds(value.strip())
    return None


def _header(holder: Any, name: str) -> str:
    headers: Any = getattr(holder, "headers", None)
    value = headers.get(name) if hasattr(headers, "get") else None
    return value if isinstance(value, str) else ""


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def cut_short(answer: Any) -> bool:
    """Tell whether a body that claims to be JSON plainly ends too early.

    Only a body that the library has already read is looked at, and only its two ends: what is
    wrong in between is the other side's answer, and for the function to judge.
    """
    if "json" not in _header(answer, "Content-Type"):
        return False
    # Reading `.content` would consume a streamed body; requests and httpx both keep what they
    # have read under this name.
    body = getattr(answer, "__dict__", {}).get("_content")
    if not isinstance(body, bytes):
        return False
    ends = body.strip()
    closing = {b"{": b"}", b"[": b"]", b'"': b'"'}.get(ends[:1])
    return closing is not None and (len(ends) < 2 or ends[-1:] != closing)
