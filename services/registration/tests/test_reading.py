"""Two readers mark an initiative apart from each other, a third one where they disagree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua.contracts.campaign import InitiativeState
from thidua_registration.domain.reading import (
    PROPOSED,
    Readers,
    Reading,
    ReadingState,
    check_mark,
    check_readers,
)
from thidua_registration.errors import ItemRefused, MarkRefused

from .test_initiatives import DECISION, ENTRY, act

pytestmark = pytest.mark.anyio

A, B, C = "Đỗ Thị An", "Bùi Văn Bình", "Phạm Thị Chi"
WHERE = {"unit": "vdd", "code": "SK-01"}
READERS = {**WHERE, "first": A, "second": B}
DOOR = "/initiatives/vdd/SK-01/reading"


async def submitted(ministry: Any) -> None:
    await ministry.put("/initiatives", [ENTRY])
    await act(ministry, {"move": "submit"}, {"move": "check"})


@asynccontextmanager
async def reader(ministry: Any, name: str) -> AsyncIterator[Any]:
    async with ministry.running.client("registration", role="appraiser", actor=name) as client:
        yield client


async def mark(ministry: Any, name: str, points: Any, **more: Any) -> Any:
    async with reader(ministry, name) as client:
        return await client.put("/initiatives/marks", json=[{**WHERE, "points": points, **more}])


async def test_two_marks_that_agree_settle_the_initiative_and_nobody_sees_one_alone(ministry: Any) -> None:
    await submitted(ministry)
    await ministry.put("/initiatives/readers", [{**READERS, "first": unicodedata.normalize("NFD", "Đỗ_Thị  An")}])
    first = await mark(ministry, A, 80, comment="Áp dụng tốt", evidence=["MC-1", "một\x1fhai"])
    between = await ministry.get(DOOR)
    assess = await act(ministry, {"move": "assess"})
    waiting = await ministry.get("/initiatives/readings", name=B)
    await mark(ministry, B, 90.5)
    after = await ministry.get(DOOR)
    (published,) = await ministry.published("initiatives")
    done = await act(ministry, {"move": "assess"})
    assert first.json()["taken"] == {"marked": 1}
    # An id may hold these two digits by chance.
    assert "80" not in re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", first.text)
    assert (between["marks_in"], between["marks"], between["mark"]) == (1, [], None)
    assert (between["state"], between["label"], between["waits_for"]) == ("waiting", "Chờ chấm", [B])
    assert "còn chờ Bùi Văn Bình" in assess.text
    assert [one["code"] for one in waiting["items"]] == ["SK-01"]
    assert "80" not in str(waiting["items"][0]["marks"])
    assert (after["state"], after["mark"]) == ("settled", "85.25")
    assert [(one["reader"], one["points"], one["comment"], one["evidence"]) for one in after["marks"]] == [
        (A, "80", "Áp dụng tốt", ["MC-1", "một\x1fhai"]),
        (B, "90.5", "", []),
    ]
    assert published["mark"] == "85.25"
    assert done.json()["taken"] == {"moved": 1}
    late = await ministry.office.put("/initiatives/readers", json=[{**READERS, "third": C}])
    assert "ở bước “Đã chấm”, không phân công người chấm được" in late.text
    assert (await ministry.get(DOOR))["mark"] == "85.25"


async def test_marks_too_far_apart_wait_for_a_third_reader_who_sees_neither(ministry: Any) -> None:
    await submitted(ministry)
    await ministry.put("/initiatives/readers", [READERS])
    await mark(ministry, A, 40)
    await mark(ministry, B, 61)
    between = await ministry.get(DOOR)
    assess = await act(ministry, {"move": "assess"})
    again = await mark(ministry, A, 61)
    await ministry.put("/initiatives/readers", [{**READERS, "third": C}])
    asked = await ministry.get("/initiatives/readings", name=C, state="disagreed")
    await mark(ministry, C, 55)
    after = await ministry.get(DOOR)
    assert (between["state"], between["needs_third_reader"], between["marks"]) == ("disagreed", True, [])
    assert between["disagreed_because"] == ""
    assert "cần người thứ ba" in assess.text
    assert "nay chờ người thứ ba" in again.text
    assert asked["total"] == 1
    assert (after["mark"], after["disagreed_because"]) == ("58", "hai điểm lệch nhau 21, quá mức 20 cho phép")
    assert after["rule"]["mark"] == "proposal"


async def test_who_may_not_mark_is_refused_with_the_reason(ministry: Any) -> None:
    await submitted(ministry)
    author = await ministry.office.put("/initiatives/readers", json=[{**READERS, "first": "nguyễn thị  Bình"}])
    twice = await ministry.office.put("/initiatives/readers", json=[{**READERS, "second": A}])
    unseen = await ministry.office.put("/initiatives/readers", json=[{**READERS, "second": "Đỗ\u200b Thị An\u2060"}])
    unnamed = await mark(ministry, A, 80)
    await ministry.put("/initiatives/readers", [{**READERS, "third": C}])
    stranger = await mark(ministry, "Vũ Văn Dũng", 80)
    third = await mark(ministry, C, 80)
    too_much = await mark(ministry, A, 101)
    await mark(ministry, A, 80)
    gone = await ministry.office.put("/initiatives/readers", json=[{**READERS, "first": C}])
    by_unit = await ministry.unit.put("/initiatives/marks", json=[{**WHERE, "points": 80}])
    assert "là tác giả của sáng kiến nên không được chấm" in author.text
    assert "phải là những người khác nhau" in twice.text
    assert "phải là những người khác nhau" in unseen.text
    assert "Đỗ Thị An không được phân công chấm" in unnamed.text
    assert "Vũ Văn Dũng không được phân công chấm" in stranger.text
    assert "chỉ chấm khi hai người đầu lệch nhau" in third.text
    assert too_much.status_code == 422
    assert "không được quá 100" in too_much.text
    assert "Đỗ Thị An đã chấm nên không thay được" in gone.text
    assert by_unit.status_code == 403


async def test_a_mark_is_changed_only_until_the_other_one_is_in(ministry: Any) -> None:
    await submitted(ministry)
    await ministry.put("/initiatives/readers", [READERS])
    await mark(ministry, A, 80)
    await mark(ministry, A, 70)
    await mark(ministry, B, 60)
    late = await mark(ministry, A, 60)
    assert (await ministry.get(DOOR))["mark"] == "65"
    assert "điểm đã thống nhất" in late.text


async def test_a_campaign_declares_when_marks_disagree_before_anybody_marks(ministry: Any) -> None:
    door = "/campaigns/pt-2022/marking-rule"
    before = await ministry.get(door)
    rule = {"differs_by": "30", "pass_at": "50", "settles": "third", "source": "Quy chế Hội đồng sáng kiến", "mark":
            "official"}  # fmt: skip
    await ministry.put(door, rule)
    await submitted(ministry)
    await ministry.put("/initiatives/readers", [{**READERS, "third": C}])
    await mark(ministry, A, 45)
    await mark(ministry, B, 55)
    late = await ministry.office.put(door, json={**rule, "differs_by": "50"})
    await mark(ministry, C, 52)
    after = await ministry.get(DOOR)
    declared = await ministry.get(door)
    assert (before["is_declared"], before["differs_by"], before["mark"]) == (False, "20", "proposal")
    assert (declared["is_declared"], declared["declared_by"]) == (True, "Nguyễn Văn An")
    assert late.status_code == 422
    assert "phải công bố trước khi chấm" in late.text
    assert (after["mark"], after["disagreed_because"]) == ("52", "một điểm đạt mức 50, một điểm không đạt")


async def test_an_initiative_handed_in_again_is_read_anew(ministry: Any) -> None:
    await submitted(ministry)
    await ministry.put("/initiatives/readers", [READERS])
    await mark(ministry, A, 30)
    await mark(ministry, B, 30)
    named = {"on_behalf_of": "Vụ trưởng", "reason": "chưa mới"}
    await act(
        ministry, {"move": "assess"}, {"move": "convene", "document": DECISION}, {"move": "not_recognise", **named}
    )
    again = await act(ministry, {"move": "submit", "reason": "Bổ sung chứng cứ"}, {"move": "check"})
    reading = await ministry.office.get(DOOR)
    (published,) = await ministry.published("initiatives")
    await ministry.put("/initiatives/readers", [READERS])
    assert again.json()["taken"] == {"moved": 2}
    assert reading.status_code == 404
    assert published["mark"] is None
    assert (await ministry.get(DOOR))["round"] == 2


def test_who_has_marked_keeps_the_seat_and_nobody_marks_outside_the_step_of_marking() -> None:
    before = Reading(Readers(first=A, second=B), PROPOSED, {A: Decimal(80)})
    check_readers(Readers(first=A, second=C), before, [])
    with pytest.raises(ItemRefused, match="không đổi thứ tự người đã chấm"):
        check_readers(Readers(first=B, second=A), before, [])
    with pytest.raises(MarkRefused, match="không ở bước chấm"):
        check_mark(before, B, InitiativeState.SUBMITTED, "SK-01")


MARKS = st.integers(0, 10_000).map(lambda points: Decimal(points) / 100)


@given(one=MARKS, two=MARKS, third=MARKS)
def test_the_settled_mark_lies_between_marks_and_is_blind_to_their_order(one: Any, two: Any, third: Any) -> None:
    readers = Readers(first=A, second=B, third=C)
    both = [Reading(readers, PROPOSED, marks) for marks in ({A: one, B: two, C: third}, {A: two, B: one, C: third})]
    settled = both[0].settled
    assert settled is not None
    assert settled == both[1].settled
    assert min(one, two, third) <= settled <= max(one, two, third)
    assert (Reading(readers, PROPOSED, {A: one, B: two}).state is ReadingState.DISAGREED) == (abs(one - two) > 20)
