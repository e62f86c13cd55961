"""When months of people are published: together, behind the heartbeat's back never, and once they have begun."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from thidua.contracts import SourceMark
from thidua_monitoring.commands import results, tasks
from thidua_monitoring.commands.decisions import arrivals_of
from thidua_monitoring.commands.tasks import merge_reports
from thidua_monitoring.queries import months as months_queries
from thidua_monitoring.queries import publishing
from thidua_runtime.clock import ManualClock
from thidua_runtime.database import Database, written
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER
from thidua_runtime.testing import RunningSuite

from .ministry import AN, LAND, at, campaign, months, person, roll, task, unit

pytestmark = pytest.mark.anyio

AN_WORKS = [{"code": "nv-an"}]
NOTED = text("""
insert into month_to_publish (month, subject) select '2022-03', unnest(cast(:subjects as text[]))
""")


async def test_months_of_many_people_stand_in_the_log_before_the_heartbeat_that_follows_them(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(months_queries, "PEOPLE_AT_ONCE", 0)
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
    monkeypatch.setattr(months_queries, "PEOPLE_AT_ONCE", 0)
    database = monitoring.suite.services["monitoring"].database
    await monitoring.deliver(task("1", date(2022, 3, 10), assignees=AN_WORKS))
    await monitoring.suite.settle(loops=False)
    async with asyncio.TaskGroup() as beside, database.transaction() as batch:
        second = task("2", date(2022, 3, 10), assignees=AN_WORKS)
        await merge_reports(batch, arrivals_of(batch, [(second, None)]))
        beside.create_task(results.publish_people(database))
        await _until_somebody_waits(database)
    await results.publish_people(database)
    await monitoring.settle()
    assert (await months(monitoring))[AN, "2022-03"]["overdue"] == 2


async def test_figures_read_before_a_change_never_follow_those_of_the_change_in_the_log(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = monitoring.suite.services["monitoring"].database
    with monkeypatch.context() as patch:
        patch.setattr(months_queries, "PEOPLE_AT_ONCE", 0)
        await monitoring.deliver(task("1", date(2022, 3, 10), assignees=AN_WORKS))
        await monitoring.suite.settle(loops=False)
    async with asyncio.TaskGroup() as beside, database.transaction() as batch:
        second = task("2", date(2022, 3, 10), assignees=AN_WORKS)
        await merge_reports(batch, arrivals_of(batch, [(second, None)]))
        await batch.flush()
        beside.create_task(results.publish_people(database))
        await _until_somebody_waits(database)
    await monitoring.settle()
    assert (await months(monitoring))[AN, "2022-03"]["overdue"] == 2


async def test_what_is_noted_while_others_are_taken_keeps_none_of_them_behind_the_heartbeat(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = monitoring.suite.services["monitoring"].database
    monkeypatch.setattr(results, "PEOPLE_PER_TURN", 1)
    take, earlier = months_queries.take_put_off, ["cb-0", "cb-1", "cb-2"]

    async def take_late(*given: Any) -> list[months_queries.Pair]:
        if earlier:
            await database.alone(NOTED, subjects=[earlier.pop()])
        return await take(*given)

    await database.alone(NOTED, subjects=["cb-7", "cb-8"])
    monkeypatch.setattr(months_queries, "take_put_off", take_late)
    await results.publish_people(database)
    left = {row.subject for row in await database.alone(text("select subject from month_to_publish"))}
    assert not left & {"cb-7", "cb-8"}


async def test_months_of_many_people_are_published_as_soon_as_a_burst_is_over(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"MANY_PUT_OFF": 1, "CALM_SECONDS": 0.01}.items():
        monkeypatch.setattr(results, name, value)
    monkeypatch.setattr(months_queries, "PEOPLE_AT_ONCE", 0)
    monkeypatch.setattr(tasks, "PEOPLE_AT_ONCE", 0)
    service = monitoring.suite.services["monitoring"]
    results.moved(service.database).clear()
    await monitoring.deliver(task("1", date(2022, 3, 10), assignees=AN_WORKS))
    await monitoring.suite.settle(loops=False)
    assert results.moved(service.database).is_set()
    watch = asyncio.create_task(results.publish_after_bursts(service))
    try:
        async with asyncio.timeout(10):
            while (AN, "2022-03") not in await months(monitoring):
                await monitoring.suite.settle(loops=False)
    finally:
        watch.cancel()


async def _until_somebody_waits(database: Database) -> None:
    waiting = text("select count(*) from pg_locks where not granted")
    async with asyncio.timeout(10):
        while not (await database.alone(waiting))[0][0]:  # noqa: ASYNC110  (it happens in PostgreSQL)
            await asyncio.sleep(0.01)


async def test_a_month_of_a_person_is_published_once_it_has_begun(monitoring: RunningSuite, clock: ManualClock) -> None:
    await roll(monitoring, clock, date(2022, 3, 20))
    await monitoring.deliver(task("1", date(2022, 4, 10), assignees=AN_WORKS))
    await monitoring.settle()
    assert (LAND, "2022-04") in await months(monitoring)
    assert (AN, "2022-04") not in await months(monitoring)
    await roll(monitoring, clock, date(2022, 4, 2))
    assert (await months(monitoring))[AN, "2022-04"]["open"] == 1


async def test_a_body_made_by_sql_is_to_the_byte_the_one_the_contract_writes(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    odd = 'đơn "vị" \\ số 3'
    await monitoring.deliver(unit(odd, "stnmt-03"), person("cb-3", "nv-3", odd), campaign())
    await monitoring.settle()
    works = [{"code": "nv-3"}]
    await monitoring.deliver(
        task("1", date(2022, 3, 10), of="stnmt-03", assignees=works),
        task("2", date(2022, 2, 10), done=date(2022, 2, 14), of="stnmt-03", assignees=works),
        task("3", date(2022, 3, 12), done=date(2022, 3, 11), secret=True, of="stnmt-03"),
        task("4", date(2022, 3, 20), assignees=AN_WORKS, weight="1.5"),
        SourceMark(source="eoffice", complete_until=at(date(2022, 4, 1))),
    )
    await monitoring.settle()
    async with monitoring.transaction("monitoring") as tx:
        pairs = [(row.month, row.subject) for row in await tx.rows(text("select month, subject from month_counter"))]
        left = await publishing.publish_counted(tx, pairs, date(2022, 3, 15))
        assert sorted(left) == [("2022-03", AN), ("2022-03", LAND)]
        kept = {row.key: row for row in await tx.rows(text("select key, digest from thidua.published"))}
        rows = await months_queries.figures(tx, pairs)
    states = [results.state_of(row, (), date(2022, 3, 15)) for row in rows if (row.month, row.subject) not in left]
    assert [state.key for state in states] == ["cb-3/2022-02", f"{odd}/2022-02", "cb-3/2022-03", f"{odd}/2022-03"]
    assert [kept[state.key].digest for state in states] == [written(state)[1] for state in states]
