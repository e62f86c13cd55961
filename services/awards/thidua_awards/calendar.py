"""The working days of an office: the `holidays` library first, over it what documents announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from thidua_awards.domain.workdays import WorkingDays


@cache
def library_days(first_year: int, last_year: int) -> WorkingDays:
    """Return the working days of these years as the library knows them, swapped days included."""
    import holidays  # noqa: PLC0415 - slow to import, and most starts count no working day

    known = holidays.country_holidays("VN", years=range(first_year, last_year + 1))
    swapped = frozenset(known.weekend_workdays)
    return WorkingDays(frozenset(day for day in known if day not in swapped), swapped)


def working_days(around: date, announced: Mapping[date, bool]) -> WorkingDays:
    """Return the table of the years around a day; `announced` (day → working) wins over the library."""
    base = library_days(around.year - 1, around.year + 1)
    free = {day for day, working in announced.items() if not working}
    made_up = {day for day, working in announced.items() if working}
    return WorkingDays((base.free | free) - made_up, (base.made_up | made_up) - free)
