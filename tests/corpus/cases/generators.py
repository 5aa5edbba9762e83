"""Cases of `functions.generators`; a generator counts with all its items and its return value."""

from functions import generators as m

from . import Cases, Fresh, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right

good(m.batches, ("abc", 2), ([], 1), (range(4), 2), call(Fresh(lambda: iter("xy")), 5), ([1], -1))
right(m.batches, ([1, 2], True))
good(m.fibonacci, (10,), (0,), (-1,), (1,))
bad(m.fibonacci, "limit", (5.5,), (float("-inf"),))
right(m.fibonacci, (True,))
good(m.read_csv, (["a,b", "1,2"],), ([],), call(["a;b", "1;2\n"], sep=";"), ("ab",))
good(m.averager, (), (), (), call())
good(m.walk, ({"a": 1, "b": {"c": 2}},), ({},), ({"a": {}}, "x."), ({"a": {"b": {"c": None}}},))
right(m.walk, (dict(a=1), ""))
good(m.window, ([1, 2, 3],), ([],), ([1], 2), ("abcd", 3))
good(m.countdown, (3,), (0,), (5, 2), (-1,))
bad(m.countdown, "start", (2.5,), (1.0,))
bad(m.countdown, "step", (2, 0.5), (3, 1.5))
right(m.countdown, (True,))
good(m.failing, (1,), (5,), (0,), (2,))
good(m.interleave, ([1, 2], "ab"), (), ([],), ([1], [2, 3]))
good(m.filtered, *[call(items, keep) for items, keep in (([1, 0], None), ([], bool), ([0], None), ([2], bool))])
bad(m.filtered, "keep", ([], 5), ([], "x"))
