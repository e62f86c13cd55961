"""The golden cases, and that they leave no condition untried."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from thidua.contracts.judgement import FindingStatus
from thidua_awards.domain.conditions import CONDITIONS, findings_of, verdict_of
from thidua_awards.domain.quotas import QuotaGroup, quota_place, within_quota
from thidua_awards.law import regime_of, review_date

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
CASES = [golden for name in ("chung.yaml", "ca_nhan.yaml", "tap_the.yaml") for golden in golden_cases.read(name)]
QUOTAS = golden_cases.read("ty_le.yaml")

# What the table of conditions leaves to people when the input is absent, or to a default.
MISSING_IS_NOT_NO_DATA = {
    "g.hold", "ldtt.conduct", "ldtt.transfer", "ttldtt.movement", "ttldtt.unity", "ctdb.targets", "ctdb.number",
}  # fmt: skip


@pytest.mark.parametrize("golden", CASES, ids=lambda golden: golden["tên"])
def test_a_golden_case_gets_the_expected_findings_and_verdict(golden: dict[str, Any]) -> None:
    case = golden_cases.case_of(golden)
    findings = findings_of(case, regime_of(case.year))
    found = {finding.key: finding for finding in findings}
    expected = {key: STATUSES[word] for key, word in golden["kết quả"].items()}
    assert {key: found[key].status for key in expected} == expected, {k: found[k].sentence for k in expected}
    for key, sentence in golden.get("câu", {}).items():
        assert found[key].sentence == sentence
    if "kết luận" in golden:
        verdict, first = verdict_of(findings)
        assert verdict is golden_cases.VERDICTS[golden["kết luận"]], (verdict, first)
    if "không có" in golden:
        assert STATUSES[golden["không có"]] not in {finding.status for finding in findings}


@pytest.mark.parametrize("golden", QUOTAS, ids=lambda golden: golden["tên"])
def test_a_golden_quota_gets_its_places_and_sentence(golden: dict[str, Any]) -> None:
    rule = regime_of(golden["năm"]).rule("cstdcs.quota", review_date(golden["năm"]))
    assert rule is not None
    rule = rule.model_copy(update={"min_one": golden.get("tối thiểu một suất", rule.min_one)})
    awarded = None if golden["được công nhận"] == golden_cases.UNKNOWN else golden["được công nhận"]
    group = QuotaGroup("g", awarded, golden["đủ điều kiện"], 0)
    place = quota_place(group, rule)
    assert (place.places if place else None) == golden.get("số suất")
    if place is not None:
        assert place.sentence == golden["câu"]
    assert within_quota(group, place, rule).status is STATUSES[golden["trạng thái"]]


def test_every_condition_has_a_case_that_passes_one_that_does_not_and_one_without_its_input() -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for golden in CASES:
        for key, word in golden["kết quả"].items():
            seen[key].add(word)
    every = {key for checks in CONDITIONS.values() for key in checks}
    assert {key for key in every if not seen[key] & {"đạt", "không áp dụng"}} == set()
    assert {key for key in every if not seen[key] & {"chưa đạt", "cần người xem xét"}} == set()
    assert {k for k in every - MISSING_IS_NOT_NO_DATA if "chưa đủ dữ liệu" not in seen[k]} == set()


def test_a_base_case_of_every_title_meets_all_its_conditions_in_2022() -> None:
    for title in CONDITIONS:
        case = golden_cases.case_of({"danh hiệu": title, "năm": 2022})
        assert verdict_of(findings_of(case, regime_of(2022)))[1] == ""
