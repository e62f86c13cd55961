"""Fixtures of the monitoring tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from thidua_monitoring.service import SERVICE
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .ministry import ORGANISATION, at


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(at(date(2022, 3, 15)))


@pytest.fixture
async def monitoring(suite: SuiteFactory, clock: ManualClock) -> AsyncIterator[RunningSuite]:
    """A running monitoring service that knows two units and a person, on 15 March 2022."""
    async with suite(SERVICE, clock=clock) as running:
        await running.deliver(*ORGANISATION)
        await running.settle()
        yield running
