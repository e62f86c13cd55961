"""Where commands work on databases and streams: in one folder, or at the Kafka and PostgreSQL of the settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from thidua_runtime.bus import Bus
from thidua_runtime.clock import Clock, SystemClock
from thidua_runtime.database import Database, open_database
from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.errors import SettingMissing
from thidua_runtime.migrate import check_schema
from thidua_runtime.postgres import BUS_DATABASE, database_name, socket_url, start_postgres
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings


@dataclass(frozen=True)
class Place:
    """The bus, and the databases of some services; nothing of it runs."""

    bus: Bus
    databases: Mapping[str, Database]
    services: Mapping[str, Service]


@asynccontextmanager
async def open_place(data: Path | None, services: Sequence[Service], settings: Settings) -> AsyncIterator[Place]:
    """Open the databases of `services` in a folder, or those that the settings name.

    Raises SettingMissing, SchemaBehind or BusAway.
    """
    async with AsyncExitStack() as stack:
        if data is None:
            bus, urls, clock = await _on_kafka(services, settings)
        else:
            bus, urls, clock = await _in_folder(data, services, settings)
        stack.push_async_callback(bus.close)
        databases = {}
        for service in services:
            databases[service.name] = open_database(urls[service.name], service, settings, clock)
            stack.push_async_callback(databases[service.name].close)
            await check_schema(databases[service.name].engine, service)
        yield Place(bus, databases, {service.name: service for service in services})


async def _in_folder(data: Path, services: Sequence[Service], settings: Settings) -> tuple[Bus, dict[str, str], Clock]:
    # The doors of a host are imported with it: only who works on a folder waits for them.
    from thidua_runtime.host import stored_clock  # noqa: PLC0415

    socket_folder = await asyncio.to_thread(start_postgres, data / "postgres")
    urls = {one.name: socket_url(socket_folder, database_name(one.name)) for one in services}
    bus = await open_embedded_bus(socket_url(socket_folder, BUS_DATABASE), settings.fetch_max_records)
    return bus, urls, stored_clock(data)


async def _on_kafka(services: Sequence[Service], settings: Settings) -> tuple[Bus, dict[str, str], Clock]:
    # Only who reads from Kafka waits for its client to be imported.
    from thidua_runtime.kafka import open_kafka_bus  # noqa: PLC0415

    if not settings.kafka_servers:
        raise SettingMissing(name="KAFKA_SERVERS", meaning="give the brokers, or a folder with --data.")
    urls = {}
    for service in services:
        url = settings.url_of(service.name)
        if url is None:
            raise SettingMissing(name="DATABASE_URL", meaning="give the PostgreSQL address of the service.")
        urls[service.name] = url
    return await open_kafka_bus(settings), urls, SystemClock()
