"""Annotations of every kind, with names that exist only for type checkers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Protocol,
    Type,
    TypedDict,
    TypeVar,
    overload,
    runtime_checkable,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from nowhere_to_be_found import Ledger

T = TypeVar("T")
N = TypeVar("N", int, float)
UserId = NewType("UserId", int)
Percent = Annotated[float, "0 to 100"]


class Color(Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Movie(TypedDict):
    title: str
    year: int
    rating: NotRequired[float]


class Size(NamedTuple):
    width: int
    height: int = 1


@dataclass
class Customer:
    name: str
    level: Level = Level.LOW


@runtime_checkable
class HasName(Protocol):
    name: str


class Stack(Generic[T]):
    def __init__(self) -> None:
        self.items: list[T] = []

    def push(self, item: T) -> Stack[T]:
        self.items.append(item)
        return self


def label(movie: Movie, short: bool = False) -> str:
    return movie["title"] if short else f"{movie['title']} ({movie.get('year')})"


def hex_of(color: Color) -> str:
    return {"RED": "#f00", "GREEN": "#0f0"}.get(getattr(color, "name", "?"), "#000")


def promote(customer: Customer, level: Level = Level.HIGH) -> Customer:
    return replace(customer, level=level)


def describe_user(user_id: UserId, names: dict[UserId, str]) -> str:
    return names.get(user_id, "unknown")


def align(text: str, side: Literal["left", "right"] = "left", width: int = 10) -> str:
    return text.ljust(width) if side == "left" else text.rjust(width)


def area(size: Size) -> int:
    return size[0] * size[1]


def hello(thing: HasName) -> str:
    return f"Hello {getattr(thing, 'name', thing)}"


def twice(value: N) -> N:
    return value + value


def as_percent(value: Percent, digits: int = 0) -> str:
    return f"{value:.{digits}f} %"


def post(ledger: Ledger, amount: Decimal) -> list[Any]:
    return [*ledger, amount]


@overload
def parse(value: str) -> int: ...
@overload
def parse(value: bytes) -> float: ...
def parse(value):
    return int(value) if isinstance(value, str) else float(value)


def make(kind: Type[T], *args: Any) -> T:
    return kind(*args)


def push_all(stack: Stack[T], items: list[T] | tuple[T, ...]) -> Stack[T]:
    for item in items:
        stack.push(item)
    return stack


def compare(left: int | float, right: "int | float | None" = None) -> int:
    return 0 if right is None or left == right else (1 if left > right else -1)
