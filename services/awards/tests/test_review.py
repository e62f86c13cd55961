"""The review on a real database, from delivered streams to published recommendations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from thidua_awards.queries import marks
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import RunningSuite, schema_difference

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
PERSONAL = ("discipline.complete", "ldtt.conduct")


async def review(running: RunningSuite, titles: str = "") -> dict[str, Any]:
    async with running.client("awards") as client:
        answer = await client.post(f"/campaigns/TD2022/review?titles={titles}")
    assert answer.status_code == 200, answer.text
    await running.settle()
    return dict(answer.json())


async def send(running: RunningSuite, method: str, path: str, body: Any, role: str = "office") -> Any:
    async with running.client("awards", role=role) as client:
        answer = await client.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    await running.settle()
    return answer.json()


async def get(running: RunningSuite, path: str) -> Any:
    async with running.client("awards", role="reader") as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def recommendation(running: RunningSuite, subject: str, title: str) -> dict[str, Any]:
    found = [
        one for one in await running.published("recommendations") if (one["subject"], one["title"]) == (subject, title)
    ]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.anyio
async def test_the_migrated_schema_equals_the_declared_tables(awards: Awards) -> None:
    async with awards() as running:
        assert await schema_difference(running, "awards") == []


@pytest.mark.anyio
async def test_a_review_publishes_one_recommendation_per_candidate_and_title(awards: Awards) -> None:
    async with awards() as running:
        summary = await review(running)
        published = await running.published("recommendations")
        assert summary["regime"] == "R03"
        # Ten people for LĐTT, two of them for CSTĐCS, one collective for TTLĐXS and so for TTLĐTT.
        assert summary["reviewed"] == len(published) == 14
        assert summary["verdicts"]["LDTT"] == {"no_data": 10}, "nobody declared the disciplines of the year"
        assert {one["state"] for one in published} == {"reviewed"}


@pytest.mark.anyio
async def test_declarations_of_the_unit_make_its_people_eligible_at_the_next_round(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await review(running)
        await send(running, "PUT", "/confirmations", year.declared(*PERSONAL), role="unit:PDD")
        await running.run_job("awards", "review_changed")
        await running.settle()
        one = await recommendation(running, "p5", "LDTT")
        assert (one["verdict"], one["first_unmet"]) == ("eligible", "")


@pytest.mark.anyio
async def test_a_rating_that_arrives_late_turns_missing_data_into_a_verdict(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await running.deliver(year.person("late", "pdd", "Lê Thị Muộn"), year.registration("late", "pdd", "LDTT"))
        await running.settle()
        await send(running, "PUT", "/confirmations", year.declared(*PERSONAL))
        await review(running)
        before = await recommendation(running, "late", "LDTT")
        assert before["verdict"] == "no_data"
        assert before["first_unmet"] == "Chưa có kết quả xếp loại chất lượng năm 2022."
        await running.deliver(year.rating("late", "pdd"))
        await running.settle()
        await running.run_job("awards", "review_changed")
        await running.settle()
        assert (await recommendation(running, "late", "LDTT"))["verdict"] == "eligible"


@pytest.mark.anyio
async def test_reviewing_again_without_a_change_publishes_nothing(awards: Awards) -> None:
    async with awards() as running:
        first = await review(running)
        second = await review(running)
        assert (first["changed"], second["changed"], second["dropped"]) == (14, 0, 0)
        async with running.transaction("awards") as tx:
            from sqlalchemy import text

            assert await tx.row(text("select 1 from dirty where campaign = 'c22'")) is None


@pytest.mark.anyio
async def test_the_quota_counts_titles_awarded_and_shows_every_name(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await send(running, "PUT", "/confirmations", year.declared(*PERSONAL))
        await review(running)
        waiting = await recommendation(running, "p0", "CSTDCS")
        assert waiting["verdict"] == "person"
        assert waiting["first_unmet"].startswith("Chưa có quyết định Lao động tiên tiến")
        everybody = [f"P{number}" for number in range(10)]
        await send(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", *everybody))
        await running.run_job("awards", "review_changed")
        await running.settle()
        over = await recommendation(running, "p0", "CSTDCS")
        assert over["quota"]["sentence"] == "15 % của 10 = 1,5 → 1 suất, 2 người đủ điều kiện"
        assert over["verdict"] == "person"
        listed = (await get(running, "/quotas?campaign=TD2022"))["quotas"]
        assert [one["name"] for one in listed[0]["candidates"]] == ["Nguyễn Văn 0", "Nguyễn Văn 1"]
        assert listed[0]["unit_name"] == "Sở Tài nguyên và Môi trường"


@pytest.mark.anyio
async def test_a_cancelled_decision_shrinks_the_quota_and_lists_what_relied_on_it(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await send(running, "PUT", "/confirmations", year.declared(*PERSONAL))
        await review(running)
        six = [f"P{number}" for number in range(6)]
        first = await send(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", *six))
        await send(running, "POST", "/decisions", year.decision("12/QĐ", "LDTT", "P6"))
        await send(running, "POST", "/decisions", year.decision("13/QĐ", "CSTDCS", "P0"))
        await send(running, "POST", "/decisions", year.decision("14/QĐ", "TTLDXS", "PDD"))
        await running.run_job("awards", "review_changed")
        await running.settle()
        assert (await recommendation(running, "p1", "CSTDCS"))["quota"]["denominator"] == 7
        reason = {"reason": "Khai không đúng thành tích", "document": "15/QĐ"}
        answer = await send(running, "POST", f"/decisions/{first['id']}/cancel", reason)
        assert {(one["subject"], one["code"]) for one in answer["relied"]} == {("p0", "CSTDCS"), ("pdd", "TTLDXS")}
        assert answer["relied"][0]["reasons"][0].endswith("theo quyết định số 11/QĐ.")
        await running.run_job("awards", "review_changed")
        await running.settle()
        assert (await recommendation(running, "p1", "CSTDCS"))["quota"]["denominator"] == 1
        in_force = {one["number"]: one["cancelled"] for one in await running.published("decisions")}
        assert in_force == {"11/QĐ": True, "12/QĐ": False, "13/QĐ": False, "14/QĐ": False}


@pytest.mark.anyio
async def test_shares_of_a_collective_come_from_decisions_and_current_members(awards: Awards, year: Any) -> None:
    async with awards() as running:
        keys = (*PERSONAL, "ttldtt.movement")
        await send(running, "PUT", "/confirmations", year.declared(*keys))
        await send(running, "PUT", "/confirmations", year.declared("ttldtt.unity"), role="appraiser")
        await send(running, "PUT", "/confirmations", year.declared("g.route", title="TTLDXS"))
        await review(running)
        assert (await recommendation(running, "pdd", "TTLDTT"))["verdict"] == "no_data"
        await send(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", *(f"P{n}" for n in range(7))))
        await send(running, "POST", "/decisions", year.decision("12/QĐ", "CSTDCS", "P0"))
        await running.run_job("awards", "review_changed")
        await running.settle()
        team = await recommendation(running, "pdd", "TTLDXS")
        assert (team["verdict"], team["first_unmet"]) == ("eligible", "")
        share = next(one for one in team["findings"] if one["key"] == "ttldxs.share")
        assert share["sentence"].startswith("7/10 (70 %) thành viên")
        plan = next(
            one for one in (await recommendation(running, "pdd", "TTLDTT"))["findings"] if one["key"] == "ttldtt.plan"
        )
        assert plan["sentence"].endswith("Điểm chính thức: 912,5/1000.")
        await running.deliver(year.person("new", "pdd", "Phạm Văn Mới"))
        await running.settle()
        await running.run_job("awards", "review_changed")
        await running.settle()
        assert (await recommendation(running, "pdd", "TTLDXS"))["verdict"] == "not_met", "7 of 11 is under 70 %"


@pytest.mark.anyio
async def test_a_withdrawn_candidate_disappears_from_the_stream(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await review(running)
        await running.deliver(year.registration("p9", "pdd").model_copy(update={"version": 10**9}))
        await running.settle()
        await running.run_job("awards", "review_changed")
        await running.settle()
        published = {(one["subject"], one["title"]) for one in await running.published("recommendations")}
        assert ("p9", "LDTT") not in published
        assert len(published) == 13


@pytest.mark.anyio
async def test_a_named_candidate_is_reviewed_and_its_other_title_shown_as_a_mismatch(awards: Awards, year: Any) -> None:
    async with awards() as running:
        named = [{"campaign": "TD2022", "subject": "P7", "title": "CSTDCS", "document": "Tờ trình 11/TTr"}]
        await send(running, "PUT", "/candidates", named, role="unit:PDD")
        await review(running)
        one = await recommendation(running, "p7", "CSTDCS")
        registered = next(finding for finding in one["findings"] if finding["key"] == "g.registered")
        assert registered["status"] == "person"
        assert "khác danh hiệu đã đăng ký" in registered["sentence"]


@pytest.mark.anyio
async def test_a_hold_suspends_and_lifting_it_lets_the_review_go_on(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await send(running, "PUT", "/confirmations", year.declared(*PERSONAL))
        hold = await send(running, "POST", "/holds", {"subject": "P3", "starts_on": "2022-12-01"})
        await review(running)
        held = await recommendation(running, "p3", "LDTT")
        assert (held["state"], held["verdict"]) == ("on_hold", "person")
        async with running.client("awards") as client:
            second = await client.post("/holds", json={"subject": "P3", "starts_on": "2022-12-01"})
            early = await client.post(f"/holds/{hold['id']}/lift", json={"ends_on": "2022-11-30"})
        assert (second.status_code, early.status_code) == (409, 422)
        assert "Đã ghi việc tạm dừng xem xét P3 từ ngày 01/12/2022" in second.json()["detail"]
        await send(running, "POST", f"/holds/{hold['id']}/lift", {"ends_on": "2022-12-30"})
        await send(running, "POST", "/holds", {"subject": "P3", "starts_on": "2023-01-30"})
        await running.run_job("awards", "review_changed")
        await running.settle()
        freed = await recommendation(running, "p3", "LDTT")
        assert (freed["state"], freed["verdict"]) == ("reviewed", "eligible")


@pytest.mark.anyio
async def test_a_decided_recommendation_keeps_the_findings_it_was_judged_by(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await send(running, "PUT", "/confirmations", year.declared(*PERSONAL))
        await review(running)
        await send(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", "P5"))
        bad = year.rating("p5", "pdd", year.RatingLevel.NOT_COMPLETED).model_copy(update={"version": 10**9})
        await running.deliver(bad)
        await running.settle()
        await running.run_job("awards", "review_changed")
        await running.settle()
        one = await recommendation(running, "p5", "LDTT")
        assert (one["state"], one["verdict"]) == ("decided", "eligible")


@pytest.mark.anyio
async def test_a_list_shows_names_labels_and_pages(awards: Awards) -> None:
    async with awards() as running:
        await review(running)
        answer = await get(running, "/recommendations?campaign=TD2022&title=LDTT&unit=PDD&limit=3&offset=1")
        assert answer["total"] == 10
        assert [one["name"] for one in answer["items"]] == ["Nguyễn Văn 1", "Nguyễn Văn 2", "Nguyễn Văn 3"]
        assert answer["items"][0]["title_label"] == "Lao động tiên tiến"
        assert answer["items"][0]["unit_name"] == "Phòng Đất đai"


@pytest.mark.anyio
async def test_the_gauges_count_proposals_by_title_from_zero(awards: Awards) -> None:
    async with awards() as running:
        service = running.suite.services["awards"]
        await service.refresh_gauges()
        before = {(s.name, *sorted(s.labels.items())): s.value for s in service.meters.gauges.samples}
        key = ("thidua_proposals", ("state", "reviewed"), ("title", "LDTT"))
        assert before[key] == 0
        await review(running)
        await service.refresh_gauges()
        after = {(s.name, *sorted(s.labels.items())): s.value for s in service.meters.gauges.samples}
        assert after[key] == 10
        assert ("thidua_waiting_for_person", ("kind", "appraisal")) in after


@pytest.mark.anyio
async def test_of_two_answers_to_one_check_in_a_request_the_last_one_counts(awards: Awards, year: Any) -> None:
    async with awards() as running:
        no, yes = year.declared("ldtt.conduct"), year.declared(*PERSONAL)
        no[0]["answer"] = False
        await send(running, "PUT", "/confirmations", [*no, *yes])
        await review(running)
        assert (await recommendation(running, "p5", "LDTT"))["verdict"] == "eligible"


@pytest.mark.anyio
async def test_a_course_and_a_removed_discipline_change_the_next_review(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await send(running, "PUT", "/confirmations", year.declared(*PERSONAL))
        course = {"subject": "P5", "year": 2022, "months": 14, "result": "trung_binh"}
        made = await send(running, "POST", "/trainings", [course], role="unit:PDD")
        entry = {"subject": "P4", "form": "khien_trach", "decided_on": "2022-03-10", "ends_on": "2022-06-10"}
        wrong = await send(running, "POST", "/disciplines", [entry])
        await review(running)
        assert (await recommendation(running, "p5", "LDTT"))["verdict"] == "not_met"
        assert (await recommendation(running, "p4", "LDTT"))["verdict"] == "not_met"
        await send(running, "DELETE", f"/disciplines/{wrong['ids'][0]}", None)
        await send(running, "POST", "/trainings", [{**course, "id": made["ids"][0], "result": "gioi"}])
        await running.run_job("awards", "review_changed")
        await running.settle()
        assert (await recommendation(running, "p5", "LDTT"))["verdict"] == "eligible"
        assert (await recommendation(running, "p4", "LDTT"))["verdict"] == "eligible"


@pytest.mark.anyio
async def test_a_hold_that_begins_with_the_day_is_seen_by_the_review_of_that_day(awards: Awards) -> None:
    async with awards() as running:
        begins = running.suite.clock.today() + timedelta(days=3)
        await send(running, "POST", "/holds", {"subject": "P3", "starts_on": begins.isoformat()})
        await review(running)
        before = await recommendation(running, "p3", "LDTT")
        clock = running.suite.clock
        assert isinstance(clock, ManualClock)
        clock.set(clock.now() + timedelta(days=3))
        await running.run_job("awards", "review_changed")
        await running.settle()
        assert await recommendation(running, "p3", "LDTT") == before
        await running.run_job("awards", "new_day")
        await running.run_job("awards", "review_changed")
        await running.settle()
        held = await recommendation(running, "p3", "LDTT")
        assert (before["state"], held["state"]) == ("reviewed", "on_hold")


async def ask(running: RunningSuite, query: str = "") -> dict[str, Any]:
    async with running.client("awards") as client:
        return dict((await client.post(f"/campaigns/TD2022/review{query}")).json())


@pytest.mark.anyio
async def test_a_second_review_looks_only_at_what_changed_and_tells_the_same(awards: Awards) -> None:
    async with awards() as running:
        first = await review(running)
        # Nobody marks it: only a review of everybody notices that a finding was tampered with.
        async with running.suite.services["awards"].database.transaction() as tx:
            await tx.execute(text("update recommendation set verdict = 'eligible', findings = '[]'"))
        second = await ask(running)
        assert (second["reviewed"], second["changed"]) == (first["reviewed"], 0)
        third = await ask(running, "?again=true")
        assert (third["verdicts"], third["changed"]) == (first["verdicts"], first["reviewed"])


@pytest.mark.anyio
async def test_a_review_under_other_rules_looks_at_everybody_again(awards: Awards) -> None:
    async with awards() as running:
        first = await review(running)
        async with running.suite.services["awards"].database.transaction() as tx:
            await tx.execute(text("update recommendation set verdict = 'eligible', findings = '[]'"))
            await tx.execute(text("update review set basis = 'rules of yesterday'"))
        assert (await ask(running))["verdicts"] == first["verdicts"]


@pytest.mark.anyio
async def test_a_review_waits_for_no_follower_that_marks_a_unit_anew(awards: Awards) -> None:
    async with awards() as running:
        await review(running)
        database = running.suite.services["awards"].database
        async with database.transaction() as tx:
            marks.mark(tx, [marks.EVERY_UNIT])
        async with database.transaction() as follower:
            await follower.execute(text("update dirty set generation = nextval('dirty_generation')"))
            async with asyncio.timeout(5):
                assert (await ask(running))["reviewed"]
        async with database.transaction() as tx:
            assert await tx.row(text("select unit from dirty")) is not None
        await ask(running)
        async with database.transaction() as tx:
            assert await tx.row(text("select unit from dirty")) is None
