"""Cases of `functions.recursion`."""

from collections import OrderedDict, UserDict

import numpy as np
from functions import recursion as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right

good(m.factorial, (5,), (0,), (-3,), (30,))
bad(m.factorial, "n", (0.5,), (2.5,))
right(m.factorial, (True,), (np.int64(5),))
good(m.flatten_deep, ([1, [2, (3,)]],), (5,), ([],), ("ab",))
good(m.depth, ({},), ({"a": {}},), ({"a": {"b": {"c": 1}}},), ({"a": 1},))
bad(m.depth, "tree", (UserDict(a=1),), (UserDict(),))
right(m.depth, (OrderedDict(a={}),))
good(m.gcd, (12, 18), (0, 5), (7, 0), (-4, 6))
bad(m.gcd, "a", (1.5, 0), ("x", 0), (None, 0), (4.0, 2))
bad(m.gcd, "b", (4, 2.0), (4, 1.5))
right(m.gcd, (True, 2), (np.int64(4), np.int64(6)))
good(m.permutations, ("abc",), ("",), ("a",), ("aa",))
bad(m.permutations, "text", ([],), ((),), ([1],), (b"",))
good(m.redact, ({"password": 1, "a": [{"password": 2}]},), ([],), (None,), ({"x": 1}, frozenset("x")))
bad(m.redact, "keys", ({"a": 1}, ["a"]), ({"a": 1}, "a"), ({"a": 1}, {"a"}))
right(m.redact, (True,), (1.5,))
good(m.is_even, (4,), (3,), (0,), (10,))
good(m.is_odd, (4,), (3,), (0,), (7,))
good(m.fib, (10,), (0,), (1,), (5, {}), call(20, memo=None))
bad(m.fib, "n", (1.5,), (0.5,), (-1.5,))
bad(m.fib, "memo", (1, []), (0, "x"), (3, UserDict()))
good(m.leaves, ({"a": 1, "b": {"c": 2}},), ({},), ({"a": {}},), ({"a": [1]},))
