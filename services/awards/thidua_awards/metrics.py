"""What Prometheus sees of the awards: recommendations by state, and what waits for a person."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from sqlalchemy import text

from thidua_awards.domain.conditions import REVIEWED
from thidua_awards.domain.dossier import WAITING, waits_for
from thidua_runtime.clock import VIETNAM
from thidua_runtime.database import Transaction
from thidua_runtime.metrics import Sample

STATES: Final = ("reviewed", "on_hold", "decided")

BY_STATE: Final = text("""
select r.title, r.state, count(*) as number,
       count(*) filter (where r.verdict = 'person' and r.state in ('reviewed', 'on_hold')) as waiting
  from recommendation r join replica_campaigns c on c.key = r.campaign and not c.deleted
 where c.body->>'state' <> 'closed'
 group by r.title, r.state
""")

DOSSIERS: Final = text("""
select d.state, count(*) as number, min(d.due_on) as due_on
  from dossier d join replica_campaigns c on c.key = d.campaign and not c.deleted
 where c.body->>'state' <> 'closed' group by d.state
""")


CONSULTATIONS: Final = text("""
select count(*) as number, min(n.until) as until
  from consultation n join replica_campaigns c on c.key = n.campaign and not c.deleted
 where n.closed_on is null and c.body->>'state' <> 'closed'
""")


async def award_gauges(tx: Transaction) -> list[Sample]:
    """Return proposals by title and state, and how many recommendations wait for an appraiser's judgement."""
    rows = await tx.rows(BY_STATE)
    found = {(title, state): 0 for title in REVIEWED for state in STATES}
    found.update({(row.title, row.state): row.number for row in rows})
    proposals = [
        Sample("thidua_proposals", {"title": title, "state": state}, number)
        for (title, state), number in sorted(found.items())
    ]
    waiting = sum(row.waiting for row in rows)
    return [*proposals, *await _waiting(tx, waiting)]


async def _waiting(tx: Transaction, appraisals: int) -> list[Sample]:
    numbers = {**dict.fromkeys(WAITING, 0), "appraisal": appraisals}
    due: dict[str, date] = {}
    for row in await tx.rows(DOSSIERS):
        kind = waits_for(row.state)
        if kind is not None:
            numbers[kind] += row.number
            if row.due_on is not None:
                due[kind] = min(due.get(kind, row.due_on), row.due_on)
    asked = await tx.row(CONSULTATIONS)
    if asked is not None and asked.until is not None:
        # What was asked ends on its own day, whatever the dossiers on its list are due by.
        due["consultation"] = min(due.get("consultation", asked.until), asked.until)
    samples = [Sample("thidua_waiting_for_person", {"kind": kind}, number) for kind, number in numbers.items()]
    ends = {kind: datetime.combine(day, time.max, VIETNAM) for kind, day in due.items()}
    deadline = "thidua_waiting_for_person_deadline_timestamp_seconds"
    return [*samples, *(Sample(deadline, {"kind": kind}, int(end.timestamp())) for kind, end in ends.items())]
