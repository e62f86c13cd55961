"""What only those who appraise read: disciplines and all that tells of one, and why there is a hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from thidua_awards.domain.conditions import CONDITIONS
from thidua_awards.domain.findings import KEPT_BACK, PRIVATE
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
PAPER = {"document": "01/BB", "dated": "2022-12-28", "reason": "Theo biên bản"}
HELD = "Đang xác minh đơn tố cáo"


async def test_a_unit_reads_neither_why_its_dossier_was_held_nor_why_it_was_decided_all_the_same(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P0", "title": "LDTT"}
        id = (await secretary.done("POST", "/dossiers", case))["id"]
        steps = [{"to": to, **PAPER} for to in ("unit_reviewed", "unit_council", "sent", "received")]
        held = [
            {"to": "on_hold", "reason": HELD, "on_behalf": "Giám đốc Sở"},
            {"to": "received", "reason": f"{HELD}: xong"},
        ]
        back = {"to": "drafting", "reason": "Thiếu biên bản"}
        await secretary.done("POST", f"/dossiers/{id}/steps", [*steps, *held, back])
        async with running.client("awards", role="unit:PDD") as unit:
            answer = await unit.post(f"/dossiers/{id}/steps", json=steps[:1])
            told = answer.json()["steps"]
        assert [one["reason"] for one in told[4:7]] == [KEPT_BACK, KEPT_BACK, "Thiếu biên bản"]
        await secretary.done("POST", "/holds", {"subject": "P0", "starts_on": "2022-12-01"})
        await secretary.done("POST", "/decisions", {**year.decision("40/QĐ", "LDTT", "P0"), "reason": HELD})
        async with running.client("awards", role="unit:PDD") as unit:
            read = await unit.get(f"/dossiers/{id}")
        assert read.json()["steps"][-1]["reason"] == KEPT_BACK
        assert HELD not in read.text
        assert (await secretary.done("GET", f"/dossiers/{id}"))["steps"][-1]["reason"] == HELD


async def test_a_step_recorded_afterwards_is_held_against_the_holds_of_its_own_day(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P0", "title": "LDTT", "kind": "sudden"}
        path = f"/dossiers/{(await secretary.done('POST', '/dossiers', case))['id']}/steps"
        way = [{"to": to, "acted_on": "2022-12-05", **PAPER} for to in ("sent", "received")]
        await secretary.done("POST", path, way)
        hold = await secretary.done("POST", "/holds", {"subject": "P0", "starts_on": "2022-12-10"})
        await secretary.done("POST", f"/holds/{hold['id']}/lift", {"ends_on": "2022-12-20"})
        step = {"to": "to_authority", "document": "9/TTr", "dated": "2022-12-15", "acted_on": "2022-12-15"}
        refused = await secretary.call("POST", path, [step])
        assert "tạm dừng từ ngày 10/12/2022" in refused.json()["detail"]
        await secretary.done("POST", path, [{**step, "acted_on": "2022-12-20"}])


async def judged(running: RunningSuite, council: Any, title: str, entry: dict[str, str], **more: Any) -> Any:
    """Return what the stream says of somebody after a discipline was entered, and what those who appraise read."""
    secretary, subject = council.Secretary(running), entry["subject"]
    await secretary.done("POST", "/disciplines", [entry])
    for path, body in more.items():
        await secretary.done("PUT", f"/{path}", body)
    await secretary.done("POST", "/campaigns/TD2022/review")
    await running.settle()
    published = await running.published("recommendations")
    told = next(one for one in published if (one["subject"], one["title"]) == (subject.lower(), title))
    return told, await secretary.done("GET", f"/recommendations/TD2022/{subject}/{title}")


def statuses(told: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: one["status"] for one in told["findings"]}


async def test_no_stream_and_no_list_says_which_of_the_private_conditions_refused(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        entry = {"subject": "P4", "form": "khien_trach", "decided_on": "2022-03-10", "ends_on": "2022-06-10"}
        declared = year.declared("discipline.complete", "ldtt.conduct")
        told, full = await judged(running, council, "LDTT", entry, confirmations=declared)
        assert full["first_unmet"].startswith("Cá nhân bị kỷ luật: khiển trách, quyết định ngày 10/03/2022")
        assert (told["verdict"], told["first_unmet"]) == ("not_met", KEPT_BACK)
        async with running.client("awards", role="reader") as client:
            listed = (await client.get("/recommendations?campaign=TD2022&verdict=not_met")).json()
        assert listed["total"] == 1
        for shown in (told, listed["items"][0]):
            assert "khiển trách" not in str(shown)
            kept_back = {status for key, status in statuses(shown).items() if key in PRIVATE - {"g.hold"}}
            assert kept_back == {"withheld"}, "which of several conditions refused tells as much as its sentence"


async def test_what_is_told_first_is_the_first_condition_that_may_be_told(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        await running.deliver(year.person("p12", "pmt", "Lê Thị Mới"), year.registration("p12", "pmt", "LDTT"))
        await running.settle()
        long_ago = {"subject": "P12", "form": "khien_trach", "decided_on": "2020-01-02", "ends_on": "2020-04-02"}
        told, full = await judged(running, council, "LDTT", long_ago)
        assert full["first_unmet"] == "Chưa có xác nhận về kỷ luật năm 2022."
        assert told["first_unmet"] == "Chưa có kết quả xếp loại chất lượng năm 2022."


async def test_the_medal_looks_at_every_discipline_and_no_stream_tells_of_any(awards: Awards, council: Any) -> None:
    assert {key for checks in CONDITIONS.values() for key in checks if "discipline" in key} <= PRIVATE
    async with awards() as running:
        entry = {"subject": "P4", "form": "canh_cao", "decided_on": "2016-03-10", "ends_on": "2017-03-10"}
        candidate = {"campaign": "TD2022", "subject": "P4", "title": "KNC", "document": "Tờ trình 01/TTr"}
        told, full = await judged(running, council, "KNC", entry, candidates=[candidate])
        assert statuses(full)["knc.discipline"] == "person", "not met, by a rule not read in full; else no data"
        assert statuses(told)["knc.discipline"] == statuses(told)["knc.years"] == "withheld"
        assert "cảnh cáo" not in str(told)


async def test_a_held_dossier_names_who_held_it_and_holds_every_title_of_its_subject(
    awards: Awards, council: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P0", "kind": "sudden"}
        ids = [(await secretary.done("POST", "/dossiers", {**case, "title": one}))["id"] for one in ("LDTT", "CSTDCS")]
        held, other = (f"/dossiers/{id}/steps" for id in ids)
        way = [{"to": to, **PAPER} for to in ("sent", "received")]
        for path in (held, other):
            await secretary.done("POST", path, way)
        refused = await secretary.call("POST", held, [{"to": "on_hold"}])
        assert "người có thẩm quyền đã quyết định tạm dừng xem xét (on_behalf)" in refused.json()["detail"]
        await secretary.done("POST", held, [{"to": "on_hold", "on_behalf": "Giám đốc Sở"}])
        listed = await secretary.done("GET", "/holds")
        assert [(one["id"], one["dossier"], one["subject"], one["starts_on"]) for one in listed] == [
            (None, ids[0], "p0", "2022-12-31")
        ]
        for title in ("LDTT", "CSTDCS"):
            found = await secretary.done("GET", f"/recommendations/TD2022/P0/{title}")
            said = next(one for one in found["findings"] if one["key"] == "g.hold")
            assert (said["status"], said["sentence"]) == ("person", "Đang tạm dừng xem xét từ ngày 31/12/2022."), title
        on = {"to": "to_authority", "document": "9/TTr", "dated": "2022-12-31"}
        assert "tạm dừng từ ngày 31/12/2022" in (await secretary.call("POST", other, [on])).json()["detail"]
        await secretary.done("POST", held, [{"to": "received", "reason": "Xong"}])
        found = await secretary.done("GET", "/recommendations/TD2022/P0/LDTT")
        assert next(one for one in found["findings"] if one["key"] == "g.hold")["status"] == "met"
        await secretary.done("POST", other, [on])
