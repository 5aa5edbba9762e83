"""Run the corpus: load it from a folder, decorate it, call each case, and say what happened."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import inspect
import io
import logging
import os
import random
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .describe import describe
from .server import Server

HERE = Path(__file__).parent
PACKAGES = ("functions", "cases")


@dataclass(frozen=True)
class Outcome:
    """Everything that a caller can see of one call."""

    kind: str  # "value" or "error"
    value: Any  # described result, or exception
    arguments: Any  # described after the call
    printed: str
    logged: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    error: BaseException | None = None
    warned: tuple[str, ...] = ()  # by POET itself: said for people, not compared

    def same(self, other: Outcome, how: str) -> bool:
        """Equal to the other: exactly, or only in type or shape where values cannot repeat."""
        if how == "exact":
            return self._visible() == other._visible()
        if self.kind != other.kind:
            return False
        reduce = shape if how == "shape" else type_of
        return bool(reduce(self.value) == reduce(other.value))

    def _visible(self) -> tuple[Any, ...]:
        return (self.kind, self.value, self.arguments, self.printed, self.logged, self.files)


def type_of(described: Any) -> Any:
    return described[0]


def shape(described: Any) -> Any:
    """Type, and for a mapping its keys with the shape of each value."""
    if described[0] == "dict":
        return ["dict", sorted(([key, shape(value)] for key, value in described[1]), key=repr)]
    return described[0]


def copy_to(folder: Path) -> Path:
    """A copy of the corpus in which generated files may lie."""
    for name in PACKAGES:
        shutil.copytree(
            HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".poet")
        )
    return folder


@contextlib.contextmanager
def loaded(folder: Path, names: Sequence[str] = ()) -> Iterator[list[Any]]:
    """The corpus imported afresh from a folder: one `Cases` for each module."""
    forget()
    sys.path.insert(0, str(folder))
    try:
        yield [importlib.import_module(f"cases.{n}").cases for n in names or module_names(folder)]
    finally:
        sys.path.remove(str(folder))
        forget()


def module_names(folder: Path = HERE) -> list[str]:
    return sorted(path.stem for path in (folder / "cases").glob("[a-z]*.py"))


def forget() -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] in PACKAGES]:
        del sys.modules[name]


def lookup(module: ModuleType, target: str) -> Any:
    """The object that a caller gets under a dotted name; a property's getter for a property."""
    found: Any = module
    for part in target.split("."):
        static = inspect.getattr_static(found, part)
        found = static.fget if isinstance(static, property) else getattr(found, part)
    return found


def install(module: ModuleType, target: str, decorate: Callable[[Any], Any]) -> None:
    """Put the decorated function where the plain one was, as `@poet` in the source would."""
    *owners, name = target.split(".")
    owner: Any = module
    for part in owners:
        owner = getattr(owner, part)
    setattr(owner, name, _decorated(inspect.getattr_static(owner, name), decorate))


def _decorated(plain: Any, decorate: Callable[[Any], Any]) -> Any:
    if isinstance(plain, (classmethod, staticmethod)):
        return type(plain)(decorate(plain.__func__))
    if isinstance(plain, property):
        return property(decorate(plain.fget), plain.fset, plain.fdel, plain.__doc__)
    if isinstance(plain, functools.partial):
        return functools.partial(decorate(plain.func), *plain.args, **plain.keywords)
    if hasattr(plain, "cache_parameters"):
        return functools.lru_cache(**plain.cache_parameters())(decorate(plain.__wrapped__))
    if isinstance(plain, functools.cached_property):
        again = functools.cached_property(decorate(plain.func))
        again.__set_name__(None, plain.attrname)  # type: ignore[arg-type]
        return again
    return decorate(plain)


def run(function: Callable[..., Any], call: Any, server: Server) -> Outcome:
    """Call once, in a folder of its own, with everything random seeded."""
    here = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder, _log() as logged:
        os.chdir(folder)
        try:
            for name, text in call.files.items():
                Path(name).write_text(text, encoding="utf-8")
            server.reset()
            random.seed(7)
            args, kwargs = call.fresh_arguments()
            args, kwargs = _fill(args, server), {k: _fill(v, server) for k, v in kwargs.items()}
            printed = io.StringIO()
            error = value = None
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                with warnings.catch_warnings(record=True) as warned:
                    warnings.simplefilter("always")
                    try:
                        value = drained(function(*args, **kwargs))
                    except Exception as caught:
                        error = caught
            seen: dict[int, int] = {}
            arguments = describe([args, kwargs], seen)
            described = describe(value if error is None else error, seen)
            text = printed.getvalue().replace(server.url, "{server}").replace(folder, "{folder}")
            return Outcome(
                "value" if error is None else "error",
                _without(described, server.url),
                _without(arguments, server.url),
                text,
                tuple(line.replace(server.url, "{server}") for line in logged)
                + tuple(
                    f"warning: {w.message}"
                    for w in warned
                    if not _by_poet(w) and w.category is not ResourceWarning
                ),
                _files(Path(folder)) + tuple(server.requests()),
                error,
                tuple(str(w.message) for w in warned if _by_poet(w)),
            )
        finally:
            os.chdir(here)


def _by_poet(warning: warnings.WarningMessage) -> bool:
    return warning.category.__name__ == "PoetWarning"


def _fill(value: Any, server: Server) -> Any:
    if isinstance(value, str) and "{server}" in value:
        return value.replace("{server}", server.url)
    return tuple(_fill(item, server) for item in value) if type(value) is tuple else value


def _without(described: Any, url: str) -> Any:
    if isinstance(described, list):
        return [_without(part, url) for part in described]
    return described.replace(url, "{server}") if isinstance(described, str) else described


def drained(result: Any) -> Any:
    """What a caller gets who uses the result as it is meant: awaited, or iterated to the end."""
    if inspect.isgenerator(result):
        items = []
        while True:
            try:
                items.append(next(result))
            except StopIteration as stop:
                return ["generator", items, stop.value]
    if inspect.isasyncgen(result):
        return asyncio.run(_collect(result))
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    return result


async def _collect(stream: Any) -> list[Any]:
    return ["async generator", [item async for item in stream]]


@contextlib.contextmanager
def _log() -> Iterator[list[str]]:
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.partition(".")[0] not in {
                "poet",
                "asyncio",
                "httpx",
                "httpcore",
                "urllib3",
            }:
                lines.append(f"{record.levelname} {record.name} {record.getMessage()}")

    handler, root = Collector(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def _files(folder: Path) -> tuple[tuple[str, str], ...]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return tuple(
        (str(p.relative_to(folder)), p.read_bytes().hex()) for p in found if ".poet" not in p.parts
    )
