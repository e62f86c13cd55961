"""Versions that follow along: scored from the same stream, compared, counted, and never shown as a result."""

from __future__ import annotations

from pathlib import Path

import pytest

from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.metrics import shadow_gauges
from thidua_scoring.service import SERVICE

from . import world
from .serving import command_line

pytestmark = pytest.mark.anyio

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
            await thidua.run("plugins", "withdraw", f"{world.SET}@2.0.0", "--reason", "Không dùng")
            gone = await told(running)
    assert unmoved == published
    assert (first["set"], first["version"], first["beside"]) == (world.SET, "2.0.0", "1.0.0")
    assert (first["subjects"], first["agrees"], first["verdict_differs"]) == (2, 1, 1)
    assert (second["agrees"], second["verdict_differs"], second["lines"]) == (0, 2, {"T6": 2})
    assert [one["subject"] for one in differing] == ["u1", "u2"]
    assert differing[0]["differing"] == ["T6"]
    assert differing[0]["shadow"]["points"] != differing[0]["running"]["points"]
    assert gauges == {"agrees": 0, "points_differ": 0, "verdict_differs": 2, "alone": 0}
    assert gone == []
