"""A subject's file: its awards and what they counted, units it came from; what those were given stays theirs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
MERGED = {
    "predecessor": "PMT",
    "successor": "PDD",
    "effective_on": "2022-03-01",
    "document": "12/QĐ",
    "dated": "2022-02-15",
}


async def test_a_unit_that_took_over_shows_the_awards_of_the_one_before_and_does_not_own_them(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/decisions", year.decision("40/QĐ", "TTLDTT", "PMT", campaign=None))
        await secretary.done("PUT", "/successions", [MERGED])
        heir = await secretary.done("GET", "/files/PDD")
        (before,) = heir["predecessors"]
        assert (before["unit"], before["document"], before["effective_on"]) == ("pmt", "12/QĐ", "2022-03-01")
        assert [one["number"] for one in before["awards"]] == ["40/QĐ"]
        assert "người có thẩm quyền xem xét" in before["note"]
        assert heir["awards"] == []
        (after,) = (await secretary.done("GET", "/files/PMT"))["taken_over_by"]
        assert (after["unit"], after["document"]) == ("pdd", "12/QĐ")


async def test_a_succession_of_itself_of_a_person_or_in_a_circle_is_refused(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        own = await secretary.call("PUT", "/successions", [{**MERGED, "predecessor": "PDD"}])
        person = await secretary.call("PUT", "/successions", [{**MERGED, "predecessor": "P0"}])
        assert (own.status_code, person.status_code) == (422, 404)
        assert "không thể kế thừa chính nó" in own.json()["detail"]
        await secretary.done("PUT", "/successions", [MERGED])
        back = {**MERGED, "predecessor": "PDD", "successor": "PMT"}
        circle = await secretary.call("PUT", "/successions", [back])
        assert circle.status_code == 422
        assert "kế thừa nhau thành vòng: Phòng" in circle.json()["detail"]
        await secretary.done("DELETE", "/successions/PMT/PDD")
        assert (await secretary.call("DELETE", "/successions/PMT/PDD")).status_code == 404
        await secretary.done("PUT", "/successions", [back])


async def test_the_file_of_a_person_holds_merit_by_years_and_nothing_of_disciplines(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        entry = {"subject": "P0", "form": "khien_trach", "decided_on": "2020-03-10", "ends_on": "2020-06-10"}
        await secretary.done("POST", "/disciplines", [entry])
        await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P0", campaign=None))
        shown = await secretary.done("GET", "/files/P0")
        assert [(one["code"], one["number"]) for one in shown["awards"]] == [("LDTT", "40/QĐ")]
        assert [(one["year"], one["label"]) for one in shown["ratings"]] == [(2022, "hoàn thành tốt nhiệm vụ")]
        assert [one["title"] for one in shown["works"]] == ["Số hóa hồ sơ địa chính"]
        assert "khien_trach" not in str(shown)
