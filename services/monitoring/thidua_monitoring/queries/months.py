"""Monthly figures: live counters beside closed results, corrections, declared totals, objections."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, text

from thidua_monitoring.queries.counting import FIGURES as COUNTED
from thidua_monitoring.queries.counting import summed
from thidua_monitoring.queries.decoded import Decoded
from thidua_runtime.database import Database, Transaction

Pair = tuple[str, str]
"""Month and subject."""

_NAMED: Final = """
with wanted as (
    select * from unnest(cast(:months as text[]), cast(:subjects as text[])) as w (month, subject)
), ends as (
    select month, ((month || '-01')::date + interval '1 month') at time zone 'Asia/Ho_Chi_Minh' as ends_at
      from (select distinct month from wanted) as m
), vouched as materialized (
    select e.month, array_agg(s.name) as sources
      from source as s join ends as e on s.complete_until >= e.ends_at group by e.month
), named as (
    select w.month, w.subject, u.key is null as individual, coalesce(u.key, p.unit, '') as unit, v.sources as vouching
      from wanted as w
      left join vouched as v on v.month = w.month
      left join replica_units as u on u.key = w.subject
      left join lateral (select unit from replica_people as p where p.id = w.subject and u.key is null
                          order by p.deleted, p.version desc limit 1) as p on true
)
"""
# A unit has reported when its report was sent, when it declared totals, or when a source that speaks for it
# vouches beyond the month's end. Before any source does, nobody is looked for among the units of sources: that table
# is read through for every row where its statistics are older than its growth.
_REPORTED: Final = """
(exists (select from report as r where r.unit = n.unit and r.period = n.month and r.state in ('sent', 'accepted'))
 or (n.vouching is not null
     and exists (select from source_unit as s where s.unit = n.unit and s.source = any(n.vouching)))
 or d.unit is not null)
"""

# One row per wanted month and subject with everything its published state is made of. Counters may lack what is set
# aside, and have moved by a later change.
FIGURES: Final = text(f"""
{_NAMED}, aside as materialized (
    {summed("people_moved")} union all {summed("units_moved")}
)
select n.month, n.subject, n.individual, n.unit,
       {", ".join(f"coalesce(c.{name}, 0) + coalesce(a.{name}, 0) as {name}" for name in COUNTED)},
       d.unit is not null as declared, d.due as declared_due, d.on_time as declared_on_time,
       d.late as declared_late, d.overdue as declared_overdue, {_REPORTED} as reported,
       exists (select from objection as o where o.month = n.month and o.unit = n.unit and o.answer is null) as objected,
       coalesce(p.state, 'running') as month_state, p.closed_on as month_closed_on, p.forced_because,
       r.subject is not null as has_result, r.due as result_due, r.on_time as result_on_time, r.late as result_late,
       r.open as result_open, r.overdue as result_overdue, r.excluded as result_excluded, r.work as result_work,
       r.declared as result_declared, r.reported as result_reported, r.state as result_state, r.unit as result_unit,
       r.as_of as result_as_of, r.closed_on as result_closed_on
  from named as n
  left join month_counter as c on c.month = n.month and c.subject = n.subject
  left join aside as a on a.month = n.month and a.subject = n.subject
  left join declared_total as d on d.month = n.month and d.unit = n.subject
  left join month_period as p on p.month = n.month
  left join month_result as r on r.month = n.month and r.subject = n.subject
 order by n.month, n.subject
""").columns(result_work=Decoded)

# Who publishes a month holds its counter, as does who moves it: figures read before another transaction's change, but
# sent after those of that change, would stand in the log behind the newer ones. Counters first, then notes, each in
# the order of their keys, whoever takes them.
HOLD_COUNTERS: Final = text("""
select count(*) from (
    select from month_counter as c
      join unnest(cast(:months as text[]), cast(:subjects as text[])) as w (month, subject) using (month, subject)
     order by month, subject for no key update of c) as held
""")

PEOPLE_AT_ONCE = 200
"""So many people's months are published with the change itself; of more each would be published many times over."""


