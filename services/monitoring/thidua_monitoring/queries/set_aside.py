"""What a burst of new tasks comes to, set aside instead of counted: some rows a batch, not a counter for each subject.

A batch moves months of nearly as many people as it has tasks, and of half as many units; the next one moves most of
them again. Units are told of some times while a burst goes on (`commands.results.publish_units`), people when it is
over (`publish_people`); each counter is moved as often.
"""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from sys import intern
from typing import Any, Final

from sqlalchemy import Row, text

from thidua_monitoring.queries.counting import FIGURES, Counts, Move, summed
from thidua_monitoring.queries.months import Pair
from thidua_runtime.database import Database, Transaction

SEPARATOR: Final = "\x1f"
_COLUMNS: Final = ", ".join(FIGURES)

LANES: Final = range(2)
"""People's months are counted, and then published, side by side: at the end of a burst nothing else is to do.

Every other month: counters that stand beside each other are then of one lane, and nobody waits for their page.
"""


_VALUES: Final = ", ".join(f":counted_{name}" for name in FIGURES)
# Of an instance of the version before, which knows lanes alone, months are counted by lane.
SET_PEOPLE_ASIDE: Final = text(f"""
insert into people_moved (lane, month, months, subjects, {_COLUMNS})
select ascii(right(month, 1)) & 1, * from rows from (
    {", ".join(f"unnest(cast(:{name} as text[]))" for name in ("month", "months", "subjects", *FIGURES))}
) as m (month, months, subjects, {_COLUMNS})
""")
SET_UNITS_ASIDE: Final = text(f"""
insert into units_moved (months, subjects, {_COLUMNS}) values (:counted_months, :counted_subjects, {_VALUES})
""")


def _count(rows: str, individual: str) -> str:
    # In the order in which everybody takes counters, and then notes.
    return f"""
with taken as (
    delete from {rows} returning *
), moved as ({summed("taken")}), counted as (
    insert into month_counter as c (month, subject, individual, {_COLUMNS})
    select month, subject, {individual}, {_COLUMNS} from moved order by month collate "C", subject collate "C"
        on conflict (month, subject) do update
           set {", ".join(f"{name} = c.{name} + excluded.{name}" for name in FIGURES)}
    returning month, subject
)
"""


_JOINED: Final = "select string_agg(month, chr(31)) as months, string_agg(subject, chr(31)) as subjects from counted"
NOTE_PEOPLE: Final = text(f"""
{_count("people_moved where cast(:current as text) is null or month is null or month > :current", "true")}
insert into month_to_publish (month, subject) select month, subject from counted order by month, subject
    on conflict (month, subject) do update set subject = excluded.subject where false
""")
# Joined: of thousands of rows the driver would make as many objects several times over.
COUNT_PEOPLE: Final = text(f"""{_count("people_moved where month = :month", "true")} {_JOINED}""")
COUNT_UNITS: Final = text(f"""{_count("units_moved", "false")} {_JOINED}""")
KEEP_OUT: Final = text("lock table people_moved in share row exclusive mode")
IS_EMPTY: Final = text("""
select not exists (select from people_moved) as people, not exists (select from units_moved) as units
""")
IS_DUE: Final = text("""
select exists (select from units_moved
                where set_aside_at <= clock_timestamp() - make_interval(secs => :seconds)) as due
""")
# One after another: a second taker at once would wait for the rows of the first, and come away with nothing.
TAKE_TURNS: Final = text("select pg_advisory_xact_lock(hashtextextended('units_moved', 0))")

# Months of people are noted; those of units, which may not have begun, are set aside with no figures. Whoever is among
# the units is no person.
PUT_OFF: Final = text("""
with wanted as (
    select w.month, w.subject, u.key is null as individual,
           case when u.key is null then cast(:people as boolean)
                else cast(:units as boolean) and position(chr(31) in w.subject) = 0 end as later
      from unnest(cast(:months as text[]), cast(:subjects as text[])) as w (month, subject)
      left join replica_units as u on u.key = w.subject
), noted as (
    insert into month_to_publish (month, subject) select month, subject from wanted where individual and later
     order by month collate "C", subject collate "C"
        on conflict (month, subject) do update set subject = excluded.subject where false
), set_aside as (
    insert into units_moved (months, subjects, put_off)
    select string_agg(month, chr(31) order by month, subject),
           string_agg(subject, chr(31) order by month, subject), true
      from wanted where not individual and later having count(*) > 0
)
select month, subject from wanted where not later
""")
MONTHS_OF_PEOPLE: Final = text("""
select distinct month from people_moved
 where lane = :lane and month <= (select to_char(day, 'YYYY-MM') from as_of) order by month
""")
PEOPLE_MOVED_MEANWHILE: Final = text("""
select distinct m.month, m.subject
  from people_moved as p cross join lateral rows from (
           unnest(string_to_array(p.months, chr(31))), unnest(string_to_array(p.subjects, chr(31)))
       ) as m (month, subject)
 where coalesce(p.month = any(cast(:months as text[])), true) and m.month = any(cast(:months as text[]))
""")
MOVED_MEANWHILE: Final = text("""
select m.month, m.subject
  from units_moved as p cross join lateral rows from (
           unnest(string_to_array(p.months, chr(31))), unnest(string_to_array(p.subjects, chr(31)))
       ) as m (month, subject)
 where p.put_off
""")


