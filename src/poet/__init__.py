"""POET: one line makes a plain Python function production-ready, and keeps improving it.

    from poet import poet

    @poet(domain="ml_monitoring")
    def detect_drift(current_data, reference_data):
        return {"drift_detected": False, "score": 0.0}

    result = detect_drift(today, last_month)
    poet.feedback(result, "False positive: Christmas shopping")

A newcomer needs `poet` and `feedback`. `execution` and `run` give the id of a call for a ticket or
an alert, `episode` joins calls with one outcome, `disabled` runs the plain functions.
"""

from __future__ import annotations

from typing import Any

from . import errors
from ._decorator import poet
from .errors import PoetError
from .feedback import Episode, episode, execution, feedback, run
from .runtime.calls import disabled
from .runtime.executions import Execution
from .runtime.state import PoetWarning

__all__ = [
    "Episode",
    "Execution",
    "PoetError",
    "PoetWarning",
    "disabled",
    "episode",
    "errors",
    "execution",
    "feedback",
    "poet",
    "run",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("opendxa-poet")
    raise AttributeError(f"module 'poet' has no attribute {name!r}")


# `from poet import poet` hides the module behind the function, and `poet.feedback(…)` is how
# everybody writes it; so the function carries the few names that go with it.
for _name in ("feedback", "execution", "run", "episode", "disabled"):
    setattr(poet, _name, globals()[_name])
del _name
