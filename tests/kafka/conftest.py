"""A world on the real broker for each test of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ..transport.world import World, kafka_world


@pytest.fixture
async def world(postgres_folder: str) -> AsyncIterator[World]:
    async with kafka_world(postgres_folder) as opened:
        yield opened
