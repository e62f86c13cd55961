"""When months of people are published: together, behind the heartbeat's back never, and once they have begun."""

from __future__ import annotations

from datetime import date

import pytest

from thidua_monitoring.commands import results
from thidua_monitoring.commands.decisions import arrivals_of
from thidua_monitoring.commands.tasks import merge_reports
from thidua_runtime.clock import ManualClock
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER
from thidua_runtime.testing import RunningSuite

from .ministry import AN, LAND, months, roll, task

pytestmark = pytest.mark.anyio

AN_WORKS = [{"code": "nv-an"}]


async def test_months_of_many_people_stand_in_the_log_before_the_heartbeat_that_follows_them(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "PEOPLE_AT_ONCE", 0)
    service = monitoring.suite.services["monitoring"]
    await monitoring.deliver(task("1", date(2022, 3, 10), assignees=AN_WORKS))
    await monitoring.suite.settle(loops=False)
    assert (LAND, "2022-03") in await months(monitoring)
    assert (AN, "2022-03") not in await months(monitoring)
    await service.relay.write_heartbeats()
    await monitoring.suite.settle(loops=False)
    records = await monitoring.bus.everything("monthly-results")
    beats = [r.offset for r in records if r.header(TYPE_HEADER) == HEARTBEAT]
    of_an = [r.offset for r in records if r.key == f"{AN}/2022-03".encode()]
    assert len(of_an) == 1
    assert of_an[0] < max(beats)


async def test_a_month_that_moves_while_it_is_published_is_published_once_more(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "PEOPLE_AT_ONCE", 0)
    database = monitoring.suite.services["monitoring"].database
    await monitoring.deliver(task("1", date(2022, 3, 10), assignees=AN_WORKS))
    await monitoring.suite.settle(loops=False)
    async with database.transaction() as batch:
        second = task("2", date(2022, 3, 10), assignees=AN_WORKS)
        await merge_reports(batch, arrivals_of(batch, [(second, None)]))
        await results.publish_people(database)
    await results.publish_people(database)
    await monitoring.settle()
    assert (await months(monitoring))[AN, "2022-03"]["overdue"] == 2


async def test_a_month_of_a_person_is_published_once_it_has_begun(monitoring: RunningSuite, clock: ManualClock) -> None:
    await roll(monitoring, clock, date(2022, 3, 20))
    await monitoring.deliver(task("1", date(2022, 4, 10), assignees=AN_WORKS))
    await monitoring.settle()
    assert (LAND, "2022-04") in await months(monitoring)
    assert (AN, "2022-04") not in await months(monitoring)
    await roll(monitoring, clock, date(2022, 4, 2))
    assert (await months(monitoring))[AN, "2022-04"]["open"] == 1
