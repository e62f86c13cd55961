"""What a broker that asks for TLS, SCRAM and rights lets a service do, and what a service says when refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from thidua.contracts import Reminder
from thidua_runtime.contents import read_log
from thidua_runtime.errors import AccessRefused, TopicsWrong
from thidua_runtime.kafka import open_kafka_bus
from thidua_runtime.kafka.access import client_options, topic_name
from thidua_runtime.rights import principal_of, rights
from thidua_runtime.settings import Settings

from ..transport.echo import ECHO, rating, unit
from ..transport.world import World, calm
from .guarding import grant, guarded, make_users

pytestmark = [pytest.mark.anyio, pytest.mark.kafka]

PASSWORD = "đúng-mật-khẩu"


@dataclass(frozen=True)
class Provinces:
    """A province with topics, the settings of its echo service, and those of its neighbour's."""

    world: World
    own: Settings
    neighbour: Settings


@pytest.fixture
async def provinces(world: World) -> Provinces:
    # A name that begins like the first one's: a prefix without its dot would open both.
    other = world.settings.model_copy(update={"province": f"{world.settings.province}-hai"})
    users = {principal_of(each, "echo"): PASSWORD for each in (world.settings, other)}
    await make_users(world.settings, users)
    for each in (world.settings, other):
        await grant(world.settings, rights(each, [ECHO]))
    own = guarded(world.settings, principal_of(world.settings, "echo"), PASSWORD)
    neighbour = guarded(world.settings, principal_of(other, "echo"), PASSWORD)
    return Provinces(world, own, neighbour)


async def test_a_service_needs_no_right_beyond_the_printed_ones(provinces: Provinces) -> None:
    world = _through(provinces, provinces.own)
    await world.send(unit("u-1"), *(rating(f"s{n}", "u-1") for n in range(20)))
    async with world.service() as echo:
        await calm(echo)
        reminders = await read_log(echo.bus, Reminder)
    assert len(reminders.live) == 20


async def test_the_credentials_of_one_province_neither_read_nor_write_anothers_topics(provinces: Provinces) -> None:
    await provinces.world.send(unit("u-1"))
    topic = topic_name(provinces.own, "units")
    options = client_options(provinces.neighbour)
    async with AIOKafkaProducer(**options) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(topic, b"{}", partition=0)
    async with AIOKafkaConsumer(**options, auto_offset_reset="earliest") as reader:
        reader.assign([TopicPartition(topic, 0)])
        # The client asks for the topic again and again, and is told each time that it may not; nothing ever comes.
        assert await reader.getmany(timeout_ms=1500) == {}
        assert topic not in await reader.topics()
    group = AIOKafkaConsumer(
        **options, group_id=f"thidua.{provinces.own.province}.echo.units", enable_auto_commit=False
    )
    await group.start()
    group.assign([TopicPartition(topic, 0)])
    with pytest.raises(GroupAuthorizationFailedError):
        await group.committed(TopicPartition(topic, 0))
    await group.stop()


async def test_a_service_with_anothers_credentials_says_whom_kafka_keeps_out_and_ends(provinces: Provinces) -> None:
    name = provinces.neighbour.kafka_username
    with pytest.raises(TopicsWrong, match=f"units is missing, or {name} may not see it"):
        async with _through(provinces, provinces.neighbour).service():
            pass


async def test_a_wrong_password_is_told_as_such_and_not_as_a_broker_that_is_away(provinces: Provinces) -> None:
    wrong = guarded(provinces.world.settings, provinces.own.kafka_username, "sai")
    with pytest.raises(AccessRefused, match="THIDUA_KAFKA_PASSWORD"):
        async with _through(provinces, wrong).service():
            pass


def _through(provinces: Provinces, settings: Settings) -> World:
    return replace(provinces.world, settings=settings, open_bus=partial(open_kafka_bus, settings))
