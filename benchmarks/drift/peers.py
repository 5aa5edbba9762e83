"""The monitors that are compared, each as its own documentation sets it up, with its defaults.

A monitor is called with a reference and current data and says whether anything drifted. One that
cannot take the data (labels, missing values) answers None, which counts as "no drift" and is
marked in the table.
"""

from __future__ import annotations

import os
import warnings

os.environ.update(NML_DISABLE_USAGE_LOGGING="1", DO_NOT_TRACK="1", TF_CPP_MIN_LOG_LEVEL="3")
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402


def poet(reference: pd.DataFrame, current: pd.DataFrame) -> bool:
    """POET's toolkit, as the blueprint calls it."""
    from poet.domains.ml_monitoring.toolkit import compare

    return compare(current, reference).drifted


def scipy_ks(reference: pd.DataFrame, current: pd.DataFrame) -> bool | None:
    """SciPy by hand: ks_2samp per column at 0.05, without any correction."""
    from scipy.stats import ks_2samp

    if not _numeric(reference):
        return None
    return any(ks_2samp(reference[c].dropna(), current[c].dropna()).pvalue < 0.05
               for c in reference)  # fmt: skip


def evidently(reference: pd.DataFrame, current: pd.DataFrame) -> bool:
    """Evidently's DataDriftPreset: drift when half of the columns drifted."""
    return _evidently(reference, current)[1]


def evidently_any(reference: pd.DataFrame, current: pd.DataFrame) -> bool:
    """Evidently's DataDriftPreset, drift when any column drifted."""
    return _evidently(reference, current)[0]


_last: tuple[int, int, tuple[bool, bool]] | None = None


def _evidently(reference: pd.DataFrame, current: pd.DataFrame) -> tuple[bool, bool]:
    global _last
    if _last is not None and _last[:2] == (id(reference), id(current)):
        return _last[2]
    from evidently import Report
    from evidently.presets import DataDriftPreset

    metrics = Report([DataDriftPreset()]).run(current, reference).dict()["metrics"]
    value = metrics[0]["value"]
    found = bool(value["count"] > 0), bool(value["share"] >= 0.5)
    _last = (id(reference), id(current), found)
    return found


def nannyml(reference: pd.DataFrame, current: pd.DataFrame) -> bool:
    """NannyML's UnivariateDriftCalculator; chunks as long as the current data."""
    return _nannyml(reference, current, min(len(current), len(reference)))


def nannyml_ten(reference: pd.DataFrame, current: pd.DataFrame) -> bool:
    """NannyML with ten chunks of reference, from whose variation its thresholds come.

    Current data of more than one chunk have drifted when a column alerts in at least half of them.
    """
    return _nannyml(reference, current, max(len(reference) // 10, 10))


def _nannyml(reference: pd.DataFrame, current: pd.DataFrame, size: int) -> bool:
    import nannyml as nml

    calculator = nml.UnivariateDriftCalculator(column_names=list(reference), chunk_size=size)
    calculator.fit(reference)
    frame = calculator.calculate(current).filter(period="analysis").to_df()
    alerts = [c for c in frame.columns if c[-1] == "alert"]
    return bool((frame[alerts].mean(axis=0) >= 0.5).any())


def alibi_detect(reference: pd.DataFrame, current: pd.DataFrame) -> bool | None:
    """Alibi Detect's TabularDrift: KS or chi-square per column, Bonferroni."""
    from alibi_detect.cd import TabularDrift

    if _numeric(reference):
        if reference.isna().to_numpy().any() or current.isna().to_numpy().any():
            return None
        detector = TabularDrift(reference.to_numpy(), p_val=0.05)
        return bool(detector.predict(current.to_numpy())["data"]["is_drift"])
    codes = {c: {v: i for i, v in enumerate(pd.concat([reference[c], current[c]]).unique())}
             for c in reference}  # fmt: skip
    before = np.stack([reference[c].map(codes[c]) for c in reference], axis=1)
    now = np.stack([current[c].map(codes[c]) for c in reference], axis=1)
    categories = {i: list(range(len(codes[c]))) for i, c in enumerate(reference)}
    detector = TabularDrift(before, p_val=0.05, categories_per_feature=categories)
    return bool(detector.predict(now)["data"]["is_drift"])


def frouros(reference: pd.DataFrame, current: pd.DataFrame) -> bool:
    """Frouros' KSTest and ChiSquareTest, one per column, at 0.05 over the number of columns."""
    from frouros.detectors.data_drift import ChiSquareTest, KSTest

    found = []
    for column in reference:
        numeric = reference[column].dtype.kind in "iuf"
        test = KSTest() if numeric else ChiSquareTest()
        test.fit(X=reference[column].dropna().to_numpy())
        result = test.compare(X=current[column].dropna().to_numpy())[0]
        found.append(result.p_value < 0.05 / reference.shape[1])
    return any(found)


def river_adwin(reference: pd.DataFrame, current: pd.DataFrame) -> bool | None:
    """River's ADWIN per column, fed row by row; a detection among the current rows counts."""
    from river.drift import ADWIN

    if not _numeric(reference) or len(reference) > 20_000:
        return None
    for column in reference:
        adwin = ADWIN()
        for value in reference[column].dropna():
            adwin.update(value)
        for value in current[column].dropna():
            adwin.update(value)
            if adwin.drift_detected:
                return True
    return False


def _numeric(table: pd.DataFrame) -> bool:
    return all(d.kind in "iuf" for d in table.dtypes)


PEERS = {
    "POET": poet,
    "SciPy KS": scipy_ks,
    "Evidently": evidently,
    "Evidently, any column": evidently_any,
    "NannyML": nannyml,
    "NannyML, ten chunks": nannyml_ten,
    "Alibi Detect": alibi_detect,
    "Frouros": frouros,
    "River ADWIN": river_adwin,
}