async def set_people_aside(tx: Transaction, counts: Counts) -> Counts:
    """Set aside what these counts come to for people; return what they come to for units."""
    by_month: dict[str, dict[Move, Mapping[str, int]]] = defaultdict(dict)
    for move, counted in counts.people.items():
        by_month[move[0]][move] = counted
    rows = [Counts(people=people).columns() for people in by_month.values()]
    await tx.execute(
        SET_PEOPLE_ASIDE, month=list(by_month), months=[row["counted_months"] for row in rows],
        subjects=[row["counted_subjects"] for row in rows],
        **{name: [row[f"counted_{name}"] for row in rows] for name in FIGURES},
    )  # fmt: skip
    return Counts(units=counts.units)


async def set_units_aside(tx: Transaction, counts: Counts) -> Counts:
    """Set aside what these counts come to for units; return what they come to for people."""
    await tx.execute(SET_UNITS_ASIDE, **Counts(units=counts.units).columns())
    return Counts(people=counts.people)


async def note_people(tx: Transaction, current: str | None = None) -> None:
    """Move people's counters by what was set aside, and note their months.

    `current`: leave what is of this month or an earlier one to `count_people`.
    """
    await tx.execute(NOTE_PEOPLE, current=current)


async def note_all_people(tx: Transaction) -> None:
    """Do the same, and let nobody set anything aside before this transaction ends."""
    await tx.execute(KEEP_OUT)
    await note_people(tx)


async def months_of_people(database: Database, lane: int) -> list[str]:
    """Return the months of a lane that have begun and of which something is set aside for people."""
    return [row.month for row in await database.alone(MONTHS_OF_PEOPLE, lane=lane)]


async def count_people(tx: Transaction, month: str) -> list[Pair]:
    """Move people's counters of a month by what was set aside, and return whose, which the caller has published.

    The caller holds the as-of row, and has its turn.
    """
    return _pairs(await tx.row(COUNT_PEOPLE, month=month))


async def people_moved_meanwhile(tx: Transaction, months: Iterable[str]) -> set[Pair]:
    """Return of which people something of these months is set aside: their counters may lack it.

    Another change may have moved them since, by a later report on a task of which the earlier one is set aside.
    """
    rows = await tx.rows(PEOPLE_MOVED_MEANWHILE, months=sorted(set(months)))
    return {(row.month, row.subject) for row in rows}


async def count_units(tx: Transaction) -> list[Pair]:
    """Move units' counters by what was set aside, and return their months, which the caller has published.

    The caller holds the as-of row, and no counter that somebody who holds the as-of row may hold as well.
    """
    return _pairs(await tx.row(COUNT_UNITS))


def _pairs(joined: Row[Any] | None) -> list[Pair]:
    if joined is None or joined.months is None:
        return []
    return list(zip(map(intern, joined.months.split(SEPARATOR)), joined.subjects.split(SEPARATOR), strict=True))


async def take_turns(tx: Transaction) -> None:
    """Wait until nobody else moves units' counters by what was set aside; others wait until this transaction ends."""
    await tx.execute(TAKE_TURNS)


async def moved_meanwhile(tx: Transaction) -> set[Pair]:
    """Return the months of units that were put off: another change has moved their counters."""
    return {(row.month, row.subject) for row in await tx.rows(MOVED_MEANWHILE)}


async def is_empty(database: Database) -> bool:
    """Return whether nothing is set aside."""
    (row,) = await database.alone(IS_EMPTY)
    return bool(row.people and row.units)


async def is_due(database: Database, seconds: float) -> bool:
    """Return whether anything of units was set aside so many seconds ago or earlier."""
    (row,) = await database.alone(IS_DUE, seconds=seconds)
    return bool(row.due)


async def put_off(tx: Transaction, pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Put off the months of people, or of units, while anything of them is set aside; return the others.

    It may be what an earlier report of the same task came to: figures without it would be published.
    """
    empty = await tx.row(IS_EMPTY) if pairs else None
    if empty is None or (empty.people and empty.units):
        return pairs
    rows = await tx.rows(
        PUT_OFF, months=[pair[0] for pair in pairs], subjects=[pair[1] for pair in pairs],
        people=not empty.people, units=not empty.units,
    )  # fmt: skip
    return [(row.month, row.subject) for row in rows]
