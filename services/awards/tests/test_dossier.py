"""The way of a dossier: steps, documents, opinions, the council, the decision; nothing skipped in silence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, time
from typing import Any

import pytest

from thidua_awards.calendar import working_days
from thidua_awards.domain.dossier import LABELS
from thidua_awards.metrics import award_gauges
from thidua_awards.queries.dossiers import FILED
from thidua_runtime.clock import VIETNAM
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
PAPER = {"document": "01/BB", "dated": "2022-12-28", "reason": "Theo biên bản", "on_behalf": "Chánh Văn phòng"}
AT_UNIT = ("unit_reviewed", "unit_council", "sent")


def step(to: str, **changes: Any) -> dict[str, Any]:
    return {"to": to, **PAPER, **changes}


class Clerk:
    """Moves a dossier through the doors."""

    def __init__(self, running: RunningSuite, council: Any) -> None:
        self.secretary = council.Secretary(running)
        self.running, self.id, self.title = running, "", ""

    async def begin(self, title: str = "CSTDB", **changes: Any) -> None:
        self.title = title
        case = {"campaign": "TD2022", "subject": "P0", "title": title}
        await self.secretary.done("PUT", "/candidates", [{**case, "document": "Tờ trình 01/TTr"}])
        await self.secretary.done("POST", "/campaigns/TD2022/review")
        self.id = (await self.secretary.done("POST", "/dossiers", {**case, **changes}))["id"]

    async def go(self, *steps: str, **changes: Any) -> Any:
        body = [step(to, **changes) for to in steps]
        return await self.secretary.done("POST", f"/dossiers/{self.id}/steps", body)

    async def refused(self, to: str, **changes: Any) -> Any:
        answer = await self.secretary.call("POST", f"/dossiers/{self.id}/steps", [step(to, **changes)])
        assert answer.status_code in (403, 409, 422), answer.text
        return answer.json()["detail"]

    async def answer_everything(self, *keys: str) -> None:
        entry = {"campaign": "TD2022", "subject": "P0", "answer": True, "by": "Thẩm định", "document": "Phiếu 01"}
        body = [{**entry, "key": key, "title": self.title, "dated": "2022-12-28"} for key in keys]
        await self.secretary.done("PUT", "/confirmations", body)
        await self.running.run_job("awards", "review_changed")

    async def bring_to_council(self) -> None:
        await self.begin()
        await self.go(*AT_UNIT, "received", "appraisal")
        await self.answer_everything(*APPRAISED)
        await self.go("council_ready")

    async def vote(self, *totals: Any, title: str = "CSTDB", held_on: str = "2022-12-30", **how: Any) -> None:
        await self.secretary.meet(held_on=held_on)
        vote = await self.secretary.draw_up(title=title, subjects=("P0",))
        await self.secretary.open(vote, **how)
        await self.secretary.count(vote, *totals)


APPRAISED = ("g.registered", "g.route", "g.once", "cstdb.three", "cstdb.timing", "cstdb.influence")


@pytest.mark.anyio
async def test_a_dossier_goes_from_the_unit_to_the_decision_with_every_step_on_record(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.bring_to_council()
        await clerk.vote((14, 1))
        await clerk.go("voted", "to_authority")
        decision = year.decision("40/QĐ", "CSTDB", "P0")
        early = await clerk.secretary.call("POST", "/decisions", {**decision, "dated": "2024-12-30"})
        assert "30/12/2024, sau hôm nay" in early.text
        await clerk.secretary.done("POST", "/decisions", decision)
        shown = await clerk.secretary.done("GET", f"/dossiers/{clerk.id}")
        assert [one["to"] for one in shown["steps"]][-3:] == ["voted", "to_authority", "decided"]
        assert (shown["label"], shown["steps"][-1]["skipped"]) == ("Đã có quyết định", [])
        assert {one["recorded_by"] for one in shown["steps"]} == {"Thư ký"}
        await running.settle()
        assert "decided" in [one["state"] for one in await running.published("recommendations")]
        await clerk.go("presented", "paid")
        made = (await clerk.secretary.done("GET", "/decisions"))["items"][0]["id"]
        await clerk.secretary.done("POST", f"/decisions/{made}/cancel", {"reason": "Sai", "document": "41/QĐ"})
        await running.run_job("awards", "review_changed")
        await running.settle()
        states = {one["title"]: one["state"] for one in await running.published("recommendations")}
        assert states["CSTDB"] == "cancelled"
        assert (await clerk.secretary.done("GET", "/audit"))["sound"] is True


@pytest.mark.anyio
async def test_a_decision_on_what_was_held_or_voted_down_names_its_reason(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.begin()
        await clerk.go(*AT_UNIT, "received", "on_hold")
        decision = year.decision("40/QĐ", "CSTDB", "P0")
        answer = await clerk.secretary.call("POST", "/decisions", decision)
        assert answer.status_code == 422
        assert "Tạm dừng xem xét" in answer.json()["detail"]
        await clerk.secretary.done("POST", "/decisions", {**decision, "reason": "Đã có kết luận"})
        last = (await clerk.secretary.done("GET", f"/dossiers/{clerk.id}"))["steps"][-1]
        assert (last["from"], last["reason"], last["skipped"][0]) == ("on_hold", "Đã có kết luận", "Đang thẩm định")
        await clerk.secretary.meet()
        vote = await clerk.secretary.draw_up(subjects=("P1",))
        await clerk.secretary.open(vote)
        await clerk.secretary.count(vote, (2, 13))
        unheard = await clerk.secretary.call("POST", "/decisions", year.decision("41/QĐ", "CSTDB", "P1"))
        assert unheard.status_code == 409, "no dossier, yet the council voted"
        assert "không đạt" in unheard.json()["detail"]


@pytest.mark.anyio
async def test_a_step_is_refused_naming_the_next_ones_and_a_decision_names_what_was_skipped(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.begin()
        assert "unit_reviewed (Tập thể đã bình xét)" in await clerk.refused("received")
        await clerk.go(*AT_UNIT)
        await clerk.secretary.done("POST", "/decisions", year.decision("40/QĐ", "CSTDB", "P0"))
        shown = await clerk.secretary.done("GET", f"/dossiers/{clerk.id}")
        skipped = ("received", "appraisal", "council_ready", "voted", "to_authority")
        assert shown["steps"][-1]["skipped"] == [LABELS[one] for one in skipped]
        assert shown["steps"][-1]["recorded_afterwards"] is True


@pytest.mark.anyio
async def test_what_happened_on_paper_is_recorded_afterwards_with_its_document(awards: Awards, council: Any) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.begin()
        assert "ghi sau" in await clerk.refused("unit_reviewed", acted_on="2022-12-20", document="")
        shown = await clerk.go(*AT_UNIT, acted_on="2022-12-20", on_behalf="Trưởng phòng")
        assert [one["recorded_afterwards"] for one in shown["steps"]] == [True, True, True]
        assert shown["steps"][0]["on_behalf"] == "Trưởng phòng"
        assert "tương lai" in await clerk.refused("received", acted_on="2023-01-02")


@pytest.mark.anyio
async def test_appraisal_ends_only_when_every_question_for_a_person_is_answered(awards: Awards, council: Any) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.begin()
        await clerk.go(*AT_UNIT, "received", "appraisal")
        assert "g.route" in await clerk.refused("council_ready")
        await running.run_job("awards", "review_changed")
        found = await clerk.secretary.done("GET", "/recommendations/TD2022/P0/CSTDB")
        timing = next(one for one in found["findings"] if one["key"] == "cstdb.timing")
        assert timing["sentence"].startswith("Đề nghị ngày 31/12/2022"), "the day on which the dossier was sent"
        await clerk.answer_everything(*APPRAISED)
        await clerk.go("opinions")


@pytest.mark.anyio
async def test_opinions_are_three_steps_and_comments_are_answered_before_the_council(
    awards: Awards, council: Any
) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.begin()
        await clerk.go(*AT_UNIT, "received", "appraisal")
        await clerk.answer_everything(*APPRAISED)
        await clerk.go("opinions")
        assert "lượt lấy ý kiến" in await clerk.refused("council_ready", reason="")
        ids = {}
        for kind, addressee in (("public", "Cổng thông tin"), ("agencies", "Công an tỉnh"), ("party", "Đảng ủy Sở")):
            body = {
                "kind": kind,
                "campaign": "TD2022",
                "document": f"Văn bản {kind}",
                "addressee": addressee,
                "posted_on": "2022-12-12",
                "until": "2022-12-26",
                "dossiers": [clerk.id],
            }
            ids[kind] = (await clerk.secretary.done("POST", "/consultations", body))["id"]
        public = f"/consultations/{ids['public']}"
        ahead = await clerk.secretary.call("POST", f"{public}/end", {"closed_on": "2023-01-03", "answer": "Không"})
        assert "tương lai" in ahead.json()["detail"]
        early = await clerk.secretary.call("POST", f"{public}/end", {"closed_on": "2022-12-23", "answer": "Không"})
        assert early.status_code == 422
        shown = await clerk.secretary.done("POST", f"{public}/remarks", {"received_on": "2022-12-20", "said": "Ý kiến"})
        assert shown["working_days"] == 10
        assert shown["list"] == [{"name": "Nguyễn Văn 0", "post": "", "unit": "Phòng Đất đai", "title": "CSTDB"}], (
            "a notice shows name, post, unit and form"
        )
        over = {"closed_on": "2022-12-27", "answer": "Nhất trí"}
        for id in ids.values():
            await clerk.secretary.done("POST", f"/consultations/{id}/end", over)
        assert "công khai lấy ý kiến" in await clerk.refused("council_ready")
        await clerk.secretary.done("POST", f"{public}/remarks/1/answer", {"answer": "Đã giải trình"})
        opinions = (await clerk.go("comments", "council_ready"))["opinions"]
        assert sorted(one["kind"] for one in opinions) == ["agencies", "party", "public"]
        listed = (await clerk.secretary.done("GET", "/consultations?campaign=TD2022"))["items"]
        assert [(one["dossiers"], one["unanswered"]) for one in listed] == [(1, 0)] * 3


@pytest.mark.anyio
async def test_the_authority_may_differ_from_the_council_with_a_reason_on_record(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.bring_to_council()
        assert "chưa có biên bản" in await clerk.refused("voted")
        await clerk.vote((13, 2))
        await clerk.go("voted")
        assert "không đạt" in await clerk.refused("to_authority", reason="")
        decision = year.decision("40/QĐ", "CSTDB", "P0")
        assert (await clerk.secretary.call("POST", "/decisions", decision)).status_code == 409
        await clerk.secretary.done("POST", "/decisions", {**decision, "reason": "Thành tích đặc biệt"})
        last = (await clerk.secretary.done("GET", f"/dossiers/{clerk.id}"))["steps"][-1]
        assert last["reason"] == "Thành tích đặc biệt"


@pytest.mark.anyio
async def test_findings_stand_as_voted_on_and_a_hold_leads_back_to_where_it_was(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.begin()
        await clerk.go(*AT_UNIT, "received")
        held = await clerk.go("on_hold")
        assert [one["to"] for one in held["next"]] == ["received"]
        await clerk.go("received")
        await clerk.go("appraisal", due_on="2023-01-20")
        assert (await clerk.go("on_hold"))["due_on"] == "2023-01-31"
        assert (await clerk.go("appraisal", "cluster_vote", "appraisal"))["due_on"] == "2023-01-20", "its own limit"
        await clerk.answer_everything(*APPRAISED)
        await clerk.go("council_ready")
        await clerk.vote((14, 1))
        await clerk.go("voted", "appraisal")
        assert (await clerk.secretary.done("GET", "/audit"))["sound"] is True
        await clerk.go("council_ready")
        assert "chưa có biên bản" in await clerk.refused("voted"), "the vote of the day came before the appraisal"
        await clerk.vote((14, 1))
        assert "chưa có biên bản" in await clerk.refused("voted"), "counted late, of a meeting before the new appraisal"
        await clerk.vote((14, 1), held_on="2022-12-31", despite_voted=True, reason="Kiểm phiếu muộn")
        await clerk.go("on_hold")
        running.suite.clock.set(datetime(2023, 1, 4, 9, tzinfo=VIETNAM))
        await clerk.go("council_ready")
        hold = await clerk.secretary.done("POST", "/holds", {"subject": "P0", "starts_on": "2023-01-04"})
        assert "tạm dừng từ ngày 04/01/2023" in await clerk.refused("voted", reason="")
        await clerk.secretary.done("POST", f"/holds/{hold['id']}/lift", {"ends_on": "2023-01-04"})
        await clerk.go("voted")
        before = await clerk.secretary.done("GET", "/recommendations/TD2022/P0/CSTDB")
        await running.deliver(year.rating("p0", "pdd", "not_completed").model_copy(update={"version": 10**9}))
        await running.settle()
        await running.run_job("awards", "review_changed")
        after = await clerk.secretary.done("GET", "/recommendations/TD2022/P0/CSTDB")
        assert after["findings"] == before["findings"]
        assert next(one for one in after["findings"] if one["key"] == "cstdb.vote")["status"] == "met"


@pytest.mark.anyio
async def test_a_unit_moves_its_own_dossiers_and_only_the_steps_that_are_its(awards: Awards, council: Any) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.begin()
        path = f"/dossiers/{clerk.id}/steps"
        async with running.client("awards", role="unit:PMT") as other:
            assert (await other.post(path, json=[step("unit_reviewed")])).status_code == 403
            assert (await other.get(f"/dossiers/{clerk.id}")).status_code == 403
        async with running.client("awards", role="unit:PDD") as own:
            assert (await own.post(path, json=[step(one) for one in AT_UNIT])).status_code == 200
            assert (await own.post(path, json=[step("received")])).status_code == 403
            assert (await own.get(f"/dossiers/{clerk.id}")).status_code == 200


@pytest.mark.anyio
async def test_a_sudden_achievement_leaves_out_the_steps_between(awards: Awards, council: Any) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        await clerk.begin("BKB", kind="sudden")
        shown = await clerk.go("sent", "received", "to_authority")
        assert shown["state"] == "to_authority"


@pytest.mark.anyio
async def test_a_list_shown_too_short_is_told_before_the_vote_opens_with_the_earliest_day(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        await running.deliver(year.CAMPAIGN.model_copy(update={"id": "c24", "code": "TD2024", "year": 2024}))
        await running.settle()
        running.suite.clock.set(datetime(2024, 4, 22, 9, tzinfo=VIETNAM))
        clerk = Clerk(running, council)
        entry = {"campaign": "TD2024", "subject": "P0", "title": "HCLD3", "document": "Tờ trình 01/TTr"}
        await clerk.secretary.done("PUT", "/candidates", [entry])
        await clerk.secretary.done("POST", "/campaigns/TD2024/review")
        body = {"campaign": "TD2024", "subject": "P0", "title": "HCLD3"}
        id = (await clerk.secretary.done("POST", "/dossiers", body))["id"]
        paper = {"document": "Thông báo 05/TB", "addressee": "Cổng thông tin điện tử"}
        notice = {"kind": "public", "campaign": "TD2024", **paper, "posted_on": "2024-04-22", "dossiers": [id]}
        short = await clerk.secretary.call("POST", "/consultations", {**notice, "until": "2024-04-22"})
        assert (short.status_code, "08/05/2024" in short.json()["detail"]) == (422, True)
        shown = await clerk.secretary.done("POST", "/consultations", notice)
        assert (shown["until"], shown["working_days"]) == ("2024-05-08", 10)
        await clerk.secretary.meet(campaign="TD2024", held_on="2024-05-09", share={"more_than": "1/2"})
        unseen = await clerk.secretary.draw_up(title="HCLD3", subjects=("P0", "P1"))
        body = {"despite": True, "reason": "Họp gấp"}
        missing = await clerk.secretary.call("POST", f"/votes/{unseen}/open", body)
        assert missing.status_code == 409
        assert "trường hợp số 2" in missing.json()["detail"]
        await clerk.secretary.open(unseen, despite_notice=True, reason="Đã công khai trên báo")
        await clerk.secretary.done("POST", f"/votes/{unseen}/withdraw", {"reason": "Nhầm danh sách"})
        for held_on, status in (("2024-05-08", 409), ("2024-05-09", 200)):
            running.suite.clock.set(datetime.combine(date.fromisoformat(held_on), time(9), VIETNAM))
            await clerk.secretary.meet(campaign="TD2024", held_on=held_on, share={"more_than": "1/2"})
            vote = await clerk.secretary.draw_up(title="HCLD3", subjects=("P0",))
            answer = await clerk.secretary.call("POST", f"/votes/{vote}/open", {})
            assert answer.status_code == status, answer.text
            assert status == 200 or "sớm nhất ngày 09/05/2024" in answer.json()["detail"]
        assert await notice_of(clerk) == "met", "the meeting a day too early did not vote on it"
        off = {"day": "2024-05-06", "working": False, "document": "Thông báo nghỉ bù"}
        await clerk.secretary.done("PUT", "/working-days", [off])
        assert await notice_of(clerk) == "not_met", "a day that became free is none of the ten any more"
        await clerk.secretary.done("POST", "/consultations", {**notice, "posted_on": "2024-05-09"})
        await clerk.secretary.meet(campaign="TD2024", held_on="2024-07-10")
        assert await notice_of(clerk) == "not_met", "what is shown after the vote was shown to nobody in time"


async def notice_of(clerk: Clerk) -> str:
    await clerk.running.run_job("awards", "review_changed")
    found = await clerk.secretary.done("GET", "/recommendations/TD2024/P0/HCLD3")
    return str(next(one for one in found["findings"] if one["key"] == "hcld3.notice")["status"])


@pytest.mark.anyio
async def test_another_form_begins_a_dossier_of_its_own_and_a_complaint_leads_back(
    awards: Awards, council: Any
) -> None:
    async with awards() as running:
        clerk = Clerk(running, council)
        entry = {"campaign": "TD2022", "subject": "P0", "title": "BKB", "document": "Tờ trình 01/TTr"}
        await clerk.secretary.done("PUT", "/candidates", [entry])
        await clerk.bring_to_council()
        await clerk.vote((13, 2))
        await clerk.go("voted")
        agreed = {"title": "BKB", "agreement": "Công văn 7/CV-PĐĐ"}
        assert "title" in await clerk.refused("converted")
        assert "agreement" in await clerk.refused("converted", title="BKB")
        assert "bkb.many" in await clerk.refused("converted", **agreed)
        routes = ("movement", "many", "contribution", "worker", "years", "initiatives")
        clerk.title = "BKB"
        await clerk.answer_everything("g.route", *(f"bkb.{route}" for route in routes))
        old = await clerk.go("converted", **agreed, due_on="2023-01-20")
        assert (old["due_on"], old["steps"][-1]["agreement"]) == (None, "Công văn 7/CV-PĐĐ")
        listed = await clerk.secretary.done("GET", "/dossiers?campaign=TD2022")
        by_title = {one["title"]: one for one in listed["items"]}
        assert (by_title["CSTDB"]["state"], by_title["BKB"]["state"]) == ("converted", "council_ready")
        assert (by_title["BKB"]["came_from"], by_title["BKB"]["due_on"]) == (clerk.id, "2023-01-20")
        assert old["converted_into"] == by_title["BKB"]["id"]
        async with running.transaction("awards") as tx:
            filed = {row.title: row for row in await tx.rows(FILED, campaign="c22", subjects=["p0"])}
        assert filed["BKB"].received_on == filed["CSTDB"].received_on == date(2022, 12, 31)
        clerk.id = by_title["BKB"]["id"]
        await clerk.vote((3, 12), title="BKB")
        await clerk.go("voted", "not_passed")
        there = await clerk.go("complaint")
        assert [one["to"] for one in there["next"]] == ["not_passed", "corrected", "cancelled"]
        assert "chưa có quyết định còn hiệu lực" in await clerk.refused("corrected")
        assert (await clerk.go("not_passed"))["state"] == "not_passed"


@pytest.mark.anyio
async def test_what_waits_for_a_person_is_counted_with_its_deadline(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        await running.deliver(year.CAMPAIGN.model_copy(update={"id": "c24", "code": "TD2024", "year": 2024}))
        await running.settle()
        clerk = Clerk(running, council)
        body = {"campaign": "TD2024", "subject": "P0", "title": "CSTDB"}
        await clerk.secretary.done("PUT", "/candidates", [{**body, "document": "Tờ trình 01/TTr"}])
        await clerk.secretary.done("POST", "/campaigns/TD2024/review")
        clerk.id = (await clerk.secretary.done("POST", "/dossiers", body))["id"]
        shown = await clerk.go(*AT_UNIT, "received")
        due = working_days(date(2022, 12, 31), {}).nth_after(date(2022, 12, 31), 25)
        assert shown["due_on"] == due.isoformat()
        await clerk.go("appraisal")
        async with running.transaction("awards") as tx:
            found = {(one.name, one.labels.get("kind")): one.value for one in await award_gauges(tx)}
    name, end = "thidua_waiting_for_person", datetime.combine(due, time.max, VIETNAM)
    assert (found[name, "appraisal"], found[name, "council"]) == (1, 0)
    assert found[f"{name}_deadline_timestamp_seconds", "appraisal"] == int(end.timestamp())
