"""State for monitoring teams: one set-based statement per group of gauges, run once a minute."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

UNITS: Final = text("""
select u.key as id, u.body->>'name' as name, u.body->>'kind' as kind,
       coalesce((select c.key from replica_clusters as c
                  where not c.deleted and c.body->>'year' = cast(:year as text)
                    and c.body->'members' @> jsonb_build_array(jsonb_build_object('unit', u.key))
                  order by c.key limit 1), '') as cluster
  from replica_units as u where not u.deleted
""")

# From the start of the period until a day after its closing; a period of two campaigns shows the earlier date.
REPORTS: Final = text("""
select unit, period, min(due_on) as due_on, min(closes_on) as closes_on,
       bool_and(state in ('sent', 'accepted')) as received
  from report where closes_on >= cast(:day as date) - 1 group by unit, period
""")

MONTHS: Final = text("""
select c.subject as unit, c.month, c.due, c.on_time, c.open
  from month_counter as c left join month_period as p using (month)
 where not c.individual and c.month between :first_month and :last_month
   and coalesce(p.state <> 'closed' or p.closed_on >= cast(:day as date) - 1, c.month = :last_month)
""")

OVERDUE: Final = text("""
select subject as unit, sum(overdue) as overdue from month_counter
 where not individual and month between :first_month and :last_month group by subject
""")

DUE_SOON: Final = text("""
select unit, count(*) as soon from (
    select unit from task
     where month between :this_month and :next_month and standing = 'open'
       and open_deadline between :day and cast(:day as date) + 3
    union all
    select unit from task
     where open_deadline <> counted_deadline and open_deadline between :day and cast(:day as date) + 3
       and (standing = 'extended' or (standing = 'open' and month not between :this_month and :next_month))
) as t group by unit
""")

# An extension counts only if it is decided on or before the deadline it changes: that is when it must be settled.
WAITING: Final = text("""
select 'fact' as kind, count(*) as waiting, cast(null as date) as until
  from fact_entry where status = 'stated' and stated_by = 'self'
union all select 'correction', count(*), null from month_correction where state = 'pending'
union all select 'extension', count(*), min(t.open_deadline)
  from task_decision as d join task as t using (source, source_id) where d.state = 'proposed'
""")

RECOUNT: Final = text("select counter, differing from recount")
