"""Inside the sandbox: call one side on all inputs, and note everything that a caller could notice."""

from __future__ import annotations

import collections.abc
import contextlib
import decimal
import gc
import hashlib
import importlib
import inspect
import io
import locale
import logging
import os
import re
import shutil
import signal
import socket
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..gate.describe import describe, describe_error, digest, public_message, type_name
from ..gate.inputs import Input
from .still import MOMENTS, Still, Stuck, real_perf_counter
from .watch import Watch

SECONDS_PER_CALL = 1.0  # for the original; the candidate may take twice as long
MOST_ITEMS = 100  # that are taken from an iterator
REPEATS = 60
_CLOCK = re.compile(r"time|date|now|today|clock|year|age|expir")


@dataclass(frozen=True)
class Step:
    """One call of the plan: which input, under which network script, when, and how often."""

    index: int
    scenario: str | None = None
    moment: int = 0
    times: int = 1

    def as_list(self) -> list[Any]:
        """Return the step fit for JSON."""
        return [self.index, self.scenario, self.moment, self.times]


class Scene:
    """What both sides are run in; one for each side, in a process of its own."""

    def __init__(
        self, job: dict[str, Any], module: types.ModuleType, inputs: list[Input], watch: Watch
    ) -> None:
        self.job = job
        self.module = module
        self.inputs = inputs
        self.watch = watch
        self.still = Still()
        self.folder = Folder(Path(job["scratch"]) / "work")
        self.doubles: Any = None
        self.seconds = SECONDS_PER_CALL
        self.refiltered = False  # whether a call left other warning filters
        self.telling = False  # whether the arguments are described before the call as well

    def prepare(self) -> None:
        """Hold the world still and put the doubles in place, in this process."""
        with self.watch.paused():
            import poet.enhanced  # noqa: F401 - its names are part of the state

            self._import_toolkit()
            self.folder.reset()
            self.still.install()
            from ..gate.doubles import Doubles

            self.doubles = Doubles(self.job["function_text"])
            self.doubles.install()
        self.watch.operations = {}

    def _import_toolkit(self) -> None:
        """Load what the domain offers: what its libraries do when imported is not the candidate's."""
        toolkit = self.job.get("toolkit")
        if toolkit is None:
            return
        with contextlib.suppress(ImportError):
            module = importlib.import_module(toolkit)
            for name in getattr(module, "__all__", ()):
                getattr(module, name)  # lazy ones load their own modules

    # -- the two sides ----------------------------------------------------------------------

    def run_original(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Run the original on the inputs until its time is up; return the plan and the outcomes."""
        self.prepare()
        self.telling = True
        before = self._state()
        outcomes: list[dict[str, Any]] = []
        plan: list[Step] = []
        began = real_perf_counter()

        unended = staged = 0

        def out_of_time() -> bool:
            return real_perf_counter() - began > self.job["budget"] and len(plan) + unended >= 3

        def take(step: Step) -> dict[str, Any]:
            nonlocal unended
            outcome = self.call(function, step)
            if outcome["kind"] == "timeout":
                # It says nothing about the candidate, which need not try; and more of them would
                # use up the time of the inputs that do have an answer.
                unended += 1
                self.seconds = SECONDS_PER_CALL / 4
            else:
                plan.append(step)
                outcomes.append(outcome)
            return outcome

        answered: list[int] = []
        # What violates the annotations comes last: a refusal changes nothing where the original
        # may have changed its state, and every comparison after that would differ.
        violating = [index for index, one in enumerate(self.inputs) if not one.valid]
        for index, one in enumerate(self.inputs):
            if not one.valid:
                continue
            if out_of_time():
                break
            outcome = take(Step(index))
            if outcome["kind"] == "value":
                answered.append(index)
            if outcome.get("requests") and staged < 4:
                staged += 1
                for scenario in self.doubles.scenarios[1:]:
                    if staged == 1 or not out_of_time():
                        take(Step(index, scenario))
        timely = _CLOCK.search(self.job["function_text"] + self.job["code"]) is not None
        for index in answered[:: max(1, len(answered) // 5)][:5] if timely else []:
            for moment in range(1, len(MOMENTS)):
                if not out_of_time():
                    take(Step(index, moment=moment))
        for index in answered[:2]:
            if not out_of_time():
                took = real_perf_counter()
                take(Step(index))
                took = real_perf_counter() - took
                take(Step(index, times=REPEATS if took * REPEATS < 0.1 else 8))
        for index in violating:
            if not out_of_time():
                take(Step(index))
        return {
            "unended": unended,
            "plan": [s.as_list() for s in plan],
            "outcomes": outcomes,
            "changed": self._changes(before),
            "operations": self.watch.operations,
            "seconds": real_perf_counter() - began,
        }

    def run_candidate(self, original: Callable[..., Any], plan: list[list[Any]]) -> dict[str, Any]:
        """Load the candidate and run it through the same plan."""
        self.prepare()
        self.seconds = 2 * SECONDS_PER_CALL
        before = self._state()
        began = real_perf_counter()
        self.still.begin()
        self.watch.begin()
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                function = self._candidate(original)
        except BaseException as error:  # noqa: BLE001 - whatever loading it raises is the answer
            return {
                "unloadable": f"{type(error).__name__}: {error}"[:500],
                "operations": self.watch.operations,
            }
        outcomes: list[dict[str, Any]] = []
        hung = 0
        for index, scenario, moment, times in plan:
            # Three calls without an end, where the original has one, are findings enough.
            if hung == 3 or real_perf_counter() - began > self.job["budget"] * 2 + 2.0:
                break
            outcomes.append(self.call(function, Step(index, scenario, moment, times)))
            hung += outcomes[-1]["kind"] == "timeout"
        return {
            "outcomes": outcomes,
            "changed": self._changes(before),
            "operations": self.watch.operations,
            "printed": printed.getvalue()[:500],
            "seconds": real_perf_counter() - began,
        }

    def scout(self, function: Callable[..., Any], inputs: list[Input]) -> list[bool]:
        """Tell for each input whether the original returns a value."""
        self.prepare()
        self.inputs = inputs
        began, found = real_perf_counter(), []
        for index in range(len(inputs)):
            if real_perf_counter() - began > self.job["budget"] / 3:
                break
            found.append(self.call(function, Step(index), brisk=True)["kind"] == "value")
        return found

    def probe(self, original: Callable[..., Any]) -> dict[str, Any]:
        """Run the domain's probes against the candidate."""
        import runpy

        self.prepare()
        self.still.begin()
        failed: dict[str, str] = {}
        ran = 0
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function = self._candidate(original)
            with self.watch.paused():
                probes = runpy.run_path(self.job["probes"])
            applies = probes.get("APPLIES")
            if applies is not None and not applies(_source(self.job)):
                return {"applied": False}
            for name, probe in probes.items():
                if name.startswith("probe_") and callable(probe):
                    ran += 1
                    self.still.begin()
                    try:
                        probe(function)
                    except Exception as error:  # noqa: BLE001 - any failure of a probe is its finding
                        failed[name] = (
                            str(error)
                            if isinstance(error, AssertionError) and str(error)
                            else f"{type(error).__name__}: {error}"
                        )[:500]
        return {"applied": True, "ran": ran, "failed": failed}

    def _candidate(self, original: Callable[..., Any]) -> Callable[..., Any]:
        from ...runtime.loader import load

        return load(self.job["code"], self.job["code_path"], original, self.job["name"]).entry

    # -- one call ---------------------------------------------------------------------------

    def call(self, function: Callable[..., Any], step: Step, brisk: bool = False) -> dict[str, Any]:
        """Call the function as the step says; of several times, all answers count."""
        if step.times == 1:
            return self._once(function, step, brisk)
        last: dict[str, Any] = {}
        names: list[str] = []
        for turn in range(step.times):
            last = self._once(function, step, brisk, turn)
            name = digest(last)
            if not names or names[-1] != name:
                names.append(name)
        return {**last, "runs": names}

    def _once(
        self, function: Callable[..., Any], step: Step, brisk: bool, turn: int = 0
    ) -> dict[str, Any]:
        self.watch.begin()
        self.doubles.begin(step.scenario)
        self.still.begin(MOMENTS[step.moment], turn)
        try:
            args, kwargs = self.inputs[step.index].make()
        except Exception as error:  # noqa: BLE001 - copying the user's own objects may fail
            return {"kind": "no input", "why": type(error).__name__}
        given = {id(v): n for n, v in [*enumerate(args), *kwargs.items()] if _mutable(v)}
        asked = describe([list(args), kwargs]) if self.telling and step.times == 1 else None
        self.still.begin(MOMENTS[step.moment], turn)
        printed, logged = io.StringIO(), _Records()
        root = logging.getLogger()
        root.addHandler(logged)
        warned: list[Any] = []
        streams, filters = (sys.stdout, sys.stderr), (warnings.filters[:], warnings.showwarning)
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, self.seconds / 4 if brisk else self.seconds)
        result: dict[str, Any]
        try:
            with warnings.catch_warnings(record=True) as warned, \
                    contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):  # fmt: skip
                warnings.simplefilter("always")
                rules = warnings.filters[:]
                value = self._finish(function(*args, **kwargs))
                self.refiltered |= warnings.filters[:] != rules
                signal.setitimer(signal.ITIMER_REAL, 10 * self.seconds)  # describing is ours
                result = {"kind": "value", "value": describe(value)}
                if id(value) in given:
                    result["is"] = str(given[id(value)])
        except (_TooLong, Stuck):
            return {"kind": "timeout", "asked": asked}
        except RecursionError as error:
            # How deep it got depends on the frames around it; that it happened is the answer.
            result = _raised(error)
            result["error"] = ["error", "RecursionError"]
        except (Exception, SystemExit, KeyboardInterrupt, GeneratorExit) as error:  # noqa: BLE001 - it is the outcome
            result = _raised(error)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            root.removeHandler(logged)
            # The alarm may come while a `with` is being left, before it has put things back.
            if sys.stdout is printed or sys.stderr is printed:
                sys.stdout, sys.stderr = streams
                warnings.filters[:], warnings.showwarning = filters  # type: ignore[index]
        if brisk:
            return result
        if asked is not None:
            result["asked"] = asked
        result["args"] = describe([list(args), kwargs])
        result["printed"] = printed.getvalue()[:2000]
        result["logged"] = logged.lines[:20]
        result["warned"] = sorted({w.category.__name__ for w in warned})
        if self.doubles.used:
            result["requests"] = self.doubles.sent()
        if self.watch.current:
            result["effects"] = self.watch.current
            if any(name.endswith(" in its own folder") for name in self.watch.current):
                with self.watch.paused():
                    result["files"] = self.folder.contents()
                    self.folder.reset()
        return result

    def _finish(self, result: Any) -> Any:
        """Await and drain, so that the outcome is what a caller ends up with."""
        if inspect.isawaitable(result):
            return self.still.run(_awaited(result))
        if isinstance(result, collections.abc.AsyncIterator):
            return self.still.run(_adrained(result))
        if isinstance(result, collections.abc.Iterator) and not isinstance(result, io.IOBase):
            return _drained(result)
        return result

    # -- the process's state ----------------------------------------------------------------

    def _state(self) -> dict[str, Any]:
        import atexit

        own = {k: describe(v) for k, v in vars(self.module).items()
               if not k.startswith("__") and not isinstance(v, (types.ModuleType, type))
               and not callable(v)}  # fmt: skip
        names = {k: id(v) for k, v in vars(self.module).items() if k not in own and k[:2] != "__"}
        classes = {
            name: sorted((k, id(v)) for k, v in vars(kind).items())
            for name, kind in vars(self.module).items()
            if isinstance(kind, type) and kind.__module__ == self.module.__name__
        }
        return {
            "environment variables": dict(os.environ),
            "working folder": os.getcwd(),
            "recursion limit": sys.getrecursionlimit(),
            "warning filters": [str(f) for f in warnings.filters],
            "logging": _logging_state(),
            "exception hook": sys.excepthook is sys.__excepthook__,
            "trace functions": (sys.gettrace() is None, sys.getprofile() is None),
            "exit functions": atexit._ncallbacks(),
            "signal handlers": [
                str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
            ],
            "socket timeout": socket.getdefaulttimeout(),
            "decimal context": repr(decimal.getcontext()),
            "garbage collector": gc.isenabled(),
            "locale": locale.setlocale(locale.LC_ALL),
            "switch interval": sys.getswitchinterval(),
            "streams": (id(sys.stdout), id(sys.stderr), id(sys.stdin)),
            "built-in names": _identities(vars(sys.modules["builtins"])),
            "names in poet.enhanced": _identities(vars(sys.modules["poet.enhanced"])),
            "threads": threading.active_count(),
            "module's globals": own,
            "module's names": names,
            "classes": classes,
        }

    def _changes(self, before: dict[str, Any]) -> dict[str, Any]:
        for _ in range(20):  # a thread that is about to end gets a moment
            if threading.active_count() <= before["threads"]:
                break
            threading.Event().wait(0.01)
        after = self._state()
        changed: dict[str, Any] = {}
        for key, value in after.items():
            old = before[key]
            if value == old or (key == "threads" and value <= old):
                continue
            if isinstance(value, dict):
                which = sorted(k for k in {*value, *old} if value.get(k) != old.get(k))
                changed[key] = which[:10]
            else:
                changed[key] = True
        if self.refiltered:
            changed["warning filters"] = True
        with contextlib.suppress(ChildProcessError), self.watch.paused():
            os.waitpid(-1, os.WNOHANG)
            changed["child processes"] = True
        return changed


