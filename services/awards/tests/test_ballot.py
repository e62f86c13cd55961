"""The electronic secret ballot: sealed until closing, replaceable, linked to nobody afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from thidua_awards import sealing
from thidua_awards.commands.council import record_presence
from thidua_awards.council_entries import PresenceEntry
from thidua_awards.domain.council import Presence
from thidua_awards.sealing import Choice
from thidua_awards.service import SERVICE
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.testing import RunningSuite, SuiteFactory

Opened = Callable[[], AbstractAsyncContextManager[tuple[RunningSuite, Any, ManualClock, Path]]]


@pytest.fixture
def electronic(suite: SuiteFactory, year: Any, council: Any, tmp_path: Path) -> Opened:
    """A council of five that may vote electronically, its meeting opened."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[RunningSuite, Any, ManualClock, Path]]:
        clock = ManualClock(datetime(2022, 12, 30, 9, tzinfo=VIETNAM))
        keys = tmp_path / "keys"
        async with suite(SERVICE, clock=clock, ballot_keys_folder=keys) as running:
            await running.deliver(*year.department())
            await running.settle()
            secretary = council.Secretary(running)
            await secretary.meet(5, share={"more_than": "1/2"})
            yield running, secretary, clock, keys

    return opened


@pytest.mark.anyio
async def test_the_last_ballot_of_a_member_counts_and_totals_appear_with_the_closing(electronic: Opened) -> None:
    async with electronic() as (_, secretary, _, _):
        vote = await secretary.draw_up("electronic", "BKB")
        await secretary.open(vote)
        for number in range(1, 6):
            assert (await secretary.cast(vote, number, "no", "no")).status_code == 200
        for number in range(1, 5):
            await secretary.cast(vote, number, "yes", "invalid")
        before = await secretary.done("GET", f"/votes/{vote}")
        assert before["voted"] == 5
        assert "yes" not in before["cases"][0]
        anew = await secretary.call("POST", f"/councils/{secretary.council}/members/tv01/token")
        assert (anew.status_code, anew.json()["type"]) == (409, "urn:thidua:problem:token-in-use")
        closed = await secretary.done("POST", f"/votes/{vote}/close", {"document": "Biên bản 01/BB"})
        assert [(one["yes"], one["no"], one["invalid"], one["passed"]) for one in closed["cases"]] == [
            (4, 1, 0, True),
            (0, 1, 4, False),
        ]
        late = await secretary.cast(vote, 1, "no", "no")
        assert late.status_code == 409


@pytest.mark.anyio
async def test_rows_of_every_ballot_look_alike_and_opened_votes_name_nobody(electronic: Opened) -> None:
    async with electronic() as (running, secretary, _, keys):
        vote = await secretary.draw_up("electronic", "BKB")
        await secretary.open(vote)
        for number, choice in enumerate(("yes", "no", "invalid", "yes", "yes"), 1):
            await secretary.cast(vote, number, choice, choice)
        async with running.transaction("awards") as tx:
            rows = await tx.rows(text("select sealed from ballot where vote = :id"), id=vote)
            assert len({len(row.sealed) for row in rows}) == 1
            assert len({bytes(row.sealed) for row in rows}) == 5
        await secretary.done("POST", f"/votes/{vote}/close", {"document": "Biên bản 01/BB"})
        async with running.transaction("awards") as tx:
            opened = await tx.rows(text("select * from opened_ballot where vote = :id"), id=vote)
            assert set(opened[0]._mapping) == {"vote", "place", "slot", "choice"}
            assert len(opened) == 10
            answers = await tx.rows(text("select * from thidua.idempotency"))
            assert answers == []
        assert [path.stat().st_mode & 0o777 for path in keys.iterdir()] == [0o600]


@pytest.mark.anyio
async def test_a_ballot_copied_into_another_row_is_no_second_vote(electronic: Opened) -> None:
    async with electronic() as (running, secretary, _, _):
        vote = await secretary.draw_up("electronic", "BKB", ("P0",))
        await secretary.open(vote)
        await secretary.cast(vote, 1, "yes")
        async with running.transaction("awards") as tx:
            await tx.execute(text("insert into ballot select vote, 'tv02', sealed from ballot where vote = :v"), v=vote)
        closed = await secretary.done("POST", f"/votes/{vote}/close", {"document": "Biên bản 01/BB"})
        case = closed["cases"][0]
        assert (case["yes"], case["invalid"], closed["unreadable"]) == (1, 1, 1)


