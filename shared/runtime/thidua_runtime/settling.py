"""Waiting until nothing moves any more between the services of one process: for tests, samples, measurements."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from thidua_runtime.follower import Follower
from thidua_runtime.running import RunningService

OUTBOX_WAITS: Final = text("select exists (select from thidua.outbox where kind = 'state')")
# A look costs the services some of the time they are waited for; so the looks grow apart.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.002, 0.03


async def settle(services: Sequence[RunningService], *, loops: bool = True) -> None:
    """Return once outboxes are empty and every follower is at the end of its streams.

    `loops`: also wait until no background loop (the scorer) has work left.
    """
    quiet = 0
    pause = FIRST_PAUSE_SECONDS
    while quiet < 2:
        moved = False
        for service in services:
            _raise_failure(service)
            # Databases are asked last: as long as this process itself knows of something, that is the answer.
            moved = moved or await _still_moves(service, loops, asks=quiet > 0)
        quiet = 0 if moved else quiet + 1
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS) if moved else FIRST_PAUSE_SECONDS
        await asyncio.sleep(pause)


async def _still_moves(service: RunningService, loops: bool, *, asks: bool) -> bool:
    moved = False
    for follower in service.followers.values():
        if follower.reading is not None and await follower.reading.is_behind():
            await _reach_end_or_fail(service, follower)
            moved = True
    return moved or service.relay.is_busy or (asks and await _has_work(service, loops))


async def _has_work(service: RunningService, loops: bool) -> bool:
    if (await service.database.alone(OUTBOX_WAITS))[0][0]:
        service.database.published.set()
        return True
    work = service.service.waiting if loops else None
    waits = work is not None and bool((await service.database.alone(work))[0][0])
    if waits and service.service.before_heartbeat is not None:
        await service.service.before_heartbeat(service.database)
    return waits


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
