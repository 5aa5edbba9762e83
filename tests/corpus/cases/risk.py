"""Cases of `functions.risk`."""

from decimal import Decimal
from types import MappingProxyType, SimpleNamespace

import numpy as np
from functions import risk as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


class VipApplicant(m.Applicant):
    pass


ADA = m.Applicant(50_000, 10_000, 40)

good(m.score, (ADA,), (m.Applicant(0),), (m.Applicant(1000, 5000, 20),), (ADA, 700))
bad(m.score, "applicant", (SimpleNamespace(income=5.0, debt=1.0, age=None),))
bad(m.score, "base", (ADA, 600.5), (ADA, Decimal(600)))
right(m.score, (VipApplicant(5000.0),), (ADA, True))
good(m.band, (720,), (600,), (0,), (579.9,))
bad(m.band, "points", (Decimal(700),), (Decimal("12.5"),))
right(m.band, (np.float64(700),), (True,))
good(m.fraud_score, ({},), ({"country": "US", "amount": 5000},), ({"country": "DE", "hour": 3},), ({"amount": 1}, {"foreign": 1.0}))
bad(m.fraud_score, "transaction", ({1: 2},), ({b"country": "DE", "country": "DE"},))
bad(m.fraud_score, "weights", ({}, []), ({}, ""), ({}, {"foreign": 0.1, 5: 1.0}))
right(m.fraud_score, (MappingProxyType({"country": "DE"}),), ({}, {"foreign": 1}))
good(m.monthly_payment, (1000, 0.05, 12), (1000, 0, 10), (0, 0.1, 1), (1000.0, 0.0, 0))
bad(m.monthly_payment, "months", (1000, 0.05, 12.5), (1000, 0.0, 2.5))
right(m.monthly_payment, (np.float64(100), 0, True))
good(m.exposure, ([{"balance": 100}],), ([],), ([{"balance": 1, "pd": 0.5}],), ([{}],))
good(m.decide, (720, Decimal(100)), (600, Decimal(20_000)), (100, Decimal(0)), call(720, Decimal(1), limits={m.Band.LOW: Decimal(0)}))
bad(m.decide, "points", (700.5, Decimal(1)), (Decimal(700), Decimal(1)))
bad(m.decide, "amount", (720, 100), (720, 99.5))
bad(m.decide, "limits", call(720, Decimal(1), limits={"low": Decimal(5)}), call(720, Decimal(1), limits=[]))
good(m.var_at, ([0.1, -0.2, 0.05],), ([0.0],), ([], 0.9), ([1, -1], 0.5))
bad(m.var_at, "returns", ((0.1, -0.2),), ({0.1, -0.2},), (range(-5, 5),))
right(m.var_at, ([1, np.float64(-0.5)], 0.5))
good(m.explain, (700,), (700, ["income"]), (1, ["a", "b", "c"]), (0, [], 1))
bad(m.explain, "points", ("700",), (None,), (700.5,))
bad(m.explain, "reasons", (1, ("a",)), (1, "income"), (1, 0))
right(m.explain, (True, None), (np.int64(5), ["a"], 1))
