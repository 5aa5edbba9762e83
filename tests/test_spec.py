"""What the user asks for is checked where it is written."""

import pytest

from poet.errors import DecorationError
from poet.spec import Example, Spec, make_spec


def test_defaults_are_the_spec_without_options():
    """`@poet` and `@poet()` ask for the same thing."""
    assert make_spec({}) == Spec()


def test_unknown_option_names_the_nearest_one():
    """A typing mistake is answered with the right name."""
    with pytest.raises(DecorationError, match="Did you mean 'timeout'"):
        make_spec({"timeuot": 3})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retries", -1),
        ("retries", True),
        ("retries", 2.5),
        ("timeout", 0),
        ("timeout", "5"),
        ("idempotent", "yes"),
        ("objectives", ["speed"]),
        ("grants", "net:x"),
        ("grants", ["internet"]),
        ("isolation", "thread"),
        ("optimize_for", "sped"),
        ("examples", [1]),
        ("domain", 3),
        ("record", 1),
    ],
)
def test_values_that_cannot_work_are_refused(name, value):
    """A wrong value is an error at decoration, naming the option."""
    with pytest.raises(DecorationError, match=name):
        make_spec({name: value})


def test_examples_come_in_three_forms():
    """A pair, a pair with a tuple of arguments, and a dict mean the same call."""
    spec = make_spec({"examples": [(1, 2), ((1,), 2), {"args": [1], "result": 2}]})
    assert set(map(str, spec.examples)) == {str(Example((1,), {}, 2))}


def test_digest_changes_with_any_option_and_with_nothing_else():
    """The digest names what was asked for, the same in every process."""
    assert make_spec({}).digest == Spec().digest
    assert make_spec({"timeout": 3}).digest != Spec().digest
    first = make_spec({"objectives": {"a": 1, "b": 2}})
    assert first.digest == make_spec({"objectives": {"b": 2, "a": 1}}).digest


def test_digest_of_a_callable_goal_does_not_hold_an_address():
    """Two processes that read the same text ask for the same thing."""

    def goal(result):
        return 0.0

    assert "0x" not in str(make_spec({"optimize_for": goal}).as_dict())
