"""Limits of the law as whole-number comparisons: a share is never rounded before it is compared."""

from __future__ import annotations

from fractions import Fraction
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator


class Share(BaseModel):
    """A share that must be more than, at least, or at most a fraction; exactly one of the three is given.

    `more_than` and `at_least` differ because the law does: 5 of 10 is not "more than 50 %".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    more_than: Fraction | None = None
    at_least: Fraction | None = None
    at_most: Fraction | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [limit for limit in (self.more_than, self.at_least, self.at_most) if limit is not None]
        if len(given) != 1 or not 0 <= given[0] <= 1:
            raise ValueError("give exactly one of more_than, at_least, at_most, between 0 and 1")
        return self

    def allows(self, part: int, whole: int) -> bool:
        """Say whether `part` of `whole` keeps the limit; `whole` is at least 1.

        >>> Share(more_than="50/100").allows(5, 10), Share(more_than="50/100").allows(6, 10)
        (False, True)
        """
        limit = self.limit
        left, right = part * limit.denominator, whole * limit.numerator
        if self.more_than is not None:
            return left > right
        return left >= right if self.at_least is not None else left <= right

    def places(self, whole: int, *, min_one: bool = False) -> int:
        """Return how many of `whole` a cap leaves, rounded down; `min_one` lifts 0 to 1 unless `whole` is 0.

        >>> Share(at_most="15/100").places(47)
        7
        """
        places = whole * self.limit.numerator // self.limit.denominator
        return 1 if min_one and places == 0 and whole > 0 else places

    @property
    def limit(self) -> Fraction:
        """The fraction itself, whichever side it bounds."""
        for limit in (self.more_than, self.at_least, self.at_most):
            if limit is not None:
                return limit
        raise AssertionError("the validator lets no empty share through")

    def __str__(self) -> str:
        words = "trên" if self.more_than is not None else "từ" if self.at_least is not None else "không quá"
        tail = " trở lên" if self.at_least is not None else ""
        return f"{words} {percent_of(self.limit)}{tail}"


def percent_of(share: Fraction) -> str:
    """Write a fraction as a percentage in Vietnamese, or as the fraction it is where two decimals cannot hold it.

    >>> percent_of(Fraction(1, 8)), percent_of(Fraction(2, 3))
    ('12,5 %', '2/3')
    """
    if (share * 10_000).denominator != 1:
        return f"{share.numerator}/{share.denominator}"
    return f"{decimal_text(share * 100)} %"


def decimal_text(number: Fraction) -> str:
    """Write a number with a decimal comma and at most two decimals, cut and not rounded.

    Cut, because a text that rounds 69,999 up to 70 would contradict the comparison beside it.

    >>> decimal_text(Fraction(47 * 15, 100)), decimal_text(Fraction(3))
    ('7,05', '3')
    """
    hundredths = number.numerator * 100 // number.denominator
    whole, rest = divmod(hundredths, 100)
    return f"{whole},{rest:02d}".rstrip("0").rstrip(",") if rest else str(whole)


def share_text(part: int, whole: int) -> str:
    """Write `9/13 (69,2 %)`: numerator, denominator, and one decimal, cut and not rounded."""
    tenths = part * 1000 // whole
    whole_percent, rest = divmod(tenths, 10)
    return f"{part}/{whole} ({whole_percent}{f',{rest}' if rest else ''} %)"
