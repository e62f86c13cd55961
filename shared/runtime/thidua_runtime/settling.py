"""Waiting until nothing moves any more between the services of one process: for tests, samples, measurements."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from thidua_runtime.follower import Follower
from thidua_runtime.running import RunningService

OUTBOX_WAITS: Final = text("select exists (select from thidua.outbox where kind = 'states')")
# A look costs the services some of the time they are waited for; so the looks grow apart.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.002, 0.01


async def settle(services: Sequence[RunningService], *, loops: bool = True) -> None:
    """Return once outboxes are empty and every follower is at the end of its streams.

    `loops`: also wait until no background loop (the scorer) has work left.
    """
    quiet = 0
    pause = FIRST_PAUSE_SECONDS
    # Twice: what one service did after it was asked shows at the latest when all are asked again.
    while quiet < 2:
        moved = await _knows_of_work(services) or await _has_work(services, loops)
        quiet = 0 if moved else quiet + 1
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS) if moved else FIRST_PAUSE_SECONDS
        await asyncio.sleep(pause)


async def _knows_of_work(services: Sequence[RunningService]) -> bool:
    """Whether this process itself knows that something moves: as long as it does, no database is asked."""
    moved = False
    for service in services:
        _raise_failure(service)
        for follower in service.followers.values():
            if follower.reading is not None and await follower.reading.is_behind():
                await _reach_end_or_fail(service, follower)
                moved = True
        moved |= service.relay.is_busy or service.is_looking
    return moved


async def _has_work(services: Sequence[RunningService], loops: bool) -> bool:
    for service in services:
        work = service.service.waiting if loops else None
        if work is not None and (await service.database.alone(work))[0][0]:
            if service.service.before_heartbeat is not None:
                await service.service.before_heartbeat(service.database)
            return True
        if (await service.database.alone(OUTBOX_WAITS))[0][0]:
            service.database.published.set()
            return True
    return False


async def _reach_end_or_fail(service: RunningService, follower: Follower) -> None:
    assert follower.reading is not None
    reached = asyncio.create_task(follower.reading.reach_end())
    ended = asyncio.create_task(service.ended.wait())
    await asyncio.wait((reached, ended), return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()
    ended.cancel()
    _raise_failure(service)


def _raise_failure(service: RunningService) -> None:
    if service.failed is not None:
        raise service.failed
