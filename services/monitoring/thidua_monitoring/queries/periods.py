"""The as-of row, the months of the calendar, and what each unit owes per period."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Row, text

from thidua_monitoring.queries.decoded import Decoded
from thidua_runtime.database import Transaction

AS_OF: Final = text("select day from as_of")
HOLD_AS_OF: Final = text("select day, names from as_of for share")
LOCK_AS_OF: Final = text("select day, names from as_of for update")
NAMES_CHANGED: Final = text("update as_of set names = gen_random_uuid()")
START_AS_OF: Final = text("""
insert into as_of (id, day, names) values (1, :day, gen_random_uuid()) on conflict (id) do nothing
""")
MOVE_AS_OF: Final = text("update as_of set day = :day where day < :day")

# Handlers hold all months of the calendar: which month a task leaves is known only once it is stored.
HOLD_MONTHS: Final = text("select month, state from month_period order by month for share")
LOCK_MONTH: Final = text("select * from month_period where month = :month for update")
MONTH: Final = text("select * from month_period where month = :month")
MONTHS: Final = text("""
select p.*, (select count(*) from objection as o where o.month = p.month and o.answer is null) as objections,
       (select count(*) from month_correction as c where c.month = p.month and c.state = 'pending') as corrections
  from month_period as p where cast(:campaign as text) is null or p.campaign = :campaign
 order by p.month limit :limit offset :offset
""")

# A month belongs to one calendar: the standing movement's before a special one's, then the older campaign's.
SAVE_MONTHS: Final = text("""
with calendar as (
    select distinct on (d.period) d.period as month, c.key as campaign, d.report_due, d.objection_until, d.closes_on,
           coalesce((c.body->>'deadline_rolls_to_working_day')::boolean, false) as rolls
      from replica_campaigns as c
     cross join lateral jsonb_to_recordset(c.body->'calendar')
                as d (period text, report_due date, objection_until date, closes_on date)
     where not c.deleted and d.period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'
     order by d.period, c.body->>'kind' <> 'thuong_xuyen', c.body->>'starts_on', c.key
)
insert into month_period as p (month, campaign, report_due, objection_until, closes_on, rolls, changed_by)
select month, campaign, report_due, objection_until, closes_on, rolls, :actor from calendar order by month
    on conflict (month) do update
       set campaign = excluded.campaign, report_due = excluded.report_due, objection_until = excluded.objection_until,
           closes_on = excluded.closes_on, rolls = excluded.rolls, revision = p.revision + 1,
           changed_by = excluded.changed_by, changed_at = now()
     where p.state <> 'closed'
       and (p.campaign, p.report_due, p.objection_until, p.closes_on, p.rolls)
           is distinct from
           (excluded.campaign, excluded.report_due, excluded.objection_until, excluded.closes_on, excluded.rolls)
returning month
""")

PUBLISH_MONTHS: Final = text("""
update month_period set state = 'published', revision = revision + 1, changed_by = :actor, changed_at = now()
 where state = 'running' and month < :running_month returning month
""")

CLOSE_MONTH: Final = text("""
update month_period
   set state = 'closed', closed_on = :closed_on, forced_because = :forced_because, revision = revision + 1,
       changed_by = :actor, changed_at = now()
 where month = :month
""")

# The units valid in the period among the campaign's participants; a unit not known here yet is expected
# as soon as it arrives.
_OWED: Final = """
select u.key as unit, c.key as campaign, d.period, d.report_due as due_on, d.closes_on
  from replica_campaigns as c
 cross join lateral jsonb_to_recordset(c.body->'calendar') as d (period text, report_due date, closes_on date)
 cross join lateral jsonb_array_elements_text(c.body->'participants') as p (unit)
  join replica_units as u on u.key = p.unit and not u.deleted
 cross join lateral (
     select case when d.period ~ '^\\d{4}$' then (d.period || '-01-01')::date
                 when d.period ~ 'H' then make_date(left(d.period, 4)::int, right(d.period, 1)::int * 6 - 5, 1)
                 when d.period ~ 'Q' then make_date(left(d.period, 4)::int, right(d.period, 1)::int * 3 - 2, 1)
                 else (d.period || '-01')::date end as first_day,
            case when d.period ~ '^\\d{4}$' then 12 when d.period ~ 'H' then 6 when d.period ~ 'Q' then 3
                 else 1 end as months
 ) as span
 where not c.deleted
   and (u.body->>'valid_from')::date < span.first_day + make_interval(months => span.months)
   and coalesce((u.body->>'valid_to')::date >= span.first_day, true)
