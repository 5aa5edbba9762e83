"""What a version of the `api` domain may call: safe repeating of single HTTP requests.

No HTTP library is imported here; answers and failures of requests, httpx, httpx2, aiohttp and
urllib are recognised by what they are named and carry.
"""

from .answers import cut_short, retry_after, retryable_answer, retryable_status, status_of
from .breaker import Breaker
from .failures import transient, unreachable
from .sender import Sender

__all__ = [
    "Breaker",
    "Sender",
    "cut_short",
    "retry_after",
    "retryable_answer",
    "retryable_status",
    "status_of",
    "transient",
    "unreachable",
]
