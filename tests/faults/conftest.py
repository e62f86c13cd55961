"""The ground of the simulation; a world on the real broker for foreign producers and real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from thidua_runtime.testing_databases import Databases

from ..transport.world import World, kafka_world
from .ground import Ground, open_ground


@pytest.fixture
async def ground(databases: Databases) -> AsyncIterator[Ground]:
    async with open_ground(databases) as opened:
        yield opened


@pytest.fixture
async def world(databases: Databases) -> AsyncIterator[World]:
    async with kafka_world(databases) as opened:
        yield opened
