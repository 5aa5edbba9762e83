"""Every error that POET raises on its own account.

    PoetError
    ├── ArgumentError (TypeError, ValueError)   an argument cannot work
    │   └── MissingAttribute (AttributeError)   …because it lacks an attribute
    ├── DeadlineExceeded (TimeoutError)         the call's time was used up
    ├── CircuitOpen (ConnectionError)           not tried: the other side is known to be down
    ├── DecorationError (TypeError)             @poet was applied to, or given, something it cannot take
    ├── SettingsError (ValueError)              a setting has a value that it cannot have
    ├── UnknownDomain (LookupError)             no domain of that name or path
    ├── ModelError                              the language model did not give a usable answer
    ├── GenerationError                         no version could be generated
    ├── StoreError                              what is in .poet/ cannot be used
    │   └── TamperedVersion                     …because a file is not the one that was approved
    ├── ExecutionNotFound (LookupError)         feedback names no execution that POET knows
    ├── SandboxUnavailable (RuntimeError)       isolation was required, and this machine has none
    ├── MemoryExceeded (MemoryError)            an isolated call went over its memory limit
    └── MissingExtra (ImportError)              an optional dependency is not installed

Those that reach a caller of a decorated function also inherit the built-in exception that a
careful author would have raised there, so that existing `except` clauses keep working.
"""

from __future__ import annotations

from typing import Any


class PoetError(Exception):
    """Base of all errors that POET raises itself."""


class ArgumentError(PoetError, TypeError, ValueError):
    """An argument of a decorated function cannot work; the message names it and what was expected."""


class MissingAttribute(ArgumentError, AttributeError):
    """An argument lacks an attribute that the function uses on every path."""


class DeadlineExceeded(PoetError, TimeoutError):
    """A call used up its time. Raise `timeout=` or make the function faster."""


class CircuitOpen(PoetError, ConnectionError):
    """The call was not tried, because the calls before it could not connect."""


class DecorationError(PoetError, TypeError):
    """`@poet` was applied to something it cannot enhance, or was given an argument it cannot use."""


class SettingsError(PoetError, ValueError):
    """A `POET_*` variable or a key of `[tool.poet]` has a value that it cannot have."""


class UnknownDomain(PoetError, LookupError):
    """No domain has that name, and no folder or Markdown file that path."""


class ModelError(PoetError):
    """The language model gave no usable answer.

    Args:
        message: What happened and what to do.
        retryable: Whether the same request may succeed later.
        retry_after: Seconds that the provider asks to wait, where it says so.
    """

    def __init__(
        self, message: str, *, retryable: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword arguments are lost by the default pickling of exceptions.
        return (_model_error, (str(self), self.retryable, self.retry_after))


def _model_error(message: str, retryable: bool, retry_after: float | None) -> ModelError:
    return ModelError(message, retryable=retryable, retry_after=retry_after)


class GenerationError(PoetError):
    """No version of a function could be generated; the message says which step failed and why."""


class StoreError(PoetError):
    """A file or folder in `.poet/` cannot be used as it is."""


class TamperedVersion(StoreError):
    """A stored version is not the one that passed the gate."""


class ExecutionNotFound(PoetError, LookupError):
    """Nothing is known of the execution that feedback was given for."""


class SandboxUnavailable(PoetError, RuntimeError):
    """Isolation was required, but no backend on this machine provides it. See `poet doctor`."""


class MemoryExceeded(PoetError, MemoryError):
    """An isolated call went over its memory limit."""


class MissingExtra(PoetError, ImportError):
    """An optional dependency is needed for this and is not installed."""

    @classmethod
    def named(cls, what: str, extra: str) -> MissingExtra:
        """Build the message for `what` (needed thing), installed by `opendxa-poet[extra]`."""
        return cls(f"{what} is not installed. Run: pip install 'opendxa-poet[{extra}]'")
