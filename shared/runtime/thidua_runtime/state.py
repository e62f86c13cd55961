"""The canonical state of a whole suite, embedded or on Kafka."""

from __future__ import annotations

import asyncio
from pathlib import Path

from thidua_runtime.bus import Bus
from thidua_runtime.canonical import canonical, owned_streams, read_streams
from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.postgres import BUS_DATABASE, socket_url, start_postgres
from thidua_runtime.settings import Settings


async def state_of(data: Path | None, settings: Settings) -> str:
    """Return the canonical state of the suite in a folder, or of the one whose streams are on Kafka."""
    bus = await _open_bus(data, settings)
    try:
        return canonical(await read_streams(bus, owned_streams()))
    finally:
        await bus.close()


async def _open_bus(data: Path | None, settings: Settings) -> Bus:
    if data is not None:
        socket_folder = await asyncio.to_thread(start_postgres, data / "postgres")
        return await open_embedded_bus(socket_url(socket_folder, BUS_DATABASE), settings.fetch_max_records)
    # Only who reads from Kafka waits for its client to be imported.
    from thidua_runtime.kafka import open_kafka_bus  # noqa: PLC0415

    return await open_kafka_bus(settings)
