"""How well the audit tells hostile from benign modules, and how long it takes.

    python benchmarks/gate_audit.py [--trial] [--missed]

`--trial` also runs what the audit and the contract let through in the sandbox, as the gate does.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from corpus.modules import Case, benign, hostile

from poet import domains
from poet.generate.candidate import Candidate, Provenance
from poet.generate.gate import gate
from poet.generate.gate.audit import audit
from poet.generate.gate.contract import check_contract
from poet.generate.gate.manifest import manifest_of

DOMAIN = domains.load("reliability")


def refused_by(case: Case, times: list[tuple[float, float]]) -> str | None:
    """Name the first of the two static stages that refuses a module: the audit is asked first."""
    manifest = manifest_of(case.source, case.spec, DOMAIN)
    best = (1e9, 1e9)
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        # A text of another length is another text: nothing may be remembered from the last time.
        found = audit(case.code + "\n" * (len(times) % 7 + _), manifest)
        spent = (time.perf_counter() - wall, time.process_time() - cpu)
        best = min(best, spent)
    times.append(best)
    if found:
        return "audit"
    return "contract" if check_contract(case.code, case.source) else None


def refused_by_trial(case: Case) -> bool:
    candidate = Candidate(case.code, Provenance("model", "reliability"))
    report = gate(candidate, case.source, case.spec, DOMAIN)
    return not report.passed


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trial", action="store_true", help="run what is left in the sandbox")
    parser.add_argument("--missed", action="store_true", help="name what was not refused")
    chosen = parser.parse_args()
    times: list[tuple[float, float]] = []
    total, by_audit, by_contract, by_trial = Counter(), Counter(), Counter(), Counter()
    missed: list[str] = []
    for case in hostile():
        total[case.kind] += 1
        stage = refused_by(case, times)
        if stage is None and chosen.trial and refused_by_trial(case):
            stage = "trial"
        {"audit": by_audit, "contract": by_contract, "trial": by_trial, None: Counter()}[stage][
            case.kind
        ] += 1
        if stage is None:
            missed.append(f"{case.kind}/{case.name}: {case.about}")
    print(f"{'hostile':14} {'modules':>8} {'audit':>8} {'contract':>9} {'trial':>7} {'refused':>9}")
    for kind in [*sorted(total), "all"]:
        count, a, c, t = (
            (sum(x.values()) if kind == "all" else x[kind])
            for x in (total, by_audit, by_contract, by_trial)
        )
        share = (a + c + t) / count
        print(f"{kind:14} {count:8} {a:8} {c:9} {t:7} {share:9.1%}")
    good = benign()
    rejected = [(case, stage) for case in good if (stage := refused_by(case, times))]
    print(
        f"\nbenign: {len(good)} modules, {len(rejected)} rejected ({len(rejected) / len(good):.1%})"
    )
    for case, stage in rejected:
        print(f"  {case.kind}/{case.name} by the {stage}")
    wall, cpu = [w for w, _ in times], [c for _, c in times]
    print(f"audit: p50 {percentile(wall, 0.5):.2f} ms, p95 {percentile(wall, 0.95):.2f} ms "
          f"(processor time p50 {percentile(cpu, 0.5):.2f}, p95 {percentile(cpu, 0.95):.2f} ms)")  # fmt: skip
    if chosen.missed and missed:
        print("\nnot refused:", *missed, sep="\n  ")


if __name__ == "__main__":
    main()
