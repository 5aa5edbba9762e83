"""The trial: loud about what a candidate attempts, and the same in every sandbox."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from poet.generate.sandbox import backends
from poet.generate.sandbox.probe import probe
from poet.source import FunctionSource

_spec = importlib.util.spec_from_file_location("trying", Path(__file__).with_name("trying.py"))
trying = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(trying)
attempt = trying.attempt

PRICE = """
    def price(amount: float, rate: float = 0.2) -> float:
        if amount < 0:
            raise ValueError("negative")
        return round(amount * (1 + rate), 2)
"""
USABLE = ["plain"] + [
    b.name for b in backends() if b.isolates and not b.missing() and probe(b).holds
]


@pytest.fixture(params=USABLE)
def sandbox(request, monkeypatch):
    """Each backend of this machine in turn."""
    chosen = next(b for b in backends() if b.name == request.param)
    monkeypatch.setattr("poet.generate.gate.trial.choose", lambda mode: chosen)
    return request.param


def test_a_faithful_candidate_passes(tmp_path, sandbox):
    """Calling the original and nothing else is equal everywhere."""
    tried = attempt(tmp_path, PRICE, "price")
    assert tried.passed, tried.text()
    assert tried.agreement.summary.startswith("equal on ")
    assert tried.result.figures["sandbox"].startswith(sandbox)


HOSTILE = {
    "reads a secret": ("open('/etc/passwd').read()", "read /etc/passwd"),
    "writes a file": ("open('/tmp/poet-was-here', 'w').write('x')", "write /tmp/poet-was-here"),
    "starts a program": ("import subprocess; subprocess.run(['id'])", "subprocess.Popen"),
    "uses the shell": ("import os; os.system('id')", "os.system"),
    "forks": ("import os; os.fork()", "os.fork"),
    "connects": ("import socket; socket.create_connection(('127.0.0.1', 9), 1)", "socket."),
    "resolves a name": (
        "import socket; socket.getaddrinfo('example.com', 80)",
        "socket.getaddrinfo",
    ),
    "sends a datagram": (
        "import socket; socket.socket(2, 2).sendto(b'x', ('127.0.0.1', 9))",
        "socket.sendto",
    ),
    "signals the parent": ("import os; os.kill(os.getppid(), 9)", "os.kill"),
    "deletes": ("import os; os.remove('/etc/hostname')", "os.remove"),
    "changes its folder": ("import os; os.chdir('/')", "os.chdir"),
    "uses ctypes": ("import ctypes; ctypes.CDLL(None)", "ctypes"),
    "lists the home": ("import os; os.listdir(os.path.expanduser('~root'))", "list /root"),
    "evaluates": ('import builtins; builtins.exec("x = 1")', "exec"),
    "starts a thread": (
        "import threading; threading.Thread(target=len, args=('',)).start()",
        "start a thread",
    ),
    "hooks": ("import sys; sys.settrace(None)", "sys.settrace"),
    "looks at frames": ("import sys; sys._getframe(1)", "sys._getframe"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_each_attempt_is_a_finding(tmp_path, case):
    """Even when it was stopped, and the candidate swallows the error and answers rightly."""
    line, told = HOSTILE[case]
    operate = f"""
        try:
            {line}
        except BaseException:
            pass
        return original(amount, rate)
    """
    tried = attempt(tmp_path, PRICE, "price", operate)
    assert not tried.passed, tried.text()
    assert any(part in tried.text() for part in told.split("|")), tried.text()
    assert not os.path.exists("/tmp/poet-was-here")


def test_an_attempt_is_told_with_its_line(tmp_path):
    """The finding points at the candidate's own line."""
    tried = attempt(tmp_path, PRICE, "price", "open('/etc/passwd')\nreturn original(amount, rate)")
    (finding,) = [f for f in tried.findings if f.rule == "POET-T201"]
    assert finding.line == 10


STATE = {
    "environment variables": "import os; os.environ['POET_X'] = '1'",
    "recursion limit": "import sys; sys.setrecursionlimit(5000)",
    "warning filters": "import warnings; warnings.simplefilter('ignore')",
    "logging": "import logging; logging.disable(50)",
    "signal handlers": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "socket timeout": "import socket; socket.setdefaulttimeout(1)",
    "garbage collector": "import gc; gc.disable()",
    "decimal context": "import decimal; decimal.getcontext().prec = 3",
    "module's globals": "original.__globals__['RATE'] = 2",
    "module's names": "original.__globals__['helper'] = len",
    "built-in names": "import builtins; builtins.helper = len",
}


