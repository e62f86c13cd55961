"""What bursts come to for people: set aside, counted once, and never forgotten by whoever needs the figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
from sqlalchemy import text

from thidua.contracts import Document, Erasure
from thidua_monitoring.commands import results, tasks
from thidua_monitoring.queries import months as months_queries
from thidua_monitoring.queries import recounting, set_aside
from thidua_runtime.clock import ManualClock
from thidua_runtime.database import Transaction
from thidua_runtime.testing import RunningSuite

from .ministry import AN, LAND, campaign, months, roll, task

pytestmark = pytest.mark.anyio

AN_WORKS = [{"code": "nv-an"}]
DUE = date(2022, 3, 10)
WAITING = text("select count(*) as rows from people_moved")
COUNTED = text("select count(*) as rows from month_counter where individual")


@pytest.fixture
def everything_is_a_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "WORTH_COPYING", 1)
    monkeypatch.setattr(tasks, "PEOPLE_AT_ONCE", 0)


async def burst(running: RunningSuite, *numbers: str, done: date | None = None) -> None:
    for number in numbers:
        await running.deliver(task(number, DUE, done=done, assignees=AN_WORKS))
        await running.suite.settle(loops=False)


async def waiting(running: RunningSuite) -> tuple[int, int]:
    """Return how many batches are set aside, and how many counters of people there are."""
    database = running.suite.services["monitoring"].database
    return (await database.alone(WAITING))[0].rows, (await database.alone(COUNTED))[0].rows


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_batches_of_a_burst_move_a_persons_counter_once_and_a_recount_misses_nothing(
    monitoring: RunningSuite,
) -> None:
    await burst(monitoring, "1", "2", "3")
    assert await waiting(monitoring) == (3, 0)
    assert (LAND, "2022-03") in await months(monitoring)
    async with monitoring.transaction("monitoring") as tx:
        assert not any((await recounting.differences(tx, date(2022, 3, 15))).values())
    await results.publish_people(monitoring.suite.services["monitoring"].database)
    assert await waiting(monitoring) == (0, 1)
    await monitoring.settle()
    assert (await months(monitoring))[AN, "2022-03"]["overdue"] == 3
    async with monitoring.transaction("monitoring") as tx:
        assert not any((await recounting.differences(tx, date(2022, 3, 15))).values())


async def test_figures_that_lack_what_is_set_aside_are_not_published(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    await monitoring.deliver(task("9", DUE, assignees=AN_WORKS))
    await monitoring.settle()
    before = (await months(monitoring))[AN, "2022-03"]
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "WORTH_COPYING", 1)
        patch.setattr(tasks, "PEOPLE_AT_ONCE", 0)
        await burst(monitoring, "1")
    await monitoring.deliver(task("1", DUE, version=2, done=DUE, assignees=AN_WORKS))
    await monitoring.suite.settle(loops=False)
    found = await months(monitoring)
    assert found[LAND, "2022-03"]["on_time"] == 1
    assert found[AN, "2022-03"] == before, "of two reports on one task only the second is counted yet"
    await monitoring.settle()
    row = (await months(monitoring))[AN, "2022-03"]
    assert (row["due"], row["on_time"], row["overdue"]) == (2, 1, 1)


@pytest.mark.parametrize("is_noted", [False, True], ids=["set aside", "noted"])
async def test_a_month_that_moves_while_it_is_taken_is_published_once_with_all_of_it(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch, *, is_noted: bool
) -> None:
    monkeypatch.setattr(tasks, "WORTH_COPYING", 1)
    monkeypatch.setattr(months_queries, "PEOPLE_AT_ONCE", 0)
    database = monitoring.suite.services["monitoring"].database
    look, late = set_aside.people_moved_meanwhile, ["2"]

    async def look_late(tx: Transaction, found: Iterable[str]) -> set[months_queries.Pair]:
        wanted = list(found)
        if late and wanted:
            await burst(monitoring, late.pop())
        return await look(tx, wanted)

    if is_noted:
        await burst(monitoring, "1")
    monkeypatch.setattr(tasks, "PEOPLE_AT_ONCE", 0)
    if not is_noted:
        await burst(monitoring, "1")
    monkeypatch.setattr(set_aside, "people_moved_meanwhile", look_late)
    await results.publish_people(database)
    await monitoring.suite.settle(loops=False)
    records = await monitoring.bus.everything("monthly-results")
    assert [b'"overdue":2' in (r.body or b"") for r in records if r.key == f"{AN}/2022-03".encode()] == [True]


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_what_the_version_before_set_aside_without_a_month_is_published(monitoring: RunningSuite) -> None:
    await burst(monitoring, "1")
    database = monitoring.suite.services["monitoring"].database
    await database.alone(text("update people_moved set month = null returning 1"))
    await results.publish_people(database)
    await monitoring.suite.settle(loops=False)
    assert (await months(monitoring))[AN, "2022-03"]["overdue"] == 1


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_a_month_of_a_burst_that_has_not_begun_is_published_once_it_has(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await roll(monitoring, clock, date(2022, 3, 20))
    await monitoring.deliver(task("1", date(2022, 4, 10), assignees=AN_WORKS))
    await monitoring.settle()
    assert await waiting(monitoring) == (0, 1)
    assert (AN, "2022-04") not in await months(monitoring)
    await roll(monitoring, clock, date(2022, 4, 2))
    assert (await months(monitoring))[AN, "2022-04"]["open"] == 1


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_a_month_is_closed_with_what_is_set_aside(monitoring: RunningSuite, clock: ManualClock) -> None:
    await monitoring.deliver(campaign())
    await monitoring.settle()
    await roll(monitoring, clock, date(2022, 4, 6))
    await burst(monitoring, "1", done=DUE)
    async with monitoring.client("monitoring", role="office") as client:
        answer = await client.post("/months/2022-03/close", json={"reason": "QĐ 12"})
    assert answer.status_code == 200, answer.text
    await monitoring.suite.settle(loops=False)
    assert await waiting(monitoring) == (0, 1)
    row = (await months(monitoring))[AN, "2022-03"]
    assert (row["state"], row["on_time"]) == ("closed", 1)


@pytest.mark.usefixtures("everything_is_a_burst")
async def test_who_is_erased_is_gone_from_what_is_set_aside(monitoring: RunningSuite) -> None:
    await burst(monitoring, "1")
    asked = Document(number="03/ĐN", dated=date(2022, 3, 20))
    await monitoring.deliver(Erasure(person=AN, document=asked, erased_on=date(2022, 3, 21)))
    await monitoring.settle()
    assert await waiting(monitoring) == (0, 0)
    assert (AN, "2022-03") not in await months(monitoring)
