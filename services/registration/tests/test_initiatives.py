from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from thidua_runtime.clock import VIETNAM

pytestmark = pytest.mark.anyio

ENTRY: dict[str, Any] = {
    "unit": "vdd",
    "code": "SK-01",
    "campaign": "pt-2022",
    "title": "Số hóa hồ sơ địa chính",
    "authors": [{"person": "CB1", "share": 60}, {"person": "CB2", "share": 40}],
    "first_applied_on": "2022-02-01",
}
DECISION = {"number": "12/QĐ-VDD", "dated": "2022-03-15"}


async def act(ministry: Any, *moves: dict[str, Any]) -> Any:
    return await ministry.office.post(
        "/initiatives/moves", json=[{"unit": "vdd", "code": "SK-01", **move} for move in moves]
    )


async def test_an_initiative_is_recognised_by_two_authorities_in_two_acts(ministry: Any) -> None:
    await ministry.put("/initiatives", [ENTRY])
    named = {"document": DECISION, "on_behalf_of": "Vụ trưởng"}
    base = await act(
        ministry,
        {"move": "submit"},
        {"move": "check"},
        {"move": "assess"},
        {"move": "convene", "document": DECISION},
        {"move": "recognise", **named},
    )
    assert base.json()["taken"] == {"moved": 5}, base.text
    scope = {"document": {"number": "900/QĐ-BTNMT", "dated": "2022-03-15"}, "on_behalf_of": "Bộ trưởng", "scope": "bo"}
    await act(ministry, {"move": "request_influence", "document": DECISION}, {"move": "recognise_influence", **scope})
    (published,) = await ministry.published("initiatives")
    assert published["state"] == "influence_recognised"
    assert published["recognition"]["number"] == "12/QĐ-VDD"
    assert (published["scope"], published["scope_recognition"]["number"]) == ("bo", "900/QĐ-BTNMT")
    moves = (await ministry.get("/initiatives/vdd/SK-01/moves"))["items"]
    assert [m["move"] for m in moves][-2:] == ["request_influence", "recognise_influence"]
    assert moves[-1]["on_behalf_of"] == "Bộ trưởng"


async def test_the_same_initiative_twice_changes_nothing(ministry: Any) -> None:
    await ministry.put("/initiatives", [ENTRY])
    before = await ministry.published("initiatives")
    again = await ministry.put("/initiatives", [ENTRY])
    assert again["taken"] == {"unchanged": 1}
    assert await ministry.published("initiatives") == before


async def test_shares_that_do_not_sum_to_a_hundred_are_refused(ministry: Any) -> None:
    authors = [{"person": "CB1", "share": 60}, {"person": "CB2", "share": 30}]
    answer = await ministry.office.put("/initiatives", json=[ENTRY | {"authors": authors}])
    assert answer.status_code == 422
    assert "90 %" in answer.json()["detail"]


async def test_a_request_after_a_year_needs_the_office_to_confirm(ministry: Any) -> None:
    await ministry.put("/initiatives", [ENTRY | {"first_applied_on": "2021-03-01"}])
    lapsing = await ministry.get("/initiatives", lapsing="true")
    assert lapsing["total"] == 1
    by_unit = await ministry.unit.post(
        "/initiatives/moves", json=[{"unit": "vdd", "code": "SK-01", "move": "submit", "reason": "xin"}]
    )
    assert "2022-03-01" in by_unit.json()["detail"]
    confirmed = await act(ministry, {"move": "submit", "reason": "Áp dụng thực tế từ 04/2021"})
    assert confirmed.json()["taken"] == {"moved": 1}


async def test_a_late_request_lapses_by_a_named_official_and_a_draft_or_one_in_time_never(ministry: Any) -> None:
    await ministry.put("/initiatives", [ENTRY, ENTRY | {"code": "SK-02"}])
    await act(ministry, {"code": "SK-02", "move": "submit"})
    by_head = {"move": "lapse", "on_behalf_of": "Chánh Văn phòng"}
    ministry.clock.set(datetime(2023, 2, 2, 8, tzinfo=VIETNAM))
    draft = await act(ministry, by_head)
    assert "Đang viết" in draft.json()["detail"], "nothing was asked for yet"
    in_time = await act(ministry, by_head | {"code": "SK-02"})
    assert "2023-02-01" in in_time.json()["detail"]
    await act(ministry, {"move": "submit", "reason": "Xin xem xét đơn nộp muộn"})
    nobody = await act(ministry, {"move": "lapse"})
    assert nobody.status_code == 422
    lapsed = await act(ministry, by_head)
    assert lapsed.json()["taken"] == {"moved": 1}
    assert (await ministry.get("/initiatives/vdd/SK-01"))["state"] == "lapsed"


async def test_a_sent_initiative_is_not_rewritten(ministry: Any) -> None:
    await ministry.put("/initiatives", [ENTRY])
    await act(ministry, {"move": "submit"})
    answer = await ministry.office.put("/initiatives", json=[ENTRY | {"title": "Khác"}])
    assert answer.status_code == 422
    assert "Đã nộp đơn" in answer.json()["detail"]


async def test_moves_of_unknown_initiatives_are_refused_one_by_one(ministry: Any) -> None:
    await ministry.put("/initiatives", [ENTRY])
    answer = await act(
        ministry, {"move": "submit"}, {"code": "SK-99", "move": "submit"}, {"unit": "xx", "move": "submit"},
        {"move": "dance"},
    )  # fmt: skip
    assert answer.json()["taken"] == {"moved": 1}
    assert [r["index"] for r in answer.json()["refusals"]] == [1, 2, 3]


async def test_a_unit_writes_only_its_own_initiatives(ministry: Any) -> None:
    answer = await ministry.unit.put("/initiatives", json=[ENTRY | {"unit": "stnmt-01"}])
    assert answer.status_code == 403
