"""Prize money: multiplier times the base salary of the decision's date, one achievement paid once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import pytest

from thidua.contracts import SubjectKind
from thidua.contracts.judgement import Award
from thidua_awards.domain.prizes import prizes
from thidua_awards.law.prizes import prize_rules
from thidua_awards.queries.asked import Asked
from thidua_awards.queries.papers import paper
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]


def award(subject: str, code: str, kind: SubjectKind = SubjectKind.INDIVIDUAL, deed: str = "") -> Award:
    of_deed = {"kind": "dot_xuat", "uses": (f"deed:{deed}",)} if deed else {}
    return Award(subject=subject, subject_kind=kind, unit="u", code=code, year=2022, **of_deed)


def test_multiplier_and_salary_are_those_of_the_regime_and_the_date() -> None:
    lines = [award("a", "LDTT"), award("b", "CSTDB"), award("c", "BKB")]
    in_2022 = prizes(lines, date(2022, 12, 20), prize_rules(), "R03")
    assert [one.amount for one in in_2022] == [447_000, 4_470_000, 1_490_000]
    in_2025 = prizes(lines, date(2025, 12, 20), prize_rules(), "R25")
    assert [one.amount for one in in_2025] == [702_000, 7_020_000, 3_510_000]
    assert [mark.value for mark in in_2025[0].marks] == ["official", "derived"]


def test_of_two_titles_for_one_year_the_higher_alone_is_paid() -> None:
    lower, higher = prizes([award("a", "LDTT"), award("a", "CSTDCS")], date(2022, 12, 20), prize_rules(), "R03")
    assert (lower.amount, higher.amount) == (0, 1_490_000)
    assert "chỉ nhận mức cao nhất" in lower.note


def test_a_sudden_achievement_is_another_one_than_the_merit_of_the_year() -> None:
    sudden = [award("a", code, deed=deed) for code, deed in (("GK", "Lũ"), ("GK", "Cháy"), ("BKB", "Lũ"))]
    lines = [award("a", "CSTDCS"), *sudden]
    paid = prizes(lines, date(2022, 12, 20), prize_rules(), "R03")
    assert [bool(one.amount) for one in paid] == [True, False, True, True]


def test_a_collective_gets_twice_and_a_form_without_a_figure_goes_to_a_person() -> None:
    lines = [award("u", code, SubjectKind.COLLECTIVE) for code in ("BKB", "HCLD2")] + [award("a", "HCLD1")]
    team, order, first, unknown = prizes([*lines, award("b", "KNC")], date(2022, 12, 1), prize_rules(), "R03")
    assert (team.amount, first.amount) == (0, 13_410_000)
    assert (order.amount, [mark.value for mark in order.marks]) == (22_350_000, ["memory", "official"])
    assert (unknown.amount, unknown.note[:8]) == (None, "Chưa tìm")


def test_beside_a_prize_nobody_knows_the_others_of_that_year_stay_undecided() -> None:
    lines = [award("a", "BKB"), award("a", "KNC"), award("b", "BKB")]
    paid = prizes(lines, date(2022, 12, 1), prize_rules(), "R03")
    assert [one.amount for one in paid] == [None, None, 1_490_000]


@pytest.mark.anyio
async def test_the_fund_sums_up_the_decisions_in_force(awards: Awards, year: Any) -> None:
    async with awards() as running, running.client("awards") as client:
        made = (await client.post("/decisions", json=year.decision("11/QĐ", "LDTT", "P0", "P1"))).json()
        over = {**year.decision("12/QĐ", "CSTDCS", "P0"), "reason": "Đặc cách"}
        assert (await client.post("/decisions", json=over)).status_code == 201
        table = (await client.get(f"/decisions/{made['id']}/prizes")).json()
        assert (table["base_salary"], table["total"], table["unknown"]) == (1_490_000, 894_000, 0)
        first, second = table["lines"]
        assert (first["beside"], second["note"]) == (["12/QĐ"], "")
        assert "Cùng ngày, cùng thành tích còn quyết định số 12/QĐ" in first["note"]
        fund = (await client.get("/prizes?campaign=TD2022")).json()
        assert fund["beside"] == 2
        assert {line["code"]: line["amount"] for line in fund["by_code"]} == {"CSTDCS": 1_490_000, "LDTT": 894_000}
        await client.post(f"/decisions/{made['id']}/cancel", json={"reason": "Nhầm", "document": "13/QĐ"})
        medal = {**year.decision("14/QĐ", "KNC", "P1"), "authority": "Bộ trưởng"}
        assert (await client.post("/decisions", json=medal)).status_code == 201
        fund = (await client.get("/prizes?campaign=TD2022")).json()
        assert (fund["total"], fund["unknown"]) == (1_490_000, 1)
        async with running.transaction("awards") as tx:
            told = str((await paper(tx, Asked("quy-khen-thuong", "TD2022"))).plain())
        assert "Chưa gồm 1 trường hợp chưa xác định được mức" in told
