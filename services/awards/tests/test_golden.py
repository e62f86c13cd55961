"""The golden cases, and that they leave no condition untried."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from thidua.contracts import Unit
from thidua.contracts.judgement import FindingStatus
from thidua_awards.domain.conditions import CONDITIONS, findings_of, verdict_of
from thidua_awards.domain.quotas import QuotaGroup, quota_place, within_quota
from thidua_awards.domain.reliance import suspects
from thidua_awards.law import Mark, regime_of, review_date

# Tests are imported by file (importlib mode), so a neighbour is loaded by its path.
_spec = importlib.util.spec_from_file_location("golden_cases", Path(__file__).with_name("golden_cases.py"))
assert _spec
assert _spec.loader
golden_cases: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(golden_cases)

STATUSES = {
    "đạt": FindingStatus.MET,
    "chưa đạt": FindingStatus.NOT_MET,
    "không áp dụng": FindingStatus.NA,
    "chưa đủ dữ liệu": FindingStatus.NO_DATA,
    "cần người xem xét": FindingStatus.PERSON,
}
FILES = ("chung.yaml", "ca_nhan.yaml", "tap_the.yaml", "chien_si_cap_cao.yaml", "co_chinh_phu.yaml", "khen_thuong.yaml")
CASES = [golden for name in FILES for golden in golden_cases.read(name)]
CANCELLED = golden_cases.read_plain("huy_bo.yaml", {"tên", "số", "căn cứ", "hủy", "đã có", "cần xem lại"})
QUOTAS = golden_cases.read_plain("ty_le.yaml", golden_cases.QUOTA_KEYS)

# What the table of conditions leaves to people when the input is absent, or to a default.
MISSING_IS_NOT_NO_DATA = {
    "g.hold", "g.route", "g.once", "g.thematic", "g.head", "ldtt.conduct", "ldtt.transfer",
    "cstdb.timing", "cstdb.quota", "cstdtq.timing", "ttldtt.movement", "ttldtt.unity", "ttldxs.quota", "ctdb.targets",
    "ctdb.number", "ctdcp.quota", "ctdcp.vote", "gk.merit", "bkb.movement", "bkb.many", "bkb.contribution",
    "bkb.worker", "bkb.initiatives", "bkt.merit", "bkttg.other", "hcld3.service", "knc.once",
}  # fmt: skip


@pytest.mark.parametrize("golden", CASES, ids=lambda golden: golden["tên"])
def test_a_golden_case_gets_the_expected_findings_and_verdict(golden: dict[str, Any]) -> None:
    case = golden_cases.case_of(golden)
    findings = findings_of(case, regime_of(case.year))
    found = {finding.key: finding for finding in findings}
    expected = {key: STATUSES[word] for key, word in golden_cases.expected(golden, "kết quả").items()}
    assert {key: found[key].status for key in expected} == expected, {k: found[k].sentence for k in expected}
    for key, sentence in golden_cases.expected(golden, "câu").items():
        assert found[key].sentence == sentence
    for key, mark in golden_cases.expected(golden, "dấu").items():
        assert Mark(found[key].mark).words == mark
    assert golden["căn cứ"] in {found[key].clause for key in expected}, {found[key].clause for key in expected}
    if "kết luận" in golden:
        verdict, first = verdict_of(findings)
        assert verdict is golden_cases.VERDICTS[golden["kết luận"]], (verdict, first)
    if "không có" in golden:
        assert STATUSES[golden["không có"]] not in {finding.status for finding in findings}


@pytest.mark.parametrize("golden", QUOTAS, ids=lambda golden: golden["tên"])
def test_a_golden_quota_gets_its_places_and_sentence(golden: dict[str, Any]) -> None:
    rule = regime_of(golden["năm"]).rule("cstdcs.quota", review_date(golden["năm"]))
    assert rule is not None
    assert golden["căn cứ"] == rule.clause
    rule = rule.model_copy(update={"min_one": golden.get("tối thiểu một suất", rule.min_one)})
    awarded = None if golden["được công nhận"] == golden_cases.UNKNOWN else golden["được công nhận"]
    group = QuotaGroup("g", awarded, golden["đủ điều kiện"], 0)
    place = quota_place(group, rule)
    assert (place.places if place else None) == golden.get("số suất")
    if place is not None:
        assert place.sentence == golden["câu"]
    assert within_quota(group, place, rule).status is STATUSES[golden["trạng thái"]]


@pytest.mark.parametrize("golden", CANCELLED, ids=lambda golden: golden["tên"])
def test_a_golden_cancellation_lists_what_relied_on_the_award_and_nothing_else(golden: dict[str, Any]) -> None:
    units = {"u": Unit(id="u", name="Phòng", kind="phong", codes=(), valid_from=date(2015, 1, 1))}
    gone = golden_cases.award(golden["hủy"])
    sought = suspects([gone], units)
    listed = [
        f"{one['danh hiệu']} {one['năm']}"
        for one in golden["đã có"]
        for what in sought
        if what.code == golden_cases.CODES[one["danh hiệu"]]
        and what.first_year <= one["năm"] <= what.last_year
        and what.subject == {"cá nhân": "p", "tập thể": "u"}[one["của"]]
    ]
    assert listed == golden["cần xem lại"]


def test_every_condition_has_a_case_that_passes_one_that_does_not_and_one_without_its_input() -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for golden in CASES:
        for key, word in golden_cases.expected(golden, "kết quả").items():
            seen[key].add(word)
    every = {key for checks in CONDITIONS.values() for key in checks}
    assert {key for key in every if not seen[key] & {"đạt", "không áp dụng"}} == set()
    only_shown = {"g.thematic", "cstdb.quota", "ttldxs.quota"}
    assert {key for key in every - only_shown if not seen[key] & {"chưa đạt", "cần người xem xét"}} == set()
    assert {k for k in every - MISSING_IS_NOT_NO_DATA if "chưa đủ dữ liệu" not in seen[k]} == set()


def test_a_base_case_of_every_title_meets_all_its_conditions_in_2022() -> None:
    for title in CONDITIONS:
        name = regime_of(2022).label(title)
        case = golden_cases.case_of({"danh hiệu": name, "năm": 2022})
        assert verdict_of(findings_of(case, regime_of(2022)))[1] == "", name


def test_no_golden_case_is_refused_by_a_rule_whose_source_does_not_bind() -> None:
    for golden in CASES:
        case = golden_cases.case_of(golden)
        for finding in findings_of(case, regime_of(case.year)):
            assert finding.status is not FindingStatus.NOT_MET or Mark(finding.mark).binds, golden["tên"]


def test_every_agreed_case_that_awards_can_judge_is_kept_and_many_more() -> None:
    every = [*CASES, *QUOTAS, *CANCELLED]
    of_monitoring = {34, 35, 36}  # on-time rates and deadlines are judged by another service
    assert {golden["số"] for golden in every if "số" in golden} == set(range(1, 41)) - of_monitoring
    assert len(every) >= 160 + 40


@pytest.mark.parametrize(
    ("text", "place", "instead"),
    [
        ("- tên: a\n  nam: 2022\n", "x.yaml, dòng 2", "năm"),
        ("- tên: a\n  danh hiệu: Lao động tiến tiến\n", "x.yaml, dòng 2", "Lao động tiên tiến"),
        ("- tên: a\n  danh hiệu: Giấy khen\n  khác nền:\n    xep loai: tốt\n", "x.yaml, dòng 4", "xếp loại"),
        ("- tên: a\n  danh hiệu: Giấy khen\n  kết quả: {Tạm dừng: đạt}\n", "x.yaml, dòng 3", "Tạm dừng xem xét"),
    ],
)
def test_an_unknown_word_of_a_golden_case_is_refused_with_line_and_what_to_write(
    text: str, place: str, instead: str
) -> None:
    with pytest.raises(golden_cases.NotReadable) as refused:
        golden_cases.parse(text, "x.yaml")
    assert place in str(refused.value)
    assert f"“{instead}”" in str(refused.value)
