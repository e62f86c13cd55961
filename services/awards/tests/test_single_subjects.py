"""What changed of one subject is reviewed alone, and comes out as if everybody had been looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import event, text

from thidua.contracts import Person, Rating, Registration, SubjectKind
from thidua.contracts.campaign import Author
from thidua.contracts.organisation import RatingLevel
from thidua_awards.commands import review
from thidua_awards.queries import inputs, lookups, marks
from thidua_runtime.records import Outgoing
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
Change = Callable[[RunningSuite, Any], Awaitable[None]]


async def send(running: RunningSuite, method: str, path: str, body: Any) -> Any:
    async with running.client("awards") as client:
        answer = await client.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()


async def gone(running: RunningSuite, *keys: tuple[type, str]) -> None:
    version = (("version", str(10**9).encode()),)
    await running.deliver_raw(*(Outgoing(model.stream, key, key, version, None) for model, key in keys))


def newer(state: Any, version: int, **changes: Any) -> Any:
    return state.model_copy(update={**changes, "version": version})


async def a_rating(running: RunningSuite, year: Any) -> None:
    await running.deliver(newer(year.rating("p0", "pdd", RatingLevel.NOT_COMPLETED), 10**6))


async def a_rating_back(running: RunningSuite, year: Any) -> None:
    await running.deliver(newer(year.rating("p0", "pdd", RatingLevel.EXCELLENT), 10**6 + 1))


async def a_rating_withdrawn(running: RunningSuite, year: Any) -> None:
    await gone(running, (Rating, "p3/2022"))


async def somebody_inactive(running: RunningSuite, year: Any) -> None:
    await running.deliver(newer(year.person("p4", "pdd", "Nguyễn Văn 4"), 10**6, active=False))


async def a_transfer(running: RunningSuite, year: Any) -> None:
    await gone(running, (Person, "pdd/p1"))
    await running.deliver(newer(year.person("p1", "pmt", "Nguyễn Văn 1"), 10**6))


async def a_transfer_to_another_deciding_unit(running: RunningSuite, year: Any) -> None:
    await gone(running, (Person, "pdd/p6"))
    await running.deliver(year.unit("so2", "Sở Xây dựng"), newer(year.person("p6", "so2", "Nguyễn Văn 6"), 10**6))
    await running.settle()
    sentence = (await send(running, "GET", "/quotas?campaign=TD2022", None))["quotas"][0]["quota"]["sentence"]
    assert sentence.startswith("15 % của 10 ="), "the denominator is what the unit awarded, whoever moved on"


async def a_registration_withdrawn(running: RunningSuite, year: Any) -> None:
    await gone(running, (Registration, "p0/c22"))


async def an_author_replaced(running: RunningSuite, year: Any) -> None:
    authors = (Author(person="p2", share=100),)
    await running.deliver(newer(year.initiative("p0", "pdd"), 10**6, authors=authors))


async def a_discipline(running: RunningSuite, year: Any) -> None:
    entry = {"subject": "P5", "form": "canh_cao", "decided_on": "2022-03-10"}
    await send(running, "POST", "/disciplines", [entry])


async def a_hold(running: RunningSuite, year: Any) -> None:
    await send(running, "POST", "/holds", {"subject": "P1", "starts_on": "2022-12-01"})


async def a_declaration_of_the_unit(running: RunningSuite, year: Any) -> None:
    await send(running, "PUT", "/confirmations", year.declared("discipline.complete", "ldtt.conduct"))


async def titles_awarded(running: RunningSuite, year: Any) -> None:
    everybody = [f"P{number}" for number in range(10)]
    await send(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", *everybody))


async def somebody_named(running: RunningSuite, year: Any) -> None:
    case = {"campaign": "TD2022", "document": "01/TTr"}
    named = [{**case, "subject": f"P{number}", "title": "CSTDCS"} for number in range(2, 6)]
    await send(running, "PUT", "/candidates", [*named, {**case, "subject": "PMT", "title": "CTDCP"}])


async def a_flag(running: RunningSuite, year: Any) -> None:
    await send(running, "POST", "/decisions", year.decision("12/QĐ", "CTDB", "PDD"))


async def a_first_of_a_cluster(running: RunningSuite, year: Any) -> None:
    await send(running, "PUT", "/confirmations", year.declared("ctdb.cluster"))


CHANGES: Sequence[Change] = (
    somebody_named, a_declaration_of_the_unit, a_rating, titles_awarded, a_rating_back, a_discipline,
    a_hold, an_author_replaced, somebody_inactive, a_rating_withdrawn, a_flag, a_first_of_a_cluster,
    a_transfer, a_transfer_to_another_deciding_unit, a_registration_withdrawn,
)  # fmt: skip


async def test_a_change_reviewed_alone_leaves_nothing_for_a_review_of_everybody(awards: Awards, year: Any) -> None:
    async with awards() as running:
        database = running.suite.services["awards"].database
        async with database.transaction() as tx:
            await review.review_campaign(tx, "TD2022", ())
        for change in CHANGES:
            await change(running, year)
            await running.settle()
            async with database.transaction() as tx:
                moved = await review.review_marked(tx)
                assert not await marks.marked(tx, "c22"), change.__name__
            async with database.transaction() as tx:
                found = await review.review_campaign(tx, "TD2022", (), again=True)
            assert (found["changed"], found["dropped"]) == (0, 0), change.__name__
            assert moved > 0, change.__name__


async def test_an_initiative_lost_moves_its_author_and_the_numbers_of_the_quota_and_nobody_else(
    awards: Awards, year: Any
) -> None:
    async with awards() as running:
        database = running.suite.services["awards"].database
        await send(running, "PUT", "/confirmations", year.declared("discipline.complete", "ldtt.conduct"))
        await titles_awarded(running, year)
        async with database.transaction() as tx:
            await review.review_campaign(tx, "TD2022", ())
        before = await revisions(running)
        await an_author_replaced(running, year)
        await running.settle()
        await running.run_job("awards", "review_changed")
        await running.settle()
        after = await revisions(running)
        assert {line for line in after if after[line] != before[line]} == {("p0", "CSTDCS"), ("p1", "CSTDCS")}
        same = [year.score(f"p{number}", "pdd", "88.5") for number in range(2)]
        await running.deliver(*(one.model_copy(update={"subject_kind": SubjectKind.INDIVIDUAL}) for one in same))
        await running.settle()
        await running.run_job("awards", "review_changed")
        async with running.client("awards") as client:
            (place,) = (await client.get("/quotas?campaign=TD2022")).json()["quotas"]
        assert place["ties"] == ["Nguyễn Văn 0", "Nguyễn Văn 1"], "one place, the same points: the council chooses"
        assert place["points_mark"].startswith("mẫu minh họa")
        listed = {one["subject"]: one for one in await running.published("recommendations") if one["title"] == "CSTDCS"}
        assert listed["p1"]["quota"]["sentence"].endswith(
            "1 người đủ điều kiện, 1 người còn chờ dữ liệu hoặc người xem xét"
        )


async def revisions(running: RunningSuite) -> dict[tuple[str, str], int]:
    async with running.transaction("awards") as tx:
        rows = await tx.rows(text("select subject, title, revision from recommendation"))
    return {(row.subject, row.title): row.revision for row in rows}


PLANNED = text("""
-- Of all that is read of single subjects, besides themselves; not this question, which names the same words.
select generic_plans, custom_plans from pg_prepared_statements
 where statement like 'select array(%) as past_ratings%' and statement like '%set_config(''plan_cache_mode''%'
