"""The HTTP doors: decisions, imports, history, who may do what, and input that means harm."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import text

from thidua.contracts import Unit
from thidua_runtime.records import Outgoing
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]

PAST = """Mã cá nhân;Danh hiệu;Năm;Số quyết định;Ngày quyết định;Người ký;Cơ quan ban hành
P0;CSTDCS;2020;31/QĐ;15/01/2021;Trần Thị Bình;Giám đốc Sở
P0;CSTDCS;2021;32/QĐ;14/01/2022;Trần Thị Bình;Giám đốc Sở
P0;CSTDB;2022;40/QĐ-BTNMT;20/12/2022;Lê Văn Cường;Bộ trưởng
PDD;TTLDXS;2021;33/QĐ;14/01/2022;Trần Thị Bình;Giám đốc Sở
P1;TTLDXS;2021;33/QĐ;14/01/2022;Trần Thị Bình;Giám đốc Sở
KHONG-CO;LDTT;2021;33/QĐ;14/01/2022;Trần Thị Bình;Giám đốc Sở
P2;LDTT;hai nghìn;33/QĐ;14/01/2022;Trần Thị Bình;Giám đốc Sở
"""


async def call(
    running: RunningSuite, method: str, path: str, body: Any = None, role: str = "office", **headers: str
) -> Any:
    async with running.client("awards", role=role) as client:
        return await client.request(method, path, json=body, headers=headers)


async def import_past(running: RunningSuite, text: str = PAST, query: str = "") -> Any:
    async with running.client("awards") as client:
        answer = await client.post(f"/imports/awards?name=past.csv{query}", content=text.encode())
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.anyio
async def test_past_awards_are_imported_once_and_bad_rows_are_refused_alone(awards: Awards) -> None:
    async with awards() as running:
        trial = await import_past(running, query="&dry_run=true")
        assert await running.published("decisions") == []
        report = await import_past(running)
        assert trial["taken"] == report["taken"] == {"created": 4, "changed": 0, "unchanged": 0}
        refused = {(one["row"], one["column"]) for one in report["refusals"]}
        assert {row for row, _ in refused} == {6, 7, 8}
        assert "danh hiệu của tập thể" in str(report["refusals"])
        again = await import_past(running)
        assert again["taken"] == {"created": 0, "changed": 0, "unchanged": 4}
        await running.settle()
        assert len(await running.published("decisions")) == 4


@pytest.mark.anyio
async def test_an_import_refuses_what_the_doors_refuse_and_tells_of_titles_held_and_of_other_signers(
    awards: Awards,
) -> None:
    rows = (
        "P3,LDTT,2030,12/QĐ,05/01/2031,A,B,",
        "P3,LDTT,2018,13/QĐ,05/01/2017,A,B,",
        "P3,CSTDCS,2018,14/QĐ,05/01/2019,A,B,dot_xuat",
        "P3,LDTT,2018,15/QĐ,05/01/2019,A,B,",
        "P3,LDTT,2018,16/QĐ,06/01/2019,A,B,",
        "P4,LDTT,2018,16/QĐ,06/01/2019,C,B,",
        "P3,GK,2018,16/QĐ,06/01/2019,A,B,dot_xuat",
    )
    head = "subject,code,year,number,dated,signer,authority,kind"
    async with awards() as running:
        report = await import_past(running, "\n".join((head, *rows)))
        assert [(one["row"], one["column"]) for one in report["refusals"]] == [(2, "dated"), (3, "year"), (4, "kind")]
        assert report["taken"]["created"] == 4
        told = [(one["row"], one["column"], one["reason"]) for one in report["notices"]]
        assert told == [
            (6, "code", "P3 đã có Lao động tiên tiến năm 2018 theo quyết định số 15/QĐ ngày 05/01/2019."),
            (7, "signer", "Quyết định số 16/QĐ đã ghi người ký A; giữ nguyên."),
        ]
        again = await import_past(running, "\n".join((head, *rows[4:6])))
        assert [one["row"] for one in again["notices"]] == [2, 3], "held, and signed, by what is recorded"


@pytest.mark.anyio
async def test_an_award_is_imported_by_the_name_officials_write_and_a_route_nobody_defined_is_refused(
    awards: Awards,
) -> None:
    head, rest = "Mã;Danh hiệu;Năm;Số QĐ;Ngày QĐ;Người ký;Cơ quan ban hành;Con đường", "20/QĐ;15/01/2022;A;B"
    rows = (
        f"P3;CSTĐCS;2021;{rest};Sáng kiến",
        f"P4;Lao động tiên tiến;2021;{rest};",
        f"P5;LĐTT;2021;{rest};excellence",
    )
    async with awards() as running:
        report = await import_past(running, "\n".join((head, *rows)))
        assert report["taken"]["created"] == 2
        assert [(one["row"], one["column"]) for one in report["refusals"]] == [(4, "Con đường")]
        (line,) = (await call(running, "GET", "/history/P3", role="reader")).json()
        assert (line["code"], line["route"]) == ("CSTDCS", "initiative")


@pytest.mark.anyio
async def test_the_history_names_each_award_as_its_own_year_did(awards: Awards) -> None:
    async with awards() as running:
        await import_past(running)
        history = (await call(running, "GET", "/history/P0", role="reader")).json()
        assert [(one["year"], one["label"]) for one in history] == [
            (2020, "Chiến sĩ thi đua cơ sở"),
            (2021, "Chiến sĩ thi đua cơ sở"),
            (2022, "Chiến sĩ thi đua cấp Bộ"),
        ]


@pytest.mark.anyio
async def test_a_cancelled_base_title_lists_the_ministry_title_and_the_collective_and_changes_neither(
    awards: Awards,
) -> None:
    async with awards() as running:
        await import_past(running)
        history = (await call(running, "GET", "/history/P0", role="reader")).json()
        base = next(one for one in history if one["year"] == 2021)
        reason = {"reason": "Kết luận vi phạm năm 2021", "document": "50/QĐ năm 2024"}
        answer = await call(running, "POST", f"/decisions/{base['decision']}/cancel", reason)
        relied = {(one["code"], one["year"]) for one in answer.json()["relied"]}
        assert relied == {("CSTDB", 2022), ("TTLDXS", 2021)}
        await running.settle()
        assert sum(one["cancelled"] for one in await running.published("decisions")) == 1
        twice = await call(running, "POST", f"/decisions/{base['decision']}/cancel", reason)
        assert twice.status_code == 409


@pytest.mark.anyio
async def test_a_decision_is_recorded_once_and_a_repeated_request_gets_the_first_answer(
    awards: Awards, year: Any
) -> None:
    async with awards() as running:
        body = year.decision("11/QĐ", "LDTT", "P0")
        first = await call(running, "POST", "/decisions", body, **{"Idempotency-Key": "k1"})
        again = await call(running, "POST", "/decisions", body, **{"Idempotency-Key": "k1"})
        assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
        other = await call(running, "POST", "/decisions", body)
        assert other.json()["type"] == "urn:thidua:problem:decision-exists"
        assert "11/QĐ" in other.json()["detail"]


@pytest.mark.anyio
async def test_a_list_of_decisions_is_recorded_whole_or_not_at_all(awards: Awards, year: Any) -> None:
    async with awards() as running:
        good, other = year.decision("11/QĐ", "LDTT", "P0"), year.decision("12/QĐ", "LDTT", "P1")
        refused = await call(running, "POST", "/decisions/list", [good, year.decision("13/QĐ", "LDTT", "AI-DO")])
        assert refused.status_code in (404, 422)
        repeated = await call(running, "POST", "/decisions/list", [good, other, good])
        assert repeated.json()["type"] == "urn:thidua:problem:decision-repeated"
        assert (await call(running, "GET", "/decisions")).json()["total"] == 0
        taken = await call(running, "POST", "/decisions/list", [good, other])
        assert [one["number"] for one in taken.json()["decisions"]] == ["11/QĐ", "12/QĐ"]
        known = await call(running, "POST", "/decisions/list", [other, good])
        assert known.json()["type"] == "urn:thidua:problem:decision-exists"
        assert (await call(running, "GET", "/decisions")).json()["total"] == 2


@pytest.mark.anyio
async def test_cancelling_on_a_stale_page_is_refused(awards: Awards, year: Any) -> None:
    async with awards() as running:
        made = await call(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", "P0"))
        assert made.headers["etag"] == '"1"'
        path = f"/decisions/{made.json()['id']}/cancel"
        stale = await call(running, "POST", path, {"reason": "Nhầm", "document": "12/QĐ"}, **{"If-Match": '"7"'})
        assert stale.status_code == 412


@pytest.mark.anyio
async def test_a_role_without_the_right_is_turned_away(awards: Awards, year: Any) -> None:
    hold = {"subject": "P0", "starts_on": "2022-12-01"}
    attempts = (
        ("reader", "POST", "/campaigns/TD2022/review", None),
        ("unit:PDD", "POST", "/campaigns/TD2022/review", None),
        ("appraiser", "POST", "/decisions", year.decision("11/QĐ", "LDTT", "P0")),
        ("unit:PDD", "POST", "/holds", hold),
        ("unit:PDD", "DELETE", "/disciplines/x", None),
        ("reader", "GET", "/disciplines?subject=P0", None),
        ("reader", "GET", "/recommendations/TD2022/P0/LDTT", None),
        ("unit:PDD", "POST", "/imports/awards", None),
    )
    async with awards() as running:
        for role, method, path, body in attempts:
            answer = await call(running, method, path, body, role=role)
            assert answer.status_code == 403, (role, path, answer.text)


@pytest.mark.anyio
async def test_a_unit_cannot_overwrite_the_record_of_another_unit_by_its_id(awards: Awards, year: Any) -> None:
    async with awards() as running:
        await running.deliver(year.person("kia", "pmt", "Hoàng Thị Kia"))
        await running.settle()
        entry = {"subject": "P4", "form": "canh_cao", "decided_on": "2022-03-10"}
        made = (await call(running, "POST", "/disciplines", [entry], role="unit:PDD")).json()
        theft = [{**entry, "id": made["ids"][0], "subject": "KIA", "form": "khien_trach"}]
        assert (await call(running, "POST", "/disciplines", theft, role="unit:PMT")).status_code == 409
        kept = (await call(running, "GET", "/disciplines?subject=P4")).json()
        assert [one["form"] for one in kept] == ["canh_cao"]


@pytest.mark.anyio
async def test_a_unit_confirms_only_for_itself_and_only_what_is_left_to_it(awards: Awards, year: Any) -> None:
    async with awards() as running:
        other = await call(running, "PUT", "/confirmations", year.declared("ldtt.conduct"), role="unit:PMT")
        late = await call(running, "PUT", "/confirmations", year.declared("g.registered"), role="unit:PDD")
        own = await call(running, "PUT", "/confirmations", year.declared("ldtt.conduct"), role="unit:PDD")
        assert (other.status_code, late.status_code, own.status_code) == (403, 403, 200)


@pytest.mark.anyio
async def test_what_cannot_be_confirmed_is_named_with_what_can(awards: Awards, year: Any) -> None:
    async with awards() as running:
        for key in ("g.hold", "cstdcs.quota", "ldtt.đạo_đức"):
            answer = await call(running, "PUT", "/confirmations", year.declared(key))
            assert answer.status_code == 422
            assert "ldtt.conduct" in answer.json()["detail"]


HOSTILE = (
    {"number": ""},
    {"number": "  "},
    {"reason": "  "},
    {"number": "a\x00b"},
    {"dated": "2022-13-45"},
    {"dated": "20/12/2022"},
    {"awards": []},
    {"awards": [{"subject": "P0", "code": "LDTT", "year": 99999}]},
    {"awards": [{"subject": "P0", "code": "'; drop table decision; --", "year": 2022}]},
    {"awards": [{"subject": "PDD", "code": "LDTT", "year": 2022}]},
    {"signer": "x" * 30_000},
    {"so_quyet_dinh": "12"},
)


@pytest.mark.anyio
async def test_hostile_decisions_are_refused_and_leave_nothing(awards: Awards, year: Any) -> None:
    async with awards() as running:
        for change in HOSTILE:
            body = {**year.decision("11/QĐ", "LDTT", "P0"), **change}
            answer = await call(running, "POST", "/decisions", body)
            assert answer.status_code == 422, (change, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await call(running, "GET", "/decisions")).json()["total"] == 0


@pytest.mark.anyio
async def test_hostile_names_in_a_path_find_nothing_and_break_nothing(awards: Awards) -> None:
    async with awards() as running:
        for name in ("%00", "'%20or%201=1", "x" * 3000, "%F0%9F%98%80"):
            answer = await call(running, "GET", f"/history/{name}")
            assert answer.status_code in (200, 422), answer.text
            if answer.status_code == 200:
                assert answer.json() == []
        assert (await call(running, "POST", "/campaigns/KHONG-CO/review")).status_code == 404
        assert (await call(running, "POST", "/campaigns/TD2022/review?titles=VUA")).status_code == 422


@pytest.mark.anyio
async def test_a_broken_event_becomes_a_dead_letter_and_its_neighbours_are_kept(awards: Awards, year: Any) -> None:
    async with awards() as running:
        good = year.unit("moi", "Chi cục Biển")
        broken = Outgoing("units", "hong", "hong", (("version", b"5"),), b'{"id": "hong", "name": 7')
        await running.deliver_raw(broken)
        await running.deliver(good)
        await running.settle()
        letters = (await call(running, "GET", "/operation/dead-letters", role="operator")).json()
        assert "hong" in str(letters)
        history = await call(running, "GET", "/history/MOI")
        assert history.json() == []
        assert isinstance(good, Unit)


@pytest.mark.anyio
async def test_a_ministry_title_is_reviewed_from_imported_history_and_what_the_ballot_lacks_is_named(
    awards: Awards, year: Any
) -> None:
    async with awards() as running:
        await import_past(running)
        paper = {"campaign": "TD2022", "subject": "P0", "document": "Tờ trình 11/TTr"}
        named = [{**paper, "title": title} for title in ("CSTDB", "BKB")]
        assert (await call(running, "PUT", "/candidates", named)).status_code < 300
        assert (await call(running, "POST", "/campaigns/TD2022/review?titles=CSTDB,BKB")).status_code == 200
        await running.settle()
        found = {one["title"]: one for one in await running.published("recommendations") if one["subject"] == "p0"}
        status = {one["key"]: one["status"] for title in found for one in found[title]["findings"]}
        assert status["cstdb.three"] == "no_data", "2022 is not decided yet"
        assert (status["cstdb.vote"], status["cstdb.influence"]) == ("no_data", "no_data")
        assert found["BKB"]["verdict"] in ("no_data", "person")


@pytest.mark.anyio
async def test_the_law_page_shows_each_rule_with_its_mark(awards: Awards) -> None:
    async with awards() as running:
        regimes = (await call(running, "GET", "/law", role="reader")).json()
        assert [regime["code"] for regime in regimes] == ["R03", "R24", "R25", "R26"]
        marks = {rule["mark"] for regime in regimes for rule in regime["rules"]}
        assert {"official", "memory", "cut", "not_found"} <= marks


@pytest.mark.anyio
async def test_blanks_around_a_number_make_no_second_decision_and_a_list_says_that_it_repeats_itself(
    awards: Awards, year: Any
) -> None:
    async with awards() as running:
        assert (await call(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", "P0"))).status_code == 201
        blanks = await call(running, "POST", "/decisions", year.decision(" 11/QĐ ", "LDTT", "P0"))
        assert blanks.json()["type"] == "urn:thidua:problem:decision-exists"
        twice = [year.decision("12/QĐ", "LDTT", "P1")] * 2
        told = await call(running, "POST", "/decisions/list", twice)
        assert told.json()["type"] == "urn:thidua:problem:decision-repeated"


@pytest.mark.anyio
async def test_headers_and_moments_beyond_measure_are_refused_with_a_sentence(awards: Awards, year: Any) -> None:
    async with awards() as running:
        made = await call(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", "P0"))
        path = f"/decisions/{made.json()['id']}/cancel"
        long = await call(
            running, "POST", path, {"reason": "Nhầm", "document": "1"}, **{"If-Match": '"' + "9" * 5000 + '"'}
        )
        assert long.status_code == 400
        assert (await call(running, "POST", "/campaigns/TD2022/review")).status_code == 200
        late = await call(running, "GET", "/quotas?campaign=TD2022&cut=9999-12-31T23:59:59Z")
        assert late.status_code == 409


@pytest.mark.anyio
async def test_no_dossier_is_begun_on_findings_that_were_decided_on(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P5"))
        body = {"campaign": "TD2022", "subject": "P5", "title": "LDTT"}
        async with running.client("awards", role="unit:PDD") as own:
            answer = await own.post("/dossiers", json=body)
        assert answer.status_code == 409
        assert "Đã có quyết định" in answer.json()["detail"]
        await running.settle()
        states = {(one["subject"], one["title"]): one["state"] for one in await running.published("recommendations")}
        assert states["p5", "LDTT"] == "decided"


@pytest.mark.anyio
async def test_after_a_transfer_lists_and_papers_still_name_the_person(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        await secretary.done("POST", "/dossiers", {"campaign": "TD2022", "subject": "P0", "title": "CSTDCS"})
        async with running.transaction("awards") as tx:
            await tx.execute(text("update replica_people set deleted = true where key = 'pdd/p0'"))
        await running.deliver(year.person("p0", "pmt", "Nguyễn Văn 0"))
        await running.settle()
        listed = await secretary.done("GET", "/dossiers?campaign=TD2022")
        assert [one["name"] for one in listed["items"]] == ["Nguyễn Văn 0"]
