"""Days on which time alone moves a score: a due date passes, a month ends, a parameter changes its value.

Between two such days a newer as-of date changes nothing, and nobody is scored again for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Final

from thidua.criteria import CriteriaSet
from thidua.criteria.declarations import DueAfter, FactInput
from thidua.criteria.periods import period

DAY: Final = "day:"
AFTER: Final = "after:"
"""Prefixes of tags: a date of the set, and `after:month:5` for the fifth day after each month."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def boundary_tags(criteria_set: CriteriaSet, reads_months: bool) -> frozenset[str]:
    """Return the tags of all days on which time alone moves a score of the set."""
    fixed = {f"{DAY}{found}" for found in _dates(criteria_set.as_json())}
    after = {f"{AFTER}{due.after}:{due.day}" for due in _dues(criteria_set)}
    # A month counts once it is over, and a set that scores months or quarters begins one with its first day.
    parts = reads_months or set(criteria_set.manifest.period.scored) != {"year"}
    return frozenset(fixed | after | ({f"{AFTER}month:0"} if parts else set()))


def has_crossed(tags: Iterable[str], year: int, parameters: Iterable[object], before: date | None, after: date) -> bool:
    """Whether a boundary lies in [before, after): a day is over once the as-of date is later than it.

    `parameters`: what the campaign put in place of the set's own values; dates among them count as well.
    """
    if before is None:
        return True
    days = (*_days(tags, year), *(date.fromisoformat(found) for value in parameters for found in _dates(value)))
    return any(before <= day < after for day in days)


def _days(tags: Iterable[str], year: int) -> Iterator[date]:
    for tag in tags:
        if tag.startswith(DAY):
            yield date.fromisoformat(tag.removeprefix(DAY))
        elif tag.startswith(AFTER):
            kind, _, days = tag.removeprefix(AFTER).partition(":")
            yield from (last + timedelta(days=int(days)) for last in _ends(kind, year))


def _ends(kind: str, year: int) -> Iterator[date]:
    # "After the period" may be any kind of period that a campaign chooses: every month's end holds them all.
    parts = period(f"{year:04d}").parts(kind if kind in ("month", "quarter", "half") else "month")
    return (part.last for part in parts)


def _dues(criteria_set: CriteriaSet) -> Iterator[DueAfter]:
    for declared in criteria_set.manifest.inputs.values():
        if isinstance(declared, FactInput) and isinstance(declared.due, DueAfter):
            yield declared.due


def _dates(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _dates(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _dates(inner)
    elif isinstance(value, date):
        yield value.isoformat()
    elif isinstance(value, str) and _DATE.fullmatch(value):
        yield value
