"""Measure POET over the corpus: behaviour kept, violations rejected, right calls, zero-config success."""

from __future__ import annotations

import contextlib
import inspect
import json
import re
import subprocess
import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from poet import poet
from poet.errors import ArgumentError

from . import runner
from .server import Server


@dataclass(frozen=True)
class Miss:
    """One call or function that was not as it should be, in words."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Figure:
    """How many of a kind went well, and each one that did not."""

    total: int = 0
    misses: list[Miss] = field(default_factory=list)

    @property
    def share(self) -> float:
        return 1.0 - len(self.misses) / self.total if self.total else 1.0

    def count(self, miss: Miss | None) -> None:
        self.total += 1
        if miss is not None:
            self.misses.append(miss)

    def __str__(self) -> str:
        return f"{self.total - len(self.misses)} of {self.total} ({self.share:.1%})"


@dataclass
class Figures:
    """What the corpus says of POET.

    Attributes:
        kept: Calls inside the contract that answered exactly as the plain function.
        rejected: Violations refused before the function ran, with an `ArgumentError`.
        named: Of those refused, the ones whose message names argument, expected and given.
        right: Border-line calls that were not refused and answered as the plain function.
        enhanced: Functions with a stored version running, made by a blueprint, and all answers right.
        unsound: Cases that the corpus itself has wrong: a violation that the plain function refuses.
    """

    functions: int = 0
    kept: Figure = field(default_factory=Figure)
    rejected: Figure = field(default_factory=Figure)
    named: Figure = field(default_factory=Figure)
    right: Figure = field(default_factory=Figure)
    enhanced: Figure = field(default_factory=Figure)
    unsound: list[Miss] = field(default_factory=list)
    seconds: float = 0.0


def measure(folder: Path, modules: Sequence[str] = (), *, jobs: int = 2) -> Figures:
    """Run the whole corpus, or some of its modules, plain and enhanced in a copy in `folder`.

    Args:
        folder: Where the copy lies; versions are stored in it.
        modules: Names of modules; none: all.
        jobs: Processes that make the versions, all in the one store, before the calls are compared.
    """
    began = perf_counter()
    runner.copy_to(folder)
    names = [name for name in runner.module_names(folder) if not modules or name in modules]
    figures = Figures()
    _warm_in_parallel(folder, names, jobs)
    with Server() as server:
        with runner.loaded(folder, names) as plain:
            before = [_outcomes(cases, server) for cases in plain]
        with runner.loaded(folder, names) as enhanced:
            for cases, plainly in zip(enhanced, before, strict=True):
                _compare(cases, plainly, server, figures)
    figures.seconds = perf_counter() - began
    return figures


def _warm_in_parallel(folder: Path, names: Sequence[str], jobs: int) -> None:
    home = Path(__file__).parent.parent
    workers = []
    for part in range(min(jobs, len(names))):
        code = (
            f"import sys; sys.path.insert(0, {str(home)!r}); from pathlib import Path; "
            f"from corpus.measure import warm; warm(Path({str(folder)!r}), {names[part::jobs]!r})"
        )
        workers.append(subprocess.Popen([sys.executable, "-W", "ignore", "-c", code]))
    for worker in workers:
        if worker.wait() != 0:
            raise RuntimeError(f"making the versions ended with status {worker.returncode}")


def warm(folder: Path, names: Sequence[str]) -> None:
    """Decorate every function of some modules, and call each once."""
    with Server() as server, runner.loaded(folder, names) as modules:
        for cases in modules:
            decorate_all(cases)
            first = {case.target: case for case in reversed(list(cases)) if case.kind == "good"}
            for target, case in first.items():
                runner.run(runner.lookup(cases.module, target), case.call, server)


def _outcomes(cases: Any, server: Server) -> list[runner.Outcome]:
    return [runner.run(runner.lookup(cases.module, c.target), c.call, server) for c in cases]


def _compare(cases: Any, before: list[runner.Outcome], server: Server, figures: Figures) -> None:
    decorated = decorate_all(cases)
    figures.functions += len(decorated)
    wrong: set[str] = set()
    warned: dict[str, str] = {}
    for case, plain in zip(cases, before, strict=True):
        function = runner.lookup(cases.module, case.target)
        now = runner.run(function, case.call, server)
        where = f"{cases.module.__name__}.{case.target}{_arguments(case)}"
        if now.warned:
            warned.setdefault(case.target, now.warned[0])
        if case.kind == "violation":
            _judge_violation(where, case, plain, now, decorated[case.target], figures)
            continue
        same = plain.same(now, case.call.compare)
        miss = None if same else Miss(where, _difference(plain, now))
        (figures.kept if case.kind == "good" else figures.right).count(miss)
        if case.kind == "right" and plain.kind == "error":
            figures.unsound.append(Miss(where, f"the plain function raised {plain.error!r}"))
        if miss:
            wrong.add(case.target)
    for target, wrapper in decorated.items():
        problem = "an answer differs" if target in wrong else not_enhanced(wrapper)
        if problem and target in warned:
            problem += f" (warned: {warned[target]})"
        where = f"{cases.module.__name__}.{target}"
        figures.enhanced.count(Miss(where, problem) if problem else None)


def decorate_all(cases: Any) -> dict[str, Callable[..., Any]]:
    """Put `@poet` on every function of one module; the wrappers by target."""
    decorated: dict[str, Callable[..., Any]] = {}
    for target in cases.targets():

        def decorate(function: Any, target: str = target) -> Any:
            inherited = hasattr(function, "__poet__")  # decorated already, in its own class
            decorated[target] = function if inherited else poet(domain=cases.domain)(function)
            return decorated[target]

        runner.install(cases.module, target, decorate)
    return decorated


def not_enhanced(wrapper: Any) -> str | None:
    """Why no version made by a blueprint is running for a decorated function; None: one is."""
    state = wrapper.__poet__
    if state.version is None:
        return f"the plain function runs: {_why(state)}"
    ladder = state.version.metadata["provenance"]["ladder"]
    return None if ladder == "blueprint" else f"made by {ladder}"


def _why(state: Any) -> str:
    """The reason that the journal gives for the last step down of a function's generation."""
    reason = "nothing was tried"
    for path in sorted((state.root / "events").glob("**/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if '"generation.rejected"' in line or '"generation.failed"' in line:
                payload = json.loads(line)["payload"]
                if payload["function"] == state.name:
                    reason = payload.get("reason") or payload["summary"]
    return reason


def _judge_violation(
    where: str, case: Any, plain: Any, now: Any, wrapper: Any, figures: Figures
) -> None:
    if plain.kind == "error":
        figures.unsound.append(Miss(where, f"the plain function raised {plain.error!r}"))
        return
    if not isinstance(now.error, ArgumentError):
        what = "accepted" if now.error is None else f"raised {now.error!r}"
        figures.rejected.count(Miss(where, what))
        return
    figures.rejected.count(None)
    lacks = what_is_missing(str(now.error), case, wrapper)
    figures.named.count(Miss(where, f"lacks {lacks}: {now.error}") if lacks else None)


def what_is_missing(message: str, case: Any, wrapper: Any) -> str:
    """Which of argument, expected and given an error message does not name."""
    function = inspect.unwrap(wrapper)
    signature = inspect.signature(function)
    args = case.call.args
    if next(iter(signature.parameters), "") == "cls":
        args = (None, *args)
    given = signature.bind(*args, **case.call.kwargs).arguments[case.argument]
    annotation = str(function.__annotations__[case.argument])
    with contextlib.suppress(NameError):  # an alias is shown as what it stands for
        hint = typing.get_type_hints(function)[case.argument]
        annotation += f"{hint} {getattr(hint, '__constraints__', '')}"
    lacking = []
    if not re.search(rf"\b{re.escape(case.argument)}\b", message):
        lacking.append("argument")
    if not any(word in message for word in re.findall(r"\w{3,}", annotation)) and not any(
        word in message for word in ("callable", "Callable")
    ):
        lacking.append("expected")
    if repr(given) not in message and not any(
        re.search(rf"\b{word}\b", message) for word in _kinds(given)
    ):
        lacking.append("given")
    return " and ".join(lacking)


def _kinds(value: Any) -> set[str]:
    """Names of the types in a value: its own, and those of what it holds."""
    kinds = {"None" if value is None else type(value).__name__}
    if isinstance(value, dict):
        for key, item in value.items():
            kinds |= _kinds(key) | _kinds(item) | {repr(key)}
        if not value:
            kinds.add("without")
        kinds.add("a dict without")
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            kinds |= _kinds(item)
    return kinds


def _difference(plain: Any, now: Any) -> str:
    if now.kind != plain.kind:
        first = f"{plain.error!r}" if plain.error is not None else f"{plain.value}"
        return _short(
            f"was {first}, is {now.error!r}" if now.error else f"was {first}, is {now.value}"
        )
    for part in ("value", "arguments", "printed", "logged", "files"):
        if getattr(plain, part) != getattr(now, part):
            return _short(f"{part} was {getattr(plain, part)}, is {getattr(now, part)}")
    return "the same"


def _arguments(case: Any) -> str:
    parts = [repr(a) for a in case.call.args]
    parts += [f"{name}={value!r}" for name, value in case.call.kwargs.items()]
    return _short(re.sub(r"\s+", " ", f"({', '.join(parts)})"), 90)


def _short(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
