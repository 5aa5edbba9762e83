"""How often POET's comparison alarms when nothing drifted, over many more checks; nominal 5 %."""

from __future__ import annotations

import numpy as np

from poet.domains.ml_monitoring.toolkit import compare


def autoregression(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    """Return a series in which each value depends on the one before."""
    series = rng.normal(size=n + 200) * np.sqrt(1 - phi * phi)
    for i in range(1, len(series)):
        series[i] += phi * series[i - 1]
    return series[200:]


def shares(phi: float, n: int, m: int, checks: int) -> float:
    """Return the share of alarms."""
    rng = np.random.default_rng([int(phi * 100), n, m])
    alarms = 0
    for _ in range(checks):
        series = autoregression(rng, n + m, phi) if phi else rng.normal(size=n + m)
        alarms += compare(series[m:], series[:m]).drifted
    return alarms / checks


def main() -> None:
    """Print a Markdown table."""
    print("| rows now / before | independent | AR(1) 0.5 | AR(1) 0.9 |")
    print("|---|---|---|---|")
    for n, m in ((10, 10), (20, 20), (50, 50), (100, 200), (500, 1000), (2000, 5000)):
        cells = [f"{shares(phi, n, m, 3000 if not phi else 400):.1%}" for phi in (0.0, 0.5, 0.9)]
        print(f"| {n:,} / {m:,} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
