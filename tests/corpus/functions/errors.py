"""Functions whose errors are part of their answer."""

from __future__ import annotations

import json
from typing import Any, Callable


class OrderError(Exception):
    """Base of what can go wrong with an order."""


class OutOfStock(OrderError):
    def __init__(self, sku: str, left: int = 0):
        super().__init__(f"{sku} is out of stock", sku, left)
        self.sku, self.left = sku, left


class Invalid(ValueError, OrderError):
    pass


def reserve(stock: dict[str, int], sku: str, count: int = 1) -> dict[str, int]:
    if sku not in stock:
        raise KeyError(sku)
    if stock[sku] < count:
        raise OutOfStock(sku, stock[sku])
    stock[sku] -= count
    return stock


def validate(row):
    errors = []
    if not row.get("name"):
        errors.append(Invalid("name is empty"))
    if not isinstance(row.get("count"), int):
        errors.append(TypeError("count must be an int"))
    if errors:
        raise ExceptionGroup("bad row", errors)
    return row


def parse_config(text: str) -> dict[str, Any]:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Invalid(f"line {error.lineno}: {error.msg}") from error


def attempt(function: Callable[[], Any], fallback: Any = None) -> Any:
    try:
        return function()
    except OrderError as error:
        return fallback if fallback is not None else str(error)


def first_error(tasks: list) -> Exception | None:
    """Returns the exception instead of raising it."""
    for task in tasks:
        try:
            task()
        except Exception as error:
            return error
    return None


def positive(n: float) -> float:
    assert n > 0, f"not positive: {n}"
    return n


def not_yet(what: str = "this") -> None:
    raise NotImplementedError(what)


def item_at(items, index):
    return items[index]


def require(value: Any, kind: type, name: str = "value") -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be {kind.__name__}", type(value).__name__)
    return value


def flaky(state: dict, fail: int = 2) -> int:
    """Fails with a transient error; counts its attempts in the caller's dict."""
    state["calls"] = state.get("calls", 0) + 1
    if fail < 0:
        raise ConnectionError("down for good")
    return state["calls"]
