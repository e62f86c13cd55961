"""What a producer that is not ours can put on a topic: each thing has an outcome, and none stops a service silently."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, codec
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from thidua_runtime.errors import TopicRecreated, TopicsWrong
from thidua_runtime.kafka.access import client_options, topic_name
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.kafka.wanted import WANTED
from thidua_runtime.topics import apply_topics

from ..transport.echo import rating, task, unit
from ..transport.world import World, calm, until, within

pytestmark = [pytest.mark.anyio, pytest.mark.drill, pytest.mark.kafka]

CODECS = ("gzip", "snappy", "lz4", "zstd", None)
TEN_MEGABYTES = 10 * 1024 * 1024


@asynccontextmanager
async def foreigner(world: World, **options: Any) -> AsyncIterator[AIOKafkaProducer]:
    """Open a producer that knows nothing of this suite."""
    async with AIOKafkaProducer(**client_options(world.settings), **options) as producer:
        yield producer


async def put(
    producer: AIOKafkaProducer, world: World, stream: str, body: bytes | None, key: bytes | None = None,
    headers: list[tuple[str, Any]] | None = None,
) -> None:  # fmt: skip
    """Send one record and wait until the broker has it."""
    await producer.send_and_wait(topic_name(world.settings, stream), body, key, headers=headers)


def body_of(number: int | str, **more: Any) -> bytes:
    """Return a task as somebody else's program would write it."""
    return json.dumps({**json.loads(task(number).model_dump_json(exclude_defaults=True)), **more}).encode()


async def test_every_codec_of_kafka_clients_is_read_and_counted_once(world: World) -> None:
    assert all(has() for has in (codec.has_gzip, codec.has_snappy, codec.has_lz4, codec.has_zstd))
    for name in CODECS:
        async with foreigner(world, compression_type=name, linger_ms=20) as producer:
            topic = topic_name(world.settings, "tasks")
            sent = [await producer.send(topic, body_of(f"{name}-{n}", title="đ" * 200)) for n in range(50)]
            await asyncio.gather(*sent)
    async with world.service() as echo:
        await calm(echo)
    seen = await world.seen()
    assert len(seen) == 50 * len(CODECS)
    assert set(seen.values()) == {1}


async def test_aborted_transactions_leave_nothing_and_hold_nobody_up(world: World) -> None:
    async with world.service() as echo, foreigner(world, transactional_id="e-office") as producer:
        for number in range(6):
            await producer.begin_transaction()
            await put(producer, world, "tasks", body_of(number), b"u-1")
            await (producer.abort_transaction() if number % 2 else producer.commit_transaction())
        await calm(echo)
        assert await echo.lag(["tasks"]) == 0
    assert sorted(await world.seen()) == [f"tasks:van-phong/{number}:1" for number in (0, 2, 4)]
    assert await world.letters() == []


async def test_a_transaction_left_open_shows_as_lag_until_the_broker_aborts_it(world: World) -> None:
    async with world.service() as echo:
        left = AIOKafkaProducer(**client_options(world.settings), transactional_id="dies", transaction_timeout_ms=3_000)
        await left.start()
        await left.begin_transaction()
        await put(left, world, "tasks", body_of("never"), b"u-1")
        async with foreigner(world) as producer:
            await put(producer, world, "tasks", body_of("behind"), b"u-1")
        assert await echo.lag(["tasks"]) > 0
        await until(lambda: _has_seen(world, "tasks:van-phong/behind:1"))
        await left.stop()
    assert "tasks:van-phong/never:1" not in await world.seen()


async def test_tombstones_delete_a_state_and_are_set_aside_where_they_say_nothing(world: World) -> None:
    await world.send(unit("u-1"), rating("an", "u-1", version=5))
    async with world.service() as echo, foreigner(world) as producer:
        await calm(echo)
        await put(producer, world, "tasks", None, b"u-1")
        await put(producer, world, "ratings", None, b"an/2022")
        await put(producer, world, "ratings", None, b"an/2022", [("version", b"6")])
        await put(producer, world, "tasks", body_of("after"), b"u-1")
        await calm(echo)
    assert [letter.reason for letter in await world.letters()] == ["contract", "contract"]
    assert [row.deleted for row in await world.rows("select deleted from replica_ratings")] == [True]
    assert (await world.seen())["tasks:van-phong/after:1"] == 1


async def test_unknown_headers_of_any_bytes_change_nothing(world: World) -> None:
    odd = [("trace", b"\xff\xfe\x00"), ("trace", None), ("", b""), ("Đầu", "mục".encode()), ("version", b"soon")]
    async with world.service() as echo, foreigner(world) as producer:
        await put(producer, world, "tasks", body_of(1), b"u-1", odd)
        await calm(echo)
    assert await world.seen() == {"tasks:van-phong/1:1": 1}
    assert await world.letters() == []