UNITS_AT_ONCE = 1_000
"""So many units' months are published with the new tasks that move them; more only a burst moves at once."""


def put_off(moved: str) -> str:
    """Return CTEs that note the months of `moved` (month, subject, individual) which are to be published later.

    People outnumber units by far, and their months move with every batch, report and mark: what concerns many of
    them, or a month that has not begun, is only noted here; `AT_ONCE` selects the rest. A note that stands already
    is locked, not written again: whoever took it before this change is committed would publish the figures before it.
    """
    return f"""
sorted_out as (
    select *, individual and (month > :current or count(*) filter (where individual) over () > :at_once) as later
      from {moved}
), put_off as (
    insert into month_to_publish (month, subject) select month, subject from sorted_out where later
     order by month, subject
        on conflict (month, subject) do update set subject = excluded.subject where false
)
"""


AT_ONCE: Final = "select month, subject from sorted_out where not later"


def put_off_parameters(as_of: date) -> dict[str, Any]:
    """Return what a statement with `put_off` is told: the running month, and how many people are many."""
    return {"current": f"{as_of:%Y-%m}", "at_once": PEOPLE_AT_ONCE}


PUT_OFF: Final = text(f"""
with wanted as (
    select w.month, w.subject, u.key is null as individual
      from unnest(cast(:months as text[]), cast(:subjects as text[])) as w (month, subject)
      left join replica_units as u on u.key = w.subject
), {put_off("wanted")} {AT_ONCE}
""")

# One after another: two takers at once would wait for the same rows, and one of them come away with nothing.
TAKE_TURNS: Final = text("select pg_advisory_xact_lock(hashtextextended('month_to_publish', :lane))")
# Waits for whoever is moving one of them: what was noted before a heartbeat stands before it in the log. Row by row:
# with statistics older than its rows, PostgreSQL would read both tables through for every portion. Behind those that
# were taken before: of them dead rows remain for a while.
TAKE_PUT_OFF: Final = text("""
with noted as materialized (
    select ctid as place, month, subject from month_to_publish
     where month <= :current and (month, subject) > (:month, :subject) and ascii(right(month, 1)) & 1 = :lane
     order by month, subject limit :limit
), held as materialized (
    select from noted as n cross join lateral (
        select from month_counter as c where c.month = n.month and c.subject = n.subject for no key update of c) as h
)
delete from month_to_publish as m
 where ctid = any(array(select place from noted)) and (select count(*) from held) >= 0
returning m.month, m.subject
""")

MANY_PUT_OFF: Final = text("""
select (select count(*) from (select from month_to_publish limit cast(:many as integer)) as m)
       + (select coalesce(sum(length(p.subjects) - length(replace(p.subjects, chr(31), '')) + 1), 0)
            from people_moved as p) as noted
""")

FORGET_PUT_OFF: Final = text("delete from month_to_publish where month = :month")

PUT_OFF_WAITING: Final = text("""
select (select count(*) from month_to_publish as m where m.month <= (select to_char(day, 'YYYY-MM') from as_of))
       + (select count(*) from people_moved) + (select count(*) from units_moved)
""")

WORK: Final = text("""
select w.month, w.subject, w.failures, w.delays, w.assigned, w.done
  from month_work as w
  join unnest(cast(:months as text[]), cast(:subjects as text[])) as i (month, subject) using (month, subject)
 where w.items > 0 order by w.month, w.subject, w.failures, w.delays
""")

SUBJECTS: Final = text("""
select month, subject from month_counter where month = any(cast(:months as text[]))
union select month, unit from declared_total where month = any(cast(:months as text[]))
union select month, subject from month_result where month = any(cast(:months as text[]))
""")

PEOPLE_OF: Final = text("""
select distinct p.id from replica_people as p
 where not p.deleted and p.unit = any(cast(:units as text[])) and coalesce((p.body->>'active')::boolean, true)
   and coalesce((p.body->>'joined_unit')::date <= :last_day, true)
""")

