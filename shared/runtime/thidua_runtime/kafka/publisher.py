"""The sending side: one transactional producer per service, fenced as soon as a newer one exists."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced
from aiokafka.partitioner import murmur2
from aiokafka.producer import sender

from thidua_runtime.clock import wall_clock
from thidua_runtime.errors import AccessRefused, BusRefused, RelayFenced
from thidua_runtime.kafka.access import answering, client_options, in_full, publisher_name, started, topic_name
from thidua_runtime.records import Outgoing
from thidua_runtime.settings import Settings

T = TypeVar("T")

# A relay that dies within a transaction holds up readers of its partitions for at most this long.
TRANSACTION_MS = 30_000
CLOSE_SECONDS = 5
MOST_BATCH_BYTES = 512 * 1024
# As long as the broker marks a transaction as ended in its partitions it refuses the next one, for 2 to 8 ms mostly.
# The client then asks again after 20 ms, whatever its settings are: answers were late by as much, or twice.
sender.BACKOFF_OVERRIDE = 0.002


class KafkaPublisher:
    """Publishes for one service; every `publish` is one transaction, seen by readers as a whole or not at all."""

    def __init__(self, settings: Settings, service: str, producer: AIOKafkaProducer) -> None:
        self.settings = settings
        self.service = service
        self._producer = producer

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Commit the records in one transaction; raises RelayFenced, BusAway, or BusRefused for a record too large."""
        try:
            async with answering(self.settings):
                await self._publish(records)
        except Exception as error:
            # Whatever it was, and it is raised on: a failed transaction cannot be gone on with, so that this producer
            # sends nothing any more.
            self._read_failures()
            await self.close()
            if isinstance(error.__cause__, ProducerFenced):
                raise RelayFenced(service=self.service) from error
            if isinstance(error, AccessRefused):
                raise
            if isinstance(error.__cause__, KafkaError) and not error.__cause__.retriable:
                raise BusRefused(what=f"records of {self.service}", why=repr(error.__cause__)) from error
            raise

    async def partitions(self, stream: str) -> int:
        """Return the number of partitions of a stream's topic."""
        async with answering(self.settings):
            return len(await self._producer.partitions_for(topic_name(self.settings, stream)))

    async def close(self) -> None:
        """Disconnect; what was not committed is never seen by readers."""
        await in_full(self._disconnect())

    def _read_failures(self) -> None:
        """Read the failures that the client notes on batches it gave up: unread, each would be reported as an error."""
        for batches in self._producer._message_accumulator._batches.values():
            for waiter in [batch._drain_waiter for batch in batches]:
                if waiter.done() and not waiter.cancelled():
                    waiter.exception()

    async def _disconnect(self) -> None:
        with suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._producer.stop()

    async def _publish(self, records: Sequence[Outgoing]) -> None:
        counts = {stream: await self.partitions(stream) for stream in {record.stream for record in records}}
        spread: defaultdict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        for record in records:
            stream = record.stream
            spread[stream, partition_of(record, counts[stream])].append(record)
        await self._producer.begin_transaction()
        # At the same time: the client then tells the broker of all partitions in one request.
        sends = [
            self._send(topic_name(self.settings, stream), partition, listed)
            for (stream, partition), listed in spread.items()
        ]
        acknowledgements = [each for sent in await _all_of(sends) for each in sent]
        await _all_of(acknowledgements)
        await self._producer.commit_transaction()

    async def _send(self, topic: str, partition: int, records: Sequence[Outgoing]) -> list[asyncio.Future[Any]]:
        """Send records to one partition in batches of our own making: the producer's look at each costs half."""
        now = int(wall_clock().timestamp() * 1000)
        sent: list[asyncio.Future[Any]] = []
        batch = self._producer.create_batch()
        for record in records:
            key, headers = record.key.encode(), list(record.headers)
            if batch.append(timestamp=now, key=key, value=record.body, headers=headers) is None:
                sent.append(await self._producer.send_batch(batch, topic, partition=partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=now, key=key, value=record.body, headers=headers)
        sent.append(await self._producer.send_batch(batch, topic, partition=partition))
        return sent


async def _all_of(works: Iterable[Awaitable[T]]) -> list[T]:
    """Return all results; all are waited for, so that no failure is left unread, and the first one is raised."""
    found: list[T] = []
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
        found.append(outcome)
    return found


def partition_of(record: Outgoing, partitions: int) -> int:
    """Return where a record belongs: its own choice, or Kafka's usual hash of its partition key.

    The hash is the one of every Kafka client, so that a foreign producer that keys a task by its unit puts it
    where ours would.
    """
    if record.partition is not None:
        return record.partition
    return _hashed(record.partition_key) % partitions


@lru_cache(maxsize=100_000)
def _hashed(partition_key: str) -> int:
    return int(murmur2(partition_key.encode())) & 0x7FFFFFFF


async def open_publisher(settings: Settings, service: str) -> KafkaPublisher:
    """Connect the publisher of a service; from now on an older one is fenced. Raises BusAway."""
    producer = AIOKafkaProducer(
        **client_options(settings),
        transactional_id=publisher_name(settings, service),
        transaction_timeout_ms=TRANSACTION_MS,
        acks="all",
        # The client has lz4 at its slowest level alone: two and a half times the time for half as much again.
        compression_type="zstd",
        max_batch_size=MOST_BATCH_BYTES,
        max_request_size=2 * 1024 * 1024,
    )
    publisher = KafkaPublisher(settings, service, producer)
    try:
        async with answering(settings):
            await started(producer.start())
            # The brokers fence older producers when they give out a new epoch, which this waits for.
            await producer.begin_transaction()
            await producer.abort_transaction()
    # Cancelled too: a producer that is half open sends on from its own tasks until it is stopped.
    except BaseException:
        await publisher.close()
        raise
    return publisher
