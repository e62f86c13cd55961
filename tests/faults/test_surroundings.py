"""A disk that is full, and a wall clock that is set back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import thidua_runtime.relay as relay_module
from thidua_runtime.clock import ManualClock
from thidua_runtime.postgres import start_postgres, stop_postgres
from thidua_runtime.service import load_service
from thidua_runtime.testing import SuiteFactory
from thidua_runtime.testing_databases import Databases

from ..transport.echo import rating, task, unit
from ..transport.world import World, calm, embedded_world, make_echo, until

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

DISK_MEGABYTES = 96
AS_OF = text("select day from as_of")
HEARD = text("select max(departed_at) as at from thidua.heartbeat")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of its own; without the right to mount one the test is red, for nothing was tested."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounting.returncode:
        pytest.fail(f"no file system can be mounted here, which takes root: {mounting.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@asynccontextmanager
async def world_on(disk: Path, databases: Databases) -> AsyncIterator[World]:
    """Open a world whose service has its database on `disk`, and its log elsewhere."""
    socket_folder = start_postgres(disk / "pg")
    own = Databases(socket_folder)
    try:
        async with own.prepared("echo", make_echo) as url, embedded_world(databases) as world:
            world.url = url
            yield world
    finally:
        stop_postgres(disk / "pg")


async def test_a_full_disk_is_waited_for_and_nothing_is_lost(small_disk: Path, databases: Databases) -> None:
    async with world_on(small_disk, databases) as world, world.service() as echo:
        await world.send(unit("u-1"))
        await calm(echo)
        filler = small_disk / "filler"
        fill(filler)
        for start in range(0, 4000, 500):
            await world.send(*(task(n, title="đ" * 500) for n in range(start, start + 500)))
        await world.send(*(rating(f"s{n}", "u-1") for n in range(3000)))
        await until(lambda: _waits(echo), 30)
        assert echo.failed is None
        filler.unlink()
        await until(lambda: _has(world, 1 + 4000 + 3000), 60)
        await calm(echo)
        seen = await world.seen()
        assert await world.letters() == []
    assert len(seen) == 1 + 4000 + 3000
    assert set(seen.values()) == {1}


async def test_a_wall_clock_set_back_moves_neither_the_day_nor_a_heartbeat_back(
    suite: SuiteFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(datetime(2022, 3, 10, 8, tzinfo=UTC))
    async with suite(load_service("registration"), load_service("monitoring"), clock=clock) as running:
        monitoring = running.suite.services["monitoring"]
        await monitoring.run_job("roll_day")
        await running.suite.beat()
        await running.settle()
        before = await _told(running)
        back = timedelta(days=40)
        clock.set(clock.now() - back)
        monkeypatch.setattr(relay_module, "wall_clock", lambda: datetime.now(UTC) - back)
        await monitoring.run_job("roll_day")
        await monitoring.run_due_jobs()
        await running.suite.beat()
        await running.settle()
        assert await _told(running) == before
        clock.set(clock.now() + back + timedelta(days=1))
        await monitoring.run_job("roll_day")
        assert (await _told(running))[0] == before[0] + timedelta(days=1)


def fill(filler: Path) -> None:
    """Write until nothing more fits."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(os.urandom(65_536))
        except OSError:
            return


async def _told(running: object) -> tuple[object, object]:
    async with running.transaction("monitoring") as tx:  # type: ignore[attr-defined]
        return (await tx.rows(AS_OF))[0].day, (await tx.rows(HEARD))[0].at


async def _waits(echo: object) -> bool:
    samples = [s for f in echo.followers.values() for s in f.samples()]  # type: ignore[attr-defined]
    return any(s.labels.get("state") == "waiting_database" and s.value for s in samples)


async def _has(world: World, number: int) -> bool:
    return len(await world.seen()) >= number