@pytest.mark.anyio
async def test_written_opinions_are_counted_in_and_kept_nowhere_apart(electronic: Opened) -> None:
    async with electronic() as (running, secretary, _, _):
        await secretary.attend(2, tv03="written", tv04="written", tv05="written")
        vote = await secretary.draw_up("electronic", "BKB", ("P0",))
        await secretary.open(vote)
        for number in (1, 2):
            await secretary.cast(vote, number, "yes")
        missing = await secretary.call("POST", f"/votes/{vote}/close", {"document": "Biên bản 01/BB"})
        assert missing.status_code == 422
        body = {"document": "Biên bản 01/BB", "written": [{"place": 1, "yes": 2, "no": 1}]}
        closed = await secretary.done("POST", f"/votes/{vote}/close", body)
        assert (closed["cases"][0]["yes"], closed["cases"][0]["no"]) == (4, 1)
        async with running.transaction("awards") as tx:
            row = await tx.row(text("select row_to_json(v)::text as body from vote v where id = :id"), id=vote)
            assert row is not None
            assert "written" not in row.body
        guessed = await secretary.call("POST", f"/votes/{vote}/recount", body)
        assert guessed.status_code == 422, "a recount that compares typed opinions tells who tries what they were"
        again = await secretary.done("POST", f"/votes/{vote}/recount", {"document": "Biên bản 02/BB"})
        assert (again["same"], len(again["recounts"])) == (True, 1)
        async with running.transaction("awards") as tx:
            await tx.execute(text("update opened_ballot set choice = 2 where vote = :id"), id=vote)
        altered = await secretary.done("POST", f"/votes/{vote}/recount", {"document": "Biên bản 03/BB"})
        assert altered["differing"] == [1]


@pytest.mark.anyio
async def test_written_opinions_of_one_or_two_members_are_never_totals_of_their_own(electronic: Opened) -> None:
    async with electronic() as (_, secretary, _, _):
        await secretary.attend(3, tv04="written", tv05="written")
        vote = await secretary.draw_up("electronic", "BKB", ("P0",))
        refused = await secretary.call("POST", f"/votes/{vote}/open", {})
        assert refused.status_code == 409
        assert "bỏ phiếu kín trên giấy" in refused.json()["detail"]
        await secretary.attend(5)
        await secretary.open(vote)
        await secretary.attend(4, tv05="written")
        body = {"document": "Biên bản 01/BB", "written": [{"place": 1, "yes": 1, "no": 0}]}
        late = await secretary.call("POST", f"/votes/{vote}/close", body)
        assert late.status_code == 409
        assert "bỏ phiếu kín trên giấy" in late.json()["detail"]


@pytest.mark.anyio
async def test_who_voted_and_also_wrote_an_opinion_stops_the_closing(electronic: Opened) -> None:
    async with electronic() as (running, secretary, _, _):
        await secretary.attend(2, tv03="written", tv04="written", tv05="written")
        vote = await secretary.draw_up("electronic", "BKB", ("P0",))
        await secretary.open(vote)
        await secretary.cast(vote, 1, "yes")
        async with running.transaction("awards") as tx:
            await tx.execute(text("insert into ballot select vote, 'tv05', sealed from ballot where vote = :v"), v=vote)
        body = {"document": "Biên bản 01/BB", "written": [{"place": 1, "yes": 3, "no": 0}]}
        refused = await secretary.call("POST", f"/votes/{vote}/close", body)
        assert refused.status_code == 409
        assert "tv05" in refused.json()["detail"]


@pytest.mark.anyio
async def test_a_ballot_waits_for_whoever_is_recording_that_its_member_wrote(electronic: Opened) -> None:
    async with electronic() as (running, secretary, _, _):
        vote = await secretary.draw_up("electronic", "BKB", ("P0",))
        await secretary.open(vote)
        await secretary.token("tv05")
        entries = [PresenceEntry(member="tv05", presence=Presence.WRITTEN)]
        async with running.transaction("awards", "Thư ký") as tx:
            await record_presence(tx, secretary.meeting, entries)
            casting = asyncio.create_task(secretary.cast(vote, 5, "yes"))
            await asyncio.wait([casting], timeout=0.5)
            assert not casting.done()
        assert (await casting).status_code == 422


