"""Generate a version, step by step down the ladder, until one passes the gate.

    the model with the full prompt
    → the same, repaired with the gate's report (up to three attempts in all)
    → the model with the smaller, reliability-only prompt
    → the domain's blueprint, which needs no model
    → the user's own function, unchanged

Each step down is an event with its reason. The whole takes at most `generation_seconds`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..domains import Domain
from ..domains import load as load_domain
from ..errors import ModelError, StoreError
from ..events import emit
from ..runtime.state import DecoratedFunction
from ..settings import Settings
from ..source import FunctionSource
from ..spec import Spec
from ..store import FunctionFolder, Version
from ..store.files import read_json, write_json
from .candidate import Candidate, Provenance
from .gate import gate
from .gate.report import Report

if TYPE_CHECKING:
    from .model import Completion, Message, Model
    from .prompt import Prompt

log = logging.getLogger("poet")

ATTEMPTS = 3  # of the full prompt: the first and two repairs
SECONDS_PER_ATTEMPT = 30.0
LOCK_SECONDS = 20.0
REFUSED = "refused.json"  # in the function's folder: what was asked when no candidate passed

Progress = Callable[[str], None]


def _quiet(_text: str) -> None:
    return None


@dataclass
class Job:
    """One function to be enhanced.

    Attributes:
        source: What its text says.
        spec: What was asked for.
        folder: Where its versions are.
        settings: The settings in force.
        progress: Told in words what happens.
        closure: Values of the original's free variables, by name, for the trial.
    """

    source: FunctionSource
    spec: Spec
    folder: FunctionFolder
    settings: Settings
    progress: Progress = _quiet
    closure: Mapping[str, Any] = field(default_factory=dict)

    @property
    def domain(self) -> Domain:
        """The domain that the spec names."""
        beside = self.source.file.parent if self.source.file else None
        return load_domain(self.spec.domain, beside=beside)

    def event(self, kind: str, **payload: Any) -> None:
        """Write an event about this function's generation."""
        emit(self.folder.root, kind, {"function": self.folder.name, **payload},
             environment=self.settings.environment, service=self.settings.service)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of one generation.

    Attributes:
        version: The stored version; None when the user's own function goes on running.
        fresh: Whether it was made now; False when a fitting one was stored already.
        steps: What was tried, in order, each with what came of it.
    """

    version: Version | None
    fresh: bool
    steps: tuple[str, ...] = ()


def prepare(state: DecoratedFunction) -> None:
    """Make a version for a function whose first call found none.

    A blueprint is written at once, without a network; a model works in the background, and its
    version takes over between two calls. With `POET_GENERATE=command` or `never` nothing is made.
    """
    if state.settings.generate != "background":
        state_event(state, "generation.skipped", reason=f"POET_GENERATE={state.settings.generate}")
        return
    if state.source is None:
        _run_from_memory(state)
        return
    job = job_for(state)
    adopt_edited(job)
    rolled_back = _answering(job, "rolled back")
    if job.folder.usable(job.source.fingerprint, job.spec.digest) is None and not _refused(job):
        if rolled_back:  # somebody did not want it: an equal one must not come back by itself
            job.event("generation.skipped", reason=f"v{rolled_back[0].number} was rolled back; "
                      "`poet enhance` generates anew")  # fmt: skip
            return
        enhance(job, use_model=False)
    if state.settings.model and not any(_by_model(v) for v in rolled_back):
        threading.Thread(
            target=_in_background, args=(job,), name=f"poet-generate-{state.name}", daemon=True
        ).start()


def _question(job: Job) -> dict[str, str]:
    """What a refusal depends on: the function, what was asked for, the domain, and POET itself."""
    from importlib.metadata import version

    return {
        "fingerprint": job.source.fingerprint,
        "spec_digest": job.spec.digest,
        "domain_digest": job.domain.digest,
        "poet": version("opendxa-poet"),
    }


def _refused(job: Job) -> bool:
    """Tell whether the same question was answered by a refusal before.

    Then the plain function runs at once, and not after the gate has judged the same text again;
    `poet enhance` asks anew.
    """
    try:
        before = read_json(job.folder.path / REFUSED)
    except StoreError:
        return False
    return all(before.get(k) == v for k, v in _question(job).items())


def job_for(state: DecoratedFunction, progress: Progress = _quiet) -> Job:
    """Return the job for a decorated function that has a source."""
    assert state.source is not None
    return Job(
        state.source, state.spec, state.folder, state.settings, progress, closure_of(state.original)
    )


def closure_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the values of a function's free variables, as far as they are set."""
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    found = {}
    if code is not None and cells:
        for name, cell in zip(code.co_freevars, cells, strict=True):
            try:
                found[name] = cell.cell_contents
            except ValueError:  # not assigned yet
                continue
    return found


