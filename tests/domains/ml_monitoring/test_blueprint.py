"""The blueprint writes a monitor for a stub that passes the domain's own probes."""

from __future__ import annotations

import asyncio
import importlib.util
import operator
from pathlib import Path

import numpy as np
import pytest

from poet.domains import load as load_domain
from poet.domains.ml_monitoring import blueprint, probes
from poet.errors import ArgumentError
from poet.generate.candidate import Candidate, Provenance
from poet.generate.gate import gate
from poet.generate.gate.audit import audit
from poet.generate.gate.contract import check_contract
from poet.generate.gate.manifest import manifest_of
from poet.runtime.loader import load
from poet.source import FunctionSource
from poet.spec import Spec

SPEC = Spec(domain="ml_monitoring")
FILE = Path(__file__).parent / "monitors.py"
_found = importlib.util.spec_from_file_location("monitors", FILE)
monitors = importlib.util.module_from_spec(_found)
_found.loader.exec_module(monitors)

COMPARING = [
    "detect_drift",
    "drift_with_threshold",
    "population_stability_index",
    "is_drifting",
    "is_stable",
    "drift_pair",
    "everything",
    "drifted_columns",
    "nested",
    "check_batch",
    "monitor_report",
    "confident",
    "Monitor.check",
    "Monitor.compare",
]
MONITORS = [*COMPARING, "monitor_feature", "within", "monitor_performance", "check_quality"]
PROBES = [value for name, value in vars(probes).items() if name.startswith("probe_")]


def source_of(name: str) -> FunctionSource:
    return FunctionSource.in_file(FILE, name, module="monitors")


def enhanced(name: str, learned=None):
    text = blueprint.write(source_of(name), SPEC)
    original = operator.attrgetter(name)(monitors)
    loaded = load(text, f"/nowhere/{name}.py", original, name.split(".")[-1], learned)
    return loaded.entry


def normal(n: int, mean: float = 0.0, seed: int = 0):
    return np.random.default_rng(seed).normal(mean, 1, n)


@pytest.mark.parametrize("name", MONITORS)
def test_text_has_the_form_of_a_version_and_passes_the_audit(name):
    """What the blueprint writes needs no exception from the gate's rules."""
    source = source_of(name)
    text = blueprint.write(source, SPEC)
    assert source.is_stub
    assert "toolkit" in text
    assert check_contract(text, source) == []
    assert audit(text, manifest_of(source, SPEC, load_domain("ml_monitoring"))) == []
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("probe", PROBES, ids=lambda p: p.__name__)
@pytest.mark.parametrize("name", COMPARING)
def test_monitor_shows_the_behaviours_of_the_domain(name, probe):
    """Each monitor that compares two sides passes each probe."""
    assert probes.APPLIES(source_of(name))
    probe(enhanced(name))


def test_stub_itself_fails_the_probes():
    """The probes can tell a monitor from a stub."""
    with pytest.raises(AssertionError, match="expected drift"):
        probes.probe_shifted_mean_is_drift(monitors.detect_drift)


def test_readme_example_keeps_keys_and_types():
    """The result has the stub's keys, in order, as plain Python values."""
    result = enhanced("detect_drift")(normal(500, 1.0), normal(500, seed=1))
    assert list(result) == ["drift_detected", "score"]
    assert result["drift_detected"] is True
    assert type(result["score"]) is float
    assert 0.3 < result["score"] < 0.5


def test_unknown_keys_keep_the_stubs_constant_and_the_docstring_says_so():
    """What is not understood is not invented."""
    result = enhanced("drift_with_threshold")(normal(300), normal(300, 1.0, 1).tolist())
    assert result["model"] == "m1"
    assert result["status"] == "drift"
    assert result["threshold"] == 0.05
    assert result["recommendations"]
    assert "`model` is" in blueprint.write(source_of("drift_with_threshold"), SPEC)


def test_arguments_with_a_key_of_their_name_are_repeated():
    """A per-feature monitor says which feature it is about."""
    result = enhanced("monitor_feature")("age", normal(400, 2.0), normal(400, seed=1))
    assert result["feature_name"] == "age"
    assert result["drift"] is True
    assert result["psi"] > 0.25
    assert result["severity"] == "critical"
    assert result["n"] == 400


def test_threshold_parameter_is_the_size_that_counts():
    """The caller's own limit replaces the learned one."""
    function = enhanced("monitor_feature")
    shifted, usual = normal(2000, 0.3, 3), normal(2000, seed=4)
    assert function("age", shifted, usual)["drift"] is True
    assert function("age", shifted, usual, 0.5)["drift"] is False


def test_learned_thresholds_apply():
    """A larger `min_effect` in params.json silences a small change."""
    shifted, usual = normal(2000, 0.3, 3), normal(2000, seed=4)
    assert enhanced("detect_drift")(shifted, usual)["drift_detected"] is True
    quiet = enhanced("detect_drift", {"min_effect": 0.5})
    assert quiet(shifted, usual)["drift_detected"] is False


