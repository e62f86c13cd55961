"""What report forms look back on, dated and marked: how many years, and which decree numbered the forms."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from thidua_awards.law.rules import Law, Mark


class NumberedForms(Law):
    """The decree that gave the forms their numbers, and the last achievement year it holds for."""

    decree: str
    until: int


class ReportRules(Law):
    """How many years up to its own a report compares, by title or form, with the mark of these figures."""

    mark: Mark
    years: dict[str, int]
    forms: NumberedForms

    def counted(self, code: str, year: int) -> tuple[int, ...]:
        """Return the years a report on `code` for `year` compares, oldest first; of an unknown code its year alone."""
        return tuple(range(year - self.years.get(code, 1) + 1, year + 1))


@cache
def report_rules() -> ReportRules:
    """Return the figures that lie beside this file."""
    text = resources.files(__package__).joinpath("reports.yaml").read_text(encoding="utf-8")
    return ReportRules.model_validate(yaml.safe_load(text))
