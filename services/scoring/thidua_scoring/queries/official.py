"""Official runs: what was asked for, whether the period is closed, and which stream is late."""

from __future__ import annotations

from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.contracts import Campaign
from thidua_runtime.database import Transaction
from thidua_scoring.errors import UnknownCampaign

CAMPAIGN: Final = text("""
select key, body from replica_campaigns where not deleted and (code = :code or key = :code)
""")
# Months of units that take part: how many rows there are, and how many of them are not closed.
MONTHS: Final = text("""
select m.month, count(r.key) as known,
       count(r.key) filter (where r.body->>'state' not in ('closed', 'corrected')) as open
  from unnest(cast(:months as text[])) as m (month)
  left join replica_monthly_results as r
    on r.month = m.month and not r.deleted and r.body->>'unit' = any(cast(:units as text[]))
 group by m.month order by m.month
""")
MISSING: Final = text("""
select u.unit, m.month
  from unnest(cast(:units as text[])) as u (unit) cross join unnest(cast(:months as text[])) as m (month)
 where not exists (select from replica_monthly_results as r
                    where r.subject = u.unit and r.month = m.month and not r.deleted
                      and (r.body->>'reported')::boolean)
 order by u.unit, m.month
""")
# Who takes part in a campaign: units, or the people in them and whether they lead their unit.
TAKING_PART: Final = text("""
    select unit as subject, true as leads from unnest(cast(:units as text[])) as u (unit) where :kind = 'collective'
     union all
    select person, bool_or(coalesce((body->>'leads_unit')::boolean, false)) from replica_people
     where :kind = 'individual' and not deleted and unit = any(cast(:units as text[])) group by person
     order by subject
""")
ASK: Final = text("""
insert into official_run as o (campaign, period, cut, state, waits_for, missing, scored, not_scored, generation,
                               revision, changed_by, changed_at)
values (:campaign, :period, :cut, 'waiting', '', cast(:missing as jsonb), 0, 0, nextval('mark_generation'),
        1, :actor, clock_timestamp())
    on conflict (campaign, period) do update
       set cut = excluded.cut, state = 'waiting', waits_for = '', missing = excluded.missing, scored = 0,
           not_scored = 0, closed_because = '', generation = excluded.generation, revision = o.revision + 1,
           changed_by = excluded.changed_by, changed_at = excluded.changed_at
""")
FIND: Final = text("select * from official_run where campaign = :campaign and period = :period")
# What is decided about the official scores of a campaign is decided one after the other.
ONE_BY_ONE: Final = text("""
select pg_advisory_xact_lock(hashtextextended('scoring.official:' || cast(:campaign as text), 0))
""")
WAITING_OF: Final = text("""
select period from official_run
 where campaign = :campaign and state in ('waiting', 'making') order by period limit 1
""")
# One that is being made was left by a process that ended, or is in another one's hands: both write the same.
WAITING: Final = text("select * from official_run where state in ('waiting', 'making') order by changed_at")
# From here on it is not cancelled any more: half of the official scores would be of it.
BEGIN: Final = text("""
update official_run set state = 'making', waits_for = ''
 where campaign = :campaign and period = :period and revision = :revision and state in ('waiting', 'making')
""")
CANCEL: Final = text("""
update official_run
   set state = 'cancelled', waits_for = '', closed_because = :because, revision = revision + 1, changed_by = :actor,
       changed_at = clock_timestamp()
 where campaign = :campaign and period = :period and state = 'waiting'
""")
NUMBER: Final = text("select nextval('mark_generation') as number")
HOLD_BACK: Final = text("""
update official_run set waits_for = :waits_for
 where campaign = :campaign and period = :period and revision = :revision and waits_for <> :waits_for
""")
FINISH: Final = text("""
update official_run
   set state = 'done', waits_for = '', scored = :scored, not_scored = :not_scored, changed_at = clock_timestamp()
 where campaign = :campaign and period = :period and revision = :revision and state = 'making'
""")

COUNT: Final = text("""
select count(*) filter (where state <> :not_scored) as scored, count(*) filter (where state = :not_scored) as not_scored
  from score where campaign = :campaign and period = :period and lane = 'official'
""")


async def campaign_of(tx: Transaction, code: str) -> Campaign:
    """Return the campaign of a code or id; raises UnknownCampaign."""
    row = await tx.row(CAMPAIGN, code=code)
    if row is None:
        raise UnknownCampaign(code=code)
    return Campaign.model_validate_json(row.body)


def shown(row: Row[Any], code: str) -> dict[str, Any]:
    """Return a run for the API."""
    return {
        "campaign": code,
        "period": row.period,
        "cut": row.cut.isoformat(),
        "state": row.state,
        "waits_for": row.waits_for,
        "missing": orjson.loads(row.missing),
        "scored": row.scored,
        "not_scored": row.not_scored,
        "closed_because": row.closed_because,
        "asked_by": row.changed_by,
        "changed_at": row.changed_at.isoformat(),
    }
