"""The narrow seam to language models: messages and a deadline in, text and its bill out.

Nothing else of POET knows which client, program or folder answers. Retrying is the caller's
business: an error says whether asking again may help, and when.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from ...errors import SettingsError
from .prices import cost_of

__all__ = ["Completion", "Message", "Model", "as_text", "model_from"]

Role = Literal["system", "user", "assistant"]

# Providers of pydantic-ai that take a key and a model's name; others work as well, unlisted.
PROVIDERS = (
    "openai", "openai-chat", "openai-responses", "anthropic", "google", "ollama", "azure", "groq",
    "mistral", "openrouter", "deepseek", "bedrock", "cerebras", "together", "fireworks", "xai",
    "cohere", "huggingface", "litellm", "github", "vercel", "gateway",
)  # fmt: skip
OWN = ("command", "recordings")


@dataclass(frozen=True)
class Message:
    """One message of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True)
class Completion:
    """What a model answered.

    Attributes:
        text: The answer, whole: an answer that was cut off is an error instead.
        model: Name of the model that answered, as the provider reports it.
        input_tokens: Tokens asked; None: not reported.
        output_tokens: Tokens answered; None: not reported.
        stop_reason: Why it stopped, `"stop"` where nothing else is known.
        seconds: How long the answer took.
        provider_url: Where it came from; prices are looked up by it. None: unknown.
    """

    text: str
    model: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    stop_reason: str = "stop"
    seconds: float = 0.0
    provider_url: str | None = None

    @property
    def cost(self) -> float | None:
        """US dollars by published prices; None where model, provider or tokens are not known."""
        return cost_of(self.model, self.provider_url, self.input_tokens, self.output_tokens)


@runtime_checkable
class Model(Protocol):
    """Something that answers messages."""

    @property
    def name(self) -> str:
        """What people call it, as in `POET_MODEL`."""

    def complete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Return the answer; works inside a running event loop as well.

        Args:
            messages: The conversation so far; the last message is the user's.
            deadline: Seconds after which the attempt is given up, whatever it is doing.

        Raises:
            ModelError: No usable answer; `retryable` and `retry_after` say what may help.
        """

    async def acomplete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Return the answer without blocking the event loop; see `complete`."""


def model_from(name: str | Model | None) -> Model | None:
    """Return the model that a setting names; None where none is wanted.

    Args:
        name: `"PROVIDER:MODEL"` (`"openai:gpt-5"`, `"anthropic:claude-sonnet-4-5"`,
            `"openai-chat:NAME"` for any compatible server at `OPENAI_BASE_URL`), with an optional
            `?max_tokens=NUMBER`; `"command:PROGRAM ARGUMENTS"`; `"recordings:FOLDER"`; a model
            object, which is returned as it is; None or empty.

    Raises:
        SettingsError: The name has no form that POET knows. No key is read and nothing is
            contacted here.
    """
    if name is None or (isinstance(name, str) and not name.strip()):
        return None
    if not isinstance(name, str):
        return name
    kind, colon, rest = (part.strip() for part in name.strip().partition(":"))
    if not colon or not rest:
        raise SettingsError(_unusable(name, kind))
    if kind == "command":
        from .command import CommandModel

        return CommandModel(rest)
    if kind == "recordings":
        from .recordings import Recordings

        return Recordings(rest)
    if kind.split("/")[0] not in PROVIDERS:
        near = difflib.get_close_matches(kind, (*PROVIDERS, *OWN), n=1, cutoff=0.85)
        if near:
            raise SettingsError(
                f"POET_MODEL={name!r}: there is no provider {kind!r}. Did you mean {near[0]!r}?"
            )
    from .pydantic_ai import PydanticAIModel

    return PydanticAIModel.named(f"{kind}:{rest}")


def _unusable(name: str, kind: str) -> str:
    known = {"gpt": "openai", "o3": "openai", "o4": "openai", "claude": "anthropic",
             "gemini": "google"}  # fmt: skip
    provider = next((p for start, p in known.items() if kind.lower().startswith(start)), "openai")
    example = f"{provider}:{kind}" if kind and kind not in (*PROVIDERS, *OWN) else "openai:gpt-5"
    return (
        f"POET_MODEL={name!r} names no model. Write PROVIDER:MODEL, such as {example!r}, or "
        "'command:PROGRAM' for a program that reads the prompt and prints the answer."
    )


def as_text(messages: Iterable[Message]) -> str:
    """Return a conversation as one readable text, the form in which it is kept and piped."""
    return "\n\n".join(f"## {m.role}\n\n{m.text}" for m in messages).rstrip() + "\n"
