"""Topics as the brokers have them: listed, made, changed. A missing topic is never asked for by its name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from thidua_runtime.errors import BusRefused
from thidua_runtime.kafka.access import answering, client_options, in_full, started
from thidua_runtime.settings import Settings


class Admin:
    """A connection that may look at topics, and change them if its principal is allowed to."""

    def __init__(self, settings: Settings, client: Any) -> None:
        self.settings = settings
        self._client = client

    async def partitions(self) -> dict[str, int]:
        """Return the number of partitions of every topic there is."""
        async with answering(self.settings):
            # Metadata of all topics: asked for by name, a missing one would be made by a broker that may.
            found = await self._client.describe_topics(None)
        return {topic["topic"]: len(topic["partitions"]) for topic in found}

    async def brokers(self) -> int:
        """Return the number of brokers."""
        async with answering(self.settings):
            cluster = await self._client.describe_cluster()
        return len(cluster["brokers"])

    async def settings_of(self, topics: Iterable[str]) -> dict[str, dict[str, tuple[str, bool]]]:
        """Return per topic each setting's value, and whether it was set for this topic alone.

        A topic whose settings this principal may not read has none.
        """
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in sorted(topics)]
        if not wanted:
            return {}
        async with answering(self.settings):
            answers = await self._client.describe_configs(wanted)
        return {
            name: {entry[0]: (entry[1] or "", entry[3] == TOPIC_SOURCE) for entry in entries}
            for answer in answers
            for _, _, _, name, entries in answer.resources
        }

    async def create(self, name: str, partitions: int, replication: int, settings: Mapping[str, str]) -> None:
        """Make a topic, if there is none; raises BusRefused."""
        topic = NewTopic(name, partitions, replication, topic_configs=dict(settings))
        async with answering(self.settings):
            answer = await self._client.create_topics([topic])
        outcomes = ((error[0], error[1], error[2]) for error in answer.topic_errors)
        _refuse_errors(outcome for outcome in outcomes if outcome[1] != TopicAlreadyExistsError.errno)

    async def wait_until_listed(self, names: Iterable[str]) -> None:
        """Return once the brokers list these topics: they answer a creation a moment before they do."""
        async with answering(self.settings):
            while set(names) - set(await self.partitions()):  # noqa: ASYNC110  (it happens at the brokers)
                await asyncio.sleep(0.05)

    async def raise_partitions(self, name: str, partitions: int) -> None:
        """Add partitions until there are `partitions`."""
        async with answering(self.settings):
            await self._client.create_partitions({name: NewPartitions(partitions)})

    async def alter(self, name: str, settings: Mapping[str, str]) -> None:
        """Put these settings in force; what else was set for the topic falls back. Raises BusRefused."""
        async with answering(self.settings):
            answers = await self._client.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, name, configs=dict(settings))]
            )
        _refuse_errors((r[3], r[0], r[1]) for answer in answers for r in answer.resources)

    async def delete(self, names: Iterable[str]) -> None:
        """Delete topics with all they hold."""
        async with answering(self.settings):
            await self._client.delete_topics(sorted(names))


TOPIC_SOURCE = 1
"""The protocol's number for "set for this topic", as against a default."""


def _refuse_errors(outcomes: Iterable[tuple[str, int, str | None]]) -> None:
    for name, code, message in outcomes:
        if code:
            raise BusRefused(what=name, why=message or for_code(code).__name__)


@asynccontextmanager
async def open_admin(settings: Settings) -> AsyncIterator[Admin]:
    """Connect for the length of the block; raises BusAway."""
    client = AIOKafkaAdminClient(**client_options(settings))
    try:
        async with answering(settings):
            await started(client.start())
        yield Admin(settings, client)
    finally:
        await in_full(client.close())
