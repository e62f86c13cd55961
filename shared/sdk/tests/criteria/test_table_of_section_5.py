"""Not applicable, missing, zero and not yet due are four different things, in every place they can stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from thidua.criteria import score

# Part A.1 applies only where asked; A.2 is a plain mark. B holds the rest of the scale.
SUM = """
inputs:
  asked: {fact: yes_no, title: Được giao, due: 2022-01-31}
  first: {fact: mark, out_of: 10, title: Phần một, due: 2022-06-30}
  second: {fact: mark, out_of: 10, title: Phần hai, due: 2022-09-30}
  rest: {fact: mark, out_of: 10, title: Phần còn lại, due: 2022-03-31}
criteria:
- {code: A, title: Nhóm, maximum: 40%s}
- {code: A.1, title: Một, maximum: 10, applies_when: {asked: true}, rule: {kind: mark, input: first}}
- {code: A.2, title: Hai, maximum: 30, rule: {kind: mark, input: second}}
- {code: B, title: Còn lại, maximum: 60, rule: {kind: mark, input: rest}}
"""
STRICT = "eliminations: [{code: L1, title: Loại, when: {asked: false}, effect: not_ranked}]\n"
BANDS = "bands: [{code: tot, title: Tốt, at_least: 50}, {code: kem, title: Kém, at_least: 0}]\n"
ALL = {"asked": True, "first": 5, "second": 10, "rest": 10}


def without(*names: str, **changed: object) -> dict[str, object]:
    return {name: value for name, value in {**ALL, **changed}.items() if name not in names}


@pytest.mark.parametrize(
    ("how", "points", "due", "total", "maximum"),
    [
        ("rescale", "40.00", "40.00", "100.00", "100.00"),  # A.2 30/30, stretched to 40
        ("full", "40.00", "40.00", "100.00", "100.00"),  # A.1 counts 10
        ("drop", "30.00", "30.00", "90.00", "90.00"),  # the maximum shrinks to 30
    ],
)
def test_in_a_sum_a_part_that_does_not_apply_is_rescaled_full_or_dropped(
    make_set, make_case, how, points, due, total, maximum
) -> None:
    result = score(make_set(SUM % "", not_applicable=how), make_case(without("first", asked=False)))
    group = result.line("A")
    assert (str(group.points), str(group.due_maximum)) == (points, due)
    assert result.line("A.1").points is None
    assert result.line("A.1").counted_as == {"rescale": "rescaled", "full": "full", "drop": "dropped"}[how]
    assert (str(result.total), str(result.maximum)) == (total, maximum)


def test_in_a_sum_a_missing_part_adds_nothing_and_the_maximum_stays(make_set, make_case) -> None:
    group = score(make_set(SUM % ""), make_case(without("first"))).line("A")
    assert (group.status, group.points, group.due_maximum) == ("missing", Decimal(30), Decimal(40))
    assert group.upper == Decimal(40)


def test_in_a_sum_a_zero_adds_nothing_and_is_no_gap(make_set, make_case) -> None:
    result = score(make_set(SUM % ""), make_case(without(first=0)))
    assert result.line("A.1").status == "not_met"
    assert (result.line("A").status, result.state) == ("partly", "complete")


def test_in_a_sum_what_is_not_due_takes_its_maximum_along(make_set, make_case) -> None:
    case = make_case(without("second"), lane="running", as_of=date(2022, 7, 15))
    result = score(make_set(SUM % ""), case)
    assert result.line("A.2").status == "not_due"
    assert (result.line("A").points, result.line("A").due_maximum) == (Decimal(5), Decimal(10))
    assert result.sentence == "65/70 điểm đến hạn."
    assert not result.ranked


@pytest.mark.parametrize(
    ("combine", "known", "with_gap", "with_zero"),
    [
        ("mean", "30.00", "20.00", "20.00"),
        ("lowest", "20.00", "0.00", "0.00"),
        ("{best: 1}", "40.00", "40.00", "40.00"),
    ],
)
def test_in_a_mean_missing_counts_zero_but_not_applicable_is_left_out(
    make_set, make_case, combine, known, with_gap, with_zero
) -> None:
    loaded = make_set((SUM % f", combine: {combine}").replace("maximum: 10, ", "").replace("maximum: 30, ", ""))
    assert str(score(loaded, make_case(without(first=5))).line("A").points) == known
    missing = score(loaded, make_case(without("first"))).line("A")
    zero = score(loaded, make_case(without(first=0, second=10))).line("A")
    away = score(loaded, make_case(without("first", asked=False))).line("A")
    assert (missing.status, zero.status, away.status) == ("missing", "partly", "met")
    assert str(zero.points) == {"mean": "20.00", "lowest": "0.00", "{best: 1}": "40.00"}[combine]
    assert str(missing.points) == with_zero
    assert str(away.points) == "40.00"
    assert with_gap == with_zero


def test_a_mean_with_a_gap_shows_the_value_over_the_known_parts(make_set, make_case) -> None:
    loaded = make_set((SUM % ", combine: mean").replace("maximum: 10, ", "").replace("maximum: 30, ", ""))
    group = score(loaded, make_case(without("first"))).line("A")
    assert group.sentence == "Trung bình của 2 nội dung: 50 %; tạm tính trên 1 nội dung đã có số liệu: 100 %."


def test_in_a_mean_a_part_with_a_gap_counts_zero_whatever_of_it_is_certain(make_set, make_case) -> None:
    text = """
