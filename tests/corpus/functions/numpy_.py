"""Array code."""

import numpy as np
import numpy.typing as npt


def normalize(x: np.ndarray) -> np.ndarray:
    span = x.max() - x.min()
    return (x - x.min()) / span if span else np.zeros_like(x, dtype=float)


def cosine(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def one_hot(labels: list[int], classes: int) -> np.ndarray:
    out = np.zeros((len(labels), classes), dtype=np.int8)
    out[np.arange(len(labels)), labels] = 1
    return out


def mse(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    # really a numpy scalar
    return ((y_true - y_pred) ** 2).mean()


def standardize_inplace(x: np.ndarray, eps: float = 1e-8) -> None:
    x -= x.mean(axis=0)
    x /= x.std(axis=0) + eps


def bootstrap_mean(values: np.ndarray, n: int = 50, seed: int = 0) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    means = rng.choice(values, size=(n, len(values))).mean(axis=1)
    return float(means.mean()), float(means.std())


def bucketize(values, edges) -> list[int]:
    return np.digitize(values, edges).tolist()


def confusion(y_true: list[int], y_pred: list[int], n: int = 2) -> np.ndarray:
    """
    >>> confusion([0, 1, 1], [0, 1, 0]).tolist()
    [[1, 0], [1, 1]]
    """
    table = np.zeros((n, n), dtype=int)
    for t, p in zip(y_true, y_pred):
        table[t, p] += 1
    return table
