"""Exact numbers as criteria.yaml writes them, limits on them, and both in Vietnamese words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from thidua.criteria.strict import Strict

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


class Limit(Strict):
    """One or two bounds of a number or a rate: `more_than`, `at_least`, `at_most`, `below`.

    `more_than` and `at_least` differ because the rules do: 18 of 20 is not more than 90 %.
    """

    more_than: Number | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _one_bound_a_side(self) -> Self:
        lower = [self.more_than, self.at_least].count(None)
        upper = [self.at_most, self.below].count(None)
        if lower + upper == 4:
            raise ValueError("a limit is empty; write one or two of more_than, at_least, at_most, below")
        if lower == 0 or upper == 0:
            raise ValueError("a limit has two bounds on one side; keep one of them")
        if not lower == upper == 1:
            return self
        nothing = Fraction(0)
        least, most = self.at_least or self.more_than or nothing, self.at_most or self.below or nothing
        if least > most or (least == most and (self.at_least is None or self.at_most is None)):
            raise ValueError(f"no number lies between the bounds {least} and {most}; mend one of them")
        return self

    def allows(self, number: Fraction | int, of: Fraction | int = 1) -> bool:
        """Tell whether number/of lies within the bounds, by whole-number products (N·10 > D·9)."""
        return (
            (self.more_than is None or _compare(number, of, self.more_than) > 0)
            and (self.at_least is None or _compare(number, of, self.at_least) >= 0)
            and (self.at_most is None or _compare(number, of, self.at_most) <= 0)
            and (self.below is None or _compare(number, of, self.below) < 0)
        )

    def is_met_exactly_at(self, number: Fraction | int, of: Fraction | int = 1) -> bool:
        """Tell whether number/of equals one of the bounds, which is where readers look twice."""
        bounds = (self.more_than, self.at_least, self.at_most, self.below)
        return any(bound is not None and _compare(number, of, bound) == 0 for bound in bounds)

    def is_within(self, least: Fraction, most: Fraction) -> bool:
        """Whether every bound lies between two numbers, or is one of them."""
        bounds = (self.more_than, self.at_least, self.at_most, self.below)
        return all(least <= bound <= most for bound in bounds if bound is not None)

    @property
    def only_from_below(self) -> bool:
        """Whether more can never harm: the limit has a lower bound and no upper one."""
        return self.at_most is None and self.below is None

    def in_words(self, *, percent: bool = False) -> str:
        """Say the limit in Vietnamese: "trên 90 %", "từ 3 đến dưới 5"."""
        return self._as_percent if percent else self._as_number

    @cached_property
    def _as_percent(self) -> str:
        return self._spelled(percent_in_words)

    @cached_property
    def _as_number(self) -> str:
        return self._spelled(in_words)

    def _spelled(self, spell: Callable[[Fraction], str]) -> str:
        words = (
            ("trên", self.more_than),
            ("từ", self.at_least),
            ("không quá", self.at_most),
            ("dưới", self.below),
        )
        return " và ".join(f"{word} {spell(bound)}" for word, bound in words if bound is not None)


def _compare(number: Fraction | int, of: Fraction | int, bound: Fraction) -> int:
    return number.numerator * of.denominator * bound.denominator - of.numerator * number.denominator * bound.numerator
