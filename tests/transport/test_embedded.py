"""The promises on the embedded log."""

from __future__ import annotations

from typing import Any

import pytest

from .followers import FollowerPromises
from .suite import TransportPromises
from .world import World, embedded_world

pytestmark = pytest.mark.anyio


@pytest.fixture
def open_world() -> Any:
    return embedded_world


class TestTransport(TransportPromises):
    @pytest.mark.xfail(reason="The embedded log is read by one process alone, which needs no partitions.", strict=True)
    async def test_two_readers_of_one_service_share_the_partitions(self, world: World) -> None:
        await super().test_two_readers_of_one_service_share_the_partitions(world)


class TestFollowers(FollowerPromises):
    pass
