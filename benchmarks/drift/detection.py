"""False alarms and detections of all monitors over all scenarios; prints Markdown tables.

Run by `run.py`. Results are kept in `results/detection.json`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from peers import PEERS
from scenarios import SCENARIOS, Scenario

RESULTS = Path(__file__).parent / "results"
MISS, FALSE_ALARM = 5.0, 1.0


def measure(
    scenario: Scenario, names: list[str], seeds: int, first: int = 0
) -> dict[str, dict[str, float]]:
    """Return, for each monitor, the shares of false alarms and detections, and seconds a check."""
    found: dict[str, dict[str, float]] = {
        n: {"false": 0, "detected": 0, "seconds": 0, "refused": 0} for n in names
    }
    for seed in range(first, first + seeds):
        for drift in (False, True):
            rng = np.random.default_rng([seed, drift, sum(map(ord, scenario.name))])
            reference, current = scenario.make(rng, drift)
            for name in names:
                started = time.process_time()
                try:
                    verdict = PEERS[name](reference, current)
                except Exception as error:  # a crash of a peer is a result, and is shown
                    verdict = None
                    found[name]["error"] = repr(error)[:200]
                found[name]["seconds"] += time.process_time() - started
                found[name]["refused"] += verdict is None
                found[name]["detected" if drift else "false"] += bool(verdict)
    for figures in found.values():
        for key in ("false", "detected"):
            figures[key] /= seeds
        figures["seconds"] /= 2 * seeds
        figures["refused"] = figures["refused"] / (2 * seeds)
    return found


def tables(results: dict[str, dict[str, dict[str, float]]], seeds: int) -> str:
    """Return the tables of the guide as Markdown."""
    names = [n for n in PEERS if n in next(iter(results.values()))]
    group_of = {s.name: s.group for s in SCENARIOS}
    groups: dict[str, list[str]] = defaultdict(list)
    results = {s.name: results[s.name] for s in SCENARIOS if s.name in results}
    for scenario in results:
        groups[group_of[scenario]].append(scenario)

    def cell(figures: dict[str, float]) -> str:
        mark = "†" if figures["refused"] > 0.5 else ""
        return f"{figures['false']:.0%} / {figures['detected']:.0%}{mark}"

    lines = [
        f"False alarms / detections, {seeds} seeds each (nominal rate of false alarms: 5 %).",
        "",
        "| scenario | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
    ]
    for scenario, by_name in results.items():
        lines.append(f"| {scenario} | " + " | ".join(cell(by_name[n]) for n in names) + " |")
    lines += [
        "",
        "† cannot take such data (or crashed); counted as “no drift”.",
        "",
        "Expected cost of a check, where a miss costs 5 and a false alarm 1, and drift is as",
        "frequent as none. Lowest of each group in bold.",
        "",
        "| group | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
    ]
    costs: dict[str, list[float]] = {n: [] for n in names}
    for group, members in groups.items():
        row = []
        for name in names:
            each = [
                MISS * (1 - results[s][name]["detected"]) + FALSE_ALARM * results[s][name]["false"]
                for s in members
            ]
            row.append(float(np.mean(each)) / 2)
            costs[name] += each
        low = min(row)
        shown = [f"**{v:.2f}**" if v <= low + 1e-9 else f"{v:.2f}" for v in row]
        lines.append(f"| {group} | " + " | ".join(shown) + " |")
    lines.append("| **all** | " + " | ".join(f"{np.mean(costs[n]) / 2:.2f}" for n in names) + " |")
    false = [np.mean([r[n]["false"] for r in results.values()]) * 1000 for n in names]
    lines.append("| false alarms per 1,000 | " + " | ".join(f"{v:.0f}" for v in false) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--only", nargs="*", default=list(PEERS), help="monitors to run")
    parser.add_argument("--group", help="scenarios of one group")
    parser.add_argument("--update", action="store_true", help="keep other monitors' results")
    options = parser.parse_args()
    results = {}
    if options.update:
        results = json.loads((RESULTS / "detection.json").read_text())
    for scenario in SCENARIOS:
        if options.group in (None, scenario.group):
            started = time.monotonic()
            found = measure(scenario, options.only, options.seeds, options.first)
            results[scenario.name] = {**results.get(scenario.name, {}), **found}
            print(f"# {scenario.name}: {time.monotonic() - started:.0f} s", flush=True)
    RESULTS.mkdir(exist_ok=True)
    text = tables(results, options.seeds)
    whole = options.update or options.only == list(PEERS)
    stem = "detection" if whole else "detection-part"
    (RESULTS / f"{stem}.json").write_text(json.dumps(results, indent=1))
    (RESULTS / f"{stem}.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
