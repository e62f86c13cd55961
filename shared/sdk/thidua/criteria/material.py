"""A case, indexed once: which months and parts of the period are expected, over, due, and what was stated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from thidua.criteria.case import Case, Fact
from thidua.criteria.declarations import DueAfter, FactInput
from thidua.criteria.periods import Period, month_after, period
from thidua.criteria.remembered import Memory, keep


class Setting(NamedTuple):
    """All of a case but its statements that decides what an absent or a usable statement means.

    `number`: equal only for equal settings. `expected`: the months in which the subject is there, `over`: those that
    are past, `silent`: of these those that nobody reported. `names`: of the expected months.
    """

    number: int
    span: Period
    official: bool
    expected: tuple[Period, ...]
    over: tuple[Period, ...]
    silent: tuple[Period, ...]
    names: frozenset[str]


def setting_of(case: Case, memory: Memory) -> Setting:
    """Return the setting of a case, the same one for equal settings."""
    subject = case.subject
    reported = [month.month for month in case.months if month.reported]
    key = (case.lane, case.period, case.as_of, subject.active_from, subject.active_to, *reported)
    found: Setting | None = memory.settings.get(key)
    return keep(memory.settings, key, _setting(case, reported, next(memory.tokens))) if found is None else found


def _setting(case: Case, reported: Sequence[str], number: int) -> Setting:
    span, official, as_of = period(case.period), case.lane == "official", case.as_of
    expected = _months_between(span, case.subject.active_from, case.subject.active_to)
    over = expected if official else tuple([month for month in expected if month.last < as_of])
    silent = tuple([month for month in over if month.name not in reported])
    names = frozenset(month.name for month in expected)
    return Setting(number, span, official, expected, over, silent, names)


class Material:
    """The raw material of one subject, as the resolvers ask for it.

    `facts`: those of the subject, or of a peer it is compared with. `band_orders`: by set, its bands from best
    to worst. In the official lane everything of the
    period is over and due; a running score knows what is due up to its as-of date.
    """

    def __init__(
        self, case: Case, facts: Sequence[Fact], band_orders: Mapping[str, tuple[str, ...]], setting: Setting
    ) -> None:
        self.case = case
        self.band_orders = {**case.band_orders, **band_orders} if case.band_orders else band_orders
        self.setting = setting
        self.number, self.span, self.official, self.expected, self.over, self.unreported, names = setting
        self.months = {month.month: month for month in case.months if month.month in names}
        self.facts: dict[str, list[Fact]] = {}
        own, kept = case.period, self.facts
        for fact in facts:
            said = fact.__dict__  # of which a model's attributes are twice as far away
            if said["period"] == own or self.is_of_the_period(fact):
                name = said["input"]
                known = kept.get(name)
                if known is None:
                    kept[name] = [fact]
                else:
                    known.append(fact)

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
        return tuple([month for month in months if not self.is_reported(month)])

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
