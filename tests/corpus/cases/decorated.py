"""Cases of `functions.decorated`."""

from functions import decorated as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right

good(m.price_of, ("abc",), ("abc",), ("",), ("ab", "USD"), (["x"],))
bad(m.price_of, "sku", (b"abc",), ((1, 2),), (frozenset("ab"),))
bad(m.price_of, "currency", ("a", None), ("a", 978))
good(m.squares, (3,), (3,), (0,), (-1,))
right(m.squares, (True,))
good(m.greet, ("Ada",), ("Ada", True), ("",), call(name="x", polite=False))
bad(m.greet, "name", (5,), (None,), (["Ada"],))
bad(m.greet, "polite", ("Ada", "yes"), ("Ada", None))
good(m.slow_sum, ([1, 2],), ([],), ([1], 5), call([2], start=-2))
bad(m.slow_sum, "values", ((1, 2),), (range(3),), ([0.5],), ({1: 2},))
bad(m.slow_sum, "start", ([1], 0.5), ([], None), ([], 1.5))
right(m.slow_sum, ([True], True))
good(m.power, (2, 3), (2, -1), (0, 0), (2.0, 0.5))
bad(m.power, "base", (1j, 2), (1 + 1j, 1))
good("square", (2,), (0,), (-3,), (1.5,), call(2, exponent=3))
good(m.use_section, (["a"],), ([],), (["a", "b"],), ([""],))
bad(m.use_section, "names", (("a", "b"),), ("ab",), ([1],), ({"a"},))
good("render", (5,), ([1, [2]],), ("x",), (None,), ([],))
