"""Topics: what is wanted, what is there, and what a service says about the difference."""

from __future__ import annotations

import asyncio
import itertools

import pytest
import yaml
from aiokafka import AIOKafkaProducer
from fastapi import APIRouter
from sqlalchemy import MetaData

from thidua.contracts import STREAMS, CriteriaSetState, Rating, Reminder, Unit
from thidua_runtime import rights
from thidua_runtime.errors import BusAway, TopicsWrong
from thidua_runtime.kafka import open_kafka_bus
from thidua_runtime.kafka.access import client_options, topic_name
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.kafka.trial import require_broker, trial_settings, trial_topics
from thidua_runtime.kafka.wanted import WANTED
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings
from thidua_runtime.topics import apply_topics, print_topics

from ..transport.echo import rating, task
from ..transport.world import Shelf, World, record, until

pytestmark = pytest.mark.anyio
kafka = pytest.mark.kafka


@pytest.fixture
def empty() -> Settings:
    settings = trial_settings(kafka_replication=3)
    require_broker(settings)
    return settings


@kafka
async def test_apply_makes_every_topic_and_says_what_one_broker_means(empty: Settings) -> None:
    async with trial_topics(empty, ()):
        lines = await apply_topics(empty)
        assert lines[0] == "There is 1 broker: topics get 1 copy, and its disk is all that holds them."
        assert len(lines) == 1 + len(STREAMS)
        bus = await open_kafka_bus(empty)
        await bus.check("all", sorted(STREAMS))
        await bus.close()
        assert await apply_topics(empty) == lines[:1]


@kafka
async def test_apply_mends_partitions_and_settings_and_keeps_what_others_set(empty: Settings) -> None:
    async with trial_topics(empty, ("ratings",)), open_admin(empty) as admin:
        tasks = topic_name(empty, "tasks")
        await admin.create(tasks, 2, 1, {"cleanup.policy": "compact", "flush.ms": "77777"})
        await admin.wait_until_listed([tasks])
        said = [line for line in await apply_topics(empty) if line.startswith(tasks)]
        assert f"{tasks}: 2 → 6 partitions" in said
        assert f"{tasks}: cleanup.policy compact → delete" in said
        found = (await admin.settings_of([tasks]))[tasks]
        assert {name: found[name][0] for name in ("cleanup.policy", "message.timestamp.type", "flush.ms")} == {
            "cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime", "flush.ms": "77777",
        }  # fmt: skip


@kafka
async def test_a_missing_topic_is_named_and_not_made_by_looking_for_it(empty: Settings) -> None:
    async with trial_topics(empty, ("ratings",)):
        bus = await open_kafka_bus(empty)
        with pytest.raises(TopicsWrong, match=f"{topic_name(empty, 'units')} is missing.*thidua topics apply"):
            await bus.check("echo", ["ratings", "units"])
        async with open_admin(empty) as admin:
            assert topic_name(empty, "units") not in await admin.partitions()
        await bus.close()


@kafka
async def test_topics_that_would_lose_events_are_named_one_by_one(empty: Settings) -> None:
    async with trial_topics(empty, ("ratings",)), open_admin(empty) as admin:
        tasks, units = topic_name(empty, "tasks"), topic_name(empty, "units")
        await admin.create(tasks, 1, 1, {"retention.ms": "1000"})
        await admin.create(units, 1, 1, {"cleanup.policy": "delete"})
        await admin.wait_until_listed([tasks, units])
        bus = await open_kafka_bus(empty)
        with pytest.raises(TopicsWrong) as wrong:
            await bus.check("echo", ["ratings", "tasks", "units"])
        await bus.close()
    sentence = str(wrong.value)
    for part in (
        f"{tasks} has 1 partitions instead of 6",
        f"{tasks} has message.timestamp.type=CreateTime instead of LogAppendTime",
        f"{tasks} has retention.ms=1000 instead of 3024000000",
        f"{units} has cleanup.policy=delete instead of compact",
    ):
        assert part in sentence
    assert "ratings" not in sentence


@kafka
async def test_compaction_keeps_every_task_and_the_newest_state_of_every_sibling(empty: Settings) -> None:
    async with trial_topics(empty, ()), open_admin(empty) as admin:
        # Wanted as always, but for a cleaning that a test can wait for.
        quick = {"segment.ms": "100", "max.compaction.lag.ms": "200", "min.cleanable.dirty.ratio": "0.01"}
        for stream in ("ratings", "tasks"):
            topic = WANTED[stream]
            await admin.create(topic_name(empty, stream), 1, 1, {**topic.settings_with(1), **quick})
        await admin.wait_until_listed(topic_name(empty, s) for s in ("ratings", "tasks"))
        bus = await open_kafka_bus(empty)
        publisher = await bus.publisher("registration")
        for version in range(1, 6):
            states = [rating("an", "u-1", version, year) for year in range(2020, 2025)]
            await publisher.publish([record(s.key, b"{}", version=version) for s in states])
            await publisher.publish([record(task(n).key, b"{}", "tasks") for n in range(version * 3, version * 3 + 3)])
            await asyncio.sleep(0.3)
        await until(lambda: _at_most(bus, "ratings", 11))
        # The newest segment is never cleaned: what is left of the older versions lies there.
        newest = {r.key: r.header("version") for r in await bus.everything("ratings")}
        assert newest == {f"an/{year}".encode(): "5" for year in range(2020, 2025)}
        assert len(await bus.everything("tasks")) == 15
        await publisher.close()
        await bus.close()


