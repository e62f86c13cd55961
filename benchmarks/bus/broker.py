"""The broker's side of a run: fresh topics, the events behind a gate, and how far a contestant has come.

All events lie on the topic in one open transaction; its commit is the start of the race, so that nobody's
start-up is measured and every contestant, reading what is committed alone, begins at the same moment.
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.partitioner import murmur2

from benchmarks.bus.events import Task
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.kafka.wanted import WANTED
from thidua_runtime.settings import Settings

TASKS: Final = "tasks"
RESULTS: Final = "monthly-results"
PARTITIONS: Final = WANTED[TASKS].partitions
BATCH_BYTES: Final = 256 * 1024
GATE_MS: Final = 15 * 60 * 1000
"""How long the transaction may stay open: the longest that a broker allows unless told otherwise."""

Record: TypeAlias = ConsumerRecord[Any, Any]


def fresh_settings(servers: str) -> Settings:
    """Return settings of a province that no run before this one has used."""
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(10))
    return Settings.model_validate({"province": f"bench-{letters}", "kafka_servers": servers, "kafka_replication": 1})


@cache
def partition_of(unit: str) -> int:
    """Return the partition in which every Kafka client puts a unit's tasks."""
    hashed: int = murmur2(unit.encode())
    return (hashed & 0x7FFFFFFF) % PARTITIONS


@asynccontextmanager
async def fresh_topics(settings: Settings) -> AsyncIterator[None]:
    """Make every topic of the suite as `thidua topics apply` does, delete all of the province afterwards."""
    async with open_admin(settings) as admin:
        for topic in WANTED.values():
            await admin.create(topic.name(settings.province), topic.partitions, 1, topic.settings_with(1))
        await admin.wait_until_listed(topic.name(settings.province) for topic in WANTED.values())
    try:
        yield
    finally:
        async with open_admin(settings) as admin:
            await admin.delete([name for name in await admin.partitions() if settings.province in name])


@dataclass(frozen=True)
class Batches:
    """Encoded events, by partition, ready to be sent again and again."""

    by_partition: Sequence[Sequence[tuple[bytes, bytes]]]

    @property
    def count(self) -> int:
        """The number of events."""
        return sum(map(len, self.by_partition))

    def records(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield partition, key and body of each."""
        for partition, records in enumerate(self.by_partition):
            for key, body in records:
                yield partition, key, body


def encode(tasks: Iterable[Task]) -> Batches:
    """Encode events and spread them over the partitions, in their order."""
    spread: list[list[tuple[bytes, bytes]]] = [[] for _ in range(PARTITIONS)]
    for task in tasks:
        unit = task.subjects[0]
        spread[partition_of(unit)].append((unit.encode(), task.body()))
    return Batches(spread)


@asynccontextmanager
async def gate(settings: Settings, records: Iterable[tuple[int, bytes, bytes]]) -> AsyncIterator[AIOKafkaProducer]:
    """Put records (partition, key, body) on the topic of tasks, unseen until the transaction is committed."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_servers, transactional_id=f"{settings.province}.gate",
        transaction_timeout_ms=GATE_MS, compression_type="lz4", max_batch_size=BATCH_BYTES, acks="all",
    )  # fmt: skip
    await producer.start()
    try:
        await producer.begin_transaction()
        await _send(producer, WANTED[TASKS].name(settings.province), records)
        await producer.flush()
        yield producer
    finally:
        await producer.stop()


async def _send(producer: AIOKafkaProducer, topic: str, records: Iterable[tuple[int, bytes, bytes]]) -> None:
    now = int(time.time() * 1000)
    batches = {partition: producer.create_batch() for partition in range(PARTITIONS)}
    for partition, key, body in records:
        if batches[partition].append(key=key, value=body, timestamp=now) is None:
            await producer.send_batch(batches[partition], topic, partition=partition)
            batches[partition] = producer.create_batch()
            batches[partition].append(key=key, value=body, timestamp=now)
    for partition, batch in batches.items():
        if batch.record_count():
            await producer.send_batch(batch, topic, partition=partition)


class Watch:
    """Asks how far a contestant has come: offsets committed by its group, and how much of its output is committed."""

    def __init__(self, settings: Settings, group: str) -> None:
        self.group = group
        self._admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_servers)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_servers, isolation_level="read_committed", enable_auto_commit=False,
            auto_offset_reset="earliest", max_partition_fetch_bytes=4 * 1024 * 1024,
        )  # fmt: skip
        self.results = [TopicPartition(WANTED[RESULTS].name(settings.province), p) for p in range(PARTITIONS)]
        self._tasks = [TopicPartition(WANTED[TASKS].name(settings.province), p) for p in range(PARTITIONS)]
        self._coordinator: int | None = None

    async def open(self) -> None:
        """Connect."""
        await self._admin.start()
        await self._consumer.start()
        self._consumer.assign(self.results)

    async def close(self) -> None:
        """Disconnect."""
        await self._consumer.stop()
        await self._admin.close()

    async def members(self) -> int:
        """Return the number of members of the contestant's group once all of them have their partitions."""
        try:
            described = (await self._admin.describe_consumer_groups([self.group]))[0].groups[0]
        except GroupCoordinatorNotAvailableError:
            # A broker that never had a group makes room for the first one now.
            return 0
        return len(described[5]) if described[2] == "Stable" else 0

    async def committed(self) -> list[int]:
        """Return the offset that the group has committed of each partition of tasks."""
        if self._coordinator is None:
            self._coordinator = await self._admin.find_coordinator(self.group)
        found = await self._admin.list_consumer_group_offsets(self.group, self._coordinator, self._tasks)
        return [max(0, found[each].offset) if each in found else 0 for each in self._tasks]

    async def published(self) -> list[int]:
        """Return up to where each partition of the results can be read by who reads what is committed."""
        ends = await self._consumer.end_offsets(self.results)
        return [ends[each] for each in self.results]

    async def read_results(self, until: Sequence[int]) -> AsyncIterator[Sequence[Record]]:
        """Read the committed results from where the last reading ended, up to these offsets."""
        waiting = dict(zip(self.results, until, strict=True))
        while waiting:
            for records in (await self._consumer.getmany(timeout_ms=200)).values():
                yield records
            waiting = {each: end for each, end in waiting.items() if await self._consumer.position(each) < end}

    async def next_results(self) -> Sequence[Record]:
        """Return the results committed since the last reading, at once when there are any."""
        found = await self._consumer.getmany(timeout_ms=20)
        return [record for records in found.values() for record in records]
