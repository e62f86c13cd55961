"""The promises on a real broker."""

from __future__ import annotations

from typing import Any

import pytest

from .followers import FollowerPromises
from .suite import TransportPromises
from .world import kafka_world

pytestmark = [pytest.mark.anyio, pytest.mark.kafka]


@pytest.fixture
def open_world() -> Any:
    return kafka_world


class TestTransport(TransportPromises):
    pass


class TestFollowers(FollowerPromises):
    pass
