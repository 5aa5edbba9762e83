"""Classes of a small bank: methods of every kind."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar


class Account:
    """An account with a balance in cents."""

    opened: ClassVar[int] = 0
    __limit = 1_000_00

    def __init__(self, owner: str, balance: int = 0) -> None:
        self.owner = owner
        self.balance = balance
        self.__history: list[int] = []

    def deposit(self, amount: int) -> int:
        """Add money, and return the new balance."""
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance += amount
        self.__history.append(amount)
        return self.balance

    def withdraw(self, amount, *, force=False):
        if amount > self.__limit and not force:
            raise PermissionError(f"more than {self.__limit}")
        self.balance -= amount
        self.__history.append(-amount)
        return self

    def history(self, last: int | None = None) -> list[int]:
        return self.__history if last is None else self.__history[-last:]

    @property
    def in_debt(self) -> bool:
        return self.balance < 0

    @classmethod
    def from_text(cls, text: str) -> Account:
        owner, _, balance = text.partition(":")
        return cls(owner.strip(), int(balance or 0))

    @staticmethod
    def format(cents: int, currency: str = "€") -> str:
        return f"{cents / 100:.2f} {currency}"

    def __eq__(self, other):
        if not isinstance(other, Account):
            return NotImplemented
        return (self.owner, self.balance) == (other.owner, other.balance)

    def __len__(self) -> int:
        return len(self.__history)

    def __add__(self, other: Account) -> Account:
        return type(self)(f"{self.owner}&{other.owner}", self.balance + other.balance)

    def __contains__(self, amount: int) -> bool:
        return amount in self.__history


class Savings(Account):
    rate = 0.02

    def __init__(self, owner: str, balance: int = 0, rate: float | None = None):
        super().__init__(owner, balance)
        if rate is not None:
            self.rate = rate

    def deposit(self, amount: int) -> int:
        new = super().deposit(amount)
        self.balance = new + int(amount * self.rate)
        return self.balance

    def yearly(self, years: int = 1) -> list[int]:
        return [int(self.balance * (1 + self.rate) ** y) for y in range(1, years + 1)]


class Shape(ABC):
    @abstractmethod
    def area(self) -> float: ...

    def describe(self, digits: int = 1) -> str:
        return f"{type(self).__name__} of {self.area():.{digits}f}"


@dataclass
class Square(Shape):
    side: float

    def area(self) -> float:
        return self.side**2

    def scaled(self, factor: float) -> Square:
        return Square(self.side * factor)


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float = 0.0

    def moved(self, dx: float = 0, dy: float = 0) -> Point:
        return Point(self.x + dx, self.y + dy)

    def __iter__(self):
        yield self.x
        yield self.y


@dataclass
class Basket:
    items: list[tuple[str, float]] = field(default_factory=list)

    def add(self, name: str, price: float, count: int = 1) -> Basket:
        """Fluent: returns the basket itself."""
        self.items.extend([(name, price)] * count)
        return self

    @functools.cached_property
    def total(self) -> float:
        return sum(price for _, price in self.items)

    def __call__(self, name: str) -> int:
        return sum(1 for item, _ in self.items if item == name)


class Registry:
    _handlers: dict[str, str] = {}

    @classmethod
    def register(cls, name: str, handler: str) -> None:
        cls._handlers = {**cls._handlers, name: handler}

    def __getitem__(self, name: str) -> str:
        return self._handlers[name]
