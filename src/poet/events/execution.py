"""Write `function.execution` events: the one event that costs the user's call its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from .envelope import FORMAT, MOST_BYTES, dumps
from .journal import Journal

MOST_RECORDED = 100_000  # bytes of recorded arguments and results in one event


class ExecutionWriter:
    """Writes the executions of one function; the common case is a format string.

    Args:
        journal: Where to.
        function: Name of the function.
        environment: Name of the deployment.
        service: Name of the running program.
    """

    def __init__(
        self, journal: Journal, *, function: str, environment: str, service: str | None
    ) -> None:
        self.append = journal.append
        self.function = function
        self.metadata = {"version": FORMAT, "environment": environment, "service": service}
        name, metadata = orjson.dumps(function), orjson.dumps(self.metadata)
        self._format = (
            b'{"id":"%b","type":"function.execution","timestamp":%b,"correlation_id":"%b",'
            b'"causation_id":null,"source":"poet","metadata":' + metadata.replace(b"%", b"%%")
            + b',"payload":{"execution_id":"%b","function":' + name.replace(b"%", b"%%")
            + b',"version":%d,"started_at":%b,"duration_ms":%b,"success":true,'
            b'"error":null,"attempts":1,"flags":[],"inputs":null,"outputs":null}}\n'
        )  # fmt: skip

    def success(self, execution_id: str, version: int, started: int, ended: int) -> bool:
        """Write a plain success; times are nanoseconds since 1970."""
        name = execution_id.encode()
        number = orjson.dumps  # the fastest way to the digits of a float
        return self.append(
            self._format
            % (
                name, number(ended / 1e9), name, name, version, number(started / 1e9),
                number((ended - started) / 1e6 if ended > started else 0.0),
            )
        )  # fmt: skip

    def write(
        self,
        *,
        execution_id: str,
        version: int,
        started: int,
        ended: int,
        error: BaseException | None = None,
        attempts: int = 1,
        flags: Sequence[str] = (),
        cause: str | None = None,
        correlation: str | None = None,
        inputs: Any = None,
        output: Any = None,
        recorded: bool = False,
    ) -> bool:
        """Write any execution; times are nanoseconds since 1970."""
        payload: dict[str, Any] = {
            "execution_id": execution_id,
            "function": self.function,
            "version": version,
            "started_at": started / 1e9,
            "duration_ms": max(0, ended - started) / 1e6,
            "success": error is None,
            "error": None if error is None else _error(error),
            "attempts": attempts,
            "flags": list(flags),
            "inputs": None,
            "outputs": None,
        }
        if recorded:
            payload["inputs"] = _bounded(inputs)
            payload["outputs"] = _bounded(output)
        line = dumps(
            {
                "id": execution_id,
                "type": "function.execution",
                "timestamp": ended / 1e9,
                "correlation_id": correlation or cause or execution_id,
                "causation_id": cause,
                "source": "poet",
                "metadata": self.metadata,
                "payload": payload,
            }
        )
        return len(line) <= MOST_BYTES and self.append(line)


def _error(error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - the user's __str__
        message = ""
    return {"type": type(error).__qualname__, "message": message[:2000]}


def _bounded(value: Any) -> Any:
    raw = dumps(value)
    if len(raw) <= MOST_RECORDED:
        return orjson.loads(raw)
    return {"truncated": raw[:2000].decode("utf-8", "replace"), "bytes": len(raw)}
