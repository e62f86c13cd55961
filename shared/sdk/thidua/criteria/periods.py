"""Years, halves, quarters and months as the scores name them: "2022", "2022-H1", "2022-Q1", "2022-03"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_SHAPE = re.compile(r"([12][0-9]{3})(?:-(?:Q([1-4])|H([12])|(0[1-9]|1[0-2])))?")
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of whole calendar months, known by its name; `first` and `last` are dates inside it."""

    first: date
    last: date
    name: str
    kind: str

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def year(self) -> int:
        """The calendar year the period lies in."""
        return self.first.year

    def covers(self, other: Period) -> bool:
        """Tell whether the other period lies inside this one."""
        return self.first <= other.first and other.last <= self.last

    def parts(self, kind: str) -> tuple[Period, ...]:
        """Cut the period into months, quarters, halves or years; itself if it is not longer than one."""
        return _parts(self, kind)

    def in_words(self) -> str:
        """Name the period in a Vietnamese sentence: "tháng 3/2022", "quý I/2022", "năm 2022"."""
        number = (self.first.month - 1) // _MONTHS[self.kind] + 1
        if self.kind == "month":
            return f"tháng {number}/{self.year}"
        if self.kind == "quarter":
            return f"quý {('I', 'II', 'III', 'IV')[number - 1]}/{self.year}"
        if self.kind == "half":
            return f"6 tháng {'đầu' if number == 1 else 'cuối'} năm {self.year}"
        return f"năm {self.year}"


def _month_end(year: int, month: int) -> date:
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return following - timedelta(days=1)


@lru_cache(maxsize=4096)
def period(name: str) -> Period:
    """Read a period's name.

    Raises ValueError, with the four accepted spellings, for anything else.
    """
    match = _SHAPE.fullmatch(name)
    if match is None:
        raise ValueError(f'"{name}" is no period; write 2022, 2022-H1, 2022-Q1 or 2022-03')
    year, quarter, half, month = int(match[1]), match[2], match[3], match[4]
    if quarter:
        kind, start = "quarter", 3 * int(quarter) - 2
    elif half:
        kind, start = "half", 6 * int(half) - 5
    elif month:
        kind, start = "month", int(month)
    else:
        kind, start = "year", 1
    return Period(date(year, start, 1), _month_end(year, start + _MONTHS[kind] - 1), name, kind)


def _name(year: int, kind: str, number: int) -> str:
    letters = {"year": f"{year}", "half": f"{year}-H{number}", "quarter": f"{year}-Q{number}"}
    return letters.get(kind, f"{year}-{number:02d}")


@lru_cache(maxsize=4096)
def _parts(whole: Period, kind: str) -> tuple[Period, ...]:
    size = _MONTHS[kind]
    if size >= _MONTHS[whole.kind]:
        return (whole,)
    first = (whole.first.month - 1) // size + 1
    count = _MONTHS[whole.kind] // size
    return tuple(period(_name(whole.year, kind, number)) for number in range(first, first + count))


def month_after(span: Period) -> date:
    """Return the first day of the month that follows a period."""
    return span.last + timedelta(days=1)
