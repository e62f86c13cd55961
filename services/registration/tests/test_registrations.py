from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from thidua_runtime.clock import VIETNAM

pytestmark = pytest.mark.anyio

DOOR = "/campaigns/pt-2022/registrations"


async def test_a_sheet_goes_from_draft_to_accepted_item_by_item(registered: Any) -> None:
    assert await registered.states() == {None: "draft", "CB1": "draft", "CB2": "draft"}
    submitted = await registered.unit.post(f"{DOOR}/moves", json=[{"unit": "vdd", "all": True, "move": "submit"}])
    assert submitted.json()["taken"] == {"moved": 1}, submitted.text
    answer = await registered.move(
        {"move": "accept"}, {"person": "CB1", "move": "accept"}, {"person": "CB2", "move": "return", "reason": "Thiếu"}
    )
    assert answer["taken"] == {"moved": 3}
    assert await registered.states() == {None: "accepted", "CB1": "accepted", "CB2": "returned"}


async def test_a_returned_item_comes_back_in_the_next_round(registered: Any) -> None:
    await registered.move(
        {"person": "CB2", "move": "submit"},
        {"person": "CB2", "move": "return", "reason": "Thiếu chỉ tiêu"},
        {"person": "CB2", "move": "submit"},
    )
    item = (await registered.get(DOOR, state="submitted"))["items"][0]
    assert (item["round"], item["first_submitted_on"], item["late"]) == (2, "2022-03-15", False)
    moves = (await registered.get(f"{DOOR}/moves", person="CB2"))["items"]
    assert [(m["move"], m["from_state"], m["to_state"], m["round"]) for m in moves] == [
        ("submit", "draft", "submitted", 1),
        ("return", "submitted", "returned", 1),
        ("submit", "returned", "submitted", 2),
    ]


async def test_what_comes_after_the_due_date_is_late_until_somebody_lets_it_in(registered: Any) -> None:
    registered.clock.set(datetime(2022, 4, 5, 9, tzinfo=VIETNAM))
    await registered.move({"person": "CB1", "move": "submit"})
    refused = await registered.office.post(f"{DOOR}/moves", json=[{"unit": "vdd", "person": "CB1", "move": "accept"}])
    assert refused.status_code == 422
    assert "nộp muộn" in refused.json()["detail"]
    await registered.move({"person": "CB1", "move": "accept", "reason": "Thiên tai", "on_behalf_of": "Chánh Văn phòng"})
    item = (await registered.get(DOOR, late="true"))["items"][0]
    assert (item["person"], item["state"], item["late_reason"]) == ("CB1", "accepted", "Thiên tai")
    assert item["let_in_by"] == "Chánh Văn phòng"


async def test_paper_of_before_the_due_date_recorded_later_is_not_late(registered: Any) -> None:
    registered.clock.set(datetime(2022, 4, 5, 9, tzinfo=VIETNAM))
    paper = {"number": "20/VDD", "dated": "2022-03-30"}
    await registered.move({"person": "CB1", "move": "submit", "done_on": "2022-03-30", "document": paper})
    item = (await registered.get(DOOR, state="submitted"))["items"][0]
    assert (item["late"], item["first_submitted_on"]) == (False, "2022-03-30")
    move = (await registered.get(f"{DOOR}/moves"))["items"][0]
    assert move["recorded_afterwards"] is True


async def test_late_and_missing_are_two_lists(registered: Any) -> None:
    registered.clock.set(datetime(2022, 4, 5, 9, tzinfo=VIETNAM))
    await registered.move({"move": "submit"}, {"person": "CB1", "move": "submit"})
    missing = (await registered.get(f"{DOOR}/missing"))["items"]
    assert {(m["unit_code"], m["person"], m["state"]) for m in missing} == {
        ("vdd", "CB2", "draft"),
        ("stnmt-01", None, None),
        ("stnmt-01", "CB3", None),
    }
    counts = await registered.get(f"{DOOR}/counts")
    assert counts["states"] == {"draft": 1, "submitted": 2}
    assert counts["missing"] == 3