"""

EXPECT_REPORTS: Final = text(f"""
insert into report as r (unit, campaign, period, due_on, closes_on, state, changed_by)
select unit, campaign, period, due_on, closes_on, 'due', :actor from ({_OWED}) as owed
 order by unit, campaign, period
    on conflict (unit, campaign, period) do update
       set due_on = excluded.due_on, closes_on = excluded.closes_on, revision = r.revision + 1,
           changed_by = excluded.changed_by, changed_at = now()
     where (r.due_on, r.closes_on) is distinct from (excluded.due_on, excluded.closes_on)
returning *
""").columns(document=Decoded)

DROP_REPORTS: Final = text(f"""
with gone as materialized (
    select unit, campaign, period from report as r
     where r.state = 'due' and not exists (
           select from ({_OWED}) as owed
            where owed.unit = r.unit and owed.campaign = r.campaign and owed.period = r.period)
     order by unit, campaign, period for update
)
delete from report as r using gone
 where (r.unit, r.campaign, r.period) = (gone.unit, gone.campaign, gone.period)
returning r.unit, r.campaign, r.period
""")

EXPECTED_UNITS: Final = text(f"""
select distinct unit from ({_OWED}) as owed where period = :month and campaign = :campaign order by unit
""")

LOCK_REPORTS: Final = text("""
select r.* from report as r
  join unnest(cast(:units as text[]), cast(:campaigns as text[]), cast(:periods as text[]))
       as k (unit, campaign, period) using (unit, campaign, period)
 order by r.unit, r.campaign, r.period for update of r
""").columns(document=Decoded)
REPORTS: Final = text("""
select * from report
 where (cast(:campaign as text) is null or campaign = :campaign) and (cast(:unit as text) is null or unit = :unit)
   and (cast(:period as text) is null or period = :period) and (cast(:state as text) is null or state = :state)
 order by period, unit, campaign limit :limit offset :offset
""").columns(document=Decoded)
MOVE_REPORTS: Final = text("""
update report as r
   set state = m.state, sent_on = m.sent_on, returned_because = m.returned_because, document = m.document,
       revision = r.revision + 1, changed_by = :actor, changed_at = now()
  from jsonb_to_recordset(cast(:reports as jsonb))
       as m (unit text, campaign text, period text, state text, sent_on date, returned_because text, document jsonb)
 where (r.unit, r.campaign, r.period) = (m.unit, m.campaign, m.period)
""")

ROLLED_DAYS: Final = text("select day, rolls_to from rolled_day")
RULES: Final = text("""
select (select array_agg(day order by day) from rolled_day) as days,
       (select array_agg(rolls_to order by day) from rolled_day) as rolls_to,
       exists (select from task_decision where state = 'approved') as is_decided
