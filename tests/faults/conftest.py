"""A world on the real broker for the tests that foreign producers and real processes need."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from thidua_runtime.testing_databases import Databases

from ..transport.world import World, kafka_world


@pytest.fixture
async def world(databases: Databases) -> AsyncIterator[World]:
    async with kafka_world(databases) as opened:
        yield opened
