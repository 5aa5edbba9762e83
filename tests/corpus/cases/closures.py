"""Cases of `functions.closures`."""

import numpy as np
from functions import closures as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right

good(m.make_adder, (1,), (0.5,), (-1,), call(amount=2))
bad(m.make_adder, "amount", ("1",), (None,), ([],))
good(m.make_counter, (), (5,), call(start=-1), (None,))
good(m.make_validator, ({},), ({"a": bool},), ({"a": bool}, True), call({}, strict=False))
bad(m.make_validator, "rules", ([],), (None,), ({"a": 5},), ({1: bool},))
bad(m.make_validator, "strict", ({}, "yes"), ({}, None))
good(m.compose, (), (str,), (str, len), (int, abs, str))
bad(m.compose, "functions", ("abc",), (None,), (5, 6))
good(m.make_template, ("{a}",), ("",), ("{",), call(template="x"))
bad(m.make_template, "template", (5,), (None,))
good(m.memoize_last, (str,), (len,), (None,), (abs,))
good("add_shipping", (10,), (0.1,), (-4.9,), (1e9,))
bad("add_shipping", "value", (1j,), (2 + 0j,))
right("add_shipping", (True,), (np.float64(1),), (np.int8(1),))
good("next_number", (), (5,), call(step=0), (-1,), (), ("a",))
good("validate_order", ({"count": 1, "name": "x"},), ({},), ({"count": 0},), ({"name": "", "count": "x"},))
bad("validate_order", "row", ([],), ((),), ("text",))
good("clean", (" A ",), ("",), ("x",), (5,))
good("greet", call(name="Ada"), call(name=""), call(), call(name="x", other=[]))
good("last_square", (2,), (2,), (3,), ("x",))
good(m.apply_twice, (abs, -1), (str, 5), (len, [1]), (lambda x: x, None))
