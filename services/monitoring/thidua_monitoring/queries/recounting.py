"""The nightly proof: counters against a recount from the ledger."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import text

from thidua_monitoring.queries.counting import summed
from thidua_monitoring.queries.ledger import CONTRIBUTION_SQL, FIGURE_COLUMNS, STANDING_SQL
from thidua_runtime.database import Transaction

# Where a task stands is derived again from its dates, so that a wrong stored standing shows as well. Each use reads the
# ledger anew: rows kept for several would be written to disk and read again. `offset 0`: a standing is derived once
# and not by each figure that asks for it. `unnest` twice in one list goes in step, and costs a fifth of a join with it.
_PARTS: Final = f"""
judged as not materialized (
    select t.month, t.unit, t.weight, t.completed_on, t.failures, t.delays, t.people, t.weights,
           {STANDING_SQL} as standing, 1 as sign
      from task as t offset 0
), person as not materialized (
    select month, unnest(people) as subject, standing, unnest(weights) as weight, sign from judged
), derived as not materialized (
    select month, unit as subject, false as individual, {CONTRIBUTION_SQL} from judged group by month, unit
    union all
    select month, subject, true, {CONTRIBUTION_SQL} from person group by month, subject
), weighed as not materialized (
    select month, unit as subject, weight, standing, completed_on, failures, delays from judged
     where weight is not null
    union all
    select month, unnest(people), unnest(weights), standing, completed_on, failures, delays from judged
     where weight is not null
), derived_work as (
    select month, subject, failures, delays, sum(weight) as assigned,
           coalesce(sum(weight) filter (where completed_on is not null), 0) as done, count(*) as items
      from weighed where weight is not null and standing <> 'excluded' group by month, subject, failures, delays
)
"""

_DIFFERS: Final = ", ".join(
    f"count(*) filter (where coalesce(c.{name}, 0) <> coalesce(d.{name}, 0)) as {name}" for name in FIGURE_COLUMNS
)

_NAMES: Final = ", ".join(FIGURE_COLUMNS)
_SUMMED: Final = ", ".join(f"sum({name}) as {name}" for name in FIGURE_COLUMNS)

RECOUNT: Final = text(f"""
with {_PARTS}, counters as (
    select month, subject, {_SUMMED}
      from (select month, subject, {_NAMES} from month_counter
            union all {summed("people_moved")} union all {summed("units_moved")}) as c group by month, subject
)
select {_DIFFERS},
       (select count(*)
          from derived_work as d full join month_work as w using (month, subject, failures, delays)
         where (coalesce(d.assigned, 0), coalesce(d.done, 0), coalesce(d.items, 0))
               is distinct from (coalesce(w.assigned, 0), coalesce(w.done, 0), coalesce(w.items, 0))) as work
  from derived as d full join counters as c using (month, subject)
""")

JUDGE_ANEW: Final = text(f"update task as t set standing = {STANDING_SQL} where t.standing <> {STANDING_SQL}")
DROP_COUNTERS: Final = text("""
with counters as (delete from month_counter), people as (delete from people_moved), units as (delete from units_moved)
delete from month_work
""")
_COUNTED: Final = ", ".join(f"coalesce({name}, 0) as {name}" for name in FIGURE_COLUMNS)
COUNT_ANEW: Final = text(f"""
with {_PARTS}, counted as (
    insert into month_counter (month, subject, individual, {", ".join(FIGURE_COLUMNS)})
    select month, subject, individual, {_COUNTED} from derived
)
insert into month_work (month, subject, failures, delays, assigned, done, items)
select month, subject, failures, delays, assigned, done, items from derived_work
""")

KEEP: Final = text("""
insert into recount as r (counter, differing)
select * from unnest(cast(:counters as text[]), cast(:differing as integer[])) as n (counter, differing)
    on conflict (counter) do update set differing = excluded.differing, checked_at = now()
""")


async def differences(tx: Transaction, as_of: date) -> dict[str, int]:
    """Return, per counter, how many rows differ from the ledger."""
    row = await tx.row(RECOUNT, as_of=as_of)
    assert row is not None
    return {name: int(getattr(row, name)) for name in (*FIGURE_COLUMNS, "work")}


async def count_anew(tx: Transaction, as_of: date) -> None:
    """Drop all counters and count the ledger again."""
    await tx.execute(JUDGE_ANEW, as_of=as_of)
    await tx.execute(DROP_COUNTERS)
    await tx.execute(COUNT_ANEW, as_of=as_of)


async def compare(tx: Transaction, as_of: date) -> dict[str, int]:
    """Recount and keep the differences for the metric."""
    found = await differences(tx, as_of)
    counters = sorted(found)
    await tx.execute(KEEP, counters=counters, differing=[found[name] for name in counters])
    return found
