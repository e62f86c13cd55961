from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import pytest

from thidua_runtime.clock import VIETNAM

pytestmark = pytest.mark.anyio


async def test_units_enter_with_parents_of_the_same_batch(ministry: Any) -> None:
    units = (await ministry.get("/units"))["items"]
    assert {(u["code"], u["parent_code"]) for u in units} == {("btnmt", None), ("vdd", "btnmt"), ("stnmt-01", None)}


async def test_the_same_batch_twice_changes_no_row_and_no_version(ministry: Any) -> None:
    before = await ministry.published("units")
    units = (await ministry.get("/units"))["items"]
    again = await ministry.put(
        "/units", [{"code": u["code"], "name": u["name"], "kind": u["kind"], "parent": u["parent_code"]} for u in units]
    )
    assert again["taken"] == {"unchanged": 3}
    assert await ministry.published("units") == before
    assert {u["revision"] for u in (await ministry.get("/units"))["items"]} == {1}


async def test_a_unit_is_found_by_the_code_of_another_system(empty: Any) -> None:
    entry = {"code": "vdd", "name": "Vụ Đất đai", "kind": "vu", "source": "hrm", "external_code": "77"}
    first = await empty.put("/units", [entry])
    empty.clock.set(datetime(2022, 7, 1, 8, tzinfo=VIETNAM))
    renamed = await empty.put("/units", [entry | {"code": "cqldd", "name": "Cục Quản lý đất đai"}])
    assert renamed["items"][0]["id"] == first["items"][0]["id"]
    assert renamed["items"][0]["outcome"] == "changed"
    unit = (await empty.get("/units"))["items"][0]
    assert [(c["code"], c["valid_from"], c["valid_to"]) for c in unit["codes"]] == [
        ("vdd", "2022-01-01", "2022-06-30"),
        ("cqldd", "2022-07-01", None),
    ]
    assert (await empty.get("/units", code="vdd", on="2022-06-30"))["total"] == 1
    assert (await empty.get("/units", code="vdd", on="2022-07-01"))["total"] == 0


async def test_a_reused_code_names_the_unit_of_the_day(empty: Any) -> None:
    old = {
        "name": "Sở cũ",
        "kind": "so",
        "codes": [{"code": "08", "valid_from": "2004-01-01", "valid_to": "2025-06-30"}],
    }
    new = {"name": "Sở mới", "kind": "so", "codes": [{"code": "08", "valid_from": "2025-07-01"}]}
    await empty.put("/units", [{"code": "08", "source": "dm", "external_code": "a", **old}])
    await empty.put("/units", [{"code": "08", "source": "dm", "external_code": "a", **old}])
    empty.clock.set(datetime(2025, 8, 1, 8, tzinfo=VIETNAM))
    answer = await empty.office.put("/units", json=[{"code": "08-moi", "source": "dm", "external_code": "b", **new}])
    assert answer.json()["taken"] == {"created": 1}, answer.text
    assert (await empty.get("/units/08", on="2025-06-30"))["name"] == "Sở cũ"
    assert (await empty.get("/units/08", on="2025-07-01"))["name"] == "Sở mới"


async def test_a_code_held_by_another_unit_on_a_common_day_is_refused(ministry: Any) -> None:
    codes = [{"code": "vdd", "valid_from": "2022-01-01"}]
    answer = await ministry.office.put("/units", json=[{"code": "moi", "name": "Mới", "kind": "vu", "codes": codes}])
    assert answer.status_code == 422
    assert "đã thuộc đơn vị khác" in answer.json()["detail"]


async def test_bad_units_are_refused_with_a_reason_and_the_others_get_in(ministry: Any) -> None:
    answer = await ministry.put(
        "/units",
        [
            {"code": "a", "name": "A", "kind": "vu", "parent": "khong-co"},
            {"code": "b", "name": "B", "kind": "vu", "parent": "a"},
            {"code": "c", "name": "C", "kind": "vu", "colour": "red"},
            {"code": "d", "name": "D", "kind": "vu"},
            {"code": "d", "name": "D hai", "kind": "vu"},
            "e",
        ],
    )
    assert [(item["index"], item["outcome"]) for item in answer["items"]] == [(3, "created")]
    assert [refused["where"] for refused in answer["refusals"]] == ["0.parent", "1.parent", "2.colour", "4", "5"]
    assert "khong-co" in answer["refusals"][0]["reason"]


async def test_a_unit_cannot_stand_above_itself(ministry: Any) -> None:
    answer = await ministry.office.put("/units", json=[{"code": "btnmt", "name": "Bộ", "kind": "bo", "parent": "vdd"}])
    assert answer.status_code == 422
    assert "cấp trên của chính mình" in answer.json()["detail"]


