"""Language models of many providers, by way of pydantic-ai (extra `llm`).

The library speaks the protocols; the deadline and all retrying are POET's own, so the providers'
clients are told not to retry. Each completion runs in an event loop and with a client of its own
in a worker thread: it works inside a running loop, and no connection outlives its loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ...errors import MissingExtra, ModelError, SettingsError
from . import Completion, Message

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model as ClientModel

# Room for the code and for a model's own thinking. Servers of other makers refuse numbers above
# what they can do, so they get none unless the setting says one.
MAX_TOKENS = 16_000
_LIMITED = ("openai", "openai-responses", "anthropic", "google")
_GRACE = 1.0  # seconds for a cancelled request to close its connection


class PydanticAIModel:
    """Asks one model of one provider.

    Keys and URLs come from the provider's own environment variables, such as `OPENAI_API_KEY`,
    `OPENAI_BASE_URL` and `ANTHROPIC_API_KEY`; they are read at the first completion.

    Args:
        name: `"PROVIDER:MODEL"`.
        max_tokens: The most tokens that an answer may have; None: the provider's own limit.
        client: A ready model object of pydantic-ai, instead of one made by name.
    """

    def __init__(
        self, name: str, *, max_tokens: int | None = None, client: ClientModel | None = None
    ) -> None:
        self.name = name
        self.max_tokens = max_tokens
        self._client = client

    @classmethod
    def named(cls, text: str) -> PydanticAIModel:
        """Return the model for `"PROVIDER:MODEL"` or `"PROVIDER:MODEL?max_tokens=NUMBER"`.

        Raises:
            SettingsError: Another option than `max_tokens`, or not a number above zero.
        """
        name, _, options = text.partition("?")
        max_tokens = MAX_TOKENS if name.split(":")[0] in _LIMITED else None
        for key, value in parse_qsl(options, keep_blank_values=True):
            if key != "max_tokens" or not value.isdecimal() or int(value) == 0:
                raise SettingsError(
                    f"POET_MODEL={text!r}: {key}={value} cannot be used; the only option is "
                    "max_tokens, a whole number."
                )
            max_tokens = int(value)
        return cls(name, max_tokens=max_tokens)

    def complete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Ask in a worker thread and wait for it, at most until the deadline."""
        outcome: list[Completion | BaseException] = []
        context = contextvars.copy_context()

        def work() -> None:
            try:
                outcome.append(context.run(asyncio.run, self._ask(messages, deadline)))
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, whole
                outcome.append(error)

        # A daemon: if even cancelling blocks, the deadline holds and the interpreter can end.
        thread = threading.Thread(target=work, name="poet-model", daemon=True)
        thread.start()
        thread.join(max(deadline, 0.0) + _GRACE)
        if not outcome:
            raise self._too_late(deadline)
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    async def acomplete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Do as `complete`, without blocking the event loop."""
        return await asyncio.to_thread(self.complete, messages, deadline=deadline)

    async def _ask(self, messages: Sequence[Message], deadline: float) -> Completion:
        started = time.monotonic()
        try:
            async with asyncio.timeout(deadline):
                response, url = await self._request(messages, deadline)
        except TimeoutError as error:
            raise self._too_late(deadline) from error
        seconds = time.monotonic() - started
        return self._completion(response, url, seconds)

    async def _request(
        self, messages: Sequence[Message], deadline: float
    ) -> tuple[ModelResponse, str | None]:
        try:
            from pydantic_ai import direct
            from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior, UserError
            from pydantic_ai.settings import ModelSettings
        except ImportError as error:
            missing = MissingExtra.named("pydantic-ai", "llm")
            raise ModelError(f"{self.name} cannot be asked: {missing}") from error
        settings = ModelSettings(max_retries=0, timeout=deadline)
        if self.max_tokens is not None:
            settings["max_tokens"] = self.max_tokens
        try:
            client = self._client if self._client is not None else _client_for(self.name)
            async with client:
                response = await direct.model_request(
                    client, _messages(messages), model_settings=settings
                )
            return response, client.base_url
        except UserError as error:
            # The library goes on to explain its own Python interface, which is not in use here.
            said = str(error).split(" or pass it via")[0]
            raise ModelError(f"{self.name} cannot be asked: {said}.") from error
        except ImportError as error:
            raise ModelError(f"{self.name} needs a package that is missing: {error}") from error
        except ModelAPIError as error:
            raise self._refusal(error) from error
        except UnexpectedModelBehavior as error:
            raise ModelError(
                f"{self.name} sent an answer that cannot be read: {error}. Does the server speak "
                "this protocol? Most compatible servers need openai-chat:NAME."
            ) from error

    def _completion(self, response: ModelResponse, url: str | None, seconds: float) -> Completion:
        text = response.text or ""
        reason = response.finish_reason or "stop"
        usage = response.usage
        if reason == "length":
            limit = self.max_tokens or usage.output_tokens or "its limit of"
            raise ModelError(
                f"The answer of {self.name} was cut off at {limit} tokens. Allow more with "
                f"POET_MODEL='{self.name}?max_tokens=NUMBER', or choose a model with a longer answer."
            )
        if reason not in ("stop", "tool_call") or not text.strip():
            raise ModelError(
                f"{self.name} gave no text (it stopped with {reason!r}). Ask another model, or see "
                "the prompt with `poet show --prompt`."
            )
        # Servers that count nothing report zeros, which would read as "free".
        counted = bool(usage.input_tokens or usage.output_tokens)
        return Completion(
            text,
            response.model_name or self.name.partition(":")[2],
            input_tokens=usage.input_tokens if counted else None,
            output_tokens=usage.output_tokens if counted else None,
            stop_reason=reason,
            seconds=seconds,
            provider_url=url,
        )

    def _too_late(self, deadline: float) -> ModelError:
        return ModelError(
            f"{self.name} gave no answer within {deadline:.0f} s. POET_GENERATION_SECONDS allows "
            "more time."
        )

    def _refusal(self, error: Any) -> ModelError:
        """Tell what a failed request means: try again, or change something first."""
        status = getattr(error, "status_code", None)
        said = " ".join(_words(error).split())[:300]
        if status is None:  # no answer at all: refused, reset, unknown host, timed out
            advice = "Is the network up, and the server's URL right?"
            return ModelError(
                f"{self.name} cannot be reached: {said.rstrip('.')}. {advice}", retryable=True
            )
        busy = status in (408, 409, 425, 429) or status >= 500
        if type(error).__name__ == "ModelQuotaExceededError":
            busy = False  # a 429 that waiting does not cure
        advice = _ADVICE.get(status, "" if busy else "See the provider's message.")
        return ModelError(
            f"{self.name} answered with status {status}: {said.rstrip('.')}. {advice}".rstrip(),
            retryable=busy,
            retry_after=getattr(error, "retry_after", None) if busy else None,
        )


_ADVICE = {
    401: "Set the provider's key, such as OPENAI_API_KEY; `poet doctor` shows what is set.",
    403: "The key has no right to this model.",
    404: "Is the model's name right, and the URL? Compatible servers need openai-chat:NAME and "
    "OPENAI_BASE_URL ending in /v1.",
    402: "The account has no credit left.",
    413: "The prompt is too long for this model.",
}


def _words(error: Any) -> str:
    """Return the provider's own words, without the library's wrapping."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    words = inner.get("message") if isinstance(inner, dict) else None
    return str(words or error)


def _client_for(name: str) -> ClientModel:
    from pydantic_ai.models import infer_model

    return infer_model(name)


def _messages(messages: Sequence[Message]) -> list[ModelMessage]:
    """Translate a conversation."""
    from pydantic_ai import messages as m

    found: list[ModelMessage] = []
    pending: list[m.ModelRequestPart] = []
    for message in messages:
        if message.role == "assistant":
            found.append(m.ModelRequest(parts=pending))
            found.append(m.ModelResponse(parts=[m.TextPart(message.text)]))
            pending = []
        elif message.role == "system":
            pending.append(m.SystemPromptPart(message.text))
        else:
            pending.append(m.UserPromptPart(message.text))
    if pending:
        found.append(m.ModelRequest(parts=pending))
    return found
