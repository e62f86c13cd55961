"""Writing scores: only newer ones, published in the same transaction; cases and artefacts by their content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import text

from thidua.contracts import ScoreState
from thidua_runtime.database import Transaction
from thidua_runtime.outbox import SEND
from thidua_scoring.domain.outcomes import Outcome, Row
from thidua_scoring.queries.marks import Mark, columns

# An attempt that took its number earlier never replaces the score of a later one. What was written is published by
# the same statement: the bodies are already there. What was kept is looked for, not joined: of a join by five columns
# the planner expects one row, and would compare every state with every other one afterwards.
WRITE: Final = text(
    """
with given as (
    select * from unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:periods as text[]),
                         cast(:set_ids as text[]), cast(:lanes as text[]), cast(:units as text[]),
                         cast(:states as text[]), cast(:points as numeric[]), cast(:bands as text[]),
                         cast(:generations as bigint[]), cast(:case_hashes as text[]), cast(:artefacts as text[]),
                         cast(:bodies as text[]), cast(:trees as bytea[]), cast(:digests as bytea[]))
           as g (subject, campaign, period, set_id, lane, unit, state, points, band, generation, case_hash, artefact,
                 body, tree, digest)
), kept as (
    insert into score as s (subject, campaign, period, set_id, lane, unit, state, points, band, generation, case_hash,
                            artefact, body, tree, scored_at)
    select subject, campaign, period, set_id, lane, unit, state, points, band, generation, case_hash, artefact,
           cast(body as jsonb), tree, clock_timestamp() from given
        on conflict (subject, campaign, period, set_id, lane) do update
           set unit = excluded.unit, state = excluded.state, points = excluded.points, band = excluded.band,
               generation = excluded.generation, case_hash = excluded.case_hash, artefact = excluded.artefact,
               body = excluded.body, tree = excluded.tree, scored_at = excluded.scored_at
         where excluded.generation > s.generation
    returning subject, campaign, period, set_id, lane
), incoming as (
    select cast('scores' as text) as stream, concat_ws('/', subject, campaign, period, set_id, lane) as key,
           subject as partition_key, body, digest
      from given where (subject, campaign, period, set_id, lane) in (select * from kept)
), {SEND}
select count(*) as written from kept
""".replace("{SEND}", SEND)
)
# Looked up by subject and compared here: nearly always nothing is to be removed.
STANDING: Final = text("""
select subject, campaign, set_id, period from score
 where subject = any(cast(:subjects as text[])) and lane = 'running'
""")
REMOVE: Final = text("""
delete from score as s
 using unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:set_ids as text[]),
              cast(:periods as text[])) as t (subject, campaign, set_id, period)
 where s.lane = 'running' and s.subject = t.subject and s.campaign = t.campaign and s.set_id = t.set_id
   and s.period = t.period
""")
STORE_CASES: Final = text("""
insert into case_store (hash, body)
select * from unnest(cast(:hashes as text[]), cast(:bodies as bytea[])) as n (hash, body) order by hash
    on conflict (hash) do nothing
""")


async def write_scores(tx: Transaction, outcomes: Sequence[Outcome], generations: Mapping[Mark, int]) -> int:
    """Write outcomes that are newer than what stands there and publish them; return how many were."""
    if not outcomes:
        return 0
    ordered = sorted(outcomes, key=lambda one: one.row.key)
    rows = [one.row for one in ordered]
    # Nobody else writes these keys meanwhile: a mark is held, and an official run goes on alone.
    found = await tx.publish_by(
        WRITE,
        subjects=[one.subject for one in rows],
        campaigns=[one.campaign for one in rows],
        periods=[one.period for one in rows],
        set_ids=[one.set_id for one in rows],
        lanes=[one.lane for one in rows],
        units=[one.unit for one in rows],
        states=[one.state for one in rows],
        points=[one.points for one in rows],
        bands=[one.band for one in rows],
        generations=[generations[mark_of(one)] for one in rows],
        case_hashes=[one.case_hash for one in rows],
        artefacts=[one.artefact for one in rows],
        bodies=[one.body for one in rows],
        trees=[one.tree for one in ordered],
        digests=[one.digest for one in rows],
    )
    return int(found[0].written)


async def remove_others(tx: Transaction, marks: Iterable[Mark], kept: Iterable[Row]) -> None:
    """Withdraw the running scores of these marks that are not among the kept ones.

    Who left the campaign, or a period that is no longer scored, keeps no running score.
    """
    wanted = set(marks)
    keeping = {(mark_of(one), one.period) for one in kept}
    rows = await tx.rows(STANDING, subjects=sorted({one.subject for one in wanted}))
    standing = {(Mark(row.subject, row.campaign, row.set_id), row.period) for row in rows}
    gone = sorted((mark, period) for mark, period in standing - keeping if mark in wanted)
    if gone:
        await tx.execute(REMOVE, **columns([mark for mark, _ in gone]), periods=[period for _, period in gone])
        tx.withdraw(ScoreState, (f"{m.subject}/{m.campaign}/{period}/{m.set_id}/running" for m, period in gone))


async def store_cases(tx: Transaction, outcomes: Iterable[Outcome]) -> None:
    """Keep the cases of official scores under their hash; equal cases are kept once."""
    bodies = {one.row.case_hash: one.case for one in outcomes if one.case is not None}
    hashes = sorted(bodies)
    await tx.execute(STORE_CASES, hashes=hashes, bodies=[bodies[one] for one in hashes])


def mark_of(row: Row) -> Mark:
    """Return the mark that a score settles."""
    return Mark(row.subject, row.campaign, row.set_id)
