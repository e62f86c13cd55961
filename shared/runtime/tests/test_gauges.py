"""Gauges: a running service looks at its database by itself."""

from __future__ import annotations

import asyncio

import pytest

from thidua_runtime.testing import SuiteFactory

from .small import SMALL

pytestmark = pytest.mark.anyio


async def test_gauges_come_soon_after_the_start_without_being_asked_for(suite: SuiteFactory) -> None:
    async with suite(SMALL) as running:
        meters = running.suite.services["small"].meters
        async with asyncio.timeout(10):
            while not meters.gauges.samples:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert "thidua_outbox_events" in {sample.name for sample in meters.gauges.samples}
