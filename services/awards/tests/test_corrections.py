"""Single lines are cancelled and corrected by a document; what relied on them is listed, and nothing cascades."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import text

from thidua_awards.queries.asked import Asked
from thidua_awards.queries.papers import paper
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
CANCELLED = {"reason": "Khai sai thành tích", "document": "45/QĐ ngày 20/01/2023"}
CORRECTED = {"reason": "Ghi sai", "document": "46/QĐ", "dated": "2022-12-30"}


def line(subject: str, code: str = "LDTT", **changes: Any) -> dict[str, Any]:
    return {"subject": subject, "code": code, "year": 2022, **changes}


async def printed(running: RunningSuite, kind: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the last table of a document of the campaign."""
    async with running.transaction("awards") as tx:
        return (await paper(tx, Asked(kind, "TD2022"))).tables[-1].rows


async def test_one_line_is_cancelled_and_what_relied_on_it_is_listed_and_stays(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        both = {**year.decision("40/QĐ", "LDTT", "P0", "P1"), "reason": "Theo kết luận của Hội đồng"}
        both["awards"].append(line("P0", "CSTDCS"))
        made = await secretary.done("POST", "/decisions", both)
        path = f"/decisions/{made['id']}"
        told = await secretary.done("POST", f"{path}/lines/cancel", {**CANCELLED, "lines": [line("P0")]})
        assert [(one["subject"], one["code"]) for one in told["cancelled"]] == [("p0", "LDTT")]
        assert [(one["code"], one["decision"]) for one in told["relied"]] == [("CSTDCS", made["id"])]
        stands = await secretary.done("GET", path)
        assert [(one["subject"], one["code"]) for one in stands["awards"]] == [("p1", "LDTT"), ("p0", "CSTDCS")]
        assert stands["cancelled"] is False
        assert stands["cancelled_awards"][0]["because"] == "Khai sai thành tích"
        history = await secretary.done("GET", "/history/P0")
        assert {one["code"]: one["cancelled"] for one in history} == {"LDTT": True, "CSTDCS": False}
        (listed,) = (await secretary.done("GET", "/decisions"))["items"]
        assert listed["awards"] == 2
        assert len(await printed(running, "so-vang")) == 2, "the golden book holds the lines that stand"
        assert [row[1] for row in await printed(running, "tong-ket")] == ["1", "1"], "so does the yearly report"
        again = await secretary.call("POST", f"{path}/lines/cancel", {**CANCELLED, "lines": [line("P0")]})
        assert again.status_code == 404
        quota = (await secretary.done("GET", "/quotas?campaign=TD2022"))["quotas"][0]
        await running.run_job("awards", "review_changed")
        assert quota["quota"] is None or quota["quota"]["denominator"] == 2
        after = (await secretary.done("GET", "/quotas?campaign=TD2022"))["quotas"][0]
        assert after["quota"]["denominator"] == 1, "a cancelled line is no longer a LĐTT awarded"
        assert (await secretary.done("GET", "/audit"))["sound"] is True


async def test_titles_within_a_quota_counted_on_what_is_cancelled_are_listed_with_the_places_left(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        ten = year.decision("40/QĐ", "LDTT", *(f"P{number}" for number in range(10)), campaign=None)
        made = await secretary.done("POST", "/decisions", ten)
        given = await secretary.done("POST", "/decisions", year.decision("41/QĐ", "CSTDCS", "P0", campaign=None))
        lost = [line(f"P{number}") for number in range(1, 5)]
        path = f"/decisions/{made['id']}"
        told = await secretary.done("POST", f"{path}/lines/cancel", {**CANCELLED, "lines": lost})
        assert [(one["subject"], one["code"], one["decision"]) for one in told["relied"]] == [
            ("p0", "CSTDCS", given["id"])
        ]
        assert told["relied"][0]["reasons"] == [
            "Hạn mức Chiến sĩ thi đua cơ sở năm 2022 của Sở Tài nguyên và Môi trường tính trên số Lao động tiên tiến "
            "được tặng: 15 % của 6 = 0,9 → 0 suất (làm tròn xuống; thiết lập “tối thiểu một suất” đang tắt), đã tặng "
            "1, vượt hạn mức."
        ]
        (whole,) = await secretary.done("GET", f"{path}/relied")
        assert len(whole["reasons"]) == 2, "P0's own title, and the quota of nobody"
        assert "15 % của 0 = 0 → 0 suất" in whole["reasons"][1]


async def test_a_correction_makes_a_new_version_and_the_earlier_wording_is_kept(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        made = await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P0", "P1", campaign=None))
        path = f"/decisions/{made['id']}/corrections"
        body = {**CORRECTED, "number": "40a/QĐ", "lines": [line("P1", to_subject="P2", to_year=2021)]}
        after = await secretary.done("POST", path, body)
        assert (after["number"], after["corrected_by"][0]["number"]) == ("40a/QĐ", "46/QĐ")
        assert [(one["subject"], one["year"]) for one in after["awards"]] == [("p0", 2022), ("p2", 2021)]
        kept = await secretary.done("GET", path)
        assert [one["line"] for one in kept] == [None, 2]
        assert (kept[0]["before"]["number"], kept[1]["before"]["subject"]) == ("40/QĐ", "p1")
        assert (await secretary.call("POST", path, CORRECTED)).status_code == 422, "nothing to correct"
        for ahead in ({"dated": "2023-01-02"}, {"signed_on": "2023-01-02"}):
            answer = await secretary.call("POST", path, {**CORRECTED, "number": "42/QĐ", **ahead})
            assert answer.json()["type"] == "urn:thidua:problem:day-ahead"
        await secretary.done("POST", "/decisions", year.decision("41/QĐ", "LDTT", "P3", campaign=None))
        taken = await secretary.call("POST", path, {**CORRECTED, "number": "41/QĐ"})
        assert taken.status_code == 409
        async with running.transaction("awards") as tx:
            await tx.execute(text("update correction set before = '{}' where line = 2"))
        assert (await secretary.done("GET", "/audit"))["altered"] == [f"quyết định {made['id']} (số 40a/QĐ)"]


async def test_a_line_with_a_route_nobody_would_take_today_is_corrected_and_keeps_it(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        made = await secretary.done("POST", "/decisions", year.decision("40/QĐ", "CSTDCS", "P0", campaign=None))
        async with running.transaction("awards") as tx:
            await tx.execute(text("update decision_award set route = 'có đề tài', kind = 'đợt cũ'"))
        body = {**CORRECTED, "lines": [line("P0", "CSTDCS", to_year=2021)]}
        (after,) = (await secretary.done("POST", f"/decisions/{made['id']}/corrections", body))["awards"]
        assert (after["year"], after["route"], after["kind"]) == (2021, "có đề tài", "đợt cũ")


async def test_cancelled_lines_and_corrections_come_back_from_the_stream_after_a_restore(
    awards: Awards, council: Any, year: Any
) -> None:
    from thidua.contracts import Decision
    from thidua_awards.queries import adopting, records

    async with awards() as running:
        secretary = council.Secretary(running)
        made = await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P0", "P1", campaign=None))
        path = f"/decisions/{made['id']}"
        await secretary.done("POST", f"{path}/lines/cancel", {**CANCELLED, "lines": [line("P0")]})
        await secretary.done("POST", f"{path}/corrections", {**CORRECTED, "signer": "Lê Văn Bính"})
        async with running.transaction("awards") as tx:
            before = await records.decision(tx, made["id"])
            assert before is not None
            await adopting.take_decisions(tx, [], [made["id"]])
            await adopting.take_decisions(tx, [Decision.model_validate(before[0].model_dump())], [])
            after = await records.decision(tx, made["id"])
        assert after is not None
        assert after[0] == before[0]
        reason = {"reason": "Thành tích đặc biệt"}
        entered = await secretary.done("POST", f"{path}/reason", reason)
        assert entered["reason"] == "Thành tích đặc biệt", "what no stream carries is entered from the papers"
        assert (await secretary.call("POST", f"{path}/reason", {"reason": "Khác"})).status_code == 422
        assert (await secretary.call("POST", "/decisions/khong-co/reason", reason)).status_code == 404
        assert (await secretary.done("GET", f"{path}/reason"))["reason"] == "Thành tích đặc biệt"
        assert (await secretary.done("GET", "/audit"))["sound"] is True


async def test_a_correction_is_noted_on_the_dossier_and_no_dossier_begins_behind_a_decision(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P0", "title": "LDTT"}
        dossier = await secretary.done("POST", "/dossiers", case)
        made = await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P0", "P1"))
        late = await secretary.call("POST", "/dossiers", {**case, "subject": "P1"})
        assert (late.status_code, late.json()["type"]) == (409, "urn:thidua:problem:already-moved")
        await secretary.done("POST", f"/decisions/{made['id']}/corrections", {**CORRECTED, "signer": "Lê Văn Bính"})
        last = (await secretary.done("GET", f"/dossiers/{dossier['id']}"))["steps"][-1]
        assert (last["to"], last["document"]) == ("corrected", "46/QĐ")
        await running.settle()
        states = {one["subject"]: one["state"] for one in await running.published("recommendations")}
        assert (states["p0"], states["p1"]) == ("corrected", "decided")
