"""Cases of `functions.pandas_`."""

import pandas as pd
from functions import pandas_ as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


class Frame(pd.DataFrame):
    """A subclass, as geopandas has one."""


SALES = pd.DataFrame({"shop": ["a", "b", "a"], "amount": [1.0, 2.0, None]})
EMPTY = pd.DataFrame({"shop": [], "amount": []})
ODD = pd.DataFrame({" First Name": ["x"], "Qty ": [1]})
SERIES = pd.Series([1.0, 2.0, 1.5, 100.0], name="x")

good(m.drop_empty, (SALES,), (SALES, "any"), (EMPTY,), (ODD,))
bad(m.drop_empty, "frame", (SERIES,))
right(m.drop_empty, (Frame(SALES),))
good(m.clean_columns, (ODD,), (SALES,), (EMPTY,), (pd.DataFrame({1: [2]}),))
good(m.total_by, (SALES, "shop"), (EMPTY, "shop"), (SALES, "nothing"), (ODD, " First Name", "Qty "))
bad(m.total_by, "key", (SALES, ["shop"]), (SALES, pd.Series([1, 2, 1])))
good(m.add_share, (SALES, "amount"), (EMPTY, "amount"), (SALES, "none"), (ODD, "Qty "))
bad(m.add_share, "column", (pd.DataFrame({1: [1, 2]}), 1), (pd.DataFrame({None: [1, 2]}), None))
good(m.outliers, (SERIES, 1.0), (SERIES,), (pd.Series([1.0, 1.0]),), (pd.Series([], dtype=float),))
right(m.outliers, (SERIES, 2))
good(m.to_records, (SALES,), (EMPTY,), (SALES, 1), (SALES, 0))
right(m.to_records, (SALES, None), (Frame(SALES), 1))
good(m.moving_average, ([1, 2, 3, 4],), (SERIES, 2), ([],), (SERIES, 1))
bad(m.moving_average, "values", ((1, 2, 3),), ({"a": 1, "b": 2},), (range(3),))
bad(m.moving_average, "window", (pd.Series([1.0], index=pd.to_datetime(["2024-01-01"])), "2s"))
right(m.moving_average, (Frame(SALES)["amount"],))
good(m.missing_report, (SALES,), (EMPTY,), (ODD,), (pd.DataFrame(),))
good(m.fill_with, (SALES,), (SALES, {"amount": 0.0}), (EMPTY, None), (ODD, {"Qty ": 2}))
bad(m.fill_with, "fills", (SALES, 0.0), (SALES, ()), (SALES, 5))
