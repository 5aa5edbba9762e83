"""How a function fares against a misbehaving server: bare, with `@poet(domain="api")`, with tenacity.

    python benchmarks/faults.py [--calls 12] [--json]

Each of three variants of the same two functions (a GET and a POST with `requests`) is called
against each kind of trouble of `fault_server.py`. The tenacity decorator is its typical use: four
attempts, exponential wait with jitter, after any exception. What counts is how many calls
succeeded, how long the slowest one took against the bound asked for, how many requests a call
sent, whether a 4xx was asked again, and whether an effect of a POST happened twice.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from fault_server import GOOD, SCHEDULES, Record, serving

BOUND = 4.0  # seconds for one call, all attempts together
PATIENCE = 8.0  # seconds after which the benchmark itself stops waiting for a call
SLACK = 0.5  # seconds that starting threads on a busy machine may cost

CLIENT = '''
"""The client under test."""

import requests
{import_}


{decorator}
def read(url: str) -> dict:
    """Fetch one record."""
    response = requests.get(url)
    response.raise_for_status()
    return response.json()


{decorator}
def send(url: str) -> dict:
    """Send one order."""
    response = requests.post(url, json={{"amount": 1}})
    response.raise_for_status()
    return response.json()
'''
VARIANTS = {
    "bare": ("", ""),
    "poet": ("from poet import poet", f'@poet(domain="api", timeout={BOUND})'),
    "tenacity": (
        "from tenacity import retry, stop_after_attempt, wait_random_exponential",
        "@retry(stop=stop_after_attempt(4), wait=wait_random_exponential(0.1, max=2), "
        "reraise=True)",
    ),
}


@dataclass
class Outcome:
    """What one variant made of one kind of trouble."""

    kind: str
    variant: str
    calls: int
    answered: int
    slowest: float
    over_bound: int
    requests: int
    effects_repeated: int
    errors: tuple[str, ...]


def client(variant: str, folder: Path) -> ModuleType:
    """Write and import the client module of one variant."""
    import_, decorator = VARIANTS[variant]
    file = folder / f"client_{variant}.py"
    file.write_text(CLIENT.format(import_=import_, decorator=decorator).lstrip())
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def trouble(
    kind: str, variant: str, module: ModuleType, base: str, record: Record, calls: int
) -> Outcome:
    """Call one variant against one kind of trouble, all calls at once, each with its own key."""
    function: Callable[[str], Any] = module.send if kind.startswith("POST") else module.read
    keys = [f"{variant}-{abs(hash(kind))}-{i}" for i in range(calls)]
    results: list[tuple[bool, float, str]] = []

    def one(key: str) -> None:
        start = time.monotonic()
        try:
            answer = function(f"{base}/{kind}/{key}")
            good, error = answer == json.loads(GOOD), ""
        except Exception as raised:
            good, error = False, type(raised).__name__
        results.append((good, time.monotonic() - start, error))

    threads = [threading.Thread(target=one, args=(key,), daemon=True) for key in keys]
    end = time.monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    done = list(results)
    unfinished = calls - len(done)
    times = [seconds for _, seconds, _ in done] + [PATIENCE] * unfinished
    return Outcome(
        kind=kind,
        variant=variant,
        calls=calls,
        answered=sum(good for good, _, _ in done),
        slowest=round(max(times), 2),
        over_bound=sum(t > BOUND + SLACK for t in times),
        requests=sum(record.requests[k] for k in keys),
        effects_repeated=sum(max(0, record.effects[k] - 1) for k in keys),
        errors=tuple(sorted({e for _, _, e in done if e} | ({"never ended"} if unfinished else set()))),
    )  # fmt: skip


def measure(calls: int) -> list[Outcome]:
    """Run all variants against all kinds of trouble."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        serving() as (base, record),
    ):
        clients = {variant: client(variant, Path(folder)) for variant in VARIANTS}
        for module in clients.values():  # the version is written at the first call
            module.read(f"{base}/fine/warm-{module.__name__}")
            module.send(f"{base}/fine/warm-{module.__name__}")
        versions = [v for v in Path(folder).glob(".poet/*/current/enhanced.py")
                    if "request_timeout" in v.read_text()]  # fmt: skip
        if len(versions) < 2:
            raise SystemExit(
                "The decorated functions run as they are; there is nothing to measure."
            )
        return [
            trouble(kind, variant, module, base, record, calls)
            for kind in SCHEDULES
            for variant, module in clients.items()
        ]


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as text, the sums below."""
    head = f"{'trouble':<22}" + "".join(f"{v:<28}" for v in VARIANTS)
    lines = [head, f"{'':<22}" + f"{'answered slowest  requests':<28}" * len(VARIANTS)]
    for kind in SCHEDULES:
        row = f"{kind:<22}"
        for variant in VARIANTS:
            o = next(o for o in outcomes if (o.kind, o.variant) == (kind, variant))
            slow = f"{o.slowest:.1f} s" if o.slowest < PATIENCE else f">{PATIENCE:.0f} s"
            row += f"{o.answered / o.calls:>6.0%}  {slow:>7} {o.requests / o.calls:>8.1f}    "
        lines.append(row.rstrip())
    lines.append("")
    can = [k for k in SCHEDULES if "ok" in SCHEDULES[k] and not k.startswith("POST")]
    for title, count in (
        ("answered, where a repeated read can help", lambda v: _share(outcomes, v, can)),
        (f"calls over the bound of {BOUND:g} s", lambda v: str(_sum(outcomes, v, "over_bound"))),
        ("requests repeated after 400 or 404", lambda v: str(_again(outcomes, v))),
        ("effects of a POST repeated", lambda v: str(_sum(outcomes, v, "effects_repeated"))),
    ):
        lines.append(f"{title:<44}" + "  ".join(f"{v}: {count(v)}" for v in VARIANTS))
    return "\n".join(lines)


def _of(outcomes: Sequence[Outcome], variant: str) -> list[Outcome]:
    return [o for o in outcomes if o.variant == variant]


def _sum(outcomes: Sequence[Outcome], variant: str, field: str) -> int:
    return sum(getattr(o, field) for o in _of(outcomes, variant))


def _share(outcomes: Sequence[Outcome], variant: str, kinds: Sequence[str]) -> str:
    chosen = [o for o in _of(outcomes, variant) if o.kind in kinds]
    return f"{sum(o.answered for o in chosen) / sum(o.calls for o in chosen):.0%}"


def _again(outcomes: Sequence[Outcome], variant: str) -> int:
    lasting = [o for o in _of(outcomes, variant) if o.kind in ("400", "404")]
    return sum(o.requests - o.calls for o in lasting)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=12, help="calls per kind of trouble")
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")
    options = parser.parse_args()
    outcomes = measure(options.calls)
    print(json.dumps([asdict(o) for o in outcomes], indent=2) if options.json else table(outcomes))


if __name__ == "__main__":
    main()
