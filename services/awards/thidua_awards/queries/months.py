"""Read on-time figures of months as monitoring published them, for the reports that print them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text

from thidua_awards.law import share_text
from thidua_awards.queries.alphabet import by_alphabet
from thidua_runtime.database import Transaction

FIGURES: Final = """
select subject, month, cast(body->>'due' as int) as due, cast(body->>'on_time' as int) as on_time,
       cast(body->>'as_of' as date) as as_of, body->>'state' in ('closed', 'corrected') as closed
  from replica_monthly_results
 where not deleted and month between :first and :last and subject = any(cast(:subjects as text[]))
"""
BY_YEAR: Final = text(f"""
select left(month, 4) as year, sum(due) as due, sum(on_time) as on_time, max(as_of) as as_of
  from ({FIGURES}) as figures group by 1 order by 1
""")  # noqa: S608  (put together from a constant)
BY_SUBJECT: Final = text(f"""
select subject, sum(due) as due, sum(on_time) as on_time, max(as_of) as as_of from ({FIGURES}) as figures group by 1
""")  # noqa: S608  (put together from a constant)
BY_MONTH: Final = text(f"""
-- A unit without due tasks is no unit that could pass; more than 90 % passes, compared as whole numbers.
select month, sum(due) as due, sum(on_time) as on_time, count(*) filter (where due > 0) as judged,
       count(*) filter (where on_time * 10 > due * 9) as passed, count(*) filter (where closed) as closed,
       count(*) as units, max(as_of) as as_of
  from ({FIGURES}) as figures group by month order by month
""")  # noqa: S608  (put together from a constant)
BY_UNIT: Final = text(f"""
select coalesce(u.body->>'name', f.subject) as name, sum(due) as due, sum(on_time) as on_time,
       count(*) filter (where due > 0) as judged, count(*) filter (where on_time * 10 > due * 9) as passed
  from ({FIGURES}) as f left join replica_units u on u.key = f.subject and not u.deleted
 group by f.subject, u.body->>'name' order by {by_alphabet("coalesce(u.body->>'name', f.subject)")}, f.subject
""")  # noqa: S608  (put together from a constant)


async def yearly(tx: Transaction, subject: str, years: Sequence[int]) -> dict[int, str]:
    """Return `9/10 (90 %), tính đến 31/12/2022` by year for a subject; a year without figures is absent."""
    rows = await tx.rows(BY_YEAR, subjects=[subject], first=f"{years[0]}-01", last=f"{years[-1]}-12")
    return {int(row.year): f"{rate_words(row.on_time, row.due)}, tính đến {row.as_of:%d/%m/%Y}" for row in rows}


async def rates(tx: Transaction, subjects: Sequence[str], first: str, last: str) -> dict[str, str]:
    """Return `9/10 (90 %), tính đến 31/12/2022` over some months by subject; one without figures is absent."""
    rows = await tx.rows(BY_SUBJECT, subjects=list(subjects), first=first, last=last)
    return {row.subject: f"{rate_words(row.on_time, row.due)}, tính đến {row.as_of:%d/%m/%Y}" for row in rows}


async def series(tx: Transaction, units: Sequence[str], first: str, last: str) -> list[dict[str, Any]]:
    """Return the months from `first` to `last` of these units together, as an official reads them."""
    rows = await tx.rows(BY_MONTH, subjects=list(units), first=first, last=last)
    return [
        {
            "month": f"{row.month[5:]}/{row.month[:4]}",
            "rate": rate_words(row.on_time, row.due),
            "passed": f"{row.passed}/{row.judged}",
            "closed": f"{row.closed}/{row.units}",
            "as_of": f"{row.as_of:%d/%m/%Y}",
        }
        for row in rows
    ]


async def by_unit(tx: Transaction, units: Sequence[str], first: str, last: str) -> list[dict[str, Any]]:
    """Return the rate and the months passed of each unit that has any month, in the order of names."""
    rows = await tx.rows(BY_UNIT, subjects=list(units), first=first, last=last)
    return [
        {"name": row.name, "rate": rate_words(row.on_time, row.due), "passed": f"{row.passed}/{row.judged}"}
        for row in rows
    ]


def rate_words(on_time: int, due: int) -> str:
    """Return a rate with numerator and denominator; nothing due is no rate.

    >>> rate_words(18, 20), rate_words(0, 0)
    ('18/20 (90 %)', 'không có nhiệm vụ đến hạn')
    """
    return share_text(on_time, due) if due else "không có nhiệm vụ đến hạn"
