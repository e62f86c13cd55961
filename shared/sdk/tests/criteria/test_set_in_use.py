"""What services ask of a loaded set: its inputs and dates, parameters of a campaign, ranks, and whom it fits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from thidua.criteria import (
    Case,
    CaseDoesNotFit,
    ParameterRefused,
    declared_inputs,
    installed_criteria_sets,
    load_criteria_set,
    rank,
    score,
)
from thidua.criteria.schema import FILE, schema_text

TAP_THE = "tnmt_2022_tap_the"


def a_case(name: str = "a", cluster: str | None = "c", **more: Any) -> Case:
    who = {"kind": "collective", "id": name, "unit": name, "cluster": cluster}
    fixed = {"campaign": "2022", "period": "2022", "as_of": date(2023, 1, 20), "lane": "official"}
    return Case.model_validate({"subject": who, **fixed, **more})


def registered(day: date, what: str = "titles") -> dict[str, Any]:
    return {"what": what, "count": 1, "first_submitted": day}


def test_the_built_in_sets_are_found_without_importing_them() -> None:
    found = installed_criteria_sets()
    assert found["tnmt-2022-tap-the"] == "tnmt_2022_tap_the"
    assert found["tnmt-2022-ca-nhan"] == "tnmt_2022_ca_nhan"


def test_the_committed_schema_of_the_file_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text()


def test_declared_inputs_say_what_forms_and_reminders_need() -> None:
    inputs = {one.name: one for one in declared_inputs(load_criteria_set(TAP_THE), "2022")}
    conduct, capital = inputs["conduct"], inputs["capital_used"]
    assert (conduct.kind, conduct.better, conduct.absent) == ("log", "less", "zero_when_reported")
    assert conduct.cases == ("muon_som", "ruou_bia", "thuoc_la", "phong_dich")
    assert (conduct.due[0].part, conduct.due[0].on) == ("2022-01", date(2022, 2, 5))
    assert (len(capital.due), capital.due[-1].on, capital.unit) == (12, date(2023, 1, 5), "triệu đồng")
    assert inputs["titles"].due[0].on == date(2022, 3, 31)
    assert inputs["makes_law"].asks == ("T7",)
    assert inputs["titles"].asks == ("L1",)
    assert inputs["programme"].parameters == ("programme_by",)


def test_a_campaign_moves_a_date_and_the_score_keeps_the_reason() -> None:
    late = [registered(date(2022, 4, 10), "targets")]
    change = {"register_by": {"value": date(2022, 4, 15), "reason": "Gia hạn do dịch bệnh"}}
    loaded = load_criteria_set(TAP_THE)
    assert score(loaded, a_case(registrations=late)).line("T3.1").status == "not_met"
    moved = score(loaded, a_case(registrations=late, parameters=change))
    assert moved.line("T3.1").status == "met"
    used = {one.name: one for one in moved.parameters}["register_by"]
    assert (used.reason, used.mark) == ("Gia hạn do dịch bệnh", "proposal")
    assert "proposal" in moved.line("T3.1").marks


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("on_time", {"more_than": "8/10"}, "the set does not allow it"),
        ("deadline", 3, "no such parameter"),
        ("disbursed", {"atleast": "8/10"}, "atleast"),
    ],
)
def test_a_campaign_cannot_replace_what_the_set_keeps(name: str, value: Any, sentence: str) -> None:
    change = {name: {"value": value, "reason": "Thử"}}
    with pytest.raises(ParameterRefused, match=sentence):
        score(load_criteria_set(TAP_THE), a_case(parameters=change))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"subject": {"kind": "individual", "id": "a", "unit": "u"}}, "its subject is individual"),
        ({"period": "2022-03"}, "is a month, the set scores year"),
        ({"period": "2023"}, "ends outside"),
    ],
)
def test_a_case_of_another_kind_period_or_year_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CaseDoesNotFit, match=sentence):
        score(load_criteria_set(TAP_THE), a_case(**changed))


def test_equal_totals_share_a_rank_and_the_next_one_is_left_out() -> None:
    loaded, in_time = load_criteria_set(TAP_THE), [registered(date(2022, 2, 1))]
    more = [*in_time, registered(date(2022, 2, 1), "targets")]
    cases = [a_case("a", registrations=in_time), a_case("b", registrations=more), a_case("d", registrations=in_time)]
    group = rank(loaded, [score(loaded, case) for case in cases])[0]
    assert [(one.rank, one.subject, one.tied) for one in group.ranked] == [(1, "b", 1), (2, "a", 2), (2, "d", 2)]
    assert group.mark == "illustrative"


def test_two_firsts_are_followed_by_a_third() -> None:
    loaded, in_time = load_criteria_set(TAP_THE), [registered(date(2022, 2, 1))]
    more = [*in_time, registered(date(2022, 2, 1), "targets")]
    cases = [a_case("a", registrations=more), a_case("b", registrations=more), a_case("d", registrations=in_time)]
    group = rank(loaded, [score(loaded, case) for case in cases])[0]
    assert [(one.rank, one.subject) for one in group.ranked] == [(1, "a"), (1, "b"), (3, "d")]


def test_who_did_not_register_stands_apart_with_the_reason() -> None:
    loaded = load_criteria_set(TAP_THE)
    group = rank(loaded, [score(loaded, a_case())])[0]
    assert group.ranked == ()
    assert (group.apart[0].subject, group.apart[0].reason) == ("a", "L1 Không đăng ký thi đua")


def test_clusters_are_ranked_apart_and_runs_with_gaps_are_not_ranked() -> None:
    loaded, in_time = load_criteria_set(TAP_THE), [registered(date(2022, 2, 1))]
    cases = [a_case(name, name, registrations=in_time, lane="running") for name in ("a", "b")]
    groups = rank(loaded, [score(loaded, case) for case in cases])
    assert [group.within for group in groups] == [(("subject.cluster", "a"),), (("subject.cluster", "b"),)]
    assert "còn thiếu" in groups[0].apart[0].reason


def test_scores_of_two_lanes_are_never_ranked_together() -> None:
    loaded = load_criteria_set(TAP_THE)
    scores = [score(loaded, a_case(lane=lane)) for lane in ("running", "official")]
    with pytest.raises(ValueError, match="cannot be ranked together"):
        rank(loaded, scores)


def test_every_line_names_its_inputs_and_their_evidence() -> None:
    fact = {"id": "f", "input": "welfare", "stated_by": "council", "value": 8, "evidence": ["ev-2", "ev-1"]}
    line = score(load_criteria_set(TAP_THE), a_case(facts=[fact])).line("T12.2")
    used = line.inputs[0]
    assert (used.name, used.value, used.evidence, used.stated_by) == ("welfare", "8/10", ("ev-1", "ev-2"), "council")
    assert line.points == Decimal(16)


def test_a_value_dated_by_law_is_that_of_the_last_day_of_the_period(make_set) -> None:
    text = """
parameters:
  wanted: [{from: 2022-01-01, value: {at_least: 1}, source: A}, {from: 2022-07-01, value: {at_least: 2}, source: B}]
inputs:
  n: {fact: count, title: Số lượng}
criteria:
- {code: A, title: Số lượng, maximum: 100, rule: {kind: threshold, input: n, limit: $wanted}}
"""
    loaded = make_set(text)
    fact = {"id": "f", "input": "n", "stated_by": "self", "value": 1}
    results = [score(loaded, a_case(period=name, facts=[fact])) for name in ("2022-06", "2022-07", "2022")]
    assert [(one.line("A").status, one.parameters[0].source) for one in results] == [
        ("met", "A"),
        ("not_met", "B"),
        ("not_met", "B"),
    ]
