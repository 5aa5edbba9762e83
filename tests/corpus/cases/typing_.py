"""Cases of `functions.typing_`."""

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
from functions import typing_ as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right
MOVIE = {"title": "Alien", "year": 1979}
ADA = m.Customer("Ada")

good(m.label, (MOVIE,), (MOVIE, True), ({"title": "", "year": 0, "rating": 1.5},), ({"title": "x", "year": 1, "rating": 2.0}, False))
bad(m.label, "movie", ({"title": "x"},), ({"title": 5, "year": 1},), ({"title": "x", "year": "1979"},), ({"title": "x", "year": 1, "rating": "good"},))
right(m.label, ({**MOVIE, "rating": 5},), ({**MOVIE, "more": 1},))
good(m.hex_of, (m.Color.RED,), (m.Color.GREEN,), call(color=m.Color.RED), (m.Color("green"),))
bad(m.hex_of, "color", ("red",), (None,), (m.Level.LOW,))
good(m.promote, (ADA,), (ADA, m.Level.LOW), (m.Customer("x", m.Level.HIGH),), call(customer=ADA))
bad(m.promote, "level", (ADA, "high"), (ADA, 2), (ADA, None))
good(m.describe_user, (m.UserId(1), {m.UserId(1): "x"}), (2, {}), (3, {3: "y"}), (0, {1: "z"}))
bad(m.describe_user, "user_id", ("1", {}), (None, {}), (1.5, {}))
bad(m.describe_user, "names", (1, {"1": "x"}), (1, {1: 5}))
right(m.describe_user, (True, {}), (np.int64(1), {1: "x"}))
good(m.align, ("a",), ("a", "right"), ("abc", "left", 2), call("", width=3))
bad(m.align, "side", ("a", "middle"), ("a", None), ("a", "LEFT"), ("a", 1))
good(m.area, (m.Size(2, 3),), (m.Size(2),), (m.Size(0, 5),), (m.Size(-1, 1),))
bad(m.area, "size", ((2, 3),), ([2, 3],), ([1, 2, 3],))
good(m.hello, (ADA,), (SimpleNamespace(name="x"),), (m.Customer(""),), call(thing=ADA))
bad(m.hello, "thing", ("Ada",), (None,), (5,))
good(m.twice, (2,), (1.5,), (0,), (-1,))
bad(m.twice, "value", ("ab",), ([1],), (1j,))
right(m.twice, (True,), (np.float64(1),))
good(m.as_percent, (5,), (5.25, 1), (0,), (-1.5, 2))
bad(m.as_percent, "value", (Decimal("1.5"),), (1j,))
right(m.as_percent, (np.float32(1), 1))
good(m.post, ([1], Decimal(1)), ([], Decimal("0.5")), ((), Decimal(0)), (range(2), Decimal(1)))
right(m.post, ([1], Decimal(2)))
good(m.parse, ("5",), (b"5.5",), ("x",), ("",))
good(m.make, (int, "5"), (list,), (str, 5), (dict, [(1, 2)]))
bad(m.make, "kind", (len, "abc"), (lambda: 5,), (abs, -5))
good(m.push_all, (m.Stack(), [1]), (m.Stack(), ()), (m.Stack().push(0), ["a"]), (m.Stack(), (1, 2)))
bad(m.push_all, "items", (m.Stack(), "ab"), (m.Stack(), {1}), (m.Stack(), range(2)), (m.Stack(), {"a": 1}))
good(m.compare, (1, 2), (2.5, 1), (1,), (3, 3.0))
bad(m.compare, "left", ("a",), ("a", "a"), (None,))
bad(m.compare, "right", (1, Decimal(2)), (1, Decimal(1)))
right(m.compare, (True, np.float64(1)), (1, None))
