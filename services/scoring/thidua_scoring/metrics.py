"""State gauges of scoring: who is scored, who waits since when, which sets count."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from thidua.contracts.judgement import SetState
from thidua_runtime.database import Transaction
from thidua_runtime.metrics import Sample
from thidua_scoring.domain.agreement import AGREEMENTS
from thidua_scoring.queries.shadows import FOLLOWS

STATES: Final = ("complete", "incomplete", "waiting", "not_scored")

SCORES: Final = text("""
with newest as (
    select distinct on (s.subject, s.campaign, s.set_id) s.set_id, s.state,
           exists (select from dirty as d where d.subject = s.subject and d.campaign = s.campaign
                                            and d.set_id = s.set_id) as is_waiting
      from score as s where s.lane = 'running'
     order by s.subject, s.campaign, s.set_id, s.period desc
)
select set_id, state, count(*) as subjects from newest where not is_waiting group by set_id, state
 union all
select set_id, 'waiting', count(*) from dirty group by set_id
""")
OLDEST: Final = text("select extract(epoch from min(marked_at)) as since from dirty")
SHADOWS: Final = text(
    """
with s as (
    select campaign, set_id, set_version, agreement, count(*) as number from shadow_score
     group by campaign, set_id, set_version, agreement
)
select set_id, set_version, agreement, cast(sum(number) as bigint) as subjects from s where {FOLLOWS}
 group by set_id, set_version, agreement
""".replace("{FOLLOWS}", FOLLOWS)
)
SETS: Final = text("select id, version, state from criteria_set")


async def score_gauges(tx: Transaction) -> list[Sample]:
    """Subjects by set and state of their newest score, and since when the longest waits."""
    counts = {(row.id, state): 0 for row in await tx.rows(SETS) for state in STATES}
    for row in await tx.rows(SCORES):
        counts[row.set_id, row.state] = row.subjects
    samples = [
        Sample("thidua_scores", {"criteria_set": name, "state": state}, number)
        for (name, state), number in sorted(counts.items())
    ]
    oldest = await tx.row(OLDEST)
    if oldest is not None and oldest.since is not None:
        samples.append(Sample("thidua_scores_waiting_oldest_timestamp_seconds", {}, float(oldest.since)))
    return samples


async def set_gauges(tx: Transaction) -> list[Sample]:
    """The state of every registered set: 1 for the present one."""
    states = [state.value for state in SetState if state is not SetState.UNKNOWN]
    return [
        Sample(
            "thidua_criteria_set_state",
            {"criteria_set": row.id, "version": row.version, "state": state},
            int(row.state == state),
        )
        for row in await tx.rows(SETS)
        for state in states
    ]


async def shadow_gauges(tx: Transaction) -> list[Sample]:
    """Scores of versions that only follow along, by how they lie beside the running ones."""
    counts: dict[tuple[str, str, str], int] = {}
    for row in await tx.rows(SHADOWS):
        counts |= {(row.set_id, row.set_version, kind): 0 for kind in AGREEMENTS
                   if (row.set_id, row.set_version, kind) not in counts}  # fmt: skip
        counts[row.set_id, row.set_version, row.agreement] = row.subjects
    return [
        Sample("thidua_shadow_scores", {"criteria_set": name, "version": version, "agreement": kind}, number)
        for (name, version, kind), number in sorted(counts.items())
    ]
