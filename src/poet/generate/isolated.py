"""Run a version in restricted worker processes, for `isolation="process"`.

Fails closed: where this machine has no isolation, the call raises; it never runs in process instead.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..domains import load as load_domain
from ..errors import StoreError
from ..runtime.state import DecoratedFunction
from ..store import Version
from .gate.trial import job_for, readable_for
from .ladder import closure_of
from .sandbox import choose
from .sandbox.pool import SECONDS, Pool


def isolated_entry(state: DecoratedFunction, version: Version) -> Callable[..., Any]:
    """Return what a call runs: the version, in a pool of warm workers of this process.

    Raises:
        SandboxUnavailable: No backend on this machine isolates; see `poet doctor`.
        StoreError: The function's text is not available, so a worker cannot load it.
    """
    source = state.source
    if source is None:
        raise StoreError(f"{state.qualname} has no text that a worker could load.")
    backend = choose("require")
    beside = source.file.parent if source.file else None
    domain = load_domain(version.metadata["provenance"]["domain"], beside=beside)
    job, untold, _ = job_for(version.code(), source, state.spec, domain, closure_of(state.original))
    if untold:
        raise StoreError(f"{state.qualname} cannot run in a worker: {'; '.join(untold)}.")
    pool = Pool(
        backend,
        {**job, "learned": version.params},
        readable_for(source, job, domain),
        seconds=state.spec.timeout or SECONDS,
    )
    return pool.acall if inspect.iscoroutinefunction(state.original) else pool.call