@kafka
@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", "snappy"])
async def test_batches_of_foreign_producers_are_read_whatever_packed_them(world: World, compression: str) -> None:
    producer = AIOKafkaProducer(**client_options(world.settings), compression_type=compression)
    await producer.start()
    for n in range(200):
        await producer.send(topic_name(world.settings, "ratings"), b"x" * 300, f"s{n}/2022".encode())
    await producer.stop()
    async with world.bus() as bus:
        shelf = Shelf()
        async with shelf.read(bus):
            assert len(shelf.records) == 200


@kafka
async def test_header_names_and_null_headers_of_foreign_producers_stop_nothing(world: World) -> None:
    producer = AIOKafkaProducer(**client_options(world.settings))
    await producer.start()
    await producer.send(topic_name(world.settings, "ratings"), b"1", b"a", headers=[("empty", None)])
    await producer.stop()
    async with world.bus() as bus:
        shelf = Shelf()
        async with shelf.read(bus):
            assert shelf.records[0].header("empty") == ""


async def test_brokers_that_do_not_answer_are_named_with_the_setting() -> None:
    settings = Settings.model_validate({"kafka_servers": "127.0.0.1:1"})
    with pytest.raises(BusAway, match=r"127\.0\.0\.1:1 .*THIDUA_KAFKA_SERVERS"):
        await apply_topics(settings)


def test_printed_topics_say_the_same_in_both_formats() -> None:
    settings = Settings.model_validate({"province": "ha-giang"})
    resources = list(yaml.safe_load_all(print_topics(settings, "strimzi")))
    commands = print_topics(settings, "kafka-topics").splitlines()
    assert len(resources) == len(commands) == len(STREAMS)
    for resource, command in zip(resources, commands, strict=True):
        spec = resource["spec"]
        assert f"--topic {spec['topicName']} " in command
        assert f"--partitions {spec['partitions']} --replication-factor {spec['replicas']}" in command
        assert all(f"--config {name}={value}" in command for name, value in spec["config"].items())


def test_wanted_topics_compact_everything_but_the_inbox_of_tasks() -> None:
    policies = {stream: topic.settings["cleanup.policy"] for stream, topic in WANTED.items()}
    assert policies.pop("tasks") == "delete"
    assert set(policies.values()) == {"compact"}
    assert sum(topic.partitions for topic in WANTED.values()) == 51


def test_access_rules_come_from_what_services_own_and_follow() -> None:
    scoring = Service(
        name="scoring", owns=(CriteriaSetState,), follows={Unit: (), Rating: ()}, metadata=MetaData(),
        migrations="x:y", api=APIRouter(),
    )  # fmt: skip
    rules = rights.commands(Settings.model_validate({"province": "ha"}), [scoring]).splitlines()
    of_scoring = [rule for rule in rules if "User:thidua-ha-scoring" in rule]
    writes = [rule.rsplit("--topic ", 1)[1] for rule in of_scoring if "Write" in rule and "--topic" in rule]
    reads = [rule.rsplit("--topic ", 1)[1] for rule in of_scoring if "Read" in rule and "--topic" in rule]
    assert writes == ["thidua.ha.criteria-sets"]
    assert reads == ["thidua.ha.criteria-sets", "thidua.ha.ratings", "thidua.ha.units"]
    # A prefix ends with a dot, else `ha` would open `hai-phong` too.
    prefixes = [rule for rule in rules if "prefixed" in rule]
    assert all(". --resource-pattern-type prefixed" in rule for rule in prefixes)
    assert any(rule.endswith("--transactional-id thidua.ha.scoring") for rule in of_scoring)
    sources = [rule for rule in rules if "User:thidua-ha-source" in rule]
    assert [rule.rsplit(".", 1)[1] for rule in sources] == ["sources", "tasks"]
    assert not any("Read" in rule for rule in sources)
    assert Reminder.stream not in " ".join(itertools.chain(sources, of_scoring))


async def _at_most(bus: object, stream: str, number: int) -> bool:
    return len(await bus.everything(stream)) <= number  # type: ignore[attr-defined]
