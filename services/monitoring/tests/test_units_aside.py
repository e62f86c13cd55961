"""What bursts come to for units: set aside for moments, counted together, and known to whoever needs the figures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import text

from thidua_monitoring.commands import results, tasks
from thidua_monitoring.commands.months import roll_to
from thidua_monitoring.queries import recounting, set_aside
from thidua_monitoring.queries.months import Pair
from thidua_runtime.clock import ManualClock
from thidua_runtime.database import Database, Transaction
from thidua_runtime.testing import RunningSuite

from .ministry import LAND, campaign, months, roll, task

pytestmark = pytest.mark.anyio

DUE = date(2022, 3, 10)
WAITING = text("select count(*) as rows from units_moved")
COUNTED = text("select count(*) as rows from month_counter where not individual")
PUT_OFF = text("insert into units_moved (months, subjects, put_off) values ('2022-03', :unit, true)")


@pytest.fixture
def everything_is_a_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WORTH_COPYING": 1, "UNITS_AT_ONCE": 0}.items():
        monkeypatch.setattr(tasks, name, value)


def database_of(running: RunningSuite) -> Database:
    return running.suite.services["monitoring"].database


async def burst(running: RunningSuite, *numbers: str, version: int = 1, done: date | None = None) -> None:
    for number in numbers:
        await running.deliver(task(number, DUE, version=version, done=done))
        await running.suite.settle(loops=False)


async def waiting(running: RunningSuite) -> tuple[int, int]:
    """Return how many batches are set aside, and how many counters of units there are."""
    database = database_of(running)
    return (await database.alone(WAITING))[0].rows, (await database.alone(COUNTED))[0].rows


async def recount_differs(running: RunningSuite) -> bool:
    async with running.transaction("monitoring") as tx:
        return any((await recounting.differences(tx, date(2022, 3, 15))).values())


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_batches_of_a_burst_move_a_units_counter_once_and_a_recount_misses_nothing(
    monitoring: RunningSuite,
) -> None:
    await burst(monitoring, "1", "2", "3")
    assert await waiting(monitoring) == (3, 0)
    assert not await recount_differs(monitoring)
    await results.publish_put_off(database_of(monitoring))
    assert await waiting(monitoring) == (0, 1)
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["overdue"] == 3
    assert not await recount_differs(monitoring)


async def test_figures_that_lack_what_is_set_aside_are_shown_with_it_and_published_later(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    await monitoring.deliver(campaign())
    await monitoring.settle()
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "WORTH_COPYING", 1)
        patch.setattr(tasks, "UNITS_AT_ONCE", 0)
        await burst(monitoring, "1")
    results.moved(database_of(monitoring)).clear()
    await burst(monitoring, "1", version=2, done=DUE)
    assert (await months(monitoring)).get((LAND, "2022-03"), {}).get("due") != 1, "only the second report is counted"
    assert results.moved(database_of(monitoring)).is_set()
    assert not await recount_differs(monitoring)
    async with monitoring.client("monitoring", role="office") as client:
        found = (await client.get("/months/2022-03")).json()["units"]
    (line,) = [each for each in found if each["unit"] == LAND]
    assert (line["due"], line["on_time"], line["overdue"]) == (1, 1, 0)
    await results.publish_put_off(database_of(monitoring))
    await monitoring.suite.settle(loops=False)
    row = (await months(monitoring))[LAND, "2022-03"]
    assert (row["due"], row["on_time"], row["overdue"]) == (1, 1, 0)


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_a_month_that_another_change_moves_while_it_is_counted_is_published_by_the_next_who_counts(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, count, late = database_of(monitoring), set_aside.count_units, [LAND]
    published: list[Sequence[Pair]] = []

    async def count_late(tx: Transaction) -> list[Pair]:
        found = await count(tx)
        if late:
            await database.alone(PUT_OFF, unit=late.pop())
        return found

    async def publish(tx: Transaction, pairs: Sequence[Pair]) -> None:
        published.append(pairs)
        await publish_all(tx, pairs)

    publish_all = results._publish_all
    await burst(monitoring, "1")
    monkeypatch.setattr(set_aside, "count_units", count_late)
    monkeypatch.setattr(results, "_publish_all", publish)
    await results.publish_put_off(database)
    assert [pairs for pairs in published if pairs] == [[("2022-03", LAND)]]
    assert await waiting(monitoring) == (0, 1)


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_a_month_is_closed_and_a_day_begun_with_what_is_set_aside(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await monitoring.deliver(campaign())
    await monitoring.settle()
    await burst(monitoring, "1", done=DUE)
    async with monitoring.transaction("monitoring") as tx:
        await roll_to(tx, date(2022, 3, 16))
    assert await waiting(monitoring) == (0, 1)
    await roll(monitoring, clock, date(2022, 4, 6))
    assert (await months(monitoring))[LAND, "2022-03"]["on_time"] == 1
    await burst(monitoring, "2", done=DUE)
    async with monitoring.client("monitoring", role="office") as client:
        answer = await client.post("/months/2022-03/close", json={"reason": "QĐ 12"})
    assert answer.status_code == 200, answer.text
    await monitoring.suite.settle(loops=False)
    assert (await waiting(monitoring))[0] == 0
    row = (await months(monitoring))[LAND, "2022-03"]
    assert (row["state"], row["on_time"]) == ("closed", 2)


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_units_are_told_of_while_a_burst_goes_on(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LONGEST_ASIDE_SECONDS": 0.2, "CALM_SECONDS": 0.01}.items():
        monkeypatch.setattr(results, name, value)
    service = monitoring.suite.services["monitoring"]

    async def behind(_: object) -> int:
        return 1

    monkeypatch.setattr(service.database, "lag", behind)
    await burst(monitoring, "1")
    assert await waiting(monitoring) == (1, 0)
    watch = asyncio.create_task(results.publish_after_bursts(service))
    try:
        async with asyncio.timeout(10):
            while (LAND, "2022-03") not in await months(monitoring):
                await monitoring.suite.settle(loops=False)
    finally:
        watch.cancel()


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_a_heartbeat_waits_for_the_end_of_a_burst_but_not_for_long(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, lags = database_of(monitoring), [3, 2, 1, 0]

    async def shrinking(_: object) -> int:
        return lags.pop(0) if len(lags) > 1 else lags[0]

    monkeypatch.setattr(results, "CALM_SECONDS", 0.01)
    monkeypatch.setattr(database, "lag", shrinking)
    await burst(monitoring, "1")
    await results.publish_put_off(database)
    assert lags == [0], "it came back before the burst was over"
    lags[:] = [1]
    monkeypatch.setattr(results, "LONGEST_BURST_SECONDS", 0.1)
    await burst(monitoring, "2")
    await results.publish_put_off(database)
    assert await waiting(monitoring) == (0, 1)
