"""Write the prompts: template files filled in with a function, a spec and a domain.

User code, docstrings, feedback and the gate's findings enter as data in fences which they cannot
close, and the instructions say that nothing inside is an instruction. The same function and spec
always give the same text.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import excerpt, offers
from .model import Message, as_text
from .reply import FORMAT

if TYPE_CHECKING:
    from jinja2 import Environment

    from ..domains import Domain
    from ..source import FunctionSource, Parameter
    from ..spec import Spec

TEMPLATES = Path(__file__).parent / "prompts"
FENCE = "~~~~"
MOST_DATA = 40_000  # characters of one block of data
MOST_FEEDBACK = 20


@dataclass(frozen=True)
class Prompt:
    """A rendered prompt.

    Attributes:
        messages: What the model is sent.
        digest: SHA-256 of the templates that it was made from; the data does not count.
    """

    messages: tuple[Message, ...]
    digest: str

    @property
    def text(self) -> str:
        """The prompt as it is kept beside the version."""
        return as_text(self.messages)


def full_prompt(
    source: FunctionSource,
    spec: Spec,
    domain: Domain,
    worked_example: str | None,
    *,
    previous: str | None = None,
    feedback: Sequence[str] = (),
) -> Prompt:
    """Return the prompt for a version of a function.

    Args:
        source: The function.
        spec: What was asked for.
        domain: Its requirements are part of the instructions; its toolkit is listed.
        worked_example: What the domain's blueprint writes for this function; None: nothing.
        previous: The version in use, when it is to be revised.
        feedback: What was said of it, in words; the last `MOST_FEEDBACK` count.
    """
    variables = _variables(source, spec) | _of_domain(source, spec, domain)
    variables |= {
        "worked_example": worked_example,
        "previous": previous,
        "feedback": list(feedback)[-MOST_FEEDBACK:],
    }
    return _prompt("full.md.j2", variables)


def small_prompt(source: FunctionSource, spec: Spec) -> Prompt:
    """Return the smaller prompt: check arguments and result, call the original, no more."""
    return _prompt("small.md.j2", _variables(source, spec))


def repair_prompt(prompt: Prompt, answer: str, report: str) -> Prompt:
    """Return the prompt that follows a refused answer.

    Args:
        prompt: The prompt that was answered, not an earlier repair of it.
        answer: The answer as it came.
        report: What was wrong: `Report.for_model()`, or why the answer could not be read.
    """
    said = _cut(answer)
    text = _render("repair.md.j2", {"report": report, "format": FORMAT,
                                    "had_train": "train.py" in answer})  # fmt: skip
    messages = (*prompt.messages, Message("assistant", said), Message("user", text))
    return Prompt(messages, _digest("system.md.j2", "repair.md.j2", prompt.digest))


def data(text: str, name: str) -> str:
    """Return a text as a block of data that it cannot close, whatever it holds.

    The fence is longer than any run of tildes in the text; characters without a shape are written
    as escapes, and what looks like a secret is left out.
    """
    shown = _cut(excerpt.visible(excerpt.redacted(text))).strip("\n")
    longest = max((len(run) for run in re.findall(r"~{4,}", shown)), default=0)
    fence = "~" * max(len(FENCE), longest + 1)
    return f"{fence} data: {name}\n{shown}\n{fence}"


def _cut(text: str) -> str:
    if len(text) <= MOST_DATA:
        return text
    return f"{text[:MOST_DATA]}\n… ({len(text) - MOST_DATA} more characters were left out)"


# -- rendering ------------------------------------------------------------------------------


@functools.cache
def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # prompts are not HTML
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data"] = data
    return environment


def _render(template: str, variables: dict[str, Any]) -> str:
    text = _environment().get_template(template).render(variables)
    return text.strip()


def _prompt(template: str, variables: dict[str, Any]) -> Prompt:
    system = _render("system.md.j2", {"fence": FENCE})
    user = _render(template, variables)
    messages = (Message("system", system), Message("user", user))
    return Prompt(messages, _digest("system.md.j2", template))


def _digest(*names: str) -> str:
    """Return the digest of templates (or of earlier digests)."""
    digest = hashlib.sha256()
    for name in names:
        file = TEMPLATES / name
        digest.update(file.read_bytes() if name.endswith(".j2") else name.encode())
        digest.update(b"\0")
    return digest.hexdigest()


# -- what the templates are told ------------------------------------------------------------


def _variables(source: FunctionSource, spec: Spec) -> dict[str, Any]:
    returns = source.returns is not None
    imports = ["check_result"] if returns else []
    if any(p.annotation for p in source.parameters):
        imports.insert(0, "check")
    return {
        "source": source,
        "source_text": source.text,
        "shown_file": _shown_file(source),
        "decorators": "\n".join(f"@{d}" for d in source.decorators),
        "imports": "\n".join(source.imports),
        "definitions": excerpt.definitions(source),
        "facts": _facts(source),
        "goal": _goal(spec),
        "options": _options(spec),
        "examples": "\n".join(_example(source.name, e) for e in spec.examples[:20]),
        "signature": _head(source, _entry_parameters(source)),
        "joined": _joined(source),
        "called": _called(source),
        "kept": _kept(source) if source.is_stub else "",
        "is_method": source.method in ("instance", "class"),
        "repeatable": _repeatable(source, spec),
        "strict": spec.strict,
        "learns": bool(spec.learning) or spec.optimize_for is not None,
        "format": FORMAT,
        "small_imports": ", ".join([*imports, "original"]),
        "small_form": _small_form(source),
    }


def _of_domain(source: FunctionSource, spec: Spec, domain: Domain) -> dict[str, Any]:
    from .gate.manifest import manifest_of

    manifest = manifest_of(source, spec, domain)
    return {
        "domain": domain,
        "requirements": _below(domain.requirements),
        "promises": offers.probes(domain.probes),
        "enhanced": offers.enhanced_names(),
        "toolkit": offers.toolkit_names(domain.toolkit),
        "packages": ", ".join(sorted(manifest.packages)),
        "standard_modules": offers.standard_modules(),
        "capabilities": manifest.text(),
        "refusals": offers.refusals(),
    }


def _below(requirements: str) -> str:
    """Return a domain's Markdown with its title gone and its headings two levels lower."""
    text = re.sub(r"\A\s*# [^\n]*\n", "", requirements)
    return re.sub(r"^(#{1,4}) ", r"\1# ", text, flags=re.MULTILINE).strip()


