"""What an answer cost by published prices. What is not known is None, never zero."""

from __future__ import annotations

import logging

log = logging.getLogger("poet")


def cost_of(
    model: str, provider_url: str | None, input_tokens: int | None, output_tokens: int | None
) -> float | None:
    """Return US dollars, or None where the price is not known.

    Prices come from the `genai-prices` package (extra `prices`), which is imported here and only
    here; without it every cost is unknown. It is asked by the URL of the provider: a local server
    that calls its model `gpt-4o` has no known price.
    """
    if provider_url is None or input_tokens is None or output_tokens is None:
        return None
    try:
        from genai_prices import Usage, calc_price
    except ImportError:
        return None
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    try:
        found = calc_price(usage, model, provider_api_url=provider_url)
    except LookupError:
        log.debug("no price is known for %s at %s", model, provider_url)
        return None
    return float(found.total_price)
