"""String helpers of a web shop."""

import re
import unicodedata
from typing import Optional, Union


def slugify(text: str, sep: str = "-", max_length: int = 80) -> str:
    """Return a URL slug.

    >>> slugify("Hello, World!")
    'hello-world'
    """
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"[^a-zA-Z0-9]+", sep, text).strip(sep).lower()
    return text[:max_length].rstrip(sep)


def truncate(text: str, width: int = 20, suffix: str = "…") -> str:
    if len(text) <= width:
        return text
    return text[: max(width - len(suffix), 0)] + suffix


def initials(name):
    """First letters of a person's names, upper case."""
    return "".join(part[0].upper() for part in name.split())


def is_blank(text: Optional[str]) -> bool:
    return not text or not text.strip()


def join_names(names: list[str], last: str = "and") -> str:
    """
    >>> join_names(["Ann", "Bob", "Cy"])
    'Ann, Bob and Cy'
    >>> join_names([])
    ''
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def mask_card(number: Union[str, int], keep: int = 4) -> str:
    digits = str(number).replace(" ", "")
    return "*" * (len(digits) - keep) + digits[-keep:]


def count_words(text: str) -> dict:
    counts = {}
    for word in text.lower().split():
        word = word.strip(".,;:!?")
        if word:
            counts[word] = counts.get(word, 0) + 1
    return counts


def pad(value, width: int = 8, fill: str = "0"):
    return str(value).rjust(width, fill)


def parse_bool(value) -> bool:
    if isinstance(value, bool):
        return value
    return str(value).strip().lower() in {"1", "true", "yes", "y", "on"}


def split_name(full_name: str) -> tuple[str, str]:
    first, _, last = full_name.strip().partition(" ")
    return first, last.strip()


def format_price(amount: float, currency: str = "EUR", *, symbol_first: bool = False) -> str:
    text = f"{amount:,.2f}"
    return f"{currency} {text}" if symbol_first else f"{text} {currency}"


def dedent_quote(lines):
    return [line[2:] if line.startswith("> ") else line for line in lines]


def extract_emails(text: str) -> list:
    return re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", text)


def camel_to_snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
