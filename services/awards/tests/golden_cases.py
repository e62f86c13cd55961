"""Reads the golden cases: Vietnamese YAML that a lawyer can check, turned into the records the checks look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from thidua.contracts.base import SubjectKind
from thidua.contracts.campaign import InitiativeState, RegistrationState
from thidua.contracts.judgement import Award, Verdict
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.conditions import CONDITIONS
from thidua_awards.domain.records import (
    DISCIPLINE_COMPLETE,
    DISCIPLINE_EVER,
    HISTORY_COMPLETE,
    INITIATIVES_COMPLETE,
    REGISTRATION_NONE,
    Case,
    Confirmation,
    Discipline,
    Held,
    Merit,
    Notice,
    Period,
    PersonCase,
    Registered,
    Service,
    TeamCase,
    Training,
    Use,
    Vote,
    Work,
)
from thidua_awards.domain.workdays import WorkingDays
from thidua_awards.law import DisciplineForm, TrainingResult, condition_names, regimes, review_date

FOLDER = Path(__file__).parent / "golden"
UNKNOWN = "không rõ"
KEYS = {name: key for key, name in condition_names().items()}
DECLARED = {
    "Khai đủ kỷ luật": DISCIPLINE_COMPLETE,
    "Khai đủ kỷ luật các năm": DISCIPLINE_EVER,
    "Không gửi đăng ký": REGISTRATION_NONE,
    "Khai đủ sáng kiến": INITIATIVES_COMPLETE,
    "Khai đủ lịch sử khen thưởng": HISTORY_COMPLETE,
}
CODES = {
    **{form.label: code for regime in regimes() for code, form in regime.commendations.items()},
    **{title.label: code for regime in regimes() for code, title in regime.titles.items()},
}
"""Title or commendation by any of the names the regimes give it."""

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
STATES = {
    "đang soạn": RegistrationState.DRAFT,
    "đã tiếp nhận": RegistrationState.ACCEPTED,
    "đã rút": RegistrationState.WITHDRAWN,
    "trả lại": RegistrationState.RETURNED,
    "không tiếp nhận": RegistrationState.DECLINED,
}
STAGES = {
    "đang viết": InitiativeState.DRAFT,
    "đã nộp": InitiativeState.SUBMITTED,
    "hội đồng họp": InitiativeState.COUNCIL,
    "đã công nhận": InitiativeState.RECOGNISED,
    "không công nhận": InitiativeState.NOT_RECOGNISED,
}
FORMS = {form.label: form for form in DisciplineForm}
RESULTS = {result.label: result for result in TrainingResult}
DISCIPLINES = {"hành chính": "hanh_chinh", "đảng": "dang"}
WORKS = {"sáng kiến": "sang_kien", "đề tài": "de_tai"}
SCOPES = {"Bộ": "bo", "tỉnh": "tinh", "toàn quốc": "toan_quoc"}
ROUTES = {"xuất sắc": "excellent", "sáng kiến": "initiative"}
KINDS = {"chuyên đề": "chuyen_de", "đột xuất": "dot_xuat"}

CASE_KEYS = {"tên", "số", "năm", "căn cứ", "danh hiệu", "khác nền", "kết quả", "kết luận", "câu", "không có", "dấu"}
FACT_KEYS = {
    "đăng ký", "xếp loại", "tuyển dụng", "về đơn vị", "xác nhận", "kỷ luật", "tạm dừng từ", "nghỉ", "đào tạo",
    "sáng kiến", "danh hiệu đã có", "cùng danh sách", "đơn vị đã có quyết định Lao động tiên tiến", "thành viên",
    "số Lao động tiên tiến", "số Chiến sĩ thi đua cơ sở", "chưa xếp loại", "thành viên dưới mức hoàn thành",
    "kỷ luật thành viên", "khối, cụm", "lịch sử", "xếp loại các năm", "công trình", "đã dùng", "đề nghị ngày",
    "phiếu", "công khai", "đứng đầu", "có tư cách pháp nhân", "thuộc Bộ", "thâm niên", "số cờ của Bộ",
    "số tập thể đứng đầu",
}  # fmt: skip
QUOTA_KEYS = {
    "tên", "số", "năm", "căn cứ", "được công nhận", "đủ điều kiện", "số suất", "trạng thái", "câu",
    "tối thiểu một suất",
}  # fmt: skip


class NotReadable(ValueError):
    """A word of a golden file that nobody defined: file, line, and what to write instead."""


def refuse_unknown(node: yaml.Node, file: str, known: Collection[str], what: str) -> None:
    """Raise NotReadable for the first key of a mapping that is not in `known`."""
    assert isinstance(node, yaml.MappingNode)
    for key, _ in node.value:
        if key.value not in known and key.tag != "tag:yaml.org,2002:merge":
            near = get_close_matches(key.value, known, 1, 0.0)[0]
            place = f"{file}, dòng {key.start_mark.line + 1}"
            written = ", ".join(sorted(known))
            raise NotReadable(f"{place}: {what} “{key.value}” không có; hãy viết “{near}”. Các từ dùng được: {written}")


def child(node: yaml.Node, name: str) -> yaml.Node | None:
    """Return the value under a key of a mapping node."""
    return next((value for key, value in node.value if key.value == name), None)


def parse(text: str, file: str) -> list[dict[str, Any]]:
    """Return the cases of a text; an unknown key, fact, title or condition is refused with its line."""
    root = yaml.compose(text, yaml.SafeLoader)
    for node in root.value if root else ():
        refuse_unknown(node, file, CASE_KEYS, "khóa")
        title = child(node, "danh hiệu")
        if title is not None and title.value not in CODES:
            near = get_close_matches(title.value, CODES, 1, 0.0)[0]
            raise NotReadable(f"{file}, dòng {title.start_mark.line + 1}: không có “{title.value}”; hãy viết “{near}”")
        facts = child(node, "khác nền")
        for part, known, what in parts(node, facts, title):
            refuse_unknown(part, file, known, what)
    cases: list[dict[str, Any]] = yaml.safe_load(text)
    return cases


def parts(
    node: yaml.Node, facts: yaml.Node | None, title: yaml.Node | None
) -> Iterator[tuple[yaml.Node, Collection[str], str]]:
    """Yield every mapping of a case with the words it may use."""
    code = CODES[title.value] if title else "LDTT"
    names = [condition_names()[key] for key in CONDITIONS[code]]
    if facts is not None:
        yield facts, FACT_KEYS, "dữ kiện"
        said = child(facts, "xác nhận")
        if said is not None and isinstance(said, yaml.MappingNode):
            yield said, [*DECLARED, *KEYS], "điều kiện"
    for name in ("kết quả", "câu", "dấu"):
        part = child(node, name)
        if part is not None:
            yield part, names, "điều kiện"


def read(name: str) -> list[dict[str, Any]]:
    """Return the cases of one file of conditions."""
    return parse((FOLDER / name).read_text(encoding="utf-8"), name)


def read_plain(name: str, known: Collection[str]) -> list[dict[str, Any]]:
    """Return the cases of a file that is no list of conditions: quotas, notices, cancellations."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    for node in yaml.compose(text, yaml.SafeLoader).value:
        refuse_unknown(node, name, known, "khóa")
    cases: list[dict[str, Any]] = yaml.safe_load(text)
    return cases