def _shown_file(source: FunctionSource) -> str:
    if source.file is None:
        return source.module
    return "/".join(source.file.parts[-(source.module.count(".") + 1) :])


def _goal(spec: Spec) -> str:
    """Return the goal in words; a sentence of the user's stands among the options instead."""
    return spec.goal if re.fullmatch(r"\w+", spec.goal) else "what the options say"


def _options(spec: Spec) -> str:
    options = {k: v for k, v in spec.as_dict().items() if k not in ("domain", "examples")}
    return json.dumps(options, indent=1, sort_keys=True, ensure_ascii=False) if options else ""


def _example(name: str, example: Any) -> str:
    arguments = [*map(repr, example.args), *(f"{k}={v!r}" for k, v in example.kwargs.items())]
    call = f"{name}({', '.join(arguments)})"
    return f"{call} == {example.result!r}"[:2000] if example.has_result else call[:2000]


def _facts(source: FunctionSource) -> str:
    kind = {"function": "a plain function", "coroutine": "a coroutine function (async def)",
            "generator": "a generator", "async generator": "an async generator"}[source.kind]  # fmt: skip
    method = f", {source.method} method" if source.method else ""
    effects = {
        "pure": "it only computes",
        "reads": "it reads (files, network, clock or the like) and writes nothing",
        "writes": "it writes, or changes something outside, an argument or a global",
        "unknown": "it may have effects that cannot be told from the text",
    }[source.effects.kind]
    network = ", over the network" if source.effects.network else ""
    stub = "; its body is a stub" if source.is_stub else ""
    return f"{kind}{method}; {effects}{network}{stub}."


