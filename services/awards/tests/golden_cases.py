"""Reads the golden cases: Vietnamese YAML that a lawyer can check, turned into the records the checks look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from thidua.contracts.campaign import InitiativeState, RegistrationState
from thidua.contracts.judgement import Verdict
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.records import (
    Case,
    Confirmation,
    Discipline,
    Merit,
    Period,
    PersonCase,
    Registered,
    TeamCase,
    Training,
)
from thidua_awards.law import DisciplineForm, TrainingResult, review_date

FOLDER = Path(__file__).parent / "golden"
UNKNOWN = "không rõ"
RATINGS = {
    "xuất sắc": RatingLevel.EXCELLENT,
    "tốt": RatingLevel.GOOD,
    "hoàn thành": RatingLevel.COMPLETED,
    "không hoàn thành": RatingLevel.NOT_COMPLETED,
}
VERDICTS = {
    "đủ điều kiện": Verdict.ELIGIBLE,
    "chưa đủ dữ liệu": Verdict.NO_DATA,
    "cần xem xét": Verdict.PERSON,
    "chưa đạt": Verdict.NOT_MET,
}
CASE_KEYS = {"tên", "số", "năm", "danh hiệu", "khác nền", "kết quả", "kết luận", "câu", "không có"}
FACT_KEYS = {
    "đăng ký", "xếp loại", "tuyển dụng", "về đơn vị", "xác nhận", "kỷ luật", "tạm dừng từ", "nghỉ", "đào tạo",
    "sáng kiến", "danh hiệu đã có", "cùng danh sách", "đơn vị đã có quyết định LDTT", "thành viên", "LDTT", "CSTDCS",
    "chưa xếp loại", "thành viên dưới mức hoàn thành", "kỷ luật thành viên", "khối, cụm",
}  # fmt: skip


def read(name: str) -> list[dict[str, Any]]:
    """Return the cases of one file; a misspelt key fails instead of being ignored."""
    cases: list[dict[str, Any]] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return cases


def case_of(golden: Mapping[str, Any]) -> Case:
    """Return the record of a golden case: what differs, laid over the base of its title."""
    assert set(golden) <= CASE_KEYS, f"unknown keys: {set(golden) - CASE_KEYS}"
    base = yaml.safe_load((FOLDER / "nen.yaml").read_text(encoding="utf-8"))[golden["danh hiệu"]]
    facts = {**base, **golden.get("khác nền", {})}
    assert set(facts) <= FACT_KEYS, f"unknown facts: {set(facts) - FACT_KEYS}"
    facts = {key: value for key, value in facts.items() if value != UNKNOWN}
    common: dict[str, Any] = {
        "title": golden["danh hiệu"],
        "subject": "s",
        "unit": "u",
        "group": "g",
        "year": golden["năm"],
        "as_of": review_date(golden["năm"]),
        "registration": registered(facts.get("đăng ký")),
        "rating": RATINGS.get(facts.get("xếp loại", "")),
        "held_since": facts.get("tạm dừng từ"),
        "disciplines": tuple(map(discipline, facts.get("kỷ luật", ()))),
        "confirmations": {key: confirmation(value, golden["năm"]) for key, value in facts["xác nhận"].items()},
        "awarded": frozenset(facts.get("danh hiệu đã có", ())),
        "verdicts": {title: VERDICTS[word] for title, word in facts.get("cùng danh sách", {}).items()},
    }
    return team(common, facts) if golden["danh hiệu"] in ("TTLDTT", "TTLDXS", "CTDB") else person(common, facts)


def person(common: dict[str, Any], facts: Mapping[str, Any]) -> PersonCase:
    return PersonCase(
        **common,
        first_recruited=facts.get("tuyển dụng"),
        joined_unit=facts.get("về đơn vị"),
        periods=tuple(Period(one["tính"], one["từ"], one.get("đến")) for one in facts.get("nghỉ", ())),
        trainings=tuple(
            Training(one["tháng"], TrainingResult(one["kết quả"]) if "kết quả" in one else None)
            for one in facts.get("đào tạo", ())
        ),
        merits=tuple(map(merit, facts.get("sáng kiến", ()))),
        ldtt_decided=facts.get("đơn vị đã có quyết định LDTT", False),
    )


def team(common: dict[str, Any], facts: Mapping[str, Any]) -> TeamCase:
    failed = facts.get("thành viên dưới mức hoàn thành", 0)
    return TeamCase(
        **common,
        members=facts.get("thành viên", 0),
        unrated=facts.get("chưa xếp loại", 0),
        below=(failed, failed, failed),
        ldtt=facts.get("LDTT"),
        cstdcs=facts.get("CSTDCS"),
        member_disciplines=tuple(map(discipline, facts.get("kỷ luật thành viên", ()))),
        cluster=facts.get("khối, cụm", ""),
    )


def registered(given: Mapping[str, Any] | None) -> Registered | None:
    if given is None:
        return None
    return Registered(
        titles=tuple(given["danh hiệu"]),
        state=RegistrationState(given["trạng thái"]),
        sent_on=given.get("ngày gửi"),
        due=given.get("hạn"),
        late=given.get("nộp muộn", False),
        title_mismatch=given.get("khác danh hiệu", False),
        targets=given.get("chỉ tiêu", 0),
    )


def discipline(given: Mapping[str, Any]) -> Discipline:
    return Discipline(
        subject="s",
        kind=given.get("loại", "hanh_chinh"),
        form=DisciplineForm(given["hình thức"]),
        decided_on=given["quyết định"],
        ends_on=given.get("hết hạn"),
        counted_in=given.get("đã dùng năm"),
    )


def merit(given: Mapping[str, Any]) -> Merit:
    return Merit(
        title=given["tên"],
        share=given["tỷ lệ"],
        state=InitiativeState(given["trạng thái"]),
        first_applied_on=given.get("áp dụng lần đầu"),
        submitted_on=given.get("nộp đơn"),
        decision=given.get("quyết định", ""),
    )


def confirmation(given: str | Mapping[str, Any], year: int) -> Confirmation:
    if isinstance(given, str):
        return Confirmation(True, "Trưởng đơn vị", given, review_date(year))
    return Confirmation(given["đáp"], "Trưởng đơn vị", given["văn bản"], review_date(year))
