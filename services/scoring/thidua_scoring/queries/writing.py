"""Writing scores: only newer ones, published in the same transaction; cases and artefacts by their content."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from thidua.contracts import ScoreState
from thidua.criteria.canonical import content_hash
from thidua_runtime.database import Transaction
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.queries.marks import Mark, columns

# An attempt that took its number earlier never replaces the score of a later one.
WRITE: Final = text("""
insert into score as s (subject, campaign, period, set_id, lane, unit, state, points, band, generation, case_hash,
                        artefact, body, tree, scored_at)
select n.*, clock_timestamp()
  from unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:periods as text[]),
              cast(:set_ids as text[]), cast(:lanes as text[]), cast(:units as text[]), cast(:states as text[]),
              cast(:points as numeric[]), cast(:bands as text[]), cast(:generations as bigint[]),
              cast(:case_hashes as text[]), cast(:artefacts as text[]), cast(:bodies as jsonb[]),
              cast(:trees as bytea[])) as n
    on conflict (subject, campaign, period, set_id, lane) do update
       set unit = excluded.unit, state = excluded.state, points = excluded.points, band = excluded.band,
           generation = excluded.generation, case_hash = excluded.case_hash, artefact = excluded.artefact,
           body = excluded.body, tree = excluded.tree, scored_at = excluded.scored_at
     where excluded.generation > s.generation
returning subject, campaign, period, set_id, lane
""")
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


async def write_scores(
    tx: Transaction, outcomes: Sequence[Outcome], generations: Mapping[Mark, int], cut: datetime | None = None
) -> int:
    """Write outcomes that are newer than what stands there and publish them; return how many were."""
    if not outcomes:
        return 0
    ordered = sorted(outcomes, key=lambda one: one.state.key)
    states = [one.state if cut is None else one.state.model_copy(update={"cut": cut}) for one in ordered]
    rows = await tx.rows(
        WRITE,
        subjects=[one.subject for one in states],
        campaigns=[one.campaign for one in states],
        periods=[one.period for one in states],
        set_ids=[one.criteria_set for one in states],
        lanes=[one.lane.value for one in states],
        units=[one.unit for one in states],
        states=[one.state for one in states],
        points=[one.points for one in states],
        bands=[one.band for one in states],
        generations=[generations[mark_of(one)] for one in states],
        case_hashes=[one.case_hash for one in states],
        artefacts=[one.artefact for one in states],
        bodies=[one.model_dump_json(exclude={"version"}) for one in states],
        trees=[one.tree for one in ordered],
    )
    written = {f"{row.subject}/{row.campaign}/{row.period}/{row.set_id}/{row.lane}" for row in rows}
    tx.publish(one for one in states if one.key in written)
    return len(written)


async def remove_others(tx: Transaction, marks: Iterable[Mark], kept: Iterable[ScoreState]) -> None:
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
    """Keep the cases of official scores under their hash, compressed; equal cases are kept once."""
    bodies = {content_hash(one.case): one.case for one in outcomes if one.case is not None}
    hashes = sorted(bodies)
    await tx.execute(STORE_CASES, hashes=hashes, bodies=[zlib.compress(bodies[one], 9) for one in hashes])


def mark_of(state: ScoreState) -> Mark:
    """Return the mark that a score settles."""
    return Mark(state.subject, state.campaign, state.criteria_set)
