"""The reading side: one FastStream subscriber per service and stream.

FastStream acknowledges, logs and retries in ways that would lose events here, so it only fetches: nothing ever
leaves the handler, and the offsets are committed by hand. The traps, one by one, are in docs/decisions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaMessage

from thidua_runtime.bus import Deliver, Stored
from thidua_runtime.errors import BusAway, OffsetsBehind, TopicRecreated, TopicsWrong, UnexpectedFailure
from thidua_runtime.kafka.access import answering, group_name, in_full, started, topic_name
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.kafka.ends import Ends
from thidua_runtime.kafka.intake import RawBatch, decode_nothing, hand_over, record_of
from thidua_runtime.records import Positions, Record, spans
from thidua_runtime.settings import Settings

T = TypeVar("T")

DAY_MS = 24 * 60 * 60 * 1000
# A batch that waits for its database must not cost the membership; a stuck handler is found by `live`.
MAX_POLL_INTERVAL_MS = DAY_MS
REBALANCE_MS = 15_000
FINISH_SECONDS = 8
"""How long a batch in hand may go on when its partitions are to be given up; then it is dropped."""
TELLING_SECONDS = 2
"""How long a reading that ends waits until the group knows how far the database is; nothing rests on it."""
IDLE_MS = 100
FETCH_BYTES = 2 * 1024 * 1024
"""From one partition at once, as the broker holds them; memory holds two such portions of each partition."""

LOOK_SECONDS = 0.05
AWAY_SECONDS = 1.0

log = structlog.get_logger()


class KafkaReading(ConsumerRebalanceListener):  # type: ignore[misc]
    """One service reading one stream, as a member of its group."""

    def __init__(
        self, settings: Settings, broker: KafkaBroker, ends: Ends, service: str, stream: str, stored: Stored,
        deliver: Deliver,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.service = service
        self.stream = stream
        self.topic = topic_name(settings, stream)
        self.stored = stored
        self.deliver = deliver
        self._ends = ends
        self._subscriber = self._subscribe(broker)
        self._failed: asyncio.Future[None] | None = None
        self._closing = asyncio.Event()
        self._ours: set[int] = set()
        self._joined = False
        self._in_hand: dict[int, int] = {}
        self._next: dict[int, int] = {}
        self._delivery: asyncio.Future[None] | None = None
        self._applied: dict[int, int] = {}
        self._telling: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Fetch and deliver until cancelled; raises what ended it, with nothing committed that was not applied."""
        self._failed = asyncio.get_running_loop().create_future()
        try:
            # That they answered this service was seen before: brokers that go down now are waited for.
            await self._while_away(self._start)
            for task in self._subscriber.tasks:
                task.add_done_callback(self._on_loop_end)
            await self._failed
        finally:
            await in_full(self._stop())

    async def reach_end(self) -> None:
        """Wait until everything on the topic at the call was applied, here or by another member of the group."""
        ends = await self._while_away(lambda: self._ends.of(self.topic))
        while not await self._while_away(lambda: self._reached(ends)):  # noqa: ASYNC110  (it happens at the brokers)
            await asyncio.sleep(LOOK_SECONDS)

    async def is_behind(self) -> bool:
        """Return whether the stream holds records that are not delivered yet."""
        return await self.lag() > 0

    async def lag(self) -> int:
        """Return the undelivered records of the partitions that this member reads; of all before it has joined."""
        ends = await self._ends.of(self.topic)
        if not self._joined:
            stored = (await self.stored()).next_offset
            return sum(max(0, end - stored.get(partition, 0)) for partition, end in ends.items())
        return sum(max(0, ends.get(partition, 0) - self._position(partition)) for partition in self._ours)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Go to where the database stands; only then are fetched records of these partitions taken."""
        partitions = [each for each in assigned if each.topic == self.topic]
        try:
            await self._while_away(lambda: self._begin(partitions) if partitions else self._check_whole())
        except Exception as error:
            self._fail(error)
        else:
            self._ours = {each.partition for each in partitions}
            self._joined = True

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Finish the batch in hand, or drop it: the next owner begins where the database stands."""
        self._ours = set()
        if self._delivery is not None:
            await asyncio.wait((self._delivery,), timeout=FINISH_SECONDS)
            self._drop()

    def _subscribe(self, broker: KafkaBroker) -> Any:
        subscriber = broker.subscriber(
            self.topic, group_id=group_name(self.settings, self.service, self.stream),
            batch=True, max_records=self.settings.fetch_max_records, batch_timeout_ms=IDLE_MS,
            ack_policy=AckPolicy.MANUAL, auto_offset_reset="earliest", isolation_level="read_committed",
            max_partition_fetch_bytes=FETCH_BYTES,
            max_poll_interval_ms=MAX_POLL_INTERVAL_MS, rebalance_timeout_ms=REBALANCE_MS,
            listener=self, parser=self._hand_over, decoder=decode_nothing, persistent=False, no_reply=True,
        )  # fmt: skip
        subscriber(self._handle)
        return subscriber

    async def _start(self) -> None:
        try:
            async with answering(self.settings):
                await started(self._subscriber.start())
        except BaseException:
            with suppress(KafkaError, OSError):
                await self._subscriber.stop()
            raise

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        consumer = self._subscriber.consumer
        assert consumer is not None
        return consumer

    async def _while_away(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do `work`, again and again while the brokers are away: that is no reason to end a running service."""
        while True:
            try:
                return await work()
            except BusAway as away:
                if self._closing.is_set():
                    raise
                log.warning("waiting for the brokers", stream=self.stream, why=str(away))
                await asyncio.sleep(AWAY_SECONDS)

    async def _begin(self, partitions: Sequence[TopicPartition]) -> None:
        # The group's offsets first: what the database holds is never behind what was committed before.
        committed: dict[TopicPartition, int] = {}
        for each in partitions:
            async with answering(self.settings):
                committed[each] = await self._consumer.committed(each) or 0
        ends = await self._ends.of(self.topic)
        stored = await self.stored()
        for each in partitions:
            self._check(each, stored, committed[each], ends.get(each.partition, 0))
            # Never left where it is: records may have been fetched before this, and thrown away.
            self._next[each.partition] = stored.next_offset.get(each.partition, 0)
            self._consumer.seek(each, self._next[each.partition])

    async def _check_whole(self) -> None:
        """Raise TopicsWrong or TopicRecreated if nothing was assigned because the topic went: nothing would ever come.

        Where others hold all partitions, nothing is wrong.
        """
        async with open_admin(self.settings) as admin:
            partitions = await admin.partitions()
        if self.topic not in partitions:
            raise TopicsWrong(service=self.service, problems=f"{self.topic} is missing")
        ends, stored = await self._ends.of(self.topic), await self.stored()
        for number, position in stored.next_offset.items():
            if position > ends.get(number, 0):
                self._raise_recreated(number, position, ends.get(number, 0))

    def _raise_recreated(self, partition: int, stored: int, end: int) -> NoReturn:
        raise TopicRecreated(service=self.service, stream=f"{self.stream} ({partition})", stored=stored, end=end)

    def _check(self, partition: TopicPartition, stored: Positions, committed: int, end: int) -> None:
        position = stored.next_offset.get(partition.partition, 0)
        stream = f"{self.stream} ({partition.partition})"
        if position < committed:
            raise OffsetsBehind(service=self.service, stream=stream, stored=position, committed=committed)
        if position > end:
            self._raise_recreated(partition.partition, position, end)

    async def _hand_over(self, raw: RawBatch) -> KafkaMessage:
        # The consumer's own positions lie behind this batch already: from here on it counts as in hand.
        self._in_hand = {each.partition: each.offset for each in reversed(raw)} | self._in_hand
        return await hand_over(raw)

    async def _handle(self, raw: Any) -> None:
        """Take a fetched batch; whatever happens, this neither raises nor returns before it may be fetched on."""
        try:
            await self._take([record_of(self.stream, each) for each in raw if each.partition in self._ours])
            self._in_hand = {}
        except Exception as error:
            self._fail(error)
            await self._closing.wait()

    async def _take(self, records: Sequence[Record]) -> None:
        if not records or self._closing.is_set():
            return
        found = spans(records)
        self._check_forward(found)
        self._delivery = asyncio.ensure_future(self.deliver(records))
        try:
            await asyncio.wait((self._delivery,))
            if not self._delivery.cancelled():
                self._delivery.result()
                self._tell(found)
        finally:
            self._delivery = None

    def _check_forward(self, found: Mapping[int, range]) -> None:
        """Raise TopicRecreated when the log goes back: only another one under the same name does.

        The client then starts at its beginning, and what it holds would be taken for applied.
        """
        for partition, offsets in found.items():
            if offsets.start < self._next.get(partition, 0):
                self._raise_recreated(partition, self._next[partition], offsets.start)
            self._next[partition] = offsets.stop

    def _tell(self, found: Mapping[int, range]) -> None:
        """Tell the group how far the database is, beside the next batch; what is applied meanwhile is told together.

        The database alone decides, so a failure here loses and repeats nothing.
        """
        self._applied.update(Positions(self.stream).after(found).next_offset)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.ensure_future(self._commit())
            self._telling.add_done_callback(self._on_told)

    def _on_told(self, telling: asyncio.Future[None]) -> None:
        if not telling.cancelled() and (error := telling.exception()) is not None:
            self._fail(error)

    async def _commit(self) -> None:
        while self._applied:
            applied, self._applied = self._applied, {}
            ours = {TopicPartition(self.topic, p): offset for p, offset in applied.items() if p in self._ours}
            try:
                if ours:
                    await self._consumer.commit(ours)
            except (CommitFailedError, IllegalStateError, KafkaError) as error:
                log.warning("offsets not committed", stream=self.stream, why=repr(error))

    def _position(self, partition: int) -> int:
        if partition in self._in_hand:
            return self._in_hand[partition]
        state = self._consumer._subscription.subscription.assignment.state_value(TopicPartition(self.topic, partition))
        return int(state.position) if state is not None and state.has_valid_position else 0

    async def _reached(self, ends: dict[int, int]) -> bool:
        if not self._joined:
            return False
        if any(self._position(partition) < end for partition, end in ends.items() if partition in self._ours):
            return False
        others = {partition: end for partition, end in ends.items() if partition not in self._ours}
        if not others:
            return True
        stored = (await self.stored()).next_offset
        behind = {
            partition: stored.get(partition, 0) for partition, end in others.items() if stored.get(partition, 0) < end
        }
        return not behind or not await self._ends.any_record(self.topic, behind, ends)

    def _fail(self, error: BaseException) -> None:
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    def _on_loop_end(self, task: asyncio.Task[Any]) -> None:
        # FastStream would start its loop again and go on behind what it had fetched.
        if not task.cancelled() and not self._closing.is_set():
            error = task.exception()
            why = "the consumer stopped" if error is None else f"a record cannot be read ({error!r})"
            self._fail(UnexpectedFailure(service=self.service, stream=self.stream, why=why))

    def _drop(self) -> None:
        if self._delivery is not None and not self._delivery.done():
            self._delivery.cancel()

    async def _stop(self) -> None:
        self._closing.set()
        if self._telling is not None:
            await asyncio.wait((self._telling,), timeout=TELLING_SECONDS)
            self._telling.cancel()
        self._ours = set()
        self._drop()
        with suppress(KafkaError, OSError):
            await self._subscriber.stop()


def quiet_logger() -> logging.Logger:
    """Return FastStream's logger: its errors are ours to show, its remarks on every batch are not."""
    logger = logging.getLogger("thidua.kafka")
    logger.setLevel(logging.ERROR)
    return logger
