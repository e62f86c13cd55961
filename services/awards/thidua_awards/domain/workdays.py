"""Working days by a table: holidays and make-up working days are announced year by year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Final

SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The table: `free` are holidays on weekdays, `made_up` weekend days announced as working."""

    free: frozenset[date]
    made_up: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Whether offices work on `day`."""
        return day in self.made_up or (day.weekday() < SATURDAY and day not in self.free)

    def after(self, event: date) -> Iterator[date]:
        """Yield the working days after `event`; a period in days begins the day after the event."""
        day = event
        while True:
            day += timedelta(days=1)
            if self.is_working(day):
                yield day

    def nth_after(self, event: date, number: int) -> date:
        """Return the `number`-th working day after `event`, 1 being the next one."""
        return next(islice(self.after(event), number - 1, None))

    def up_to(self, event: date, last: date) -> int:
        """Return how many working days lie after `event` up to `last`, which counts; 0 if that is not later."""
        return self.between(event, last + timedelta(days=1))

    def between(self, event: date, meeting: date) -> int:
        """Return how many working days lie between two days, neither counted; 0 if the second is not later."""
        span = ((event + timedelta(days=ahead)) for ahead in range(1, (meeting - event).days))
        return sum(map(self.is_working, span))