async def test_a_transferred_person_leaves_the_old_key(ministry: Any) -> None:
    before = await ministry.published("people")
    await ministry.put("/people", [{"code": "CB2", "name": "Trần Văn Cường", "unit": "stnmt-01"}])
    after = await ministry.published("people")
    assert len(before) == len(after) == 3
    moved = {p["code"]: p for p in after}["CB2"]
    unit = (await ministry.get("/units/stnmt-01"))["id"]
    assert moved["unit"] == unit


async def test_fields_left_out_keep_what_is_stored(ministry: Any) -> None:
    await ministry.put("/people", [{"code": "CB1", "name": "Nguyễn Thị Bình", "unit": "vdd"}])
    person = await ministry.get("/people/CB1")
    assert (person["post"], person["leads_unit"], person["revision"]) == ("Vụ trưởng", True, 1)


async def test_erasing_a_person_leaves_tombstones_a_record_with_its_document_and_no_rows(ministry: Any) -> None:
    await ministry.put("/ratings", [{"person": "CB2", "year": 2022, "level": "good"}])
    assert (await ministry.office.delete("/people/CB2")).status_code == 409, "that is an erasure, by a document"
    asked = {"person": "CB2", "document": "03/ĐN", "dated": "2022-05-04", "reason": "Theo yêu cầu của cá nhân"}
    again = {"json": [{"person": "CB2", "year": 2022, "level": "good"}], "headers": {"Idempotency-Key": "k1"}}
    assert (await ministry.office.put("/ratings", **again)).status_code == 200
    answer = await ministry.office.post("/erasures", json=asked)
    assert answer.status_code == 201
    told = answer.json()
    assert {kind: number for kind, number in told["removed"].items() if number} == {"people": 1, "ratings": 1}
    assert {p["code"] for p in await ministry.published("people")} == {"CB1", "CB3"}
    assert await ministry.published("ratings") == []
    assert [(one["person"], one["document"]["number"]) for one in await ministry.published("erasures")] == [
        (told["id"], "03/ĐN")
    ]
    assert (await ministry.office.get("/people/CB2")).status_code == 404
    (record,) = (await ministry.office.get("/erasures")).json()["items"]
    assert (record["reason"], record["removed"]["ratings"]) == ("Theo yêu cầu của cá nhân", 1)
    told_anew = await ministry.office.put("/ratings", **again)
    assert "idempotency-replayed" not in told_anew.headers, "an answer kept for a repeated request may name the person"
    assert (await ministry.unit.post("/erasures", json=asked)).status_code == 403
    assert (await ministry.office.post("/erasures", json=asked)).status_code == 404


async def test_a_person_entered_by_mistake_is_removed_without_a_document(ministry: Any) -> None:
    answer = await ministry.office.delete("/people/CB3")
    assert answer.json() == {"removed": "CB3"}
    assert {p["code"] for p in await ministry.published("people")} == {"CB1", "CB2"}
    assert await ministry.published("erasures") == []


async def test_ratings_belong_to_people_or_units(ministry: Any) -> None:
    answer = await ministry.put(
        "/ratings",
        [
            {"person": "CB1", "year": 2022, "level": "excellent", "decision": {"number": "1", "dated": "2022-12-20"}},
            {"unit": "vdd", "year": 2022, "level": "good"},
            {"year": 2022, "level": "good"},
            {"unit": "vdd", "year": 2021, "level": "superb"},
        ],
    )
    assert answer["taken"] == {"created": 2}
    assert [refused["index"] for refused in answer["refusals"]] == [2, 3]
    kinds = {(r["subject_kind"], r["level"]) for r in await ministry.published("ratings")}
    assert kinds == {("individual", "excellent"), ("collective", "good")}


async def test_a_unit_belongs_to_one_cluster_a_year(ministry: Any) -> None:
    first = {"code": "khoi-1", "year": 2022, "name": "Khối I", "members": [{"unit": "vdd", "illustrative": True}]}
    await ministry.put("/clusters", [first | {"leaders": [{"unit": "vdd"}]}])
    second = first | {"code": "khoi-2", "name": "Khối II"}
    answer = await ministry.office.put("/clusters", json=[second])
    assert answer.status_code == 422
    assert "Khối I" in answer.json()["detail"]
    await ministry.put("/clusters", [second | {"year": 2023}])
    cluster = (await ministry.get("/clusters", year=2022))["items"][0]
    assert (cluster["code"], cluster["members"][0]["unit_code"]) == ("khoi-1", "vdd")
    assert cluster["members"][0]["illustrative"] is True
    assert cluster["leaders"][0]["from_"] == "2022-01-01"