async def test_a_key_matters_only_where_the_state_is_known_by_it(world: World) -> None:
    body = rating("an", "u-1").model_dump_json().encode()
    await world.send(unit("u-1"))
    async with world.service() as echo, foreigner(world) as producer:
        await put(producer, world, "tasks", body_of("no-key"))
        await put(producer, world, "tasks", body_of("wrong-key"), b"another unit")
        await put(producer, world, "tasks", body_of("no-text"), b"\xff\xfe")
        for key in (b"binh/2022", b"\xff\xfe"):
            await put(producer, world, "ratings", body, key)
        with pytest.raises(KafkaError):
            # A compacted topic takes no record without a key: the broker refuses it to who sends it.
            await put(producer, world, "ratings", body)
        await calm(echo)
    seen = await world.seen()
    assert {name for name in seen if name.startswith("tasks")} == {
        f"tasks:van-phong/{name}:1" for name in ("no-key", "wrong-key", "no-text")
    }
    assert [(letter.stream, letter.reason) for letter in await world.letters()] == [("ratings", "contract")] * 2


async def test_ten_megabytes_are_refused_by_the_broker_as_topics_are_wanted(world: World) -> None:
    async with foreigner(world, max_request_size=2 * TEN_MEGABYTES) as producer:
        with pytest.raises(MessageSizeTooLargeError):
            await put(producer, world, "tasks", body_of("large", title="x" * TEN_MEGABYTES), b"u-1")


async def test_ten_megabytes_on_a_widened_topic_cost_only_themselves(world: World) -> None:
    name = topic_name(world.settings, "tasks")
    async with open_admin(world.settings) as admin:
        wider = {**WANTED["tasks"].settings_with(1), "max.message.bytes": str(2 * TEN_MEGABYTES)}
        await admin.alter(name, wider)
    async with world.service() as echo:
        async with foreigner(world, max_request_size=2 * TEN_MEGABYTES) as producer:
            await put(producer, world, "tasks", body_of("before"), b"u-1")
            await put(producer, world, "tasks", body_of("large", title="x" * TEN_MEGABYTES), b"u-1")
            await put(producer, world, "tasks", body_of("after"), b"u-1")
        await calm(echo)
    assert [(letter.reason, letter.body_length > TEN_MEGABYTES) for letter in await world.letters()] == [
        ("too_large", True)
    ]
    assert sorted(await world.seen()) == ["tasks:van-phong/after:1", "tasks:van-phong/before:1"]


async def test_what_the_next_version_of_a_contract_adds_is_applied_and_what_it_breaks_set_aside(world: World) -> None:
    newer = [("ce_dataschema", b"thidua/tasks/2"), ("ce_specversion", b"2.0")]
    grown = json.dumps({**json.loads(rating("an", "u-1").model_dump_json()), "level": "sublime", "seal": {"by": "x"}})
    await world.send(unit("u-1"))
    async with world.service() as echo, foreigner(world) as producer:
        await put(producer, world, "tasks", body_of("grown", priority=3, links=[{"to": 1}]), b"u-1", newer)
        await put(producer, world, "tasks", body_of("broken", deadline={"date": "2022-03-31"}), b"u-1", newer)
        await put(producer, world, "ratings", grown.encode(), b"an/2022", newer)
        await calm(echo)
    assert (await world.seen()).keys() == {"units:u-1:1", "tasks:van-phong/grown:1", "ratings:an/2022:1"}
    assert [(letter.reason, letter.aggregate) for letter in await world.letters()] == [("contract", "van-phong/broken")]
    # As received: a field unknown today is there tomorrow.
    kept = (await world.rows("select body->'seal'->>'by' as seal from replica_ratings"))[0]
    assert kept.seal == "x"


async def test_too_few_partitions_are_named_at_the_start_and_mended_by_the_named_command(world: World) -> None:
    await make_anew(world, "tasks", partitions=2)
    with pytest.raises(TopicsWrong, match=r"tasks has 2 partitions instead of 6.*thidua topics apply"):
        async with world.process() as echo:
            await within(echo.started.wait(), echo)
    await apply_topics(world.settings)
    await world.send(*(task(n, of=f"u-{n}") for n in range(20)))
    async with world.service() as echo:
        await calm(echo)
    assert len(await world.seen()) == 20


# With more records than were applied it may pass unnoticed, where nobody looked while it was gone: docs/reliability.md.
@pytest.mark.parametrize("sent_anew", [0, 3], ids=["nothing", "fewer records"])
async def test_a_topic_made_anew_under_a_running_service_ends_it_with_a_sentence(world: World, sent_anew: int) -> None:
    await world.send(*(task(n) for n in range(50)))
    async with world.process() as echo:
        await within(echo.started.wait(), echo)
        await calm(echo)
        await make_anew(world, "tasks")
        if sent_anew:
            await world.send(*(task(f"anew-{n}") for n in range(sent_anew)))
        with pytest.raises((TopicsWrong, TopicRecreated), match=r"tasks is missing|thidua rebuild echo"):
            await within(asyncio.sleep(60), echo, 20)
    with pytest.raises(TopicRecreated, match="thidua rebuild echo"):
        async with world.process() as echo:
            await within(asyncio.sleep(60), echo, 20)
    assert set((await world.seen()).values()) == {1}


async def make_anew(world: World, stream: str, partitions: int = 6) -> None:
    """Delete a topic and make it again, empty."""
    name = topic_name(world.settings, stream)
    async with open_admin(world.settings) as admin:
        await admin.delete([name])

        async def is_gone() -> bool:
            return name not in await admin.partitions()

        await until(is_gone)
        await admin.create(name, partitions, 1, WANTED[stream].settings_with(1))
        await admin.wait_until_listed([name])


async def _has_seen(world: World, what: str) -> bool:
    return what in await world.seen()