""")
REPLACE_ROLLED_DAYS: Final = text("""
with given as (
    select * from unnest(cast(:days as date[]), cast(:rolls_to as date[])) as g (day, rolls_to)
), gone as (
    delete from rolled_day as r where not exists (select from given where given.day = r.day) returning r.day
), kept as (
    insert into rolled_day as r (day, rolls_to) select day, rolls_to from given order by day
        on conflict (day) do update set rolls_to = excluded.rolls_to where r.rolls_to <> excluded.rolls_to
    returning day
)
select day from gone union all select day from kept
""")


async def as_of(tx: Transaction) -> date:
    """Return the as-of day without holding it: for reading."""
    row = await tx.row(AS_OF)
    return tx.clock.today() if row is None else row.day


async def hold_as_of(tx: Transaction) -> date:
    """Return the as-of day and keep it from moving until this transaction ends; the same for the months."""
    return (await hold_names(tx))[0]


_held_by: WeakKeyDictionary[Transaction, tuple[date, UUID | None]] = WeakKeyDictionary()


async def hold_names(tx: Transaction) -> tuple[date, UUID | None]:
    """Do the same; return also the mark of when a unit or a person changed last."""
    if tx not in _held_by:
        row = await _held(tx, HOLD_AS_OF)
        await tx.rows(HOLD_MONTHS)
        _held_by[tx] = row.day, row.names
    return _held_by[tx]


async def note_names(tx: Transaction) -> None:
    """Note that a unit or a person changed; the caller holds the as-of row alone."""
    await tx.execute(NAMES_CHANGED)
    _held_by.pop(tx, None)


async def lock_as_of(tx: Transaction) -> date:
    """Return the as-of day with nobody else holding it: to move it, or to change how deadlines are derived."""
    day: date = (await _held(tx, LOCK_AS_OF)).day
    return day


async def _held(tx: Transaction, statement: Any) -> Row[Any]:
    row = await tx.row(statement)
    if row is None:
        # A new database starts on the day it is first asked; from then on the row alone decides.
        await tx.execute(START_AS_OF, day=tx.clock.today())
        row = await tx.row(statement)
        assert row is not None
    return row


async def move_as_of(tx: Transaction, day: date) -> None:
    """Move the as-of day forward; never back."""
    await tx.execute(MOVE_AS_OF, day=day)
    _held_by.pop(tx, None)


async def save_months(tx: Transaction) -> list[str]:
    """Take the months of all calendars; returns those that are new or changed. Closed ones stay."""
    return [row.month for row in await tx.rows(SAVE_MONTHS, actor=tx.actor)]


async def publish_past_months(tx: Transaction, running_month: str) -> list[str]:
    """Publish to the units the months before `running_month`; returns those that changed."""
    return [row.month for row in await tx.rows(PUBLISH_MONTHS, running_month=running_month, actor=tx.actor)]


async def month(tx: Transaction, name: str) -> Row[Any] | None:
    """Return a month of the calendar."""
    return await tx.row(MONTH, month=name)


async def lock_month(tx: Transaction, name: str) -> Row[Any] | None:
    """Return a month with nobody else holding it."""
    return await tx.row(LOCK_MONTH, month=name)


async def months(tx: Transaction, campaign: str | None, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return months of the calendar with the number of open objections and corrections."""
    return await tx.rows(MONTHS, campaign=campaign, limit=limit, offset=offset)


async def set_closed(tx: Transaction, name: str, closed_on: date, forced_because: str) -> None:
    """Mark a month as closed."""
    await tx.execute(CLOSE_MONTH, month=name, closed_on=closed_on, forced_because=forced_because, actor=tx.actor)


async def expect_reports(tx: Transaction) -> Sequence[Row[Any]]:
    """Write what every participating unit owes; returns new and changed reports."""
    return await tx.rows(EXPECT_REPORTS, actor=tx.actor)


async def drop_reports(tx: Transaction) -> Sequence[Row[Any]]:
    """Remove reports nobody owes any more and nobody sent."""
    return await tx.rows(DROP_REPORTS)


async def expected_units(tx: Transaction, month_name: str, campaign: str) -> list[str]:
    """Return the units expected to report a month."""
    return [row.unit for row in await tx.rows(EXPECTED_UNITS, month=month_name, campaign=campaign)]


async def reports(tx: Transaction, **wanted: Any) -> Sequence[Row[Any]]:
    """Return reports by campaign, unit, period and state (None: any), with limit and offset."""
    return await tx.rows(REPORTS, **wanted)


async def lock_reports(tx: Transaction, keys: Sequence[tuple[str, str, str]]) -> Sequence[Row[Any]]:
    """Return reports by unit, campaign and period, locked in the order of their keys."""
    units, campaigns, names = ([key[place] for key in keys] for place in range(3))
    return await tx.rows(LOCK_REPORTS, units=units, campaigns=campaigns, periods=names)


async def move_reports(tx: Transaction, moved: str) -> None:
    """Write the new states of reports, given as a JSON list."""
    await tx.execute(MOVE_REPORTS, reports=moved, actor=tx.actor)


async def rolled_days(tx: Transaction) -> dict[date, date]:
    """Return the days off whose deadlines move, and the working day they move to."""
    return {row.day: row.rolls_to for row in await tx.rows(ROLLED_DAYS)}


async def rules(tx: Transaction) -> tuple[dict[date, date], bool]:
    """Return the same, and whether any decision about a task is approved."""
    (row,) = await tx.rows(RULES)
    return dict(zip(row.days or (), row.rolls_to or (), strict=True)), row.is_decided


async def replace_rolled_days(tx: Transaction, moved: Mapping[date, date]) -> list[date]:
    """Store which days roll; returns the days that changed."""
    days = sorted(moved)
    rows = await tx.rows(REPLACE_ROLLED_DAYS, days=days, rolls_to=[moved[day] for day in days])
    return [row.day for row in rows]
