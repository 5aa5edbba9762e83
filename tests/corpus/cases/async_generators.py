"""Cases of `functions.async_generators`."""

from functions import async_generators as m

from . import Cases, Fresh, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


async def source():
    for item in (1, 2, 3):
        yield item


async def fetch(page):
    return {"items": [page], "next": page + 1 if page < 3 else None}


good(m.ticks, (3,), (0,), (-1,), (1,))
right(m.ticks, (True,))
good(m.stream_words, ("a b",), ("",), ("x y", True), ("  ",))
bad(m.stream_words, "upper", ("a", "yes"), ("a", None), ("a b", 2))
good(m.collect_until, call(Fresh(source), 3), call(Fresh(source), 9), call(Fresh(source), 1), (None, 1))
good(m.mapped, ([1, 2], str), ([], str), (["a"], len), ([1], len))
bad(m.mapped, "items", ((1, 2), str), ("ab", str), ({1}, str))
bad(m.mapped, "function", ([], None), ([], 5))
good(m.pages, (fetch,), (fetch, 3), (fetch, 0), (None,))
good(m.Feed.read, (m.Feed(["a", "b"]),), (m.Feed([]),), (m.Feed(["a", "b"]), 1), (m.Feed(["a"]), 0))
right(m.Feed.read, (m.Feed(["a"]), True), (m.Feed(["a"]), None))
good(m.fail_late, (2,), (5,), (0,), (3, 0))
bad(m.fail_late, "at", (2, "x"), (2, None), (1, 1.5))
good(m.pairs, ([1, 2], [3, 4]), ([], []), ([1], [2, 3]), ([0], [0]))
bad(m.pairs, "left", ((1, 2), [3, 4]), (range(2), [1, 2]), ("ab", [1]))
bad(m.pairs, "right", ([1], ["x"]), ([1], (2,)), ([1], {2}))
