"""The one spelling of a case or a score: what is hashed, stored and replayed byte for byte."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator, BeforeValidator

_HOLE: Final = orjson.Fragment(b"\x00")
_SORTED: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def normal_text(text: str) -> str:
    """Return `text` in Unicode form NFC.

    Raises ValueError for U+0000 and for lone surrogates: no database and no JSON text may hold them.
    """
    if "\x00" in text:
        raise ValueError("text must not contain U+0000")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("text must be valid Unicode; it contains a lone surrogate") from error
    return unicodedata.normalize("NFC", text)


def exact(number: object) -> object:
    """Pass a number on unless it is a float: 0.9 has no exact value, "9/10" and "0.9" have."""
    if isinstance(number, float):
        raise ValueError('a float is not exact; write a whole number, "9/10" or "0.9"')
    return number


def exact_fraction(number: object) -> object:
    """Pass an exact number on, a text as the fraction it spells; whoever validates refuses what is none."""
    return _read(number) if isinstance(number, str) else exact(number)


# Weights come in a few sizes, and reading a fraction takes longer than judging it.
@lru_cache(maxsize=16_384)
def _read(text: str) -> object:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return text


def plain_decimal(number: Decimal) -> str:
    """Write a decimal without exponent, keeping its places: `Decimal("137.50")` is "137.50"."""
    return format(number, "f")


def fraction_text(number: Fraction) -> str:
    """Write a fraction in lowest terms, "9/10"; a whole one without a denominator, "3"."""
    # Not str(), which looks at its argument four times as long.
    numerator, denominator = number.as_integer_ratio()
    return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"


def _spell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, Fraction):
        return fraction_text(value)
    raise TypeError(f"{type(value).__name__} has no canonical spelling")


def canonical_json(value: Any) -> bytes:
    """Write JSON with sorted keys, no spaces, UTF-8; fractions and decimals as strings.

    Raises TypeError for what has no canonical spelling, ValueError for a lone surrogate. Floats have no place
    in it: the models refuse them.
    """
    try:
        return orjson.dumps(value, default=_spell, option=_SORTED)
    except TypeError:
        # Whole numbers beyond 64 bits, which a set may hold; the spelling is the same.
        return _canonical_at_length(value)


def _canonical_at_length(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_spell)
    return text.encode()


def in_pieces(value: Mapping[str, Any], *left_out: str) -> tuple[bytes, ...]:
    """Write a mapping as canonical JSON, in pieces between which the values of what is left out belong.

    `left_out`: keys in their sorted order.
    """
    # No JSON text holds the byte zero.
    return tuple(canonical_json({**value, **dict.fromkeys(left_out, _HOLE)}).split(b"\x00"))


def as_written(content: bytes) -> orjson.Fragment:
    """Return a value that is written already, which `canonical_json` takes as it is."""
    return orjson.Fragment(content)


def listed(written: Iterable[bytes]) -> orjson.Fragment:
    """Return values that are written already as a list, which `canonical_json` takes as it is."""
    return orjson.Fragment(b"[%b]" % b",".join(written))


def content_hash(content: bytes) -> str:
    """Return "sha256:" and the hexadecimal digest of `content`."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


Text = Annotated[str, AfterValidator(normal_text)]
"""A string in NFC without U+0000."""

Exact = Annotated[Fraction, BeforeValidator(exact_fraction)]
"""An exact number, written "9/10" or "3" in JSON."""
