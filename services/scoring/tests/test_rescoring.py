"""Re-scoring as a set: computed beside the official scores, shown, applied or cancelled as a whole."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from sqlalchemy import text

from thidua.contracts.work import MonthState
from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.scorer import rescoring as scorer_rescoring
from thidua_scoring.scorer.rescoring import advance_rescorings, affected
from thidua_scoring.scorer.turn import Scorer, score_all
from thidua_scoring.scorer.workers import Workers
from thidua_scoring.workplace import workplace_of

from . import world
from .serving import command_line
from .test_official import BODY, DOOR, LATER, closed_year, finished, official_scores

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

CODE = "btnmt-2022"
ASKED = {"period": "2022", "set": world.SET, "reason": "Điều chỉnh số liệu tháng 3", "cut": BODY["cut"]}


@asynccontextmanager
async def scored_year(suite: SuiteFactory, *units: str) -> AsyncIterator[tuple[RunningSuite, httpx2.AsyncClient]]:
    async with closed_year(suite, *units) as (running, client):
        await running.deliver_raw(*world.heartbeats(LATER))
        await client.post(DOOR, json=BODY)
        await finished(client)
        await running.settle()
        yield running, client


async def opened(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post(f"/campaigns/{CODE}/rescorings", json={**ASKED, **changes})
    assert answer.status_code == 201, answer.text
    for _ in range(400):
        found: dict[str, Any] = (await client.get(f"/rescorings/{answer.json()['id']}")).json()
        if found["state"] == "ready":
            return found
        await anyio.sleep(0.02)
    raise AssertionError(f"it was not computed: {found}")


async def correct_a_month(running: RunningSuite, subject: str) -> None:
    await running.deliver(world.month(subject, "2022-03", 1, state=MonthState.CORRECTED, as_of="2023-01-05"))
    await running.settle()


async def test_a_corrected_month_is_scored_beside_the_old_and_applied_as_a_whole(suite: SuiteFactory) -> None:
    async with scored_year(suite, "u1", "u2", "u3") as (running, client):
        before = {one["subject"]: one for one in await official_scores(running)}
        await correct_a_month(running, "u1")
        await running.deliver(world.campaign("u1", "u2"))
        await running.settle()
        found = await opened(client)
        untouched = {one["subject"]: one for one in await official_scores(running)}
        again = await client.post(f"/campaigns/{CODE}/rescorings", json=ASKED)
        applied = await client.post(f"/rescorings/{found['id']}/apply", json={"reason": "Hội đồng nhất trí"})
        await running.settle()
        after = {one["subject"]: one for one in await official_scores(running)}
        kept = (await client.get(f"/scores/u1/{world.CAMPAIGN}/2022/{world.SET}/official/superseded")).json()
        replay = (await client.get(f"/scores/u1/{world.CAMPAIGN}/2022/{world.SET}/official/replay")).json()
        twice = await client.post(f"/rescorings/{found['id']}/apply", json={"reason": "lần nữa"})
        page = (await client.get(f"/rescorings/{found['id']}", params={"limit": 1, "offset": 1})).json()
        official = await client.post(DOOR, json=BODY)
    assert untouched == before
    assert [one["subject"] for one in found["changed"]] == ["u1"]
    assert found["changed"][0]["before"]["points"] == before["u1"]["points"]
    assert (found["computed"], found["unchanged"], found["moved"]) == (2, 1, 1)
    assert (page["moved"], page["changed"], [one["subject"] for one in page["skipped"]]) == (1, [], ["u3"])
    assert found["skipped_because"] == {"không còn tham gia phong trào, giữ nguyên điểm cũ": 1}
    assert again.status_code == 409
    assert "đang mở" in again.text
    assert applied.json()["state"] == "applied"
    assert after["u1"]["points"] == found["changed"][0]["after"]["points"] != before["u1"]["points"]
    assert {name: one["points"] for name, one in after.items() if name != "u1"} == {
        name: one["points"] for name, one in before.items() if name != "u1"
    }
    (old,) = kept
    assert (old["points"], old["reason"]) == (before["u1"]["points"], "Điều chỉnh số liệu tháng 3")
    assert (old["applied_because"], old["case_hash"]) == ("Hội đồng nhất trí", before["u1"]["case_hash"])
    assert replay["equal"] is True
    assert twice.status_code == 409
    assert official.status_code == 409
    assert f"Kỳ 2022 của phong trào {CODE} đã được chấm lại (đợt {found['id']})" in official.text


async def test_a_cancelled_or_outdated_rescoring_leaves_every_official_score_as_it_was(
    suite: SuiteFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scored_year(suite, "u1") as (running, client):
        before = await official_scores(running)
        await correct_a_month(running, "u1")
        first = await opened(client)
        cancelled = await client.post(f"/rescorings/{first['id']}/cancel", json={"reason": "Mở nhầm"})
        unchanged = await official_scores(running)
        second = await opened(client)
        beside = await client.post(DOOR, json=BODY)
        async with running.transaction("scoring") as tx:
            kept = (await tx.rows(text("select distinct rescoring from rescored")))[0].rescoring
            await tx.execute(text("update score set generation = generation + 1 where lane = 'official'"))
            await tx.execute(text("update official_run set state = 'waiting', cut = '2100-01-01'"))
        while_made = await client.post(f"/rescorings/{second['id']}/apply", json={"reason": "Áp dụng"})
        async with running.transaction("scoring") as tx:
            await tx.execute(text("update official_run set state = 'done'"))
        outdated = await client.post(f"/rescorings/{second['id']}/apply", json={"reason": "Áp dụng"})
        nothing = await client.post(f"/campaigns/{CODE}/rescorings", json={**ASKED, "period": "2022-Q1"})
        await client.post(f"/rescorings/{second['id']}/cancel", json={"reason": "Đã cũ"})
        with monkeypatch.context() as patch:
            patch.setattr(scorer_rescoring, "can_score", lambda *_: False)
            other = await opened(client)
        await client.post(f"/rescorings/{other['id']}/cancel", json={"reason": "Không chấm kỳ này"})
        await client.post(DOOR, json={**BODY, "cut": "2100-01-01T00:00:00Z"})
        while_run = await client.post(f"/campaigns/{CODE}/rescorings", json=ASKED)
    assert (cancelled.json()["state"], cancelled.json()["computed"]) == ("cancelled", 0)
    assert kept == second["id"]
    assert beside.status_code == 409
    assert f"Đợt chấm lại {second['id']}" in beside.text
    assert (while_made.status_code, while_run.status_code) == (409, 409)
    assert "Đang chấm chính thức kỳ 2022" in while_made.text
    assert "Đang chấm chính thức kỳ 2022" in while_run.text
    assert unchanged == before
    assert outdated.status_code == 409
    assert "1 điểm chính thức đã thay đổi từ khi tính" in outdated.text
    assert other["skipped_because"] == {f"bộ tiêu chí {world.SET} 1.0.0 không chấm kỳ 2022, giữ nguyên điểm cũ": 1}
    assert nothing.status_code == 422
    assert "chưa có điểm chính thức kỳ 2022-Q1" in nothing.text


async def test_a_rescoring_cancelled_while_one_of_two_instances_computes_it_stays_cancelled(
    suite: SuiteFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = anyio.Event(), anyio.Event()

    async def held_up(*given: Any) -> Any:
        if not begun.is_set():
            begun.set()
            await may_go_on.wait()
        return await score_all(*given)

    monkeypatch.setattr(scorer_rescoring, "score_all", held_up)
    async with scored_year(suite, "u1", "u2") as (running, client):
        name = (await client.post(f"/campaigns/{CODE}/rescorings", json=ASKED)).json()["id"]
        await begun.wait()
        database = running.suite.services["scoring"].database
        apart = workplace_of(database).apart
        assert isinstance(apart, Workers)
        await advance_rescorings(Scorer(database, apart))
        computing = (await client.get(f"/rescorings/{name}")).json()
        await client.post(f"/rescorings/{name}/cancel", json={"reason": "Mở nhầm"})
        may_go_on.set()
        following = await opened(client)
        closed = (await client.get(f"/rescorings/{name}")).json()
    assert (computing["state"], computing["computed"]) == ("waiting", 0)
    assert (closed["state"], closed["computed"]) == ("cancelled", 0)
    assert following["computed"] == 2


async def test_a_rescoring_whose_campaign_dropped_the_set_says_so_and_waits(suite: SuiteFactory) -> None:
    async with scored_year(suite, "u1") as (running, client):
        asked = {**ASKED, "cut": "2024-01-01T00:00:00Z"}
        name = (await client.post(f"/campaigns/{CODE}/rescorings", json=asked)).json()["id"]
        await running.deliver(world.campaign("u1", sets=()))
        await running.settle()
        await running.deliver_raw(*world.heartbeats(LATER.replace(year=2100)))
        why = f"Phong trào không còn dùng bộ tiêu chí {world.SET}."
        for _ in range(100):
            found = (await client.get(f"/rescorings/{name}")).json()["waits_for"]
            if found == why:
                break
            await anyio.sleep(0.05)
    assert found == why


async def test_another_version_is_tried_from_evaluation_and_counts_only_once_enabled(
    suite: SuiteFactory, draft: Path
) -> None:
    async with scored_year(suite, "u1", "u2") as (running, _), command_line(running) as thidua:
        await thidua.run("plugins", "install", str(draft))
        asked = ("--period", "2022", "--set", world.SET, "--version", "2.0.0", "--reason", "Thử mức 96 %")
        told = await thidua.run("rescore", "open", CODE, *asked)
        name = told.partition(" ")[0]
        await running.deliver_raw(*world.heartbeats(LATER.replace(year=2100)))
        for _ in range(200):
            shown = await thidua.run("rescore", "show", name)
            if "chờ quyết định" in shown:
                break
            await anyio.sleep(0.05)
        refused = await thidua.run("rescore", "apply", name, "--reason", "Áp dụng", fails=True)
        await thidua.run("plugins", "enable", f"{world.SET}@2.0.0", "--reason", "Đã đánh giá")
        applied = await thidua.run("rescore", "apply", name, "--reason", "Áp dụng")
        listed = await thidua.run("rescore", "list", CODE)
        await running.settle()
        versions = {one["subject"]: one["set_version"] for one in await official_scores(running)}
    assert "Đã chấm lại 2 điểm; 1 không đổi, 1 thay đổi:" in shown
    assert re.search(r"  Sở u2, kỳ 2022: [\d,]+ điểm → [\d,]+ điểm", shown)
    assert "chưa được bật (trạng thái: đang được đánh giá thử)" in refused
    assert "đã áp dụng" in applied
    assert listed.startswith(name)
    assert versions == {"u1": "2.0.0", "u2": "2.0.0"}


def test_a_corrected_month_affects_its_quarter_and_year_where_these_were_scored() -> None:
    scored = ["2022", "2022-01", "2022-02", "2022-Q1", "2022-Q2"]
    assert affected("2022-02", scored) == ["2022-02", "2022-Q1", "2022"]
    assert affected("2022", scored) == ["2022"]
