"""What is entered of a document here is signed already."""

from __future__ import annotations

from datetime import date

from thidua.errors import Refused
from thidua_awards.domain.findings import day_text
from thidua_awards.errors import DayAhead


def refuse_ahead(day: date | None, today: date, what: str, named: str) -> None:
    """Raise DayAhead for a document of a day to come; `what` and `named` say which, in Vietnamese and in English.

    A year typed wrongly would be in no review, and nobody would miss it.
    """
    if day is not None and day > today:
        raise DayAhead(what=what, named=named, day=day_text(day), today=day_text(today))


def before_its_year(dated: date, year: int) -> Refused | None:
    """Return why a decision of that day awards nothing of `year`; None where it may."""
    if dated.year >= year:
        return None
    why = f"quyết định ngày {day_text(dated)} có trước năm thành tích {year}"
    return Refused(why=why, why_en=f"a decision of {dated} awards nothing of the later year {year}")