""")


async def test_the_review_of_one_person_needs_few_ways_to_the_database_and_leaves_its_plans_alone(
    awards: Awards, year: Any
) -> None:
    async with awards() as running:
        database = running.suite.services["awards"].database
        async with database.transaction() as tx:
            await review.review_campaign(tx, "TD2022", ())
        await a_rating(running, year)
        await running.settle()
        asked: list[str] = []
        listen = (database.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        event.listen(*listen)
        try:
            async with database.transaction() as tx:
                assert await review.review_marked(tx)
                (row,) = await tx.rows(text("show plan_cache_mode"))
                (planned,) = await tx.rows(PLANNED)
        finally:
            event.remove(*listen)
        assert row.plan_cache_mode == "auto"
        assert (planned.generic_plans, planned.custom_plans) == (1, 0), "the reads of one person are planned once"
        # Who is marked, the turn, marks with units, the subjects, what they rest on, quota, reviews, the others of the
        # quota (two), marks taken off, what is published; and the two questions above.
        assert len(asked) <= 13, "\n".join(asked)


async def test_many_single_subjects_are_read_kind_by_kind_and_come_out_the_same(
    awards: Awards, year: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "FEW", 0)
    async with awards() as running:
        async with running.transaction("awards") as tx:
            await review.review_campaign(tx, "TD2022", ())
        await a_rating(running, year)
        await somebody_named(running, year)
        await running.settle()
        async with running.transaction("awards") as tx:
            assert await review.review_marked(tx)
            assert (await tx.rows(text("show plan_cache_mode")))[0].plan_cache_mode == "auto"
            found = await review.review_campaign(tx, "TD2022", (), again=True)
        assert (found["changed"], found["dropped"]) == (0, 0)


async def test_a_unit_that_changed_is_read_anew_and_one_that_did_not_is_kept(awards: Awards, year: Any) -> None:
    async with awards() as running:
        async with running.transaction("awards") as tx:
            before = await lookups.units(tx)
            assert await lookups.units(tx) is before
        known = before["pdd"]
        await running.deliver(known.model_copy(update={"name": "Phòng Đất đai mới", "version": 10**6}))
        await running.settle()
        async with running.transaction("awards") as tx:
            assert (await lookups.units(tx))["pdd"].name == "Phòng Đất đai mới"
