"""What POET keeps, refuses and enhances over the corpus of ordinary functions.

    python benchmarks/corpus.py [MODULE …] [--keep FOLDER]

Every function of tests/corpus is decorated without any option but its domain, in a copy in a
temporary folder; each case is called on the plain and on the enhanced function, and the two are
compared strictly: type and value, exception, arguments after the call, output, log, files and
requests to a local server. No model is asked. The exit status is 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT, REJECTED, ENHANCED = 1.0, 0.90, 0.95  # the shares that POET promises


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("modules", nargs="*", help="modules of the corpus; default: all")
    parser.add_argument("--keep", type=Path, help="leave the copy with its .poet/ in this folder")
    options = parser.parse_args()
    os.environ.pop("POET_MODEL", None)
    os.environ["POET_SERVICE"] = "corpus"
    sys.path.insert(0, str(ROOT / "tests"))
    from corpus.measure import measure

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="poet-corpus-") as temporary:
        figures = measure(options.keep or Path(temporary), options.modules)
    lines = [
        ("behaviour kept", figures.kept, KEPT),
        ("right calls answered", figures.right, KEPT),
        ("violations rejected", figures.rejected, REJECTED),
        ("… naming argument, expected, given", figures.named, 1.0),
        ("enhanced at the first call", figures.enhanced, ENHANCED),
    ]
    for title, figure, _ in lines:
        for miss in figure.misses:
            print(f"{title} ✗ {miss}")
    for miss in figures.unsound:
        print(f"the corpus is wrong ✗ {miss}")
    print(f"\n{figures.functions} functions, {figures.seconds:.0f} s")
    for title, figure, target in lines:
        mark = "✓" if figure.share >= target else "✗"
        print(f"{mark} {title:38} {figure!s:24} target {target:.0%}")
    return 0 if all(figure.share >= target for _, figure, target in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