def test_confidence_is_one_minus_the_false_alarm_rate():
    """confidence_level=1.0 never alarms."""
    function = enhanced("confident")
    assert function(normal(300, 1.0), normal(300, seed=1))["is_drift"] is True
    assert function(normal(300, 0.2), normal(300, seed=1), 0.999999)["is_drift"] is False
    assert function(normal(300, 1.0), normal(300, seed=1))["features"]["value"]["drifted"] is True


def test_stable_means_no_drift():
    """A function that asks the opposite question gets the opposite answer."""
    assert enhanced("is_stable")(normal(300), normal(300)) is True
    assert enhanced("is_stable")(normal(300, 1.0), normal(300, seed=2)) is False


def test_nested_results_are_filled_and_the_rest_kept():
    """Keys inside a dict are read like those outside."""
    result = enhanced("nested")(normal(300, 1.0), normal(300, seed=2))
    assert result["drift"]["detected"] is True
    assert result["meta"] == {"owner": "ml-team"}


def test_async_stub_stays_async():
    """The entry of a coroutine function is one."""
    function = enhanced("check_batch")
    result = asyncio.run(function({"a": normal(300, 2.0)}, {"a": normal(300, seed=2)}))
    assert result["alert"] is True
    assert result["drifted_features"] == ["a"]
    assert "a: higher" in result["message"]


def test_method_compares_with_the_reference_of_its_object():
    """`self.reference_data` is found in the class."""
    check = enhanced("Monitor.check")
    monitor = monitors.Monitor({"a": normal(300), "b": normal(300, seed=1)})
    result = check(monitor, {"a": normal(300, 2.0, 5), "b": normal(300, seed=7)})
    assert result["drifted_features"] == ["a"]


def test_one_table_is_compared_with_itself_in_time():
    """A single argument is split into an older and a newer half."""
    within = enhanced("within")
    assert within(normal(400))["drift_detected"] is False
    assert within(np.concatenate([normal(200), normal(200, 1.5)]))["drift_detected"] is True


def test_performance_is_judged_against_a_baseline():
    """Accuracy and F1 are those of the data; a clear drop below the baseline is said."""
    truth = [0, 1] * 100
    wrong = [1 - t if i % 4 == 0 else t for i, t in enumerate(truth)]
    result = enhanced("monitor_performance")(truth, wrong, 0.95)
    assert result["accuracy"] == 0.75
    assert result["degraded"] is True
    assert result["n_samples"] == 200
    assert enhanced("monitor_performance")(truth, truth)["f1"] == 1.0


def test_quality_of_one_table():
    """Missing values and constants are issues."""
    result = enhanced("check_quality")({"a": [1.0, None, 3.0], "b": [1, 1, 1]})
    assert result["ok"] is False
    assert result["missing"]["a"] == pytest.approx(1 / 3)
    assert result["rows"] == 3


def test_a_parameter_called_report_does_not_clash():
    """Local names give way to the user's."""
    result = enhanced("monitor_report")(normal(300, 1.0), normal(300, seed=2))
    assert result == {"drift": True, "confidence": result["confidence"], "owner": "report."}


def test_what_is_no_data_is_rejected_with_a_name():
    """None is an error that names the argument; an empty list is not."""
    with pytest.raises(ArgumentError, match="reference_data is None"):
        enhanced("detect_drift")([1.0], None)


@pytest.mark.parametrize("name", ["health", "scale"])
def test_functions_that_are_no_monitors_get_reliability(name):
    """The domain does not invent a monitor for what has no data."""
    text = blueprint.write(source_of(name), SPEC)
    assert "toolkit" not in text


def test_goal_for_false_alarms_sets_the_default():
    """`objectives={"false_alarm_rate": …}` becomes the declared default."""
    spec = Spec(domain="ml_monitoring", objectives={"false_alarm_rate": {"target": 0.01}})
    assert "Param(0.01" in blueprint.write(source_of("detect_drift"), spec)


@pytest.mark.parametrize("name", ["detect_drift", "Monitor.check"])
def test_gate_lets_it_through(name):
    """The whole gate, with its sandbox and the domain's probes."""
    source, domain = source_of(name), load_domain("ml_monitoring")
    provenance = Provenance(ladder="blueprint", domain="ml_monitoring")
    report = gate(Candidate(blueprint.write(source, SPEC), provenance), source, SPEC, domain)
    assert report.passed, report.text()


def test_settings_that_are_no_numbers_are_rejected():
    """Also where the stub has no annotations."""
    with pytest.raises(ArgumentError, match="confidence_level"):
        enhanced("confident")([1.0], [1.0], "high")
    with pytest.raises(ArgumentError, match="min_effect"):
        enhanced("monitor_feature")(3, [1.0], [1.0], "much")
