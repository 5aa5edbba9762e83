"""Compare drift monitors: `python benchmarks/drift/run.py`.

The first run makes an environment of its own beside this file (`.venv`, not committed), with the
peers and this checkout; nothing else of your machine is changed. About a quarter of an hour on two
cores; `--seeds 3` for a quick look.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEERS = ["evidently", "nannyml", "alibi-detect", "frouros", "river"]


def environment() -> Path:
    """Return the Python of the benchmark's own environment, made if it is not there."""
    python = HERE / ".venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not (HERE / ".venv" / "ready").exists():
        print("Making benchmarks/drift/.venv with the peers (some minutes, once) …", flush=True)
        venv.create(HERE / ".venv", with_pip=True)
        for peer in PEERS:  # one by one: their pins contradict each other in places
            subprocess.run([python, "-m", "pip", "install", "-q", peer], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-e", f"{ROOT}[ml]"], check=True)
        (HERE / ".venv" / "ready").touch()
    return python


def write_docs() -> None:
    """Put the tables between their marks in the guide."""
    guide = ROOT / "docs" / "ml_monitoring.md"
    text = guide.read_text(encoding="utf-8")
    for name in ("detection", "level", "speed"):
        result = HERE / "results" / f"{name}.md"
        if result.exists():
            head, rest = text.split(f"<!-- {name} -->", 1)
            _, tail = rest.split(f"<!-- /{name} -->", 1)
            table = result.read_text(encoding="utf-8").strip()
            text = f"{head}<!-- {name} -->\n{table}\n<!-- /{name} -->{tail}"
    guide.write_text(text, encoding="utf-8")


def main() -> None:
    """Compare verdicts, count false alarms, measure speed, write the guide's tables."""
    if sys.argv[1:] == ["--docs"]:  # only what was measured before
        write_docs()
        return
    python = environment()
    subprocess.run([python, HERE / "detection.py", *sys.argv[1:]], check=True, cwd=HERE)
    level = subprocess.run([python, HERE / "level.py"], check=True, cwd=HERE, capture_output=True)
    (HERE / "results" / "level.md").write_bytes(level.stdout)
    subprocess.run([python, HERE / "speed.py"], check=True, cwd=HERE)
    write_docs()


if __name__ == "__main__":
    main()
