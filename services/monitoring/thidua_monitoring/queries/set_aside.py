"""What a burst of new tasks comes to for people, set aside until it is over: a row a batch, not a counter.

A batch moves months of nearly as many people as it has tasks, and the next one moves most of them again. Nobody is
told of them before the burst is over (`commands.results.publish_people`); then each counter is moved once.
"""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from thidua_monitoring.queries.counting import FIGURES, Counts
from thidua_monitoring.queries.months import Pair
from thidua_runtime.database import Transaction

_ADDED: Final = ", ".join(f"counted_{name}" for name in FIGURES)
_COLUMNS: Final = ", ".join(FIGURES)

SET_ASIDE: Final = text(f"""
insert into people_moved (months, subjects, {_COLUMNS})
values (:counted_months, :counted_subjects, {", ".join(f":counted_{name}" for name in FIGURES)})
""")

LATER: Final = f"""
select m.month, m.subject, {", ".join(f"coalesce(m.{name}, 0) as {name}" for name in FIGURES)}
  from {{rows}} as p cross join lateral rows from (
           unnest(string_to_array(p.months, chr(31))), unnest(string_to_array(p.subjects, chr(31))),
           {", ".join(f"unnest(cast(string_to_array(nullif(p.{name}, ''), ',') as integer[]))" for name in FIGURES)}
       ) as m (month, subject, {_COLUMNS})
"""
"""Selects what is set aside in `rows`: month, subject and figures; a subject comes as often as it was set aside."""

# In the order in which everybody takes counters, and then notes.
COUNT: Final = text(f"""
with taken as (
    delete from people_moved returning *
), moved as (
    select month, subject, {", ".join(f"sum({name}) as {name}" for name in FIGURES)}
      from ({LATER.format(rows="taken")}) as m group by month, subject
), counted as (
    insert into month_counter as c (month, subject, individual, {_COLUMNS})
    select month, subject, true, {_COLUMNS} from moved order by month collate "C", subject collate "C"
        on conflict (month, subject) do update
           set {", ".join(f"{name} = c.{name} + excluded.{name}" for name in FIGURES)}
    returning month, subject
)
insert into month_to_publish (month, subject) select month, subject from counted order by month, subject
    on conflict (month, subject) do update set subject = excluded.subject where false
""")
KEEP_OUT: Final = text("lock table people_moved in share row exclusive mode")
IS_EMPTY: Final = text("select not exists (select from people_moved) as empty")

# Whoever is among the units is no person.
PUT_OFF_PEOPLE: Final = text("""
with wanted as (
    select w.month, w.subject, u.key is null as individual
      from unnest(cast(:months as text[]), cast(:subjects as text[])) as w (month, subject)
      left join replica_units as u on u.key = w.subject
), put_off as (
    insert into month_to_publish (month, subject) select month, subject from wanted where individual
     order by month collate "C", subject collate "C"
        on conflict (month, subject) do update set subject = excluded.subject where false
)
select month, subject from wanted where not individual
""")


async def set_aside(tx: Transaction, counts: Counts) -> Counts:
    """Set aside what these counts come to for people; return what they come to for units."""
    await tx.execute(SET_ASIDE, **Counts(people=counts.people).columns())
    return Counts(units=counts.units)


async def count(tx: Transaction) -> None:
    """Move people's counters by what was set aside, and note their months."""
    await tx.execute(COUNT)


async def count_all(tx: Transaction) -> None:
    """Do the same, and let nobody set anything aside before this transaction ends."""
    await tx.execute(KEEP_OUT)
    await count(tx)


async def is_empty(tx: Transaction) -> bool:
    """Return whether every counter holds all there is."""
    row = await tx.row(IS_EMPTY)
    return row is None or bool(row.empty)


async def without_people(tx: Transaction, pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Return these months without those of people while something is set aside, which are noted instead.

    It may be what an earlier report of the same task came to: figures without it would be published.
    """
    if await is_empty(tx):
        return pairs
    rows = await tx.rows(PUT_OFF_PEOPLE, months=[pair[0] for pair in pairs], subjects=[pair[1] for pair in pairs])
    return [(row.month, row.subject) for row in rows]
