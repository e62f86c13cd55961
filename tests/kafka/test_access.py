"""What the client library would do otherwise: leave connections open, and wait between transactions."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest
from aiokafka.producer import sender

from thidua_runtime.kafka import publisher
from thidua_runtime.kafka.admin import open_admin

from ..faults.wire import Wire
from ..prometheus.scraping import free_port
from ..transport.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.kafka]


async def test_a_client_that_is_cancelled_while_it_connects_leaves_no_connection_open(world: World) -> None:
    host, port = world.settings.kafka_servers.split(":")
    assert host == "127.0.0.1"
    wire = Wire(free_port(), int(port))
    wire.delay_seconds = 0.03
    await wire.mend()
    settings = world.settings.model_copy(update={"kafka_servers": f"127.0.0.1:{wire.port}"})

    async def connect() -> None:
        async with open_admin(settings):
            await asyncio.sleep(60)

    gc.collect()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        for hundredth in range(20):
            connecting = asyncio.create_task(connect())
            await asyncio.sleep(hundredth / 100)
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
        del connecting
        gc.collect()
    await wire.close()
    assert [str(each.message) for each in seen] == []


async def test_the_client_asks_again_at_once_while_the_broker_marks_the_last_transaction() -> None:
    refused = sender.AddPartitionsToTxnHandler.handle_response.__code__
    assert "BACKOFF_OVERRIDE" in refused.co_names, "the client waits by another name now"
    assert publisher.sender.BACKOFF_OVERRIDE == sender.BACKOFF_OVERRIDE == 0.002
