"""Inside the sandbox: run one side on all inputs, with the world held still, and note what it does."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import logging
import os
import random
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from ..gate.describe import describe, describe_error
from ..gate.inputs import Input

MOMENT = 1_710_495_000.0  # 2024-03-15 09:30 UTC: every call begins here
SECONDS_PER_CALL = 2.0
_WATCHED = (
    "open", "socket.", "subprocess.", "os.", "ctypes.", "exec", "signal.", "shutil.", "sqlite3.",
    "urllib.", "ftplib.", "smtplib.", "tempfile.", "pty.", "sys.settrace", "sys.setprofile",
    "sys.addaudithook", "import", "fcntl.", "mmap.", "pathlib.", "glob.", "webbrowser.",
)  # fmt: skip
_QUIET = frozenset({"os.listdir", "os.scandir", "os.walk", "pathlib.Path.glob", "os.fwalk"})


class Scene:
    """What both sides are run in."""

    def __init__(self, job: dict[str, Any], module: types.ModuleType, inputs: list[Input]) -> None:
        self.job = job
        self.module = module
        self.inputs = inputs
        self.operations: dict[str, int] = {}
        self.recording = False
        self.doubles: Any = None

    def run(self, side: str, original: Callable[..., Any]) -> dict[str, Any]:
        """Run the original or the candidate on all inputs and return what happened."""
        sys.addaudithook(self._hook)
        if self.job["network"]:
            from ..gate.doubles import Doubles

            self.doubles = Doubles(self.job["function_text"])
            self.doubles.install()
        import tenacity  # noqa: F401 - what `resilient` repeats with; its imports are not the candidate's

        function = original
        if side == "candidate":
            self.recording = True
            try:
                function = self._candidate(original)
            except BaseException as error:  # noqa: BLE001 - whatever loading it raises is the answer
                return {"unloadable": f"{type(error).__name__}: {error}", **self._noticed()}
            finally:
                self.recording = False
        before = self._state()
        scenarios = self.doubles.scenarios if self.doubles else [None]
        outcomes: list[Any] = []
        began = time.perf_counter()
        for index, one in enumerate(self.inputs):
            # With a network double the first inputs see every scenario, the rest the plain one.
            for scenario in scenarios if index < 6 else scenarios[:1]:
                if time.perf_counter() - began > self.job["seconds"] * 0.6:
                    outcomes.append({"kind": "skipped", "index": index, "scenario": scenario})
                    continue
                outcome = self.call(function, one, scenario)
                outcomes.append({**outcome, "index": index, "scenario": scenario})
        return {"outcomes": outcomes, "changed": self._changes(before), **self._noticed()}

    def _candidate(self, original: Callable[..., Any]) -> Callable[..., Any]:
        from ...runtime.loader import load

        return load(self.job["code"], self.job["code_path"], original, self.job["name"]).entry

    def probe(self, original: Callable[..., Any]) -> dict[str, Any]:
        """Run the domain's probes against the candidate."""
        import runpy

        with self._still(), contextlib.redirect_stdout(io.StringIO()):
            function = self._candidate(original)
            probes = runpy.run_path(self.job["probes"])
            applies = probes.get("APPLIES")
            if applies is not None and not applies(_source(self.job)):
                return {"applied": False}
            failed = {}
            ran = 0
            for name, probe in sorted(probes.items()):
                if name.startswith("probe_") and callable(probe):
                    ran += 1
                    try:
                        probe(function)
                    except Exception as error:  # noqa: BLE001 - any failure of a probe is its finding
                        failed[name] = f"{type(error).__name__}: {error}"[:500]
        return {"applied": True, "ran": ran, "failed": failed}

    # One call.

    def call(
        self, function: Callable[..., Any], one: Input, scenario: str | None
    ) -> dict[str, Any]:
        """Call the function once and describe everything that a caller could notice."""
        try:
            args, kwargs = one.make()
        except Exception as error:  # noqa: BLE001 - copying the user's own objects may fail
            return {"kind": "no input", "why": type(error).__name__}
        printed, logged = io.StringIO(), _Records()
        if self.doubles:
            self.doubles.begin(scenario)
        root = logging.getLogger()
        root.addHandler(logged)
        result: dict[str, Any]
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, SECONDS_PER_CALL)
        try:
            with self._still(), warnings.catch_warnings(record=True) as warned, \
                    contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):  # fmt: skip
                warnings.simplefilter("always")
                self.recording = True
                try:
                    result = {"kind": "value", "value": describe(_finish(function, args, kwargs))}
                finally:
                    self.recording = False
            result["warned"] = sorted({w.category.__name__ for w in warned})
        except _TooLong:
            return {"kind": "timeout"}
        except (Exception, SystemExit, KeyboardInterrupt, GeneratorExit) as error:  # noqa: BLE001
            kind = type(error)
            result = {
                "kind": "raise",
                "type": f"{kind.__module__}.{kind.__qualname__}",
                "bases": [f"{b.__module__}.{b.__qualname__}" for b in kind.__mro__],
                "error": describe_error(error),
                "message": str(error)[:300],
            }
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            root.removeHandler(logged)
            self.recording = False
        result["args"] = describe([list(args), kwargs])
        result["printed"] = printed.getvalue()[:2000]
        result["logged"] = logged.lines[:20]
        if self.doubles:
            result["requests"] = self.doubles.sent()
        return result

    # The world held still.

    @contextlib.contextmanager
    def _still(self) -> Iterator[None]:
        """Freeze clock, chance and identifiers, so that equal code gives equal answers."""
        import uuid

        import time_machine

        random.seed(1234)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(1234)
        chance = random.Random(99)
        kept = (time.sleep, os.urandom, uuid.uuid4, time.monotonic, time.perf_counter)
        with time_machine.travel(MOMENT, tick=False) as clock:
            passed = [0.0]

            def sleep(seconds: float = 0.0) -> None:
                passed[0] += max(0.0, float(seconds))
                clock.shift(max(0.0, float(seconds)))

            time.sleep = sleep
            time.monotonic = lambda: 5_000.0 + passed[0]
            time.perf_counter = lambda: 5_000.0 + passed[0]
            os.urandom = chance.randbytes
            uuid.uuid4 = lambda: uuid.UUID(int=chance.getrandbits(128), version=4)
            try:
                yield
            finally:
                (time.sleep, os.urandom, uuid.uuid4, time.monotonic, time.perf_counter) = kept

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.recording or not event.startswith(_WATCHED) or event in _QUIET:
            return
        self.recording = False  # what the hook itself does is not the candidate's doing
        try:
            shown = _operation(event, args, self.job)
            if shown is not None and len(self.operations) < 200:
                self.operations[shown] = self.operations.get(shown, 0) + 1
        finally:
            self.recording = True

    def _noticed(self) -> dict[str, Any]:
        return {"operations": self.operations}

    def _state(self) -> dict[str, Any]:
        own = {k: describe(v) for k, v in vars(self.module).items()
               if not k.startswith("__") and not isinstance(v, (types.ModuleType, type))
               and not callable(v)}  # fmt: skip
        return {
            "environ": dict(os.environ),
            "cwd": os.getcwd(),
            "recursion": sys.getrecursionlimit(),
            "filters": len(warnings.filters),
            "logging": (logging.root.level, logging.root.manager.disable),
            "hooks": (sys.excepthook is sys.__excepthook__, sys.gettrace() is None),
            "threads": threading.active_count(),
            "module": own,
        }

    def _changes(self, before: dict[str, Any]) -> dict[str, Any]:
        after = self._state()
        return {k: describe(after[k]) for k in after if after[k] != before[k]}


