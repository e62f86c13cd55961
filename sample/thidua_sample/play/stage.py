"""What every part of the play needs: the year, the doors, the clock and whom to tell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar

from thidua_sample.generate import SampleYear
from thidua_sample.generate.campaign import calendar
from thidua_sample.generate.totals import VIETNAM
from thidua_sample.play.doors import Doors

R = TypeVar("R")

Advance = Callable[[datetime], Awaitable[None]]
"""Sets the clock of the services and returns when they have settled."""

Beat = Callable[[], Awaitable[None]]
"""Lets every service write its heartbeats now: a play that compresses a year does not wait for those of the clock."""

Progress = Callable[[str, int, int], None]
"""Is told the phase, how much of it is done, and how much there is."""

MORNING = time(7, 30)
NOON = time(12)


async def heartbeats_of_the_clock() -> None:
    """Leave heartbeats to the services' own clock."""


@dataclass(frozen=True)
class Stage:
    """The play in progress."""

    year: SampleYear
    doors: Doors
    advance: Advance
    progress: Progress
    beat: Beat = heartbeats_of_the_clock

    async def morning_of(self, day: date) -> datetime:
        """Advance to the morning of a day; returns that moment."""
        return await self._advance(day, MORNING)

    async def noon_of(self, day: date) -> datetime:
        """Advance to noon of a day, when months close; returns that moment."""
        return await self._advance(day, NOON)

    async def _advance(self, day: date, hour: time) -> datetime:
        moment = datetime.combine(day, hour, VIETNAM)
        await self.advance(moment)
        return moment


class Waiting(Generic[R]):
    """Rows that wait for their day; each is handed out once, in the order of their days."""

    def __init__(self, rows: Iterable[R], day_of: Callable[[R], date]) -> None:
        self._rows = sorted(rows, key=day_of)
        self._day_of = day_of
        self._next = 0

    def until(self, day: date) -> Sequence[R]:
        """Return what has come due up to a day, the day included, and was not handed out yet."""
        first = self._next
        while self._next < len(self._rows) and self._day_of(self._rows[self._next]) <= day:
            self._next += 1
        return self._rows[first : self._next]


def stops(last: date) -> tuple[date, ...]:
    """Return the days on which the play stops to act, up to `last`.

    For each period of the calendar: the day its report is due, and the day after its figures close.
    """
    days = {date(2022, 1, 31), *closing_mornings()}
    days |= {period.report_due for period in calendar()}
    return tuple(sorted(day for day in days if day <= last))


def closing_mornings() -> frozenset[date]:
    """Return the days after closing: the sources vouch in the morning, the month closes at noon."""
    return frozenset(period.closes_on + timedelta(days=1) for period in calendar())
