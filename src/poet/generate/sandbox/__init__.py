"""Run code in a separate, restricted process; which restrictions hold depends on the machine.

    bubblewrap   namespaces: no network, read-only files, own processes (Linux, `bwrap`)
    sandlock     Landlock and seccomp: the same without namespaces (Linux, from PyPI)
    seatbelt     the system's own sandbox (macOS)
    plain        limits and an empty network namespace where the kernel allows; no isolation

Each backend is tried out with real attempts before it is trusted; see `poet doctor`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from ...errors import SandboxUnavailable
from .backend import Backend, Verdict
from .bubblewrap import Bubblewrap
from .plain import Plain
from .sandlock import Sandlock
from .seatbelt import Seatbelt

__all__ = ["Backend", "Verdict", "backends", "choose"]


def backends() -> Sequence[Backend]:
    """Return all backends that could work on this system, best first."""
    return (Bubblewrap(), Sandlock(), Seatbelt(), Plain())


def choose(mode: str = "auto") -> Backend:
    """Return the best backend that passes its probe.

    Args:
        mode: `"auto"` takes what there is; `"require"` insists on isolation; `"plain"` does
            without.

    Raises:
        SandboxUnavailable: `"require"`, and no backend here isolates.
    """
    if mode == "plain":
        return Plain()
    for backend in backends():
        if backend.isolates and _verdict(backend.name).holds:
            return backend
    if mode == "require":
        said = "; ".join(f"{b.name}: {_verdict(b.name).text()}" for b in backends() if b.isolates)
        raise SandboxUnavailable(
            f"sandbox='require', but nothing on this machine isolates ({said}). Install bubblewrap "
            "(apt install bubblewrap) or sandlock (pip install 'opendxa-poet[sandbox]'), or set POET_SANDBOX=auto to accept less; see `poet doctor`."
        )
    return Plain()


@functools.cache
def _verdict(name: str) -> Verdict:
    from .probe import cached_verdict

    return cached_verdict(next(b for b in backends() if b.name == name))