def state_event(state: DecoratedFunction, kind: str, **payload: Any) -> None:
    """Write an event about a decorated function."""
    emit(state.root, kind, {"function": state.name, **payload},
         environment=state.settings.environment, service=state.settings.service)  # fmt: skip


def _in_background(job: Job) -> None:
    try:
        enhance(job, use_model=True, better_than_blueprint=True)
    except Exception as error:
        log.exception("background generation of %s failed", job.folder.name)
        job.event("generation.failed", step="background", reason=str(error))


def enhance(
    job: Job, *, use_model: bool = True, force: bool = False, better_than_blueprint: bool = False
) -> Outcome:
    """Return a version for this source and spec, generating one where none is stored.

    Args:
        job: The function.
        use_model: Whether the configured model may be asked.
        force: Generate although a fitting version is stored.
        better_than_blueprint: Treat a stored blueprint as a reason to ask the model.

    Raises:
        UnknownDomain: The spec names a domain that does not exist.
        SandboxUnavailable: `sandbox="require"` and this machine has no isolation.
    """
    domain = job.domain
    model = _model(job) if use_model else None
    with job.folder.locked(LOCK_SECONDS) as held:
        stored = job.folder.usable(job.source.fingerprint, job.spec.digest)
        if not force:
            # One that waits for review counts: each process would add another of its kind.
            running = [stored] if stored is not None and not stored.is_edited() else []
            fitting = running + _answering(job, "waiting")
            better = [v for v in fitting if _by_model(v)]
            if fitting and (better or not better_than_blueprint or model is None):
                return Outcome((better or fitting)[0], fresh=False)
        if not held:
            job.progress("another process is generating this function")
            return Outcome(stored, fresh=False, steps=("another process holds the lock",))
        return _climb_down(job, domain, model, stored)


def _answering(job: Job, status: str) -> list[Version]:
    return job.folder.answering(job.source.fingerprint, job.spec.digest, status)


def _by_model(version: Version) -> bool:
    return str(version.metadata["provenance"]["ladder"]) != "blueprint"


def _model(job: Job) -> Model | None:
    if job.settings.model is None:
        return None
    from .model import model_from  # a blueprint needs none of this

    return model_from(job.settings.model)


def _climb_down(job: Job, domain: Domain, model: Model | None, stored: Version | None) -> Outcome:
    steps: list[str] = []
    started = time.monotonic()
    job.event("generation.started", domain=domain.name, model=getattr(model, "name", None))
    for rung in _rungs(job, domain, model, started, steps):
        candidate, report = rung
        if report.passed:
            version = keep(job, candidate, report)
            job.event(
                "generation.succeeded",
                version=version.number,
                step=candidate.provenance.ladder,
                summary=report.summary,
                seconds=round(time.monotonic() - started, 3),
            )
            return Outcome(version, fresh=True, steps=tuple(steps))
    job.event("generation.failed", step="original", reason="; ".join(steps[-2:]))
    write_json(job.folder.path / REFUSED, {**_question(job), "steps": steps})
    job.progress("no candidate passed; the plain function goes on running")
    if stored is not None:
        steps.append(f"v{stored.number} stays")
    return Outcome(stored, fresh=False, steps=tuple(steps))