@pytest.mark.parametrize("what", STATE)
def test_a_changed_process_is_a_finding(tmp_path, what):
    """State that would stay changed in the user's process is told by name."""
    text = "RATE = 1\ndef helper(): return 1\n" + trying.textwrap.dedent(PRICE)
    tried = attempt(tmp_path, text, "price", f"{STATE[what]}\nreturn original(amount, rate)")
    assert "POET-T202" in tried.rules, tried.text()
    assert what in tried.text()


def test_printing_at_load_is_a_finding(tmp_path):
    """A module that prints when it is imported prints in the user's program."""
    tried = attempt(tmp_path, PRICE, "price", head="print('hello')")
    assert "POET-T203" in tried.rules


def test_what_cannot_be_loaded_is_refused(tmp_path):
    """The loading error is the finding."""
    tried = attempt(tmp_path, PRICE, "price", head="1 / 0")
    assert "POET-T005" in tried.rules
    assert "ZeroDivisionError" in tried.text()


def test_a_crash_is_told(tmp_path, sandbox):
    """A candidate that kills its process has failed the trial, not the user's process."""
    tried = attempt(tmp_path, PRICE, "price", "import os\nos._exit(7)")
    assert "POET-T004" in tried.rules, tried.text()


def test_too_much_memory_is_an_error_in_the_call(tmp_path):
    """A gigabyte more than the imports need is the limit."""
    tried = attempt(
        tmp_path, PRICE, "price", "x = bytearray(3 << 30)\nreturn original(amount, rate)"
    )
    assert "MemoryError" in tried.text()
    assert not tried.passed


def test_an_endless_loop_is_a_difference(tmp_path):
    """Each call has its time, and all together too."""
    tried = attempt(
        tmp_path, PRICE, "price", "while amount == 42: pass\nreturn original(amount, rate)"
    )
    assert not tried.passed
    assert "does not end" in tried.text()


def test_the_originals_own_effects_do_not_happen(tmp_path):
    """A function that deletes, sends or starts programs is called, and nothing happens."""
    victim = tmp_path / "victim"
    victim.write_text("here")
    text = f"""
        import os, subprocess
        def purge(days: int) -> int:
            os.remove({str(victim)!r})
            subprocess.run(["touch", {str(tmp_path / "made")!r}])
            return days
    """
    tried = attempt(tmp_path, text, "purge")
    assert victim.exists()
    assert not (tmp_path / "made").exists()
    assert tried.passed, tried.text()


def test_importing_has_no_effects_either(tmp_path):
    """A module that works when it is imported is loaded by its declarations only."""
    made = tmp_path / "made"
    text = f"""
        import os
        LIMIT = 10
        open({str(made)!r}, "w").write("x")
        def double(n: int) -> int:
            return min(n * 2, LIMIT)
        double(2)
        if __name__ == "__main__":
            raise SystemExit(double(1))
    """
    tried = attempt(tmp_path, text, "double")
    assert not made.exists()
    assert tried.passed, tried.text()
    assert tried.agreement.figures["equal"] > 20


def test_files_of_its_own_folder_are_compared(tmp_path):
    """Writing is possible in the trial's folder, and what is written is part of the outcome."""
    text = """
        def save(path: str, text: str) -> int:
            with open(path, "w") as file:
                return file.write(text)
    """
    assert attempt(tmp_path, text, "save").passed
    other = 'with open(path, "w") as file:\n    file.write(text.upper())\nreturn len(text)'
    tried = attempt(tmp_path, text, "save", other)
    assert not tried.passed
    assert "leaves other files" in tried.text()
    twice = "original(path, text)\nreturn original(path, text)"
    assert "POET-G311" in attempt(tmp_path, text, "save", twice).rules


