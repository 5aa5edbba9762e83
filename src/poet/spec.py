"""What the user asked for: one immutable value per decorated function, validated at decoration."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .errors import DecorationError

OPTIMIZE_FOR = (
    "reliability",
    "speed",
    "latency",
    "accuracy",
    "cost",
    "recall",
    "precision",
    "alert_quality",
)
ISOLATION = ("inprocess", "process")
SANDBOX = ("auto", "require", "plain")
_GRANT = re.compile(r"^(?:(?:net|fs\.read|fs\.write|env|import):.+|process|thread|signal)$")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True)
class Example:
    """One call that is known to be right: the arguments and, unless `has_result` is False, the result."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    result: Any = None
    has_result: bool = True


@dataclass(frozen=True)
class Spec:
    """What was asked for. It and the function's fingerprint name what is to be generated.

    Attributes:
        domain: Name of a domain, or path of a folder or Markdown file that describes one.
        optimize_for: What learning improves: one of `OPTIMIZE_FOR`, a sentence, or a callable
            `(result) -> float` of which more is better. None: reliability, and no learning.
        objectives: Named goals, each `{"weight": float, "target": float, "minimize": bool}`.
        constraints: Named limits that a version must keep.
        examples: Calls that are known to be right; the gate holds every version to them.
        learning: Whether later versions learn from feedback; a text names the strategy.
        idempotent: True: calling twice does no harm, so a failed call may be repeated.
            False: never repeat. None: decide by what the function's text shows.
        retries: Attempts after the first one; None: what the domain thinks right.
        timeout: Seconds for one call, all attempts together; None: what the domain thinks right.
        grants: Capabilities beyond those of the original, such as `"net:api.example.com"`,
            `"fs.write:out/"`, `"env:APP_REGION"`, `"import:httpx"`.
        isolation: `"inprocess"`: versions run in the caller's own process, which is no security
            boundary. `"process"`: they run in restricted worker processes (`timeout` or 5 s and
            256 MB a call), arguments and results are copied as data, and a machine that cannot
            isolate refuses the call.
        record: Whether arguments and results are recorded with each execution.
        strict: Whether a result that contradicts its annotation raises instead of being flagged.
        sandbox: `"auto"`, `"require"` (refuse to try candidates without isolation) or `"plain"`.
    """

    domain: str = "reliability"
    optimize_for: str | Callable[[Any], float] | None = None
    objectives: Mapping[str, Any] = field(default_factory=dict)
    constraints: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    learning: bool | str = False
    idempotent: bool | None = None
    retries: int | None = None
    timeout: float | None = None
    grants: tuple[str, ...] = ()
    isolation: str = "inprocess"
    record: bool = False
    strict: bool = False
    sandbox: str = "auto"

    @property
    def digest(self) -> str:
        """Sixteen hex digits that change when anything asked for changes."""
        parts = (f"{f.name}={_stable(getattr(self, f.name))}" for f in fields(self))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def goal(self) -> str:
        """What is optimised for, in words."""
        if callable(self.optimize_for):
            return getattr(self.optimize_for, "__name__", "a function of the result")
        return self.optimize_for or "reliability"

    def as_dict(self) -> dict[str, Any]:
        """Return the options that differ from their defaults, fit for JSON."""
        default = Spec()
        return {
            f.name: _plain(getattr(self, f.name))
            for f in fields(self)
            if getattr(self, f.name) != getattr(default, f.name)
        }


def _stable(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{k}:{_stable(value[k])}" for k in sorted(value, key=str)) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ",".join(map(_stable, value)) + "]"
    if isinstance(value, Example):
        return f"Example({_stable(value.args)},{_stable(value.kwargs)},{_stable(value.result)})"
    if callable(value):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', repr(value))}"
    return _ADDRESS.sub("", repr(value))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    return _stable(value)


def make_spec(options: Mapping[str, Any], where: str = "@poet") -> Spec:
    """Validate the decorator's keyword arguments.

    Args:
        options: The arguments as the user wrote them; `enforce=`-like unknown names are errors.
        where: What to call the decorated thing in messages.

    Raises:
        DecorationError: An unknown name (with the nearest known one) or a value that cannot work.
    """
    known = {f.name for f in fields(Spec)}
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            hint = (
                f" Did you mean {near[0]!r}?" if near else f" Options: {', '.join(sorted(known))}."
            )
            raise DecorationError(f"{where} has no option {name!r}.{hint}")
    checked = {name: _CHECKS[name](value, where) for name, value in options.items()}
    return Spec(**checked)


