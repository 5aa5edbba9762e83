"""Cases of `functions.numpy_`."""

import numpy as np
import pandas as pd
from functions import numpy_ as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


class Tagged(np.ndarray):
    """An ndarray subclass, as astropy and pint have one."""


A = np.array([1.0, 2.0, 4.0])
GRID = np.arange(6.0).reshape(2, 3)

good(m.normalize, (A,), (np.array([3, 3]),), (GRID,), (np.array([]),))
bad(m.normalize, "x", (pd.Series([1.0, 3.0]),), (np.float64(2.0),))
right(m.normalize, (A.view(Tagged),), (np.array([True, False]).astype(int),))
good(m.cosine, (A, A), ([1, 0], [0, 1]), ([1], [-1]), ([1, 2], [1, 2, 3]))
right(m.cosine, (pd.Series([1.0]), (2.0,)), (A, [1, 2, 3]))
good(m.softmax, (A,), (GRID,), (GRID, 0), (np.array([1000.0, 0.0]),))
good(m.one_hot, ([0, 1], 3), ([], 2), ([2], 3), ([5], 3))
bad(m.one_hot, "labels", ((0, 1), 2), (np.array([0, 1]), 2), (range(2), 3))
right(m.one_hot, ([np.int64(1)], np.int64(2)), ([True, False], 2))
good(m.mse, (A, A), (A, A + 1), (np.array([1, 2]), np.array([1.5, 2.5])), (A, GRID))
bad(m.mse, "y_true", (pd.Series([1.0]), np.array([2.0])))
bad(m.mse, "y_pred", (A, 2.0), (A, [1, 2, 3]), (A, (1, 2, 3)), (A, 1))
good(m.standardize_inplace, (A,), (GRID,), (np.zeros(3),), (np.array([1, 2]),))
right(m.standardize_inplace, (A, 0))
good(m.bootstrap_mean, (A,), (A, 10), call(A, seed=3), (np.array([5.0]), 2))
bad(m.bootstrap_mean, "values", ([1.0, 2.0],), ((1, 2),), (range(4),))
bad(m.bootstrap_mean, "seed", (A, 5, [1, 2]))
right(m.bootstrap_mean, (A, np.int64(5)))
good(m.bucketize, ([1, 5], [0, 3]), (A, [2.0]), ([], [1]), ([1], []))
good(m.confusion, ([0, 1, 1], [0, 1, 0]), ([], []), ([0], [2], 3), ([5], [0]))
bad(m.confusion, "y_true", ((0, 1), [1, 1]), (np.array([0, 1]), [0, 1]), ({0, 1}, [0, 1]))
bad(m.confusion, "y_pred", ([0, 1], (1, 1)), ([0], range(1)))
right(m.confusion, ([True, False], [0, np.int64(1)]))
