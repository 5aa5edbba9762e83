"""Prompts for a language model, and what comes back."""

import json
import re
import string
from typing import Any, Callable, Protocol, Sequence

Message = dict[str, str]


class Model(Protocol):
    def complete(self, messages: list[Message]) -> str: ...


def build_prompt(question: str, context: list[str] | None = None, *, max_chars: int = 200) -> str:
    facts = "\n".join(f"- {c}" for c in context or ["none"])
    return f"Facts:\n{facts}\n\nQuestion: {question}"[:max_chars]


def chat(system: str, *turns: str) -> list[Message]:
    roles = ("user", "assistant")
    messages = [{"role": "system", "content": system}]
    messages += [{"role": roles[i % 2], "content": t} for i, t in enumerate(turns)]
    return messages


def ask(model: Model, question: str, retries: int = 2) -> str:
    for _ in range(retries):
        answer = model.complete([{"role": "user", "content": question}])
        if answer.strip():
            return answer.strip()
    raise ValueError("empty answer")


def extract_json(answer: str) -> Any:
    """
    >>> extract_json('Sure: {"a": 1}.')
    {'a': 1}
    """
    match = re.search(r"\{.*\}|\[.*\]", answer, re.DOTALL)
    if match is None:
        raise ValueError("no JSON in the answer")
    return json.loads(match.group())


def fill(template: str, **values: object) -> str:
    return string.Template(template).safe_substitute(values)


def count_tokens(text, per_token=4) -> int:
    return -(-len(text) // per_token)


def trim_history(messages: Sequence[Message], budget: int, count: Callable[[str], int] = len) -> list[Message]:
    kept: list[Message] = []
    for message in reversed(messages):
        budget -= count(message["content"])
        if budget < 0:
            break
        kept.insert(0, message)
    return kept


def few_shot(examples: list[tuple[str, str]], question: str, sep: str = "\n\n") -> str:
    shots = [f"Q: {q}\nA: {a}" for q, a in examples]
    return sep.join([*shots, f"Q: {question}\nA:"])


def strip_fences(answer: str, language: str = "python") -> str:
    match = re.search(rf"```(?:{language})?\n(.*?)```", answer, re.DOTALL)
    return match[1] if match else answer