async def test_if_match_stops_the_second_writer_of_a_person(ministry: Any) -> None:
    etag = (await ministry.office.get("/people/CB1")).headers["etag"]
    entry = {"code": "CB1", "name": "Nguyễn Thị Bình", "unit": "vdd", "post": "Phó"}
    first = await ministry.office.put("/people/CB1", json=entry, headers={"If-Match": etag})
    second = await ministry.office.put("/people/CB1", json=entry | {"post": "Khác"}, headers={"If-Match": etag})
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await ministry.get("/people/CB1"))["post"] == "Phó"


async def test_five_thousand_people_enter_in_a_few_seconds(ministry: Any) -> None:
    people = [{"code": f"N{n:05}", "name": f"Người thứ {n}", "unit": "vdd"} for n in range(5000)]
    begun = time.perf_counter()
    answer = await ministry.put("/people", people)
    # About one second alone; the bound leaves room for a busy machine and still fails on a query per row.
    assert time.perf_counter() - begun < 6
    assert answer["taken"] == {"created": 5000}
    page = await ministry.get("/people", limit=10, offset=4990)
    assert (page["total"], len(page["items"])) == (5003, 10)


async def test_what_is_published_is_what_the_api_shows(ministry: Any) -> None:
    for stream, path in (("units", "/units"), ("people", "/people")):
        shown = {item["id"]: item for item in (await ministry.get(path))["items"]}
        for state in await ministry.published(stream):
            state.pop("version")
            assert {name: shown[state["id"]][name] for name in state} == state


@pytest.mark.parametrize(
    "content",
    [
        '[{"code": "x", "kind": "vu", "name": "' + "a" * 1_000_000 + '"}]',
        '[{"code": "x", "kind": "vu", "name": "a\\u0000b"}]',
        '[{"code": "x", "kind": "vu", "name": "a\\ud800b"}]',
        '[{"code": "x", "kind": "vu", "name": "a", "\\ud800": 1}]',
        '[{"code": "\\ud800", "kind": "vu", "name": "a"}]',
        '[{"code": 1, "kind": [], "name": {}}]',
        '[{"code": "x", "kind": "vu", "name": "a", "valid_from": "0000-99-99"}]',
        '[{"code": "x", "kind": "vu", "name": "a", "codes": [{"code": "x", "valid_from": 1e400}]}]',
        '{"code": "x"}',
        "[null]",
        "[" * 100_000,
        "not json",
        "[" + ",".join(['{"code": "x", "kind": "vu", "name": "a"}'] * 10_000) + "]",
    ],
    ids=[
        "long", "nul", "surrogate", "surrogate field", "surrogate code", "types", "date", "infinity", "object", "null",
        "deep", "no json", "ten thousand",
    ],
)  # fmt: skip
async def test_hostile_input_gets_a_clear_refusal(empty: Any, content: str) -> None:
    answer = await empty.office.put("/units", content=content.encode(), headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["detail"]
    assert len(answer.content) < 20_000
    assert (await empty.get("/units"))["total"] == 0


async def test_an_address_and_its_content_name_the_same_record(ministry: Any) -> None:
    for path, entry in (
        ("/units/vdd", {"code": "x", "name": "X", "kind": "vu"}),
        ("/people/CB1", {"code": "CB9", "name": "X", "unit": "vdd"}),
    ):
        answer = await ministry.office.put(path, json=entry)
        assert answer.status_code == 422
        assert entry["code"] in answer.json()["detail"]


async def test_a_list_of_an_unknown_unit_is_not_an_empty_list(ministry: Any) -> None:
    for path in ("/people", "/ratings", "/initiatives", "/campaigns/pt-2022/registrations"):
        answer = await ministry.office.get(path, params={"unit": "khong-co"})
        assert answer.status_code == 404
        assert "khong-co" in answer.json()["detail"]


async def test_two_writers_of_the_same_people_take_turns(ministry: Any) -> None:
    people = [{"code": f"N{n}", "name": "Người", "unit": "vdd"} for n in range(50)]
    answers = await asyncio.gather(*(ministry.office.put("/people", json=people) for _ in range(4)))
    outcomes = sorted(str(answer.json()["taken"]) for answer in answers)
    assert outcomes == ["{'created': 50}", *["{'unchanged': 50}"] * 3]
    assert len(await ministry.published("people")) == 53
