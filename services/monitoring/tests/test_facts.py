"""Reports, facts, what is missing, reminders and gauges, on a real PostgreSQL."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from thidua.contracts import CriteriaSetState, SubjectKind
from thidua.contracts.campaign import CriteriaSetUse
from thidua_monitoring.queries.facts import DROP_ENTRIES
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import RunningSuite

from .ministry import LAND, WATER, campaign, months, person, roll, task

pytestmark = pytest.mark.anyio

INPUTS = [
    {"name": "capital_used", "origin": "fact", "kind": "amount", "title": "Vốn đã giải ngân", "evidence": "required",
     "stated_by": ["self", "appraiser"], "counts": ["appraiser", "self"], "due": {"day": 5, "after": "month"}},
    {"name": "makes_law", "origin": "fact", "kind": "yes_no", "title": "Được giao xây dựng pháp luật",
     "stated_by": ["appraiser"], "due": {"on": "2022-01-31"}},
    {"name": "months", "origin": "feed", "kind": "month_results"},
]  # fmt: skip


def criteria_set() -> CriteriaSetState:
    return CriteriaSetState.model_validate({
        "id": "tnmt", "set_version": "1.0.0", "title": "Tiêu chí", "subject_kind": "collective", "state": "enabled",
        "artefact": "sha256:0", "inputs": INPUTS,
    })  # fmt: skip


def capital(value: str = "137.5", subject: str = "stnmt-01", **more: object) -> dict[str, Any]:
    entry = {"period": "2022-03", "dated": "2022-04-01", "value": value, "evidence": ["kb-03.pdf"], **more}
    return {"subject": subject, "campaign": "td-2022", "input": "capital_used", "stated_by": "self", "entries": [entry]}


async def open_campaign(running: RunningSuite) -> None:
    await running.deliver(criteria_set(), campaign())
    await running.settle()


async def put(running: RunningSuite, body: Any, role: str = "unit:stnmt-01", actor: str = "Trần Thị Bình") -> Any:
    async with running.client("monitoring", role=role, actor=actor) as client:
        answer = await client.put("/facts", json=body)
    await running.settle()
    return answer


async def missing(running: RunningSuite) -> list[tuple[str, str, str]]:
    async with running.client("monitoring", role="reader") as client:
        answer = await client.get("/missing", params={"campaign": "td-2022"})
    assert answer.status_code == 200, answer.text
    return [(each["unit"], each["kind"], each["input"] or each["period"]) for each in answer.json()["missing"]]


async def test_every_participant_owes_a_report_per_period_and_the_stream_says_so(monitoring: RunningSuite) -> None:
    await open_campaign(monitoring)
    found = await monitoring.published("reports")
    assert {(each["unit"], each["period"], each["state"]) for each in found} == {
        (unit, period, "due") for unit in (LAND, WATER) for period in ("2022-03", "2022-04")
    }
    await monitoring.deliver(campaign(participants=(LAND,)))
    await monitoring.settle()
    assert {each["unit"] for each in await monitoring.published("reports")} == {LAND}


async def test_a_report_goes_from_due_to_accepted_and_back_only_by_the_right_hands(monitoring: RunningSuite) -> None:
    await open_campaign(monitoring)
    move = {"unit": "stnmt-01", "campaign": "td-2022", "period": "2022-03"}
    async with monitoring.client("monitoring", role="unit:stnmt-01") as client:
        assert (await client.post("/reports/moves", json=[{**move, "to": "accepted"}])).status_code == 403
        assert (
            await client.post("/reports/moves", json=[{**move, "unit": "stnmt-02", "to": "sent"}])
        ).status_code == 403
        paper = {"number": "7/BC", "dated": "2022-03-16"}
        for ahead in ({"sent_on": "2022-03-16"}, {"sent_on": "2022-03-15", "document": paper}):
            answer = await client.post("/reports/moves", json=[{**move, "to": "sent", **ahead}])
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:thidua:problem:day-ahead")
            assert "ghi ngày 16/03/2022" in answer.json()["detail"]
        assert (await client.post("/reports/moves", json=[{**move, "to": "sent"}])).status_code == 200
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["reported"] is True
    async with monitoring.client("monitoring", role="office") as client:
        assert (await client.post("/reports/moves", json=[{**move, "to": "returned"}])).status_code == 422
        returned = await client.post("/reports/moves", json=[{**move, "to": "returned", "because": "Thiếu phụ lục"}])
        assert returned.json()[0]["returned_because"] == "Thiếu phụ lục"
        both = [{**move, "to": "sent"}, {**move, "unit": "stnmt-02", "to": "accepted"}]
        assert (await client.post("/reports/moves", json=both)).status_code == 409
        assert (await client.get("/reports", params={"state": "sent"})).json()["reports"] == []
        assert (
            await client.post("/reports/moves", json=[{**move, "period": "2022-07", "to": "sent"}])
        ).status_code == 404


async def test_a_statement_is_published_and_checked_by_another_person(monitoring: RunningSuite) -> None:
    await open_campaign(monitoring)
    assert (await put(monitoring, [capital()])).status_code == 200
    (fact,) = await monitoring.published("facts")
    assert (fact["subject"], fact["entries"][0]["status"]) == (LAND, "stated")
    check = {
        "subject": "stnmt-01", "campaign": "td-2022", "input": "capital_used", "stated_by": "self",
        "entry": fact["entries"][0]["id"], "accept": True,
    }  # fmt: skip
    async with monitoring.client("monitoring", role="office", actor="Trần Thị Bình") as client:
        own = await client.post("/facts/checks", json=check)
        assert (own.status_code, own.json()["type"]) == (409, "urn:thidua:problem:same-person")
    async with monitoring.client("monitoring", role="office", actor="Trần\u200b Thị BÌNH") as client:
        assert (await client.post("/facts/checks", json=check)).json()["type"] == "urn:thidua:problem:same-person"
    async with monitoring.client("monitoring", role="appraiser", actor="Lê Văn Cường") as client:
        assert (await client.post("/facts/checks", json={**check, "accept": False})).status_code == 422
        assert (await client.post("/facts/checks", json=check)).status_code == 200
    await monitoring.settle()
    (fact,) = await monitoring.published("facts")
    (entry,) = fact["entries"]
    assert (entry["status"], entry["entered_by"], entry["checked_by"]) == (
        "verified", "Trần Thị Bình", "Lê Văn Cường"
    )  # fmt: skip
    same = capital(id=fact["entries"][0]["id"])
    await put(monitoring, [same])
    assert (await monitoring.published("facts"))[0]["entries"][0]["status"] == "verified"
    await put(monitoring, [capital("140", id=fact["entries"][0]["id"])])
    assert (await monitoring.published("facts"))[0]["entries"][0]["status"] == "stated"
    await put(monitoring, [{**capital(), "entries": []}])
    assert (await monitoring.published("facts"))[0]["entries"] == []


async def test_what_a_long_list_no_longer_states_is_found_without_comparing_each_with_each(
    monitoring: RunningSuite,
) -> None:
    keys = [{"subject": f"p-{n}", "campaign": "c", "input": "mark", "stated_by": "self"} for n in range(5_000)]
    entries = [{**key, "id": f"e{number}"} for key in keys for number in range(3)]
    async with monitoring.transaction("monitoring") as tx:
        await tx.execute(STATED, entries=json.dumps(entries))
        facts, kept = json.dumps(keys[:500]), json.dumps(entries[:1_499])
        plan = await tx.rows(text(f"explain analyze {DROP_ENTRIES.text}"), facts=facts, entries=kept)
        left = await tx.rows(text("select subject, id from fact_entry where subject = 'p-499' order by id"))
    assert left == [("p-499", "e0"), ("p-499", "e1")]
    assert not [row for row in plan if "Rows Removed by Join Filter" in row[0]]


STATED = text("""
insert into fact_entry (subject, campaign, input, stated_by, id, period, dated, value, evidence, status, stated_actor)
select *, '2022', '2022-01-02', '7', '{}', 'stated', 'ai' from jsonb_to_recordset(cast(:entries as jsonb)) as e (
       subject text, campaign text, input text, stated_by text, id text)
