"""Tested tools for monitoring data and models; generated versions call them, and so can you.

    from poet.domains.ml_monitoring.toolkit import compare

    report = compare(today, last_month)
    report.drifted, report.score, report.severity, report.drifted_features

Names are looked up when they are used, so that importing this costs nothing. NumPy and SciPy
come with the extra `ml`.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from ....errors import MissingExtra

if TYPE_CHECKING:
    from .alerts import Alarm, Alert, cheapest_threshold, groups_of
    from .categories import chi_square, fisher, g_test
    from .comparison import compare
    from .counted import Counted, count
    from .dependence import correlation_shift, correlation_time
    from .distances import (
        hellinger,
        jensen_shannon,
        kullback_leibler,
        population_stability,
        total_variation,
        wasserstein,
    )
    from .model_performance import PerformanceReport, performance
    from .multiplicity import benjamini_hochberg, benjamini_yekutieli, cauchy_combination
    from .ordered import ks, mann_whitney, rank_components
    from .reference import Reference, side
    from .report import DriftReport, FeatureDrift
    from .seasons import matched
    from .stream import AdaptiveWindow, Change, Tracker
    from .table_quality import QualityReport, quality
    from .tables import columns, halves

_PLACES = {
    "categories": ("chi_square", "fisher", "g_test"),
    "comparison": ("compare",),
    "counted": ("Counted", "count"),
    "dependence": ("correlation_shift", "correlation_time"),
    "distances": (
        "hellinger",
        "jensen_shannon",
        "kullback_leibler",
        "population_stability",
        "total_variation",
        "wasserstein",
    ),
    "multiplicity": ("benjamini_hochberg", "benjamini_yekutieli", "cauchy_combination"),
    "ordered": ("ks", "mann_whitney", "rank_components"),
    "model_performance": ("PerformanceReport", "performance"),
    "table_quality": ("QualityReport", "quality"),
    "reference": ("Reference", "side"),
    "report": ("DriftReport", "FeatureDrift"),
    "alerts": ("Alarm", "Alert", "cheapest_threshold", "groups_of"),
    "seasons": ("matched",),
    "stream": ("AdaptiveWindow", "Change", "Tracker"),
    "tables": ("columns", "halves"),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "AdaptiveWindow",
    "Alarm",
    "Alert",
    "Change",
    "Counted",
    "DriftReport",
    "FeatureDrift",
    "PerformanceReport",
    "QualityReport",
    "Reference",
    "Tracker",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "cauchy_combination",
    "cheapest_threshold",
    "chi_square",
    "columns",
    "compare",
    "correlation_shift",
    "correlation_time",
    "count",
    "fisher",
    "g_test",
    "groups_of",
    "halves",
    "hellinger",
    "jensen_shannon",
    "ks",
    "kullback_leibler",
    "mann_whitney",
    "matched",
    "performance",
    "population_stability",
    "quality",
    "rank_components",
    "side",
    "total_variation",
    "wasserstein",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for needed in ("numpy", "scipy"):
        if importlib.util.find_spec(needed) is None:
            raise MissingExtra.named(needed, "ml")
    value = getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    globals()[name] = value
    return value
