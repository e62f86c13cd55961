"""What scoring does by the clock: each night a sample of official scores must replay to the same bytes."""

from __future__ import annotations

from datetime import date
from typing import Final

import structlog

from thidua_runtime.database import Transaction
from thidua_runtime.jobs import Job
from thidua_scoring.errors import NotReplayable
from thidua_scoring.queries.replay import replay_row, sample

SAMPLE_SCORES: Final = 50

log = structlog.get_logger()


async def replay_sample(day: date, tx: Transaction) -> None:
    """Replay a sample of official scores; a difference is counted as `replay_mismatch` and alerts."""
    equal = 0
    rows = await sample(tx, day.isoformat(), SAMPLE_SCORES)
    for row in rows:
        try:
            equal += (await replay_row(tx, row))["equal"]
        except NotReplayable as error:
            log.warning("score not replayed", criteria_set=row.set_id, why=error.in_english)
    log.info("replay sample", scores=len(rows), equal=equal)


JOBS: Final = (Job("replay_sample", replay_sample, at_a_glance=True),)
