"""The queue: a mark during scoring is not lost, an older score never wins, two scorers share the work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text

from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.domain.outcomes import Outcome, row_of
from thidua_scoring.queries import marks
from thidua_scoring.queries.gathering import ONE_LOOK
from thidua_scoring.queries.marks import Mark
from thidua_scoring.queries.writing import mark_of, write_scores
from thidua_scoring.scorer.turn import Scorer, look, turn
from thidua_scoring.scorer.workers import Workers
from thidua_scoring.service import SERVICE
from thidua_scoring.workplace import workplace_of

from . import plugins, world

pytestmark = pytest.mark.anyio

QUIET = replace(SERVICE, loops=())

SLOW = """
    for _ in range(20_000_000):
        pass
    known = inputs["effort"].is_known
    return Outcome("met" if known else "missing", Fraction(int(known)), Fraction(1), "Chấm chậm.")
"""


@pytest.mark.drill
async def test_a_mark_while_its_subject_is_being_scored_is_not_lost(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = plugins.install(tmp_path, monkeypatch, "cham-thu", code=SLOW)
    async with suite(SERVICE) as running:
        campaign = world.campaign("u1", sets=((slow, "individual"),))
        await running.deliver(world.unit("u1"), campaign, world.person("p1", "u1"))
        await until_leased(running)
        await running.deliver(world.fact("p1", "effort", "9", "self"))
        await running.settle()
        (score,) = await running.published("scores")
    assert {one["code"]: one["points"] for one in score["lines"]}["D"] == "10.00"


async def test_a_score_of_an_earlier_attempt_never_replaces_a_later_one(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("u1"))
        await running.settle()
        async with running.transaction("scoring") as tx:
            row = await tx.row(text("select body, generation from score"))
            assert row is not None
            old = Outcome(
                row_of(world.score_state(row.body).model_copy(update={"points": None, "state": "not_scored"}))
            )
            assert await write_scores(tx, [old], {mark_of(old.row): row.generation}) == 0
            assert await write_scores(tx, [old], {mark_of(old.row): row.generation - 1}) == 0
            assert await write_scores(tx, [old], {mark_of(old.row): row.generation + 1}) == 1


async def test_a_mark_raised_after_the_lease_stays_in_the_queue(suite: SuiteFactory) -> None:
    mark = Mark("nobody", "no-campaign", "no-set")
    async with suite(replace(SERVICE, loops=())) as running:
        database = running.suite.services["scoring"].database
        await write(running, mark)
        (taken,) = await marks.lease(database, 10, 60)
        assert await marks.lease(database, 10, 60) == []
        await write(running, mark)
        async with running.transaction("scoring") as tx:
            await marks.done(tx, [taken])
            assert await marks.hold(tx, [taken]) == {mark}
        (again,) = await marks.lease(database, 10, 60)
        assert again.generation > taken.generation
        async with running.transaction("scoring") as tx:
            await marks.done(tx, [again])
            assert await marks.hold(tx, [again]) == frozenset()


async def test_marks_in_hand_are_kept_by_renewing_them_and_taken_by_others_when_given_back(suite: SuiteFactory) -> None:
    mark = Mark("nobody", "no-campaign", "no-set")
    async with suite(replace(SERVICE, loops=())) as running:
        database = running.suite.services["scoring"].database
        await write(running, mark)
        taken = await marks.lease(database, 10, 0.1)
        await marks.renew(database, taken, 60)
        await asyncio.sleep(0.2)
        assert await marks.lease(database, 10, 60) == []
        await marks.give_back(database, taken)
        assert await marks.lease(database, 10, 60, without=["no-set"]) == []
        assert await marks.lease(database, 10, 60, only="other") == []
        (again,) = await marks.lease(database, 10, 60, only="no-set")
        # Whoever had it before has it no more.
        await marks.give_back(database, taken)
        assert again.generation > taken[0].generation
        assert await marks.lease(database, 10, 60) == []


async def test_two_transactions_that_mark_in_two_orders_never_wait_for_each_other(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        both_marked = asyncio.Barrier(2)

        async def mark_in_order(*sets: str) -> None:
            async with running.transaction("scoring") as tx:
                for place, name in enumerate(sets):
                    await marks.mark_units(tx, "no-campaign", name, "collective", ["u1", "u2"])
                    if place == 0:
                        await both_marked.wait()

        await asyncio.gather(mark_in_order("set-a", "set-b"), mark_in_order("set-b", "set-a"))
        async with running.transaction("scoring") as tx:
            (drawn,) = await tx.rows(text("select last_value from mark_generation"))
    assert drawn.last_value >= 8


@pytest.mark.drill
async def test_two_scorers_at_once_score_everybody_exactly_as_one_does(suite: SuiteFactory) -> None:
    units = [f"u{number:02d}" for number in range(30)]
    async with suite(SERVICE, database_pool_size=10) as running:
        await running.deliver(*world.everything(*units))
        await running.settle()
        before = world.canonical(await running.published("scores"))
        database = running.suite.services["scoring"].database
        scorers = [Scorer(database, Workers(database.settings)) for _ in range(2)]
        for _ in range(3):
            async with running.transaction("scoring") as tx:
                await tx.execute(text("delete from score"))
                marks.mark(tx, (Mark(one, world.CAMPAIGN, world.SET) for one in units))
            await asyncio.gather(*(turn(one, 4) for one in scorers for _ in range(4)))
            await running.settle()
            async with running.transaction("scoring") as tx:
                rows = await tx.rows(text("select subject from score order by subject"))
            assert [row.subject for row in rows] == units
        assert world.canonical(await running.published("scores")) == before


async def test_many_subjects_are_gathered_with_as_many_statements_as_one(suite: SuiteFactory) -> None:
    units = [f"u{number:02d}" for number in range(20)]
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything(*units))
        await running.settle()
        one = await statements_of_a_turn(running, units[:1])
        many = await statements_of_a_turn(running, units)
    assert many == one


async def statements_of_a_turn(running: RunningSuite, units: list[str]) -> int:
    database = running.suite.services["scoring"].database
    seen: list[object] = []

    def count(*_: object) -> None:
        seen.append(1)

    async with running.transaction("scoring") as tx:
        await tx.execute(ONE_LOOK)
        connection = tx.connection.sync_connection
        event.listen(connection, "before_cursor_execute", count)
        await look(tx, workplace_of(database), [Mark(one, world.CAMPAIGN, world.SET) for one in units])
    return len(seen)


async def write(running: RunningSuite, mark: Mark) -> None:
    async with running.transaction("scoring") as tx:
        marks.mark(tx, [mark])


async def until_leased(running: RunningSuite) -> None:
    for _ in range(2000):
        async with running.transaction("scoring") as tx:
            if await tx.row(text("select 1 from dirty where leased_until is not null")) is not None:
                return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody took the mark")
