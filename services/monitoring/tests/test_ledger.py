"""The ledger and its counters, on a real PostgreSQL."""

from __future__ import annotations

from datetime import date

import pytest
from thidua_monitoring.queries import recounting
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import RunningSuite, schema_difference

from .ministry import LAND, months, roll, task

pytestmark = pytest.mark.anyio


async def test_the_migrated_schema_equals_the_metadata(monitoring: RunningSuite) -> None:
    assert await schema_difference(monitoring, "monitoring") == []


async def test_a_task_moves_from_open_to_on_time_when_its_deadline_has_passed(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await monitoring.deliver(
        task("1", date(2022, 3, 20), done=date(2022, 3, 18)), task("2", date(2022, 3, 20)), task("3", date(2022, 3, 10))
    )
    await monitoring.settle()
    before = (await months(monitoring))[LAND, "2022-03"]
    assert (before["due"], before["on_time"], before["open"], before["overdue"]) == (1, 0, 2, 1)
    await roll(monitoring, clock, date(2022, 3, 21))
    after = (await months(monitoring))[LAND, "2022-03"]
    assert (after["due"], after["on_time"], after["open"], after["overdue"]) == (3, 1, 0, 2)
    async with monitoring.transaction("monitoring") as tx:
        assert set((await recounting.differences(tx, date(2022, 3, 21))).values()) == {0}
