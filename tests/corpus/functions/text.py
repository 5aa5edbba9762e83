"""Text for search and for people."""

import collections
import difflib
import math
import re
import textwrap

STOP_WORDS = frozenset("a an and of the to".split())


def tokenize(text: str, *, lower: bool = True, stop: frozenset[str] | None = STOP_WORDS) -> list[str]:
    words = re.findall(r"\w+", text.lower() if lower else text)
    return [w for w in words if not stop or w not in stop]


def similarity(a, b) -> float:
    return difflib.SequenceMatcher(None, a, b).ratio()


def closest(word: str, candidates: list[str], cutoff: float = 0.6) -> str | None:
    found = difflib.get_close_matches(word, candidates, n=1, cutoff=cutoff)
    return found[0] if found else None


def tf_idf(documents: list[list[str]]) -> list[dict[str, float]]:
    counts = collections.Counter(word for doc in documents for word in set(doc))
    return [
        {w: doc.count(w) / len(doc) * math.log(len(documents) / counts[w]) for w in doc}
        for doc in documents
    ]


def wrap(text: str, width: int = 20, indent: str = "") -> str:
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent)


def ngrams(tokens: list[str], n: int = 2) -> list[tuple[str, ...]]:
    """
    >>> ngrams(["a", "b", "c"])
    [('a', 'b'), ('b', 'c')]
    """
    return list(zip(*(tokens[i:] for i in range(n))))


def replace_all(text: str, changes: dict[str, str] | list[tuple[str, str]]) -> str:
    pairs = changes.items() if isinstance(changes, dict) else changes
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def highlight(text: str, *words: str, mark: str = "**") -> str:
    for word in words:
        text = re.sub(re.escape(word), lambda m: f"{mark}{m[0]}{mark}", text, flags=re.IGNORECASE)
    return text


def plural(n: int, word: str, many: str | None = None) -> str:
    return f"{n} {word if n == 1 else many or word + 's'}"
