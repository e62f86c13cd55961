"""Closing months, on a real PostgreSQL: what waits, what is fixed, what becomes a correction."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from thidua.contracts import SourceMark
from thidua_monitoring.commands.decisions import arrivals_of
from thidua_monitoring.commands.months import close_month
from thidua_monitoring.commands.tasks import merge_reports
from thidua_runtime.clock import ManualClock
from thidua_runtime.database import open_database
from thidua_runtime.testing import RunningSuite

from .ministry import AN, LAND, WATER, at, campaign, months, roll, task, unit

pytestmark = pytest.mark.anyio

MARCH = [task(str(n), date(2022, 3, 10), done=date(2022, 3, 10) if n < 9 else None) for n in range(10)]


async def march(running: RunningSuite) -> None:
    await running.deliver(campaign())
    await running.settle()
    await running.deliver(*MARCH)
    await running.settle()


async def vouch(running: RunningSuite, day: date, source: str = "eoffice") -> None:
    await running.deliver(SourceMark(source=source, complete_until=at(day, 0), version=day.toordinal()))
    await running.settle()


async def sheet(running: RunningSuite, month: str = "2022-03") -> dict[str, Any]:
    async with running.client("monitoring", role="reader") as client:
        return dict((await client.get(f"/months/{month}")).json())


async def send_report(running: RunningSuite, code: str, period: str = "2022-03") -> None:
    body = [{"unit": code, "campaign": "td-2022", "period": period, "to": "sent"}]
    async with running.client("monitoring", role=f"unit:{code}") as client:
        answer = await client.post("/reports/moves", json=body)
    assert answer.status_code == 200, answer.text
    await running.settle()


async def close(running: RunningSuite, clock: ManualClock, day: date = date(2022, 4, 6)) -> None:
    await roll(running, clock, day)
    await running.run_job("monitoring", "close_months")
    await running.settle()


async def test_a_month_closes_by_itself_once_its_source_has_vouched(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 3, 31))
    await close(monitoring, clock)
    waiting = await sheet(monitoring)
    assert waiting["state"] == "published"
    assert [each["reason"] for each in waiting["waits_because"]] == ["source_behind"]
    await vouch(monitoring, date(2022, 4, 6))
    await monitoring.run_job("monitoring", "close_months")
    await monitoring.settle()
    closed = (await months(monitoring))[LAND, "2022-03"]
    assert (closed["state"], closed["due"], closed["on_time"], closed["overdue"]) == ("closed", 10, 9, 1)
    assert (closed["closed_on"], closed["reported"]) == ("2022-04-06", True)


async def test_a_month_waits_for_a_source_that_sent_tasks_and_has_not_vouched_yet(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await close(monitoring, clock)
    waiting = await sheet(monitoring)
    assert waiting["state"] == "published"
    assert [each["reason"] for each in waiting["waits_because"]] == ["source_behind"]
    await vouch(monitoring, date(2022, 4, 6))
    await monitoring.run_job("monitoring", "close_months")
    await monitoring.settle()
    assert (await sheet(monitoring))["state"] == "closed"


async def test_a_unit_that_never_reported_is_listed_as_missing_and_blocks_nobody(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 4, 6))
    await close(monitoring, clock)
    assert (WATER, "2022-03") not in await months(monitoring)
    assert [each["code"] for each in (await sheet(monitoring))["missing"]] == ["stnmt-02"]


async def test_a_reported_month_without_due_tasks_has_a_row_that_says_so(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 4, 6))
    await send_report(monitoring, "stnmt-02")
    await close(monitoring, clock)
    row = (await months(monitoring))[WATER, "2022-03"]
    assert (row["due"], row["reported"], row["state"]) == (0, True, "closed")
    line = next(each for each in (await sheet(monitoring))["units"] if each["code"] == "stnmt-02")
    assert line["rate"] is None


async def test_people_of_a_reported_unit_get_rows_too(monitoring: RunningSuite, clock: ManualClock) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 4, 6))
    await close(monitoring, clock)
    row = (await months(monitoring))[AN, "2022-03"]
    assert (row["subject_kind"], row["unit"], row["due"]) == ("individual", LAND, 0)


async def test_what_comes_after_closing_waits_for_a_person_and_changes_no_closed_result(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 4, 6))
    await close(monitoring, clock)
    await monitoring.deliver(task("9", date(2022, 3, 10), done=date(2022, 3, 9), version=2))
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["on_time"] == 9
    async with monitoring.client("monitoring", role="office") as client:
        (found,) = (await client.get("/corrections")).json()["corrections"]
        assert (found["on_time"], found["closed_on_time"]) == (10, 9)
        assert (await client.post(f"/corrections/{found['id']}/approve", json={})).status_code == 422
        answer = await client.post(f"/corrections/{found['id']}/approve", json={"reason": "Nguồn gửi muộn"})
        assert answer.status_code == 200, answer.text
        again = await client.post(f"/corrections/{found['id']}/reject", json={"reason": "x"})
        assert again.status_code == 409
    await monitoring.settle()
    corrected = (await months(monitoring))[LAND, "2022-03"]
    assert (corrected["state"], corrected["on_time"]) == ("corrected", 10)


async def test_a_rejected_correction_does_not_come_back_with_the_same_figures(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 4, 6))
    await close(monitoring, clock)
    late = task("9", date(2022, 3, 10), done=date(2022, 3, 9), version=2)
    await monitoring.deliver(late)
    await monitoring.settle()
    async with monitoring.client("monitoring", role="office") as client:
        (found,) = (await client.get("/corrections")).json()["corrections"]
        await client.post(f"/corrections/{found['id']}/reject", json={"reason": "Không có căn cứ"})
        await monitoring.deliver(late.model_copy(update={"version": 3, "title": "Việc khác"}))
        await monitoring.settle()
        assert (await client.get("/corrections")).json()["corrections"] == []
        await monitoring.deliver(late.model_copy(update={"version": 4, "completed_at": None}))
        await monitoring.settle()
        assert (await client.get("/corrections")).json()["corrections"] == []


async def test_a_mark_also_counts_for_a_unit_whose_first_task_arrives_after_it(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    # Tasks and marks are two topics: nothing says which arrives first.
    await march(monitoring)
    await roll(monitoring, clock, date(2022, 4, 4))
    await vouch(monitoring, date(2022, 4, 4))
    assert (WATER, "2022-03") not in await months(monitoring)
    await monitoring.deliver(task("w", date(2022, 4, 20), of="stnmt-02"))
    await monitoring.settle()
    row = (await months(monitoring))[WATER, "2022-03"]
    assert (row["reported"], row["due"], row["state"]) == (True, 0, "published")


async def test_a_task_that_moved_through_a_month_leaves_nothing_of_its_person_there(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    # Read together, two reports of one task are one: what they leave must not differ when they are read apart.
    await march(monitoring)
    await roll(monitoring, clock, date(2022, 4, 4))
    first = task("p", date(2022, 3, 30), assignees=[{"code": "nv-an"}])
    later = {"deadline": date(2022, 4, 20), "document": "QĐ 9", "dated": date(2022, 3, 29)}
    await monitoring.deliver(first)
    await monitoring.settle()
    assert (AN, "2022-03") in await months(monitoring)
    await monitoring.deliver(task("p", date(2022, 3, 30), version=2, extensions=[later], assignees=[{"code": "nv-an"}]))
    await monitoring.settle()
    await vouch(monitoring, date(2022, 4, 4))
    assert (AN, "2022-03") not in await months(monitoring)


async def test_forcing_a_close_needs_a_reason_that_stays_in_the_result(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 3, 1))
    async with monitoring.client("monitoring", role="office") as client:
        early = await client.post("/months/2022-03/close", json={"reason": "QĐ 12"})
        assert (early.status_code, early.json()["type"]) == (409, "urn:thidua:problem:month-not-over")
        await close(monitoring, clock)
        assert (await client.post("/months/2022-03/close", json={"reason": ""})).status_code == 422
        assert (await client.post("/months/2022-03/close", json={"reason": "QĐ 12"})).status_code == 200
        again = await client.post("/months/2022-03/close", json={"reason": "lần nữa"})
        assert again.json()["forced_because"] == "QĐ 12"
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["forced_because"] == "QĐ 12"


async def test_an_event_that_waits_for_its_unit_keeps_its_own_month_from_closing(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 4, 6))
    await monitoring.deliver(task("x", date(2022, 4, 2), of="stnmt-09"))
    await monitoring.settle()
    await close(monitoring, clock)
    assert (await sheet(monitoring))["state"] == "closed"
    await monitoring.deliver(task("y", date(2022, 4, 2), of="stnmt-09", source="khac"))
    await vouch(monitoring, date(2022, 5, 8))
    await vouch(monitoring, date(2022, 5, 8), "khac")
    await close(monitoring, clock, date(2022, 5, 8))
    found = await sheet(monitoring, "2022-04")
    assert [each["reason"] for each in found["waits_because"]] == ["dead_letters"]
    await monitoring.deliver(unit("0190-new", "stnmt-09"))
    await monitoring.settle()
    await monitoring.run_job("monitoring", "close_months")
    assert (await sheet(monitoring, "2022-04"))["state"] == "closed"


async def test_a_late_event_and_a_close_in_two_processes_lose_nothing(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await vouch(monitoring, date(2022, 4, 6))
    await roll(monitoring, clock, date(2022, 4, 6))
    running = monitoring.suite.services["monitoring"].database
    url = running.engine.url.render_as_string(hide_password=False)
    other = open_database(url, running.service, running.settings, clock)
    holding, release = asyncio.Event(), asyncio.Event()

    async def late_event() -> None:
        async with other.transaction("second instance") as tx:
            report = task("9", date(2022, 3, 10), done=date(2022, 3, 9), version=2)
            await merge_reports(tx, arrivals_of(tx, [(report, None)]))
            holding.set()
            await release.wait()

    async def closing() -> None:
        async with running.transaction("job") as tx:
            await close_month(tx, "2022-03", date(2022, 4, 6))

    try:
        first = asyncio.create_task(late_event())
        await holding.wait()
        second = asyncio.create_task(closing())
        await asyncio.sleep(0.2)
        assert not second.done(), "closing must wait for the event that is being applied"
        release.set()
        await asyncio.gather(first, second)
    finally:
        await other.close()
    await monitoring.settle()
    closed = (await months(monitoring))[LAND, "2022-03"]
    assert (closed["state"], closed["on_time"]) == ("closed", 10)


async def test_declared_totals_stand_in_for_counted_ones_and_are_labelled(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    totals = {"due": 20, "on_time": 18, "late": 2, "evidence": ["bc-03.pdf"]}
    async with monitoring.client("monitoring", role="unit:stnmt-02") as client:
        refused = await client.put("/months/2022-03/declared/stnmt-02", json={**totals, "on_time": 19})
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:thidua:problem:totals-refused")
        assert (await client.put("/months/2022-03/declared/stnmt-01", json=totals)).status_code == 403
        answer = await client.put("/months/2022-03/declared/stnmt-02", json=totals)
        assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
        stale = await client.put("/months/2022-03/declared/stnmt-02", json=totals, headers={"If-Match": '"7"'})
        assert stale.status_code == 412
    await monitoring.settle()
    row = (await months(monitoring))[WATER, "2022-03"]
    assert (row["declared"], row["reported"], row["due"], row["on_time"]) == (True, True, 20, 18)


async def test_an_objection_shows_in_the_state_until_it_is_answered(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await march(monitoring)
    await roll(monitoring, clock, date(2022, 4, 4))
    async with monitoring.client("monitoring", role="unit:stnmt-01") as client:
        body = {"unit": "stnmt-01", "reason": "Nhiệm vụ 9 đã xong"}
        made = (await client.post("/months/2022-03/objections", json=body)).json()
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["state"] == "objection"
    async with monitoring.client("monitoring", role="office") as client:
        answer = await client.post(f"/objections/{made['id']}/answer", json={"answer": "Đã kiểm tra"})
        assert answer.status_code == 200, answer.text
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["state"] == "published"


async def test_a_mark_that_moves_back_is_told_what_stands_and_one_ahead_of_time_is_refused(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    now = clock.now()
    async with monitoring.client("monitoring", role="office") as client:

        async def put(until: datetime) -> Any:
            return await client.put("/sources/eoffice/mark", json={"complete_until": until.isoformat()})

        ahead = await put(now + timedelta(days=3650))
        taken = await put(now - timedelta(days=1))
        back = await put(now - timedelta(days=40))
    assert (ahead.status_code, ahead.json()["type"]) == (422, "urn:thidua:problem:mark-ahead")
    assert "notice" not in taken.json()
    assert back.json()["complete_until"] == taken.json()["complete_until"]
    assert "chỉ tiến, không lùi" in back.json()["notice"]