def _wrong(where: str, name: str, value: Any, expected: str) -> DecorationError:
    return DecorationError(f"{where}: {name}={value!r} cannot be used; expected {expected}.")


def _domain(value: Any, where: str) -> str:
    if value is None:
        return "reliability"
    if not isinstance(value, str) or not value.strip():
        raise _wrong(where, "domain", value, 'a name such as "api", or a path (see `poet domains`)')
    return value


def _optimize_for(value: Any, where: str) -> Any:
    if value is None or callable(value):
        return value
    if not isinstance(value, str) or not value.strip():
        raise _wrong(
            where, "optimize_for", value, f"one of {', '.join(OPTIMIZE_FOR)}, or a sentence"
        )
    if " " not in value.strip() and value not in OPTIMIZE_FOR:
        near = difflib.get_close_matches(value, OPTIMIZE_FOR, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "one of " + ", ".join(OPTIMIZE_FOR)
        raise _wrong(
            where, "optimize_for", value, f"{hint} (a sentence of several words also works)"
        )
    return value


def _mapping(name: str) -> Callable[[Any, str], Mapping[str, Any]]:
    def check(value: Any, where: str) -> Mapping[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
            raise _wrong(
                where, name, value, 'a dict with text keys, such as {"recall": {"weight": 2}}'
            )
        return dict(value)

    return check


def _examples(value: Any, where: str) -> tuple[Example, ...]:
    form = "a list of (arguments, result) pairs or of {'args': …, 'kwargs': …, 'result': …}"
    if value is None:
        return ()
    if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__iter__"):
        raise _wrong(where, "examples", value, form)
    examples = []
    for item in value:
        if isinstance(item, Example):
            examples.append(item)
        elif isinstance(item, Mapping) and set(item) <= {"args", "kwargs", "result"}:
            examples.append(
                Example(
                    tuple(item.get("args", ())),
                    dict(item.get("kwargs", {})),
                    item.get("result"),
                    "result" in item,
                )
            )
        elif isinstance(item, tuple) and len(item) == 2:
            given = item[0] if isinstance(item[0], tuple) else (item[0],)
            examples.append(Example(given, {}, item[1]))
        else:
            raise _wrong(where, "examples", item, form)
    return tuple(examples)


def _learning(value: Any, where: str) -> bool | str:
    if value is None:
        return False
    if not isinstance(value, (bool, str)):
        raise _wrong(where, "learning", value, "True, False or the name of a strategy")
    return value


def _flag(name: str, *, optional: bool = False) -> Callable[[Any, str], Any]:
    def check(value: Any, where: str) -> Any:
        if (optional and value is None) or isinstance(value, bool):
            return value
        raise _wrong(where, name, value, "True or False")

    return check


def _retries(value: Any, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 20:
        raise _wrong(where, "retries", value, "a whole number of further attempts, 0 to 20")
    return value


def _timeout(value: Any, where: str) -> float | None:
    if value is None:
        return None
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 86_400
    if not good:
        raise _wrong(where, "timeout", value, "seconds, more than 0 and less than a day")
    return float(value)


def _grants(value: Any, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        raise _wrong(where, "grants", value, f"a list: grants=[{value!r}]")
    grants = tuple(value)
    for grant in grants:
        if not isinstance(grant, str) or not _GRANT.match(grant):
            raise _wrong(
                where,
                "grants",
                grant,
                'grants such as "net:api.example.com", "fs.read:data/", "fs.write:out/", '
                '"env:APP_REGION", "import:httpx", "process", "thread"',
            )
    return grants


def _choice(name: str, choices: tuple[str, ...]) -> Callable[[Any, str], str]:
    def check(value: Any, where: str) -> str:
        if value in choices:
            return str(value)
        raise _wrong(where, name, value, "one of " + ", ".join(map(repr, choices)))

    return check


_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "domain": _domain,
    "optimize_for": _optimize_for,
    "objectives": _mapping("objectives"),
    "constraints": _mapping("constraints"),
    "examples": _examples,
    "learning": _learning,
    "idempotent": _flag("idempotent", optional=True),
    "retries": _retries,
    "timeout": _timeout,
    "grants": _grants,
    "isolation": _choice("isolation", ISOLATION),
    "record": _flag("record"),
    "strict": _flag("strict"),
    "sandbox": _choice("sandbox", SANDBOX),
}


def option_names() -> tuple[str, ...]:
    """Return the names of the decorator's options, in the order of the documentation."""
    return tuple(f.name for f in fields(Spec))