def _rungs(job: Job, domain: Domain, model: Model | None, started: float, steps: list[str]) -> Any:
    """Yield (candidate, report) for each step of the ladder that produced code."""
    worked_example = blueprint_text(job, domain)
    if model is not None:
        from .prompt import full_prompt, small_prompt

        prompt = full_prompt(job.source, job.spec, domain, worked_example)
        yield from _ask(job, domain, model, prompt, "model", started, steps, ATTEMPTS)
        yield from _ask(
            job,
            domain,
            model,
            small_prompt(job.source, job.spec),
            "small prompt",
            started,
            steps,
            1,
        )
    if worked_example is not None:
        candidate = Candidate(worked_example, Provenance("blueprint", domain.name, domain.digest))
        job.progress(f"checking the blueprint of domain {domain.name}")
        yield candidate, _judged(job, domain, candidate, steps)
        if domain.name != "reliability":
            # A domain's blueprint that does not fit still leaves the plain reliability one.
            plain = load_domain("reliability")
            text = blueprint_text(job, plain)
            if text is not None and text != worked_example:
                candidate = Candidate(text, Provenance("blueprint", "reliability", plain.digest))
                yield candidate, _judged(job, plain, candidate, steps)


def blueprint_text(job: Job, domain: Domain) -> str | None:
    """Return what a domain writes without a model; None where it has nothing to say."""
    if domain.blueprint is None:
        return None
    return domain.blueprint(job.source, job.spec)


def _ask(
    job: Job,
    domain: Domain,
    model: Model,
    prompt: Prompt,
    step: str,
    started: float,
    steps: list[str],
    attempts: int,
) -> Any:
    """Ask the model, and again with the gate's report, up to `attempts` times."""
    from .prompt import repair_prompt
    from .reply import ReplyError, read_reply

    messages: Sequence[Message] = prompt.messages
    spent = Provenance(step, domain.name, domain.digest, model=model.name)
    for attempt in range(1, attempts + 1):
        left = job.settings.generation_seconds - (time.monotonic() - started)
        if left <= 1.0:
            _step(job, steps, step, "the time for generation was used up")
            return
        kind = step if attempt == 1 else "repair"
        job.progress(f"asking {model.name} ({kind}, attempt {attempt})")
        try:
            answer = _complete(model, messages, min(left, SECONDS_PER_ATTEMPT))
        except ModelError as error:
            _step(job, steps, kind, str(error))
            return
        spent = _add(spent, answer, kind, attempt, prompt)
        try:
            reply = read_reply(answer.text)
        except ReplyError as error:
            _step(job, steps, kind, str(error))
            messages = repair_prompt(prompt, answer.text, str(error)).messages
            continue
        candidate = Candidate(reply.code, spent, reply.train)
        job.progress(f"checking the answer of {model.name}")
        report = _judged(job, domain, candidate, steps)
        yield candidate, report
        messages = repair_prompt(prompt, answer.text, report.for_model()).messages


def _complete(model: Model, messages: Sequence[Message], seconds: float) -> Completion:
    """Ask with exponential back-off while the provider says that it is busy."""
    give_up = time.monotonic() + seconds
    wait = 0.5
    while True:
        try:
            return model.complete(messages, deadline=give_up - time.monotonic())
        except ModelError as error:
            pause = error.retry_after if error.retry_after is not None else wait
            if not error.retryable or time.monotonic() + pause + 1.0 > give_up:
                raise
            time.sleep(pause)
            wait *= 2


