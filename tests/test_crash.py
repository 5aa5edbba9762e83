"""A process may die at any instant: no acknowledged event is lost, the store opens, the call works."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from poet.events import Journal
from poet.store import folders_in

TIMES = 20

MODULE = """
from poet import poet


@poet
def double(n: int) -> int:
    return n * 2
"""
CALLING = """
import os, sys
import poet
from shop import double
while True:
    ran = poet.run(double, 21)
    os.write(1, ran.id.encode() + b"\\n")
"""
SWITCHING = """
import os
from pathlib import Path
from poet.store import folders_in
(folder,) = folders_in(Path(".poet"))
os.write(1, b"ready\\n")
number = 0
while True:
    number += 1
    with folder.locked():
        version = folder.add({"enhanced.py": TEXT + f"\\n# {number}\\n"}, META)
        folder.make_current(version, "test")
"""
GENERATING = """
import os
os.write(1, b"ready\\n")
from shop import double
double(1)
"""


@pytest.fixture
def shop(tmp_path):
    """A folder with one decorated function."""
    (tmp_path / "shop.py").write_text(MODULE)
    return tmp_path


def start(folder, text):
    """Start a process in the folder; wait until it says something."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("POET_")}
    return subprocess.Popen(
        [sys.executable, "-c", text],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def kill(process, after):
    """Let it run a while, then kill it; return all that it said."""
    first = process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    process.stdout.close()
    return first + rest


def call(folder):
    """Call the function in a fresh process and return what it printed."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from shop import double; print(double(21), double.__poet__.number)",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_killed_during_calls(shop):
    """Each execution id that a caller saw is in the journal afterwards."""
    assert call(shop) == ["42", "1"]
    chance = random.Random(1)
    seen = set()
    for _ in range(TIMES):
        lines = kill(start(shop, CALLING), chance.uniform(0.0, 0.05)).split(b"\n")
        seen.update(line.decode() for line in lines[:-1])  # the last may be torn
    recorded = {
        e.payload["execution_id"]
        for e in Journal(shop / ".poet" / "events").query(type="function.execution")
    }
    assert len(seen) > TIMES
    assert seen <= recorded


def test_killed_during_a_switch_of_versions(shop):
    """The store opens, `current` names a whole version, and the call works."""
    assert call(shop) == ["42", "1"]
    (folder,) = folders_in(shop / ".poet")
    version = folder.current()
    metadata = {
        k: version.metadata[k] for k in ("fingerprint", "spec_digest", "provenance", "report")
    }
    text = SWITCHING.replace("TEXT", repr(version.code())).replace("META", repr(metadata))
    chance = random.Random(2)
    for _ in range(TIMES):
        kill(start(shop, text), chance.uniform(0.0, 0.03))
        (folder,) = folders_in(shop / ".poet")
        current = folder.current()
        assert current is not None
        current.code()
        assert all(v.metadata for v in folder.versions())
    answer, number = call(shop)
    assert answer == "42"
    assert int(number) > 1


def test_killed_during_generation(shop):
    """Whatever is left behind, the next process makes its version and runs."""
    chance = random.Random(3)
    for _ in range(TIMES):
        kill(start(shop, GENERATING), chance.uniform(0.0, 0.6))
    assert call(shop) == ["42", "1"]
    left = [p.name for p in (shop / ".poet" / "double").iterdir() if p.name.endswith(".tmp")]
    assert left == []
