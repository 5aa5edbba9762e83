"""Reports: one line for a person, all errors for the model, JSON for the store."""

from __future__ import annotations

import json

from poet.generate.gate.report import Finding, Report, has_errors

NOTE = Finding("trial", "POET-T009", "wrote to the log twice", severity="note")
ERROR = Finding("audit", "POET-A201", "eval", 7, "Write the code itself.")


def test_finding_is_one_line():
    """Rule, line, what is there, and what to do instead."""
    assert ERROR.text() == "POET-A201 line 7: eval Write the code itself."


def test_json_round_trip():
    """What the store reads back is the report that was written."""
    report = Report(False, "refused by the audit", (ERROR, NOTE), {"contract": {}}, 0.0125)
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_model_hears_of_errors_only():
    """Notes would send a model after what is not wrong."""
    report = Report(False, "refused", (NOTE, ERROR))
    assert "POET-A201" in report.for_model()
    assert "POET-T009" not in report.for_model()


def test_text_names_stages_that_were_not_reached():
    """A person sees what was not judged."""
    text = Report(False, "refused by the audit: eval", (ERROR,), {"contract": {}}).text()
    assert text.startswith("refused: refused by the audit")
    assert "contract: ok" in text
    assert "agreement: not reached" in text


def test_has_errors():
    """A note does not refuse a candidate."""
    assert has_errors([NOTE, ERROR])
    assert not has_errors([NOTE])
