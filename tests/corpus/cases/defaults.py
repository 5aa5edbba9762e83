"""Cases of `functions.defaults`."""

from datetime import timedelta

from functions import defaults as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


class Long(timedelta):
    """As pandas' Timedelta is one."""


good(m.lookup, ({"a": 1}, "a"), ({}, "a"), ({}, "a", None), ({"a": None}, "a", 5))
bad(m.lookup, "key", ({1: 2}, 1), ({}, None, 0), ({}, 1.5, None))
good(m.remember, (1,), (2,), (3, []), call("x", seen=[0]))
good(m.wait_seconds, (), (timedelta(hours=1),), call(factor=2), (timedelta(0), 0))
right(m.wait_seconds, (Long(1),), (Long(0), True))
good(m.limit_rows, ([1, 2],), ([1, 2], 1), ("abc", 2), ((), None))
bad(m.limit_rows, "rows", (None,), (5,), ({"a": 1},), ({1, 2},))
right(m.limit_rows, ([1], None), (range(3), True), ("abc", None))
good(m.patch, ({"name": "a"},), call({}, name=None), call({"name": "a"}, email="x"), ({}, m.Unset))
right(m.patch, call({}, name=5))
good(m.sort_by, ([3, 10, 2],), ([3, 1], abs), call([1, 2], reverse=True), ([],))
bad(m.sort_by, "items", ((3, 1),), ("ba",), ({2, 1},), (range(3),))
bad(m.sort_by, "reverse", call([1, 2], reverse=5), call(["a"], reverse=3))
right(m.sort_by, (["a"], len))
good(m.join_path, ("a", "b"), (), ("/a/",), call("a", "b", sep="."))
good(m.weights, ([1.0, 2.0],), ([1, 2], [3, 1]), ([], []), ([1], [0]))
bad(m.weights, "values", ((1.0, 2.0),), (range(2),), ({1.0},))
bad(m.weights, "weights", ([1.0], (2.0,)), ([1.0, 2.0], {0: 1, 1: 2}))
right(m.weights, ([1, True], None))
good(m.options, call(1, c=2), call(1, 2, 3, 4, c=5, d=6, e=7), call(1, b=2, c=3, a=4), call(1))
good(m.same, (), (1, 1), (..., None), (None, None))
good(m.tagged, ("x",), ("x", ("a", "b")), call("x", extra=frozenset("cb")), ("", ()))
bad(m.tagged, "tags", ("x", ["a"]), ("x", "ab"), ("x", (1, 2)), ("x", {"a"}))
bad(m.tagged, "extra", ("x", (), ["a"]), ("x", (), "b"), ("x", (), {"a"}))
