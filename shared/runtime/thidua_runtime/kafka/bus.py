"""The bus on Kafka."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from faststream.kafka import KafkaBroker

from thidua_runtime.bus import Deliver, Stored
from thidua_runtime.errors import StillRunning, TopicsWrong
from thidua_runtime.kafka.access import group_name, principal, security, servers, topic_name
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.kafka.ends import Ends
from thidua_runtime.kafka.intake import record_of
from thidua_runtime.kafka.publisher import KafkaPublisher, open_publisher
from thidua_runtime.kafka.reading import KafkaReading, quiet_logger
from thidua_runtime.kafka.wanted import DECISIVE, WANTED, WantedTopic
from thidua_runtime.records import Positions, Record
from thidua_runtime.settings import Settings

GRACE_SECONDS = 5.0


class KafkaBus:
    """The streams of one province on Kafka; connects when something is asked of it."""

    def __init__(self, settings: Settings, broker: KafkaBroker) -> None:
        self.settings = settings
        self._broker = broker
        self._ends = Ends(settings)

    async def publisher(self, service: str) -> KafkaPublisher:
        """Return the publisher of a service, fencing any older one; raises BusAway."""
        return await open_publisher(self.settings, service)

    async def reading(self, service: str, stream: str, stored: Stored, deliver: Deliver) -> KafkaReading:
        """Return a reading in the group of service and stream; it joins when it runs."""
        return KafkaReading(self.settings, self._broker, self._ends, service, stream, stored, deliver)

    async def everything(self, stream: str) -> list[Record]:
        """Return all records of a stream as it is now, outside of any group."""
        topic = topic_name(self.settings, stream)
        ends = await self._ends.of(topic)
        found = await self._ends.between(topic, dict.fromkeys(ends, 0), ends)
        return [record_of(stream, raw) for raw in found]

    async def span(self, stream: str) -> dict[int, range]:
        """Return per partition the offsets that the broker still holds."""
        return await self._ends.span(topic_name(self.settings, stream))

    async def rewind(self, service: str, positions: Positions) -> None:
        """Commit these positions for the group of service and stream, and the beginning for other partitions."""
        topic = topic_name(self.settings, positions.stream)
        span = await self.span(positions.stream)
        offsets = {number: positions.next_offset.get(number, 0) for number in span}
        group = group_name(self.settings, service, positions.stream)
        try:
            await self._ends.commit(group, topic, offsets)
        except (CommitFailedError, UnknownMemberIdError, IllegalGenerationError, RebalanceInProgressError):
            raise StillRunning(service=service) from None

    async def is_ahead(self, streams: Sequence[str], version: int) -> bool:
        """Never looked at: the groups' own offsets tell of a restored database."""
        return False

    async def check(self, service: str, streams: Sequence[str]) -> None:
        """Raise TopicsWrong if topics are missing, have too few partitions or would lose events; or BusAway."""
        async with open_admin(self.settings) as admin:
            partitions = await admin.partitions()
            wanted = [WANTED[stream] for stream in streams]
            present = [topic.name(self.settings.province) for topic in wanted]
            in_force = await admin.settings_of(name for name in present if name in partitions)
        seen_by = f", or {principal(self.settings)} may not see it" if self.settings.kafka_username else ""
        problems = [
            problem + (seen_by if problem.endswith("is missing") else "")
            for topic, name in zip(wanted, present, strict=True)
            for problem in _problems(topic, name, partitions.get(name), in_force.get(name, {}))
        ]
        if problems:
            raise TopicsWrong(service=service, problems="; ".join(problems))

    async def close(self) -> None:
        """Disconnect what the bus holds itself; readings and publishers are closed by who has them."""
        await self._ends.close()
        await self._broker.stop()


async def open_kafka_bus(settings: Settings) -> KafkaBus:
    """Prepare the bus that the settings name; nothing is sent before it is used."""
    broker = KafkaBroker(
        servers(settings), security=security(settings), logger=quiet_logger(), graceful_timeout=GRACE_SECONDS,
        # Consuming alone needs neither FastStream's producer nor rights to make topics.
        consumer_only=True, client_id=f"thidua-{settings.province}", apply_types=False,
    )  # fmt: skip
    await broker.connect()
    return KafkaBus(settings, broker)


def _problems(
    topic: WantedTopic, name: str, partitions: int | None, in_force: dict[str, tuple[str, bool]]
) -> list[str]:
    if partitions is None:
        return [f"{name} is missing"]
    found = []
    if partitions < topic.partitions:
        found.append(f"{name} has {partitions} partitions instead of {topic.partitions}")
    if not in_force:
        found.append(f"the settings of {name} may not be read (DescribeConfigs)")
    for key in DECISIVE:
        value = in_force.get(key, ("", False))[0]
        if in_force and key in topic.settings and not _enough(key, value, topic.settings[key]):
            found.append(f"{name} has {key}={value or 'unset'} instead of {topic.settings[key]}")
    return found


def _enough(key: str, found: str, wanted: str) -> bool:
    if key == "retention.ms":
        return found == "-1" or (found.isdecimal() and int(found) >= int(wanted))
    return found == wanted
