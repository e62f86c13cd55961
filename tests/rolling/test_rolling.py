"""A province changes from one version to the next, service by service, and back, while events flow."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from thidua_runtime.kafka.trial import require_broker, trial_settings

from ..flows.thidua_command import THIDUA
from .fleet import SERVICES, Fleet, open_fleet
from .heartbeats import listening
from .versions import command_of, previous

pytestmark = [pytest.mark.anyio, pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(900)]

FOLLOWERS_FIRST = tuple(reversed(SERVICES))
"""The order of docs/operations.md: what is new on a stream is understood before it is published."""
LONGEST_STALL_SECONDS: Final = 60.0
"""Without a heartbeat of a stream; of five minutes `ThiduaPipelineStale` makes an alert."""


@pytest.fixture(scope="module")
def commands() -> dict[str, Path]:
    require_broker(trial_settings())
    return {"old": command_of(previous()), "new": THIDUA}


@pytest.fixture
async def fleet(commands: dict[str, Path]) -> AsyncIterator[Fleet]:
    async with open_fleet(commands, "old") as opened:
        await goes_on(opened)
        async with listening(opened.heartbeats):
            yield opened


async def test_services_change_to_the_next_version_one_by_one_while_events_flow(fleet: Fleet) -> None:
    for service in FOLLOWERS_FIRST:
        await fleet.replace(service, "new")
        await goes_on(fleet)
    await verifies(fleet)
    was_heard_all_along(fleet)


@pytest.mark.parametrize("others", ["old", "new"])
async def test_each_service_alone_runs_one_version_apart_from_all_others_in_both_directions(
    fleet: Fleet, others: str
) -> None:
    alone = "new" if others == "old" else "old"
    if others == "new":
        for service in SERVICES:
            await fleet.replace(service, "new")
    for service in SERVICES:
        await fleet.replace(service, alone)
        await goes_on(fleet)
        await fleet.replace(service, others)
        await goes_on(fleet)
    if others == "new":
        await verifies(fleet)
    was_heard_all_along(fleet)


async def goes_on(fleet: Fleet) -> None:
    """Send something new, which must come through the whole province, and leave nothing aside."""
    versions = {name: kept.name for name, kept in fleet.running.items()}
    await fleet.send_round()
    assert await fleet.has_arrived() == [], versions
    assert await fleet.set_aside() == [], versions


async def verifies(fleet: Fleet) -> None:
    """Let `thidua verify` compare every stream at its owner, on the log and at each follower."""
    command = [THIDUA, "verify", *SERVICES]
    done = await asyncio.to_thread(
        subprocess.run, command, env=fleet.town.told(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def was_heard_all_along(fleet: Fleet) -> None:
    """Hold the longest time without a heartbeat against what followers bear."""
    found = fleet.heartbeats
    print(f"{fleet.rounds} rounds; longest without a heartbeat {found.longest_seconds:.1f} s: {found.longest}")
    assert found.longest_seconds < LONGEST_STALL_SECONDS, found.longest