def _repeatable(source: FunctionSource, spec: Spec) -> str:
    if "generator" in source.kind:
        return "this is a generator, so never"
    if spec.idempotent is False:
        return "the user says that it is not idempotent, so not here"
    if spec.idempotent:
        return "the user says that it is idempotent"
    if source.effects.kind == "pure":
        return "this function only computes, so there is nothing to retry"
    if source.effects.repeatable:
        return "this function only reads, so it may"
    return "this function writes, or may write, so not here"


def _kept(source: FunctionSource) -> str:
    """Say what a stub's own answer fixes: keys and types."""
    import ast

    returned = [n.value for n in ast.walk(source.tree) if isinstance(n, ast.Return) and n.value]
    if not returned:
        return "its signature, and what its docstring and return annotation say"
    only = returned[0]
    if isinstance(only, ast.Dict):
        shape = _described(ast.literal_eval(only))
        return f"a dict with exactly these keys and types of values: {shape}"
    return f"a value of the type of {ast.unparse(only)}"


def _described(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_described(v)}" for k, v in value.items()) + "}"
    return "any" if value is None else type(value).__name__


def _entry_parameters(source: FunctionSource, *, texts: bool = True) -> str:
    """Return the entry's parameters without annotations.

    Args:
        source: The function.
        texts: Whether defaults that are texts or containers are shown; they are the user's words,
            and belong into data only.
    """
    parts: list[str] = []
    kinds = [p.kind for p in source.parameters]
    for index, parameter in enumerate(source.parameters):
        if parameter.kind == "KEYWORD_ONLY" and "VAR_POSITIONAL" not in kinds[:index]:
            if "KEYWORD_ONLY" not in kinds[:index]:
                parts.append("*")
        star = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(parameter.kind, "")
        parts.append(star + parameter.name + _default(parameter, texts=texts))
        last_positional = kinds[index + 1 : index + 2] != ["POSITIONAL_ONLY"]
        if parameter.kind == "POSITIONAL_ONLY" and last_positional:
            parts.append("/")
    return ", ".join(parts)


def _default(parameter: Parameter, *, texts: bool) -> str:
    """Return a default as the entry has it: `...` unless it is a plain literal that may be shown."""
    import ast

    if parameter.default is None:
        return ""
    try:
        value = ast.literal_eval(parameter.default)
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return "=..."
    if not texts and not isinstance(value, (int, float, type(None))):
        return "=..."
    plain = excerpt.redacted(f"{parameter.name}={parameter.default}")
    return "=..." if excerpt.REDACTED in plain else f"={parameter.default}"


def _head(source: FunctionSource, parameters: str) -> str:
    prefix = "async def" if source.kind == "coroutine" else "def"
    return f"{prefix} {source.name}({parameters}):"


def _joined(source: FunctionSource) -> str:
    names = ", ".join(p.name for p in source.parameters)
    star = "*" if len(source.parameters) > 1 else ""
    perceived = f"operate({star}perceive({names}))" if names else "operate()"
    match source.kind:
        case "coroutine":
            return f"return enforce(await {perceived})"
        case "generator":
            return f"return (yield from enforce({perceived}))"
        case _:
            return f"return enforce({perceived})"


def _called(source: FunctionSource) -> str:
    wait = "await " if source.kind == "coroutine" else ""
    spelled = []
    for parameter in source.parameters:
        form = {"VAR_POSITIONAL": "*{0}", "VAR_KEYWORD": "**{0}", "KEYWORD_ONLY": "{0}={0}"}
        spelled.append(form.get(parameter.kind, "{0}").format(parameter.name))
    return f"return {wait}original({', '.join(spelled)})"


def _small_form(source: FunctionSource) -> str:
    """Return the four parts with only the checks left to fill in."""
    names = ", ".join(p.name for p in source.parameters)
    prefix = "async def" if source.kind == "coroutine" else "def"
    perceive = f'def perceive({names}):\n    """P: …"""\n'
    perceive += f"    …\n    return {names}\n" if names else ""
    entry = _head(source, _entry_parameters(source, texts=False))
    return "\n\n".join(
        [
            perceive,
            f'{prefix} operate({names}):\n    """O\': …"""\n    {_called(source)}\n',
            'def enforce(result):\n    """E: …"""\n    …\n',
            f'{entry}\n    """…"""\n    {_joined(source)}',
        ]
    )
