"""How alike two initiatives are written: candidates by MinHash of pairs of syllables, then passages that match.

Advisory only: it points a reader at earlier texts and decides nothing. Vietnamese is written in syllables, so no
dictionary is needed. Pairs, not longer runs, because reworded texts keep few longer ones.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import LCSseq
from rensa import RMinHash

BANDS: Final = 64
ROWS: Final = 2
METHOD: Final = f"rensa {RMinHash.ALGORITHM_VERSION}, {BANDS} x {ROWS}"
"""What the hashes were made with; those of another method are not compared and made anew."""

ALIKE: Final = Fraction(60, 100)
"""From which share of common syllables a text is shown: a proposal, no source names a figure.

Common are those of both texts, or those of the shorter one that stand in the longer in passages: a long text does not
hide a short one that it copied.
"""

LEAST_PASSAGE: Final = 6
"""Syllables in a row that make a passage worth reading."""

_SEED: Final = 42
_SYLLABLE: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Passage:
    """Words that stand in both texts, as each writes them."""

    here: str
    there: str


@dataclass(frozen=True)
class Likeness:
    """`common` of `whole` syllables of both texts stand in both, in order.

    `copied` of the `shorter` text's syllables stand in the other one in passages, word for word.
    """

    common: int
    whole: int
    copied: int
    shorter: int
    passages: tuple[Passage, ...]

    @property
    def is_alike(self) -> bool:
        """Whether the texts are alike enough to be shown."""
        return self.likeness >= ALIKE

    @property
    def likeness(self) -> Fraction:
        """The larger of both shares: of both texts, and of the shorter one."""
        if not self.shorter:
            return Fraction(0)
        return max(Fraction(self.common, self.whole), Fraction(self.copied, self.shorter))


def syllables(text: str) -> list[str]:
    """Return the syllables of a text, in order, whatever their case, accents' spelling and punctuation."""
    return [one.casefold() for one in _SYLLABLE.findall(_normal(text))]


def band_hashes(text: str) -> list[int]:
    """Return what texts that are alike have in common: one whole number of 32 bits per band; none for no text."""
    words = syllables(text)
    shingles = [f"{one} {two}" for one, two in pairwise(words)] or words
    if not shingles:
        return []
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=_SEED)
    sketch.update(shingles)
    digest: Sequence[int] = sketch.digest()
    return sorted({_band(place, digest[place * ROWS : (place + 1) * ROWS]) for place in range(BANDS)})


def compared(here: str, there: str) -> Likeness:
    """Compare two texts syllable by syllable."""
    here, there = _normal(here), _normal(there)
    ours, theirs = _places(here), _places(there)
    steps = LCSseq.opcodes(syllables(here), syllables(there))
    equal = [step for step in steps if step.tag == "equal"]
    runs = [step for step in equal if step.src_end - step.src_start >= LEAST_PASSAGE]
    passages = tuple(
        Passage(_cut(here, ours, step.src_start, step.src_end), _cut(there, theirs, step.dest_start, step.dest_end))
        for step in runs
    )
    common, copied = (sum(step.src_end - step.src_start for step in steps) for steps in (equal, runs))
    return Likeness(2 * common, len(ours) + len(theirs), copied, min(len(ours), len(theirs)), passages)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _places(text: str) -> list[tuple[int, int]]:
    return [one.span() for one in _SYLLABLE.finditer(text)]


def _cut(text: str, places: Sequence[tuple[int, int]], first: int, after: int) -> str:
    return " ".join(text[places[first][0] : places[after - 1][1]].split())


def _band(place: int, rows: Sequence[int]) -> int:
    spelled = f"{place}:{':'.join(str(row) for row in rows)}".encode()
    return int.from_bytes(hashlib.blake2b(spelled, digest_size=4).digest(), "big", signed=True)
