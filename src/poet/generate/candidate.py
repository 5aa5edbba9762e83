"""Generated code that nobody has checked yet, with where it came from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# The steps of the ladder, best first, and the other ways in which code can come to be.
LADDER = ("model", "repair", "small prompt", "blueprint", "original")
OTHERS = ("edited", "tuned")


@dataclass(frozen=True)
class Provenance:
    """Where a candidate came from.

    Attributes:
        ladder: One of `LADDER` or `OTHERS`.
        domain: Name of the domain.
        domain_digest: Which state of the domain's files.
        model: Name of the model that answered; None for blueprints.
        prompt: The rendered prompt; stored beside the code, not in the metadata.
        prompt_digest: SHA-256 of the prompt's templates.
        input_tokens: Tokens asked, all attempts together; None: not reported.
        output_tokens: Tokens answered; None: not reported.
        cost: US dollars; None: unknown, which is not zero.
        seconds: Time that the model took.
        attempt: Which attempt this was, from 1.
    """

    ladder: str
    domain: str
    domain_digest: str | None = None
    model: str | None = None
    prompt: str | None = None
    prompt_digest: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None
    attempt: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return what belongs into the metadata: all but the prompt's text."""
        return {k: v for k, v in asdict(self).items() if k != "prompt"}


@dataclass(frozen=True)
class Candidate:
    """The text of `enhanced.py`, of `train.py` where there is one, and their provenance."""

    code: str
    provenance: Provenance
    train: str | None = None
