"""The scorer's loop: woken by the bell, it coalesces what came meanwhile and never polls faster than needed."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

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

# With a full lease of marks waiting nobody looks for a score within seconds; after a minute it is due anyway.
CALM_SECONDS: Final = 3.0
LONGEST_CALM_SECONDS: Final = 60.0

PATIENCE_SECONDS: Final = 1.0

log = structlog.get_logger()


async def score_what_changes(running: RunningService) -> None:
    """Register the installed sets, then score until cancelled; waits while the database is away."""
    workers = Workers(running.database.settings)
    scorer = Scorer(running.database, workers)
    workplace = workplace_of(running.database)
    workplace.rescore = workers.rescore
    try:
        while not await _survived(register_installed(running.database)):
            pass
        while True:
            workplace.bell.clear()
            if await _survived(_drain(scorer)):
                await _wait(workplace.bell)
    finally:
        workers.close()


async def _survived(work: Coroutine[Any, Any, None]) -> bool:
    """Do the work; False, after a pause, when the database was away. Anything else ends the service, visibly."""
    try:
        await work
    except (DBAPIError, OSError, TimeoutError) as error:
        if fault_of(error) is not Fault.PASSING:
            raise
        log.warning("scorer waits for the database", why=str(error).partition("\n")[0])
        await asyncio.sleep(PATIENCE_SECONDS)
        return False
    return True


async def _drain(scorer: Scorer) -> None:
    if await turn(scorer) == LEASE_ROWS:
        await _calm(scorer.workplace.bell)
        # There is much to do: as many lanes as processes, each taking rows of its own until few are left.
        await asyncio.gather(*(_lane(scorer) for _ in range(scorer.workers.processes)))
    await advance(scorer)


async def _calm(bell: asyncio.Event) -> None:
    """Return once no mark came for a moment: a bulk import is scored when it is through, not after every batch."""
    give_up = asyncio.get_running_loop().time() + LONGEST_CALM_SECONDS
    while asyncio.get_running_loop().time() < give_up:
        bell.clear()
        try:
            async with asyncio.timeout(CALM_SECONDS):
                await bell.wait()
        except TimeoutError:
            return


async def _lane(scorer: Scorer) -> None:
    while await turn(scorer) == LEASE_ROWS:
        pass


async def _wait(bell: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await bell.wait()
    except TimeoutError:
        return
