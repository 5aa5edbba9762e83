"""Cases of `functions.collections_`."""

from collections import ChainMap, OrderedDict, UserDict, defaultdict, namedtuple
from types import MappingProxyType

from functions import collections_ as m

from . import Cases, Fresh, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right
Row = namedtuple("Row", "a b")

good(m.chunk, ([1, 2, 3, 4, 5], 2), ([], 3), ("abcde", 2), ((1, 2), 5), ([1], 0))
right(m.chunk, (range(5), 2), ([1, 2], True), (Row(1, 2), 1))

good(m.flatten, ([[1], [2, 3]],), ([],), (("ab", [1]),), ({(1, 2): 0},))
right(m.flatten, (Fresh(lambda: iter([[1], (2,)])),), (["ab", "cd"],))

good(m.group_by, ([1, 2, 3], lambda n: n % 2), ([], len), (["a", "bb", "c"], len), ("aAb", str.lower))
bad(m.group_by, "key", ([], None), ([], "length"), ((), 5))
right(m.group_by, (["a"], str.upper), (["a"], type("Key", (), {"__call__": lambda self, x: x})()))

good(m.unique, ([1, 1, 2],), ("hello",), ([],), ([1, 1.0, True],), ([[]],))

good(m.deep_merge, ({"a": 1}, {"b": 2}), ({"a": {"x": 1}}, {"a": {"y": 2}}), ({}, {}), ({"a": {"x": 1}}, {"a": 5}))
bad(m.deep_merge, "base", ([], {}), ([("a", 1)], {"b": 2}), ((), {"a": 1}))
bad(m.deep_merge, "extra", ({"a": 1}, MappingProxyType({"b": 2})), ({"a": 1}, UserDict(b=2)))
right(m.deep_merge, (OrderedDict(a=1), {}), (defaultdict(int), {"a": 1}))

good(m.top, (["a", "b", "a"],), ([], 2), ("abca", 1), (["x"], 0))
bad(m.top, "words", ([1, 2, 2],), ([("a",)],), ({b"a": 1},), ([None, None],))
bad(m.top, "n", (["a", "b"], None))
right(m.top, (Fresh(lambda: iter("ab")), True), ({"a": 3},))

good(m.first, ([1, 2],), ([],), ([], 5), ("abc",))
right(m.first, (Fresh(lambda: iter([3])),), ({}, None))

good(m.pluck, ([{"a": 1}, {}], "a"), ([], "a"), ([{"a": None}], "a"), ([{"b": 1}], "a"))
bad(m.pluck, "rows", (({"a": 1},), "a"), ([{1: 2}], "a"), ([MappingProxyType({"a": 1})], "a"), ({}, "a"))
bad(m.pluck, "key", ([{"a": 1}], 1), ([{"a": 1}], None), ([], 3))
right(m.pluck, ([OrderedDict(a=1)], "a"))

good(m.get_path, ({"a": {"b": 1}}, "a.b"), ({}, "x"), ({"a": 5}, "a.b", 0), ({"": 1}, ""))
bad(m.get_path, "data", ([1], "0"), (None, "a"), ("text", "t"), ([], "a", 3))
right(m.get_path, (MappingProxyType({"a": 1}), "a"), (ChainMap({"a": 1}), "a"), (UserDict(a=1), "a"))

good(m.rename_keys, ({"a": 1}, {"a": "b"}), ({}, {}), ({"a": 1}, {"x": "y"}), ({"a": 1, "b": 2}, {"a": "b"}))
bad(m.rename_keys, "names", ({"a": 1}, {"a": 5}), ({"a": 1}, {1: "one"}), ({"a": 1}, {"a": None}))
right(m.rename_keys, (OrderedDict(a=1), {"a": "b"}))

good(m.last_n, ([1, 2, 3], 2), ([], 1), ("abc", 0), ([1], 5))
bad(m.last_n, "n", ([1, 2], None))
right(m.last_n, (range(5), True))

good(m.invert, ({"a": "b"},), ({},), ({"a": "x", "b": "x"},), ({"": ""},))
bad(m.invert, "mapping", ({"a": 1},), ({1: "a"},), (UserDict(a="b"),), ({"a": None},))
right(m.invert, (OrderedDict(a="b"),))

good(m.sort_rows, ([{"a": 2}, {"a": 1}], "a"), ([], "a"), call([{"a": 1}, {"a": 2}], "a", reverse=True), ([{"a": 1}],))
good(m.as_list, (None,), ([1],), ("abc",), ((1, 2),), (0,))

good(m.ordered, ([("b", 1), ("a", 2)],), ([],), ([("a", 1), ("a", 0)],), ([("", 0)],))
bad(m.ordered, "pairs", ((("b", 1),),), ({("a", 1)},), ([("a", "1")],), ([("a", None)],))
right(m.ordered, ([("a", True)],))

good(m.zip_rows, (["a", "b"], (1, 2)), (["a"],), call(["a", "b"], (1,), strict=False), (["a", "b"], (1,)))
bad(m.zip_rows, "header", ({"a": 1}, [1]), ([1, 2], (3, 4)), ({"a"}, (1,)))
bad(m.zip_rows, "strict", call(["a"], (1,), strict="yes"), call(["a"], (1,), strict=None))
right(m.zip_rows, ("ab", (1, 2)), (Row("x", "y"), "12"))
