"""The limit program's Kafka: large fetches in, whole batches out in one fenced transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.bus.limit.ledger import Counters

MOST_RECORDS = 120_000
"""As many as thidua may leave a unit's month unpublished for in a burst: two seconds' worth."""
WAIT_MS = 20


class Result(msgspec.Struct, gc=False):
    """What is published of a counter; the version of a counter only grows."""

    subject: str
    month: str
    due: int
    on_time: int
    late: int
    version: int


class Intake:
    """Reads partitions that are this instance's for good: nobody takes them away, so nothing has to be given up."""

    def __init__(self, servers: str, topic: str, group: str) -> None:
        self.topic = topic
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=servers, group_id=group, enable_auto_commit=False, isolation_level="read_committed",
            fetch_max_bytes=64 << 20, max_partition_fetch_bytes=4 << 20, fetch_max_wait_ms=WAIT_MS, check_crcs=False,
        )  # fmt: skip

    async def begin(self, positions: Mapping[int, int]) -> None:
        """Go to where the database stands."""
        await self._consumer.start()
        self._consumer.assign([TopicPartition(self.topic, partition) for partition in positions])
        for partition, offset in positions.items():
            self._consumer.seek(TopicPartition(self.topic, partition), offset)

    async def fetch(self, is_awaited: Callable[[], bool]) -> list[tuple[int, Sequence[Any]]]:
        """Return what there is, as much as comes in until the next stage waits for it."""
        fetched: list[tuple[int, Sequence[Any]]] = []
        count = 0
        while count < MOST_RECORDS:
            found = await self._consumer.getmany(timeout_ms=WAIT_MS, max_records=MOST_RECORDS - count)
            fetched += [(place.partition, records) for place, records in found.items()]
            count += sum(map(len, found.values()))
            if count and is_awaited():
                break
        return fetched

    async def commit(self, ends: Mapping[int, int]) -> None:
        """Tell the group, for whoever watches it; what decides is the position in the database."""
        await self._consumer.commit({TopicPartition(self.topic, p): end for p, end in ends.items()})


class Outlet:
    """Publishes counters; a second instance of the same name fences the first."""

    def __init__(self, servers: str, topic: str, name: str) -> None:
        self.topic = topic
        self._encode = msgspec.json.Encoder().encode
        self._producer = AIOKafkaProducer(
            bootstrap_servers=servers, transactional_id=name, acks="all", max_batch_size=512 << 10,
            max_request_size=4 << 20,
        )  # fmt: skip

    async def begin(self) -> None:
        """Connect, and fence who has this name."""
        await self._producer.start()

    async def publish(self, counters: Counters, version: int) -> None:
        """Publish counters in one transaction."""
        if not counters:
            return
        spread: dict[int, list[tuple[bytes, bytes]]] = {}
        encode = self._encode
        for subject, month, due, on_time, late, partition in counters:
            body = encode(Result(subject, month, due, on_time, late, version))
            spread.setdefault(partition, []).append((f"{subject}/{month}".encode(), body))
        await self._producer.begin_transaction()
        sent = [future for partition, records in spread.items() for future in await self._send(partition, records)]
        for acknowledged in sent:
            await acknowledged
        await self._producer.commit_transaction()

    async def _send(self, partition: int, records: Sequence[tuple[bytes, bytes]]) -> list[Any]:
        now, sent = int(time.time() * 1000), []
        batch = self._producer.create_batch()
        for key, body in records:
            if batch.append(key=key, value=body, timestamp=now) is None:
                sent.append(await self._producer.send_batch(batch, self.topic, partition=partition))
                batch = self._producer.create_batch()
                batch.append(key=key, value=body, timestamp=now)
        sent.append(await self._producer.send_batch(batch, self.topic, partition=partition))
        return sent
