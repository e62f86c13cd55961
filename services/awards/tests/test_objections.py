"""What speaks against a decision is told, and recorded with its reason where the competent person decides it so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy import text

from thidua_awards.domain.findings import KEPT_BACK
from thidua_awards.queries.papers import LINES, VOTED
from thidua_runtime.clock import VIETNAM
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]


async def test_holds_used_up_places_and_titles_given_twice_ask_a_decision_for_its_reason(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)

        async def refused(decision: dict[str, object]) -> str:
            answer = await secretary.call("POST", "/decisions", decision)
            assert answer.status_code in (409, 422), answer.text
            return str(answer.json()["detail"])

        await secretary.done("POST", "/campaigns/TD2022/review")
        held = (await secretary.done("POST", "/holds", {"subject": "P9", "starts_on": "2022-12-01"}))["id"]
        everybody = [f"P{number}" for number in range(10)]
        all_of_them = year.decision("1/QĐ", "LDTT", *everybody)
        assert "Nguyễn Văn 9 tạm dừng từ ngày 01/12/2022" in await refused(all_of_them)
        earlier = {**all_of_them, "campaign": None}
        assert "tạm dừng" in await refused(earlier), "leaving the campaign out is no way around"
        await secretary.done("POST", f"/holds/{held}/lift", {"ends_on": "2022-12-15"})
        await secretary.done("POST", "/decisions", all_of_them)
        assert "đã ký" in await refused({**year.decision("2/QĐ", "LDTT", "P0"), "dated": "2023-01-01"})
        said = await refused(year.decision("2/QĐ", "LDTT", "P0"))
        assert "Nguyễn Văn 0 đã có Lao động tiên tiến năm 2022 theo quyết định số 1/QĐ ngày 20/12/2022" in said
        two = year.decision("3/QĐ", "CSTDCS", "P0", "P1")
        over = await refused(two)
        assert "15 % của 10 = 1,5 → 1 suất" in over
        assert "Sở Tài nguyên và Môi trường có 2 Chiến sĩ thi đua cơ sở" in over
        assert (await secretary.done("GET", "/decisions"))["total"] == 1, "nothing of what was refused is left"
        made = await secretary.done("POST", "/decisions", {**two, "reason": "Theo Công văn 9/CV-BNV"})
        assert "reason" not in made, "a reason may tell of a hold: no stream carries it"
        cancelled = {"reason": "Sai", "document": "4/QĐ"}
        await secretary.done("POST", f"/decisions/{made['id']}/cancel", cancelled, actor="Văn thư")
        kept = await secretary.done("GET", f"/decisions/{made['id']}/reason")
        assert (kept["reason"], kept["recorded_by"]) == ("Theo Công văn 9/CV-BNV", "Thư ký")
        assert (await secretary.done("GET", "/audit"))["sound"] is True
        at_once = [year.decision(f"{number}/QĐ", "CSTDT", "P2", campaign=None) for number in range(50, 53)]
        answers = await asyncio.gather(*(secretary.call("POST", "/decisions", one) for one in at_once))
        assert sorted(one.status_code for one in answers) == [201, 409, 409], "one sees what the other gave"
        pair = [year.decision(f"{number}/QĐ", "CSTDT", "P3", campaign=None) for number in (60, 61)]
        answer = await secretary.call("POST", "/decisions/list", pair)
        assert answer.status_code == 409
        assert "theo quyết định số 60/QĐ gửi cùng lượt" in answer.json()["detail"]
        await secretary.done("POST", "/decisions/list", [pair[0], {**pair[1], "reason": "Cấp lại"}])
        wrong = [{"subject": "P2", "form": "canh_cao", "decided_on": "2202-05-10"}]
        answer = await secretary.call("POST", "/disciplines", wrong)
        assert "kỷ luật ghi ngày 10/05/2202, sau hôm nay" in answer.json()["detail"], (
            "in no review, and nobody would miss it"
        )


async def test_a_second_ballot_a_held_case_and_minutes_made_to_fit_are_refused_by_name(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)

        async def refused(method: str, path: str, body: Any) -> str:
            answer = await secretary.call(method, path, body)
            assert answer.status_code in (409, 422), answer.text
            return str(answer.json()["detail"])

        await secretary.meet(present=14)
        new = f"/meetings/{secretary.meeting}/votes"
        assert "mang mã BỊA" in await refused("POST", new, {"title": "BỊA", "subjects": ["P0"]})
        assert "của tập thể" in await refused("POST", new, {"title": "TTLDXS", "subjects": ["P0"]})
        assert "hai lần" in await refused("POST", new, {"title": "CSTDB", "subjects": ["P0", "p0"]})
        hands = {"title": "CSTDB", "method": "hands", "subjects": ["P0"]}
        assert "Điều 45 khoản 8 yêu cầu bỏ phiếu kín" in await refused("POST", new, hands)
        first, second = await secretary.draw_up(), await secretary.draw_up()
        await secretary.open(first)
        beside = await refused("POST", f"/votes/{second}/open", {})
        assert "số 1, 2 đang ở một lượt biểu quyết khác" in beside, "both would be counted, and nobody have said why"
        body = secretary.minutes((14, 0), (3, 11))
        await secretary.done("POST", f"/votes/{first}/counts", body, actor="Tổ trưởng kiểm phiếu")
        assert "lượt biểu quyết khác" in await refused("POST", f"/votes/{second}/open", {}), "nor is it checked yet"
        await secretary.count(first, (14, 0), (3, 11))
        said = await refused("POST", f"/votes/{second}/open", {})
        assert "số 1, 2 đã có kết quả kiểm phiếu còn giá trị (Biên bản kiểm phiếu 01/BB)" in said
        terms = f"/councils/{secretary.council}/members"
        assert "nhiệm kỳ của tv01" in await refused("POST", f"{terms}/tv01/end", {"ends_on": "2022-12-29"})
        assert "trước ngày bắt đầu" in await refused("POST", f"{terms}/tv01/end", {"ends_on": "2021-01-01"})
        assert "nhiệm kỳ của tv16" in await refused("POST", terms, [council.member(16)])
        await secretary.done("POST", "/holds", {"subject": "P1", "starts_on": "2022-12-30"})
        known = {"despite_voted": True, "reason": "Phiếu in sai tên"}
        assert "số 2 đang tạm dừng" in await refused("POST", f"/votes/{second}/open", known)
        opened = await secretary.open(second, **known, despite_held=True)
        assert opened["waived"] == ["despite_voted", "despite_held"]
        assert opened["waived_reason"] == KEPT_BACK, "whoever reads a vote does not read why somebody is held"
        async with running.client("awards", role="unit:PDD") as unit:
            assert (await unit.get(f"/votes/{second}/reason")).status_code == 403
        async with running.client("awards", role="appraiser") as appraiser:
            told = (await appraiser.get(f"/votes/{second}/reason")).json()
        assert (told["waived"], told["reason"]) == (opened["waived"], "Phiếu in sai tên")


async def test_a_second_vote_waits_for_its_own_notice_and_not_for_that_of_the_first(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        await running.deliver(year.CAMPAIGN.model_copy(update={"id": "c24", "code": "TD2024", "year": 2024}))
        await running.settle()
        secretary = council.Secretary(running)
        case = {"campaign": "TD2024", "subject": "P0", "title": "HCLD3"}
        await secretary.done("PUT", "/candidates", [{**case, "document": "Tờ trình 01/TTr"}])
        await secretary.done("POST", "/campaigns/TD2024/review")
        dossier = (await secretary.done("POST", "/dossiers", case))["id"]
        paper = {
            "kind": "public",
            "campaign": "TD2024",
            "document": "05/TB",
            "addressee": "Cổng",
            "dossiers": [dossier],
        }
        answers = []
        for posted_on, held_on in (("2024-04-22", "2024-05-09"), ("2024-05-20", "2024-05-23")):
            running.suite.clock.set(datetime.combine(date.fromisoformat(posted_on), time(9), VIETNAM))
            await secretary.done("POST", "/consultations", {**paper, "posted_on": posted_on})
            await secretary.meet(campaign="TD2024", held_on=held_on, share={"more_than": "1/2"})
            vote = await secretary.draw_up(title="HCLD3", subjects=("P0",))
            known = {"despite_voted": True, "reason": "Bỏ phiếu lại"}
            answers.append(await secretary.call("POST", f"/votes/{vote}/open", known))
            if answers[-1].status_code == 200:
                await secretary.count(vote, (15, 0))
        assert [one.status_code for one in answers] == [200, 409]
        assert "Danh sách công khai ngày 20/05/2024" in answers[1].json()["detail"]


async def test_of_two_votes_of_one_day_papers_tell_the_one_that_was_counted_last(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        case = {"campaign": "TD2022", "subject": "P0", "title": "CSTDB"}
        await secretary.done("PUT", "/candidates", [{**case, "document": "Tờ trình 01/TTr"}])
        await secretary.done("POST", "/campaigns/TD2022/review")
        dossier = (await secretary.done("POST", "/dossiers", case))["id"]
        await secretary.meet()
        counted_last, counted_first = [await secretary.draw_up(subjects=("P0",)) for _ in range(2)]
        await secretary.open(counted_first)
        await secretary.count(counted_first, (2, 13))
        await secretary.open(counted_last, despite_voted=True, reason="Phiếu in sai tên")
        await secretary.count(counted_last, (14, 1))
        async with running.transaction("awards") as tx:
            await tx.execute(text("update dossier set state = 'council_ready'"))
            told = await tx.rows(VOTED, id=dossier)
            (line,) = await tx.rows(LINES, campaign="c22", title="", states=["council_ready"])
        assert ([row.yes for row in told], line.yes) == ([2, 14], 14)


async def test_of_two_votes_on_a_case_that_are_opened_at_once_one_opens(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        votes = []
        for _ in range(4):
            await secretary.meet()
            votes.append(await secretary.draw_up())
        answers = await asyncio.gather(*(secretary.call("POST", f"/votes/{vote}/open", {}) for vote in votes))
        assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
