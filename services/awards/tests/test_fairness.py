"""The fairness report: advisory figures with their definitions, nothing on one or two people, nothing derivable."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from thidua.contracts.campaign import RegistrationState, Target
from thidua_awards.domain.fairness import HIDDEN_TOO, SUPPRESSED, Group, by_size, compared, copied, rotates, unanimous
from thidua_awards.terminal.report_lines import fairness_lines
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]


def test_a_group_of_two_is_suppressed_with_the_group_from_which_it_could_be_computed() -> None:
    shown = compared((Group("a", 2, 1), Group("b", 40, 9)))
    assert [(one.figure, one.shown) for one in shown] == [(SUPPRESSED, False), (HIDDEN_TOO, False)], "forty are not few"
    three = compared((Group("a", 2, 1), Group("b", 40, 9), Group("c", 90, 9)))
    assert [one.figure for one in three] == [SUPPRESSED, HIDDEN_TOO, "9/90 (10 %)"]


def test_one_awarded_of_many_is_suppressed_too_and_nobody_is_a_figure_that_may_be_shown() -> None:
    assert [one.figure for one in compared((Group("a", 30, 1), Group("b", 40, 9)))] == [SUPPRESSED, HIDDEN_TOO]
    assert [one.figure for one in compared((Group("a", 0, 0), Group("b", 40, 9)))] == ["không có ai", "9/40 (22,5 %)"]
    assert [one.figure for one in compared((Group("a", 3, 0), Group("b", 4, 4)))] == ["0/3 (0 %)", "4/4 (100 %)"]


def test_one_who_was_left_out_is_no_figure_either() -> None:
    assert [one.figure for one in compared((Group("a", 8, 7), Group("b", 40, 9)))] == [SUPPRESSED, HIDDEN_TOO]
    assert [one.shown for one in compared((Group("a", 8, 8), Group("b", 40, 9)))] == [True, True]


def test_units_are_grouped_by_their_people_and_not_by_how_many_were_reviewed() -> None:
    assert [(one.size, one.awarded) for one in by_size([(9, 5, 1), (10, 9, 2), (29, 3, 3), (30, 30, 4)])] == [
        (5, 1),
        (12, 5),
        (30, 4),
    ]


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ({2018: ["a"], 2020: ["b"], 2022: ["c"]}, True),
        ({2018: ["a"], 2020: ["b"], 2022: ["a"]}, False),
        ({2020: ["a"], 2022: ["b"]}, False),
        ({2017: ["a"], 2020: ["b"], 2022: ["c"]}, False),
    ],
)
def test_flags_rotate_when_three_in_five_years_went_to_nobody_twice(
    holders: dict[int, list[str]], expected: bool
) -> None:
    assert rotates(holders, 2022) is expected


def test_a_ballot_is_unanimous_with_yes_alone_and_targets_are_copied_from_two_others() -> None:
    assert unanimous([(15, 0, 0), (14, 1, 0), (14, 0, 1), (0, 0, 0)]) == (1, 4)
    assert copied(["x", "x", "x", "y", "y", "z"]) == (3, 6, 3)


@pytest.mark.anyio
async def test_the_report_of_a_campaign_shows_each_figure_with_its_definition_and_names_nobody(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        targets = (Target(name="Hồ sơ đúng hạn", value="95", measure="%"),)
        copies = [
            one.model_copy(update={"targets": targets, "version": 10**9 + number})
            for number, one in enumerate(year.registrations())
            if getattr(one, "titles", None) and one.subject in ("p2", "p3", "p4", "p5")
        ]
        withdrawn = year.registration("p6", "pdd", "LDTT")
        changes = {"targets": targets, "state": RegistrationState.WITHDRAWN, "version": 10**9}
        head = year.person("p0", "pdd", "Nguyễn Văn 0").model_copy(update={"leads_unit": True, "version": 10**9})
        await running.deliver(*copies, withdrawn.model_copy(update=changes), head)
        await running.settle()
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P2", "P3", "P4", "P5"))
        await secretary.done("POST", "/decisions", year.decision("9/QĐ", "CTDB", "STNMT", campaign=None))
        sex = {"campaign": "TD2022", "unit": "PDD", "title": "LDTT", "women": 6, "men": 5, "document": "05/BC"}
        body = [{**sex, "women_awarded": 3, "men_awarded": 0}]
        await secretary.done("PUT", "/sex-counts", body)
        await secretary.meet()
        for _ in range(3):
            vote = await secretary.draw_up(subjects=("P0",))
            await secretary.open(vote, despite_voted=True, reason="Bỏ phiếu lại")
            await secretary.count(vote, (15, 0))
        report = await secretary.done("GET", "/fairness?campaign=TD2022")
    figures = {part["key"]: part["figures"] for part in report["parts"]}
    assert all(part["definition"] for part in report["parts"])
    assert {line["figure"] for line in figures["leaders"][1]["lines"]} <= {SUPPRESSED, HIDDEN_TOO}, "one head among ten"
    assert [line["figure"] for line in figures["sex"][0]["lines"]] == ["3/6 (50 %)", "0/5 (0 %)"]
    assert [line["figure"] for line in figures["small_units"][1]["lines"]] == [
        "không có ai",
        "4/10 (40 %)",
        "không có ai",
    ]
    assert figures["ballots"][0]["figure"] == "3/3 (100 %)"
    assert figures["targets"][0] == {"kind": "cá nhân", "figure": "4/4 (100 %)", "largest_group": 4, "shown": True}
    assert figures["flags"][0]["rotates"] is False
    assert "Nguyễn" not in str(report)
    printed = "\n".join(fairness_lines(report))
    assert "không thay thế điều kiện" in printed
    assert "Khối các Sở: không có dấu hiệu luân phiên (2022: Sở Tài nguyên và Môi trường)" in printed
    assert "nữ 3/6 (50 %); nam 0/5 (0 %)" in printed
