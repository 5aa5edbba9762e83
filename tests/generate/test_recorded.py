"""Recorded answers of a model, replayed through the whole ladder: ask, judge, repair, store."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from poet.generate.ladder import Job, enhance
from poet.generate.model import as_text
from poet.generate.model.recordings import Recordings, Scripted, answer_of
from poet.settings import settings_for
from poet.store import folder_for

HERE = Path(__file__).parent.parent / "recordings"
EVERY = 5  # a part is enough here; `make.py judge --again` runs them all


def _load():
    sys.path.insert(0, str(HERE))
    try:
        spec = importlib.util.spec_from_file_location("recordings_make", HERE / "make.py")
        make = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(make)
    finally:
        sys.path.remove(str(HERE))
    return make


make = _load()
INDEX = make.load_index()
CHOSEN = [e for e in INDEX if e["attempts"][-1]["passed"] is not None][::EVERY]


def job_for(task, folder, model):
    # The answers do not depend on the prompts' present wording, so they are given in their order.
    settings = replace(settings_for(folder), model=model)
    store = folder_for(folder / ".poet", None, task.source.qualname, task.source.module)
    return Job(task.source, task.spec, store, settings)


@pytest.mark.parametrize("entry", CHOSEN, ids=lambda e: e["task"])
def test_the_ladder_gets_as_far_as_when_it_was_recorded(entry, tmp_path):
    """What passed then passes now; what never passed steps down to the blueprint."""
    model = Scripted(make.answers_of(entry))
    outcome = enhance(job_for(make.task_of(entry), tmp_path, model))
    assert outcome.version is not None, outcome.steps
    step = outcome.version.metadata["provenance"]["ladder"]
    if any(a["passed"] for a in entry["attempts"]):
        assert step in ("model", "repair"), outcome.steps
    else:
        assert step == "blueprint"


@pytest.mark.skipif(not INDEX, reason="nothing is recorded")
def test_every_request_has_its_answer_and_is_found_by_its_text():
    """The folder itself is a model that needs no key."""
    from poet.generate.model import Message

    model = Recordings(HERE)
    for request in sorted(HERE.glob("*.request.md")):
        assert answer_of(request).is_file(), request.name
    first = next(iter(sorted(HERE.glob("*.request.md"))))
    role, _, text = first.read_text().partition("\n\n")
    messages = [Message(role.removeprefix("## "), text.rstrip())]
    assert as_text(messages) == first.read_text()
    assert model.complete(messages, deadline=1).text == answer_of(first).read_text()