inputs:
  plan: {fact: document, title: Kế hoạch}
  report: {fact: document, title: Báo cáo}
  mark: {fact: mark, out_of: 10, title: Điểm}
criteria:
- {code: A, title: Nhóm, maximum: 100, combine: mean}
- {code: A.1, title: Văn bản, rule: {kind: documents, inputs: [plan, report], credit: pro_rata}}
- {code: A.2, title: Điểm, rule: {kind: mark, input: mark}}
"""
    result = score(make_set(text), make_case({"plan": "01/KH", "mark": 10}))
    assert (result.line("A.1").points, result.line("A").points) == (Decimal(50), Decimal(50))


def test_in_a_mean_what_is_not_due_is_left_out(make_set, make_case) -> None:
    loaded = make_set((SUM % ", combine: mean").replace("maximum: 10, ", "").replace("maximum: 30, ", ""))
    group = score(loaded, make_case(without("second"), lane="running", as_of=date(2022, 7, 15))).line("A")
    assert (group.status, group.points) == ("partly", Decimal(20))


@pytest.mark.parametrize(
    ("facts", "lane", "verdict"),
    [
        (without(asked=False), "official", "strikes"),
        (without(asked=True), "official", "does_not_strike"),
        (without("asked"), "official", "undecided"),
        (without("asked"), "running", "not_due"),
    ],
)
def test_an_elimination_strikes_only_on_what_is_known(make_set, make_case, facts, lane, verdict) -> None:
    as_of = date(2022, 1, 15) if lane == "running" else date(2023, 1, 10)
    result = score(make_set(SUM % "" + STRICT + BANDS), make_case(facts, lane=lane, as_of=as_of))
    assert result.eliminations[0].verdict == verdict
    if verdict == "undecided":
        assert (result.band, result.ranked, result.state) == (None, False, "incomplete")


def test_an_elimination_of_whom_it_does_not_concern_does_not_strike(make_set, make_case) -> None:
    strict = STRICT.replace("when:", "applies_when: {subject.kind: individual}, when:")
    result = score(make_set(SUM % "" + strict), make_case(without(asked=False)))
    assert result.eliminations[0].verdict == "not_applicable"


def test_a_group_is_not_applicable_only_if_all_its_parts_are(make_set, make_case) -> None:
    text = (SUM % "").replace("title: Hai, maximum: 30,", "title: Hai, maximum: 30, applies_when: {asked: true},")
    result = score(make_set(text), make_case(without("first", "second", asked=False)))
    assert result.line("A").status == "not_applicable"
    assert (result.total, result.applicable_maximum) == (Decimal(100), Decimal(60))
    assert result.sentence == "100/100 điểm, tính trên 60/100 điểm áp dụng."


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [(10, 10, "met"), (0, 0, "not_met"), (10, 0, "partly"), (10, None, "missing"), (None, None, "missing")],
)
def test_the_status_of_a_group_follows_from_its_parts(make_set, make_case, first, second, status) -> None:
    gaps = [name for name, value in (("first", first), ("second", second)) if value is None]
    facts = without(*gaps, **{k: v for k, v in (("first", first), ("second", second)) if v is not None})
    assert score(make_set(SUM % ""), make_case(facts)).line("A").status == status


def test_a_group_with_nothing_due_is_not_due(make_set, make_case) -> None:
    case = make_case(without("first", "second"), lane="running", as_of=date(2022, 4, 15))
    assert score(make_set(SUM % ""), case).line("A").status == "not_due"


def test_a_total_with_gaps_is_provisional_with_its_range(make_set, make_case) -> None:
    case = make_case(without("first"), lane="running", as_of=date(2022, 12, 31))
    result = score(make_set(SUM % "" + BANDS), case)
    assert result.sentence == "Tạm tính 90/100 điểm, còn thiếu 1 nội dung; từ 90 đến 100 điểm nếu đủ số liệu."
    assert (result.state, result.band, result.ranked, result.missing) == ("incomplete", None, False, ("A.1",))


def test_at_close_a_gap_counts_as_not_met_and_keeps_its_status(make_set, make_case) -> None:
    result = score(make_set(SUM % "" + BANDS), make_case(without("first")))
    line = result.line("A.1")
    assert (line.status, line.counted_as, result.total) == ("missing", "not_met", Decimal(90))
    assert (result.state, result.band, result.ranked) == ("complete", "tot", True)


def test_at_close_a_gap_blocks_where_the_set_says_so(make_set, make_case) -> None:
    result = score(make_set(SUM % "", missing_at_close="blocks"), make_case(without("first")))
    assert (result.total, result.state, result.ranked) == (None, "incomplete", False)
    assert result.sentence == "Chưa có điểm chính thức: còn thiếu 1 nội dung (A.1)."


def test_a_set_that_does_not_apply_scores_nobody(make_set, make_case) -> None:
    result = score(make_set("applies_when: {asked: true}\n" + SUM % ""), make_case(without(asked=False)))
    assert (result.state, result.total) == ("not_scored", None)
    assert result.sentence == "Không chấm điểm: không áp dụng: Được giao: không."


def test_a_set_of_which_it_is_unknown_whether_it_applies_is_missing(make_set, make_case) -> None:
    result = score(make_set("applies_when: {asked: true}\n" + SUM % ""), make_case(without("asked")))
    assert {line.status for line in result.lines.values()} == {"missing"}


def test_a_required_part_that_does_not_apply_takes_the_total_along(make_set, make_case) -> None:
    text = (SUM % ", requires: [A.1]").replace("rest}}", "rest}}")
    loaded = make_set(text, points="{scale: 100, requires: [A]}")
    result = score(loaded, make_case(without("first", asked=False)))
    assert result.line("A").status == "not_applicable"
    assert (result.state, result.reason) == ("not_scored", "A Nhóm không áp dụng")


MINUS = (
    (SUM % "").replace(
        "criteria:",
        "  faults: {fact: log, cases: [nhe, nang], title: Lỗi, absent: zero_when_reported}\ncriteria:",
    )
    + "adjustments: [{code: M, sign: minus, title: Trừ, at_most: 20, "
    "rule: {kind: per_case, input: faults, start: zero, each: 5}}]\n"
)
REPORTED = [{"month": f"2022-{month:02d}", "reported": True} for month in range(1, 13)]
ONE_FAULT = {**ALL, "faults": "nhe"}


@pytest.mark.parametrize(
    ("facts", "months", "lane", "printed", "sentence"),
    [
        (ALL, REPORTED, "official", ("0.00", "0.00", "95.00"), "Lỗi: không có trường hợp nào."),
        (ONE_FAULT, REPORTED, "official", ("5.00", "5.00", "90.00"), "Lỗi: 1 trường hợp (1 × 5), trừ 5 điểm."),
        (
            ALL,
            REPORTED[:11],
            "official",
            ("20.00", "0.00", "75.00"),
            "Chưa có số liệu: Lỗi (chưa có báo cáo tháng 12/2022); trừ đủ 20 điểm vì khi chốt vẫn chưa có số liệu.",
        ),
        (
            ONE_FAULT,
            REPORTED[:11],
            "running",
            ("20.00", "5.00", "75.00"),
            "Lỗi: 1 trường hợp đã ghi nhận; chưa có số liệu: Lỗi (chưa có báo cáo tháng 12/2022); "
            "tạm trừ đủ 20 điểm cho đến khi có số liệu.",
        ),
    ],
)
def test_what_is_missing_from_a_deduction_is_taken_off_and_printed_until_it_is_stated(
    make_set, make_case, facts, months, lane, printed, sentence
) -> None:
    result = score(make_set(MINUS), make_case({**facts, "first": 5}, months=months, lane=lane))
    line = result.line("M")
    assert ((str(line.points), str(line.upper), str(result.total)), line.sentence) == (printed, sentence)
    assert result.total == sum((one.points for one in result.criteria), Decimal(0)) - line.points
    assert result.upper == Decimal(95) - line.upper
    assert line.sign == "minus"


def test_at_close_a_deduction_without_figures_says_that_it_was_taken_off(make_set, make_case) -> None:
    result = score(make_set(MINUS), make_case(without("first")))
    assert [result.line(code).counted_as for code in ("A.1", "M")] == ["not_met", "deducted"]
    assert result.sentence == (
        "70/100 điểm; 1 nội dung không có số liệu tính là không đạt; 1 khoản trừ không có số liệu được trừ đủ."
    )


def test_an_elimination_to_zero_keeps_the_points_of_every_line_visible(make_set, make_case) -> None:
    result = score(make_set(SUM % "" + STRICT.replace("not_ranked", "zero")), make_case(without("first", asked=False)))
    assert result.total == Decimal(0)
    assert result.line("B").points == Decimal(60)


def test_an_elimination_into_a_band_leaves_the_points(make_set, make_case) -> None:
    text = SUM % "" + STRICT.replace("not_ranked", "{band: kem}") + BANDS
    result = score(make_set(text), make_case(without("first", asked=False)))
    assert (result.band, result.total) == ("kem", Decimal(100))
