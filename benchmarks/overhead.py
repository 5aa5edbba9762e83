"""What a call costs: POET's wrapper with a recorded, crash-safe event, beside the usual stack.

Run with `make bench`. All rows are measured in turns in one process, so that the machine's mood
hits each alike; the median of the rounds counts, and ratios are what to read.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

ROUNDS, CALLS = 15, 4_000

MODULE = '''
from poet import poet


@poet
def annotated(x: int) -> int:
    """Return x."""
    return x


@poet
def plain(x):
    """Return x."""
    return x
'''


def rows(folder: Path) -> dict[str, Callable[[int], int]]:
    """Build each way of wrapping the same trivial function."""
    (folder / "trivial.py").write_text(MODULE)
    sys.path.insert(0, str(folder))
    import trivial

    def bare(x: int) -> int:
        return x

    made: dict[str, Callable[[int], int]] = {
        "bare function": bare,
        "poet, annotated (checks + event)": trivial.annotated,
        "poet, not annotated (event)": trivial.plain,
    }
    import tenacity

    made["tenacity"] = tenacity.retry(stop=tenacity.stop_after_attempt(3))(bare)
    import stamina

    made["stamina"] = stamina.retry(on=ConnectionError, attempts=3)(bare)
    from pydantic import validate_call

    made["pydantic.validate_call"] = validate_call(bare)
    from beartype import beartype

    made["beartype"] = beartype(bare)
    made["the stack that POET replaces"] = stack(folder)
    return made


def stack(folder: Path) -> Callable[[int], int]:
    """Wrap with tenacity, pydantic.validate_call, a structlog line and an OpenTelemetry span."""
    import structlog
    import tenacity
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
    from pydantic import validate_call

    class Drop(SpanExporter):
        def export(self, spans: object) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(Drop()))
    tracer = provider.get_tracer("bench")
    stream = (folder / "structlog.jsonl").open("w")
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    log = structlog.get_logger()

    @tenacity.retry(stop=tenacity.stop_after_attempt(3))
    @validate_call
    def inner(x: int) -> int:
        return x

    def outer(x: int) -> int:
        with tracer.start_as_current_span("trivial"):
            result = inner(x)
            log.info("called", function="trivial", success=True)
            return result

    return outer


def main() -> None:
    """Measure all rows and print a table."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["POET_MODEL"] = ""
        made = rows(Path(name))
        times: dict[str, list[float]] = {label: [] for label in made}
        for function in made.values():
            function(3)
        for _ in range(ROUNDS):
            for label, function in made.items():
                spent = timeit.timeit(lambda f=function: f(3), number=CALLS)
                times[label].append(spent / CALLS * 1e6)
        medians = {label: statistics.median(values) for label, values in times.items()}
        import trivial

        version = trivial.annotated.__poet__.number
        print(f"median of {ROUNDS} rounds of {CALLS:,} calls; POET runs version v{version}\n")
        print(f"{'':34}{'µs a call':>10}{'× tenacity':>12}{'× the stack':>13}")
        for label, median in medians.items():
            against = median / medians["tenacity"]
            replaced = median / medians["the stack that POET replaces"]
            print(f"{label:34}{median:10.2f}{against:12.2f}{replaced:13.3f}")


if __name__ == "__main__":
    main()
