"""The scorer's loop: woken by the bell, it coalesces what came meanwhile and never polls faster than needed."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError
from thidua_runtime.consume import Fault, fault_of
from thidua_runtime.running import RunningService

from thidua_scoring.commands.sets import register_installed
from thidua_scoring.scorer.official import advance
from thidua_scoring.scorer.turn import LEASE_ROWS, Scorer, turn
from thidua_scoring.scorer.workers import Workers
from thidua_scoring.workplace import workplace_of

# Marks of another instance, expired leases and late heartbeats are noticed without a bell within this time.
POLL_SECONDS: Final = 0.5

log = structlog.get_logger()


async def score_what_changes(running: RunningService) -> None:
    """Register the installed sets, then score until cancelled; waits while the database is away."""
    workers = Workers(running.database.settings)
    scorer = Scorer(running.database, workers)
    workplace = workplace_of(running.database)
    workplace.rescore = workers.rescore
    is_registered = False
    try:
        while True:
            workplace.bell.clear()
            try:
                if not is_registered:
                    await register_installed(running.database)
                    is_registered = True
                await _drain(scorer)
            except (DBAPIError, OSError, TimeoutError) as error:
                if fault_of(error) is not Fault.PASSING:
                    raise
                log.warning("scorer waits for the database", why=str(error).splitlines()[0])
                await asyncio.sleep(1)
            await _wait(workplace.bell)
    finally:
        workers.close()


async def _drain(scorer: Scorer) -> None:
    while await turn(scorer) == LEASE_ROWS:
        # There is much to do: as many turns at once as there are processes, on rows of their own.
        async with asyncio.TaskGroup() as group:
            for _ in range(scorer.workers.processes):
                group.create_task(turn(scorer))
    await advance(scorer)


async def _wait(bell: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await bell.wait()
    except TimeoutError:
        return
