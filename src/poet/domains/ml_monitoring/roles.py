"""What a monitor's parameters stand for, read from their names.

Shared by the blueprint, which writes by them, and the probes, which call by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_CURRENT = frozenset(
    "current new production prod live today recent latest now incoming serving inference window"
    " observed fresh after actual test sample batch target shifted curr cur".split()
)
_REFERENCE = frozenset(
    "reference ref baseline base train training trained historical history historic past previous"
    " prior old older last before yesterday control expected original initial source ground"
    " benchmark fitted".split()
)
_PREDICTED = frozenset(
    "prediction predictions predicted pred preds forecast forecasts output outputs yhat".split()
)
_TRUTH = frozenset(
    "actual actuals label labels true truth truths target targets outcome outcomes ground".split()
)
_DATA = frozenset(
    "data df frame dataframe dataset table values value x y xs ys series features samples rows"
    " records batch distribution scores predictions inputs array points observations".split()
)
_THRESHOLD = frozenset(
    "threshold thresh cutoff limit sensitivity tolerance epsilon delta effect".split()
)
_ALPHA = frozenset("alpha significance pvalue pval level fdr".split())
_CONFIDENCE = frozenset(("confidence",))
_PLAIN = frozenset(
    "name names id ids key model version method metric test kind type mode config options timestamp"
    " time date user url path bins buckets size n count k seed verbose window_size"
    " column columns feature".split()
)


@dataclass(frozen=True)
class Roles:
    """Which parameter stands for what; None where none does.

    Attributes:
        current: Data to be judged.
        reference: Data to compare with.
        predicted: A model's predictions.
        truth: What came out.
        baseline: An earlier value of the model's performance.
        threshold: Least size of a change that counts.
        alpha: Allowed share of false alarms.
        confidence: One minus that.
        others: All other parameters.
    """

    current: str | None = None
    reference: str | None = None
    predicted: str | None = None
    truth: str | None = None
    baseline: str | None = None
    threshold: str | None = None
    alpha: str | None = None
    confidence: str | None = None
    others: tuple[str, ...] = field(default=())

    @property
    def named(self) -> bool:
        """Whether both sides are there, and one of them says which it is."""
        if self.current is None or self.reference is None:
            return False
        return bool(set(words(self.current)) & _CURRENT or set(words(self.reference)) & _REFERENCE)


def words(name: str) -> list[str]:
    """Return the lower-case words of a name in snake_case or camelCase."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return [w for w in re.split(r"[_\W]+", spaced.lower()) if w]


def roles_of(
    function: str, parameters: Iterable[str], *, required: Iterable[str] | None = None
) -> Roles:
    """Read the roles of a function's parameters, `self` and `cls` left out.

    Args:
        function: Its name, which tells `performance(actual, predicted)` from drift.
        parameters: All names, in order.
        required: Those without a default; only they can be data without being named so.
    """
    names = list(parameters)
    needed = set(names if required is None else required)
    settings, data = _settings(names, needed)
    taken = {v for v in settings.values() if v}
    judged = _performance(function, data)
    if judged is not None:
        predicted, truth = judged
        rest = [n for n in names if n not in {predicted, truth}]
        baseline = next((n for n in rest if set(words(n)) & _REFERENCE), None)
        others = tuple(n for n in rest if n != baseline and n not in taken)
        return Roles(predicted=predicted, truth=truth, baseline=baseline, others=others, **settings)
    current, reference = _sides(data)
    others = tuple(n for n in names if n not in {current, reference} and n not in taken)
    return Roles(current=current, reference=reference, others=others, **settings)


def _settings(names: list[str], needed: set[str]) -> tuple[dict[str, str | None], list[str]]:
    found: dict[str, str | None] = {"threshold": None, "alpha": None, "confidence": None}
    data = []
    for name in names:
        own = words(name)
        kind = next(
            (k for k, known in (("confidence", _CONFIDENCE), ("alpha", _ALPHA),
                                ("threshold", _THRESHOLD)) if set(own) & known),
            None,
        )  # fmt: skip
        if kind is not None and not set(own) & {"data", "values"}:
            found[kind] = found[kind] or name
        elif not (own and own[-1] in _PLAIN):
            named = set(own) & (_CURRENT | _REFERENCE | _DATA | _PREDICTED | _TRUTH)
            if name in needed or named:
                data.append(name)
    return found, data


def _performance(function: str, data: list[str]) -> tuple[str, str] | None:
    sides = [n for n in data if not set(words(n)) & (_REFERENCE - {"ground"})]
    predicted = [n for n in sides if set(words(n)) & _PREDICTED]
    truth = [n for n in sides if set(words(n)) & _TRUTH and n not in predicted]
    if len(predicted) == 1 and truth:
        return predicted[0], truth[0]
    return None


def _sides(data: list[str]) -> tuple[str | None, str | None]:
    reference = [n for n in data if set(words(n)) & _REFERENCE]
    current = [n for n in data if set(words(n)) & _CURRENT and n not in reference]
    open_ = [n for n in data if n not in reference and n not in current]
    if not reference and len(current) == 2 and set(words(current[1])) & _REFERENCE:
        reference = [current.pop()]
    if reference and not current:
        current = open_[:1] or reference[1:2]
    elif current and not reference:
        reference = open_[:1] or [n for n in current[1:2] if n not in current[:1]]
    elif not current and not reference:
        # The order of "compare this with that".
        current, reference = open_[:1], open_[1:2]
    return (current or [None])[0], (reference or [None])[0]  # type: ignore[list-item]


def reference_attribute(class_text: str) -> str | None:
    """Return the attribute of `self` in a class's text that holds its reference, if any."""
    names = dict.fromkeys(re.findall(r"\bself\.([A-Za-z_]\w*)\s*(?::[^=\n]+)?=(?!=)", class_text))
    known = [n for n in names if set(words(n)) & (_REFERENCE - {"last", "history"})]
    plain = [n for n in known if not set(words(n)) & (_THRESHOLD | _ALPHA | set(_PLAIN))]
    return plain[0] if plain else None
