"""Events of executions: the fast form says the same as the slow one."""

import time

import pytest
from uuid_utils import uuid7

from poet.events import Journal
from poet.events.execution import ExecutionWriter


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "events")
    yield journal
    journal.close()


@pytest.mark.parametrize("name", ["app.fetch", 'a"b', "100%", "é%d🙂"])
@pytest.mark.parametrize("service", [None, "50% off"])
@pytest.mark.parametrize("took", [0, 1, 999, 12_345_678, 3_600_000_000_000, -5])
def test_a_plain_success_is_written_as_any_execution_is(journal, name, service, took):
    """The format string and the general path give equal events."""
    writer = ExecutionWriter(journal, function=name, environment="t", service=service)
    started = time.time_ns()
    first, second = str(uuid7()), str(uuid7())
    assert writer.success(first, 7, started, started + took)
    assert writer.write(execution_id=second, version=7, started=started, ended=started + took)
    fast, slow = (journal.find(i) for i in (first, second))
    assert fast.payload == {**slow.payload, "execution_id": first}
    assert (fast.type, fast.timestamp, fast.metadata) == (slow.type, slow.timestamp, slow.metadata)
    assert fast.id == fast.correlation_id == first


def test_errors_are_written_with_type_and_message(journal):
    """Also one whose text cannot be had."""

    class Broken(ValueError):
        def __str__(self):
            raise RuntimeError

    writer = ExecutionWriter(journal, function="f", environment="t", service=None)
    for error, message in ((ValueError("no"), "no"), (Broken(), "")):
        name = str(uuid7())
        assert writer.write(execution_id=name, version=1, started=1, ended=2, error=error)
        payload = journal.find(name).payload
        assert payload["success"] is False
        assert payload["error"]["message"] == message


def test_recorded_values_are_bounded(journal):
    """A large argument is cut, and the event says how large it was."""
    writer = ExecutionWriter(journal, function="f", environment="t", service=None)
    name = str(uuid7())
    writer.write(
        execution_id=name, version=1, started=1, ended=2,
        inputs={"x": "y" * 200_000}, output=[1], recorded=True,
    )  # fmt: skip
    payload = journal.find(name).payload
    assert payload["inputs"]["bytes"] > 200_000
    assert payload["outputs"] == [1]
