"""Cases of `functions.numbers`."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
from functions import numbers as m

from . import Cases, Fresh, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right

good(m.add_vat, (100,), (0.0,), (-5.5, 0.07), (1e12,))
right(m.add_vat, (True,), (np.float64(3.5),), (np.int64(3),), (np.float32(0.5), 0), (100, True))

good(m.mean, ([1, 2, 3],), ((1.5, 2.5),), ([],), (range(4),))
bad(m.mean, "values", ({1.0, 2.0},), ({1: "a", 2: "b"},), ({3, 4},))
right(m.mean, ([True, False],), ([np.float64(1), 2],), (range(1, 3),))

good(m.median, ([3, 1, 2],), ([4, 1, 3, 2],), ([],), ((7,),))
good(m.median, call(Fresh(lambda: iter([5, 1, 9]))))

good(m.clamp, (0.5,), (5,), (-1, -2, 3), (2, 3, 1))
bad(m.clamp, "value", (Decimal("0.5"),), (Decimal(3),))
bad(m.clamp, "low", (0.5, Decimal(0)), (5, Decimal(7)))
right(m.clamp, (True,), (np.float32(0.25),), (3, 1, 9))

good(m.percentile, ([1.0, 2.0, 3.0], 50), ([5], 0), ([1, 2], 75.5), ([1, 2], 101))
bad(m.percentile, "values", ((1.0, 2.0, 3.0), 50), ({1, 2}, 50))
bad(m.percentile, "q", ([5], Decimal(0)), ([1, 2], Decimal(50)))
right(m.percentile, ([1, 2, True], 10), ([np.float64(2)], np.int64(50)))

good(m.is_prime, (7,), (1,), (-5,), (9,), (10_007,))
bad(m.is_prime, "n", (1.5,), (-3.7,), (Fraction(1, 2),), (Decimal("1"),))
right(m.is_prime, (True,), (np.int64(13),))

good(m.divide, (6, 3), (1, 4), (1, 0), (Decimal(1), Decimal(3)), ("a", 1))

good(m.safe_ratio, (1, 2), (1, 0), (0, 5), (3, 0, 1.0))
bad(m.safe_ratio, "part", (1.5, 2), (Decimal(3), 4), ("abc", 0), (None, 0))
bad(m.safe_ratio, "whole", (1, 2.5), (1, 0.0))
bad(m.safe_ratio, "default", (1, 0, "n/a"), (1, 2, []))
right(m.safe_ratio, (True, 2), (1, 0, None), (1, 0, 0), (np.int32(1), np.int64(2)))

good(m.round_money, (Decimal("1.005"),), (Decimal("0"),), (Decimal("-2.675"),), (Decimal("1E+3"),))
good(m.compound, (100, 0.05, 10), (0, 0.1, 1), (100.0, 0, 5), call(100, 0.12, 1, per_year=12))
bad(m.compound, "years", (100, 0.05, 1.5), (100, 0.05, Fraction(1, 2)))
bad(m.compound, "per_year", call(100, 0.05, 1, per_year=2.5), call(100, 0.05, 2, per_year=0.5))
right(m.compound, (np.float64(100), 0.05, True), (100, 0, 1))

good(m.digits_of, (123,), (0,), (-45,), (10**20,))
right(m.digits_of, (np.int64(12),))

good(m.celsius, (212,), (32.0,), (-40,), (0,))
bad(m.celsius, "fahrenheit", (3 + 4j,), (0j,))
right(m.celsius, (True,), (np.float64(50),))

good(m.share, (10, 3), (0, 2), (7, 7), (5, 0))
bad(m.share, "total", (10.5, 3), (Fraction(7, 2), 2))
right(m.share, (True, 2), (np.int64(10), 3))

good(m.as_fraction, (1, 3), (2,), (4, -8), (1, 0))
bad(m.as_fraction, "numerator", (Fraction(1, 2),), (Fraction(3), 2))
right(m.as_fraction, (True,))

good(m.running_total, ([1, 2, 3],), ([],), ((0.5, 0.25),), call(Fresh(lambda: (n for n in (1, 2)))))
bad(m.running_total, "values", ([Decimal(1)],), ([1 + 1j, 2],))
right(m.running_total, ({1: "a"},), (range(3),), ({1, 2},), (np.array([1.0, 2.0]),))

good(m.within, (1.0, 1.0), (0.1 + 0.2, 0.3), (1, 2), (float("nan"), 1.0))
bad(m.within, "value", (1j, 1.0), (2 + 1j, 0.5))
bad(m.within, "tolerance", (1.0, 2.0, Decimal(1)), (1.0, 1.0, Decimal(0)))
right(m.within, (1, 1, 0), (np.float32(1), True))
