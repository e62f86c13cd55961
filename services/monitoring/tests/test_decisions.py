"""Decisions over reports, on a real PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from thidua_monitoring.queries import recounting
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import RunningSuite

from .ministry import LAND, WATER, campaign, months, roll, task

pytestmark = pytest.mark.anyio

DUE = date(2022, 3, 10)


def extension(dated: str, deadline: str = "2022-04-20") -> dict[str, Any]:
    return {
        "source": "eoffice", "source_id": "1", "kind": "extension", "document": "5/QĐ", "dated": dated,
        "deadline": deadline,
    }  # fmt: skip


async def decide(running: RunningSuite, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
    async with running.client("monitoring", role="office") as client:
        answer = await client.post("/decisions", json=body)
    assert answer.status_code == status, answer.text
    await running.settle()
    return dict(answer.json())


async def test_an_extension_in_time_moves_the_task_to_its_new_month_and_no_report_moves_it_back(
    monitoring: RunningSuite,
) -> None:
    await monitoring.deliver(task("1", DUE))
    await monitoring.settle()
    await decide(monitoring, extension("2022-03-10"))
    await monitoring.deliver(task("1", DUE, version=5))
    await monitoring.settle()
    found = await months(monitoring)
    assert (LAND, "2022-03") not in found
    assert found[LAND, "2022-04"]["open"] == 1
    async with monitoring.client("monitoring", role="reader") as client:
        (listed,) = (await client.get("/contradictions")).json()["contradictions"]
        (shown,) = (await client.get("/tasks", params={"unit": "stnmt-01", "month": "2022-04"})).json()["tasks"]
        counts = (await client.get("/tasks/counts", params={"unit": "stnmt-01"})).json()
        nothing = (await client.get("/tasks/counts", params={"month": "2022-03"})).json()
    assert (counts["total"], counts["by_state"], nothing["total"]) == (1, {"open": 1}, 0)
    assert listed["sentences"] == ["Nguồn báo hạn 10/03/2022; hạn theo quyết định là 20/04/2022."]
    assert shown["standing"] == "open"


async def test_an_extension_moves_a_secret_task_whichever_of_the_two_came_first(monitoring: RunningSuite) -> None:
    await monitoring.deliver(task("1", DUE, secret=True))
    await monitoring.settle()
    await decide(monitoring, extension("2022-03-10"))
    before = await months(monitoring)
    await monitoring.deliver(task("1", DUE, secret=True, version=5))
    await monitoring.settle()
    assert await months(monitoring) == before
    assert before[LAND, "2022-04"]["excluded"] == 1


async def test_an_extension_that_came_late_leaves_the_first_month_late(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await monitoring.deliver(task("1", DUE))
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["overdue"] == 1
    await decide(monitoring, extension("2022-03-11"))
    row = (await months(monitoring))[LAND, "2022-03"]
    assert (row["due"], row["on_time"], row["overdue"], row["open"]) == (1, 0, 0, 0)
    await roll(monitoring, clock, date(2022, 4, 21))
    assert (await months(monitoring))[LAND, "2022-03"]["overdue"] == 1
    async with monitoring.transaction("monitoring") as tx:
        assert set((await recounting.differences(tx, date(2022, 4, 21))).values()) == {0}


async def test_a_reassignment_ends_the_task_at_the_giver_and_makes_a_record_at_the_receiver(
    monitoring: RunningSuite,
) -> None:
    await monitoring.deliver(task("1", DUE))
    await monitoring.settle()
    body = {**extension("2022-03-09", "2022-03-30"), "kind": "reassignment", "receiver": "stnmt-02"}
    await decide(monitoring, body)
    found = await months(monitoring)
    assert (found[LAND, "2022-03"]["due"], found[LAND, "2022-03"]["excluded"]) == (0, 1)
    assert found[WATER, "2022-03"]["open"] == 1


async def test_what_a_unit_asks_for_changes_nothing_until_the_office_approves(monitoring: RunningSuite) -> None:
    await monitoring.deliver(task("1", DUE))
    await monitoring.settle()
    async with monitoring.client("monitoring", role="unit:stnmt-02") as client:
        assert (await client.post("/decisions/requests", json=extension("2022-03-09"))).status_code == 404
        assert (await client.post("/decisions", json=extension("2022-03-09"))).status_code == 403
    async with monitoring.client("monitoring", role="unit:stnmt-01") as client:
        made = (await client.post("/decisions/requests", json=extension("2022-03-09"))).json()
    assert made["state"] == "proposed"
    assert (await months(monitoring))[LAND, "2022-03"]["overdue"] == 1
    async with monitoring.client("monitoring", role="office") as client:
        assert (await client.post(f"/decisions/{made['id']}/refuse", json={})).status_code == 422
        assert (await client.post(f"/decisions/{made['id']}/approve", json={})).status_code == 200
        assert (await client.post(f"/decisions/{made['id']}/approve", json={})).status_code == 409
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-04"]["open"] == 1


INCOMPLETE: tuple[tuple[dict[str, Any], int], ...] = (
        ({"deadline": None}, 422), ({"source_id": "404"}, 404), ({"kind": "bỏ qua"}, 422), ({"document": ""}, 422),
        ({"kind": "reassignment"}, 422), ({"receiver": "stnmt-02"}, 422), ({"dated": "10/03/2022"}, 422),
        ({"document": "a\u0000b"}, 422), ({"unknown": 1}, 422),
)  # fmt: skip


async def test_a_decision_that_lacks_something_is_refused_with_a_sentence(monitoring: RunningSuite) -> None:
    await monitoring.deliver(task("1", DUE))
    await monitoring.settle()
    async with monitoring.client("monitoring", role="office") as client:
        for change, status in INCOMPLETE:
            answer = await client.post("/decisions", json={**extension("2022-03-09"), **change})
            assert answer.status_code == status, (change, answer.text)
            assert answer.json()["detail"]


async def test_a_document_that_is_dated_after_today_is_not_recorded_yet(monitoring: RunningSuite) -> None:
    await monitoring.deliver(task("1", DUE))
    await monitoring.settle()
    async with monitoring.client("monitoring", role="office") as client:
        for door in ("/decisions", "/decisions/requests"):
            ahead = await client.post(door, json=extension("2022-03-16"))
            today = await client.post(door, json=extension("2022-03-15"))
            assert (ahead.status_code, today.status_code) == (422, 201)
            assert "Văn bản 5/QĐ ghi ngày 16/03/2022, sau hôm nay (15/03/2022)" in ahead.json()["detail"]
            assert "after today" in ahead.json()["detail_en"]


async def test_golden_case_35_rolls_with_the_campaign_and_is_printed_on_the_sheet(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await monitoring.deliver(task("1", date(2022, 4, 30), done=date(2022, 5, 4)), campaign(rolls=False))
    await roll(monitoring, clock, date(2022, 5, 6))
    assert (await months(monitoring))[LAND, "2022-04"]["late"] == 1
    await monitoring.deliver(campaign(rolls=True))
    await monitoring.settle()
    found = await months(monitoring)
    assert (LAND, "2022-04") not in found
    assert (found[LAND, "2022-05"]["due"], found[LAND, "2022-05"]["on_time"]) == (1, 1)
    async with monitoring.client("monitoring", role="reader") as client:
        assert (await client.get("/months/2022-04")).json()["deadline_rolls_to_working_day"] is True
