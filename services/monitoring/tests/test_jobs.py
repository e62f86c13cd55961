"""Jobs, marks and gauges of sources, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from thidua_monitoring.domain.sources import Sources, load_sources
from thidua_monitoring.errors import SourcesFileRefused
from thidua_monitoring.jobs import recount
from thidua_monitoring.queries import periods
from thidua_monitoring.service import SERVICE
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .ministry import LAND, ORGANISATION, at, campaign, months, roll, task

pytestmark = pytest.mark.anyio

DUE = date(2022, 3, 10)


async def test_a_source_vouches_through_the_api_for_itself_only(monitoring: RunningSuite, clock: ManualClock) -> None:
    await monitoring.deliver(campaign(), task("1", DUE))
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["reported"] is False
    clock.set(at(date(2022, 4, 1)))
    body = {"complete_until": "2022-04-01T00:00:00+07:00"}
    async with monitoring.client("monitoring", role="source:eoffice") as client:
        assert (await client.put("/sources/other/mark", json=body)).status_code == 403
        naive = {"complete_until": "2022-04-01T00:00:00"}
        assert (await client.put("/sources/eoffice/mark", json=naive)).status_code == 422
        assert (await client.put("/sources/eoffice/mark", json=body)).status_code == 200
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["reported"] is True


async def test_a_mark_never_moves_back(monitoring: RunningSuite) -> None:
    async with monitoring.client("monitoring", role="source:eoffice") as client:
        for day in (12, 10):
            await client.put("/sources/eoffice/mark", json={"complete_until": at(date(2022, 3, day)).isoformat()})
        (found,) = (await client.get("/sources")).json()["sources"]
    assert found["complete_until"].startswith("2022-03-12")


async def test_two_instances_that_roll_the_day_at_once_reclassify_each_task_once(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await monitoring.deliver(*(task(str(n), date(2022, 3, 20)) for n in range(20)))
    await monitoring.settle()
    clock.set(at(date(2022, 3, 25)))
    await asyncio.gather(*(monitoring.run_job("monitoring", "roll_day") for _ in range(3)))
    await monitoring.settle()
    row = (await months(monitoring))[LAND, "2022-03"]
    assert (row["due"], row["overdue"], row["open"], row["as_of"]) == (20, 20, 0, "2022-03-25")


async def test_the_day_never_rolls_back(monitoring: RunningSuite, clock: ManualClock) -> None:
    await monitoring.deliver(task("1", date(2022, 3, 20)))
    await roll(monitoring, clock, date(2022, 3, 25))
    await roll(monitoring, clock, date(2022, 3, 18))
    row = (await months(monitoring))[LAND, "2022-03"]
    assert (row["overdue"], row["as_of"]) == (1, "2022-03-25")


async def test_a_recount_finds_a_counter_that_somebody_changed_by_hand(monitoring: RunningSuite) -> None:
    await monitoring.deliver(task("1", DUE))
    await monitoring.settle()
    async with monitoring.transaction("monitoring") as tx:
        await tx.execute(text("update month_counter set overdue = 7"))
    await monitoring.run_job("monitoring", "recount")
    running = monitoring.suite.services["monitoring"]
    await running.refresh_gauges()
    wrong = {s.labels["counter"]: s.value for s in running.meters.gauges.samples if s.name.endswith("difference")}
    assert {name for name, value in wrong.items() if value} == {"overdue"}


async def test_neither_the_day_nor_a_mark_waits_for_a_recount(monitoring: RunningSuite) -> None:
    await monitoring.deliver(task("1", DUE))
    await monitoring.settle()
    async with monitoring.transaction("monitoring") as recounting, monitoring.transaction("monitoring") as tx:
        await recount(DUE, recounting)
        await tx.execute(text("set local lock_timeout = '500ms'"))
        await periods.lock_as_of(tx)


async def test_fates_of_events_are_forgotten_with_the_inbox(monitoring: RunningSuite, clock: ManualClock) -> None:
    await monitoring.deliver(task("1", DUE, version=2))
    await monitoring.settle()
    await monitoring.deliver(task("1", DUE, version=1))
    await monitoring.settle()
    async with monitoring.transaction("monitoring") as tx:
        await tx.execute(text("update source_event set last_at = :old"), old=clock.now() - timedelta(days=36))
    await monitoring.run_job("monitoring", "forget_events")
    async with monitoring.transaction("monitoring") as tx:
        assert await tx.rows(text("select * from source_event")) == []


async def test_a_month_that_waits_shows_why_among_the_gauges(monitoring: RunningSuite, clock: ManualClock) -> None:
    await monitoring.deliver(campaign(), task("1", DUE))
    await monitoring.settle()
    async with monitoring.client("monitoring", role="source:eoffice") as client:
        await client.put("/sources/eoffice/mark", json={"complete_until": at(DUE).isoformat()})
    await roll(monitoring, clock, date(2022, 4, 6))
    running = monitoring.suite.services["monitoring"]
    await running.refresh_gauges()
    samples = running.meters.gauges.samples
    blocked = {s.labels["reason"]: s.value for s in samples if s.name == "thidua_period_close_blocked"}
    assert blocked == {"source_behind": 1, "lag": 0, "dead_letters": 0}
    (until,) = [s.value for s in samples if s.name == "thidua_source_complete_until_timestamp_seconds"]
    assert until == at(DUE).timestamp()


async def test_a_code_the_sources_file_has_gained_lets_waiting_tasks_in(
    suite: SuiteFactory, clock: ManualClock, tmp_path: Path
) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text("sources: [{name: eoffice}]\n")
    async with suite(SERVICE, clock=clock, sources_file=file) as running:
        await running.deliver(*ORGANISATION, task("1", DUE, of="H26.01"))
        await running.settle()
        assert await months(running) == {}
        file.write_text("sources: [{name: eoffice, units: {H26.01: stnmt-01}}]\n")
        load_sources.cache_clear()
        await running.run_job("monitoring", "retry_references")
        await running.settle()
        assert (await months(running))[LAND, "2022-03"]["due"] == 1


def test_a_sources_file_that_cannot_be_used_is_refused_by_name(tmp_path: Path) -> None:
    for number, wrong in enumerate(("sources: [{}]", "sources: [{name: a, colour: red}]", "sources: {", "- 1")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(wrong)
        with pytest.raises(SourcesFileRefused, match=file.name) as refused:
            load_sources(file)
        assert "validation error" not in str(refused.value)
        if number == 1:
            assert "sources.0.colour: extra inputs are not permitted" in str(refused.value)
    with pytest.raises(SourcesFileRefused):
        load_sources(tmp_path / "absent.yaml")


def test_a_source_nobody_configured_is_unknown_in_metrics() -> None:
    configured = Sources.model_validate({"sources": [{"name": "eoffice"}], "configured": True})
    assert [configured.label(name) for name in ("eoffice", "la")] == ["eoffice", "unknown"]
    assert [Sources().label(name) for name in ("la", "Tên dài")] == ["la", "unknown"]
