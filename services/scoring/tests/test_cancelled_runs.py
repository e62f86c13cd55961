"""An official run is taken back while it waits, and leaves alone what a re-scoring put in place."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from thidua_runtime.testing import RunningSuite, SuiteFactory

from . import plugins, world
from .serving import command_line
from .test_official import BODY, DOOR, LATER, closed_year, finished, official_scores

pytestmark = pytest.mark.anyio

CODE = "btnmt-2022"
WRITTEN = text("select subject, set_id, generation from score where lane = 'official' order by subject, set_id")
RESCORING = {"period": "2022", "set": world.SET, "reason": "Điều chỉnh số liệu", "cut": BODY["cut"]}


async def written(running: RunningSuite) -> dict[tuple[str, str], int]:
    """When each official score was written, as the number it was written with."""
    async with running.transaction("scoring") as tx:
        return {(row.subject, row.set_id): row.generation for row in await tx.rows(WRITTEN)}


async def test_a_run_that_waits_is_cancelled_and_then_holds_no_rescoring_up(suite: SuiteFactory) -> None:
    async with closed_year(suite, "u1") as (running, client):
        await running.deliver_raw(*world.heartbeats(LATER))
        await client.post(DOOR, json=BODY)
        await finished(client)
        done = await client.post(f"{DOOR}/2022/cancel", json={"reason": "Nhầm"})
        async with command_line(running, role="office") as thidua:
            never = await thidua.run("official", "show", CODE, "2022-Q1")
            asked = await thidua.run("official", "ask", CODE)
            blocked = await client.post(f"/campaigns/{CODE}/rescorings", json=RESCORING)
            told = await thidua.run("official", "cancel", CODE, "2022", "--reason", "Chờ Bộ xác nhận số liệu")
            again = await thidua.run("official", "cancel", CODE, "2022", "--reason", "Nhầm", fails=True)
        opened = await client.post(f"/campaigns/{CODE}/rescorings", json=RESCORING)
        await running.deliver_raw(*world.heartbeats(LATER.replace(year=2100)))
        await running.settle()
        await anyio.sleep(0.3)
        after = (await client.get(f"{DOOR}/2022")).json()
        scores = await official_scores(running)
    assert done.status_code == 409
    assert "trạng thái: đã chấm xong" in done.json()["detail"]
    assert never == f"Chấm chính thức {CODE}, kỳ 2022-Q1: chưa có yêu cầu.\n"
    assert "kỳ 2022: đang chờ số liệu." in asked
    assert "hoặc hủy yêu cầu chấm" in blocked.json()["detail"]
    assert "đã hủy" in told
    assert "Lý do: Chờ Bộ xác nhận số liệu" in told
    assert "trạng thái: đã hủy" in again
    assert opened.status_code == 201
    assert after["state"] == "cancelled", "a cancelled run is not made when its streams have come"
    assert [one["cut"] for one in scores] == ["2023-01-20T08:00:00Z"]


async def test_a_set_that_was_added_after_an_applied_rescoring_gets_its_first_official_scores(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = "{kind: mark, input: effort}"
    yaml = plugins.INDIVIDUAL.format(id="bo-them", last=rule).replace("individual", "collective")
    name = plugins.install(tmp_path, monkeypatch, "bo-them", text=yaml.replace("subject.unit", "subject.cluster"))
    async with closed_year(suite, "u1", "u2") as (running, client):
        await running.deliver_raw(*world.heartbeats(LATER))
        await client.post(DOOR, json=BODY)
        await finished(client)
        rescoring = (await client.post(f"/campaigns/{CODE}/rescorings", json=RESCORING)).json()["id"]
        for _ in range(400):
            if (await client.get(f"/rescorings/{rescoring}")).json()["state"] == "ready":
                break
            await anyio.sleep(0.02)
        await client.post(f"/rescorings/{rescoring}/apply", json={"reason": "Áp dụng"})
        refused = await client.post(DOOR, json=BODY)
        await running.settle()
        before = await written(running)
        await running.deliver(world.campaign("u1", "u2", sets=((world.SET, "collective"), (name, "collective"))))
        await running.deliver_raw(*world.heartbeats(LATER))
        await running.settle()
        asked = await client.post(DOOR, json=BODY)
        done = await finished(client)
        await running.settle()
        after = await written(running)
    assert refused.status_code == 409
    assert asked.status_code == 202
    assert done["left_to_rescorings"] == [{"set": world.SET, "rescoring": rescoring}]
    assert {key for key in after if key[1] == name} == {("u1", name), ("u2", name)}
    assert {key: after[key] for key in before} == before, "what was put in place by the re-scoring stays"