def _source(job: dict[str, Any]) -> Any:
    from ...source import FunctionSource

    return FunctionSource.in_text(job["module_text"], job["qualname"], module=job["module"])


class _TooLong(BaseException):
    pass


def _too_long(_number: int, _frame: Any) -> None:
    raise _TooLong


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the level and the text."""
        if not record.name.startswith(("poet", "asyncio")):
            self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}"[:300])


def _finish(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call, await and drain, so that the outcome is what a caller ends up with."""
    result = function(*args, **kwargs)
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    if inspect.isasyncgen(result):
        return asyncio.run(_drain(result))
    if isinstance(result, Iterator) and not hasattr(result, "read"):
        return _drained(result)  # a generator, map, zip, iter(…)
    return result


def _drained(generator: Any) -> dict[str, Any]:
    items: list[Any] = []
    try:
        while len(items) < 200:
            items.append(next(generator))
    except StopIteration as end:
        return {"yielded": items, "returned": end.value}
    except Exception as error:
        error.add_note(f"after {len(items)} items")
        raise
    return {"yielded": items}


async def _drain(generator: Any) -> dict[str, Any]:
    items: list[Any] = []
    async for item in generator:
        items.append(item)
        if len(items) >= 200:
            break
    return {"yielded": items}


def _operation(event: str, args: tuple[Any, ...], job: dict[str, Any]) -> str | None:
    """Return one attempted operation as a text that is the same for the same operation."""
    if event == "import":
        name = str(args[0]).split(".")[0]
        known = name in sys.modules or name in sys.stdlib_module_names or name == "poet"
        return None if known or name in job["may_import"] else f"import {name}"
    if event == "exec" or (
        event.startswith(("os.putenv", "os.unsetenv")) is False and event == "os."
    ):
        return None
    if event == "open":
        path, mode = str(args[0]), str(args[1] or "")
        writing = bool(set(mode) & set("wax+")) or (
            isinstance(args[2], int) and bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        )
        if not writing and _is_python_s(path, job):
            return None
        return f"open {path} for {'writing' if writing else 'reading'}"
    if event in ("os.listdir", "os.scandir") or (
        event.startswith("sys.") and event == "sys._getframe"
    ):
        return None
    if event.startswith("socket.") and event in ("socket.__new__", "socket.gethostname"):
        return None
    if event in ("socket.connect", "socket.bind", "socket.sendto") and _is_own_pair(args):
        return None
    detail = ", ".join(repr(a)[:80] for a in args[:2] if not hasattr(a, "fileno"))
    return f"{event}({detail})"


def _is_own_pair(args: tuple[Any, ...]) -> bool:
    return len(args) > 1 and not args[1]


def _is_python_s(path: str, job: dict[str, Any]) -> bool:
    """Files that Python reads for itself: libraries, time zones, the texts of a traceback."""
    return (
        path.isdigit()
        or path.startswith((sys.prefix, sys.base_prefix, "/usr/share/zoneinfo", "/usr/lib", "/proc/self",
                            "/etc/localtime", "/dev/null", "/dev/urandom"))
        or "site-packages" in path
        or path.endswith((".py", ".pyc", ".so"))
        or path == job["code_path"]
        or path in ("/etc/mime.types", "/etc/ssl/openssl.cnf")
    )  # fmt: skip
