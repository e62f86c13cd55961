"""All reports about all 21,914 tasks, in the order in which their sources send them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from thidua.contracts.work import Assignee
from thidua_sample.generate import lives
from thidua_sample.generate.draw import Draw
from thidua_sample.generate.lives import Given
from thidua_sample.generate.people import LEADERS
from thidua_sample.generate.plan import MonthPlan, YearPlan
from thidua_sample.generate.records import SamplePerson, TaskEvent
from thidua_sample.generate.wording import task_title

# The two e-offices of the sample: the ministry's own, and the one the departments work in.
SOURCE_OF_MINISTRY: Final = "hscv-bo"
SOURCE_OF_DEPARTMENTS: Final = "hscv-so"
SOURCES: Final = (SOURCE_OF_MINISTRY, SOURCE_OF_DEPARTMENTS)

SECRET: Final = 60
WITHDRAWN: Final = 45
REASSIGNED: Final = 25

# Whoever is open at the year's end has time until March at least: the figures do not change while the
# year is being closed in January and February.
OPEN_FROM: Final = date(2023, 3, 1)
OPEN_TO: Final = date(2023, 12, 29)
EXTENDED_INTO_2023_PERCENT: Final = 12
TWO_ASSIGNEES_PERCENT: Final = 20


def source_of(unit: str) -> str:
    """Return the e-office that a unit works in."""
    return SOURCE_OF_MINISTRY if unit.startswith("btnmt") else SOURCE_OF_DEPARTMENTS


@dataclass(slots=True)
class _Ledger:
    """Numbers tasks per unit and knows who may be given one."""

    draw: Draw
    staff: dict[str, tuple[SamplePerson, ...]]
    last_number: dict[str, int]

    def give(self, unit: str, on: date, last: date, *, slow: bool, title: str | None) -> Given:
        number = self.last_number[unit] = self.last_number.get(unit, 0) + 1
        return Given(
            source=source_of(unit),
            source_id=f"{unit}-2022-{number:04d}",
            unit=unit,
            title=title,
            assignees=self._assignees(unit, on, slow=slow),
            on=on,
            last=last,
        )

    def _assignees(self, unit: str, on: date, *, slow: bool) -> tuple[Assignee, ...]:
        present = [person for person in self.staff[unit] if person.joined_unit <= on]
        # Late work gathers at one person in four, so that most people have a clean year.
        able = present[::4] if slow else present
        first = self.draw.pick(able)
        second = self.draw.pick(able) if self.draw.chance(TWO_ASSIGNEES_PERCENT) else first
        return tuple(Assignee(code=code) for code in dict.fromkeys((first.code, second.code)))


def events(draw: Draw, plan: YearPlan, people: tuple[SamplePerson, ...]) -> tuple[TaskEvent, ...]:
    """Return every report of the year by moment, ties by identity; each task begins with its first state."""
    ledger = _Ledger(draw, _staff(people), {})
    lines = [event for month in plan.months for life in _of_month(ledger, month) for event in life]
    lines += [event for life in _open_lives(ledger, plan) for event in life]
    return tuple(sorted(lines, key=lambda event: (event.at, event.report.identity)))


def _staff(people: tuple[SamplePerson, ...]) -> dict[str, tuple[SamplePerson, ...]]:
    units = dict.fromkeys(person.unit for person in people)
    return {unit: tuple(p for p in people if p.unit == unit and p.group != LEADERS) for unit in units}


def _of_month(ledger: _Ledger, month: MonthPlan) -> Iterator[list[TaskEvent]]:
    draw = ledger.draw
    for _ in range(month.on_time):
        given = _given(ledger, month, slow=False)
        life = lives.begin(draw, given, extend_percent=lives.EXTENDED_IN_TIME_PERCENT)
        yield [*life, lives.complete_in_time(draw, life, given.last)]
    for _ in range(month.late):
        given = _given(ledger, month, slow=True)
        life = lives.begin(draw, given, extend_percent=lives.EXTENDED_IN_TIME_PERCENT)
        yield [*life, *lives.complete_late(draw, life, given.last)]
    for _ in range(month.overdue):
        given = _given(ledger, month, slow=True)
        yield lives.begin(draw, given, extend_percent=lives.EXTENDED_IN_TIME_PERCENT)


def _given(ledger: _Ledger, month: MonthPlan, *, slow: bool) -> Given:
    deadline = _deadline(ledger.draw, month.month, slow=slow)
    on = lives.day_given(ledger.draw, deadline)
    return ledger.give(month.unit, on, deadline, slow=slow, title=task_title(ledger.draw))


def _deadline(draw: Draw, month: int, *, slow: bool) -> date:
    # January leaves a week to give work; December leaves late work a week to be completed in the year.
    first = date(2022, month, 12 if month == 1 else 1)
    last = date(2022, month, monthrange(2022, month)[1])
    if month == 12:
        last = date(2022, 12, 22 if slow else 30)
    return draw.workday(first, last)


def _open_lives(ledger: _Ledger, plan: YearPlan) -> Iterator[list[TaskEvent]]:
    draw = ledger.draw
    places = draw.shuffled(unit for unit, count in plan.open_in_time for _ in range(count))
    for unit in places[:SECRET]:
        yield [_open_event(ledger, unit, title=None)]
    withdrawn_to = SECRET + WITHDRAWN
    for unit in places[SECRET:withdrawn_to]:
        yield _ended(ledger, unit, "withdrawn", task_title(draw), draw.workday(date(2022, 6, 1), date(2022, 12, 20)))
    pairs_to = withdrawn_to + 2 * REASSIGNED
    for giver, receiver in zip(places[withdrawn_to:pairs_to:2], places[withdrawn_to + 1 : pairs_to : 2], strict=True):
        yield from _reassigned(ledger, giver, receiver)
    for unit in places[pairs_to:]:
        yield _still_open(ledger, unit)


def _open_event(ledger: _Ledger, unit: str, *, title: str | None) -> TaskEvent:
    return _still_open(ledger, unit, title=title, extend_percent=0)[0]


def _still_open(
    ledger: _Ledger,
    unit: str,
    *,
    title: str | None = "",
    on: date | None = None,
    extend_percent: int = EXTENDED_INTO_2023_PERCENT,
) -> list[TaskEvent]:
    draw = ledger.draw
    day = on or _day_of_long_task(draw)
    last = draw.workday(OPEN_FROM, OPEN_TO)
    given = ledger.give(unit, day, last, slow=False, title=task_title(draw) if title == "" else title)
    return lives.begin(draw, given, extend_percent=extend_percent)


def _day_of_long_task(draw: Draw) -> date:
    # Of two drawn days the later: work that reaches into the next year is mostly given in the second half.
    first, last = date(2022, 2, 8), date(2022, 12, 27)
    return max(draw.workday(first, last), draw.workday(first, last))


def _ended(ledger: _Ledger, unit: str, how: str, title: str, dated: date) -> list[TaskEvent]:
    on = ledger.draw.workday(date(2022, 3, 1), dated - timedelta(days=10))
    start = _still_open(ledger, unit, title=title, on=on, extend_percent=0)
    return [*start, lives.end(ledger.draw, start[-1], dated, how)]


def _reassigned(ledger: _Ledger, giver: str, receiver: str) -> Iterator[list[TaskEvent]]:
    """A task keeps its unit: moving it ends it at the giver and begins a new record at the receiver."""
    title = task_title(ledger.draw)
    dated = ledger.draw.workday(date(2022, 6, 1), date(2022, 12, 20))
    yield _ended(ledger, giver, "reassigned", title, dated)
    yield _still_open(ledger, receiver, title=title, on=dated, extend_percent=0)