@cache
def bases() -> dict[str, dict[str, Any]]:
    """Return the base case of every title, by its name."""
    text = (FOLDER / "nen.yaml").read_text(encoding="utf-8")
    for name, node in yaml.compose(text, yaml.SafeLoader).value:
        assert name.value in CODES, name.value
        refuse_unknown(node, "nen.yaml", FACT_KEYS, "dữ kiện")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return {CODES[name]: facts for name, facts in found.items()}


def expected(golden: Mapping[str, Any], part: str) -> dict[str, Any]:
    """Return a part of a case by condition key instead of by name."""
    return {KEYS[name]: value for name, value in golden.get(part, {}).items()}


def case_of(golden: Mapping[str, Any]) -> Case:
    """Return the record of a golden case: what differs, laid over the base of its title."""
    code, year = CODES[golden["danh hiệu"]], golden["năm"]
    facts = {**bases()[code], **golden.get("khác nền", {})}
    facts = {key: value for key, value in facts.items() if value != UNKNOWN}
    common: dict[str, Any] = {
        "title": code,
        "subject": "s",
        "unit": "u",
        "group": "g",
        "year": year,
        "as_of": review_date(year),
        "registration": registered(facts.get("đăng ký")),
        "rating": RATINGS[facts["xếp loại"]] if "xếp loại" in facts else None,
        "held_since": facts.get("tạm dừng từ"),
        "disciplines": tuple(map(discipline, facts.get("kỷ luật", ()))),
        "confirmations": {said(key): confirmation(value, year, code) for key, value in facts["xác nhận"].items()},
        "awarded": frozenset(CODES[name] for name in facts.get("danh hiệu đã có", ())),
        "verdicts": {CODES[title]: VERDICTS[word] for title, word in facts.get("cùng danh sách", {}).items()},
        **earlier(facts),
        **formal(facts),
    }
    return team(common, facts) if "thành viên" in facts else person(common, facts)


def earlier(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "history": tuple(map(held, facts.get("lịch sử", ()))),
        "past_ratings": {year: RATINGS[word] for year, word in facts.get("xếp loại các năm", {}).items()},
        "uses": tuple(map(use, facts.get("đã dùng", ()))),
    }


def formal(facts: Mapping[str, Any]) -> dict[str, Any]:
    ballot = facts.get("phiếu")
    return {
        "proposed_on": facts.get("đề nghị ngày"),
        "vote": Vote(ballot["tổng số"], ballot["đồng ý"], ballot.get("đồng ý bằng văn bản", 0)) if ballot else None,
        "notice": notice(facts["công khai"]) if "công khai" in facts else None,
        "leads": facts.get("đứng đầu", ""),
        "legal_person": facts.get("có tư cách pháp nhân"),
        "under_ministry": facts.get("thuộc Bộ"),
    }


