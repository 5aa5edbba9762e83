"""Read any table into named columns: NumPy, lists, dicts, records, pandas, Polars, Arrow.

Nothing is copied that can be shared, and nothing is interpreted yet: see `kinds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....errors import ArgumentError

Array = NDArray[Any]
ONLY = "value"  # the name of the column of data that has no columns


def columns(data: Any, name: str = "data") -> dict[str, Array]:
    """Return the columns of a table as one-dimensional arrays.

    A single series becomes one column called `value`; an array or rows without names become
    `feature_0`, `feature_1`, …; a mapping of single values is one row; no rows are no columns or
    empty ones. Columns may differ in length.

    Args:
        data: NumPy array, sequence of values, rows or records, mapping of columns, or a series or
            table of pandas, Polars or Arrow, or anything that offers an Arrow stream.
        name: What to call it in an error.

    Raises:
        ArgumentError: This is no table: None, a text, a number, a ragged list.
    """
    library = type(data).__module__.split(".", maxsplit=1)[0]
    reader = {"pandas": _pandas, "polars": _polars, "pyarrow": _arrow}.get(library)
    if reader is not None:
        found = reader(data)
        if found is not None:
            return found
    if isinstance(data, Mapping):
        return _mapping(data, name)
    if isinstance(data, np.ndarray):
        return _array(data)
    if data is None or isinstance(data, (str, bytes, bool, int, float, complex, np.generic)):
        shown = repr(data) if len(repr(data)) < 40 else type(data).__name__
        raise ArgumentError(
            f"{name} is {shown}, which is no data. Pass values, rows, columns or a table;"
            " an empty list stands for no data."
        )
    if hasattr(data, "__arrow_c_stream__"):
        return _stream(data)
    if hasattr(data, "__array__"):
        return _array(np.asarray(data))
    if isinstance(data, Iterable):
        return _rows(data if isinstance(data, Sequence) else list(data), name)
    raise ArgumentError(
        f"{name} is a {type(data).__name__}, which is no data. Pass values, rows, columns or a"
        " table of NumPy, pandas, Polars or Arrow."
    )


def halves(data: Any) -> tuple[dict[str, Array], dict[str, Array]]:
    """Split a series or table that is in order of time: the newer half and the older one.

    For a monitor that is given one window only: what came late is compared with what came early.
    """
    found = columns(data)
    newer = {n: v[(len(v) + 1) // 2 :] for n, v in found.items()}
    older = {n: v[: (len(v) + 1) // 2] for n, v in found.items()}
    return newer, older


def rows_of(table: Mapping[str, Array]) -> int:
    """Return the length of the longest column."""
    return max((len(v) for v in table.values()), default=0)


def _mapping(data: Mapping[Any, Any], name: str) -> dict[str, Array]:
    if not data:
        return {}
    if all(_is_single(v) for v in data.values()):
        return _records([data])
    found: dict[str, Array] = {}
    for key, values in data.items():
        if _is_single(values):
            raise ArgumentError(
                f"{name}[{key!r}] is {values!r}, while other columns hold many values."
                " Pass a sequence for every column."
            )
        for inner, array in columns(values, f"{name}[{key!r}]").items():
            found[str(key) if inner == ONLY else f"{key}.{inner}"] = array
    return found


def _is_single(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 0
    return value is None or isinstance(value, (str, bytes)) or not isinstance(value, Iterable)


def _array(data: Array) -> dict[str, Array]:
    if data.dtype.names:
        return {n: data[n].ravel() for n in data.dtype.names}
    if data.ndim == 0:
        return {ONLY: data.reshape(1)}
    if data.ndim == 1:
        if data.dtype == object and len(data) and not all(_is_single(v) for v in data):
            return _rows(data.tolist(), "data")
        return {ONLY: data}
    if isinstance(data, np.ma.MaskedArray):
        data = data.filled(np.nan) if data.dtype.kind == "f" else data
    flat = data.reshape(len(data), -1)
    return {f"feature_{i}": flat[:, i] for i in range(flat.shape[1])}


def _rows(data: Sequence[Any], name: str) -> dict[str, Array]:
    if not len(data):
        return {ONLY: np.empty(0)}
    first = data[0]
    if isinstance(first, Mapping):
        return _records(data)
    fields = getattr(first, "_fields", None) or getattr(first, "__dataclass_fields__", None)
    if fields is not None:
        return {str(f): as_array([getattr(r, f) for r in data]) for f in fields}
    if _is_single(first):
        return {ONLY: as_array(data)}
    try:
        widths = {len(row) for row in data}
    except TypeError:
        widths = set()
    if len(widths) != 1:
        raise ArgumentError(
            f"{name} holds rows of different lengths. Make each row as long as the others, or pass"
            " a mapping of columns."
        )
    if all(isinstance(row, np.ndarray) for row in data):
        return _array(np.asarray(data))
    return {f"feature_{i}": as_array([row[i] for row in data]) for i in range(widths.pop())}


def _records(data: Sequence[Mapping[Any, Any]]) -> dict[str, Array]:
    keys = dict.fromkeys(k for record in data for k in record)
    return {str(k): as_array([record.get(k) for record in data]) for k in keys}


def as_array(values: Sequence[Any]) -> Array:
    """Return values as an array; a mixture of types becomes an array of objects."""
    kinds = set(map(type, values))
    if kinds <= {int, float, bool} and (kinds != {bool, int} and kinds != {bool, float}):
        try:
            return np.asarray(values)
        except OverflowError:  # an int beyond 64 bits
            return np.asarray([float(v) for v in values])
    if kinds <= {int, float, type(None)} and kinds - {type(None)}:
        return np.asarray([np.nan if v is None else v for v in values], dtype=float)
    if len(kinds) == 1 and issubclass(next(iter(kinds)), np.generic):
        return np.asarray(values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _pandas(data: Any) -> dict[str, Array] | None:
    if hasattr(data, "columns"):
        names = [str(c) for c in data.columns]
        return {n: _pandas_values(data.iloc[:, i]) for i, n in enumerate(names)}
    if hasattr(data, "to_numpy"):
        return {
            ONLY if getattr(data, "name", None) is None else str(data.name): _pandas_values(data)
        }
    return None


def _pandas_values(series: Any) -> Array:
    dtype = series.dtype
    if getattr(dtype, "na_value", None) is not None and dtype.kind in "iuf":
        values: Array = series.to_numpy(dtype=float, na_value=np.nan)
        return values
    values = series.to_numpy()
    if values.dtype == object or dtype.kind in "iufbM":
        return values
    return series.astype(object).to_numpy()  # type: ignore[no-any-return]


def _polars(data: Any) -> dict[str, Array] | None:
    if hasattr(data, "collect"):
        data = data.collect()
    if hasattr(data, "get_columns"):
        return {c.name: _polars_values(c) for c in data.get_columns()}
    if hasattr(data, "to_numpy"):
        return {data.name or ONLY: _polars_values(data)}
    return None


def _polars_values(series: Any) -> Array:
    values: Array = series.to_numpy()
    if str(series.dtype) == "Boolean" or values.dtype.kind not in "iufbM":
        return np.asarray(series.to_list(), dtype=object)
    return values


def _arrow(data: Any) -> dict[str, Array] | None:
    if hasattr(data, "column_names"):
        return {n: _arrow_values(data.column(i)) for i, n in enumerate(data.column_names)}
    if hasattr(data, "schema") and hasattr(data, "columns"):
        names = data.schema.names
        return {n: _arrow_values(data.columns[i]) for i, n in enumerate(names)}
    if hasattr(data, "to_pylist"):
        return {ONLY: _arrow_values(data)}
    return None


def _arrow_values(values: Any) -> Array:
    if hasattr(values, "combine_chunks"):
        values = values.combine_chunks()
    kind = str(values.type)
    if kind.startswith(("int", "uint", "float", "double", "half", "timestamp", "date")):
        array: Array = values.to_numpy(zero_copy_only=False)
        return array
    return np.asarray(values.to_pylist(), dtype=object)


def _stream(data: Any) -> dict[str, Array]:
    try:
        import pyarrow
    except ImportError as error:
        raise ArgumentError(
            f"{type(data).__name__} offers an Arrow stream, but pyarrow is not installed."
            " Run: pip install pyarrow"
        ) from error
    found = _arrow(pyarrow.table(data))
    assert found is not None
    return found
