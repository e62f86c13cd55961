"""Which moments may be the cut of official scores."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from thidua_scoring.errors import CutRefused

YEARS: Final = range(2000, 2200)
"""Beyond them a moment is a slip of the pen, and near the end of the calendar no time zone can hold it."""


def storable(cut: datetime | None, now: datetime) -> datetime:
    """Return the moment asked for, in UTC (None: now). Raises CutRefused for one that no stream will reach."""
    if cut is None:
        return now
    if cut.year not in YEARS:
        raise CutRefused(cut=cut.isoformat(), why="năm phải từ 2000 đến 2199", why_en="write a year from 2000 to 2199")
    return cut.astimezone(UTC)


def past(cut: datetime | None, now: datetime) -> datetime:
    """Return the moment asked for as `storable` does. Raises CutRefused also for one that is still to come."""
    found = storable(cut, now)
    if found > now:
        raise CutRefused(cut=found.isoformat(), why="thời điểm này chưa đến", why_en="it is still to come")
    return found
