"""A case, indexed once: which months and parts of the period are expected, over, due, and what was stated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from thidua.criteria.case import Case, Fact, Month
from thidua.criteria.declarations import DueAfter, FactInput
from thidua.criteria.periods import Period, month_after, period


class Material:
    """The raw material of one subject, as the resolvers ask for it.

    `facts`: those of the subject, or of a peer it is compared with. `band_orders`: by set, its bands from best
    to worst. In the official lane everything of the
    period is over and due; a running score knows what is due up to its as-of date.
    """

    def __init__(
        self, case: Case, facts: Iterable[Fact], band_orders: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self.case = case
        self.band_orders = {**case.band_orders, **(band_orders or {})}
        self.span = period(case.period)
        self.official = case.lane == "official"
        self.expected = tuple(month for month in self.span.parts("month") if self._belongs(month))
        names = {month.name for month in self.expected}
        self.months: dict[str, Month] = {month.month: month for month in case.months if month.month in names}
        self.over = tuple(month for month in self.expected if self.is_past(month.last))
        self.facts: dict[str, list[Fact]] = {}
        for fact in facts:
            if self._is_of_the_period(fact):
                self.facts.setdefault(fact.input, []).append(fact)

    def is_past(self, day: date) -> bool:
        """Tell whether a day is over; it lasts until its end. Everything is over for an official score."""
        return self.official or day < self.case.as_of

    def _belongs(self, month: Period) -> bool:
        subject = self.case.subject
        first, last = subject.active_from, subject.active_to
        return (first is None or first <= month.name) and (last is None or month.name <= last)

    def _is_of_the_period(self, fact: Fact) -> bool:
        return fact.period is None or self.span.covers(period(fact.period))

    def is_reported(self, month: Period) -> bool:
        """Tell whether the month's report came in; a month without a row is silent."""
        row = self.months.get(month.name)
        return row is not None and row.reported

    def silent(self, months: Iterable[Period]) -> tuple[Period, ...]:
        """Return the months nobody reported."""
        return tuple(month for month in months if not self.is_reported(month))

    def parts(self, declared: FactInput) -> tuple[Period, ...]:
        """Return the parts of the period in which a fact is due: its months, its quarters, or all of it."""
        due = declared.due
        if not isinstance(due, DueAfter) or due.after == "period":
            return (self.span,)
        active = [month.first for month in self.expected]
        parts = self.span.parts(due.after)
        return tuple(part for part in parts if any(part.first <= day <= part.last for day in active))

    def is_due(self, declared: FactInput, part: Period) -> bool:
        """Tell whether the day by which a fact is due for a part of the period has passed."""
        return self.is_past(due_on(declared.due, part))


def due_on(due: date | DueAfter | None, part: Period) -> date:
    """Return the last day in time for a part of a period; without `due` it is the part's own last day."""
    if isinstance(due, DueAfter):
        return month_after(part).replace(day=due.day)
    return due or part.last
