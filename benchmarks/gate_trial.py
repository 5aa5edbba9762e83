"""How much the trial and the agreement notice, and how long they take.

    python benchmarks/gate_trial.py [auto|require|plain] [--survivors]

Prints the share of seeded faults (`tests/corpus/mutants`) that are caught, the right
implementations that are refused although nothing is wrong with them, and the times.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "corpus"))

from poet.domains import load
from poet.generate.gate.agreement import compare
from poet.generate.gate.report import has_errors
from poet.generate.gate.trial import try_out
from poet.generate.sandbox import choose
from poet.generate.sandbox.process import warm
from poet.spec import Spec


def judge(code, source, sandbox):
    """Return whether trial and agreement refuse, why, and the seconds."""
    began = time.perf_counter()
    spec = Spec()
    result = try_out(code, source, spec, load("reliability"), sandbox=sandbox)
    findings = list(result.findings)
    if not has_errors(findings):
        findings += compare(result, source, spec).findings
    return has_errors(findings), findings, time.perf_counter() - began


def main() -> None:
    """Run and print."""
    mutate = importlib.import_module("mutants.mutate")
    plain = [a for a in sys.argv[1:] if not a.startswith("-")]
    sandbox = plain[0] if plain else "auto"
    backend = choose(sandbox)
    print(f"sandbox: {backend.name}{'' if backend.isolates else ' (no isolation)'}")
    sources = [s for s in mutate.sources() if not plain[1:] or s.name in plain[1:]]
    refused, times, caught, survivors = [], [], 0, []
    cold = []
    for source in sources[:5]:
        cold.append(judge(mutate.enhanced(source), source, sandbox)[2])
    with warm():
        for source in sources:
            wrong, findings, seconds = judge(mutate.enhanced(source), source, sandbox)
            times.append(seconds)
            if wrong:
                refused.append(source.name)
                print(f"  refused though right: {source.name}: {findings[0].text()[:200]}")
            for mutant in mutate.mutants(source):
                wrong, _, seconds = judge(mutant.code, source, sandbox)
                times.append(seconds)
                caught += wrong
                if not wrong:
                    survivors.append(mutant)
                    if "--survivors" in sys.argv:
                        print(f"  not noticed: {mutant.name}: {mutant.what}", flush=True)
    total = caught + len(survivors)
    print(f"mutants: {total}, caught {caught} ({caught / total:.1%})")
    print(f"right implementations: {len(sources)}, refused {len(refused)}")
    ms = [t * 1000 for t in times]
    print(f"trial and agreement, warm: median {statistics.median(ms):.0f} ms, "
          f"p95 {sorted(ms)[int(len(ms) * 0.95)]:.0f} ms; "
          f"cold: median {statistics.median(cold) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
