"""Where topics end: asked outside of any group."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from thidua_runtime.kafka.access import ANSWER_SECONDS, answering, client_options, in_full, started
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.settings import Settings

POLL_MS = 200
COUNT_SECONDS = 300.0
"""How long the numbers of partitions are taken as known; they are raised once in years."""


class Ends:
    """Asks where topics end, and reads whole topics; opens its connection at first use.

    An end counts records of transactions still open too: who has reached it has missed nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._consumer: AIOKafkaConsumer | None = None
        self._opening = asyncio.Lock()
        self._counts: dict[str, int] = {}
        self._counted_at = 0.0

    async def of(self, topic: str) -> dict[int, int]:
        """Return per partition the offset that the next record will get."""
        async with answering(self.settings):
            partitions = await self._partitions(topic)
            found = await (await self._open()).end_offsets(partitions)
        return {each.partition: offset for each, offset in found.items()}

    async def span(self, topic: str) -> dict[int, range]:
        """Return per partition the offsets from the first one still held to the end."""
        async with answering(self.settings):
            partitions = await self._partitions(topic)
            consumer = await self._open()
            first, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        return {each.partition: range(first[each], end[each]) for each in partitions}

    async def commit(self, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        """Set where a group stands that nobody is a member of; raises aiokafka's errors where somebody is."""
        member = AIOKafkaConsumer(**client_options(self.settings), group_id=group, enable_auto_commit=False)
        places = {TopicPartition(topic, number): offset for number, offset in offsets.items()}
        try:
            async with answering(self.settings):
                await started(member.start())
            member.assign(list(places))
            async with asyncio.timeout(ANSWER_SECONDS):
                await member.commit(places)
        finally:
            await in_full(member.stop())

    async def any_record(self, topic: str, first: Mapping[int, int], ends: Mapping[int, int]) -> bool:
        """Whether a record lies between `first` and `ends`; marks of transactions are none."""
        return bool(await self.between(topic, first, ends, at_most=1))

    async def between(
        self, topic: str, first: Mapping[int, int], ends: Mapping[int, int], at_most: int | None = None
    ) -> list[ConsumerRecord[Any, Any]]:
        """Return the committed records from `first` to `ends`, partition by partition."""
        found: list[ConsumerRecord[Any, Any]] = []
        waiting = {TopicPartition(topic, p): ends[p] for p, offset in first.items() if offset < ends[p]}
        if not waiting:
            return found
        reader = AIOKafkaConsumer(
            **client_options(self.settings), enable_auto_commit=False, isolation_level="read_committed",
            auto_offset_reset="earliest",
        )  # fmt: skip
        try:
            async with answering(self.settings):
                await started(reader.start())
                reader.assign(list(waiting))
                for each in waiting:
                    reader.seek(each, first[each.partition])
                while waiting and not (at_most and len(found) >= at_most):
                    fetched = await reader.getmany(timeout_ms=POLL_MS)
                    found += [r for records in fetched.values() for r in records if r.offset < ends[r.partition]]
                    waiting = {each: end for each, end in waiting.items() if await reader.position(each) < end}
        finally:
            await in_full(reader.stop())
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    async def _open(self) -> AIOKafkaConsumer:
        async with self._opening:
            if self._consumer is None:
                consumer = AIOKafkaConsumer(**client_options(self.settings), enable_auto_commit=False)
                try:
                    await started(consumer.start())
                # Cancelled too: a client that is half open holds its connections until it is stopped.
                except BaseException:
                    await in_full(consumer.stop())
                    raise
                self._consumer = consumer
        return self._consumer

    async def _partitions(self, topic: str) -> list[TopicPartition]:
        now = asyncio.get_running_loop().time()
        if topic not in self._counts or now > self._counted_at + COUNT_SECONDS:
            async with open_admin(self.settings) as admin:
                self._counts = await admin.partitions()
            self._counted_at = now
        return [TopicPartition(topic, number) for number in range(self._counts.get(topic, 0))]
