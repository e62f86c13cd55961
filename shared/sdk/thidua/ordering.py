"""The order in which officials list what is numbered: Cụm IV before Cụm V before Cụm IX."""

from __future__ import annotations

import re
from typing import Final

ROMAN: Final = re.compile(r"(X{0,3})(IX|IV|V?I{0,3})", re.IGNORECASE)
VALUES: Final = {"I": 1, "V": 5, "X": 10}


def by_number(name: str) -> tuple[str, int, str]:
    """Return a key that sorts names by their words, and by the number they end in, Arabic or Roman (up to XXXIX)."""
    words = re.split(r"[\s_-]+", name.strip())
    number = _number(words[-1])
    return (name, 0, "") if number is None else (" ".join(words[:-1]), number, name)


def _number(word: str) -> int | None:
    if word.isdecimal():
        return int(word)
    if not word or ROMAN.fullmatch(word) is None:
        return None
    figures = [VALUES[letter] for letter in word.upper()]
    return sum(-one if one < after else one for one, after in zip(figures, [*figures[1:], 0], strict=True))