@pytest.mark.anyio
async def test_key_and_ballots_are_destroyed_after_the_recount_term(electronic: Opened) -> None:
    async with electronic() as (running, secretary, clock, keys):
        vote = await secretary.draw_up("electronic", "BKB", ("P0",))
        await secretary.open(vote, recount_days=10)
        await secretary.cast(vote, 1, "yes")
        clock.set(datetime(2023, 1, 20, 9, tzinfo=VIETNAM))
        closed = await secretary.done("POST", f"/votes/{vote}/close", {"document": "Biên bản 01/BB"})
        assert closed["recount_until"] == "2023-01-30", "the term is counted from the closing"
        clock.set(datetime(2023, 1, 30, 9, tzinfo=VIETNAM))
        await running.run_job("awards", "destroy_keys")
        assert len(list(keys.iterdir())) == 1, "the last day of the term belongs to it"
        clock.set(datetime(2023, 1, 31, 9, tzinfo=VIETNAM))
        await running.run_job("awards", "destroy_keys")
        assert list(keys.iterdir()) == []
        shown = await secretary.done("GET", f"/votes/{vote}")
        assert (shown["key_destroyed"], shown["cases"][0]["yes"]) == (True, 1)
        async with running.transaction("awards") as tx:
            assert (await tx.rows(text("select sealed from ballot")))[0].sealed is None
        refused = await secretary.call("POST", f"/votes/{vote}/recount", {"document": "Biên bản 02/BB"})
        assert refused.status_code == 409


@pytest.mark.anyio
async def test_who_is_no_member_absent_or_interested_casts_no_vote(electronic: Opened) -> None:
    async with electronic() as (_, secretary, _, _):
        vote = await secretary.draw_up("electronic", "BKB")
        await secretary.attend(4, tv05="absent")
        interest = [{"member": "tv01", "place": 2, "document": "Đơn"}]
        await secretary.done("PUT", f"/votes/{vote}/interests", interest)
        await secretary.open(vote)
        stranger = await secretary.call("PUT", f"/votes/{vote}/ballot", {"choices": ["yes", "yes"]}, token="la")
        assert stranger.status_code == 403
        assert (await secretary.cast(vote, 5, "yes", "yes")).status_code == 422
        assert (await secretary.cast(vote, 1, "yes", "yes")).status_code == 422
        assert (await secretary.cast(vote, 1, "yes", "none")).status_code == 200
        gone = await secretary.call(
            "PUT", f"/meetings/{secretary.meeting}/attendance", [{"member": "tv01", "presence": "written"}]
        )
        assert gone.status_code == 409, "a written opinion would be a second vote"
        closed = await secretary.done("POST", f"/votes/{vote}/close", {"document": "Biên bản 01/BB"})
        assert [one["yes"] for one in closed["cases"]] == [1, 0]


@pytest.mark.anyio
async def test_without_a_folder_for_keys_or_a_rule_the_council_votes_on_paper(
    suite: SuiteFactory, year: Any, council: Any
) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*year.department())
        await running.settle()
        secretary = council.Secretary(running)
        await secretary.meet(5)
        vote = await secretary.draw_up("electronic", "BKB")
        refused = await secretary.call("POST", f"/votes/{vote}/open", {})
        assert refused.status_code == 503
        assert "THIDUA_BALLOT_KEYS_FOLDER" in refused.json()["detail"]
        await secretary.meet(5, electronic=False)
        body = {"title": "BKB", "method": "electronic", "subjects": ["P0"]}
        assert (await secretary.call("POST", f"/meetings/{secretary.meeting}/votes", body)).status_code == 422


def test_a_sealed_ballot_says_nothing_without_its_key_and_fits_one_member() -> None:
    private, public = sealing.new_keys()
    said = (Choice.YES, Choice.NO)
    sealed = sealing.seal(public, "v", "a", said)
    assert sealing.unseal(private, "v", "a", sealed, 2) == said
    assert sealing.unseal(private, "v", "b", sealed, 2) is None
    assert sealing.unseal(sealing.new_keys()[0], "v", "a", sealed, 2) is None
    assert len({len(sealing.seal(public, "v", "a", one)) for one in (said, (Choice.NONE, Choice.NONE))}) == 1
