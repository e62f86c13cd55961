"""Several members of one group, and offsets that do not fit the database."""

from __future__ import annotations

import asyncio
import random

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError

from thidua_runtime.errors import BusAway, OffsetsBehind, TopicRecreated
from thidua_runtime.kafka.access import client_options, group_name, topic_name
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.kafka.ends import Ends
from thidua_runtime.kafka.reading import KafkaReading
from thidua_runtime.kafka.wanted import WANTED

from ..transport.echo import rating, task, unit
from ..transport.world import World, calm, record, until, within

pytestmark = [pytest.mark.anyio, pytest.mark.kafka]


async def test_instances_that_come_and_go_lose_nothing_and_count_nothing_twice(world: World) -> None:
    await world.send(*(unit(f"u{n}") for n in range(12)))
    moments = random.Random(11)

    async def come_and_go() -> None:
        for _ in range(2):
            async with world.process(fetch_max_records=25):
                await asyncio.sleep(moments.uniform(0.5, 2.5))

    async with world.service(fetch_max_records=25) as echo:
        async with asyncio.TaskGroup() as group:
            group.create_task(come_and_go())
            for start in range(0, 1500, 100):
                await world.send(*(task(n, of=f"u{n % 12}") for n in range(start, start + 100)))
                await world.send(*(rating(f"s{n}", f"u{n % 12}") for n in range(start // 5, start // 5 + 20)))
                await asyncio.sleep(0.2)
        await calm(echo)
        await until(lambda: _applied(world, 12 + 1500 + 300))
    seen = await world.seen()
    assert len(seen) == 12 + 1500 + 300
    assert set(seen.values()) == {1}


async def test_two_instances_publish_through_one_relay_and_the_other_takes_over(world: World) -> None:
    async with world.process() as first:
        await within(first.started.wait(), first)
        await until(lambda: _holds(world, first.relay.holder))
        async with world.service() as second:
            await first.stop()
            await world.send(unit("u-1"), rating("an", "u-1"))
            await until(lambda: _published(world, 1))
            assert await _holds(world, second.relay.holder)


async def test_a_database_restored_from_a_backup_refuses_to_start_and_names_the_command(world: World) -> None:
    await world.send(*(task(n) for n in range(50)))
    async with world.service() as echo:
        await calm(echo)
        await asyncio.sleep(0.3)
    async with world.transaction() as tx:
        await tx.connection.exec_driver_sql("update thidua.position set next_offset = next_offset / 2")
    with pytest.raises(OffsetsBehind, match="thidua restore echo"):
        async with world.process() as echo:
            await within(asyncio.sleep(30), echo)
    assert set((await world.seen()).values()) == {1}


async def test_a_topic_made_anew_is_noticed_instead_of_skipping_what_comes(world: World) -> None:
    await world.send(*(task(n) for n in range(50)))
    async with world.service() as echo:
        await calm(echo)
    name = WANTED["tasks"].name(world.settings.province)
    async with open_admin(world.settings) as admin:
        await admin.delete([name])
        await until(lambda: _is_missing(admin, name))
        await admin.create(name, 6, 1, WANTED["tasks"].settings_with(1))
        await admin.wait_until_listed([name])
    with pytest.raises(TopicRecreated, match="thidua rebuild echo"):
        async with world.process() as echo:
            await within(asyncio.sleep(30), echo)


async def test_a_position_ahead_of_the_group_goes_on_from_the_database(world: World) -> None:
    # The process died between its transaction and the commit of the offsets: the database knows more.
    await world.send(*(task(n) for n in range(40)))
    async with world.service() as echo:
        await calm(echo)
        await asyncio.sleep(0.3)
    topic = topic_name(world.settings, "tasks")
    group = AIOKafkaConsumer(**client_options(world.settings), group_id=group_name(world.settings, "echo", "tasks"))
    await group.start()
    partitions = [TopicPartition(topic, number) for number in range(6)]
    group.assign(partitions)
    assert max([await group.committed(each) or 0 for each in partitions]) == 40
    await group.commit(dict.fromkeys(partitions, 0))
    await group.stop()
    await world.send(task(40))
    async with world.service() as echo:
        await calm(echo)
    seen = await world.seen()
    assert len(seen) == 41
    assert set(seen.values()) == {1}


async def test_a_woken_old_relay_puts_nothing_behind_newer_versions(world: World) -> None:
    await world.send(unit("u-1"))
    async with world.bus() as bus:
        old = await bus.publisher("echo")
        async with world.service() as echo:
            await world.send(rating("an", "u-1", version=1), rating("an", "u-1", version=2))
            await calm(echo)
            stale = record("an/2022", b'{"version":0}', "reminders", partition=0)
            with pytest.raises(Exception, match="took over"):
                await old.publish([stale])
            await calm(echo)
            reminders = await bus.everything("reminders")
    assert all(r.body != b'{"version":0}' for r in reminders)


async def test_a_fenced_relay_gives_up_its_lease_and_publishes_again(world: World) -> None:
    await world.send(unit("u-1"))
    async with world.service() as echo:
        await calm(echo)
        async with world.bus() as bus:
            intruder = await bus.publisher("echo")
            await world.send(rating("an", "u-1"))
            await until(lambda: _published(world, 1))
            await intruder.close()
        # Between giving the lease up and taking it again lies a second's rest.
        await until(lambda: _holds(world, echo.relay.holder))
        assert echo.failed is None


async def test_brokers_that_are_away_when_lag_is_told_or_partitions_are_given_end_no_service(world: World) -> None:
    await world.send(unit("u-1"), *(task(n) for n in range(20)))
    away = Ends(world.settings.model_copy(update={"kafka_servers": "127.0.0.1:9"}))
    async with world.process() as echo:
        readings = [each.reading for each in echo.followers.values() if isinstance(each.reading, KafkaReading)]
        theirs = readings[0]._ends
        for each in readings:
            each._ends = away
        with pytest.raises(BusAway):
            await echo.refresh_lag()
        # Longer than it takes to join the groups and to ask for the lag for the first time.
        await asyncio.sleep(3)
        assert (echo.failed, await world.seen()) == (None, {})
        for each in readings:
            each._ends = theirs
        await calm(echo)
        assert echo.failed is None
    assert len(await world.seen()) == 21
    await away.close()


async def test_brokers_that_go_down_while_a_service_joins_its_groups_end_no_service(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.send(unit("u-1"), *(task(n) for n in range(20)))
    start, refused = AIOKafkaConsumer.start, list[str]()

    async def refuse_once(consumer: AIOKafkaConsumer) -> None:
        if consumer._group_id is not None and consumer._group_id not in refused:
            refused.append(consumer._group_id)
            raise KafkaConnectionError("Unable to bootstrap")
        await start(consumer)

    monkeypatch.setattr(AIOKafkaConsumer, "start", refuse_once)
    async with world.service() as echo:
        await calm(echo)
        assert (len(refused), echo.failed) == (len(echo.followers), None)
    assert len(await world.seen()) == 21


async def _applied(world: World, number: int) -> bool:
    return len(await world.seen()) >= number


async def _holds(world: World, holder: str) -> bool:
    return [row.holder for row in await world.rows("select holder from thidua.lease where name = 'relay'")] == [holder]


async def _published(world: World, number: int) -> bool:
    async with world.bus() as bus:
        found = await bus.everything("reminders")
    return len([r for r in found if r.header("ce_type") == "thidua.reminders"]) >= number


async def _is_missing(admin: object, name: str) -> bool:
    return name not in await admin.partitions()  # type: ignore[attr-defined]
