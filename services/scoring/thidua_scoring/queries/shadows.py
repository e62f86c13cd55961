"""Scores of versions that only follow along: kept here, compared, and never published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from thidua_runtime.database import Transaction
from thidua_scoring.domain.agreement import AGREEMENTS, agreement
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.queries.gathering import ONE_LOOK
from thidua_scoring.queries.marks import Mark, columns
from thidua_scoring.queries.official import campaign_of
from thidua_scoring.queries.writing import mark_of

WRITE: Final = text("""
insert into shadow_score as s (subject, campaign, period, set_id, set_version, state, points, band, agreement, beside,
                               differing, generation, tree, scored_at)
select n.subject, n.campaign, n.period, n.set_id, n.set_version, n.state, n.points, n.band, n.agreement, n.beside,
       string_to_array(n.differing, ','), n.generation, n.tree, clock_timestamp()
  from unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:periods as text[]), cast(:set_ids as text[]),
              cast(:versions as text[]), cast(:states as text[]), cast(:points as numeric[]), cast(:bands as text[]),
              cast(:agreements as text[]), cast(:besides as text[]), cast(:differing as text[]),
              cast(:generations as bigint[]), cast(:trees as bytea[]))
       as n (subject, campaign, period, set_id, set_version, state, points, band, agreement, beside, differing,
             generation, tree)
 order by n.subject, n.campaign, n.period, n.set_id, n.set_version
    on conflict (subject, campaign, period, set_id, set_version) do update
       set state = excluded.state, points = excluded.points, band = excluded.band, agreement = excluded.agreement,
           beside = excluded.beside, differing = excluded.differing, generation = excluded.generation,
           tree = excluded.tree, scored_at = excluded.scored_at
     where excluded.generation > s.generation
""")
# Versions that follow no more keep their rows until they are scored anew; they are not counted. Which ones follow is
# said in `queries/uses.py`: those in evaluation, and enabled ones other than the one the campaign names.
FOLLOWS: Final = """
exists (select from criteria_set as c
          join replica_campaigns as k on k.key = s.campaign and not k.deleted
         cross join lateral jsonb_array_elements(k.body->'criteria_sets') as n
         where c.id = s.set_id and c.version = s.set_version and n->>'id' = s.set_id
           and (c.state = 'evaluation' or (c.state = 'enabled' and n->>'version' <> s.set_version)))
"""
MATRIX: Final = text(
    """
with s as (
    select campaign, set_id, set_version, beside, period, agreement, count(*) as number from shadow_score
     where campaign = :campaign group by campaign, set_id, set_version, beside, period, agreement
)
select * from s where {FOLLOWS} order by set_id, set_version, beside, period
""".replace("{FOLLOWS}", FOLLOWS)
)
LINES: Final = text(
    """
with s as (
    select campaign, set_id, set_version, period, d.code, count(*) as number
      from shadow_score cross join lateral unnest(differing) as d (code)
     where campaign = :campaign group by campaign, set_id, set_version, period, d.code
)
select * from s where {FOLLOWS} order by code
""".replace("{FOLLOWS}", FOLLOWS)
)
REMOVE: Final = text("""
delete from shadow_score as s
 using unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:set_ids as text[]))
       as t (subject, campaign, set_id)
 where s.subject = t.subject and s.campaign = t.campaign and s.set_id = t.set_id
""")
LIST: Final = text("""
select s.subject, s.period, s.agreement, s.beside, s.differing, s.state, s.points, s.band, r.state as running_state,
       r.points as running_points, r.band as running_band
  from shadow_score as s
  left join score as r on r.subject = s.subject and r.campaign = s.campaign and r.period = s.period
       and r.set_id = s.set_id and r.lane = 'running'
 where s.campaign = :campaign and s.set_id = :set and s.set_version = :version
   and (:agreement = '' or s.agreement = :agreement)
 order by s.period, s.subject limit :limit offset :offset
""")


async def write(
    tx: Transaction, shadows: Sequence[Outcome], running: Sequence[Outcome], generations: Mapping[Mark, int]
) -> None:
    """Keep the shadows of held marks, each compared with the running score of the same look."""
    beside = {(mark_of(one.row), one.row.period): one.row for one in running}
    kept = [one for one in shadows if mark_of(one.row) in generations]
    if not kept:
        return
    rows = [one.row for one in kept]
    found = [agreement(row, beside.get((mark_of(row), row.period))) for row in rows]
    await tx.execute(
        WRITE, subjects=[one.subject for one in rows], campaigns=[one.campaign for one in rows],
        periods=[one.period for one in rows], set_ids=[one.set_id for one in rows],
        versions=[one.set_version for one in rows], states=[one.state for one in rows],
        points=[one.points for one in rows], bands=[one.band for one in rows],
        agreements=[one.kind for one in found], besides=[one.beside for one in found],
        differing=[",".join(one.differing) for one in found],
        generations=[generations[mark_of(one)] for one in rows], trees=[one.tree for one in kept],
    )  # fmt: skip


async def remove(tx: Transaction, gone: Iterable[Mark]) -> None:
    """Drop the shadows of held marks of whoever takes part no more."""
    listed = sorted(gone)
    if listed:
        await tx.execute(REMOVE, **columns(listed))


async def matrix(tx: Transaction, code: str) -> list[dict[str, Any]]:
    """Return, per version that follows along and period, how many agree or differ; raises UnknownCampaign."""
    # Counts and lines of one moment.
    await tx.execute(ONE_LOOK)
    campaign = await campaign_of(tx, code)
    made: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in await tx.rows(MATRIX, campaign=campaign.id):
        key = (row.set_id, row.set_version, row.period)
        cell = made.setdefault(
            key,
            {"set": row.set_id, "version": row.set_version, "beside": row.beside or None, "period": row.period,
             "subjects": 0, **dict.fromkeys(AGREEMENTS, 0), "lines": {}},
        )  # fmt: skip
        cell["subjects"] += row.number
        cell[row.agreement] += row.number
        cell["beside"] = row.beside or cell["beside"]
    for row in await tx.rows(LINES, campaign=campaign.id):
        made[row.set_id, row.set_version, row.period]["lines"][row.code] = row.number
    return list(made.values())


async def listed(
    tx: Transaction, code: str, set_id: str, version: str, kind: str, limit: int, offset: int
) -> list[dict[str, Any]]:
    """Return the shadows of a version beside the running scores; raises UnknownCampaign."""
    campaign = await campaign_of(tx, code)
    rows = await tx.rows(
        LIST, campaign=campaign.id, set=set_id, version=version, agreement=kind, limit=limit, offset=offset
    )
    return [
        {
            "subject": row.subject, "period": row.period, "agreement": row.agreement, "beside": row.beside or None,
            "differing": list(row.differing),
            "shadow": {"state": row.state, "points": _figure(row.points), "band": row.band},
            "running": {"state": row.running_state, "points": _figure(row.running_points), "band": row.running_band},
        }
        for row in rows
    ]  # fmt: skip


def _figure(points: Any) -> str | None:
    return None if points is None else format(points, "f")
