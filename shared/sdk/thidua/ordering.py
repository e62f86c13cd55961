"""The order in which officials list names: of the Vietnamese alphabet, and Cụm IV before Cụm V before Cụm IX."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

TONES: Final = "\u0300\u0309\u0303\u0301\u0323"
"""The marks of huyền, hỏi, ngã, sắc and nặng, in the order of dictionaries; a syllable without a mark goes before."""

CIRCUMFLEX: Final = "\u0302"
AFTER_BREVE: Final = "\u0307"
"""What stands for the circumflex, whose code point is before the breve's: ă goes before â."""

BARRED: Final = ("đ", "d\u0306")
"""Đ follows D, as Ă follows A; alone of the letters it does not fall apart into a letter and its mark."""

RANKED_TONES: Final = "\u0320\u0321\u0322\u0323\u0324"
"""Marks in the order of the tones, all of them behind every letter."""

_LETTERS: Final = str.maketrans(CIRCUMFLEX, AFTER_BREVE, TONES)
_TONED: Final = str.maketrans(TONES, RANKED_TONES)

ROMAN: Final = re.compile(r"(X{0,3})(IX|IV|V?I{0,3})", re.IGNORECASE)
VALUES: Final = {"I": 1, "V": 5, "X": 10}


def by_alphabet(name: str) -> tuple[str, str, str]:
    """Return a key that sorts names by the Vietnamese alphabet: letters first, then tones, whatever their case.

    >>> sorted(["Vũ", "Đỗ", "Dương", "Ân", "Ăn", "Án", "An"], key=by_alphabet)
    ['An', 'Án', 'Ăn', 'Ân', 'Dương', 'Đỗ', 'Vũ']
    """
    parts = normalize("NFD", name.lower())
    return parts.translate(_LETTERS).replace(*BARRED), parts.translate(_TONED), name


def by_number(name: str) -> tuple[tuple[str, str, str], int, str]:
    """Return a key that sorts names by their words, and by the number they end in, Arabic or Roman (up to XXXIX)."""
    words = re.split(r"[\s_-]+", name.strip())
    number = _number(words[-1])
    return (by_alphabet(name), 0, "") if number is None else (by_alphabet(" ".join(words[:-1])), number, name)


def _number(word: str) -> int | None:
    if word.isdecimal():
        return int(word)
    if not word or ROMAN.fullmatch(word) is None:
        return None
    figures = [VALUES[letter] for letter in word.upper()]
    return sum(-one if one < after else one for one, after in zip(figures, [*figures[1:], 0], strict=True))