class Folder:
    """The folder in which calls run: a few files to read, put back after each change."""

    FILES: ClassVar[dict[str, str]] = {
        "data.txt": "first line\nsecond line\n\n42\n",
        "data.json": '{"name": "Ann", "value": 3.5, "items": [1, 2, 3]}',
        "data.csv": "name,value\nAnn,1\nBob,2.5\n",
        "notes.md": "# Title\n\nSome *text*.\n",
        "inbox/one.txt": "one\n",
    }

    def __init__(self, path: Path) -> None:
        self.path = path

    def reset(self) -> None:
        """Make it as it was at first, and go there."""
        os.chdir(self.path.parent)
        shutil.rmtree(self.path, ignore_errors=True)
        for name, text in self.FILES.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        os.chdir(self.path)

    def contents(self) -> dict[str, str]:
        """Return what is in it: for each path, a name for its bytes."""
        found: dict[str, str] = {}
        for file in sorted(self.path.rglob("*"))[:200]:
            name = str(file.relative_to(self.path))
            if file.is_symlink():
                found[name] = f"link to {os.readlink(file)}"
            elif file.is_file():
                with contextlib.suppress(OSError):
                    found[name] = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
            else:
                found[name] = "folder"
        return found


def _raised(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    return {
        "kind": "raise",
        "type": type_name(kind),
        "bases": [type_name(b) for b in kind.__mro__],
        "error": describe_error(error),
        "message": public_message(error)[:300],
    }


def _mutable(value: Any) -> bool:
    return not isinstance(
        value, (int, float, str, bytes, type(None), type, complex, frozenset)
    ) and (value != () if isinstance(value, tuple) else True)


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def _drained(iterator: Iterator[Any]) -> dict[str, Any]:
    items: list[Any] = []
    kind = type_name(type(iterator))
    try:
        while len(items) < MOST_ITEMS:
            items.append(next(iterator))
    except StopIteration as end:
        return {"iterator": kind, "items": items, "returned": end.value}
    except Exception as error:
        error.add_note(f"after {len(items)} items")
        error.args = (*error.args, describe(items))
        raise
    close = getattr(iterator, "close", None)
    if close is not None:
        close()
    return {"iterator": kind, "items": items}


async def _adrained(iterator: Any) -> dict[str, Any]:
    items: list[Any] = []
    async for item in iterator:
        items.append(item)
        if len(items) >= MOST_ITEMS:
            break
    return {"iterator": type_name(type(iterator)), "items": items}


def _logging_state() -> list[Any]:
    root = logging.getLogger()
    named = []
    for name, logger in sorted(logging.root.manager.loggerDict.items()):
        if not isinstance(logger, logging.Logger) or name.startswith("poet"):
            continue
        # Libraries give themselves a handler that does nothing, as the logging guide asks.
        handlers = sum(not isinstance(h, logging.NullHandler) for h in logger.handlers)
        if logger.level or handlers or logger.disabled or not logger.propagate:
            named.append((name, logger.level, handlers, logger.disabled, logger.propagate))
    return [root.level, len(root.handlers), root.manager.disable, named]


def _identities(names: dict[str, Any]) -> dict[str, int]:
    return {k: id(v) for k, v in names.items() if k != "_"}


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
        if not record.name.startswith(("poet", "asyncio", "httpx", "urllib3")):
            try:
                text = record.getMessage()
            except Exception as error:  # noqa: BLE001 - a wrong format string is not our trial's failure
                text = f"{record.msg} ({type(error).__name__})"
            self.lines.append(f"{record.levelname} {record.name}: {text}"[:300])
