"""Doors and sources: what becomes of each event, whatever way it came."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from thidua_monitoring.commands.decisions import arrivals_of
from thidua_monitoring.commands.tasks import merge_reports
from thidua_monitoring.service import SERVICE
from thidua_runtime.clock import ManualClock
from thidua_runtime.records import Outgoing
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .ministry import LAND, ORGANISATION, months, person, task, unit

pytestmark = pytest.mark.anyio

DUE = date(2022, 3, 10)


def raw(body: bytes, key: str = "stnmt-01") -> Outgoing:
    return Outgoing("tasks", key, key, (), body)


async def events(running: RunningSuite, outcome: str, source: str = "eoffice") -> list[dict[str, Any]]:
    async with running.client("monitoring", role="reader") as client:
        answer = await client.get(f"/sources/{source}/events", params={"outcome": outcome})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["events"])


async def test_a_misspelt_field_is_applied_and_counted_as_warned(monitoring: RunningSuite) -> None:
    body = b'{"source":"eoffice","source_id":"1","version":1,"unit":"stnmt-01","deadline":"2022-03-10",'
    await monitoring.deliver_raw(raw(body + b'"complete_at":"2022-03-09T08:00:00+07:00"}'))
    await monitoring.settle()
    (found,) = await events(monitoring, "warned")
    assert found["reason"] == "không có trường này, đã bỏ qua: complete_at"
    assert (await months(monitoring))[LAND, "2022-03"]["overdue"] == 1


async def test_two_documents_in_one_record_and_a_nul_harm_no_neighbour(monitoring: RunningSuite) -> None:
    one = task("1", DUE).model_dump_json().encode()
    two = task("2", DUE).model_dump_json().encode()
    nul = one.replace(b'"Vi', b'"\\u0000Vi').replace(b'"source_id":"1"', b'"source_id":"4"')
    odd = one.replace(b'"source_id":"1"', b'"source_id":"5","note":"\\u0000"')
    half = one.replace(b'"source_id":"1"', b'"source_id":"6","note":"\\ud800"')
    good = task("3", DUE).model_dump_json().encode()
    await monitoring.deliver_raw(raw(one + b"," + two), raw(nul), raw(b"\xff\x00"), raw(odd), raw(half), raw(good))
    await monitoring.settle()
    applied = [each["source_id"] for each in await events(monitoring, "applied")]
    assert "3" in applied
    assert "5" in applied
    assert "1" not in applied
    async with monitoring.transaction("monitoring") as tx:
        letters = await tx.rows(text("select reason from thidua.dead_letter order by id"))
    assert len(letters) + len(applied) == 6
    assert "4" in [each["source_id"] for each in await events(monitoring, "dead_letter")]


async def test_tasks_that_come_before_their_unit_and_person_are_applied_when_these_arrive(
    monitoring: RunningSuite,
) -> None:
    await monitoring.deliver(
        task("1", DUE, of="stnmt-07"), task("2", DUE, of="stnmt-07", assignees=[{"code": "nv-moi"}])
    )
    await monitoring.settle()
    assert {each["reason"] for each in await events(monitoring, "parked")} == {"chờ khai báo đơn vị stnmt-07"}
    await monitoring.deliver(unit("0190-seven", "stnmt-07"))
    await monitoring.settle()
    assert (await months(monitoring))["0190-seven", "2022-03"]["due"] == 1
    assert {each["reason"] for each in await events(monitoring, "parked")} == {"chờ khai báo cán bộ nv-moi"}
    await monitoring.deliver(person("0190-moi", "nv-moi", "0190-seven"))
    await monitoring.settle()
    found = await months(monitoring)
    assert (found["0190-seven", "2022-03"]["due"], found["0190-moi", "2022-03"]["due"]) == (2, 1)
    assert await events(monitoring, "parked") == []


async def test_the_api_tells_for_each_item_what_became_of_it(monitoring: RunningSuite) -> None:
    good = task("1", DUE, version=2).model_dump(mode="json")
    items: list[Any] = [
        good, {**good, "source_id": "2", "complete_at": "x"}, {**good, "source_id": "3", "unit": "la"},
        {**good, "source_id": "4", "deadline": "10/03/2022"}, {**good, "source": "other"}, 17, None, "\x00",
    ]  # fmt: skip
    async with monitoring.client("monitoring", role="source:eoffice") as client:
        answer = await client.post("/tasks", json=items)
        assert answer.status_code == 200, answer.text
        outcomes = [each["outcome"] for each in answer.json()["outcomes"]]
        assert outcomes == ["applied", "warned", "parked", *["refused"] * 5]
        assert answer.json()["outcomes"][3]["reason"] == "deadline: phải là ngày (2022-03-31)"
        stale = await client.post("/tasks", json=[{**good, "version": 1}])
        assert stale.json()["outcomes"][0]["reason"] == "đã có phiên bản mới hơn (2)"
        tie = await client.post("/tasks", json=[{**good, "title": "Khác"}])
        assert tie.json()["outcomes"][0]["outcome"] in {"applied", "stale"}
        (source,) = (await client.get("/sources")).json()["sources"]
    assert (source["ties"], source["parked"], source["refused"]) == (1, 1, 2)


async def test_a_person_without_the_right_role_sends_no_tasks(monitoring: RunningSuite) -> None:
    async with monitoring.client("monitoring", role="unit:stnmt-01") as client:
        assert (await client.post("/tasks", json=[])).status_code == 403


async def test_a_file_of_tasks_is_merged_like_the_stream(monitoring: RunningSuite) -> None:
    lines = [
        "Mã nhiệm vụ,Mã đơn vị,Nội dung,Hạn hoàn thành,Ngày hoàn thành,Mã cán bộ",
        "1,stnmt-01,Báo cáo quý,10/03/2022,09/03/2022,nv-an",
        "2,stnmt-01,Kế hoạch,10/03/2022,,",
        "3,,Sai cả hai,31/02/2022,,",
    ]
    files = {"file": ("nhiem-vu.csv", "\n".join(lines).encode(), "text/csv")}
    async with monitoring.client("monitoring", role="office") as client:
        tried = await client.post("/imports/tasks?dry_run=true", files=files)
        assert (tried.json()["taken"], tried.json()["refused"]) == ({"readable": 2}, 1)
        answer = await client.post("/imports/tasks", files=files)
    assert (answer.json()["taken"], answer.json()["refused"]) == ({"applied": 2}, 1)
    assert [one["row"] for one in answer.json()["refusals"]] == [4, 4]
    await monitoring.settle()
    row = (await months(monitoring))[LAND, "2022-03"]
    assert (row["due"], row["on_time"], row["overdue"]) == (2, 1, 1)


async def test_a_secret_task_leaves_neither_title_nor_people_behind(monitoring: RunningSuite) -> None:
    await monitoring.deliver(task("1", DUE, secret=True, title="Tuyệt mật", assignees=[{"code": "nv-an"}]))
    await monitoring.deliver(task("2", DUE, title="Chưa mật", assignees=[{"code": "nv-an"}]))
    await monitoring.settle()
    body = {"source": "eoffice", "source_id": "2", "kind": "secrecy", "document": "1/QĐ-M", "dated": "2022-03-01"}
    async with monitoring.client("monitoring", role="office") as client:
        assert (await client.post("/decisions", json=body)).status_code == 201
        listed = (await client.get("/tasks")).text
    assert "mật" not in listed
    async with monitoring.transaction("monitoring") as tx:
        rows = await tx.rows(text("select report, body, people, report_bytes > 0 as sized from task"))
    assert [(row.people, row.sized) for row in rows] == [([], True)] * 2
    assert not any("mật" in f"{row.report}{row.body}" or "nv-an" in f"{row.report}{row.body}" for row in rows)
    await monitoring.deliver(task("2", DUE, title="Chưa mật", version=9))
    await monitoring.settle()
    async with monitoring.transaction("monitoring") as tx:
        kept = [f"{row.report}{row.body}" for row in await tx.rows(text("select report, body from task"))]
    assert not any("mật" in report for report in kept)


async def test_two_connections_in_opposite_order_do_not_deadlock(monitoring: RunningSuite) -> None:
    database = monitoring.suite.services["monitoring"].database

    async def merge(version: int, backwards: bool) -> None:
        reports = [task(f"{n:03d}", DUE, version=version, assignees=[{"code": "nv-an"}]) for n in range(50)]
        ordered = reports[::-1] if backwards else reports
        async with database.transaction("test") as tx:
            await merge_reports(tx, arrivals_of(tx, [(report, None) for report in ordered]))

    for turn in range(1, 11):
        await asyncio.gather(merge(2 * turn, False), merge(2 * turn + 1, True))
    async with monitoring.transaction("monitoring") as tx:
        row = await tx.row(text("select min(version) as low, count(*) as tasks from task"))
    assert row is not None
    assert tuple(row) == (21, 50)


async def test_a_source_of_the_file_translates_its_unit_codes_and_vouches_for_its_units(
    suite: SuiteFactory, clock: ManualClock, tmp_path: Path
) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text("sources:\n- name: eoffice\n  title: Hồ sơ công việc\n  units: {H26.01: stnmt-01}\n")
    async with suite(SERVICE, clock=clock, sources_file=file) as running:
        await running.deliver(*ORGANISATION)
        await running.settle()
        await running.deliver(task("1", DUE, of="H26.01"), task("2", DUE, of="H26.01", source="la"))
        await running.settle()
        assert (await months(running))[LAND, "2022-03"]["due"] == 1
        parked = await events(running, "parked", "la")
    assert [each["reason"] for each in parked] == ["chờ khai báo đơn vị H26.01"]


async def test_a_unit_that_arrives_while_its_tasks_are_being_parked_finds_them(monitoring: RunningSuite) -> None:
    database = monitoring.suite.services["monitoring"].database
    async with database.transaction("batch in hand") as tx:
        arrivals = arrivals_of(tx, [(task("1", DUE, of="stnmt-08"), None)])
        assert [each.outcome for each in await merge_reports(tx, arrivals)] == ["parked"]
        await monitoring.deliver(unit("0190-eight", "stnmt-08"))
        await asyncio.sleep(0.3)
    await monitoring.settle()
    assert (await months(monitoring))["0190-eight", "2022-03"]["due"] == 1


async def test_a_secret_task_that_waits_for_its_unit_keeps_no_title_either(monitoring: RunningSuite) -> None:
    await monitoring.deliver(task("1", DUE, of="stnmt-08", secret=True, title="Tuyệt mật"))
    await monitoring.settle()
    async with monitoring.transaction("monitoring") as tx:
        (row,) = await tx.rows(text("select convert_from(body, 'UTF8') as body from thidua.parked"))
    assert "mật" not in row.body
    await monitoring.deliver(unit("0190-eight", "stnmt-08"))
    await monitoring.settle()
    assert (await months(monitoring))["0190-eight", "2022-03"]["excluded"] == 1


async def test_a_weight_beyond_measure_or_a_null_character_costs_only_its_own_item(monitoring: RunningSuite) -> None:
    good = {"source": "nb", "source_id": "1", "version": 1, "unit": "stnmt-01", "deadline": "2022-03-20"}
    heavy = {**good, "source_id": "2", "weight": "1e28", "assignees": [{"code": "nv-an"}]}
    odd = {**good, "source_id": "3", "incidents": [{"kind": "a\x00", "on": "2022-03-01"}]}
    async with monitoring.client("monitoring", role="office") as client:
        told = (await client.post("/tasks", json=[good, heavy, odd])).json()
    assert [line["outcome"] for line in told["outcomes"]][:2] == ["applied", "refused"]
    assert told["outcomes"][2]["outcome"] in ("applied", "refused")