def _add(
    spent: Provenance, answer: Completion, step: str, attempt: int, prompt: Prompt
) -> Provenance:
    def total(a: int | None, b: int | None) -> int | None:
        return b if a is None else a if b is None else a + b

    cost = answer.cost
    return replace(
        spent,
        ladder=step,
        model=answer.model,
        attempt=attempt,
        prompt=prompt.text,
        prompt_digest=prompt.digest,
        input_tokens=total(spent.input_tokens, answer.input_tokens),
        output_tokens=total(spent.output_tokens, answer.output_tokens),
        cost=None
        if cost is None or (attempt > 1 and spent.cost is None)
        else cost + (spent.cost or 0),
        seconds=round((spent.seconds or 0.0) + answer.seconds, 3),
    )


def _judged(job: Job, domain: Domain, candidate: Candidate, steps: list[str]) -> Report:
    report = gate(
        candidate,
        job.source,
        job.spec,
        domain,
        sandbox=job.spec.sandbox if job.spec.sandbox != "auto" else job.settings.sandbox,
        closure=job.closure,
    )
    steps.append(f"{candidate.provenance.ladder}: {report.summary}")
    if not report.passed:
        job.event("generation.rejected", step=candidate.provenance.ladder, summary=report.summary,
                  findings=[f.rule for f in report.errors][:20])  # fmt: skip
    job.progress(f"{candidate.provenance.ladder}: {report.summary}")
    return report


def _step(job: Job, steps: list[str], step: str, reason: str) -> None:
    steps.append(f"{step}: {reason}")
    job.progress(f"{step}: {reason}")
    job.event("generation.step_down", step=step, reason=reason)


def keep(job: Job, candidate: Candidate, report: Report) -> Version:
    """Store a candidate that passed the gate, and make it current unless it has to be approved.

    Call it with the folder's lock held.
    """
    files = {"enhanced.py": candidate.code}
    if candidate.train:
        files["train.py"] = candidate.train
    if candidate.provenance.prompt:
        files["prompt.md"] = candidate.provenance.prompt
    version = job.folder.add(
        files,
        {
            "fingerprint": job.source.fingerprint,
            "spec_digest": job.spec.digest,
            "spec": job.spec.as_dict(),
            "provenance": candidate.provenance.as_dict(),
            "report": report.to_json(),
        },
    )
    if job.settings.approval == "review":
        job.event("version.waiting", version=version.number,
                  reason=f"POET_APPROVAL=review; run: poet approve {job.folder.name}")  # fmt: skip
    else:
        job.folder.make_current(version, f"passed the gate: {report.summary}")
    return version


def adopt_edited(job: Job) -> Version | None:
    """Have a version that somebody edited on disk checked, and store it as one of its own.

    Returns the new version, or None when nothing was edited or the edited text was refused.
    """
    with job.folder.locked(LOCK_SECONDS) as held:
        current = job.folder.current() if held else None
        if current is None or not current.is_edited():
            return None
        text = current.code_path.read_text(encoding="utf-8")
        if any(v.code_path.read_text(encoding="utf-8") == text for v in _answering(job, "waiting")):
            return None  # this very text waits for review already
        candidate = Candidate(text, Provenance("edited", job.domain.name, job.domain.digest))
        report = _judged(job, job.domain, candidate, [])
        job.event("version.edited", version=current.number, accepted=report.passed,
                  summary=report.summary)  # fmt: skip
        if not report.passed:
            raise StoreError(
                f"{current.code_path} was edited and does not pass the gate: {report.summary} "
                f"See `poet check`; undo the edit, or mend it and run `poet enhance` again."
            )
        version = keep(job, candidate, report)
        current.mark("edited", why=f"edited on disk; the text lives on as v{version.number}")
        return version


def _run_from_memory(state: DecoratedFunction) -> None:
    """Without a source: run the reliability blueprint of the bare signature, stored nowhere."""
    from .sourceless import entry_for

    entry = entry_for(state.original, state.spec)
    if entry is not None:
        state.use_entry(entry)
