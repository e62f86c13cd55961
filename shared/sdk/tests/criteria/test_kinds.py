"""Each rule kind: its credit, when it is met, and the sentence a reader can check with a pocket calculator."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from thidua.criteria import RuleBroken, score

TWO = """
inputs:
  a: {fact: amount, unit: ha, title: Diện tích cấp giấy}
  t: {fact: amount, unit: ha, title: Chỉ tiêu diện tích}
criteria:
- {code: A, title: Chỉ tiêu, maximum: 100, rule: %s}
"""
TARGET = TWO % "{kind: target, actual: a, target: t, without_target: share_of_best}"


def peer(subject: str, **facts: int) -> dict[str, object]:
    stated = [{"id": name, "input": name, "stated_by": "self", "value": value} for name, value in facts.items()]
    return {"subject": subject, "facts": stated}


@pytest.mark.parametrize(
    ("actual", "points", "status"),
    [
        (50, "25.00", "partly"),
        (100, "50.00", "met"),
        (120, "70.00", "met"),
        (150, "100.00", "met"),
        (0, "0.00", "not_met"),
    ],
)
def test_a_target_gives_half_when_reached_and_all_to_the_leader(make_set, make_case, actual, points, status) -> None:
    peers = [peer("b", a=300, t=200), peer("c", a=10, t=100)]  # L = 3/2
    line = score(make_set(TARGET), make_case({"a": actual, "t": 100}, peers=peers)).line("A")
    assert (str(line.points), line.status) == (points, status)


def test_equal_leaders_above_their_target_all_lead(make_set, make_case) -> None:
    case = make_case({"a": 150, "t": 100}, peers=[peer("b", a=300, t=200)])
    assert score(make_set(TARGET), case).line("A").points == Decimal(100)


def test_without_a_target_the_share_of_the_best_counts(make_set, make_case) -> None:
    case = make_case({"a": 50}, peers=[peer("b", a=200, t=100)])
    line = score(make_set(TARGET), case).line("A")
    assert (line.points, line.sentence) == (
        Decimal(25),
        "Diện tích cấp giấy: 50; không giao chỉ tiêu, cao nhất cụm là 200.",
    )


def test_without_a_target_the_rule_may_not_apply_at_all(make_set, make_case) -> None:
    loaded = make_set(TARGET.replace("share_of_best", "not_applicable"))
    assert score(loaded, make_case({"a": 50})).line("A").status == "not_applicable"


def test_a_silent_peer_leaves_an_official_target_missing(make_set, make_case) -> None:
    loaded, peers = make_set(TARGET), [peer("b", t=100)]
    assert score(loaded, make_case({"a": 50, "t": 100}, peers=peers)).line("A").status == "missing"
    running = make_case({"a": 50, "t": 100}, peers=peers, lane="running")
    assert score(loaded, running).line("A").status == "partly"


UNUSABLE = [
    {"value": 100, "status": "refused"},
    {"value": "trăm"},
    {"value": 100, "stated_by": "council"},  # whose statement does not count here
]


@pytest.mark.parametrize("without", ["share_of_best", "not_applicable"])
@pytest.mark.parametrize("target", UNUSABLE)
def test_a_target_that_cannot_be_used_is_missing_and_not_absent(make_set, make_case, without, target) -> None:
    result = score(make_set(TARGET.replace("share_of_best", without)), make_case({"a": 5, "t": target}))
    line = result.line("A")
    assert (line.status, line.points, line.upper) == ("missing", Decimal(0), Decimal(100))
    assert "Chỉ tiêu diện tích" in line.sentence


CONCERNED = TARGET.replace("criteria:", "  has: {fact: yes_no, title: Được giao}\ncriteria:").replace(
    "maximum: 100,", "maximum: 100, applies_when: %s,"
)


@pytest.mark.parametrize(
    ("condition", "facts", "status"),
    [
        ("{has: true}", {"has": False}, "met"),
        ("{has: true}", {"has": True}, "missing"),
        ("{has: true}", {}, "missing"),
        ("{has: true, subject.post: x}", {"has": False}, "met"),
        ("{has: true, subject.post: x}", {"has": True}, "missing"),  # of a peer's post nothing is known
        ("{has: [true, false], subject.unit: [a, c]}", {}, "met"),
        ("{any: [{has: true}, {subject.unit: a}]}", {"has": False}, "met"),
        ("{any: [{has: true}, {subject.months_in_period: {at_least: 0}}]}", {"has": False}, "missing"),
    ],
)
def test_a_peer_that_a_target_does_not_concern_is_left_out(make_set, make_case, condition, facts, status) -> None:
    subject = {"kind": "collective", "id": "a", "unit": "a", "cluster": "c", "post": "x", "months_in_period": 12}
    case = make_case({"a": 110, "t": 100, "has": True}, peers=[peer("b", **facts)], subject=subject)
    assert score(make_set(CONCERNED % condition), case).line("A").status == status


@pytest.mark.parametrize(
    ("without", "facts", "mine", "expected"),
    [
        ("not_applicable", {}, {"a": 110, "t": 100}, ("met", "100.00")),
        ("not_applicable", {"a": 200}, {"a": 110, "t": 100}, ("met", "100.00")),
        ("share_of_best", {}, {"a": 110, "t": 100}, ("missing", "0.00")),
        ("share_of_best", {"a": 200}, {"a": 110, "t": 100}, ("met", "100.00")),
        ("share_of_best", {"a": 200, "t": "?"}, {"a": 110, "t": 100}, ("missing", "0.00")),
        ("not_applicable", {"a": 200, "t": "?"}, {"a": 110, "t": 100}, ("missing", "0.00")),
        ("share_of_best", {"a": 200, "t": "?"}, {"a": 110}, ("partly", "55.00")),
    ],
)
def test_a_peer_is_silent_while_its_rate_is_unknown_and_not_where_it_has_no_target(
    make_set, make_case, without, facts, mine, expected
) -> None:
    loaded = make_set(TARGET.replace("share_of_best", without))
    line = score(loaded, make_case(mine, peers=[peer("b", **facts)])).line("A")
    assert (line.status, str(line.points)) == expected


@pytest.mark.parametrize(("n", "points"), [(95, "100.00"), (94, "50.00"), (70, "50.00"), (10, "20.00")])
def test_steps_give_the_credit_of_the_first_that_holds(make_set, make_case, n, points) -> None:
    rule = (
        "{kind: steps, of: [a, t], steps: [{limit: {at_least: 95/100}, credit: 1}, "
        "{limit: {at_least: 7/10}, credit: 1/2}], otherwise: 1/5}"
    )
    line = score(make_set(TWO % rule), make_case({"a": n, "t": 100})).line("A")
    assert str(line.points) == points


def test_steps_of_nothing_due_do_not_apply(make_set, make_case) -> None:
    rule = "{kind: steps, of: [a, t], steps: [{limit: {at_least: 1}, credit: 1}]}"
    assert score(make_set(TWO % rule), make_case({"a": 0, "t": 0})).line("A").status == "not_applicable"


def test_a_ratio_without_a_denominator_does_not_apply(make_set, make_case) -> None:
    rule = "{kind: ratio, of: [a, t], limit: {at_least: 1}, credit: pro_rata}"
    line = score(make_set(TWO % rule), make_case({"t": 0})).line("A")
    assert (line.status, line.points) == ("not_applicable", None)


@pytest.mark.parametrize(
    ("limit", "n", "status", "points"),
    [
        ("{more_than: 9/10}", 90, "partly", "90.00"),
        ("{more_than: 9/10}", 91, "met", "100.00"),
        ("{at_least: 9/10}", 90, "met", "100.00"),
        ("{at_least: 9/10}", 0, "not_met", "0.00"),
    ],
)
def test_more_than_and_at_least_differ_at_the_limit_itself(make_set, make_case, limit, n, status, points) -> None:
    rule = f"{{kind: ratio, of: [a, t], limit: {limit}, credit: pro_rata}}"
    line = score(make_set(TWO % rule), make_case({"a": n, "t": 100})).line("A")
    assert (line.status, str(line.points)) == (status, points)


def test_a_ratio_that_should_be_small_gives_all_or_nothing(make_set, make_case) -> None:
    rule = "{kind: ratio, of: [a, t], limit: {below: 1/10}, credit: all_or_nothing}"
    loaded = make_set(TWO % rule)
    assert [str(score(loaded, make_case({"a": n, "t": 100})).total) for n in (9, 10)] == ["100.00", "0.00"]


def test_a_sentence_of_the_set_replaces_that_of_the_kind(make_set, make_case) -> None:
    rule = (
        "{kind: ratio, of: [a, t], limit: {at_least: 1}, credit: pro_rata, "
        "sentence: {partly: 'Mới cấp {n}/{d} ha, được {points}/{maximum} điểm.'}}"
    )
    line = score(make_set(TWO % rule), make_case({"a": 50, "t": 80})).line("A")
    assert line.sentence == "Mới cấp 50/80 ha, được 62,5/100 điểm."


def test_a_sentence_that_its_figures_make_endless_is_no_result(make_set, make_case) -> None:
    rule = f"{{kind: ratio, of: [a, t], limit: {{at_least: 1}}, credit: pro_rata, sentence: {{met: '{'{n} ' * 400}'}}}}"
    with pytest.raises(RuleBroken, match=r"its sentence has [0-9]{4} letters, more than 2000"):
        score(make_set(TWO % rule), make_case({"a": 123_456_789, "t": 1}))


MONTHS = """
inputs:
  months: {feed: month_results}
