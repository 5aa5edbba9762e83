"""Functions that call themselves or each other."""

from typing import Any, Iterator, Union

Json = Union[dict, list, str, int, float, bool, None]


def factorial(n: int) -> int:
    """
    >>> factorial(5)
    120
    """
    return 1 if n <= 1 else n * factorial(n - 1)


def flatten_deep(value):
    if not isinstance(value, (list, tuple)):
        return [value]
    return [leaf for item in value for leaf in flatten_deep(item)]


def depth(tree: dict) -> int:
    return 1 + max((depth(v) for v in tree.values() if isinstance(v, dict)), default=0)


def gcd(a: int, b: int) -> int:
    return a if b == 0 else gcd(b, a % b)


def permutations(text: str) -> list[str]:
    if len(text) <= 1:
        return [text]
    return [c + rest for i, c in enumerate(text) for rest in permutations(text[:i] + text[i + 1 :])]


def redact(data: Json, keys: frozenset[str] = frozenset({"password"})) -> Json:
    if isinstance(data, dict):
        return {k: "***" if k in keys else redact(v, keys) for k, v in data.items()}
    if isinstance(data, list):
        return [redact(v, keys) for v in data]
    return data


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def fib(n: int, memo: dict[int, int] | None = None) -> int:
    memo = {} if memo is None else memo
    if n < 2:
        return n
    if n not in memo:
        memo[n] = fib(n - 1, memo) + fib(n - 2, memo)
    return memo[n]


def leaves(tree: dict[str, Any]) -> Iterator[Any]:
    for value in tree.values():
        if isinstance(value, dict):
            yield from leaves(value)
        else:
            yield value
