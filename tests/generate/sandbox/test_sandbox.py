"""The sandbox: what each backend stops, and what a worker's answer may be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from poet.errors import SandboxUnavailable
from poet.generate.sandbox import backends, choose
from poet.generate.sandbox.backend import Verdict
from poet.generate.sandbox.plain import Plain
from poet.generate.sandbox.probe import cached_verdict, probe
from poet.generate.sandbox.process import Worker, _read, run_job, warm

HERE = [b for b in backends() if b.missing() is None]
ISOLATING = [b for b in HERE if b.isolates and probe(b).holds]


@pytest.mark.parametrize("backend", ISOLATING, ids=lambda b: b.name)
def test_an_isolating_backend_stops_every_attempt(backend):
    """Writing, reading, TCP, UDP, Unix sockets, signals and memory: all were tried for real."""
    verdict = probe(backend)
    assert verdict.holds, verdict.text()
    assert len(verdict.stopped) >= 7


def test_plain_does_not_claim_to_isolate():
    """The plain process is probed with the same attempts, and does not pass."""
    verdict = probe(Plain())
    assert not Plain().isolates
    assert not verdict.holds
    assert verdict.text().startswith("does not stop")


@pytest.mark.skipif(not ISOLATING, reason="nothing isolates here")
def test_auto_takes_the_best_that_holds():
    """What isolates is preferred."""
    assert choose("auto").name == ISOLATING[0].name


def test_require_fails_closed(monkeypatch):
    """Without isolation, `require` refuses and says what to install."""
    monkeypatch.setattr("poet.generate.sandbox._verdict", lambda name: Verdict(error="not here"))
    with pytest.raises(SandboxUnavailable, match="bubblewrap"):
        choose("require")
    assert choose("auto").name == "plain"


def test_the_verdict_is_remembered(tmp_path, monkeypatch):
    """A backend that holds is probed once for a kernel and an interpreter."""
    if not ISOLATING:
        pytest.skip("nothing isolates here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = cached_verdict(ISOLATING[0])
    kept = list(tmp_path.rglob("sandbox-*.json"))
    assert len(kept) == 1
    assert cached_verdict(ISOLATING[0]) == first


@pytest.mark.parametrize("backend", HERE, ids=lambda b: b.name)
def test_a_killed_worker_leaves_nothing(backend):
    """Closing a worker ends its process, its children and its folder."""
    worker = Worker(backend, ())
    answer = worker.ask(
        {"task": "probe", "outside": "/x", "canary": "/x", "socket": "/x", "port": 1, "pid": 1}, 20
    )
    assert answer.data is not None, answer.output
    scratch = worker.scratch
    worker.close()
    assert not os.path.exists(scratch)
    give_up = time.monotonic() + 5
    while _mentions(scratch) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not _mentions(scratch)


def _mentions(text):
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    return [line for line in listed.splitlines() if text in line]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x80\x04]\x94.", "not data"),
        (b"[1, 2]", "not signed"),
        (json.dumps({"nonce": "guess", "equal": True}).encode(), "not signed"),
        (b"[" * 200_000, "not data"),
        (b"", "not data"),
    ],
)
def test_forged_answers_are_not_taken(raw, why):
    """Pickles, deep nesting, and data without the number of this trial are refused."""
    data, problem = _read(raw, "0123")
    assert data is None
    assert why in problem


def test_the_environment_is_clean(monkeypatch, tmp_path):
    """Nothing of the user's environment reaches the worker."""
    monkeypatch.setenv("MY_SECRET", "hunter2")
    from poet.generate.sandbox.backend import Box

    environment = Plain().environment(Box(tmp_path))
    assert "MY_SECRET" not in environment
    assert environment["POET_ENABLED"] == "0"
    assert environment["HOME"] == str(tmp_path)


def test_warm_workers_are_shared_and_end():
    """Inside `warm()` jobs with one key share a worker; afterwards none is left."""
    from poet.generate.sandbox import process

    job = {"task": "probe", "outside": "/x", "canary": "/x", "socket": "/x", "port": 1, "pid": 1}
    with warm():
        run_job(Plain(), job, readable=(), seconds=20, key="k")
        (kept,) = process._idle.values()
        run_job(Plain(), job, readable=(), seconds=20, key="k")
        assert list(process._idle.values()) == [kept]
    assert not process._idle
    assert not kept.alive


def test_a_worker_does_not_outlive_its_parent(tmp_path):
    """A parent that is killed takes its worker along: the channel closes."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, signal\n"
        "from poet.generate.sandbox.plain import Plain\n"
        "from poet.generate.sandbox.process import Worker\n"
        "w = Worker(Plain(), ())\n"
        "w.ask({'task': 'probe', 'outside': '/x', 'canary': '/x', 'socket': '/x', 'port': 1, 'pid': 1}, 9)\n"
        "print(w._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    pid = int(ran.stdout)
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().split()[2] == "Z":
                    return
        except FileNotFoundError:
            return
        time.sleep(0.05)
    pytest.fail("the worker is still there")


def test_declarations_are_loaded_without_running_the_script(tmp_path):
    """Calls, loops and the main guard are left out; failing assignments can be tolerated."""
    from poet.generate.sandbox.declarations import load_declarations

    file = tmp_path / "script_subject.py"
    file.write_text(
        '"""A script."""\n'
        "from __future__ import annotations\n"
        "import os\n"
        "LIMIT = 3\n"
        "client = missing_factory(key=os.environ['NO_SUCH_KEY'])\n"
        "print('never')\n"
        "for x in range(3): raise SystemExit\n"
        "def double(n: NotDefined) -> int: return n * 2\n"
        "if __name__ == '__main__': raise SystemExit(double(2))\n"
    )
    with pytest.raises(NameError):
        load_declarations(file, "script_subject_a")
    module = load_declarations(file, "script_subject_b", tolerant=True)
    try:
        assert module.LIMIT == 3
        assert module.double(4) == 8
        with pytest.raises(RuntimeError, match="client could not be made here"):
            module.client.get("x")
    finally:
        sys.modules.pop("script_subject_b")
        sys.path.remove(str(tmp_path))
