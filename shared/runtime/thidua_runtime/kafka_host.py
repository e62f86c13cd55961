"""A process that hosts services on Kafka and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from thidua_runtime.clock import Clock, SystemClock
from thidua_runtime.errors import SettingMissing
from thidua_runtime.host import Host, open_doors
from thidua_runtime.kafka import open_kafka_bus
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings, check_doors
from thidua_runtime.suite import open_suite


@asynccontextmanager
async def kafka_host(
    services: Sequence[Service], settings: Settings, clock: Clock | None = None, *, jobs_by_clock: bool = True
) -> AsyncIterator[Host]:
    """Serve services on Kafka and PostgreSQL until the block ends, by the machine's clock unless another is given.

    Raises SettingMissing, OpenDoorRefused, TopicsWrong, SchemaBehind or OffsetsBehind before consuming.
    """
    check_doors(settings)
    if not settings.kafka_servers:
        raise SettingMissing(name="KAFKA_SERVERS", meaning="give the brokers, or use `thidua up` without Kafka.")
    urls = {service.name: settings.url_of(service.name) for service in services}
    known = {name: url for name, url in urls.items() if url is not None}
    if len(known) < len(urls):
        raise SettingMissing(name="DATABASE_URL", meaning="give the PostgreSQL address of the service.")
    bus = await open_kafka_bus(settings)
    try:
        async with open_suite(
            services, known, bus, settings, clock or SystemClock(), jobs_by_clock=jobs_by_clock
        ) as suite:
            await suite.wait_until_started()
            async with open_doors(suite, settings, link=False) as host:
                yield host
    finally:
        await bus.close()
