"""The hash chain: a row that is altered, a link that is taken out, and a chain made anew are found and named."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from thidua.contracts import Recommendation
from thidua_awards.domain.chain import KIND_WORDS
from thidua_awards.queries import adopting, chain
from thidua_awards.terminal import auditing
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]


async def voted_and_decided(running: RunningSuite, council: Any, year: Any) -> tuple[Any, str, str]:
    secretary = council.Secretary(running)
    await secretary.meet()
    vote = await secretary.draw_up()
    await secretary.open(vote)
    await secretary.count(vote, (14, 1), (13, 2))
    made = await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P0", "P1", campaign=None))
    return secretary, vote, made["id"]


MOVED = {
    "update vote set campaign = 'c21'": "vote",
    "update vote set closed_at = closed_at - interval '30 days'": "vote",
    "update vote set checked_by = '{Ai đó, Người khác}'": "vote",
    "delete from interest": "vote",
    "update meeting set held_on = '2022-01-05'": "vote",
    "update decision_award set unit = 'pmt'": "decision",
    "update decision set reason = ''": "decision",
    "update decision set cut = '2022-01-01T00:00:00Z'": "decision",
    "update recommendation set regime = 'R24' where subject = 'p5'": "judged",
    "update recommendation set quota = null where subject = 'p5'": "judged",
}


async def test_what_a_record_is_of_and_rested_on_is_covered_as_well_as_what_it_says(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet()
        vote = await secretary.draw_up()
        await secretary.done("PUT", f"/votes/{vote}/interests", [{"member": "tv01", "place": 2, "document": "Đơn"}])
        await secretary.open(vote)
        await secretary.count(vote, (14, 1), (13, 1))
        await secretary.done("PUT", "/candidates", [{**LINE, "document": "01/TTr"}])
        await secretary.done("POST", "/campaigns/TD2022/review")
        await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P5"))
        await running.run_job("awards", "review_changed")
        await secretary.done("POST", "/decisions", {**year.decision("41/QĐ", "CSTDCS", "P5"), "reason": "Đặc cách"})
        assert (await secretary.done("GET", "/audit"))["sound"] is True
        for statement, kind in MOVED.items():
            found = await after(running, statement)
            assert any(one.startswith(KIND_WORDS[kind]) for one in found["altered"]), statement


async def after(running: RunningSuite, statement: str) -> dict[str, Any]:
    """Return what is found after an alteration, which is taken back."""
    async with running.transaction("awards") as tx:
        alteration = await tx.connection.begin_nested()
        await tx.execute(text(statement))
        found = await chain.verify(tx)
        await alteration.rollback()
    return found


LINE = {"campaign": "TD2022", "subject": "P5", "title": "CSTDCS"}


async def test_an_altered_total_and_an_altered_line_are_named(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        secretary, vote, decision = await voted_and_decided(running, council, year)
        assert (await secretary.done("GET", "/audit"))["sound"] is True
        async with running.transaction("awards") as tx:
            await tx.execute(text("update vote_case set yes = 15, no = 0 where vote = :v and place = 2"), v=vote)
            await tx.execute(text("update decision_award set code = 'CSTDCS' where decision = :d"), d=decision)
        found = await secretary.done("GET", "/audit")
        assert found["sound"] is False
        assert found["altered"] == [
            f"kết quả kiểm phiếu {vote} (theo Biên bản kiểm phiếu 01/BB)",
            f"quyết định {decision} (số 40/QĐ)",
        ]


async def test_a_state_set_back_and_what_was_slipped_in_without_a_link_are_named(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary, vote, decision = await voted_and_decided(running, council, year)
        await secretary.done("POST", "/campaigns/TD2022/review")
        first = await secretary.done("POST", "/decisions", year.decision("41/QĐ", "LDTT", "P5"))
        gone = await secretary.done("POST", "/decisions", year.decision("42/QĐ", "LDTT", "P6"))
        await secretary.done("POST", "/decisions", year.decision("43/QĐ", "LDTT", "P7"))
        assert (await secretary.done("GET", "/audit"))["sound"] is True
        copied = "number || '/2', dated, signer, authority, campaign, changed_by from decision where id = :d"
        columns = "id, number, dated, signer, authority, campaign, changed_by"
        async with running.transaction("awards") as tx:
            await tx.execute(text("update recommendation set state = 'reviewed' where subject = 'p5'"))
            await tx.execute(text("delete from recommendation where subject = 'p7'"))
            await tx.execute(text(f"insert into decision ({columns}) select 'ma', {copied}"), d=decision)
            await tx.execute(text("update decision set campaign = null where id = :d"), d=first["id"])
            await tx.execute(text("update decision set cancelled = true where id = :d"), d=gone["id"])
            await tx.execute(text("delete from chain_link where kind = 'vote'"))
        altered = (await secretary.done("GET", "/audit"))["altered"]
        word = "kết quả rà soát và điểm đã dùng khi biểu quyết"
        assert set(altered) == {
            f"kết quả kiểm phiếu {vote} (theo Biên bản kiểm phiếu 01/BB) (không có mắt xích)",
            f"{word} p5/c22/LDTT (Nguyễn Văn 5)",
            f"quyết định {first['id']} (số 41/QĐ)",
            f"quyết định {gone['id']} (số 42/QĐ)",
            "quyết định ma (số 40/QĐ/2) (không có mắt xích)",
            f"hủy bỏ quyết định {gone['id']} (không có mắt xích)",
        } | {f"{word} p7/c22/LDTT (Nguyễn Văn 7)"}


async def test_what_a_cancelled_decision_or_a_dossier_sent_back_frees_is_no_alteration(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        made = await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P5"))
        await secretary.done("POST", f"/decisions/{made['id']}/cancel", {"reason": "Sai sót", "document": "41/QĐ"})
        await secretary.done("PUT", "/confirmations", year.declared("discipline.complete"))
        await running.run_job("awards", "review_changed")
        assert (await secretary.done("GET", "/audit"))["altered"] == []


async def test_a_link_taken_out_breaks_the_chain_and_a_shorter_chain_lacks_the_printed_head(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary, _, decision = await voted_and_decided(running, council, year)
        await secretary.done("POST", f"/decisions/{decision}/cancel", {"reason": "Sai sót", "document": "41/QĐ"})
        printed = (await secretary.done("GET", "/audit"))["head"]
        assert (await secretary.done("GET", f"/audit?head={printed}"))["sound"] is True
        async with running.transaction("awards") as tx:
            await tx.execute(text("delete from chain_link where number = 4"))
        cut = await secretary.done("GET", f"/audit?head={printed}")
        assert (cut["broken"], cut["printed_head_known"], cut["sound"]) == ([], False, False)
        async with running.transaction("awards") as tx:
            await tx.execute(text("delete from chain_link where number = 1"))
        assert "mắt xích số 2" in (await secretary.done("GET", "/audit"))["broken"][0]


async def test_a_link_altered_or_added_is_named_whatever_it_says(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        secretary, vote, _ = await voted_and_decided(running, council, year)
        await secretary.done("POST", "/campaigns/TD2022/review")
        await secretary.done("POST", "/decisions", year.decision("41/QĐ", "LDTT", "P5"))
        for column in ("kind = 'votex'", "withheld = ''"):
            found = await after(running, f"update chain_link set {column} where kind = 'vote'")
            assert [vote in one for one in found["broken"]] == [True], column
        for findings in ("[]", "{}", '[{"key": []}, 1, null]', '"x"'):
            found = await after(running, f"update recommendation set findings = '{findings}' where subject = 'p5'")
            assert ["p5/c22/LDTT" in one for one in found["altered"]] == [True], findings
        copied = "'reopened', reference, salt, digest, head from chain_link where kind = 'judged'"
        next_one = "(select max(number) + 1 from chain_link)"
        added = f"insert into chain_link (number, kind, reference, salt, digest, head) select {next_one}, {copied}"
        assert "mắt xích số 5 (đưa về rà soát lại p5" in (await after(running, added))["broken"][0]


STEP = "acted_on, on_behalf, document, reason, afterwards, skipped, recorded_by"


async def test_neither_a_step_nor_a_link_hides_altered_findings_of_an_award_in_force(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P5", "title": "LDTT"}
        await secretary.done("POST", "/dossiers", case)
        await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P5"))
        assert (await secretary.done("GET", "/audit"))["sound"] is True
        back = f"insert into dossier_step (dossier, number, came_from, state, {STEP})"
        back += f" select dossier, number + 1, 'voted', 'appraisal', {STEP} from dossier_step"
        async with running.transaction("awards") as tx:
            await tx.execute(text("update recommendation set verdict = 'not_met' where subject = 'p5'"))
        assert ["p5/c22/LDTT" in one for one in (await after(running, back))["altered"]] == [True]
        async with running.transaction("awards") as tx:
            await chain.add_links(tx, "reopened", ["p5/c22/LDTT"])
        assert ["p5/c22/LDTT" in one for one in (await secretary.done("GET", "/audit"))["altered"]] == [True]


async def test_what_was_waived_to_open_a_vote_is_covered_by_its_link(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet(present=13)
        vote = await secretary.draw_up(subjects=("P0",))
        await secretary.open(vote, despite=True, reason="Hội đồng thống nhất")
        await secretary.count(vote, (13, 0))
        assert (await secretary.done("GET", "/audit"))["sound"] is True
        async with running.transaction("awards") as tx:
            await tx.execute(text("update vote set waived = '{}', waived_reason = null"))
        assert (await secretary.done("GET", "/audit"))["altered"] == [
            f"kết quả kiểm phiếu {vote} (theo Biên bản kiểm phiếu 01/BB)"
        ]


async def test_findings_taken_from_the_stream_are_no_alteration_and_their_hidden_sentences_are_named_as_withheld(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("PUT", "/confirmations", year.declared("discipline.complete"))
        await secretary.done("POST", "/campaigns/TD2022/review")
        await secretary.done("POST", "/decisions", year.decision("41/QĐ", "LDTT", "P5"))
        await running.settle()
        judged = "kết quả rà soát và điểm đã dùng khi biểu quyết p5/c22/LDTT"
        streamed = [one for one in await running.published("recommendations") if one["subject"] == "p5"]
        async with running.transaction("awards") as tx:
            await adopting.take_recommendations(tx, [Recommendation.model_validate(one) for one in streamed], [])
        restored = await secretary.done("GET", "/audit")
        assert (restored["altered"], restored["withheld"], restored["sound"]) == ([], [judged], True)
        lighter = "jsonb_set(findings, '{0,sentence}', '\"Đã đăng ký.\"')"
        async with running.transaction("awards") as tx:
            await tx.execute(text(f"update recommendation set findings = {lighter} where subject = 'p5'"))
        assert (await secretary.done("GET", "/audit"))["altered"] == [f"{judged} (Nguyễn Văn 5)"]


async def test_the_command_says_what_was_altered_and_ends_with_an_error(
    awards: Awards, council: Any, year: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with awards() as running:
        secretary, vote, _ = await voted_and_decided(running, council, year)
        sound = await secretary.done("GET", "/audit")
        async with running.transaction("awards") as tx:
            await tx.execute(text("update vote set document = 'khác' where id = :v"), v=vote)
        altered = await secretary.done("GET", "/audit")
    # The answers are the door's own; only the way to it is shortened.
    answers = iter((sound, altered))
    monkeypatch.setattr("thidua_runtime.calling.call", lambda url: next(answers))
    runner = CliRunner()
    first, second = runner.invoke(auditing.audit, ["verify"]), runner.invoke(auditing.audit, ["verify"])
    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "2 mắt xích" in first.output
    assert f"đã bị thay đổi: kết quả kiểm phiếu {vote}" in second.output
