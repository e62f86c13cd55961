"""Exact numbers as criteria.yaml writes them, rounded once, and in Vietnamese words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, WithJsonSchema

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30}|/[1-9]\d{0,29})?", re.ASCII)
_FITS_A_CONTEXT = 10**27  # longer numbers are put together digit by digit
# Of its own: the context of a thread is anybody's, and a rule of a set may have changed it.
_EXACTLY: Final = Context(prec=200, traps=[Inexact])
_KEPT_FIGURES: Final = 16_384
_GROUPED_FROM = 10_000  # shorter numbers read better undivided: 1250, but 125.000

Way = Literal["half_up", "half_even", "down", "up"]
"""How a number is rounded; `half_up` is the default of the format."""


def read_number(written: object) -> Fraction:
    """Read a whole number, a fraction "9/10" or a decimal "137.5".

    Raises ValueError, saying what to write, for anything else; true and 0.9 are no exact numbers.
    """
    if isinstance(written, Fraction):
        return written
    if isinstance(written, int) and not isinstance(written, bool):
        return Fraction(written)
    if isinstance(written, str) and _NUMBER.fullmatch(written):
        return _fraction(written)
    raise ValueError(f'{written!r} is no exact number; write 12, 9/10 or "137.5"')


@lru_cache(maxsize=4096)
def _fraction(written: str) -> Fraction:
    return Fraction(written)


Number = Annotated[
    Fraction,
    BeforeValidator(read_number),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer"},
                {"type": "string", "pattern": r"^[+-]?\d+(\.\d+|/[1-9]\d*)?$"},
                {"x-def": "ParameterName"},
            ]
        }
    ),
]
"""A whole number, a fraction (9/10), a quoted decimal or the name of a parameter."""


def rounded(number: Fraction, places: int, way: Way = "half_up") -> Decimal:
    """Round an exact number once, to `places` decimal places."""
    return _rounded(*number.as_integer_ratio(), places, way)


def rounded_product(maximum: Fraction, credit: Fraction, places: int, way: Way = "half_up") -> Decimal:
    """Round maximum × credit once: what `rounded` makes of the product, without reducing it first."""
    (above, below), (part, whole) = maximum.as_integer_ratio(), credit.as_integer_ratio()
    return _rounded(above * part, below * whole, places, way)


_NOTHING: Final = Decimal(0)
add: Final = _EXACTLY.add
"""Adds two printed figures, exactly."""


def added(figures: Iterable[Decimal], nothing: Decimal = _NOTHING) -> Decimal:
    """Add printed figures, exactly; the sum has at least the places of `nothing`."""
    return reduce(add, figures, nothing)


def _rounded(numerator: int, denominator: int, places: int, way: Way) -> Decimal:
    # On whole numbers: a decimal division would round to its context first, and then again to the places.
    numerator *= 10**places
    whole, rest = divmod(abs(numerator), denominator)
    if rest:
        whole += _carry(whole, rest * 2, denominator, way)
    return _scaled(-whole if numerator < 0 else whole, places)


# Of all rates that people have, few are left once they are rounded.
@lru_cache(maxsize=_KEPT_FIGURES)
def _scaled(signed: int, places: int) -> Decimal:
    if abs(signed) < _FITS_A_CONTEXT:
        return Decimal(signed).scaleb(-places, _EXACTLY)
    digits = tuple(int(digit) for digit in str(abs(signed)))
    return Decimal((int(signed < 0), digits, -places))


def _carry(whole: int, twice_rest: int, denominator: int, way: Way) -> int:
    if way == "down":
        return 0
    if way == "up" or twice_rest > denominator:
        return 1
    if twice_rest < denominator:
        return 0
    return 1 if way == "half_up" else whole % 2


def reaches(number: Fraction | Decimal, least: Fraction | Decimal) -> bool:
    """Tell whether a number is at least another, by whole-number products."""
    (above, below), (least_above, least_below) = number.as_integer_ratio(), least.as_integer_ratio()
    return above * least_below >= least_above * below


def in_words(number: Fraction | Decimal | int) -> str:
    """Write a number as Vietnamese texts do: 137,5; 125.000; ≈ 66,67 where two places cannot hold it."""
    return ratio_in_words(*number.as_integer_ratio())


def ratio_in_words(numerator: int, denominator: int) -> str:
    """Write a fraction as `in_words` does."""
    if denominator == 1 and 0 <= numerator < _GROUPED_FROM:
        return str(numerator)
    return _hundredths(*_in_hundredths(numerator, denominator))


def equals_share(part: int, whole: int) -> str:
    """Write " = 95 %" behind part/whole, " ≈ 66,67 %" if two places cannot hold it."""
    return _equals(*_in_hundredths(part * 100, whole))


def _in_hundredths(numerator: int, denominator: int) -> tuple[int, bool]:
    hundredths, rest = divmod(abs(numerator) * 100, denominator)
    if rest * 2 >= denominator:
        hundredths += 1
    return -hundredths if numerator < 0 else hundredths, not rest


@lru_cache(maxsize=_KEPT_FIGURES)
def _equals(signed: int, is_exact: bool) -> str:
    percent = _hundredths(signed, is_exact)
    return f" = {percent} %" if is_exact else f" {percent} %"


# Sums of weights are some thousand, and each is written for many people.
weight_in_words: Final = lru_cache(maxsize=_KEPT_FIGURES)(ratio_in_words)
"""`ratio_in_words`, for figures that come again."""


@lru_cache(maxsize=_KEPT_FIGURES)
def _hundredths(signed: int, is_exact: bool) -> str:
    text = _grouped(_scaled(signed, 2))
    return text if is_exact else f"≈ {text}"


def _grouped(number: Decimal) -> str:
    sign, digits = ("−", number.copy_abs()) if number < 0 else ("", number)
    whole, _, places = format(digits, "f").partition(".")
    if int(whole) >= _GROUPED_FROM:
        whole = f"{int(whole):,}".replace(",", ".")
    places = places.rstrip("0")
    return f"{sign}{whole},{places}" if places else f"{sign}{whole}"


def percent_in_words(rate: Fraction) -> str:
    """Write a rate as a percentage: 9/10 is "90 %"."""
    return f"{ratio_in_words(rate.numerator * 100, rate.denominator)} %"


def day_in_words(day: date) -> str:
    """Write a date as Vietnamese texts do: 31/3/2022."""
    return f"{day.day}/{day.month}/{day.year}"
