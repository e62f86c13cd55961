"""Limits on a number or a rate, as criteria.yaml writes them, and in Vietnamese words."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Self

from pydantic import model_validator

from thidua.criteria.exact import Number, in_words, percent_in_words
from thidua.criteria.strict import Strict


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
