"""The council: terms, quorum, a number of members that nothing shrinks, paper minutes checked by two."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from thidua_awards.council_entries import CouncilEntry
from thidua_awards.domain import fighters
from thidua_awards.domain.council import Totals, limit_of, result_words
from thidua_awards.domain.records import PersonCase, Vote
from thidua_awards.law import Share, regime_of
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]


async def test_fourteen_of_fifteen_pass_ninety_percent_and_thirteen_do_not(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet()
        vote = await secretary.draw_up()
        await secretary.open(vote)
        first, second = (await secretary.count(vote, (14, 1), (13, 2)))["cases"]
        assert (first["passed"], second["passed"]) == (True, False)
        assert second["result"] == (
            "13/15 (86,6 %) tổng số thành viên Hội đồng đồng ý; yêu cầu từ 90 % trở lên "
            "(Nghị định 91/2017/NĐ-CP, Điều 45 khoản 8): không đạt."
        )


async def test_absence_and_interest_leave_the_number_of_members_as_it_is(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet(present=14)
        vote = await secretary.draw_up(subjects=("P0",))
        interest = [{"member": "tv03", "place": 1, "document": "Đơn xin không bỏ phiếu"}]
        shown = await secretary.done("PUT", f"/votes/{vote}/interests", interest)
        assert shown["cannot_pass"] == [1], "13 votes of 15 members are fewer than 90 %"
        refused = await secretary.call("POST", f"/votes/{vote}/open", {})
        assert refused.status_code == 409
        assert "không thể đạt từ 90 % trở lên của 15 thành viên" in refused.json()["detail"]
        await secretary.attend(14, tv15="written")
        assert (await secretary.open(vote))["cannot_pass"] == [], "14 of 15 can still be reached with a written opinion"
        closed = await secretary.count(vote, (14, 0))
        assert (closed["members"], closed["cases"][0]["passed"]) == (15, True)
        path = f"/meetings/{secretary.meeting}/attendance"
        changed = await secretary.call("PUT", path, [{"member": "tv01", "presence": "absent"}])
        assert changed.status_code == 409, "the minutes of the counted vote state who took part"
        assert "lập phiên họp mới" in changed.json()["detail"]
        await secretary.done("PUT", path, [{"member": "tv01", "presence": "present"}])
        (listed,) = (await secretary.done("GET", "/meetings?campaign=TD2022"))["items"]
        assert (listed["id"], listed["council"], listed["votes"]) == (secretary.meeting, secretary.council, 1)
        (known,) = (await secretary.done("GET", "/councils"))["items"]
        assert (known["id"], known["members"]) == (secretary.council, 15)


async def test_a_vote_that_cannot_pass_opens_only_for_a_reason_that_is_kept(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet(present=13)
        vote = await secretary.draw_up(subjects=("P0",))
        unsaid = await secretary.call("POST", f"/votes/{vote}/open", {"despite": True})
        other = await secretary.call("POST", f"/votes/{vote}/open", {"despite_notice": True, "reason": "Họp gấp"})
        assert (unsaid.status_code, other.status_code) == (422, 409)
        opened = await secretary.open(vote, despite=True, reason="Họp gấp")
        assert (opened["waived"], opened["waived_reason"]) == (["despite"], "Họp gấp")


def test_a_share_that_no_text_settles_gives_way_to_the_rules_of_the_council(council: Any) -> None:
    day, regime, own = date(2024, 12, 31), regime_of(2024), Share(at_least="90/100")
    ruled, unruled = (limit_of("CSTDTQ", day, regime, one, "Quy chế, Điều 7") for one in (own, None))
    assert (ruled.share, ruled.clause, ruled.binds) == (own, "Quy chế, Điều 7", True)
    assert (unruled.share, unruled.binds) == (Share(at_least="80/100"), False)
    assert "chưa đối chiếu văn bản): đạt" in result_words(Totals(12, 3, 0), 15, unruled)
    with pytest.raises(ValidationError, match="at_most"):
        CouncilEntry.model_validate(council.council(share={"at_most": "1/2"}))


async def test_a_vote_without_quorum_is_not_opened(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet(present=9)
        vote = await secretary.draw_up(title="LDTT")
        refused = await secretary.call("POST", f"/votes/{vote}/open", {"despite": True, "reason": "Họp gấp"})
        assert refused.status_code == 409
        assert "9/15" in refused.json()["detail"]


async def test_entries_named_twice_or_days_without_a_calendar_are_refused(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet(present=15)
        vote = await secretary.draw_up()
        day = {"day": "2022-12-31", "working": True, "document": "01/TB"}
        notice = {"kind": "public", "campaign": "TD2022", "document": "05/TB", "addressee": "Cổng", "dossiers": ["a"]}
        for method, path, body in (
            ("PUT", f"/meetings/{secretary.meeting}/attendance", [{"member": "tv01", "presence": "present"}] * 2),
            ("PUT", f"/votes/{vote}/interests", [{"member": "tv01", "place": 1, "document": "Đơn"}] * 2),
            ("PUT", "/working-days", [day, {**day, "working": False}]),
            ("POST", "/consultations", {**notice, "posted_on": "9999-12-30"}),
        ):
            assert (await secretary.call(method, path, body)).status_code == 422, path


async def test_only_members_whose_term_covers_the_day_of_the_meeting_count(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        members = [council.member(number) for number in range(1, 5)]
        members[3]["ends_on"] = "2022-06-30"
        await secretary.meet(3, roll=members)
        assert (await secretary.done("GET", f"/meetings/{secretary.meeting}"))["total"] == 3
        gone = await secretary.call(
            "PUT", f"/meetings/{secretary.meeting}/attendance", [{"member": "tv04", "presence": "present"}]
        )
        assert gone.status_code == 422


async def test_totals_need_two_other_readers_and_differing_figures_are_named(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet()
        vote = await secretary.draw_up()
        await secretary.open(vote)
        body = secretary.minutes((14, 1), (15, 0))
        entered = await secretary.done("POST", f"/votes/{vote}/counts", body, actor="Tổ kiểm phiếu")
        assert "yes" not in entered["cases"][0], "no total is shown before it is checked"
        same = await secretary.call("POST", f"/votes/{vote}/counts/check", body, actor="Tổ kiểm phiếu")
        other = secretary.minutes((14, 1), (14, 1))
        differs = await secretary.call("POST", f"/votes/{vote}/counts/check", other, actor="Người đọc A")
        assert (same.status_code, differs.status_code) == (409, 409)
        assert "tại: 2;" in differs.json()["detail"]
        await secretary.done("POST", f"/votes/{vote}/counts/check", body, actor="Người đọc A")
        again = await secretary.call("POST", f"/votes/{vote}/counts/check", body, actor="Người đọc A")
        assert again.status_code == 409
        closed = await secretary.done("POST", f"/votes/{vote}/counts/check", body, actor="Người đọc B")
        assert (closed["state"], closed["checked_by"]) == ("closed", ["Người đọc A", "Người đọc B"])


async def test_minutes_with_more_votes_than_voters_are_refused(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet(present=14)
        vote = await secretary.draw_up()
        await secretary.open(vote)
        refused = await secretary.call("POST", f"/votes/{vote}/counts", secretary.minutes((15, 0), (14, 0)))
        assert refused.status_code == 422
        assert "15 phiếu, chỉ có 14 thành viên" in refused.json()["detail"]


async def test_the_review_reads_the_minutes_of_a_closed_vote(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        entry = {"campaign": "TD2022", "subject": "P0", "title": "CSTDB", "document": "Tờ trình 01/TTr"}
        await secretary.done("PUT", "/candidates", [entry])
        await secretary.done("POST", "/campaigns/TD2022/review")
        await secretary.meet()
        vote = await secretary.draw_up(subjects=("P0",))
        await secretary.open(vote)
        await secretary.count(vote, (13, 2))
        await running.run_job("awards", "review_changed")
        shown = await secretary.done("GET", "/recommendations/TD2022/P0/CSTDB")
        finding = next(one for one in shown["findings"] if one["key"] == "cstdb.vote")
        assert finding["status"] == "not_met"
        assert "13/15" in finding["sentence"]


async def test_a_title_without_a_rule_of_law_follows_the_rules_of_the_council(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet(share={"at_least": "70/100"})
        vote = await secretary.draw_up(title="BKB")
        shown = await secretary.open(vote)
        assert (shown["share"], shown["clause"]) == ("từ 70 % trở lên", council.council()["rules"])
        await secretary.done("POST", f"/votes/{vote}/withdraw", {"reason": "Hội đồng khác biểu quyết"})
        await secretary.meet()
        unruled = await secretary.draw_up(title="BKB")
        await secretary.open(unruled)
        first, _ = (await secretary.count(unruled, (15, 0), (1, 14)))["cases"]
        assert first["passed"] is None
        assert "người có thẩm quyền xem xét" in first["result"]


def test_the_condition_on_votes_asks_for_what_the_council_voted_by_where_the_law_names_no_figure() -> None:
    own = Share(more_than="70/100")
    regime, day = regime_of(2024), date(2024, 12, 31)
    rule = regime.rule("cstdb.vote", day)
    assert rule is not None
    case = PersonCase(title="CSTDB", subject="s", unit="u", group="u", year=2024, as_of=day)
    by_rules = fighters.vote(replace(case, vote=Vote(15, 11, 0, own, "Quy chế, Điều 7")), rule)
    assert (by_rules.status, by_rules.clause) == ("met", "Quy chế, Điều 7"), "11 of 15 are under 80 % and over 70 %"
    below = fighters.vote(replace(case, vote=Vote(15, 10, 0, own, "Quy chế, Điều 7")), rule)
    assert below.status == "not_met", "the council's own rules bind it"
    unruled = fighters.vote(replace(case, vote=Vote(15, 11)), rule)
    assert unruled.status == "person", "80 % is not read in any text"
    bound = regime_of(2022).rule("cstdb.vote", date(2022, 12, 31))
    assert bound is not None
    by_law = fighters.vote(replace(case, vote=Vote(15, 13, 0, own, "Quy chế, Điều 7")), bound)
    assert by_law.status == "not_met", "90 % of all members stands above the council's own rules"