""")


REFUSED_STATEMENTS: tuple[tuple[dict[str, Any], str, int], ...] = (
        ({"input": "weather"}, "unit:stnmt-01", 422), ({"input": "months"}, "unit:stnmt-01", 422),
        ({"stated_by": "appraiser"}, "unit:stnmt-01", 403), ({"stated_by": "council"}, "office", 422),
        ({"subject": "stnmt-02"}, "unit:stnmt-01", 403), ({"subject": "stnmt-99"}, "office", 404),
        ({"stated_by": "me"}, "office", 422), ({"campaign": "td-1999"}, "office", 404),
        ({"input": "a\u0000"}, "office", 422),
        ({"input": "makes_law", "stated_by": "appraiser"}, "appraiser", 422), ({}, "source:eoffice", 403),
)  # fmt: skip


async def test_a_statement_nobody_asked_for_is_refused_with_a_sentence(monitoring: RunningSuite) -> None:
    await open_campaign(monitoring)
    for change, role, status in REFUSED_STATEMENTS:
        answer = await put(monitoring, [{**capital(), **change}], role)
        assert answer.status_code == status, (change, answer.text)
        assert answer.json()["detail"]
    assert await monitoring.published("facts") == []


async def test_a_statement_that_two_sets_would_read_otherwise_is_refused(monitoring: RunningSuite) -> None:
    other = criteria_set().model_dump(mode="json") | {"id": "khac", "inputs": [{**INPUTS[0], "kind": "yes_no"}]}
    uses = [{"id": name, "version": "1.0.0", "subject_kind": "collective"} for name in ("khac", "tnmt")]
    both = campaign().model_copy(update={"criteria_sets": tuple(map(CriteriaSetUse.model_validate, uses))})
    await monitoring.deliver(criteria_set(), CriteriaSetState.model_validate(other), both)
    await monitoring.settle()
    refused = await put(monitoring, [capital()])
    assert refused.status_code == 422
    assert "hai bộ tiêu chí khac và tnmt hỏi khác nhau" in refused.json()["detail"]


async def test_a_fact_about_a_person_is_stated_by_staff_code(monitoring: RunningSuite) -> None:
    of_people = CriteriaSetState.model_validate(criteria_set().model_dump() | {"subject_kind": "individual"})
    uses = (CriteriaSetUse(id="tnmt", version="1.0.0", subject_kind=SubjectKind.INDIVIDUAL),)
    await monitoring.deliver(of_people, campaign().model_copy(update={"criteria_sets": uses}), person("p-9", "nv-09"))
    await monitoring.settle()
    answer = await put(monitoring, [capital(subject="nv-09")], "office")
    assert (answer.status_code, answer.json()[0]["subject"]) == (200, "p-9"), answer.text


async def test_a_statement_for_another_year_leaves_what_was_stated(monitoring: RunningSuite) -> None:
    await open_campaign(monitoring)
    assert (await put(monitoring, [capital()])).status_code == 200
    refused = await put(monitoring, [capital("9", period="2023")])
    assert refused.status_code == 422
    assert "kỳ 2023 không thuộc năm của phong trào td-2022" in refused.json()["detail"]
    (kept,) = await monitoring.published("facts")
    assert [entry["value"] for entry in kept["entries"]] == ["137.5"]


async def test_what_is_due_and_missing_is_listed_and_reminded_of_once_a_week(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await open_campaign(monitoring)
    await monitoring.deliver(task("1", date(2022, 3, 10)))
    await roll(monitoring, clock, date(2022, 4, 7))
    expected = [(u, "fact", "makes_law") for u in (LAND, WATER)]
    expected += [(u, "registration", "2022") for u in (LAND, WATER)] + [(u, "report", "2022-03") for u in (LAND, WATER)]
    late = [each for each in await missing(monitoring) if each[2] != "capital_used"]
    assert late == expected
    await monitoring.run_job("monitoring", "remind")
    await monitoring.run_job("monitoring", "remind")
    await monitoring.settle()
    reminders = {(each["subject"], each["kind"]): each for each in await monitoring.published("reminders")}
    assert reminders[LAND, "report"]["times"] == 1
    assert reminders[LAND, "task"]["sentence"] == "Có 1 nhiệm vụ của năm 2022 chưa hoàn thành và đã quá hạn."
    body = [{"unit": "stnmt-01", "campaign": "td-2022", "period": "2022-03", "to": "sent"}]
    async with monitoring.client("monitoring", role="unit:stnmt-01") as client:
        await client.post("/reports/moves", json=body)
    for day, times in ((date(2022, 4, 13), 1), (date(2022, 4, 14), 2)):
        await roll(monitoring, clock, day)
        await monitoring.run_job("monitoring", "remind")
        await monitoring.settle()
        reminders = {(each["subject"], each["kind"]): each for each in await monitoring.published("reminders")}
        assert (reminders[LAND, "report"]["settled"], reminders[WATER, "report"]["times"]) == (True, times)


async def test_a_value_without_its_required_evidence_is_still_missing(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await open_campaign(monitoring)
    await roll(monitoring, clock, date(2022, 4, 7))
    before = await missing(monitoring)
    await put(monitoring, [capital(evidence=[])])
    assert await missing(monitoring) == before
    await put(monitoring, [capital()])
    assert len(await missing(monitoring)) == len(before) - 1


async def test_the_gauges_tell_which_report_is_late_while_it_can_still_be_fixed(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await open_campaign(monitoring)
    await monitoring.deliver(task("1", date(2022, 3, 10)), task("2", date(2022, 4, 6)))
    await roll(monitoring, clock, date(2022, 4, 5))
    running = monitoring.suite.services["monitoring"]
    await running.refresh_gauges()
    found = {(s.name, *sorted(s.labels.values())): s.value for s in running.meters.gauges.samples}
    assert found["thidua_report_received", "2022-03", "stnmt-01"] == 0
    assert found["thidua_month_tasks_due", "2022-03", "stnmt-01"] == 1
    assert found["thidua_month_tasks_open", "2022-04", "stnmt-01"] == 1
    assert (found["thidua_tasks_overdue", "stnmt-01"], found["thidua_tasks_due_soon", "stnmt-01"]) == (1, 1)
    assert found["thidua_tasks_overdue", "stnmt-02"] == 0
    assert found[("thidua_working_day",)] == 1
    assert (
        found["thidua_facts_missing", "2022", "stnmt-01"] >= 1
        if ("thidua_facts_missing", "2022", "stnmt-01") in found
        else True
    )
    closes = found["thidua_period_closes_timestamp_seconds", "2022-03"]
    assert closes > clock.now().timestamp() > found["thidua_report_due_timestamp_seconds", "2022-03", "stnmt-01"]
    await monitoring.run_job("monitoring", "recount")
    await running.refresh_gauges()
    counters = [s.value for s in running.meters.gauges.samples if s.name == "thidua_recount_difference"]
    assert counters
    assert set(counters) == {0}


HOSTILE_QUERIES = (
    "/months?limit=0", "/months?offset=-1", "/months/2022-13", "/tasks?month=x", "/tasks?state=asleep",
    "/tasks/counts?month=x", "/tasks?unit=%00", "/units/%00/months", "/units/none/months", "/missing",
    "/missing?campaign=%27%3B--",
    "/sources/none/events", "/sources/x/events?outcome=lost", "/facts?campaign=none", "/reports?period=2022-13",
)  # fmt: skip


async def test_hostile_queries_get_a_problem_document_and_never_a_crash(monitoring: RunningSuite) -> None:
    async with monitoring.client("monitoring", role="reader") as client:
        for path in HOSTILE_QUERIES:
            answer = await client.get(path)
            assert answer.status_code in {404, 422}, (path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
