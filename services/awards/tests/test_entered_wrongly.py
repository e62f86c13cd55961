"""What is typed in wrongly is told at the door: days that cannot be, bodies too low, records of persons for a unit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
SERVED = {"subject": "PDD", "woman": True, "years": 20, "document": "Sổ bảo hiểm"}
OF_A_UNIT = (
    ("POST", "/disciplines", {"subject": "PDD", "form": "khien_trach", "decided_on": "2022-03-10"}),
    ("POST", "/trainings", {"subject": "PDD", "year": 2022, "months": 3}),
    ("PUT", "/service-times", SERVED),
)


async def test_a_decision_is_neither_of_a_day_nobody_meant_nor_older_than_what_it_awards(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        decision = year.decision("40/QĐ", "GK", "P0")
        absurd = await secretary.call("POST", "/decisions", {**decision, "dated": "0001-01-01"})
        assert absurd.status_code == 422
        award = {"subject": "P0", "code": "GK", "year": 2023}
        early = await secretary.call("POST", "/decisions", {**decision, "awards": [award]})
        assert early.status_code == 422
        assert "có trước năm thành tích 2023" in early.json()["detail"]
        made = await secretary.done("POST", "/decisions", decision)
        line = {"subject": "P0", "code": "GK", "year": 2022, "to_year": 2023}
        paper = {"document": "41/QĐ", "dated": "2022-12-28", "reason": "Sai"}
        corrected = await secretary.call("POST", f"/decisions/{made['id']}/corrections", {**paper, "lines": [line]})
        assert corrected.status_code == 422
        moved = await secretary.call(
            "POST", f"/decisions/{made['id']}/corrections", {**paper, "signed_on": "2021-12-20"}
        )
        assert moved.status_code == 422


async def test_a_body_below_the_one_the_law_names_asks_for_a_reason(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        for number, code, authority, status in (
            ("40/QĐ", "CSTDTQ", "STNMT", 409),
            ("41/QĐ", "CSTDB", "Giám đốc Sở", 409),
            ("42/QĐ", "CSTDB", "Bộ Tài nguyên và Môi trường", 201),
            ("43/QĐ", "GK", "Bộ trưởng", 201),
            ("44/QĐ", "CSTDB", "Văn phòng", 201),
        ):
            decision = {**year.decision(number, code, f"P{number[1]}", campaign=None), "authority": authority}
            answer = await secretary.call("POST", "/decisions", decision)
            assert answer.status_code == status, (code, authority, answer.text)
            if status == 409:
                assert "quyết định, cơ quan ban hành ghi là" in answer.json()["detail"]
        given = {**decision, "number": "45/QĐ", "authority": "STNMT", "reason": "Được ủy quyền theo 12/QĐ-BTNMT"}
        given["awards"] = [{"subject": "P7", "code": "CSTDTQ", "year": 2022}]
        await secretary.done("POST", "/decisions", given)


async def test_a_hold_is_not_entered_for_a_day_far_ahead(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        far = await secretary.call("POST", "/holds", {"subject": "P0", "starts_on": "9999-12-31"})
        assert far.status_code == 422
        assert "chỉ ghi trước đến ngày 31/01/2023" in far.json()["detail"]
        await secretary.done("POST", "/holds", {"subject": "P0", "starts_on": "2022-12-31"})


async def test_a_step_has_no_document_of_a_day_to_come_and_says_in_vietnamese_whose_it_is(
    awards: Awards, council: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P0", "title": "LDTT"}
        id = (await secretary.done("POST", "/dossiers", case))["id"]
        step = {"to": "unit_reviewed", "document": "01/BB", "dated": "2023-01-02"}
        ahead = await secretary.call("POST", f"/dossiers/{id}/steps", [step])
        assert "ngày văn bản ở tương lai" in ahead.json()["detail"]
        steps = [
            {**step, "to": to, "dated": "2022-12-30"} for to in ("unit_reviewed", "unit_council", "sent", "received")
        ]
        async with running.client("awards", role="unit:PDD") as own:
            refused = (await own.post(f"/dossiers/{id}/steps", json=steps)).json()
        assert "“Đã tiếp nhận hồ sơ” do Thường trực Hội đồng thực hiện" in refused["detail"]
        assert "taken by office" in refused["detail_en"]


async def test_disciplines_courses_and_years_of_service_are_those_of_persons(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        for method, path, entry in OF_A_UNIT:
            answer = await secretary.call(method, path, [entry])
            assert answer.status_code == 422, path
            assert "PDD là đơn vị" in answer.json()["detail"]
