"""What a person decided stays decided, however many processes start afterwards."""

import json
import os
import subprocess
import sys

import pytest

MODULE = """from poet import poet

@poet
def total(prices: list[float], discount: float = 0.0) -> float:
    return sum(prices) * (1 - discount)
"""


def run(folder, *command, **environment):
    """Run Python in a folder with POET's settings and no others."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("POET_", "AITOMATIC_"))}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def poet(folder, *arguments, **environment):
    """Run the command line in a folder."""
    return run(folder, "-c", "from poet.cli import main; main()", *arguments, **environment)


def call(folder, **environment):
    """Start a program that calls the function once; returns what it printed."""
    done = run(folder, "-W", "ignore", "-c", "from shop import total; print(total([2.0]))",
               **environment)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def versions(folder):
    """Return (status, made by) of each version, oldest first."""
    found = json.loads(poet(folder, "history", "total", "--json").stdout)["versions"]
    return [(v["status"], v["made by"]) for v in found]


@pytest.fixture
def shop(tmp_path):
    """A folder with one decorated function that was never called."""
    (tmp_path / "shop.py").write_text(MODULE)
    return tmp_path


def test_one_version_waits_however_many_processes_start(shop):
    """Under review, a process does not add a copy of what waits already."""
    review = {"POET_APPROVAL": "review"}
    assert [call(shop, **review) for _ in range(2)] == ["2.0", "2.0"]
    again = poet(shop, "enhance", "shop.py", **review)
    assert "It waits for you: poet approve total" in again.stdout
    assert versions(shop) == [("waiting", "blueprint")]


def test_an_edit_waits_once_and_takes_over_when_approved(shop):
    """Under review, an edited text is judged once; until then the plain function runs."""
    review = {"POET_APPROVAL": "review"}
    assert call(shop) == "2.0"
    code = shop / ".poet" / "total" / "v1" / "enhanced.py"
    code.write_text(code.read_text().replace('"""P: ', '"""P (mine): '))
    assert [call(shop, **review) for _ in range(2)] == ["2.0", "2.0"]
    assert versions(shop) == [("edited", "blueprint"), ("waiting", "edited")]
    assert poet(shop, "approve", "total").returncode == 0
    assert poet(shop, "check").returncode == 0
    assert "P (mine)" in poet(shop, "show", "total", "--code").stdout


def test_a_version_that_was_rolled_back_does_not_come_back_by_itself(shop):
    """A later process runs the plain function rather than an equal version; a command may."""
    assert call(shop) == "2.0"
    (shop / "shop.py").write_text(MODULE.replace("(1 - discount)", "(1 - discount) * 2"))
    assert call(shop) == "4.0"
    assert poet(shop, "rollback", "total").returncode == 0
    assert call(shop) == "4.0"
    assert [status for status, _ in versions(shop)] == ["current", "rolled back"]
    assert "v2 was rolled back" in poet(shop, "history", "total").stdout
    assert poet(shop, "enhance", "shop.py").returncode == 0
    assert [status for status, _ in versions(shop)] == ["superseded", "rolled back", "current"]


def test_the_project_can_switch_poet_off(shop):
    """`enabled = false` in `pyproject.toml` runs the plain functions and writes nothing."""
    (shop / "pyproject.toml").write_text("[tool.poet]\nenabled = false\n")
    assert call(shop) == "2.0"
    assert not (shop / ".poet").exists()


def test_strict_raises_where_the_result_contradicts_its_annotation(shop):
    """Asked for, it is no difference that the gate refuses; the note says that the call was made."""
    (shop / "odd.py").write_text(
        "from poet import poet\n@poet(strict=True)\ndef odd(x: int) -> int:\n    return str(x)\n"
    )
    done = run(shop, "-c", "from odd import odd; odd(3)")
    assert "ArgumentError: the result must be int; got '3' (str)" in done.stderr
    assert "Refused by POET after odd ran." in done.stderr


def test_following_events_stops_when_told_to(shop):
    """`--follow` prints what is new, and an interrupt ends it without a traceback."""
    import signal
    import threading

    call(shop)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("POET_", "AITOMATIC_"))}
    with subprocess.Popen(
        [sys.executable, "-c", "from poet.cli import main; main()", "events", "--follow", "--limit",
         "1", "--json"],
        cwd=shop, env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        watch = threading.Timer(30.0, process.kill)
        watch.start()
        first = json.loads(process.stdout.readline())
        call(shop)
        second = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        watch.cancel()
    assert first["type"] == second["type"] == "function.execution"
    assert first["id"] != second["id"]
    assert "Traceback" not in errors
