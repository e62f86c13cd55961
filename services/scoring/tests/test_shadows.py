"""Versions that follow along: scored from the same stream, compared, counted, and never shown as a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.metrics import shadow_gauges
from thidua_scoring.scorer import turn
from thidua_scoring.scorer.turn import score_all
from thidua_scoring.service import SERVICE

from . import world
from .serving import command_line

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

CODE = "btnmt-2022"


async def told(running: RunningSuite) -> list[dict[str, object]]:
    await running.settle()
    async with running.client("scoring", role="reader") as client:
        found: list[dict[str, object]] = (await client.get(f"/campaigns/{CODE}/shadows")).json()
    return found


async def test_a_version_in_evaluation_follows_the_stream_and_a_matrix_tells_who_differs(
    suite: SuiteFactory, draft: Path
) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("u1", "u2"), *world.year_of("u1", on_time=20))
        assert await told(running) == []
        published = world.canonical(await running.published("scores"))
        async with command_line(running) as thidua:
            await thidua.run("plugins", "install", str(draft))
            (first,) = await told(running)
            unmoved = world.canonical(await running.published("scores"))
            await running.deliver(*world.year_of("u1", on_time=19))
            (second,) = await told(running)
            async with running.client("scoring", role="reader") as client:
                at = f"/campaigns/{CODE}/shadows/{world.SET}/2.0.0"
                differing = (await client.get(at, params={"agreement": "verdict_differs"})).json()
            async with running.transaction("scoring") as tx:
                gauges = {one.labels["agreement"]: one.value for one in await shadow_gauges(tx)}
            await running.deliver(world.campaign("u1"))
            (without,) = await told(running)
            await running.deliver(world.campaign("u1", sets=()))
            unused = await told(running)
            await running.deliver(world.campaign("u1"))
            await thidua.run("plugins", "enable", f"{world.SET}@2.0.0", "--reason", "Đã đánh giá")
            await told(running)
            newer = tuple(one.model_copy(update={"version": "2.0.0"}) for one in world.campaign("u1").criteria_sets)
            await running.deliver(world.campaign("u1").model_copy(update={"criteria_sets": newer}))
            (older,) = await told(running)
            await running.deliver(world.campaign("u1"))
            await thidua.run("plugins", "withdraw", f"{world.SET}@2.0.0", "--reason", "Không dùng")
            gone = await told(running)
    assert unmoved == published
    assert (first["set"], first["version"], first["beside"]) == (world.SET, "2.0.0", "1.0.0")
    assert (first["subjects"], first["agrees"], first["verdict_differs"]) == (2, 1, 1)
    assert (second["agrees"], second["verdict_differs"], second["lines"]) == (0, 2, {"T6": 2})
    assert (without["subjects"], without["verdict_differs"]) == (1, 1)
    assert unused == []
    assert (older["version"], older["beside"], older["subjects"]) == ("1.0.0", "2.0.0", 1)
    assert [one["subject"] for one in differing] == ["u1", "u2"]
    assert differing[0]["differing"] == ["T6"]
    assert differing[0]["shadow"]["points"] != differing[0]["running"]["points"]
    assert gauges == {"agrees": 0, "points_differ": 0, "verdict_differs": 2, "alone": 0}
    assert gone == []


async def test_a_score_that_counts_is_stored_before_versions_that_follow_are_scored(
    suite: SuiteFactory, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = anyio.Event(), anyio.Event()

    async def held_up(scorer: Any, found: Any, *given: Any) -> Any:
        if any(wish.use.version == "2.0.0" for wish in found):
            begun.set()
            await may_go_on.wait()
        return await score_all(scorer, found, *given)

    async with suite(SERVICE) as running, command_line(running) as thidua:
        await running.deliver(*world.everything("u1"))
        await told(running)
        monkeypatch.setattr(turn, "score_all", held_up)
        await thidua.run("plugins", "install", str(draft))
        await begun.wait()
        may_go_on.set()
        await told(running)
        begun, may_go_on = anyio.Event(), anyio.Event()
        before = await points_of(running, "u1")
        await running.deliver(*world.year_of("u1", on_time=1))
        await begun.wait()
        after = await points_of(running, "u1")
        # As if the version had code of its own, in which it hangs.
        monkeypatch.setattr(turn, "_has_code", lambda _, use: use.version == "2.0.0")
        may_go_on.set()
        await running.settle()
        begun, may_go_on = anyio.Event(), anyio.Event()
        await running.deliver(*world.year_of("u1", on_time=20))
        await begun.wait()
        await running.deliver(*world.year_of("u1", on_time=1))
        for _ in range(200):
            while_it_hangs = await points_of(running, "u1")
            if while_it_hangs == after:
                break
            await anyio.sleep(0.02)
        may_go_on.set()
        (last,) = await told(running)
    assert after != before
    assert while_it_hangs == after
    assert (last["subjects"], last["agrees"]) == (1, 1)


async def points_of(running: RunningSuite, subject: str) -> str:
    async with running.client("scoring", role="reader") as client:
        at = f"/scores/{subject}/{world.CAMPAIGN}/2022/{world.SET}/running"
        points: str = (await client.get(at)).json()["points"]
    return points
