"""Fill the constant that a stub returns with what a report knows, key by key.

The stub's keys and types are kept. A key means what its name says (`p_value`, `drifted_features`)
*and* its type allows; one that is not understood keeps the stub's own value.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..reliability.layout import quoted
from .roles import words

NEGATIVE = frozenset("ok okay healthy stable valid passed pass good fine normal".split())
_DRIFT_FLAGS = frozenset(
    "drift drifted drifting drifts detected alert alerts alarm shift shifted changed change anomaly"
    " anomalous degraded degradation retrain retraining significant triggered unstable different"
    " outdated stale worse dropped declined issue".split()
)

# For a report of each kind: type of the constant → name of the key → expression.
_DRIFT: dict[str, dict[str, str]] = {
    "number": {
        "score drift_score drift magnitude distance effect effect_size drift_magnitude amount"
        " overall overall_score total_score max_score shift ks_distance": "report.score",
        "p_value pvalue p pval p_val min_p_value": "report.p_value",
        "statistic stat test_statistic ks ks_stat ks_statistic d": "report.statistic",
        "psi stability psi_score psi_value stability_index": "report.stability",
        "drift_share drift_ratio drift_fraction share ratio share_drifted drift_rate"
        " share_of_drifted_columns": "report.drift_share",
        "percent percentage drift_percentage drift_percent percent_drifted":
            "100 * report.drift_share",
        "health health_score stability_score similarity": "1 - report.score",
        "confidence certainty": "1 - report.p_value",
        "threshold alpha significance significance_level level": "alpha",
        "min_effect effect_threshold drift_threshold": "min_effect",
    },
    "whole": {
        "n_drifted num_drifted drifted_count drift_count drifted n_drifted_features"
        " num_drifted_features drifted_features alerts alert_count number_of_drifted_columns"
        " drifted_columns": "len(report.drifted_features)",
        "n_features features num_features total checked columns n_columns feature_count"
        " number_of_columns": "len(report.features)",
        "n rows samples n_samples sample_size count n_rows num_samples n_current current_size"
        " current_rows": "report.rows_now",
        "n_reference reference_size reference_rows": "report.rows_before",
        "score drift_score severity drift": "round(100 * report.score)",
        "health health_score": "round(100 - 100 * report.score)",
    },
    "text": {
        "severity level risk priority drift_severity drift_level risk_level":
            "report.severity",
        "message summary details detail reason description explanation text note report"
        " interpretation": "report.message",
        "test method test_name test_used statistic_name stattest": "report.test",
        "recommendation recommendations action advice recommended_action next_step suggestion":
            "\" \".join(report.recommendations)",
        "worst_feature top_feature most_drifted feature column":
            'next(iter(report.drifted_features), "")',
    },
    "list": {
        "features drifted_features drifted drifted_columns columns changed changed_features"
        " drift_features affected_features affected flagged features_drifted drifting_features":
            "report.drifted_features",
        "recommendations actions recommendation suggestions next_steps": "report.recommendations",
        "alerts warnings messages issues reasons details": "report.alerts",
        "new_features unseen_features new_columns": "list(report.new_features)",
    },
    "mapping": {
        "features details per_feature feature_drift feature_details columns by_feature metrics"
        " feature_results results report feature_report per_column": 'report.to_dict()["features"]',
        "scores feature_scores drift_scores score_by_feature scores_by_feature":
            "report.scores",
        "p_values pvalues feature_p_values": "report.p_values",
        "drifted drifted_features drift_by_feature flags": "report.by_feature",
    },
}  # fmt: skip
_PERFORMANCE: dict[str, dict[str, str]] = {
    "number": {
        **{k: f"report.{k}" for k in ("accuracy", "precision", "recall", "auc", "mae", "rmse",
                                      "bias")},
        "f1 f1_score fscore": "report.f1",
        "roc_auc auc_score": "report.auc",
        "r2 r2_score r_squared": "report.r2",
        "mse": "report.rmse ** 2",
        "mean_absolute_error": "report.mae",
        "score performance value metric health": "report.score",
        "error error_rate loss": "report.error",
        "p_value pvalue p": "report.p_value",
    },
    "whole": {"n rows samples n_samples count sample_size": "report.rows"},
    "text": {
        "message summary details reason description": "report.message",
        "task problem_type": "report.task",
        "recommendation action advice": "\" \".join(report.recommendations)",
    },
    "list": {"recommendations actions": "report.recommendations"},
    "mapping": {},
}  # fmt: skip
_QUALITY: dict[str, dict[str, str]] = {
    "number": {
        "score quality quality_score health completeness_score": "report.score",
        "missing missing_rate null_rate missing_share missing_ratio nan_rate missing_fraction":
            "report.missing_share",
        "completeness": "1 - report.missing_share",
    },
    "whole": {
        "rows n n_rows count samples row_count": "report.rows",
        "columns n_columns features column_count": "len(report.kinds)",
        "duplicates duplicate_rows n_duplicates duplicate_count": "report.duplicates",
        "issues issue_count n_issues": "len(report.issues)",
    },
    "text": {"message summary details description": "report.message"},
    "list": {
        "issues problems errors warnings messages alerts": "list(report.issues)",
        "constant constant_columns constants": "list(report.constant)",
        "mixed mixed_columns": "list(report.mixed)",
    },
    "mapping": {
        "missing missing_values null_rates missing_rates nulls missing_by_column":
            "dict(report.missing)",
        "types kinds dtypes schema": "dict(report.kinds)",
    },
}  # fmt: skip
_VOCABULARY = {"drift": _DRIFT, "performance": _PERFORMANCE, "quality": _QUALITY}
_FLAG = {"drift": "report.drifted", "performance": "report.degraded", "quality": "report.good"}
_WORD = {"drift": '"drift"', "performance": '"degraded"', "quality": '"issues"'}


@dataclass
class Filler:
    """Turns a stub's constant into the text of an expression over `report`.

    Attributes:
        job: `"drift"`, `"performance"` or `"quality"`.
        function: The function's name, which gives a bare result its meaning.
        arguments: Parameters whose value is repeated in the result under their own name.
        settings: Expressions for `alpha` and `min_effect`.
        kept: Keys that were not understood and keep the stub's value, filled while working.
    """

    job: str
    function: str
    arguments: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    def bare(self, node: ast.expr | None, returns: str | None) -> str:
        """Return the expression for the whole result."""
        if node is None or (isinstance(node, ast.Constant) and node.value in (None, ...)):
            kind = (returns or "").split("[")[0].split("|")[0].strip().lower()
            node = {"bool": ast.Constant(False), "float": ast.Constant(0.0),
                    "str": ast.Constant(""), "list": ast.List([], ast.Load()),
                    "int": ast.Constant(0)}.get(kind)  # fmt: skip
            if node is None:
                return self._everything()
        if isinstance(node, ast.Dict) and not node.keys:
            per_feature = set(words(self.function)) & {"feature", "features", "column", "columns"}
            if self.job == "drift" and per_feature:
                return 'report.to_dict()["features"]'
            return self._everything()
        if isinstance(node, ast.Dict):
            return self.mapping(node)
        if isinstance(node, ast.Tuple):
            return self._tuple(node)
        return self._single(node)

    def _everything(self) -> str:
        return "report.to_dict()"

    def _single(self, node: ast.expr) -> str:
        own = words(self.function)
        kind = _kind(node)
        names = ["_".join(own[i:]) for i in range(len(own))] + [
            "_".join(own[i:j]) for i in range(len(own)) for j in range(i + 1, len(own))
        ]
        if kind == "flag":
            return self._flag(own)
        for name in names:
            found = self._lookup(kind, name)
            if found is not None:
                return found
        defaults = {
            "number": "report.score",
            "whole": self._lookup("whole", "n_drifted") or "report.rows",
            "text": "report.message",
            "list": self._lookup("list", "drifted_features")
            or self._lookup("list", "issues")
            or ast.unparse(node),
        }
        if kind == "text" and isinstance(node, ast.Constant) and node.value:
            return self._status(str(node.value))
        return defaults.get(kind, ast.unparse(node))

    def _tuple(self, node: ast.Tuple) -> str:
        numbers = iter(["report.score", "report.p_value"])
        parts = []
        for element in node.elts:
            kind = _kind(element)
            parts.append(next(numbers, ast.unparse(element)) if kind == "number"
                         else self._single(element))  # fmt: skip
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    def mapping(self, node: ast.Dict, indent: int = 4) -> str:
        """Return a dict display, one key a line."""
        pad = " " * indent
        lines = ["{"]
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                lines.append(f"{pad}    **{ast.unparse(value)},")
                continue
            name = key.value if isinstance(key, ast.Constant) else None
            shown = quoted(name) if isinstance(name, str) else ast.unparse(key)
            text = self._value(name if isinstance(name, str) else "", value, indent + 4)
            lines.append(f"{pad}    {shown}: {text},")
        return "\n".join(lines) + f"\n{pad}}}"

    def _value(self, key: str, node: ast.expr, indent: int) -> str:
        own = words(key)
        name = "_".join(own)
        kind = _kind(node)
        if key in self.arguments:
            return f"str({key})" if kind == "text" else key
        if kind == "flag" and (set(own) & (_DRIFT_FLAGS | NEGATIVE)):
            return self._flag(own)
        if name in ("status", "state", "verdict", "result") and kind == "text":
            return self._status(node.value)  # type: ignore[attr-defined]
        if isinstance(node, ast.Dict) and node.keys:
            return self.mapping(node, indent)
        kinds = ["number", "text", "flag"] if kind == "none" else [kind]
        for each in kinds:
            if each == "flag" and set(own) & (_DRIFT_FLAGS | NEGATIVE):
                return self._flag(own)
            found = self._lookup(each, name)
            if found is not None:
                return found
        if kind == "mapping" and key == "rows":
            return 'report.to_dict()["rows"]'
        self.kept.append(key)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return quoted(node.value)
        return ast.unparse(node)

    def _lookup(self, kind: str, name: str) -> str | None:
        for names, expression in _VOCABULARY[self.job].get(kind, {}).items():
            if name in names.split():
                return self.settings.get(expression, expression)
        return None

    def _flag(self, own: list[str]) -> str:
        good = bool(set(own) & NEGATIVE) or (
            "no" in own or "without" in own if set(own) & _DRIFT_FLAGS else False
        )
        expression = _FLAG[self.job]
        if self.job == "quality":
            asks_good = good or not set(own) & _DRIFT_FLAGS
            return expression if asks_good else f"not {expression}"
        return f"not {expression}" if good else expression

    def _status(self, usual: str) -> str:
        word = _WORD[self.job]
        usual = usual or ("stable" if self.job == "drift" else "ok")
        bad = "not report.good" if self.job == "quality" else _FLAG[self.job]
        if usual.isupper():
            word = word.upper()
        return f"{word} if {bad} else {quoted(usual)}"


def _kind(node: ast.expr) -> str:
    if isinstance(node, (ast.List, ast.Set)) and not node.elts:
        return "list"
    if isinstance(node, ast.List):
        return "list"
    if isinstance(node, ast.Dict):
        return "mapping"
    if isinstance(node, ast.Constant):
        value = node.value
        for kind, types in (("flag", bool), ("whole", int), ("number", float), ("text", str)):
            if isinstance(value, types):
                return kind
    if isinstance(node, ast.UnaryOp):
        return _kind(node.operand)
    return "none"