async def test_a_sheet_sent_twice_changes_nothing_anywhere(registered: Any) -> None:
    before = await registered.published("registrations")
    sheet = await registered.get(f"{DOOR}/vdd")
    items = [
        {"person": i["person"], "titles": i["titles"], "targets": i["targets"], "initiatives": i["initiatives"]}
        for i in sheet["items"]
    ]
    again = await registered.put(f"{DOOR}/vdd", {"document": sheet["document"], "items": items})
    assert again["taken"] == {"unchanged": 3}
    assert (await registered.get(f"{DOOR}/vdd"))["revision"] == sheet["revision"]
    assert await registered.published("registrations") == before


async def test_a_draft_no_longer_listed_leaves_the_sheet_and_the_stream(registered: Any) -> None:
    await registered.put(f"{DOOR}/vdd", {"items": [{"person": "CB1", "titles": ["CSTDCS"]}]})
    assert await registered.states() == {"CB1": "draft"}
    assert len(await registered.published("registrations")) == 1


async def test_a_sheet_with_a_bad_item_takes_the_others_and_removes_nobody(registered: Any) -> None:
    answer = await registered.put(
        f"{DOOR}/vdd",
        {"items": [{"person": "CB1", "titles": ["CSTDTQ"]}, {"person": "CB3"}, {"person": "nobody"}, {"titels": []}]},
    )
    assert answer["taken"] == {"changed": 1}
    assert [refused["where"] for refused in answer["refusals"]] == ["1.person", "2.person", "3.titels"]
    assert set(await registered.states()) == {None, "CB1", "CB2"}


async def test_people_of_a_unit_below_stand_on_the_sheet_of_the_unit_that_takes_part(registered: Any) -> None:
    await registered.put("/units", [{"code": "vdd-01", "name": "Phòng Giá đất", "kind": "phong", "parent": "vdd"}])
    people = [{"code": "CB4", "name": "Đỗ Văn Sáu", "unit": "vdd-01"}, {"code": "CB5", "name": "A", "unit": "btnmt"}]
    await registered.put("/people", people)
    items = [{"person": "CB4", "titles": ["LĐTT"]}, {"person": "CB5", "titles": ["LDTT"]}]
    answer = await registered.put(f"{DOOR}/vdd", {"items": items})
    assert [refused["where"] for refused in answer["refusals"]] == ["1.person"], "who stands above stands elsewhere"
    found = {item["person"]: item["titles"] for item in (await registered.get(f"{DOOR}/vdd"))["items"]}
    assert found["CB4"] == ["LDTT"]


async def test_a_refused_item_of_a_whole_sheet_is_named_by_its_staff_code(registered: Any) -> None:
    registered.clock.set(datetime(2022, 4, 5, 9, tzinfo=VIETNAM))
    await registered.move({"all": True, "move": "submit"})
    refused = await registered.office.post(f"{DOOR}/moves", json=[{"unit": "vdd", "all": True, "move": "accept"}])
    assert {one["where"] for one in refused.json()["errors"]} == {"0.CB1", "0.CB2", "0.tập thể"}


async def test_a_sent_item_changes_by_amendment_with_a_document(registered: Any) -> None:
    await registered.move({"person": "CB1", "move": "submit"}, {"person": "CB1", "move": "accept"})
    edited = await registered.office.put(f"{DOOR}/vdd", json={"items": [{"person": "CB1", "titles": ["CSTDTQ"]}]})
    assert edited.status_code == 422
    assert "điều chỉnh bằng văn bản" in edited.json()["detail"]
    amendment = {
        "person": "CB1",
        "move": "amend",
        "content": {"titles": ["CSTDTQ"]},
        "document": {"number": "31/VDD", "dated": "2022-06-01"},
    }
    registered.clock.set(datetime(2022, 6, 2, 9, tzinfo=VIETNAM))
    await registered.move(amendment)
    item = (await registered.get(DOOR, state="amended"))["items"][0]
    assert (item["titles"], item["document"]["number"]) == (["CSTDTQ"], "31/VDD")
    registered.clock.set(datetime(2022, 10, 2, 9, tzinfo=VIETNAM))
    late = await registered.office.post(f"{DOOR}/moves", json=[{"unit": "vdd", **amendment}])
    assert "2022-09-30" in late.json()["detail"]


async def test_a_unit_acts_for_itself_and_not_for_the_office(registered: Any) -> None:
    other = await registered.unit.put(f"{DOOR}/stnmt-01", json={"items": []})
    assert other.status_code == 403
    other = await registered.unit.post(f"{DOOR}/moves", json=[{"unit": "stnmt-01", "move": "submit"}])
    assert other.status_code == 403
    await registered.move({"move": "submit"})
    reserved = await registered.unit.post(f"{DOOR}/moves", json=[{"unit": "vdd", "move": "accept"}])
    assert reserved.status_code == 422
    assert "Thường trực Hội đồng" in reserved.json()["detail"]


