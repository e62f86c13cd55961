"""What Prometheus sees of the awards: recommendations by state, and what waits for a person."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from thidua_awards.domain.conditions import REVIEWED
from thidua_runtime.database import Transaction
from thidua_runtime.metrics import Sample

STATES: Final = ("reviewed", "on_hold", "decided")

BY_STATE: Final = text("""
select r.title, r.state, count(*) as number,
       count(*) filter (where r.verdict = 'person' and r.state <> 'decided') as waiting
  from recommendation r join replica_campaigns c on c.key = r.campaign and not c.deleted
 where c.body->>'state' <> 'closed'
 group by r.title, r.state
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
    return [*proposals, Sample("thidua_waiting_for_person", {"kind": "appraisal"}, waiting)]
