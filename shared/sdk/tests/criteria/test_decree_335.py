"""The example of decree 335/2025: means, leaders, members, work items, bands, and the year of its quarters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from thidua.criteria import Case, CriteriaSet, judge_quotas, load_criteria_set, rank, score
from thidua.criteria.manifest import Ranking

HERE = Path(__file__).parent / "sets" / "nd335-2025-ca-nhan"


@cache
def the_set() -> CriteriaSet:
    return load_criteria_set(HERE)


def a_case(*, leads: bool = False, marks: int | None = 9, work: dict[str, Any] | None = None, **more: Any) -> Case:
    stated = {"ethics": marks, "competence": marks, "innovation": marks, **more.pop("stated", {})}
    facts = [
        {"id": name, "input": name, "stated_by": "appraiser", "value": value}
        for name, value in stated.items()
        if value is not None
    ]
    usual = {"assigned": 100, "done": 100, "by_failures": [(0, 80), (1, 20)], "by_delays": [(0, 90), (5, 10)]}
    rows = [{"month": "2026-03", "reported": True, "work": usual if work is None else work}]
    subject = {"kind": "individual", "id": "p", "unit": "u", "leads_unit": leads, "comparable_group": "chuyen_vien"}
    fixed = {"campaign": "2026", "period": "2026-03", "as_of": date(2026, 4, 10), "lane": "official"}
    return Case.model_validate({"subject": subject, "facts": facts, "months": rows, **fixed, **more})


def test_the_mean_of_three_is_printed_in_percent_and_rounded_once() -> None:
    result = score(the_set(), a_case())
    shown = [str(result.line(code).points) for code in ("K.a", "K.b", "K.c")]
    assert shown == ["100.00", "95.00", "90.00"]  # 80 + 20 × 3/4; 90 + 10 × 0
    assert str(result.line("K").points) == "66.50"  # 70 × 95 %
    assert (str(result.total), result.band) == ("93.50", "xuat_sac")


def test_parts_for_leaders_leave_the_mean_of_everybody_else() -> None:
    result = score(the_set(), a_case())
    assert {result.line(code).status for code in ("K.d", "K.dd", "K.e")} == {"not_applicable"}


def test_a_leader_is_judged_by_six_parts_and_by_the_members() -> None:
    band = {"set": "nd335-2025-ca-nhan", "band": "tot"}
    members = [{"subject": f"m{n}", "judged": True, "bands": [band]} for n in range(9)]
    poor = {"subject": "m9", "judged": True, "bands": [{**band, "band": "khong_hoan_thanh"}]}
    case = a_case(leads=True, members=[*members, poor], stated={"organised": True, "united": False})
    result = score(the_set(), case)
    shown = [str(result.line(code).points) for code in ("K.d", "K.dd", "K.e")]
    assert shown == ["50.00", "100.00", "50.00"]
    assert result.line("K.d").marks == ("derived",)
    assert str(result.line("K").points) == "56.58"  # 70 × 485/600


def test_a_member_not_yet_judged_blocks_the_leader() -> None:
    members = [{"subject": "m", "judged": False}]
    result = score(the_set(), a_case(leads=True, members=members, stated={"organised": True, "united": True}))
    assert (result.line("K.d").status, result.total, result.state) == ("missing", None, "incomplete")


def test_who_was_assigned_nothing_is_not_assessed() -> None:
    result = score(the_set(), a_case(work={"assigned": 0, "done": 0}))
    assert (result.state, result.reason) == ("not_scored", "K Kết quả thực hiện nhiệm vụ không áp dụng")


def test_an_item_without_weight_is_missing_and_blocks_the_score() -> None:
    rows = [{"month": "2026-03", "reported": True, "weights_missing": 2, "work": {"assigned": 1, "done": 1}}]
    result = score(the_set(), a_case(months=rows))
    assert result.line("K.a").sentence == (
        "Chưa có số liệu: Sản phẩm, công việc quy đổi (2 công việc chưa có hệ số quy đổi)."
    )
    assert result.total is None


def test_the_cut_of_a_quarter_names_its_source_and_the_day_it_began() -> None:
    result = score(the_set(), a_case())
    assert [(one.name, one.value) for one in result.parameters] == [("cut", "1/4")]
    assert result.line("K.b").parameters == ("cut",)


def a_year(*totals: str | None, **more: Any) -> Case:
    quarters = [
        {"period": f"2026-Q{n}", "state": "complete" if total else "not_scored", "total": total}
        for n, total in enumerate(totals, start=1)
    ]
    return a_case(period="2026", as_of=date(2027, 1, 20), periods=quarters, **more)


def reported() -> list[dict[str, Any]]:
    return [{"month": f"2026-{n:02d}", "reported": True} for n in range(1, 13)]


def test_the_year_is_the_mean_of_its_quarters_and_skips_what_did_not_apply() -> None:
    result = score(the_set(), a_year("90", "80.5", None, "70", months=reported()))
    assert (str(result.total), result.band, result.state) == ("80.17", "tot", "complete")
    assert result.sentence == "80,17/100 điểm, trung bình của 3 kỳ: (90 + 80,5 + 70)/3."
    assert [(line.code, str(line.points), line.status) for line in result.criteria] == [
        ("2026-Q1", "90", "partly"), ("2026-Q2", "80.5", "partly"), ("2026-Q3", "None", "not_applicable"),
        ("2026-Q4", "70", "partly"),
    ]  # fmt: skip
    assert result.line("2026-Q3").sentence == (
        "Không áp dụng: quý III/2026 không được chấm điểm, không tính vào trung bình."
    )


def test_a_missing_quarter_makes_the_year_missing() -> None:
    case = a_year("90", "80", "70", months=reported())
    result = score(the_set(), case)
    assert (result.total, result.missing) == (None, ("2026-Q4",))
    last = result.line("2026-Q4")
    assert (last.status, last.points, last.sentence) == (
        "missing", Decimal(0), "Chưa có số liệu: điểm chính thức quý IV/2026."
    )  # fmt: skip


def test_a_year_made_of_periods_is_ranked_by_its_total_where_a_criterion_has_no_line() -> None:
    manifest = the_set().manifest
    by = Ranking(within="subject.unit", by=("total", manifest.criteria[0].code), ties="shared")
    ranked = replace(the_set(), manifest=manifest.model_copy(update={"ranking": by}))
    (group,) = rank(ranked, [score(the_set(), a_year("95", "95", "95", "95", months=reported()))])
    assert [place.rank for place in group.ranked] == [1]


@pytest.mark.parametrize(("form", "band"), [("khien_trach", "khong_hoan_thanh"), (None, "xuat_sac")])
def test_a_reprimand_strikes_in_the_year_and_points_stay(form: str | None, band: str) -> None:
    discipline = [{"form": form, "first_day": date(2026, 6, 1)}] if form else []
    result = score(the_set(), a_year("95", "95", "95", "95", months=reported(), discipline=discipline))
    assert (result.band, result.total) == (band, Decimal(95))


def test_eliminations_of_the_year_wait_in_a_month() -> None:
    discipline = [{"form": "khien_trach", "first_day": date(2026, 3, 1)}]
    result = score(the_set(), a_case(discipline=discipline))
    assert (result.eliminations[0].verdict, result.band) == ("judged_by_year", "xuat_sac")


def scored(name: str, marks: int) -> Any:
    subject = {"kind": "individual", "id": name, "unit": "u", "leads_unit": False, "comparable_group": "cv"}
    work = {"assigned": 10, "done": 10, "by_failures": [(0, 10)], "by_delays": [(0, 10)]}
    return score(the_set(), a_case(subject=subject, marks=marks, work=work))


def test_a_quota_rounds_down_and_leaves_ties_at_the_margin_to_a_person() -> None:
    # 70 + 30 × marks/10: 10 → 100, 7 → 91, 6 → 88 (tốt); a fifth of eleven is two places.
    best = [scored(name, marks) for name, marks in (("a", 10), ("b", 7), ("c", 7), ("d", 7))]
    good = [scored(f"g{n}", 6) for n in range(11)]
    finding = judge_quotas(the_set(), [*best, *good])[0]
    assert (finding.base, finding.places, finding.status) == (11, 2, "needs_person")
    assert (finding.inside, finding.tied, finding.outside) == (("a",), ("b", "c", "d"), ())
    assert finding.sentence == "4 trường hợp; tối đa 20 % của 11 là 2."
    assert finding.mark == "proposal"


def test_a_quota_waits_for_the_last_official_score_of_its_group() -> None:
    finding = judge_quotas(the_set(), [scored("a", 10), score(the_set(), a_case(marks=None))])
    by_group = {dict(one.within)["subject.comparable_group"]: one for one in finding}
    assert by_group["chuyen_vien"].status == "waiting"
    assert by_group["chuyen_vien"].waiting_for == ("p",)
    assert by_group["cv"].status == "needs_person"


def test_a_quota_is_kept_where_no_more_stand_in_the_band_than_places() -> None:
    finding = judge_quotas(the_set(), [scored("a", 10), *(scored(f"g{n}", 6) for n in range(5))])[0]
    assert (finding.status, finding.inside, finding.places) == ("kept", ("a",), 1)
