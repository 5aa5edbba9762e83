"""Which functions were put to a model: ordinary ones of the corpus, and those beside this file."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from poet.domains import Domain, load
from poet.source import FunctionSource
from poet.spec import Spec, make_spec

HERE = Path(__file__).parent
CORPUS = HERE.parent / "corpus"


@dataclass(frozen=True)
class Task:
    """One function, with the options of its decorator."""

    domain_name: str
    function: str  # "corpus.service:route", "monitoring:watch_latency"
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        asked = ", ".join(f"{k}={v}" for k, v in self.options.items())
        return f"{self.domain_name} {self.function}" + (f" ({asked})" if asked else "")

    @cached_property
    def source(self) -> FunctionSource:
        module, _, qualname = self.function.partition(":")
        folder, _, stem = module.rpartition(".")
        if folder == "corpus":
            file, module = CORPUS / "functions" / f"{stem}.py", f"functions.{stem}"
        else:
            file = HERE / "functions" / f"{stem}.py"
        for place in (CORPUS, HERE / "functions"):
            if str(place) not in sys.path:
                sys.path.append(str(place))
        return FunctionSource.in_file(file, qualname, module=module)

    @cached_property
    def spec(self) -> Spec:
        return make_spec({"domain": self.domain_name, **self.options})

    @cached_property
    def domain(self) -> Domain:
        return load(self.domain_name)

    @cached_property
    def worked_example(self) -> str | None:
        blueprint = self.domain.blueprint
        return blueprint(self.source, self.spec) if blueprint else None


def _of(domain: str, module: str, names: str) -> list[Task]:
    return [Task(domain, f"{module}:{name}") for name in names.split()]


TASKS: list[Task] = [
    *_of("reliability", "corpus.service", "route tag reply_to due_at sentiment suggest"),
    *_of("reliability", "corpus.risk", "score monthly_payment decide"),
    *_of("reliability", "corpus.numbers", "percentile as_fraction divide"),
    *_of("reliability", "corpus.strings", "parse_bool format_price truncate"),
    *_of("reliability", "corpus.dates", "add_months is_overdue"),
    *_of("reliability", "corpus.collections_", "deep_merge get_path sort_rows"),
    *_of("reliability", "corpus.generators", "window filtered"),
    *_of("reliability", "corpus.files", "load_settings append_line"),
    *_of("reliability", "corpus.async_", "with_limit"),
    *_of("reliability", "corpus.async_generators", "collect_until"),
    *_of("reliability", "corpus.classes", "Account.withdraw Savings.yearly"),
    *_of("reliability", "corpus.defaults", "lookup remember"),
    *_of("reliability", "corpus.prompts", "ask extract_json"),
    *_of("reliability", "corpus.errors", "reserve"),
    *_of("reliability", "corpus.typing_", "describe_user"),
    Task("reliability", "corpus.numbers:is_prime", {"optimize_for": "speed"}),
    Task("reliability", "corpus.collections_:unique", {"optimize_for": "speed"}),
    *_of("api", "corpus.json_api", "fetch_user get_user find_user create_user all_items"),
    *_of("api", "corpus.json_api", "names_of search post_event status_of read_with"),
    *_of("api", "services", "geocode rate notify Tracker.where"),
    Task("api", "services:replace_profile", {"idempotent": True, "timeout": 20.0}),
    *_of("ml_monitoring", "corpus.ml", "detect_drift monitor_predictions data_quality psi auc"),
    *_of("ml_monitoring", "monitoring", "check_schema watch_latency calibration_report"),
    *_of("ml_monitoring", "monitoring", "compare_models volume_alert outlier_rows drift_in_text"),
    *_of("ml_monitoring", "monitoring", "brier entropy"),
    Task(
        "ml_monitoring",
        "corpus.ml:detect_drift",
        {"optimize_for": "fewer false alarms in the weeks before Christmas", "learning": True},
    ),
]
