"""For tests: a province of its own on a real broker, and a client such as a foreign producer uses."""

from __future__ import annotations

import os
import secrets
import socket
import string
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from thidua_runtime.errors import BusAway
from thidua_runtime.kafka.access import client_options, topic_name
from thidua_runtime.kafka.admin import open_admin
from thidua_runtime.kafka.publisher import partition_of
from thidua_runtime.kafka.wanted import WANTED
from thidua_runtime.records import Outgoing
from thidua_runtime.settings import Settings

ADDRESS = "127.0.0.1:19092"


def trial_settings(**changes: Any) -> Settings:
    """Return settings for a province that nobody else uses, at the broker that THIDUA_TEST_KAFKA names."""
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
    return Settings.model_validate(
        {
            "province": f"thu-{letters}",
            "kafka_servers": os.environ.get("THIDUA_TEST_KAFKA", ADDRESS),
            "kafka_replication": 1,
            "heartbeat_seconds": 300,
            **changes,
        }
    )


def require_broker(settings: Settings) -> None:
    """Fail the running test if no broker answers: what needs one is marked `kafka`, and left out by its mark alone."""
    host, _, port = settings.kafka_servers.partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), 2).close()
    except OSError as error:
        pytest.fail(f"No broker answers at {settings.kafka_servers} ({error}); start one with `make kafka`.")


@asynccontextmanager
async def trial_topics(settings: Settings, streams: Iterable[str]) -> AsyncIterator[None]:
    """Make the topics of these streams as wanted; delete every topic of the province afterwards."""
    names = {stream: topic_name(settings, stream) for stream in streams}
    async with open_admin(settings) as admin:
        for stream, name in names.items():
            topic = WANTED[stream]
            await admin.create(name, topic.partitions, 1, topic.settings_with(1))
        await admin.wait_until_listed(names.values())
    try:
        yield
    finally:
        prefix = f"thidua.{settings.province}."
        with suppress(BusAway):
            async with open_admin(settings) as admin:
                await admin.delete(name for name in await admin.partitions() if name.startswith(prefix))


async def send_as_foreigner(settings: Settings, records: Sequence[Outgoing], compression: str | None = None) -> None:
    """Send records without a transaction, as a producer that knows nothing of this suite does."""
    producer = AIOKafkaProducer(**client_options(settings), compression_type=compression, max_request_size=4_000_000)
    await producer.start()
    try:
        waiting = []
        for record in records:
            topic = topic_name(settings, record.stream)
            partition = partition_of(record, len(await producer.partitions_for(topic)))
            key = record.key.encode("utf-8", "surrogateescape")
            waiting.append(await producer.send(topic, record.body, key, partition, headers=list(record.headers)))
        for each in waiting:
            await each
    finally:
        await producer.stop()