def notice(given: Mapping[str, Any]) -> Notice:
    days = WorkingDays(frozenset(given.get("ngày nghỉ", ())), frozenset(given.get("làm bù", ())))
    posted, council = given["đăng"], given["họp"]
    return Notice(posted, council, days.between(posted, council), given.get("hồ sơ bắt đầu"))


def person(common: dict[str, Any], facts: Mapping[str, Any]) -> PersonCase:
    return PersonCase(
        **common,
        first_recruited=facts.get("tuyển dụng"),
        joined_unit=facts.get("về đơn vị"),
        periods=tuple(Period(one["tính"], one["từ"], one.get("đến")) for one in facts.get("nghỉ", ())),
        trainings=tuple(
            Training(one["tháng"], RESULTS[one["kết quả"]] if "kết quả" in one else None)
            for one in facts.get("đào tạo", ())
        ),
        merits=tuple(map(merit, facts.get("sáng kiến", ()))),
        ldtt_decided=facts.get("đơn vị đã có quyết định Lao động tiên tiến", False),
        works=tuple(map(work, facts.get("công trình", ()))),
        service=service(facts["thâm niên"]) if "thâm niên" in facts else None,
    )


def team(common: dict[str, Any], facts: Mapping[str, Any]) -> TeamCase:
    failed = facts.get("thành viên dưới mức hoàn thành", 0)
    return TeamCase(
        **common,
        members=facts["thành viên"],
        unrated=facts.get("chưa xếp loại", 0),
        below=(failed, failed, failed),
        ldtt=facts.get("số Lao động tiên tiến"),
        cstdcs=facts.get("số Chiến sĩ thi đua cơ sở"),
        member_disciplines=tuple(map(discipline, facts.get("kỷ luật thành viên", ()))),
        cluster=facts.get("khối, cụm", ""),
        flags=facts.get("số cờ của Bộ"),
        firsts=facts.get("số tập thể đứng đầu"),
    )


def registered(given: Mapping[str, Any] | None) -> Registered | None:
    if given is None:
        return None
    return Registered(
        titles=tuple(CODES[name] for name in given["danh hiệu"]),
        state=STATES[given["trạng thái"]],
        sent_on=given.get("ngày gửi"),
        due=given.get("hạn"),
        late=given.get("nộp muộn", False),
        title_mismatch=given.get("khác danh hiệu", False),
        targets=given.get("chỉ tiêu", 0),
    )


def discipline(given: Mapping[str, Any]) -> Discipline:
    return Discipline(
        subject="s",
        kind=DISCIPLINES[given.get("loại", "hành chính")],
        form=FORMS[given["hình thức"]],
        decided_on=given["quyết định"],
        ends_on=given.get("hết hạn"),
        counted_in=given.get("đã dùng năm"),
    )


def merit(given: Mapping[str, Any]) -> Merit:
    return Merit(
        title=given["tên"],
        share=given["tỷ lệ"],
        state=STAGES[given["trạng thái"]],
        first_applied_on=given.get("áp dụng lần đầu"),
        submitted_on=given.get("nộp đơn"),
        decision=given.get("quyết định", ""),
    )


def held(given: Mapping[str, Any]) -> Held:
    return Held(
        code=CODES[given["danh hiệu"]],
        year=given["năm"],
        decision=given.get("quyết định", ""),
        decided_on=given.get("ngày"),
        route=ROUTES[given["theo"]] if "theo" in given else "",
        kind=KINDS[given["loại"]] if "loại" in given else "",
    )


def work(given: Mapping[str, Any]) -> Work:
    return Work(
        title=given["tên"],
        year=given["năm"],
        kind=WORKS[given.get("loại", "sáng kiến")],
        scope=SCOPES[given["phạm vi"]] if "phạm vi" in given else "",
        scope_decision=given.get("quyết định phạm vi", ""),
        scope_on=given.get("ngày phạm vi"),
        uses=tuple(map(use, given.get("đã dùng", ()))),
    )


def use(given: Mapping[str, Any]) -> Use:
    route = ROUTES[given["theo"]] if "theo" in given else ""
    return Use(CODES[given["danh hiệu"]], given["năm"], given["quyết định"], route)


def service(given: Mapping[str, Any]) -> Service:
    return Service(given["nữ"], given["năm"], given.get("từ ngành khác", False), given.get("trong ngành", 0))


def said(name: str) -> str:
    return DECLARED.get(name) or KEYS[name]


def confirmation(given: str | Mapping[str, Any], year: int, title: str) -> Confirmation:
    """Return an answer about this title; `mọi danh hiệu` is one that names none."""
    if isinstance(given, str):
        return Confirmation(True, "Trưởng đơn vị", given, review_date(year), title)
    about = "" if given.get("mọi danh hiệu") else title
    return Confirmation(given.get("đáp", True), "Trưởng đơn vị", given["văn bản"], review_date(year), about)


def award(given: Mapping[str, Any]) -> Award:
    code = CODES[given["danh hiệu"]]
    return Award(subject="p", subject_kind=SubjectKind.INDIVIDUAL, unit="u", code=code, year=given["năm"])
