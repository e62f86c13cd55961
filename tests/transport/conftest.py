"""Gives every test of this folder a world on the transport that its module names in the fixture `open_world`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from thidua_runtime.testing_databases import Databases

pytest.register_assert_rewrite("tests.transport.suite", "tests.transport.followers")

from .world import World  # noqa: E402


@pytest.fixture
async def world(
    open_world: Callable[[Databases], AbstractAsyncContextManager[World]], databases: Databases
) -> AsyncIterator[World]:
    async with open_world(databases) as opened:
        yield opened