async def test_a_merged_unit_hands_its_items_to_the_successor(registered: Any) -> None:
    await registered.move({"all": True, "move": "submit"}, {"all": True, "move": "accept"})
    merger = {"number": "100/QĐ", "dated": "2022-03-14"}
    await registered.move({"all": True, "move": "succeed", "successor": "stnmt-01", "document": merger})
    assert await registered.states() == {None: "succeeded"}
    heirs = (await registered.get(f"{DOOR}/stnmt-01"))["items"]
    assert {(i["person"], i["state"]) for i in heirs} == {(None, "accepted"), ("CB1", "accepted"), ("CB2", "accepted")}


async def test_closing_a_campaign_closes_what_is_in_force(registered: Any) -> None:
    await registered.move({"all": True, "move": "submit"}, {"person": "CB1", "move": "accept"})
    campaign = await registered.get("/campaigns/pt-2022")
    kept = ("title", "theme", "year", "starts_on", "ends_on", "registration_due", "amend_until", "calendar")
    closed = {name: campaign[name] for name in kept} | {"participants": campaign["participant_codes"]}
    await registered.put("/campaigns/pt-2022", closed | {"state": "closed"})
    assert await registered.states() == {None: "submitted", "CB1": "closed", "CB2": "submitted"}
    late = await registered.unit.put(f"{DOOR}/vdd", json={"items": []})
    assert late.status_code == 422


async def test_what_is_published_is_what_the_api_shows(registered: Any) -> None:
    await registered.move({"all": True, "move": "submit"}, {"person": "CB1", "move": "accept"})
    shown = (await registered.get(DOOR))["items"]
    published = await registered.published("registrations")
    fields = [name for name in published[0] if name != "version"]
    assert sorted(({n: i[n] for n in fields} for i in shown), key=str) == sorted(
        ({n: i[n] for n in fields} for i in published), key=str
    )


async def test_marks_tell_who_joined_late_moved_or_left(registered: Any) -> None:
    await registered.put("/people/CB1", {"code": "CB1", "name": "Nguyễn Thị Bình", "unit": "stnmt-01"})
    await registered.put(
        "/people/CB2",
        {"code": "CB2", "name": "Trần Văn Cường", "unit": "vdd", "active": False, "joined_unit": "2022-04-02"},
    )
    items = (await registered.get(f"{DOOR}/vdd"))["items"]
    assert {i["person"]: i["notes"] for i in items} == {
        None: [],
        "CB1": ["transferred"],
        "CB2": ["joined_after_due", "left"],
    }


async def test_a_mismatch_is_a_flag_with_a_reason(registered: Any) -> None:
    await registered.move({"person": "CB1", "move": "submit"}, {"person": "CB1", "move": "accept"})
    await registered.move({"person": "CB1", "move": "mark_mismatch", "reason": "Đề nghị CSTĐ cấp Bộ"})
    item = (await registered.get(DOOR, state="accepted"))["items"][0]
    assert item["title_mismatch"] is True


async def test_if_match_stops_the_second_writer_of_a_sheet(registered: Any) -> None:
    shown = await registered.office.get(f"{DOOR}/vdd")
    etag = shown.headers["etag"]
    body = {"items": [{"person": "CB1", "titles": ["LDTT"]}]}
    first = await registered.office.put(f"{DOOR}/vdd", json=body, headers={"If-Match": etag})
    second = await registered.office.put(f"{DOOR}/vdd", json={"items": []}, headers={"If-Match": etag})
    assert (first.status_code, second.status_code) == (200, 412)
    assert first.headers["etag"] != etag
    assert await registered.states() == {"CB1": "draft"}


async def test_a_repeated_key_gets_the_first_answer_and_moves_nothing(registered: Any) -> None:
    move = [{"unit": "vdd", "person": "CB1", "move": "submit"}]
    key = {"Idempotency-Key": "k-1"}
    first = await registered.office.post(f"{DOOR}/moves", json=move, headers=key)
    again = await registered.office.post(f"{DOOR}/moves", json=move, headers=key)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (await registered.get(f"{DOOR}/moves"))["total"] == 1
