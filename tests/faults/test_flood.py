"""What waits in front of a slow database waits at the brokers: memory stays flat, and the lag is told."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from thidua_runtime.kafka.trial import require_broker, trial_settings

from ..transport.echo import task
from ..transport.world import World, calm, until
from .flood import flood
from .test_foreign import foreigner, put

pytestmark = [pytest.mark.anyio, pytest.mark.kafka]

EVENTS = 400
EVENT_BYTES = 250_000
MOST_HELD = 0.4
"""Of what waits so much may be in memory at most: the client fetches one portion ahead."""


@pytest.mark.drill
async def test_a_burst_in_front_of_a_database_that_stands_still_waits_at_the_brokers(world: World) -> None:
    async with foreigner(world) as producer:
        for number in range(EVENTS):
            body = {**json.loads(task(number).model_dump_json(exclude_defaults=True)), "seal": "x" * EVENT_BYTES}
            await put(producer, world, "tasks", json.dumps(body).encode(), f"u-{number % 6}".encode())
    before = resident_bytes()
    async with world.service() as echo:
        async with world.transaction() as tx:
            await tx.execute(text("lock table seen in access exclusive mode"))
            await until(lambda: _is_told(echo), 20)
            await asyncio.sleep(2)
            held, lag = resident_bytes() - before, echo.followers["tasks"].known_lag
        await calm(echo)
    print(f"{held / 1e6:.0f} MB in memory of {EVENTS * EVENT_BYTES / 1e6:.0f} MB that wait; lag told: {lag}")
    assert held < MOST_HELD * EVENTS * EVENT_BYTES
    assert lag == EVENTS
    assert len(await world.seen()) == EVENTS


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("delay", [0.0, 0.05], ids=["burst", "slow database"])
async def test_a_real_service_keeps_its_memory_flat_and_tells_its_lag(delay: float) -> None:
    require_broker(trial_settings())
    events = int(os.environ.get("EVENTS", "300000"))
    found = await flood(events, seconds=45, delay=delay, every=3, tell=print)
    assert found.wrong() == []


async def _is_told(echo: object) -> bool:
    await echo.refresh_lag()  # type: ignore[attr-defined]
    return bool(echo.followers["tasks"].known_lag)  # type: ignore[attr-defined]


def resident_bytes() -> int:
    """Return the memory that this process holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024
