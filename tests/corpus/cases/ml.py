"""Cases of `functions.ml`; of a stub, keys and types are kept."""

import numpy as np
from functions import ml as m

from . import Cases, call, loosely

cases = Cases(m, domain="ml_monitoring")
good, bad, right = cases.good, cases.bad, cases.right
A, B = [1.0, 2.0, 3.0, 4.0], [1.5, 2.5, 3.5, 9.0]

good(m.detect_drift, *loosely("shape", (A, B), (A, A), ([1.0], [2.0]), (list(range(50)), list(range(60)))))
good(m.monitor_predictions, *loosely("shape", ([0.1, 0.9],), ([0.2], [1]), ([0.5] * 20, [0, 1] * 10), call(predictions=A)))
bad(m.monitor_predictions, "predictions", ("abc",), (None,), ({"a": 1},))
bad(m.monitor_predictions, "labels", ([0.5], "1"), ([0.5], 5))
good(m.data_quality, *loosely("shape", ([{"a": 1}],), ([{"a": 1}, {"a": None}],), ([{"a": 1.0, "b": "x"}] * 5,), ([{}],)))
bad(m.data_quality, "rows", ("abc",), (None,), ({"a": 1},), ([1, 2],))
good(m.psi, (A, B), (A, A), (A, B, 4), ([], A))
bad(m.psi, "expected", (tuple(A), B), (np.array(A), B))
bad(m.psi, "actual", (A, tuple(B)), (A, np.array(B)))
right(m.psi, ([1, 2, 3], [True, 2]), ([np.float64(1), 2.0], A, np.int64(3)))
good(m.accuracy, ([1, 0], [1, 1]), ([1], []), ([], []), ("ab", "ab"))
good(m.log_loss, ([1, 0], [0.9, 0.1]), ([1], [0]), ([], []), ([0, 1], [0.5, 0.5], 0.1))
bad(m.log_loss, "labels", ((1, 0), [0.9, 0.1]), (["yes", ""], [0.9, 0.1]), ([None, 1], [0.1, 0.2]))
bad(m.log_loss, "scores", ([1], (0.5,)), ([1], {0.5: 1}))
right(m.log_loss, ([True, np.int64(0)], [1, np.float32(0.5)]))
good(m.auc, ([1, 0], [0.9, 0.1]), ([1], [0.5]), ([], []), ([1, 0, 1], [0.5, 0.5, 0.2]))
bad(m.auc, "labels", (["a", ""], [0.9, 0.1]), ((1, 0), [0.2, 0.1]), ("10", [0.5, 0.2]))
bad(m.auc, "scores", ([1, 0], ["b", "a"]), ([1, 0], "ba"), ([1], (0.5,)))
right(m.auc, ([True, False], [1, 0]))
good(m.f1, (0.5, 0.5), (0, 0), (1, 0.5, 2), (0.0, 1.0))
bad(m.f1, "precision", (1j, 0.5), (None, 0), ("", 0))
right(m.f1, (True, 1), (np.float64(0.5), 0.5))
good(m.retrain_needed, ({"accuracy": 0.7},), ({},), ({"f1": 0.5}, {"f1": 0.4}), ({"accuracy": 0.9}, {}))
bad(m.retrain_needed, "metrics", ({"accuracy": 0.5, 3: 0.1},), ({"accuracy": 0.5, "f1": "low"},))
bad(m.retrain_needed, "thresholds", ({}, []), ({}, ""))
right(m.retrain_needed, ({"accuracy": 1}, None), ({"accuracy": np.float32(0.5)},))
good(m.ewma, (A,), ([],), ([1], 0.5), (B, 1))
bad(m.ewma, "values", (tuple(A),), ({1.0},), (range(3),))
bad(m.ewma, "alpha", ([1], "x"), ([], None), ([2], 1j))
