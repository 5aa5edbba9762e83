"""Decide how a version calls the original: once, or again after a transient failure, and why.

What decides is what the function's text shows of its effects: only what reads over a network is
worth a second attempt, and only what cannot repeat an effect may have one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...source import FunctionSource
from ...spec import Spec
from .naming import Names

DEFAULT_RETRIES = 3

# The transient failures of libraries whose classes are not ConnectionError or TimeoutError.
_TRANSIENT = {
    "requests": ("ConnectionError", "Timeout"),
    "httpx": ("NetworkError", "RemoteProtocolError", "TimeoutException"),
    "httpx2": ("NetworkError", "RemoteProtocolError", "TimeoutException"),
    "aiohttp": ("ClientConnectionError",),
    "redis": ("ConnectionError", "TimeoutError"),
}
# A thread must not use these objects of another, or must not outlive a lock that it holds.
_BOUND_TO_THREAD = re.compile(
    r"\b(?:sqlite3|threading|lock|Lock|RLock|acquire|scoped_session|signal|tkinter|asyncio|django)\b"
)


@dataclass(frozen=True)
class Policy:
    """How `operate` calls, in words and in the arguments of `resilient`.

    Attributes:
        sentences: For the docstring of `operate`: what is done and why.
        retries: Attempts after the first one.
        timeout: Seconds for all of them; None for no limit.
        abandon: Whether a synchronous call that overruns is left behind in its thread.
    """

    sentences: tuple[str, ...]
    retries: int = 0
    timeout: float | None = None
    abandon: bool = False

    @property
    def plain(self) -> bool:
        """Whether the original is simply called."""
        return not self.retries and self.timeout is None


def policy_of(source: FunctionSource, spec: Spec, timeout: float | None = None) -> Policy:
    """Decide for one function.

    Args:
        source: The original.
        spec: What was asked for; its `idempotent`, `retries` and `timeout` have the last word.
        timeout: Seconds that the domain sets where the spec does not.
    """
    if "generator" in source.kind:
        return Policy(("Not retried: items that were handed out cannot be taken back.",))
    timeout = spec.timeout if spec.timeout is not None else timeout
    retries, why = _retries(source, spec)
    abandon = timeout is not None and may_abandon(source)
    return Policy((why, *_about_time(source, timeout, abandon)), retries, timeout, abandon)


def may_abandon(source: FunctionSource) -> bool:
    """Tell whether a call may be left behind: it reads over a network and holds nothing."""
    effects = source.effects
    return (
        source.kind == "function"
        and effects.kind == "reads"
        and effects.network
        and not _BOUND_TO_THREAD.search(source.text)
    )


def reasons(source: FunctionSource) -> str:
    """Return why the effects were judged so, without line numbers, which would go stale."""
    texts = dict.fromkeys(re.sub(r"^line \S+: ", "", r) for r in source.effects.reasons)
    return "; ".join(list(texts)[:3])


def _retries(source: FunctionSource, spec: Spec) -> tuple[int, str]:
    kind, because = source.effects.kind, reasons(source)
    if spec.retries == 0:
        return 0, "Not retried: retries=0 was asked for."
    wanted = spec.retries or DEFAULT_RETRIES
    if spec.idempotent is False:
        return 0, "Not retried: it is declared idempotent=False."
    if spec.idempotent:
        return wanted, f"{_times(wanted)}: it is declared idempotent, so repeating does no harm."
    if kind in ("writes", "unknown"):
        doubt = "a second attempt could repeat that" if kind == "writes" else (
            "a second attempt could repeat an effect")  # fmt: skip
        return 0, f"Not retried: it {_third(because)}, and {doubt} (idempotent=True allows it)."
    if spec.retries:
        return wanted, f"{_times(wanted)}: asked for, and nothing can be repeated by it."
    if kind == "pure":
        return 0, "Not retried: it only computes, so a second attempt would end the same way."
    if source.effects.network or "database" in because or "network" in because:
        return wanted, (
            f"{_times(wanted)}: it only reads ({because}), so an attempt that failed on the way "
            "can be repeated."
        )
    return 0, f"Not retried: what it reads ({because}) does not fail for a moment only."


def _third(because: str) -> str:
    """Make `opens a file…` follow "it"; a reason that names its subject is set in brackets."""
    verb = re.match(
        r"(?:opens|calls|changes|makes|writes|reads|prints|sends|goes|deletes)\b", because
    )
    return because if verb else f"has effects ({because})"


def _times(retries: int) -> str:
    return "Retried once" if retries == 1 else f"Retried up to {retries} times"


def _about_time(source: FunctionSource, timeout: float | None, abandon: bool) -> Iterator[str]:
    if timeout is None:
        return
    if source.kind == "coroutine":
        yield f"Cancelled {timeout:g} s after the call began."
    elif abandon:
        yield (
            f"The caller waits {timeout:g} s at most, all attempts together: a read that hangs is "
            "left behind in its thread."
        )
    else:
        yield (
            f"No attempt begins more than {timeout:g} s after the call did; Python cannot stop one "
            "that is running, so a longer one is only noted."
        )


def library_errors(source: FunctionSource, names: Names) -> tuple[list[str], list[str]]:
    """Return import statements and exception classes for the libraries that the module imports."""
    imports, classes = [], []
    for library in sorted(_imported(source) & _TRANSIENT.keys()):
        alias = names.alias(library)
        imports.append(f"import {library}" if alias == library else f"import {library} as {alias}")
        classes += [f"{alias}.{name}" for name in _TRANSIENT[library]]
    return imports, classes


def _imported(source: FunctionSource) -> set[str]:
    """Return the packages that the module has imported by the time the function is called."""
    found: set[str] = set()
    for node in ast.parse("\n".join(source.imports)).body:
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found
