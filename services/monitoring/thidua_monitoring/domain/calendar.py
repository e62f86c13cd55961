"""Working days: a table of exceptions laid over the `holidays` library.

A library is only the first filling: swaps of working days are announced late, per year, by a document
(docs/domain.md, "Time rules"). The table ships with the package and wins.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import holidays

EXCEPTIONS_FILE = "working_days.csv"


@cache
def exceptions() -> Mapping[date, bool]:
    """Return the days that a document made working (True) or free (False)."""
    text = (files("thidua_monitoring") / "data" / EXCEPTIONS_FILE).read_text(encoding="utf-8")
    return {date.fromisoformat(row["day"]): row["working"] == "yes" for row in csv.DictReader(text.splitlines())}


@cache
def _library() -> holidays.HolidayBase:
    import holidays  # noqa: PLC0415 - slow to import, and most starts roll no deadline

    return holidays.country_holidays("VN")


def is_working_day(day: date) -> bool:
    """Whether `day` is a working day in Việt Nam: weekends, holidays and Tết are not."""
    decided = exceptions().get(day)
    return bool(_library().is_working_day(day)) if decided is None else decided


def working_day_from(day: date) -> date:
    """Return `day` itself if it is a working day, else the next one."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def rolled_days(spans: Iterable[tuple[date, date]]) -> dict[date, date]:
    """Return each non-working day of the spans (both ends included) and the working day after it.

    Civil Code 2005 art. 153.5: a period that ends on a day off ends with the next working day.
    """
    moved: dict[date, date] = {}
    for start, end in spans:
        for offset in range((end - start).days + 1):
            day = start + timedelta(days=offset)
            target = working_day_from(day)
            if target != day:
                moved[day] = target
    return moved
