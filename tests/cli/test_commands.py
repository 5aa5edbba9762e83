"""The command line answers, and says what to do next when it cannot."""

import json
import os
import shutil
import subprocess
import sys

import pytest

MODULE = '''"""A shop."""
import urllib.request

from poet import poet

RATE = 1.5


def doubled(x):
    """Return twice x."""
    return 2 * x


@poet
def total(prices: list[float], rate: float = RATE) -> float:
    """Return the sum of the prices at a rate."""
    return doubled(sum(prices)) * rate


@poet(domain="api", timeout=2.0)
def fetch(url: str) -> bytes:
    """Return what is at an address."""
    with urllib.request.urlopen(url) as response:
        return response.read()


@poet(domain="ml_monitoring")
def drifted(current, reference):
    return {"drift_detected": False, "score": 0.0}


raise SystemExit("the script part must not run")
'''


def poet(folder, *arguments, **environment):
    """Run the command in a folder, as a person would."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("POET_", "AITOMATIC_"))}
    return subprocess.run(
        [sys.executable, "-c", "from poet.cli import main; main()", *arguments],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with an enhanced module; tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "shop.py").write_text(MODULE)
    done = poet(folder, "enhance", "shop.py")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def shop(made, tmp_path):
    """A copy of the enhanced folder."""
    target = tmp_path / "shop"
    shutil.copytree(made, target, symlinks=True)
    return target


def test_enhance_does_not_run_the_script_and_does_nothing_twice(made):
    """The declarations are loaded; a second run finds everything up to date."""
    done = poet(made, "enhance", "shop.py", "--json")
    assert done.returncode == 0
    results = json.loads(done.stdout)
    assert [r["function"] for r in results] == ["total", "fetch", "drifted"]
    assert all(r["version"] == 1 and not r["fresh"] for r in results)


def test_list_show_and_history(made):
    """What runs, where it came from, and what the gate said."""
    rows = json.loads(poet(made, "list", "--json").stdout)
    assert {(r["function"], r["made by"]) for r in rows} == {
        ("total", "blueprint"), ("fetch", "blueprint"), ("drifted", "blueprint"),
    }  # fmt: skip
    shown = poet(made, "show", "total").stdout
    assert "def perceive(prices, rate):" in shown
    assert "passed: equal on" in shown
    assert poet(made, "show", "total", "--code").stdout.startswith('"""total, enhanced by POET.')
    assert json.loads(poet(made, "show", "total", "--json").stdout)["report"]["passed"] is True
    assert "generation.succeeded" in poet(made, "history", "total").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("show", "totl"), 2, "Did you mean 'total'"),
        (("show", "total", "--version", "v9"), 2, "no version 9"),
        (("show", "total", "--version", "new"), 2, "write v2 or 2"),
        (("show", "total", "--prompt"), 1, "no model was asked"),
        (("enhance", "missing.py"), 2, "there is no file"),
        (("enhance", "shop.py:totl"), 2, "Did you mean 'total'"),
        (("approve", "total"), 1, "waits for approval"),
        (("rollback", "total"), 2, "no earlier version"),
        (("params", "drifted", "alpha=9"), 2, "above 0.5"),
        (("params", "drifted", "nonsense=1"), 2, "alpha"),
        (("feedback", "nonsense", "text"), 2, "not an execution id"),
        (("events", "--since", "yesterday"), 2, "write 30s, 10m, 2h or 3d"),
        (("events", "sweep"), 2, "poet events gc"),
        (("audit", "missing.py"), 2, "there is no file"),
        (("audit", "shop.py", "--format", "xml"), 2, "text, json or sarif"),
    ],
)
def test_mistakes_are_answered_with_what_to_do(made, arguments, code, says):
    """One or two sentences, an exit code, and never a traceback."""
    done = poet(made, *arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_folder_is_answered_with_the_first_step(tmp_path):
    """A newcomer is told how to begin."""
    assert "poet enhance FILE.py" in poet(tmp_path, "list").stdout
    assert poet(tmp_path, "events").returncode == 1


def test_check_is_for_ci(shop):
    """Fresh and unmodified passes; stale or edited does not."""
    assert poet(shop, "check").returncode == 0
    code = shop / ".poet" / "total" / "v1" / "enhanced.py"
    code.write_text(code.read_text() + "# edited\n")
    done = poet(shop, "check")
    assert done.returncode == 1
    assert "changed after it passed the gate" in done.stdout
    module = shop / "shop.py"
    module.write_text(module.read_text().replace("* rate", "/ rate"))
    (shop / ".poet" / "total" / "v1" / "enhanced.py").write_text(
        code.read_text().removesuffix("# edited\n")
    )
    assert "stale" in poet(shop, "check").stdout


def test_an_edited_version_becomes_a_version_of_its_own(shop):
    """The text goes through the gate; the difference can be seen; what is refused says why."""
    code = shop / ".poet" / "total" / "v1" / "enhanced.py"
    code.write_text(code.read_text().replace('"""P: ', '"""P (by hand): '))
    done = poet(shop, "enhance", "shop.py:total")
    assert done.returncode == 0, done.stderr
    assert json.loads(poet(shop, "list", "--json").stdout)[-1]["made by"] == "edited"
    code = shop / ".poet" / "total" / "v2" / "enhanced.py"
    code.write_text("import os\n" + code.read_text())
    done = poet(shop, "enhance", "shop.py:total")
    assert done.returncode == 2
    assert "does not pass the gate" in done.stderr


def test_review_approve_and_roll_back(tmp_path):
    """A version waits, takes over, and is withdrawn."""
    (tmp_path / "shop.py").write_text(MODULE)
    review = {"POET_APPROVAL": "review"}
    assert "It waits for you" in poet(tmp_path, "enhance", "shop.py:total", **review).stdout
    assert poet(tmp_path, "approve", "total").returncode == 0
    assert poet(tmp_path, "enhance", "shop.py:total", "--force").returncode == 0
    assert "are the same" in poet(tmp_path, "diff", "total", "v1", "v2").stdout
    done = poet(tmp_path, "rollback", "total", "--why", "a feeling")
    assert "runs v1" in done.stdout
    assert "a feeling" in poet(tmp_path, "history", "total").stdout


def test_parameters_are_shown_and_set(shop):
    """A learned value takes effect without new code."""
    assert poet(shop, "params", "drifted", "alpha=0.01").returncode == 0
    assert json.loads(poet(shop, "params", "drifted", "--json").stdout)["alpha"] == 0.01
    kept = json.loads((shop / ".poet" / "drifted" / "v1" / "params.json").read_text())
    assert kept == {"alpha": 0.01}


def test_an_ejected_function_does_not_need_poet(shop):
    """It behaves as before, with POET out of reach."""
    assert poet(shop, "eject", "total").returncode == 0
    assert "exists already" in poet(shop, "eject", "total").stderr
    assert poet(shop, "eject", "fetch").returncode == 0
    text = (
        "import sys; sys.modules['poet'] = None\n"
        "from total_ejected import total\n"
        "import fetch_ejected\n"
        "print(total([1.0, 2.0]))\n"
        "try: total(['a'])\n"
        "except TypeError as e: print(e)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=shop, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "9.0"
    assert "prices must be list[float]" in done.stdout


def test_feedback_and_events(shop):
    """An id from the journal is enough to say something about a call."""
    call = "import poet, importlib.util as u, sys\nsys.path.insert(0, '.')\n" \
           "from pathlib import Path\nfrom poet.generate.sandbox.declarations import load_declarations\n" \
           "m = load_declarations(Path('shop.py').resolve(), 'shop')\nprint(poet.run(m.total, [1.0]).id)"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", call], cwd=shop, capture_output=True, text=True, check=False
    )
    identity = done.stdout.strip()
    assert len(identity) == 36, done.stderr
    assert "recorded as" in poet(shop, "feedback", identity, "too high", "--source", "me").stdout
    lines = poet(shop, "events", "--type", "function.feedback", "--json").stdout.splitlines()
    assert json.loads(lines[-1])["payload"]["content"] == "too high"
    assert "total v1" in poet(shop, "events", "--function", "total", "--since", "1h").stdout


def test_audit_in_three_formats(shop):
    """The policy works alone, for people, programs and code hosts."""
    bad = shop / "bad.py"
    bad.write_text("import os\nos.system('true')\n")
    done = poet(shop, "audit", "bad.py")
    assert done.returncode == 1
    assert "bad.py:2: POET-A" in done.stdout
    assert json.loads(poet(shop, "audit", "bad.py", "--format", "json").stdout)["findings"]
    assert (
        json.loads(poet(shop, "audit", "bad.py", "--format", "sarif").stdout)["version"] == "2.1.0"
    )
    good = poet(shop, "audit", ".poet/total/v1/enhanced.py", "--original", "shop.py:total")
    assert good.returncode == 0


def test_config_doctor_and_domains(tmp_path):
    """Each value says where it came from; a key is never printed."""
    (tmp_path / ".env").write_text("# note\nPOET_GENERATE=command\nOPENAI_API_KEY=sk-very-secret\n")
    rows = {r["setting"]: r for r in json.loads(poet(tmp_path, "config", "--json").stdout)}
    assert (rows["generate"]["value"], rows["generate"]["from"]) == ("command", "POET_GENERATE")
    done = poet(tmp_path, "config", POET_GENERATE="never")
    assert "never" in done.stdout
    doctor = poet(tmp_path, "doctor", POET_MODEL="openai:gpt-5")
    assert "sk-very-secret" not in doctor.stdout + doctor.stderr
    assert "candidates run in" in doctor.stdout
    assert "ml_monitoring" in poet(tmp_path, "domains").stdout
    wrong = poet(tmp_path, "config", POET_APPROVAL="maybe")
    assert wrong.returncode == 2
    assert "POET_APPROVAL" in wrong.stderr


def test_demo_shows_the_main_job(tmp_path):
    """The first thing that a newcomer runs works, without a key."""
    done = poet(tmp_path, "demo")
    assert done.returncode == 0, done.stderr
    assert "lengths after 4 requests" in done.stdout
    assert "'drift_detected': True" in done.stdout
