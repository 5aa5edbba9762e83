"""Small steps of a data pipeline."""

from __future__ import annotations

import pandas as pd


def drop_empty(frame: pd.DataFrame, how: str = "all") -> pd.DataFrame:
    return frame.dropna(how=how)


def clean_columns(df):
    df = df.copy()
    df.columns = [str(c).strip().lower().replace(" ", "_") for c in df.columns]
    return df


def total_by(df: pd.DataFrame, key: str, value: str = "amount") -> pd.Series:
    return df.groupby(key)[value].sum()


def add_share(df: pd.DataFrame, column: str) -> pd.DataFrame:
    """Adds a column in place, and returns the same frame."""
    total = df[column].sum()
    df[f"{column}_share"] = df[column] / total
    return df


def outliers(series: pd.Series, z: float = 3.0) -> pd.Series:
    spread = series.std()
    if not spread > 0:
        return series.iloc[0:0]
    return series[(series - series.mean()).abs() > z * spread]


def to_records(df: pd.DataFrame, limit: int | None = None) -> list[dict]:
    if limit is not None:
        df = df.head(limit)
    return df.to_dict("records")


def moving_average(values: pd.Series | list, window: int = 3) -> pd.Series:
    return pd.Series(values).rolling(window, min_periods=1).mean()


def missing_report(df: pd.DataFrame) -> dict[str, float]:
    return {name: float(df[name].isna().mean()) for name in df.columns}


def fill_with(df: pd.DataFrame, fills: dict[str, object] | None = None, /) -> pd.DataFrame:
    return df.fillna(fills or {})
