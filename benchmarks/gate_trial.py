"""How much the trial and the agreement notice, and how long they take.

    python benchmarks/gate_trial.py [auto|require|plain] [--survivors] [--modules]

Prints the share of seeded faults (`tests/corpus/mutants`) that are caught, the right
implementations that are refused although nothing is wrong with them, and the times.
"""

from __future__ import annotations

import importlib
import os
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


def modules(kind, sandbox):
    """Try the corpus of hostile or benign modules with the audit off; watch the host meanwhile."""
    corpus = importlib.import_module("modules")
    cases = corpus.hostile() if kind == "hostile" else corpus.benign()
    refused, let_through, effects = 0, [], []
    seconds = []
    for case in cases:
        before, began = host(), time.perf_counter()
        try:
            result = try_out(
                case.code, case.source, case.spec, load("reliability"), sandbox=sandbox
            )
            findings = list(result.findings)
            if not has_errors(findings):
                findings += compare(result, case.source, case.spec).findings
        except SyntaxError:
            refused += 1
            continue
        seconds.append((time.perf_counter() - began, case.name))
        wrong = has_errors(findings)
        refused += wrong
        if wrong == (kind == "benign"):
            told = next((f.text()[:160] for f in findings if f.severity == "error"), case.about)
            let_through.append(f"{case.name}: {told}")
        if host() != before:
            effects.append(case.name)
    print(
        f"{kind} modules, audit off: {len(cases)}, refused {refused} ({refused / len(cases):.1%}), "
        f"with an effect on the host: {len(effects)} {effects or ''}"
    )
    print("   slowest:", ", ".join(f"{n} {t:.1f} s" for t, n in sorted(seconds)[-3:]))
    for line in let_through if "--survivors" in sys.argv else ():
        print("  ", line)


def host():
    """Return what a module that got out would have changed: files, environment, processes."""
    places = [Path.home(), Path("/tmp"), Path.cwd(), Path("/etc")]
    names = {
        str(path): path.stat().st_mtime_ns
        for place in places
        for path in place.iterdir()
        if not path.name.startswith(("poet-", "pytest-", "tmp", "bash", ".cache"))
        and path.is_file()
    }
    return names, dict(os.environ)


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
    for kind in ("hostile", "benign") if "--modules" in sys.argv else ():
        modules(kind, sandbox)
    total = caught + len(survivors)
    if total == 0:
        return
    print(f"mutants: {total}, caught {caught} ({caught / total:.1%})")
    print(f"right implementations: {len(sources)}, refused {len(refused)}")
    ms = [t * 1000 for t in times]
    print(
        f"trial and agreement, warm: median {statistics.median(ms):.0f} ms, "
        f"p95 {sorted(ms)[int(len(ms) * 0.95)]:.0f} ms; "
        f"cold: median {statistics.median(cold) * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
