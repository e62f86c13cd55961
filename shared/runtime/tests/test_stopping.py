"""Stopping: what is in hand is finished, within a limit; nothing more is begun."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from thidua.contracts import TaskReport
from thidua_runtime.database import Transaction
from thidua_runtime.errors import ActivityEnded
from thidua_runtime.jobs import Job
from thidua_runtime.records import Batch
from thidua_runtime.serving import serve
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .small import SMALL, unit

pytestmark = pytest.mark.anyio


class Slow:
    """A handler and a job that take their time, and tell when they have begun."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begun = asyncio.Event()

    async def handle(self, batch: Batch[TaskReport], tx: Transaction) -> None:
        await self.work(tx, batch.arrivals[0].key)

    async def run(self, day: date, tx: Transaction) -> None:
        await self.work(tx, "job")

    async def work(self, tx: Transaction, name: str) -> None:
        self.begun.set()
        await asyncio.sleep(self.seconds)
        tx.publish([unit(name.replace("/", "-"))])


def task(number: int) -> TaskReport:
    return TaskReport(source="eoffice", source_id=str(number), version=1, unit="stnmt-01", deadline=date(2022, 3, 10))


async def published(running: RunningSuite) -> list[str]:
    async with running.transaction("small") as tx:
        return [row.key for row in await tx.rows(text("select key from thidua.published order by key"))]


async def stop_amid_a_batch(suite: SuiteFactory, slow: Slow, **settings: Any) -> tuple[list[str], float]:
    """Stop while the first of three one-record batches is in hand; return what was applied, and the seconds it took."""
    service = replace(SMALL, follows={TaskReport: (slow.handle,)}, jobs=())
    async with suite(service, fetch_max_records=1, **settings) as running:
        await running.deliver(*map(task, range(3)))
        await asyncio.wait_for(slow.begun.wait(), 5)
        since = time.perf_counter()
        await running.suite.services["small"].stop()
        return await published(running), time.perf_counter() - since


async def test_the_batch_in_hand_is_finished_and_no_other_is_begun(suite: SuiteFactory) -> None:
    applied, _ = await stop_amid_a_batch(suite, Slow(0.5))
    assert len(applied) == 1


async def test_a_batch_that_takes_longer_than_the_limit_is_cut_off_and_leaves_no_trace(suite: SuiteFactory) -> None:
    applied, seconds = await stop_amid_a_batch(suite, Slow(30), shutdown_seconds=1)
    assert applied == []
    assert 1 <= seconds < 5


async def test_the_job_in_hand_is_finished_before_a_service_stops(suite: SuiteFactory) -> None:
    slow = Slow(0.5)
    service = replace(
        SMALL, jobs=(Job("slow", slow.run, every="seconds:1"), Job("next", Slow(9).run, every="seconds:1"))
    )
    async with suite(service) as running:
        one = running.suite.services["small"]
        one.start_jobs()
        await asyncio.wait_for(slow.begun.wait(), 5)
        await one.stop()
        assert await published(running) == ["job"]
        async with running.transaction("small") as tx:
            (run,) = await tx.rows(text("select name, error, finished_at is not null as done from thidua.job_run"))
    assert (run.name, run.error, run.done) == ("slow", None, True)


@pytest.mark.parametrize(("limit", "answered"), [(5, True), (1, False)])
async def test_a_request_in_hand_is_answered_unless_it_takes_longer_than_the_limit(limit: int, answered: bool) -> None:
    begun, app = asyncio.Event(), FastAPI()

    @app.get("/slow")
    async def slow() -> str:
        begun.set()
        await asyncio.sleep(2)
        return "done"

    async with httpx2.AsyncClient(timeout=10) as client:
        async with serve(app, "127.0.0.1", 0, shutdown_seconds=limit) as address:
            request = asyncio.create_task(outcome(lambda: client.get(f"{address}/slow")))
            await asyncio.wait_for(begun.wait(), 5)
        assert (await request == "done") is answered


async def outcome(ask: Callable[[], Any]) -> str:
    try:
        answer = await ask()
    except httpx2.HTTPError as error:
        return type(error).__name__
    return str(answer.json()) if answer.status_code == 200 else str(answer.status_code)


async def falls_silent(running: Any) -> None:
    await until_the_suite_is_open(running)
    raise asyncio.CancelledError


async def comes_to_an_end(running: Any) -> None:
    await until_the_suite_is_open(running)


async def until_the_suite_is_open(running: Any) -> None:
    await running.started.wait()
    await asyncio.sleep(0.3)


@pytest.mark.parametrize("loop", [falls_silent, comes_to_an_end])
async def test_a_loop_that_ends_by_itself_ends_its_service_with_a_sentence(suite: SuiteFactory, loop: Any) -> None:
    async with suite(replace(SMALL, loops=(loop,), jobs=())) as running:
        service = running.suite.services["small"]
        await asyncio.wait_for(service.ended.wait(), 10)
        assert isinstance(service.failed, ActivityEnded)
        assert f"small:{loop.__name__} of the service ended by itself" in str(service.failed)
