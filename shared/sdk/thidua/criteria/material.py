"""A case, indexed once: which months and parts of the period are expected, over, due, and what was stated."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from functools import lru_cache

from thidua.criteria.case import Case, Fact, Month
from thidua.criteria.declarations import DueAfter, FactInput
from thidua.criteria.periods import Period, month_after, period


class Material:
    """The raw material of one subject, as the resolvers ask for it.

    `facts`: those of the subject, or of a peer it is compared with. `band_orders`: by set, its bands from best
    to worst. In the official lane everything of the
    period is over and due; a running score knows what is due up to its as-of date.
    """

    def __init__(self, case: Case, facts: Iterable[Fact], band_orders: Mapping[str, tuple[str, ...]]) -> None:
        self.case = case
        self.band_orders = {**case.band_orders, **band_orders} if case.band_orders else band_orders
        self.span = period(case.period)
        self.official = case.lane == "official"
        self.expected = _months_between(self.span, case.subject.active_from, case.subject.active_to)
        names = _names(self.expected)
        self.months: dict[str, Month] = {month.month: month for month in case.months if month.month in names}
        self.over = self.expected if self.official else self._over()
        self.facts: dict[str, list[Fact]] = {}
        own, kept = case.period, self.facts
        for fact in facts:
            if fact.period == own or self.is_of_the_period(fact):
                kept.setdefault(fact.input, []).append(fact)

    @property
    def setting(self) -> Hashable:
        """All of a case but its statements that decides what an absent or a usable statement means."""
        case, subject = self.case, self.case.subject
        reported = [month.month for month in self.months.values() if month.reported]
        return (case.lane, case.period, case.as_of, subject.active_from, subject.active_to, *reported)

    def _over(self) -> tuple[Period, ...]:
        as_of = self.case.as_of
        return tuple([month for month in self.expected if month.last < as_of])

    def is_past(self, day: date) -> bool:
        """Tell whether a day is over; it lasts until its end. Everything is over for an official score."""
        return self.official or day < self.case.as_of

    def is_of_the_period(self, fact: Fact) -> bool:
        """Tell whether a fact is stated for the period or a part of it."""
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
        return _parts_with(self.expected, self.span.parts(due.after))

    def is_due(self, declared: FactInput, part: Period) -> bool:
        """Tell whether the day by which a fact is due for a part of the period has passed."""
        return self.official or due_on(declared.due, part) < self.case.as_of

    def due_parts(self, declared: FactInput) -> list[Period]:
        """Return the parts of the period for which a fact is due by now, in order."""
        return [part for part in self.parts(declared) if self.is_due(declared, part)]


@lru_cache(maxsize=1024)
def _months_between(span: Period, first: str | None, last: str | None) -> tuple[Period, ...]:
    months = span.parts("month")
    return tuple(
        month for month in months if (first is None or first <= month.name) and (last is None or month.name <= last)
    )


@lru_cache(maxsize=1024)
def _names(months: tuple[Period, ...]) -> frozenset[str]:
    return frozenset(month.name for month in months)


@lru_cache(maxsize=1024)
def _parts_with(months: tuple[Period, ...], parts: tuple[Period, ...]) -> tuple[Period, ...]:
    return tuple(part for part in parts if any(part.covers(month) for month in months))


def due_on(due: date | DueAfter | None, part: Period) -> date:
    """Return the last day in time for a part of a period; without `due` it is the part's own last day."""
    if isinstance(due, DueAfter):
        return _day_after(part, due.day)
    return due or part.last


@lru_cache(maxsize=1024)
def _day_after(part: Period, day: int) -> date:
    return month_after(part).replace(day=day)
