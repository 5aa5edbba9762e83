"""Feedback finds the execution of a result, and never another thread's."""

import threading
from contextvars import copy_context
from pathlib import Path
from types import SimpleNamespace

import pytest

from poet.errors import ExecutionNotFound
from poet.runtime.executions import KEPT, KEPT_IN_CONTEXT, LARGEST, execution_of, remember

SHOP = SimpleNamespace(name="shop", root=Path("/nowhere/.poet"))


def in_own_context(test):
    """Run a story in a context of its own."""
    return lambda: copy_context().run(test)


@in_own_context
def test_a_container_is_found_by_identity():
    """Equal lists are different results."""
    one, two = [1], [1]
    remember(one, "a", SHOP, 1)
    remember(two, "b", SHOP, 2)
    assert (execution_of(one).id, execution_of(two).id) == ("a", "b")
    assert execution_of(two).version == 2


@in_own_context
def test_a_bare_value_means_the_newest_in_this_context():
    """True could come from many calls; the last one is meant."""
    remember(True, "a", SHOP, 1)
    remember(True, "b", SHOP, 1)
    remember(1, "c", SHOP, 1)
    assert execution_of(True).id == "b"
    assert execution_of(1).id == "c"


@in_own_context
def test_a_bare_value_of_another_thread_is_never_meant():
    """What another thread returned is not this thread's."""
    thread = threading.Thread(target=remember, args=("rare text", "a", SHOP, 1))
    thread.start()
    thread.join()
    with pytest.raises(ExecutionNotFound, match="poet.run"):
        execution_of("rare text")


@in_own_context
def test_an_object_of_another_thread_is_found_while_it_is_unambiguous():
    """An object has an identity; one that several threads were given does not tell which."""
    shared = {"a": 1}
    for name in ("a", "b"):
        thread = threading.Thread(target=remember, args=(shared, name, SHOP, 1))
        thread.start()
        thread.join()
        if name == "a":
            assert execution_of(shared).id == "a"
    with pytest.raises(ExecutionNotFound, match="several"):
        execution_of(shared)


@in_own_context
def test_results_are_not_kept_alive_for_ever():
    """Big containers are not held, small ones are few, objects are held weakly."""

    class Big:
        pass

    import gc
    import weakref

    thing = Big()
    gone = weakref.ref(thing)
    remember(thing, "a", SHOP, 1)
    del thing
    gc.collect()
    assert gone() is None
    huge = [0] * (LARGEST + 1)
    remember(huge, "b", SHOP, 1)
    with pytest.raises(ExecutionNotFound):
        execution_of(huge)
    first = ["first"]
    remember(first, "c", SHOP, 1)
    for number in range(KEPT + KEPT_IN_CONTEXT * 5):
        remember([number], str(number), SHOP, 1)
    with pytest.raises(ExecutionNotFound):
        execution_of(first)


@in_own_context
def test_nothing_known_is_said_clearly():
    """The message says what to do."""
    with pytest.raises(ExecutionNotFound, match="keep its .id"):
        execution_of(object())
