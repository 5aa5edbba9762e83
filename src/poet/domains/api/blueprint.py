"""Write a version for a function that talks to HTTP services.

As the reliability blueprint, and: where the function's text can run in the version's own module,
each request in it is bounded in time, and those that only read are repeated one by one, so that
nothing else of the function happens twice. Elsewhere the original is called, and called again
only if all of it only reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...effects import Effects
from ...source import FunctionSource
from ...spec import Spec
from ..reliability import layout
from ..reliability.blueprint import Operate, Writer
from ..reliability.naming import imports_from
from ..reliability.retries import DEFAULT_RETRIES, Policy, policy_of
from .rewrite import Request, bound_names, reason_to_keep, requests_in, rewritten_body

TOOLKIT = "poet.domains.api.toolkit"
TIMEOUT = 60.0
_LONGEST_SILENCE = 30.0


def write(source: FunctionSource, spec: Spec) -> str:
    """Return the text of `enhanced.py` for a function."""
    requests = requests_in(source, spec)
    source = _as_seen(source, requests)
    writer = ApiWriter(source, spec)
    obstacle = reason_to_keep(source)
    if obstacle is None and any(r.changes for r in requests):
        return writer.module(writer.rewritten(requests))
    return writer.module(writer.called(requests, obstacle))


class ApiWriter(Writer):
    """Writes `operate` for functions that send requests."""

    def __init__(self, source: FunctionSource, spec: Spec) -> None:
        super().__init__(source, spec)
        # The rewritten body keeps its own variables; what it is given must not be hidden by them.
        self.names.taken_by_body = bound_names(source.tree)
        self.timeout = spec.timeout if spec.timeout is not None else TIMEOUT

    # -- the body, rewritten ----------------------------------------------------------------

    def rewritten(self, requests: list[Request]) -> Operate:
        """Write `operate` as the original's text with its requests bounded and repeated."""
        repeats = any(r.repeat for r in requests)
        unbounded = any(not r.bounded for r in requests)
        urllib = any(r.library == "urllib" for r in requests)
        send = self.names.alias("send")
        timeout = f"{self.names.tool('params')}.request_timeout" if unbounded else ""
        body = rewritten_body(
            self.source, requests, send=send, module=self.names.tool("module"), timeout=timeout
        )
        if f"{self.names.tools['module']}." not in body:
            del self.names.tools["module"]
        # What urllib reads is read after its call returned: the whole function is repeated.
        policy = policy_of(self.source, self.spec, TIMEOUT)
        whole = policy.retries if urllib and not repeats else 0
        decorator = self._decorator(whole, policy.abandon)
        head = f"{decorator}\n{self.operate_head()}\n"
        doc = layout.docstring(self._says(requests, policy, whole))
        return Operate(
            f"{head}{doc}\n{body}".rstrip("\n"),
            imports=self._toolkit_imports(repeats, whole),
            constants=self._constants(repeats, unbounded, send),
        )

    def _constants(self, repeats: bool, unbounded: bool, send: str) -> list[str]:
        lines = []
        if unbounded:
            silence = self.timeout / 2 if repeats else self.timeout
            silence = min(silence, _LONGEST_SILENCE)
            param = self.names.tool("Param")
            meaning = layout.quoted("seconds that a server may stay silent")
            lines.append(
                "PARAMS = {\n"
                f'    "request_timeout": {param}({silence!r}, {min(0.05, silence)!r}, 300.0, '
                f"{meaning}),\n"
                "}"
            )
        if repeats:
            retries = self.spec.retries or DEFAULT_RETRIES
            options = [f"retries={retries}", f"timeout={self.timeout!r}"]
            options += ["idempotent=True"] if self.spec.idempotent else []
            lines.append(layout.call(f"{send} = {self.names.alias('Sender')}", options))
        return lines

    def _toolkit_imports(self, repeats: bool, whole: int) -> list[str]:
        wanted = ["Sender"] if repeats else []
        wanted += ["retry_after", "transient"] if whole else []
        return self.toolkit_imports(wanted)

    def toolkit_imports(self, wanted: list[str]) -> list[str]:
        """Return the import statements for tools of the domain."""
        return imports_from(TOOLKIT, {name: self.names.alias(name) for name in wanted})

    def _decorator(self, retries: int, abandon: bool) -> str:
        arguments = []
        if retries:
            arguments += [
                f"retries={retries}",
                f"retry_on={self.names.alias('transient')}",
                f"retry_after={self.names.alias('retry_after')}",
            ]
        arguments.append(f"timeout={self.timeout!r}")
        if abandon:
            arguments.append("abandon=True")
        return layout.call(f"@{self.names.tool('resilient')}", arguments)

    def _says(self, requests: list[Request], policy: Policy, whole: int) -> list[str]:
        bounded = _shown(r for r in requests if not r.bounded)
        repeated = _shown(r for r in requests if r.repeat)
        once = _shown(r for r in requests if not r.repeat and not (whole and r.library == "urllib"))
        own = _shown(r for r in requests if r.bounded and r.library.startswith("httpx"))
        why = "it is declared idempotent" if self.spec.idempotent else "it only reads"
        sentences = []
        if bounded:
            sentences.append(f"{bounded} had no time-out and would wait for ever: it has one now.")
        if own:
            sentences.append(f"{own} keeps the time-out that httpx has.")
        if repeated:
            sentences.append(
                f"Repeated by itself after a failure that may pass (no connection, 429, 500, 502, "
                f"503, 504, an answer cut short): {repeated}, since {why}. It waits longer each "
                "time, or as long as Retry-After asks; the last answer is returned as it is."
            )
        if whole:
            sentences.append(policy.sentences[0])
        if once:
            sentences.append(f"Sent once: {once}; a second attempt could repeat its effect.")
        sentences += policy.sentences[1:]
        return ["O': the original's own text, its requests made reliable.", " ".join(sentences)]

    # -- the original, called ---------------------------------------------------------------

    def called(self, requests: list[Request], obstacle: str | None) -> Operate:
        """Write `operate` as a call of the original."""
        talks = bool(requests) or self.source.effects.network
        policy = policy_of(self.source, self.spec, TIMEOUT if talks else None)
        if not talks or "generator" in self.source.kind:
            return self.operate(policy)
        retries = policy.retries
        arguments, wanted, constants = [], [], []
        if retries:
            wanted = ["Breaker", "retry_after", "retryable_answer", "transient"]
            names = {name: self.names.alias(name) for name in wanted}
            breaker = self.names.alias("breaker")
            constants = [f"{breaker} = {names['Breaker']}()"]
            arguments = [
                f"retries={retries}",
                f"retry_on={names['transient']}",
                f"retry_result={names['retryable_answer']}",
                f"retry_after={names['retry_after']}",
                f"breaker={breaker}",
            ]
        arguments.append(f"timeout={policy.timeout!r}")
        if policy.abandon:
            arguments.append("abandon=True")
        decorator = layout.call(f"@{self.names.tool('resilient')}", arguments)
        sentences = list(policy.sentences)
        if obstacle and any(not r.bounded for r in requests):
            sentences.append(
                f"Its requests have no time-out of their own, and its text stays where it is: "
                f"{obstacle}. Give each one timeout=."
            )
        doc = layout.docstring(["O': the original, called as it is.", " ".join(sentences)])
        text = f"{decorator}\n{self.operate_head()}\n{doc}\n{self.call_original()}"
        return Operate(text, self.toolkit_imports(wanted), constants)


def _as_seen(source: FunctionSource, requests: list[Request]) -> FunctionSource:
    """Count requests through `self.session` and the like, which look like any other method call."""
    if source.effects.kind != "pure" or not requests:
        return source
    reasons = tuple(f"{r.shown} asks the network" for r in requests)
    libraries = tuple(sorted({r.library for r in requests}))
    return replace(source, effects=Effects("reads", reasons, network=True, libraries=libraries))


def _shown(requests: Iterable[Request]) -> str:
    """Return the called things, each once."""
    return ", ".join(dict.fromkeys(r.shown for r in requests))