OF_UNITS: Final = text("""
select c.month, c.subject from month_counter as c
 where c.month = any(cast(:months as text[]))
   and (c.subject = any(cast(:units as text[]))
        or c.subject in (select id from replica_people where unit = any(cast(:units as text[]))))
union select m.month, u.unit from unnest(cast(:months as text[])) as m (month)
      cross join unnest(cast(:units as text[])) as u (unit)
""")

SAVE_RESULTS: Final = text("""
insert into month_result (month, subject, individual, unit, due, on_time, late, open, overdue, excluded, work,
                          declared, reported, state, as_of, closed_on, changed_by)
select *, :actor from jsonb_to_recordset(cast(:results as jsonb)) as r (
       month text, subject text, individual boolean, unit text, due int, on_time int, late int, open int,
       overdue int, excluded int, work jsonb, declared boolean, reported boolean, state text, as_of date,
       closed_on date)
    on conflict (month, subject) do nothing
""")

SAVE_CORRECTIONS: Final = text("""
insert into month_correction as c (id, month, subject, due, on_time, late, open, overdue, excluded, work, state,
                                   found_on, changed_by)
select r.*, 'pending', :found_on, :actor from jsonb_to_recordset(cast(:corrections as jsonb)) as r (
       id text, month text, subject text, due int, on_time int, late int, open int, overdue int, excluded int,
       work jsonb)
 where not exists (
       select from month_correction as x
        where x.month = r.month and x.subject = r.subject and x.state = 'rejected'
          and (x.due, x.on_time, x.late, x.open, x.overdue, x.excluded, x.work)
              is not distinct from (r.due, r.on_time, r.late, r.open, r.overdue, r.excluded, r.work))
    on conflict (month, subject) where state = 'pending' do update
       set due = excluded.due, on_time = excluded.on_time, late = excluded.late, open = excluded.open,
           overdue = excluded.overdue, excluded = excluded.excluded, work = excluded.work,
           revision = c.revision + 1, changed_by = excluded.changed_by, changed_at = now()
""")

VOID_CORRECTIONS: Final = text("""
update month_correction as c
   set state = 'void', revision = c.revision + 1, changed_by = :actor, changed_at = now()
  from unnest(cast(:months as text[]), cast(:subjects as text[])) as i (month, subject)
 where c.month = i.month and c.subject = i.subject and c.state = 'pending'
""")

CORRECTIONS: Final = text("""
select c.*, r.due as closed_due, r.on_time as closed_on_time, r.late as closed_late, r.overdue as closed_overdue
  from month_correction as c left join month_result as r using (month, subject)
 where (cast(:month as text) is null or c.month = :month) and c.state = :state
 order by c.month, c.subject, c.id limit :limit offset :offset
""").columns(work=Decoded, document=Decoded)
LOCK_CORRECTION: Final = text("select * from month_correction where id = :id for update").columns(
    work=Decoded, document=Decoded
)
DECIDE_CORRECTION: Final = text("""
update month_correction
   set state = :state, reason = :reason, document = cast(:document as jsonb), revision = revision + 1,
       changed_by = :actor, changed_at = now()
 where id = :id
""")
CORRECT_RESULT: Final = text("""
insert into month_result as r (month, subject, individual, unit, due, on_time, late, open, overdue, excluded, work,
                               declared, reported, state, as_of, closed_on, changed_by)
values (:month, :subject, :individual, :unit, :due, :on_time, :late, :open, :overdue, :excluded,
        cast(:work as jsonb), false, true, 'corrected', :as_of, :closed_on, :actor)
    on conflict (month, subject) do update
       set due = excluded.due, on_time = excluded.on_time, late = excluded.late, open = excluded.open,
           overdue = excluded.overdue, excluded = excluded.excluded, work = excluded.work, declared = false,
           state = 'corrected', as_of = excluded.as_of, revision = r.revision + 1, changed_by = excluded.changed_by,
           changed_at = now()
""")

