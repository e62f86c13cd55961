"""Holds: a unit is not told why there is one, and a step is held against the holds of the day on which it was taken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from thidua_awards.domain.findings import KEPT_BACK
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
PAPER = {"document": "01/BB", "dated": "2022-12-28", "reason": "Theo biên bản"}
HELD = "Đang xác minh đơn tố cáo"


async def test_a_unit_reads_neither_why_its_dossier_was_held_nor_why_it_was_decided_all_the_same(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P0", "title": "LDTT"}
        id = (await secretary.done("POST", "/dossiers", case))["id"]
        steps = [{"to": to, **PAPER} for to in ("unit_reviewed", "unit_council", "sent", "received")]
        held = [{"to": "on_hold", "reason": HELD}, {"to": "received", "reason": f"{HELD}: xong"}]
        back = {"to": "drafting", "reason": "Thiếu biên bản"}
        await secretary.done("POST", f"/dossiers/{id}/steps", [*steps, *held, back])
        async with running.client("awards", role="unit:PDD") as unit:
            answer = await unit.post(f"/dossiers/{id}/steps", json=steps[:1])
            told = answer.json()["steps"]
        assert [one["reason"] for one in told[4:7]] == [KEPT_BACK, KEPT_BACK, "Thiếu biên bản"]
        await secretary.done("POST", "/holds", {"subject": "P0", "starts_on": "2022-12-01"})
        await secretary.done("POST", "/decisions", {**year.decision("40/QĐ", "LDTT", "P0"), "reason": HELD})
        async with running.client("awards", role="unit:PDD") as unit:
            read = await unit.get(f"/dossiers/{id}")
        assert read.json()["steps"][-1]["reason"] == KEPT_BACK
        assert HELD not in read.text
        assert (await secretary.done("GET", f"/dossiers/{id}"))["steps"][-1]["reason"] == HELD


async def test_a_step_recorded_afterwards_is_held_against_the_holds_of_its_own_day(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P0", "title": "LDTT", "kind": "sudden"}
        path = f"/dossiers/{(await secretary.done('POST', '/dossiers', case))['id']}/steps"
        way = [{"to": to, "acted_on": "2022-12-05", **PAPER} for to in ("sent", "received")]
        await secretary.done("POST", path, way)
        hold = await secretary.done("POST", "/holds", {"subject": "P0", "starts_on": "2022-12-10"})
        await secretary.done("POST", f"/holds/{hold['id']}/lift", {"ends_on": "2022-12-20"})
        step = {"to": "to_authority", "document": "9/TTr", "dated": "2022-12-15", "acted_on": "2022-12-15"}
        refused = await secretary.call("POST", path, [step])
        assert "tạm dừng từ ngày 10/12/2022" in refused.json()["detail"]
        await secretary.done("POST", path, [{**step, "acted_on": "2022-12-20"}])