def test_closures_are_rebuilt_from_their_values(tmp_path):
    """Values that are data are carried; what cannot be had is a note, and no failure."""
    text = """
        def make_adder(amount: float):
            def add(value: float) -> float:
                return value + amount
            return add
    """
    name = "make_adder.<locals>.add"
    tried = attempt(tmp_path, text, name, closure={"amount": 3.0})
    assert tried.passed, tried.text()
    assert tried.agreement.figures["equal"] > 20
    wrong = attempt(tmp_path, text, name, "return value + 4", closure={"amount": 3.0})
    assert not wrong.passed
    untold = attempt(tmp_path, text, name, closure={"amount": object()})
    assert untold.passed
    assert "not tried: it closes over amount" in untold.text()


def test_methods_async_and_generators(tmp_path):
    """Every kind of function is called as its callers would."""
    text = """
        from dataclasses import dataclass
        @dataclass
        class Cart:
            owner: str
            items: list[float]
            def total(self, discount: float = 0.0) -> float:
                self.owner = self.owner.strip()
                return sum(self.items) - discount
            @classmethod
            def empty(cls, owner: str) -> "Cart":
                return cls(owner, [])
            @staticmethod
            def cheap(price: float) -> bool:
                return price < 10
        async def fetch(n: int) -> int:
            import asyncio
            await asyncio.sleep(3600)
            return n + 1
        def countdown(n: int):
            while n > 0:
                yield n
                n -= 1
    """
    for name in ("Cart.total", "Cart.empty", "Cart.cheap", "fetch", "countdown"):
        tried = attempt(tmp_path, text, name)
        assert tried.passed, (name, tried.text())
        assert tried.agreement.figures["answered"] >= 8, name
    assert not attempt(tmp_path, text, "Cart.total", "return sum(self.items) - discount").passed
    assert not attempt(tmp_path, text, "fetch", "return n + 2").passed
    assert not attempt(tmp_path, text, "countdown", "yield from range(n, -1, -1)").passed


def test_scripts_are_not_run(tmp_path):
    """A function of a program is taken from its declarations."""
    tried = attempt(tmp_path, PRICE + "\n    import sys\n    sys.exit(3)\n", "price")
    assert tried.passed, tried.text()


def test_the_result_is_the_same_each_time(tmp_path):
    """Inputs, chance and clock are held: two trials find the same."""
    text = """
        import random, time, uuid, datetime
        def ticket(name: str) -> tuple:
            return (name, random.random(), time.time(), uuid.uuid4(), datetime.datetime.now())
    """
    first, second = attempt(tmp_path, text, "ticket"), attempt(tmp_path, text, "ticket")
    assert first.passed, first.text()
    assert first.result.original == second.result.original


def test_probes_are_run(tmp_path):
    """The domain's probes judge the candidate in the sandbox."""
    tried = attempt(tmp_path, PRICE, "price")
    assert tried.result.figures["probes"] >= 1


def test_source_of_the_trial_is_the_text_that_was_loaded():
    """Nested names are found by their place."""
    source = FunctionSource.in_text(
        "def a():\n    def b(x):\n        return x\n    return b\n", "a.<locals>.b", module="m"
    )
    assert source.name == "b"


def test_clients_made_at_import_are_no_obstacle(tmp_path):
    """A module that needs a key when it is imported is loaded without that client."""
    text = """
        import os
        KEY = os.environ["NO_SUCH_KEY"]
        def shout(text: str) -> str:
            return text.upper()
        def signed(text: str) -> str:
            return KEY + text
    """
    tried = attempt(tmp_path, text, "shout")
    assert tried.passed, tried.text()
    assert tried.agreement.figures["answered"] > 20
    assert "compared mostly on exceptions" in attempt(tmp_path, text, "signed").text()


def test_grants_are_kept(tmp_path):
    """What the spec allows is no finding, and nothing more."""
    operate = "try:\n    open('data/regions.json').read()\nexcept OSError:\n    pass\nreturn original(amount, rate)"
    assert not attempt(tmp_path, PRICE, "price", operate).passed
    granted = attempt(tmp_path, PRICE, "price", operate, grants=["fs.read:data/"])
    assert granted.passed, granted.text()
    env = "import os\nos.environ.get('APP_REGION')\nreturn original(amount, rate)"
    assert "read the environment: APP_REGION" in attempt(tmp_path, PRICE, "price", env).text()
    assert attempt(tmp_path, PRICE, "price", env, grants=["env:APP_REGION"]).passed
