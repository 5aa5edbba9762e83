"""Behaviours that a version of a function with HTTP requests must show.

Those of the reliability domain, and what must hold of the sender that the version sends through.
No request leaves: the probes give the sender calls of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from poet.domains.api.toolkit import Sender
from poet.domains.reliability.probes import (
    probe_iterators_are_not_consumed,
    probe_result_is_untouched,
)

__all__ = [
    "probe_iterators_are_not_consumed",
    "probe_last_answer_is_returned",
    "probe_lasting_answers_are_not_asked_again",
    "probe_result_is_untouched",
    "probe_sent_bodies_are_not_repeated",
]


class _Answer:
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed

    def __init__(self, status: int) -> None:
        self.status_code = status


def _senders(function: Callable[..., Any]) -> list[Sender]:
    names = getattr(function, "__globals__", {})
    return [value for value in names.values() if isinstance(value, Sender)]


def probe_lasting_answers_are_not_asked_again(function: Callable[..., Any]) -> None:
    """A 400, 401, 403, 404, 409 or 422 is the answer, at the first attempt."""
    for send in _senders(function):
        for status in (400, 401, 403, 404, 409, 422):
            given: list[int] = []

            def get(url: str, status: int = status, given: list[int] = given) -> _Answer:
                given.append(status)
                return _Answer(status)

            answer = send(get, "http://probe.invalid/")
            assert answer.status_code == status, f"a {status} became {answer.status_code}"
            assert len(given) == 1, f"a {status} was asked for {len(given)} times"


def probe_last_answer_is_returned(function: Callable[..., Any]) -> None:
    """When the attempts are used up, the caller gets the last answer, not an error of POET's."""
    for send in _senders(function):
        answers: list[_Answer] = []

        def get(url: str, answers: list[_Answer] = answers) -> _Answer:
            answers.append(_Answer(503))
            return answers[-1]

        answer = send(get, "http://probe.invalid/")
        assert answer is answers[-1], "the answer of the last attempt was not returned"


def probe_sent_bodies_are_not_repeated(function: Callable[..., Any]) -> None:
    """A body that is read while it is sent cannot be sent again."""
    for send in _senders(function):
        attempts: list[str] = []

        def put(url: str, data: object, attempts: list[str] = attempts) -> _Answer:
            attempts.append(url)
            return _Answer(503)

        send(put, "http://probe.invalid/", data=iter([b"x"]))
        assert len(attempts) == 1, "a streamed body was sent more than once"
