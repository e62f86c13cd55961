"""What scoring takes over from its own streams after a backup came back: the state of sets, official scores.

An official score comes back without its case: it stands, but can't be replayed until its run is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import text

from thidua.contracts import CriteriaSetState, ScoreState
from thidua.contracts.judgement import Lane
from thidua_runtime.database import Transaction

# What a set reads is told by the installed set itself, when scoring starts; until then it reads nothing.
TAKE_SETS: Final = text("""
insert into criteria_set as s (id, version, state, reason, artefact, reads, body, revision, changed_by, changed_at)
select body->>'id', body->>'set_version', body->>'state', body->>'reason', body->>'artefact', '{}', body, 1, :actor,
       clock_timestamp()
  from jsonb_array_elements(cast(:rows as jsonb)) as n (body) order by 1, 2
    on conflict (id, version) do update
       set state = excluded.state, reason = excluded.reason, artefact = excluded.artefact, body = excluded.body,
           revision = s.revision + 1, changed_by = excluded.changed_by, changed_at = excluded.changed_at
""")
TAKE_SCORES: Final = text("""
insert into score as s (subject, campaign, period, set_id, lane, unit, state, points, band, generation, case_hash,
                        artefact, body, scored_at)
select body->>'subject', body->>'campaign', body->>'period', body->>'criteria_set', body->>'lane', body->>'unit',
       body->>'state', cast(body->>'points' as numeric), body->>'band', nextval('mark_generation'),
       body->>'case_hash', body->>'artefact', body, clock_timestamp()
  from jsonb_array_elements(cast(:rows as jsonb)) as n (body) order by 1, 2, 3, 4, 5
    on conflict (subject, campaign, period, set_id, lane) do update
       set unit = excluded.unit, state = excluded.state, points = excluded.points, band = excluded.band,
           generation = excluded.generation, case_hash = excluded.case_hash, artefact = excluded.artefact,
           body = excluded.body, tree = null, scored_at = excluded.scored_at
""")
DROP_SCORES: Final = text("""
delete from score
 where subject || '/' || campaign || '/' || period || '/' || set_id || '/' || lane = any(cast(:keys as text[]))
""")


async def take_sets(tx: Transaction, states: Sequence[CriteriaSetState], gone: Sequence[str]) -> None:
    """Take over who enabled, disabled or withdrew which set."""
    await tx.execute(TAKE_SETS, rows=_json(states), actor=tx.actor)


async def take_scores(tx: Transaction, states: Sequence[ScoreState], gone: Sequence[str]) -> None:
    """Take official scores over; running ones are made again."""
    await tx.execute(DROP_SCORES, keys=[key for key in gone if key.endswith(f"/{Lane.OFFICIAL.value}")])
    await tx.execute(TAKE_SCORES, rows=_json(state for state in states if state.lane is Lane.OFFICIAL))


def _json(states: Iterable[Any]) -> str:
    return orjson.dumps([state.model_dump(mode="json", exclude={"version"}) for state in states]).decode()