DECLARE: Final = text("""
insert into declared_total as d (month, unit, due, on_time, late, overdue, document, evidence, note, changed_by)
values (:month, :unit, :due, :on_time, :late, :overdue, cast(:document as jsonb), cast(:evidence as text[]), :note,
        :actor)
    on conflict (month, unit) do update
       set due = excluded.due, on_time = excluded.on_time, late = excluded.late, overdue = excluded.overdue,
           document = excluded.document, evidence = excluded.evidence, note = excluded.note,
           revision = d.revision + 1, changed_by = excluded.changed_by, changed_at = now()
returning revision
""")
DECLARED: Final = text("select * from declared_total where month = :month and unit = :unit for update")

OBJECT: Final = text("""
insert into objection (id, month, unit, reason, changed_by) values (:id, :month, :unit, :reason, :actor)
""")
LOCK_OBJECTION: Final = text("select * from objection where id = :id for update")
ANSWER_OBJECTION: Final = text("""
update objection set answer = :answer, revision = revision + 1, changed_by = :actor, changed_at = now() where id = :id
""")
OBJECTIONS: Final = text("""
select id, unit, reason, answer, changed_by, changed_at from objection where month = :month order by id
""")


async def sort_out(tx: Transaction, pairs: Iterable[Pair], as_of: date) -> list[Pair]:
    """Hold these months, note those of people that are published later; return what is to be published at once."""
    wanted = sorted(set(pairs))
    named = {"months": [p[0] for p in wanted], "subjects": [p[1] for p in wanted]}
    await tx.execute(HOLD_COUNTERS, **named)
    rows = await tx.rows(PUT_OFF, **named, **put_off_parameters(as_of))
    return [(row.month, row.subject) for row in rows]


async def forget_put_off(tx: Transaction, month: str) -> None:
    """Drop the notes of a month that is published as a whole."""
    await tx.execute(FORGET_PUT_OFF, month=month)


async def has_put_off(database: Database, many: int) -> bool:
    """Return whether at least so many months of people are noted."""
    (row,) = await database.alone(MANY_PUT_OFF, many=many)
    return int(row.noted) >= many


async def take_turns(tx: Transaction, lane: int) -> None:
    """Wait until nobody else takes noted months of a lane, in whichever instance; others wait until this one ends."""
    await tx.execute(TAKE_TURNS, lane=lane)


async def take_put_off(tx: Transaction, current_month: str, limit: int, after: Pair, lane: int) -> list[Pair]:
    """Take and hold noted months of people that have begun, at most `limit` of a lane behind `after`; in their order.

    The caller has its turn (`take_turns`).
    """
    month, subject = after
    rows = await tx.rows(TAKE_PUT_OFF, current=current_month, limit=limit, month=month, subject=subject, lane=lane)
    return sorted([tuple(row) for row in rows])


async def figures(tx: Transaction, pairs: Iterable[Pair]) -> Sequence[Row[Any]]:
    """Return everything the published state of these months and subjects is made of."""
    wanted = sorted(set(pairs))
    return await tx.rows(FIGURES, months=[p[0] for p in wanted], subjects=[p[1] for p in wanted])


async def work(tx: Transaction, pairs: Iterable[Pair]) -> dict[Pair, list[Row[Any]]]:
    """Return converted weights by number of failures and delays."""
    wanted = sorted(set(pairs))
    found: dict[Pair, list[Row[Any]]] = {}
    for row in await tx.rows(WORK, months=[p[0] for p in wanted], subjects=[p[1] for p in wanted]):
        found.setdefault((row.month, row.subject), []).append(row)
    return found


async def subjects(tx: Transaction, months: Sequence[str]) -> list[Pair]:
    """Return every subject that has figures in these months."""
    return [(row.month, row.subject) for row in await tx.rows(SUBJECTS, months=list(months))]


async def of_units(tx: Transaction, months: Sequence[str], units: Sequence[str]) -> list[Pair]:
    """Return units, and their people with figures, in these months."""
    return [(r.month, r.subject) for r in await tx.rows(OF_UNITS, months=list(months), units=list(units))]


async def people_of(tx: Transaction, units: Sequence[str], last_day: Any) -> list[str]:
    """Return the active people of these units who had joined by `last_day`."""
    return [row.id for row in await tx.rows(PEOPLE_OF, units=list(units), last_day=last_day)]
