"""Events: their form, and that nothing is refused for its content."""

from pathlib import Path

import orjson
import pytest

from poet.events import TYPES, Event
from poet.events.envelope import dumps


def test_an_event_survives_its_line():
    """What is written is what is read."""
    event = Event.new("function.feedback", {"execution_id": "x", "content": "né 🙂\n"}, service="s")
    assert Event.parse(event.line()) == event
    assert event.line().count(b"\n") == 1


def test_an_event_of_unknown_type_is_refused():
    """A typing error would hide events from every reader."""
    with pytest.raises(ValueError, match="function.exekution"):
        Event.new("function.exekution", {})


def test_an_event_over_one_megabyte_is_refused():
    """The limit is named in the message."""
    with pytest.raises(ValueError, match="1,000,000"):
        Event.new("function.feedback", {"content": "x" * 1_000_001}).line()


def test_correlation_is_the_execution_the_event_speaks_of():
    """Feedback can be joined with its execution without looking into the payload."""
    assert Event.new("function.feedback", {"execution_id": "e"}).correlation_id == "e"
    alone = Event.new("version.stored", {})
    assert alone.correlation_id == alone.id


def test_ids_sort_by_time_and_differ_between_forked_processes():
    """Ids made right after a fork in parent and child are different."""
    import os

    ids = [Event.new("version.stored", {}).id for _ in range(1000)]
    assert ids == sorted(set(ids))
    reader, writer = os.pipe()
    for _ in range(2):
        child = os.fork()
        if child == 0:
            os.write(writer, Event.new("version.stored", {}).id.encode())
            os._exit(0)
        os.waitpid(child, 0)
    both = os.read(reader, 200).decode() + Event.new("version.stored", {}).id
    assert len({both[:36], both[36:72], both[72:]}) == 3


class Odd:
    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "value", [2**100, {1: 2}, {(1, 2): 3}, {3, 4}, "\ud800", float("nan"), b"raw", [[2**80]]]
)
def test_any_value_becomes_json(value):
    """Values that JSON does not know are written as text, never refused."""
    assert orjson.loads(dumps({"v": value})).keys() == {"v"}


def test_a_value_that_cannot_be_shown_becomes_its_type():
    """A failing __repr__ of the user's class loses no event."""
    assert orjson.loads(dumps([Odd()])) == ["<Odd>"]


def test_types_are_one_table():
    """Each type has a meaning in words."""
    assert all("." in name and meaning for name, meaning in TYPES.items())


def test_every_type_is_documented():
    """The table in the docs is the table in the code."""
    page = (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")
    for name, meaning in TYPES.items():
        assert f"| `{name}` | {meaning} |" in page
