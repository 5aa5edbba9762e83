"""What a generated version may use; nothing else of POET is meant for it.

`original`, `params`, `hints` and `module` belong to the version that imports them: POET's loader
binds them. When such a file is imported directly (by a test, say), they are found through the
file's own place in `.poet/`.

    original     the user's own function object
    params       learned numbers and texts: `params.threshold`
    hints        the original's resolved annotations: `hints["order"]`, `hints["return"]`
    module       the live names of the original's module: `module.BASE_URL` (read only)
"""

from __future__ import annotations

import sys
from typing import Any

from .errors import ArgumentError, CircuitOpen, DeadlineExceeded
from .runtime.checks import check, check_result, flag, need, need_iterable, reject
from .runtime.params import Param
from .runtime.resilience import resilient

BOUND = ("original", "params", "hints", "module")

__all__ = [  # noqa: F822 - the bound names come from __getattr__
    "ArgumentError",
    "CircuitOpen",
    "DeadlineExceeded",
    "Param",
    "check",
    "check_result",
    "flag",
    "hints",
    "module",
    "need",
    "need_iterable",
    "original",
    "params",
    "reject",
    "resilient",
]


def __getattr__(name: str) -> Any:
    if name not in BOUND:
        raise AttributeError(f"poet.enhanced has no {name!r}; it offers {', '.join(__all__)}.")
    from .runtime.loader import binding_for_file

    frame = sys._getframe(1)
    while frame is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back  # type: ignore[assignment]
    return getattr(binding_for_file(frame.f_globals.get("__file__")), name)
