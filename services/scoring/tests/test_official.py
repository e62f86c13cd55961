"""Official scores: of closed periods only, behind a cut, replayable byte for byte; ranks made of them."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from sqlalchemy import text

from thidua.contracts import State
from thidua.contracts.work import MonthState
from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.service import SERVICE

from . import plugins, world

pytestmark = pytest.mark.anyio

CUT = datetime(2023, 1, 20, 8, tzinfo=UTC)
LATER = CUT + timedelta(seconds=1)
DOOR = "/campaigns/btnmt-2022/official"
BODY = {"period": "2022", "cut": CUT.isoformat()}


def closed(*units: str) -> list[State]:
    """A year in which every month is closed; the first unit is the best one."""
    said: list[State] = list(world.everything(*units))
    for place, one in enumerate(units):
        said += world.year_of(one, MonthState.CLOSED, 20 - place)
    return said


@asynccontextmanager
async def closed_year(suite: SuiteFactory, *units: str) -> AsyncIterator[tuple[RunningSuite, httpx2.AsyncClient]]:
    async with suite(SERVICE) as running, running.client("scoring", role="office") as client:
        await running.deliver(*closed(*units))
        await running.settle()
        yield running, client


async def finished(client: httpx2.AsyncClient, period: str = "2022") -> dict[str, Any]:
    for _ in range(400):
        answer: dict[str, Any] = (await client.get(f"{DOOR}/{period}")).json()
        if answer["state"] == "done":
            return answer
        await anyio.sleep(0.02)
    raise AssertionError(f"the run did not finish: {answer}")


async def test_official_scores_wait_for_a_late_stream_and_name_it(suite: SuiteFactory) -> None:
    async with closed_year(suite, "u1", "u2") as (running, client):
        await running.deliver_raw(*world.heartbeats(LATER, without="facts"))
        await running.settle()
        asked = await client.post(DOOR, json=BODY)
        assert asked.status_code == 202
        assert [one["stream"] for one in asked.json()["late"]] == ["facts"]
        await anyio.sleep(0.8)
        waiting = (await client.get(f"{DOOR}/2022")).json()
        assert waiting["state"] == "waiting"
        assert waiting["waits_for"] == "Chờ số liệu đến mốc chốt về số liệu kê khai."
        assert await official_scores(running) == []
        await running.deliver_raw(*world.heartbeats(CUT))
        await running.settle()
        await anyio.sleep(0.7)
        assert (await client.get(f"{DOOR}/2022")).json()["state"] == "waiting", "the cut itself is not past the cut"
        await running.deliver_raw(*world.heartbeats(LATER))
        done = await finished(client)
        await running.settle()
        scores = await official_scores(running)
    assert (done["scored"], done["not_scored"]) == (2, 0)
    assert [(one["subject"], one["cut"]) for one in scores] == [(u, "2023-01-20T08:00:00Z") for u in ("u1", "u2")]
    assert {one["as_of"] for one in scores} == {"2023-01-05"}


async def test_a_period_with_an_open_month_is_refused_by_name(suite: SuiteFactory) -> None:
    async with closed_year(suite, "u1") as (running, client):
        await running.deliver(world.month("u1", "2022-07", as_of=date(2023, 1, 6)))
        await running.settle()
        answer = await client.post(DOOR, json=BODY)
    assert answer.status_code == 422
    assert "tháng 2022-07 còn 1 kết quả chưa chốt" in answer.json()["detail"]


async def test_a_unit_that_reported_nothing_is_listed_and_holds_nobody_up(suite: SuiteFactory) -> None:
    async with closed_year(suite, "u1") as (running, client):
        await running.deliver(world.unit("u2"), world.campaign("u1", "u2"))
        await running.deliver_raw(*world.heartbeats(LATER))
        await running.settle()
        asked = (await client.post(DOOR, json=BODY)).json()
        done = await finished(client)
        await running.settle()
        scores = {one["subject"]: one for one in await official_scores(running)}
    assert asked["missing"] == [{"unit": "u2", "month": month} for month in world.MONTHS]
    assert done["scored"] == 2
    assert {line["code"]: line["status"] for line in scores["u2"]["lines"]}["T6"] == "missing"


async def test_an_official_score_replays_to_the_same_bytes_and_a_forged_one_is_found(suite: SuiteFactory) -> None:
    door = f"/scores/u1/{world.CAMPAIGN}/2022/{world.SET}/official"
    async with closed_year(suite, "u1") as (running, client):
        await running.deliver_raw(*world.heartbeats(LATER))
        await client.post(DOOR, json=BODY)
        await finished(client)
        replayed = (await client.get(f"{door}/replay")).json()
        running_lane = await client.get(door.replace("official", "running") + "/replay")
        await running.run_job("scoring", "replay_sample")
        assert mismatches(running) == 0
        async with running.transaction("scoring") as tx:
            row = await tx.row(text("select tree from score where lane = 'official'"))
            assert row is not None
            forged = zlib.decompress(row.tree).replace(b"150.00", b"149.00", 1)
            await tx.execute(text("update score set tree = :tree where lane = 'official'"), tree=zlib.compress(forged))
        assert (await client.get(f"{door}/replay")).json()["equal"] is False
        await running.run_job("scoring", "replay_sample")
        assert mismatches(running) == 2
    assert replayed["equal"] is True
    assert replayed["score_hash"] == replayed["replayed_hash"]
    assert running_lane.status_code == 409


async def test_a_score_replays_from_the_stored_artefact_after_an_upgrade(
    suite: SuiteFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from thidua_scoring.workplace import workplace_of

    door = f"/scores/u1/{world.CAMPAIGN}/2022/{world.SET}/official/replay"
    async with closed_year(suite, "u1") as (running, client):
        await running.deliver_raw(*world.heartbeats(LATER))
        await client.post(DOOR, json=BODY)
        await finished(client)
        monkeypatch.setattr(workplace_of(running.suite.services["scoring"].database), "sets", {})
        assert (await client.get(door)).json()["equal"] is True


async def test_a_changed_fact_leaves_the_official_score_and_shows_that_it_differs(suite: SuiteFactory) -> None:
    door = f"/scores/u1/{world.CAMPAIGN}/2022/{world.SET}"
    async with closed_year(suite, "u1") as (running, client):
        await running.deliver_raw(*world.heartbeats(LATER))
        await client.post(DOOR, json=BODY)
        await finished(client)
        official = (await client.get(f"{door}/official")).json()
        await running.deliver(world.fact("u1", "welfare", "10"))
        await running.settle()
        after = (await client.get(f"{door}/official")).json()
        now = (await client.get(f"{door}/running")).json()
        await running.deliver_raw(*world.heartbeats(LATER))
        await client.post(DOOR, json=BODY)
        await finished(client)
        again = (await client.get(f"{door}/official")).json()
    assert after["points"] == official["points"]
    assert after["differs_from_running"] is True
    assert now["points"] != official["points"]
    assert again["points"] != official["points"]


async def test_ranks_show_ties_figures_and_that_points_are_illustrative(suite: SuiteFactory) -> None:
    async with closed_year(suite, "u1", "u2", "u3") as (running, client):
        await running.deliver(*world.year_of("u2", MonthState.CLOSED, 20))
        await running.deliver(world.registration("u3", state="withdrawn"))
        for name in ("launch_report", "programme", "reform_plan", "digital_plan"):
            await running.deliver(*(world.fact(one, name, "9/KH") for one in ("u1", "u2", "u3")))
        await running.deliver_raw(*world.heartbeats(LATER))
        await running.settle()
        await client.post(DOOR, json=BODY)
        await finished(client)
        query = {"campaign": "btnmt-2022", "period": "2022", "set": world.SET}
        official = (await client.get("/rankings", params=query)).json()
        provisional = (await client.get("/rankings", params={**query, "lane": "running"})).json()
    (group,) = official["groups"]
    told = [*group["ranked"], *group["apart"]]
    assert official["lane"] == "official"
    assert official["notes"][0] == "Điểm là mẫu minh họa, không phải điểm do văn bản quy định."
    assert group["cluster_name"] == "Khối thi đua số 1"
    assert {one["subject"] for one in told} == {"u1", "u2", "u3"}
    assert {one["subject"]: one["illustrative_member"] for one in told} == {"u1": True, "u2": False, "u3": False}
    assert next(one for one in told if one["subject"] == "u1")["on_time"] == {"n": 240, "d": 240}
    assert next(one for one in told if one["subject"] == "u3")["months"] == {"passed": 0, "judged": 12}
    assert [(one["subject"], one["rank"], one["tied"]) for one in group["ranked"]] == [("u1", 1, 2), ("u2", 1, 2)]
    assert [one["subject"] for one in group["apart"]] == ["u3"]
    assert all(one["reason"] for one in group["apart"])
    assert any("tạm tính" in note for note in provisional["notes"])


async def test_ranks_of_people_stand_under_the_name_of_their_unit_with_even_places(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = plugins.install(tmp_path, monkeypatch, "ca-nhan-thu")
    async with suite(SERVICE) as running, running.client("scoring", role="reader") as client:
        people = (world.person("p1", "u1"), world.person("p2", "u1"))
        months = [world.month("p1", one, 20, unit="u1") for one in world.MONTHS]
        await running.deliver(*world.everything("u1"), world.campaign("u1", sets=((name, "individual"),)), *people)
        await running.deliver(*months)
        await running.settle()
        ranks = (await client.get("/rankings", params={"campaign": "btnmt-2022", "period": "2022", "set": name})).json()
    (group,) = ranks["groups"]
    totals = {one["subject"]: one["total"] for one in (*group["ranked"], *group["apart"])}
    assert (group["within"], group["within_name"]) == ({"subject.unit": "u1"}, "Sở u1")
    assert totals == {"p1": "80.00", "p2": "0.00"}


async def official_scores(running: RunningSuite) -> list[dict[str, Any]]:
    return [one for one in await running.published("scores") if one["lane"] == "official"]


def mismatches(running: RunningSuite) -> float:
    registry = running.suite.services["scoring"].meters.registry
    labels = {**running.suite.services["scoring"].meters.common, "criteria_set": world.SET, "reason": "replay_mismatch"}
    return registry.get_sample_value("thidua_criteria_set_failures_total", labels) or 0
