"""One order of cases: what fails stays alone, and outcomes come through a process as they were made."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from thidua.contracts import MonthlyResult
from thidua.contracts.work import MonthState
from thidua.criteria import load_criteria_set, score
from thidua_runtime.settings import Settings
from thidua_scoring.domain import scoring
from thidua_scoring.domain.cases import LaneName, Wanted, case_of
from thidua_scoring.domain.material import Frame, Material
from thidua_scoring.domain.outcomes import SetUsed, row_of, scored, scored_row
from thidua_scoring.domain.reads import reads_of
from thidua_scoring.domain.scoring import Order, rescored, score_order
from thidua_scoring.scorer.workers import INLINE_CASES, Workers

from . import world

PLACE = "tnmt_2022_tap_the"


def material(name: str, *, on_time: int = 9) -> Material:
    rows = tuple(
        MonthlyResult(
            subject=name,
            subject_kind="collective",
            unit=name,
            month=month,
            state=MonthState.CLOSED,
            reported=True,
            due=10,
            on_time=on_time,
            as_of=date(2023, 1, 20),
        ).model_dump_json()
        for month in world.MONTHS
    )
    frame = Frame(campaign="phong-trao-2022", year=2022, as_of=date(2023, 1, 20))
    return Material(frame, name, "collective", name, world.unit(name).model_dump_json(), cluster="khoi-1", months=rows)


def order(*materials: Material, lane: LaneName = "official") -> Order:
    criteria_set = load_criteria_set(PLACE)
    wanted = Wanted("2022", lane, reads_of(criteria_set), frozenset(criteria_set.parameters))
    used = SetUsed(criteria_set.id, criteria_set.version, criteria_set.artefact)
    return Order(PLACE, used, tuple((one, wanted) for one in materials))


def test_material_that_no_case_may_hold_fails_alone_in_its_order() -> None:
    outcomes = score_order(order(material("a"), material("b", on_time=11), material("c", on_time=10)))
    assert [one.failure for one in outcomes] == [None, "refused", None]
    assert [one.state.subject for one in outcomes] == ["a", "b", "c"]
    assert [one.state.state for one in outcomes] == ["complete", "not_scored", "complete"]
    assert outcomes[0].state.points != outcomes[2].state.points


def test_an_order_for_another_artefact_of_the_set_is_refused_case_by_case() -> None:
    asked = order(material("a"), material("b"))
    outcomes = score_order(replace(asked, used=replace(asked.used, artefact="sha256:0")))
    assert [one.failure for one in outcomes] == ["refused", "refused"]
    assert all("is registered" in one.detail for one in outcomes)


def test_an_explanation_that_is_too_large_costs_its_case_also_without_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "LARGEST_TREE", 1_000)
    (outcome,) = score_order(order(material("a")))
    assert outcome.failure == "too_large"
    assert outcome.tree is None
    assert outcome.state.not_ranked_because == f"chưa chấm: bộ tiêu chí {world.SET} trả về kết quả quá lớn"


def test_the_stored_case_of_an_outcome_gives_the_stored_tree_again() -> None:
    (outcome,) = score_order(order(material("a")))
    assert outcome.case is not None
    assert outcome.tree is not None
    assert rescored(PLACE, zlib.decompress(outcome.case)) == (zlib.decompress(outcome.tree), "")


@pytest.mark.parametrize("lane", ["official", "running"])
def test_a_row_is_written_as_its_contract_writes_the_state(lane: LaneName) -> None:
    criteria_set = load_criteria_set(PLACE)
    one = material("a", on_time=7)
    found = score(criteria_set, case_of(one, order(one, lane=lane).items[0][1]))
    cut = datetime(2023, 1, 20, 8, 0, 0, 250, tzinfo=UTC) if lane == "official" else None
    assert scored_row(one, found, cut) == row_of(scored(one, found, cut))


@pytest.mark.anyio
async def test_outcomes_come_through_a_process_as_they_were_made() -> None:
    asked = order(
        *(material(f"u{number}", on_time=number) for number in range(INLINE_CASES + 3)), material("x", on_time=11)
    )
    workers = Workers(Settings(scorer_processes=1))
    try:
        assert await workers.score(asked, has_code=False) == score_order(asked)
    finally:
        workers.close()
