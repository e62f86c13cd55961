"""Multipliers and base salaries, dated and marked."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from importlib import resources

import yaml
from pydantic import Field

from thidua_awards.law.rules import Law, Mark


class Salary(Law):
    """The base salary (lương cơ sở) in đồng from a day on."""

    from_: date = Field(alias="from")
    amount: int
    mark: Mark
    source: str = ""
    note: str = ""


class Multiplier(Law):
    """How many base salaries a title or form pays; `collective` where a collective gets another number."""

    times: Fraction
    collective: Fraction | None = None
    mark: Mark
    collective_mark: Mark = Mark.MEMORY
    note: str = ""


class HighestOnly(Law):
    """The rule that one achievement is paid once."""

    mark: Mark
    note: str


class PrizeRules(Law):
    """All multipliers by regime, and base salaries, oldest first."""

    salaries: tuple[Salary, ...]
    highest_only: HighestOnly
    multipliers: dict[str, dict[str, Multiplier]]

    def salary(self, day: date) -> Salary | None:
        """Return the base salary in force on `day`; None before the first one known."""
        known = [one for one in self.salaries if one.from_ <= day]
        return known[-1] if known else None

    def multiplier(self, regime: str, code: str) -> Multiplier | None:
        """Return what a title or form pays under a regime; R25 and R26 pay as R24 where they have no figure."""
        own = self.multipliers.get(regime, {}).get(code)
        return own if own or regime not in ("R25", "R26") else self.multipliers["R24"].get(code)


@cache
def prize_rules() -> PrizeRules:
    """Return the figures that lie beside this file."""
    text = resources.files(__package__).joinpath("prizes.yaml").read_text(encoding="utf-8")
    return PrizeRules.model_validate(yaml.safe_load(text))
