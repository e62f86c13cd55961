"""Jobs: a daily run is a row, so that two instances run it once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import text

from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.database import Database, Transaction
from thidua_runtime.errors import MeasurePublishes
from thidua_runtime.jobs import Job, free_unfinished, run_if_due, run_now
from thidua_runtime.testing import SuiteFactory

from .small import SMALL, outbox, unit

pytestmark = pytest.mark.anyio

NOTE, FAIL = SMALL.jobs


async def test_two_instances_run_a_daily_job_once(database: Database) -> None:
    ran = await asyncio.gather(*(run_if_due(NOTE, database, f"instance-{n}") for n in range(5)))
    assert sorted(ran) == [False, False, False, False, True]
    async with database.transaction() as tx:
        assert [key for key, _, _ in await outbox(tx)] == ["ran-2022-03-01"]


async def test_the_next_day_in_viet_nam_it_runs_again(database: Database) -> None:
    assert await run_if_due(NOTE, database, "one")
    assert isinstance(database.clock, ManualClock)
    # 00:30 of the second in Việt Nam is still the first in UTC.
    database.clock.set(datetime(2022, 3, 2, 0, 30, tzinfo=VIETNAM))
    assert await run_if_due(NOTE, database, "one")
    async with database.transaction() as tx:
        assert [key for key, _, _ in await outbox(tx)] == ["ran-2022-03-01", "ran-2022-03-02"]


async def test_a_failed_run_leaves_its_error_and_nothing_else(database: Database) -> None:
    with pytest.raises(ValueError, match="no register today"):
        await run_if_due(FAIL, database, "one")
    assert not await run_if_due(FAIL, database, "one")
    async with database.transaction() as tx:
        row = await tx.row(text("select error, attempts from thidua.job_run where name = 'fail'"))
        assert row is not None
        assert (row.error, row.attempts) == ("ValueError: no register today", 1)
        assert await outbox(tx) == []
        await tx.execute(text("update thidua.job_run set finished_at = finished_at - interval '2 minutes'"))
    with pytest.raises(ValueError, match="no register today"):
        await run_if_due(FAIL, database, "one")


async def test_a_run_whose_process_died_is_taken_over_later(database: Database) -> None:
    begun = "insert into thidua.job_run (name, day, holder, started_at) values ('note', '2022-03-01', 'dead', {})"
    async with database.transaction() as tx:
        await tx.execute(text(begun.format("clock_timestamp() - interval '5 minutes'")))
    assert not await run_if_due(NOTE, database, "one")
    async with database.transaction() as tx:
        await tx.execute(text("update thidua.job_run set started_at = clock_timestamp() - interval '11 minutes'"))
    assert await run_if_due(NOTE, database, "one")


async def test_by_hand_a_job_runs_although_it_ran_today(database: Database) -> None:
    await run_if_due(NOTE, database, "one")
    await run_now(NOTE, database, "operator")
    async with database.transaction() as tx:
        row = await tx.row(text("select finished_at, error from thidua.job_run where name = 'note'"))
    assert row is not None
    assert row.finished_at is not None
    assert row.error is None


async def test_who_knows_that_nobody_else_runs_takes_an_unfinished_run_over_at_once(database: Database) -> None:
    begun = "insert into thidua.job_run (name, day, holder, started_at) values ('note', '2022-03-01', 'dead', {})"
    async with database.transaction() as tx:
        await tx.execute(text(begun.format("clock_timestamp()")))
    assert not await run_if_due(NOTE, database, "one")
    await free_unfinished(database)
    assert await run_if_due(NOTE, database, "one")
    await free_unfinished(database)
    assert not await run_if_due(NOTE, database, "one")


async def test_the_day_goes_on_beside_a_job_at_a_glance_which_reads_what_stood_when_it_began(
    suite: SuiteFactory,
) -> None:
    ran: list[str] = []
    may_end = asyncio.Event()

    async def look(day: date, tx: Transaction) -> None:
        await may_end.wait()
        rows = await tx.rows(text("select key from thidua.published order by key"))
        ran.append(f"{day} saw {[row.key for row in rows]}")

    async def act(day: date, tx: Transaction) -> None:
        ran.append(f"acted on {day}")
        tx.publish([unit(f"of-{day}")])

    service = replace(SMALL, jobs=(Job("look", look, at_a_glance=True), Job("act", act)))
    async with suite(service) as running:
        one = running.suite.services["small"]
        clock = one.database.clock
        assert isinstance(clock, ManualClock)
        await one.run_jobs_of_the_day()
        async with one.database.transaction() as tx:
            tx.publish([unit("later")])
        clock.set(datetime(2022, 3, 2, 8, tzinfo=VIETNAM))
        next_day = asyncio.create_task(one.run_jobs_of_the_day())
        await asyncio.sleep(0.05)
        assert ran == ["acted on 2022-03-01"]
        may_end.set()
        await next_day
        assert ran[1:] == ["2022-03-01 saw ['of-2022-03-01']", "acted on 2022-03-02"]
        await running.settle()
        assert ran[3:] == ["2022-03-02 saw ['later', 'of-2022-03-01', 'of-2022-03-02']"]


async def test_a_job_at_a_glance_publishes_nothing_since_the_day_may_end_before_it(database: Database) -> None:
    async def tell(day: date, tx: Transaction) -> None:
        tx.publish([unit("told")])

    with pytest.raises(MeasurePublishes, match="declare it `beside`"):
        await run_if_due(Job("tell", tell, at_a_glance=True), database, "one")
    async with database.transaction() as tx:
        assert await outbox(tx) == []
    assert await run_if_due(Job("tell beside", tell, beside=True), database, "one")
    async with database.transaction() as tx:
        assert [key for key, _, _ in await outbox(tx)] == ["told"]