criteria:
- {code: A, title: Hằng tháng, maximum: 100, rule: {kind: months, input: months, limit: {more_than: 9/10}, credit: %s}}
"""


def month(number: int, on_time: int, due: int, **more: object) -> dict[str, object]:
    figures = {"on_time": on_time, "completed": on_time, "due": due}
    return {"month": f"2022-{number:02d}", "reported": True, **figures, **more}


def test_all_or_nothing_loses_everything_by_one_month(make_set, make_case) -> None:
    rows = [month(n, 20, 20) for n in range(1, 12)]
    loaded = make_set(MONTHS % "all_or_nothing")
    totals = [score(loaded, make_case(months=[*rows, month(12, n, 20)])).total for n in (20, 18)]
    assert totals == [Decimal(100), Decimal(0)]


def test_months_before_a_unit_existed_are_expected_of_nobody(make_set, make_case) -> None:
    subject = {"kind": "collective", "id": "a", "unit": "a", "active_from": "2022-10"}
    case = make_case(subject=subject, months=[month(n, 20, 20) for n in (10, 11, 12)])
    assert score(make_set(MONTHS % "pro_rata"), case).line("A").sentence == "3/3 tháng đạt trên 90 %."


def test_a_running_month_is_not_judged_before_it_is_over(make_set, make_case) -> None:
    case = make_case(months=[month(1, 20, 20), month(2, 0, 5)], lane="running", as_of=date(2022, 2, 28))
    assert score(make_set(MONTHS % "pro_rata"), case).line("A").sentence == "1/1 tháng đạt trên 90 %."


CASES = """
inputs:
  faults: {fact: log, cases: [nhe, nang], title: Vi phạm, absent: zero}
criteria:
- {code: A, title: Kỷ luật, maximum: 100, rule: {kind: per_case, input: faults, start: %s, each: {nhe: 5, nang: 50}}}
"""


def entries(*cases: str) -> list[dict[str, object]]:
    return [
        {"id": f"{place}", "input": "faults", "stated_by": "self", "value": case, "dated": date(2022, 5, 1)}
        for place, case in enumerate(cases)
    ]


@pytest.mark.parametrize(
    ("start", "cases", "points", "status"),
    [
        ("full", (), "100.00", "met"),
        ("full", ("nhe", "nang"), "45.00", "partly"),
        ("full", ("nang", "nang", "nhe"), "0.00", "not_met"),
        ("zero", (), "0.00", "not_met"),
        ("zero", ("nang", "nhe"), "55.00", "partly"),
        ("zero", ("nang", "nang", "nang"), "100.00", "met"),
    ],
)
def test_cases_are_taken_off_or_added_up_to_the_maximum(make_set, make_case, start, cases, points, status) -> None:
    case = type(make_case()).model_validate({**make_case().model_dump(), "facts": entries(*cases)})
    line = score(make_set(CASES % start), case).line("A")
    assert (str(line.points), line.status) == (points, status)
