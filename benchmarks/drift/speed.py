"""How long a check takes: 50 numeric and 10 categorical columns; prints a Markdown table.

CPU seconds and the peak of additional memory. Each monitor runs in a process of its own, so that
none profits from, or pays for, another's memory. Evidently and NannyML take minutes at a million
rows; `--rows` gives other sizes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

NAMES = ["SciPy KS loop", "POET, kept reference", "POET, reference anew", "POET, exact distances",
         "Alibi Detect", "Frouros", "NannyML", "Evidently"]  # fmt: skip


def table(rows: int, seed: int) -> pd.DataFrame:
    """Return numbers and labels."""
    rng = np.random.default_rng(seed)
    numbers = {f"n{i}": rng.normal(size=rows) for i in range(50)}
    labels = np.asarray([f"c{i}" for i in range(12)], dtype=object)
    return pd.DataFrame({**numbers, **{f"c{i}": rng.choice(labels, rows) for i in range(10)}})


def check(name: str, reference: pd.DataFrame, current: pd.DataFrame) -> float:
    """Run one check and return its CPU seconds; what is kept between checks is not counted."""
    numeric = [c for c in reference if c.startswith("n")]
    if name == "SciPy KS loop":
        from scipy.stats import ks_2samp

        started = time.process_time()
        for column in numeric:
            ks_2samp(reference[column].to_numpy(), current[column].to_numpy())
    elif name.startswith("POET"):
        from poet.domains.ml_monitoring.toolkit import Reference, compare, ks

        compare([1.0] * 50, [2.0] * 50)  # imports
        if name == "POET, exact distances":
            kept = {c: np.sort(reference[c].to_numpy()) for c in numeric}
            started = time.process_time()
            for column in numeric:
                ks(np.sort(current[column].to_numpy()), kept[column])
        elif name == "POET, kept reference":
            known = Reference(reference)
            started = time.process_time()
            compare(current, known)
        else:
            started = time.process_time()
            compare(current, reference)
    else:
        import peers

        small = reference.head(100), current.head(100)
        run = {"Alibi Detect": peers.alibi_detect, "Frouros": peers.frouros,
               "NannyML": peers.nannyml, "Evidently": peers.evidently}[name]  # fmt: skip
        if name == "Alibi Detect":
            reference, current = reference[numeric], current[numeric]
            small = small[0][numeric], small[1][numeric]
        run(*small)
        started = time.process_time()
        run(reference, current)
    return time.process_time() - started


def one(name: str, rows: int) -> None:
    """Measure in this process and print a line of JSON."""
    reference, current = table(rows, 1), table(rows, 2)
    _forget_peak()
    before = _memory("VmRSS")
    seconds = check(name, reference, current)
    more = _memory("VmHWM") - before
    print(json.dumps({"seconds": seconds, "megabytes": more}))


def _forget_peak() -> None:
    try:  # Linux: start the high-water mark anew
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def _memory(field: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def streaming() -> float:
    """Return microseconds for one observation of the tracker."""
    from poet.domains.ml_monitoring.toolkit import Tracker

    values = np.random.default_rng(1).normal(size=50_000).tolist()
    tracker = Tracker()
    started = time.process_time()
    for value in values:
        tracker.update(value)
    return (time.process_time() - started) / len(values) * 1e6


def main() -> None:
    """Measure each monitor in its own process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 1_000_000])
    parser.add_argument("--only", nargs="*", default=NAMES)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one, options.rows[0])
        return
    lines = ["| monitor | " + " | ".join(f"{r:,} rows" for r in options.rows) + " |",
             "|---|" + "---|" * len(options.rows)]  # fmt: skip
    for name in options.only:
        cells = []
        for rows in options.rows:
            command = [sys.executable, __file__, "--one", name, "--rows", str(rows)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            try:
                found = json.loads(done.stdout.strip().splitlines()[-1])
                cells.append(f"{found['seconds']:.2f} s, {found['megabytes']:.0f} MB")
            except (IndexError, ValueError):
                cells.append("failed")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    lines += ["", f"One streaming observation: {streaming():.1f} µs."]
    text = "\n".join(lines)
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / "speed.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
