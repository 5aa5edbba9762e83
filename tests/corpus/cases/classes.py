"""Cases of `functions.classes`."""

from decimal import Decimal

import numpy as np
from functions import classes as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right
ACCOUNT, RICH, SAVER = m.Account("Ada", 500), m.Account("Bob", 10**6), m.Savings("Cy", 1000)
USED = m.Account("Dan")
USED.deposit(5)
USED.deposit(7)
BASKET = m.Basket([("tea", 2.5)])


class Triangle(m.Shape):
    def area(self):
        return 4.5


good(m.Account.deposit, (ACCOUNT, 5), (ACCOUNT, 0), (ACCOUNT, -1), (SAVER, 100))
bad(m.Account.deposit, "amount", (ACCOUNT, 1.5), (ACCOUNT, Decimal("0.5")))
right(m.Account.deposit, (ACCOUNT, True), (ACCOUNT, np.int64(3)), (SAVER, 1))
good(m.Account.withdraw, (ACCOUNT, 5), (RICH, 10**6), call(RICH, 10**6, force=True), (SAVER, 1.5))
good(m.Account.history, (USED,), (USED, 1), (ACCOUNT,), (ACCOUNT, 3))
right(m.Account.history, (USED, True), (USED, None))
good("Account.in_debt", (ACCOUNT,), (m.Account("x", -1),), (SAVER,), (RICH,))
good(m.Account.from_text, ("Ada: 5",), ("Bob",), ("x:y",), ("",))
good("Savings.from_text", ("Ada: 5",), ("Bob",), ("x:y",), (":7",))
good(m.Account.format, (1234,), (0, "$"), (-5,), (99, ""))
bad(m.Account.format, "cents", (12.5,), (1.0,))
bad(m.Account.format, "currency", (5, None), (5, 978))
right(m.Account.format, (True,), (np.int32(100),))
good(m.Account.__eq__, (ACCOUNT, m.Account("Ada", 500)), (ACCOUNT, RICH), (ACCOUNT, 5), (ACCOUNT, None))
good(m.Account.__len__, (ACCOUNT,), (USED,), (SAVER,), (RICH,))
good(m.Account.__add__, (ACCOUNT, RICH), (ACCOUNT, ACCOUNT), (SAVER, ACCOUNT), (USED, SAVER))
right(m.Account.__add__, (ACCOUNT, SAVER))
good(m.Account.__contains__, (USED, 5), (USED, 6), (ACCOUNT, 0), (USED, -5))
bad(m.Account.__contains__, "amount", (USED, "5"), (USED, None), (USED, 5.5))
good(m.Savings.deposit, (SAVER, 100), (SAVER, 0), (m.Savings("x", 0, 0.5), 10), (m.Savings("x", 0, 0), 1))
bad(m.Savings.deposit, "amount", (SAVER, 10.5), (SAVER, 0.25))
good(m.Savings.yearly, (SAVER,), (SAVER, 3), (SAVER, 0), (m.Savings("x", 1), 2))
right(m.Savings.yearly, (SAVER, True))
good(m.Shape.describe, (m.Square(2),), (m.Square(1.5), 3), (Triangle(),), (m.Square(0), 0))
right(m.Shape.describe, (Triangle(), 2))
good(m.Square.area, (m.Square(2),), (m.Square(0.5),), (m.Square(-1),), (m.Square(0),))
good(m.Square.scaled, (m.Square(2), 2), (m.Square(2), 0.5), (m.Square(0), 5), (m.Square(1), -1))
bad(m.Square.scaled, "factor", (m.Square(2), 1j), (m.Square(2), "ab"), (m.Square(3), [1]))
good(m.Point.moved, (m.Point(1),), (m.Point(1, 2), 3, 4), call(m.Point(0), dy=1), (m.Point(1.5), 0.5))
bad(m.Point.moved, "dx", (m.Point(1), 1j), (m.Point(0, 0), 2j))
right(m.Point.moved, (m.Point(1), True), (m.Point(1), np.float32(1)))
good(m.Point.__iter__, (m.Point(1),), (m.Point(1, 2),), (m.Point(0, 0),), (m.Point(1.5, -2),))
good(m.Basket.add, (BASKET, "milk", 1.2), (BASKET, "tea", 0, 2), (m.Basket(), "x", 1), call(BASKET, "y", 1.0, count=0))
bad(m.Basket.add, "name", (BASKET, 5, 1.0), (BASKET, None, 1.0))
bad(m.Basket.add, "price", (BASKET, "x", "1.0"), (BASKET, "x", None))
right(m.Basket.add, (BASKET, "x", 1, True), (BASKET, "x", np.float64(1.5)))
good(m.Basket.__call__, (BASKET, "tea"), (BASKET, "x"), (m.Basket(), ""), (BASKET, "TEA"))
bad(m.Basket.__call__, "name", (BASKET, 5), (BASKET, None), (BASKET, ["tea"]))
good(m.Registry.register, ("a", "b"), ("", ""), call(name="x", handler="y"), ("a", "c"))
bad(m.Registry.register, "handler", ("a", None), ("a", print))
good(m.Registry.__getitem__, (m.Registry(), "zz"), (m.Registry(), ""), (m.Registry(), "q"), (m.Registry(), "1"))
