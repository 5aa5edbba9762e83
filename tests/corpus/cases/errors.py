"""Cases of `functions.errors`."""

from functions import errors as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


def out_of_stock():
    raise m.OutOfStock("tea")


def bug():
    raise RuntimeError("bug", 5)


good(m.reserve, ({"tea": 2}, "tea"), ({"tea": 2}, "tea", 3), ({}, "tea"), ({"tea": 0}, "tea", 0))
bad(m.reserve, "stock", ({"tea": 2.5}, "tea"), ({b"x": 1, "tea": 2}, "tea"))
bad(m.reserve, "count", ({"tea": 2}, "tea", 0.5), ({"tea": 2}, "tea", 1.0))
right(m.reserve, ({"tea": True}, "tea", True))
good(m.validate, ({"name": "a", "count": 1},), ({},), ({"name": "a"},), ({"name": "", "count": 2},))
good(m.parse_config, ("{}",), ("{",), ("",), ('{"a": [1]}',))
bad(m.parse_config, "text", (b"{}",), (bytearray(b'{"a": 1}'),))
good(m.attempt, (dict,), (out_of_stock,), (out_of_stock, 5), (bug,))
good(m.first_error, ([],), ([dict],), ([dict, bug],), ([out_of_stock, bug],))
bad(m.first_error, "tasks", ((),), ((dict,),), ({dict: 1},), ("",))
good(m.positive, (1,), (0,), (-1.5,), (0.1,))
right(m.positive, (True,))
good(m.not_yet, (), ("x",), call(what=""), ("that",))
good(m.item_at, ([1], 0), ([], 0), ({"a": 1}, "b"), ("abc", -1), (None, 0))
good(m.require, (1, int), ("a", int), (None, str, "name"), (True, int))
bad(m.require, "name", (1, int, None), (1, int, 5), (1, int, ["a"]))
good(m.flaky, ({},), ({"calls": 3},), ({}, -1), ({}, 0))
bad(m.flaky, "fail", ({}, 0.5), ({}, 1.5))
right(m.flaky, ({}, True))
