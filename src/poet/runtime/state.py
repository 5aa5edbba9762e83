"""What the process knows of one decorated function: which version runs, and where events go.

How a version comes to be is not known here: `prepare` is handed in by the decorator and called
when nothing fitting is stored.
"""

from __future__ import annotations

import functools
import inspect
import logging
import os
import threading
import warnings
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from time import time_ns
from typing import Any

from ..errors import ArgumentError, PoetError, StoreError
from ..events import emit, journal_for
from ..events.execution import ExecutionWriter
from ..settings import Settings
from ..source import FunctionSource, SourceUnavailable
from ..spec import Spec
from ..store import FunctionFolder, Version, find_root, folder_for
from .frame import Frame
from .loader import load

log = logging.getLogger("poet")

# What the executions in this context belong to: an episode, or a request that began elsewhere.
correlation: ContextVar[str | None] = ContextVar("poet_correlation", default=None)

LOOK_EVERY_NS = 500_000_000  # a new or rolled back version runs within half a second
Prepare = Callable[["DecoratedFunction"], None]
Isolate = Callable[["DecoratedFunction", Version], Callable[..., Any]]


class DecoratedFunction:
    """State of one function object that was decorated.

    Attributes:
        original: The user's function object.
        spec: What was asked for.
        name: What events and lists call the function.
        entry: What a call runs: the current version's function, or the original.
        number: Number of the version that runs; 0: the original.
        version: That version; None for the original.
        look_again: When the store is looked at next, in nanoseconds since 1970.
        plain_success: Writes the event of a call that simply returned; None where calls are recorded.
    """

    def __init__(
        self,
        original: Callable[..., Any],
        spec: Spec,
        read_source: Callable[[], FunctionSource] | None,
        file: Path | None,
        module: str,
        settings: Callable[[], Settings],
        prepare: Prepare,
        isolate: Isolate,
    ) -> None:
        self.original = original
        self.spec = spec
        self.read_source = read_source
        self.file = file
        self.module = module
        self.read_settings = settings
        self.prepare = prepare
        self.isolate = isolate
        self.qualname: str = getattr(original, "__qualname__", repr(original))
        self.name = self.qualname.replace(".<locals>", "")
        self.entry: Callable[..., Any] = original
        self.number = 0
        self.version: Version | None = None
        self.look_again = 0
        self.writer: ExecutionWriter | None = None
        self.plain_success: Callable[[str, int, int, int], bool] | None = None
        self._lock = threading.RLock()
        self._seen: tuple[Any, ...] | None = None
        self._prepared = False
        self._flagged: set[str] = set()
        self._unstored = original

    # What is stored, and where.

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings in force; read at the first call, not at import."""
        return self.read_settings()

    @functools.cached_property
    def root(self) -> Path:
        """The `.poet/` folder."""
        return find_root(self.file, self.settings.dir)

    @functools.cached_property
    def folder(self) -> FunctionFolder:
        """This function's folder inside it."""
        return folder_for(self.root, self.file, self.qualname, self.module, self._notify)

    def _notify(self, kind: str, payload: Mapping[str, Any]) -> None:
        emit(
            self.root,
            kind,
            payload,
            environment=self.settings.environment,
            service=self.settings.service or self.module,
        )

    @functools.cached_property
    def source(self) -> FunctionSource | None:
        """What the text says; None where there is no text."""
        if self.read_source is None:
            return None
        try:
            return self.read_source()
        except SourceUnavailable as error:
            warn_once(self, f"{self.qualname}: {error} The plain function runs.")
            return None

    # Choosing what runs.

    def look(self, now: int) -> None:
        """Look whether another version should run. Never raises into the user's call."""
        if not self._lock.acquire(blocking=not self._prepared):
            return  # another thread is looking; this call goes on with what it has
        try:
            if now < self.look_again:
                return
            self._refresh()
        except Exception as error:
            # The one place where POET's own failures are caught on the way to a call.
            why = str(error)
            if not isinstance(error, (PoetError, OSError)):
                log.exception("POET failed while preparing %s", self.qualname)
                why = f"{type(error).__name__}: {error}"
            warn_once(self, f"{self.qualname} runs as the plain function: {why}")
            self._use_original()
        finally:
            self.look_again = time_ns() + LOOK_EVERY_NS
            self._prepared = True
            self._lock.release()

    async def look_async(self, now: int) -> None:
        """As `look`; the first, slow look does not block the event loop."""
        if self._prepared:
            self.look(now)
            return
        import asyncio

        await asyncio.to_thread(self.look, now)

    def _refresh(self) -> None:
        if not self.settings.enabled:  # by [tool.poet]; the environment was asked at decoration
            self.entry, self.number, self.version = self.original, 0, None
            return
        if self.writer is None:
            self.writer = ExecutionWriter(
                journal_for(self.root),
                function=self.name,
                environment=self.settings.environment,
                service=self.settings.service or self.module,
            )
            if not self._records:
                self.plain_success = self.writer.success
        seen = self._mark()
        if seen == self._seen and seen is not None:
            return
        version = self._stored()
        if (version is None or version.is_edited()) and not self._prepared:
            self.prepare(self)
            seen, version = self._mark(), self._stored()
        if version is None:
            if self.source is not None:  # without a text, what runs was made in memory
                self._use_original()
        elif self.version is None or version.folder != self.version.folder or seen != self._seen:
            self.use(version)
        self._seen = seen

    def _mark(self) -> tuple[Any, ...] | None:
        """What changes on disk when another version, or other parameters, should run."""
        link = self.folder.link
        try:
            target = os.readlink(link)
            folder = self.folder.path / target
            code = (folder / "enhanced.py").stat()
            params = (folder / "params.json").stat()
        except OSError:
            return None
        return (target, code.st_mtime_ns, code.st_size, params.st_mtime_ns, params.st_size)

    def _stored(self) -> Version | None:
        if self.source is None:
            return None
        return self.folder.usable(self.source.fingerprint, self.spec.digest)

    def use(self, version: Version) -> None:
        """Let a stored version run from the next call on.

        Raises:
            StoreError: It cannot be loaded.
        """
        if self.spec.isolation == "process":
            self._use_isolated(version)
            return
        name = self.source.name if self.source else self.original.__name__
        try:
            loaded = load(
                version.code(), str(version.code_path), self.original, name, version.params
            )
        except PoetError:
            raise
        except Exception as error:
            raise StoreError(f"{version.code_path} cannot be loaded: {error}") from error
        self.entry, self.number, self.version = loaded.entry, version.number, version

    def _use_isolated(self, version: Version) -> None:
        """Run a version in restricted workers; where that cannot be, refuse each call."""
        try:
            self.entry = self.isolate(self, version)
        except PoetError as error:
            self.entry = _refusing(error, is_async=inspect.iscoroutinefunction(self.original))
        self.number, self.version = version.number, version

    def use_entry(self, entry: Callable[..., Any]) -> None:
        """Let a function that is stored nowhere run: there is no text to make a version of."""
        self._unstored = entry
        self._use_original()

    def _use_original(self) -> None:
        self.entry, self.number, self.version = self._unstored, 0, None
        if self.spec.isolation == "process":
            # Whoever asked for isolation did not ask for the plain function in this process.
            self.entry = _refusing(
                StoreError(
                    f"{self.qualname} has no version to run in a restricted process, and "
                    f"isolation='process' keeps it from running here. See: poet history {self.name}"
                ),
                is_async=inspect.iscoroutinefunction(self.original),
            )

    def __reduce__(self) -> tuple[Any, ...]:
        # By value, as cloudpickle takes functions to other machines: the text goes along.
        return _restored, (self.original, self.spec, self.source, self.file, self.module,
                           self.read_settings, self.prepare, self.isolate)  # fmt: skip

    # Recording what happened.

    def succeeded(
        self,
        frame: Frame,
        started: int,
        ended: int,
        result: Any,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        """Write the event of a call that returned."""
        writer = self.writer
        if writer is None:
            return
        parent = frame.parent
        belongs = correlation.get()
        plain = frame.flags is None and parent is None and belongs is None
        if plain and frame.attempts == 1 and not self._records:
            writer.success(frame.execution_id, self.number, started, ended)
            return
        for text in frame.flags or ():
            if text not in self._flagged and len(self._flagged) < 50:
                self._flagged.add(text)
                log.warning("%s: %s (said once; see `poet events`)", self.qualname, text)
        writer.write(
            execution_id=frame.execution_id,
            version=self.number,
            started=started,
            ended=ended,
            attempts=frame.attempts,
            flags=frame.flags or (),
            cause=parent.execution_id if parent else None,
            correlation=belongs,
            inputs=_inputs(args, kwargs) if self._records else None,
            output=result if self._records else None,
            recorded=self._records,
        )

    def failed(
        self,
        frame: Frame,
        started: int,
        ended: int,
        error: BaseException,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        """Write the event of a call that raised; the exception goes on to the caller."""
        if isinstance(error, ArgumentError) and not getattr(error, "__notes__", None):
            late = str(error).startswith("the result must be ")  # strict=True
            error.add_note(f"Refused by POET {'after' if late else 'before'} {self.qualname} ran.")
        writer = self.writer
        if writer is None:
            return
        writer.write(
            execution_id=frame.execution_id,
            version=self.number,
            started=started,
            ended=ended,
            error=error,
            attempts=frame.attempts,
            flags=frame.flags or (),
            cause=frame.parent.execution_id if frame.parent else None,
            correlation=correlation.get(),
            inputs=_inputs(args, kwargs) if self._records else None,
            recorded=self._records,
        )

    @functools.cached_property
    def _records(self) -> bool:
        return self.spec.record or self.settings.record


def _refusing(error: PoetError, *, is_async: bool) -> Callable[..., Any]:
    """Return a function that raises `error`, for calls that must not run in this process."""

    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    async def refuse_async(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    return refuse_async if is_async else refuse


def _restored(
    original: Callable[..., Any],
    spec: Spec,
    source: FunctionSource | None,
    file: Path | None,
    module: str,
    settings: Callable[[], Settings],
    prepare: Prepare,
    isolate: Isolate,
) -> DecoratedFunction:
    """Make the state anew in another process; what it knows of the text came with it."""
    read = None if source is None else functools.partial(_itself, source)
    return DecoratedFunction(original, spec, read, file, module, settings, prepare, isolate)


def _itself(source: FunctionSource) -> FunctionSource:
    return source


def _inputs(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {"args": list(args), "kwargs": dict(kwargs)}


_warned: set[tuple[str, str]] = set()


def warn_once(state: DecoratedFunction, message: str) -> None:
    """Warn once per process and message, pointing at the decorated function's own line."""
    key = (state.qualname, message)
    if key in _warned:
        return
    _warned.add(key)
    code = getattr(state.original, "__code__", None)
    warnings.warn_explicit(
        message,
        PoetWarning,
        filename=code.co_filename if code else "<unknown>",
        lineno=code.co_firstlineno if code else 0,
    )


class PoetWarning(UserWarning):
    """POET could not do something; the plain function runs, and nothing else changes."""
