"""`thidua state`: the canonical state of a suite, for comparing two runs of one story."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from thidua_runtime.bus import Bus
from thidua_runtime.canonical import canonical, owned_streams, read_streams
from thidua_runtime.embedded import open_embedded_bus
from thidua_runtime.postgres import BUS_DATABASE, socket_url, start_postgres
from thidua_runtime.settings import Settings, read_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("state")(state)


def state(
    data: Annotated[Path | None, typer.Option(help="Folder of an embedded suite; without it, Kafka is read.")] = None,
) -> None:
    """Print the canonical state: natural keys, no versions, ids or arrival times, sorted."""
    typer.echo(asyncio.run(_state(data, read_settings())), nl=False)


async def _state(data: Path | None, settings: Settings) -> str:
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
