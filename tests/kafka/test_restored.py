from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from thidua_runtime.contents import read_log
from thidua_runtime.errors import OffsetsBehind, StillRunning, TopicRecreated
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.kafka.wanted import WANTED
from thidua_runtime.places import Place
from thidua_runtime.rebuilding import rebuild
from thidua_runtime.restoring import Recovery, restore
from thidua_runtime.verifying import verify

from ..recovery.year import dump, put_back
from ..transport.echo import ECHO, rating, task, unit
from ..transport.world import World, calm, until, within

pytestmark = [pytest.mark.anyio, pytest.mark.kafka]


async def test_a_restored_follower_names_the_command_which_lets_it_read_from_the_beginning(
    world: World, postgres_folder: str, tmp_path: Path
) -> None:
    await world.send(unit("u-1"), *(rating(f"s{n}", "u-1") for n in range(30)))
    await _follow(world)
    dump(postgres_folder, world.url, tmp_path / "old.dump")
    await world.send(*(rating(f"s{n}", "u-1", version=2) for n in range(20, 50)), *(task(n) for n in range(40)))
    await _follow(world)
    highest = await _highest_version(world)
    for _ in range(2):
        put_back(postgres_folder, world.url, tmp_path / "old.dump")
        with pytest.raises(OffsetsBehind, match="thidua restore echo"):
            async with world.process() as echo:
                await within(until(_never), echo)
        async with _stopped(world) as recovery:
            await restore(recovery, adopt=False)
        await _follow(world)
        async with world.bus() as bus, world.database() as database:
            looks = await verify(Place(bus, {"echo": database}, {"echo": ECHO}))
        assert [look for look in looks if look.differing or look.waiting] == []
        assert {look.number for look in looks if look.stream in ("ratings", "reminders")} == {50}
        assert await _highest_version(world) > highest
        highest = await _highest_version(world)
    assert len([what for what in await world.seen() if what.startswith("tasks:")]) == 40


async def test_nothing_is_restored_under_a_service_that_follows_with_another_database(world: World) -> None:
    await world.send(unit("u-1"))
    async with world.service() as echo:
        await calm(echo)
        async with world.transaction() as tx:
            await tx.connection.exec_driver_sql("delete from thidua.lease")
        with pytest.raises(StillRunning):
            async with _stopped(world) as recovery:
                await restore(recovery, adopt=False)


async def test_a_topic_made_anew_is_followed_from_its_beginning_after_a_rebuild(world: World) -> None:
    await world.send(unit("u-1"), *(task(n) for n in range(50)))
    await _follow(world)
    name = WANTED["tasks"].name(world.settings.province)
    async with open_admin(world.settings) as admin:
        await admin.delete([name])
        await until(lambda: _is_gone(world, name))
        await admin.create(name, 6, 1, WANTED["tasks"].settings_with(1))
        await admin.wait_until_listed([name])
    with pytest.raises(TopicRecreated, match="thidua rebuild echo"):
        async with world.process() as echo:
            await within(until(_never), echo)
    async with _stopped(world) as recovery:
        await rebuild(recovery)
    await world.send(task("after"))
    await _follow(world)
    assert (await world.seen())["tasks:van-phong/after:1"] == 1


async def _follow(world: World) -> None:
    async with world.service() as echo:
        await calm(echo)


@asynccontextmanager
async def _stopped(world: World) -> AsyncIterator[Recovery]:
    async with world.bus() as bus, world.database() as database:
        yield Recovery(ECHO, database, bus, print)


async def _highest_version(world: World) -> int:
    async with world.bus() as bus:
        return max([(await read_log(bus, model)).highest_version for model in ECHO.owns])


async def _is_gone(world: World, name: str) -> bool:
    async with open_admin(world.settings) as admin:
        return name not in await admin.partitions()


async def _never() -> bool:
    return False
