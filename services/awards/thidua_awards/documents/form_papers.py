"""Report forms 01 to 09 and the report on one page: parts that are known, filled as far as the suite knows.

The texts of the forms were not found: of 01, 02, 06 and 07 the fields are known, of 03, 04, 05, 08 and 09 little more
than the name. What no source gives is left out, and the foot of the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table
from thidua_awards.law.reports import report_rules

DOTS: Final = "……………………………………"
FIELDS_KNOWN: Final = "Các mục theo những trường đã biết của mẫu; nguyên văn mẫu chưa được đối chiếu."
NAME_KNOWN: Final = (
    "Chỉ biết tên và số của mẫu; các mục trên lấy theo Mẫu 01, 02. Đơn vị đối chiếu với nguyên văn mẫu trước khi dùng."
)
LATER: Final = "Mẫu của các nghị định áp dụng từ năm 2024 chưa tìm thấy."
YEARS_MARK: Final = "Số năm so sánh"
BLANK_ROWS: Final = 3
NOT_KNOWN: Final = "chưa có trong dữ liệu"
NOTHING_KNOWN: Final = (("", NOT_KNOWN, "", ""),)
"""An empty table would say that there is none."""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Matter:
    """What a report is filled with; a row each.

    `case`: the reviewed case; `about`: the subject as the registers know it; `dossier`: kind, achievement and its day.
    `years`: the compared years with `words` of the rating, `rate` of work on time and `works` counted. `works`:
    recognised initiatives; `titles`, `forms`: awards in force. `targets`: what was registered and its result;
    `score`: points of the year, both "" where not known.
    """

    case: Mapping[str, Any]
    about: Mapping[str, Any]
    dossier: Mapping[str, Any]
    years: Rows
    works: Rows
    titles: Rows
    forms: Rows
    targets: Rows = ()
    score: str = ""

    @property
    def is_person(self) -> bool:
        """Whether the report is a person's own."""
        return bool(self.case["subject_kind"] == "individual")


Part = Callable[[Matter], Blocks]


@dataclass(frozen=True, slots=True)
class Form:
    """A report form: its number for a person and for a collective, its parts in order, and what is known of it."""

    person: str
    team: str
    parts: tuple[Part, ...]
    known: str


def _lines(*words: str) -> Blocks:
    return tuple(Paragraph(one) for one in words)


def _subject(matter: Matter) -> Blocks:
    return (_person if matter.is_person else _team)(matter)


def _person(matter: Matter) -> Blocks:
    case, about = matter.case, matter.about
    recruited, joined = (_day(about[key]) for key in ("first_recruited", "joined_unit"))
    return (
        Paragraph("I. Sơ lược lý lịch", "heading"),
        *_lines(
            f"Họ và tên: {case['name']}. Tên khác: {DOTS}",
            f"Giới tính: …………… Ngày, tháng, năm sinh: {DOTS}",
            f"Quê quán: {DOTS} Nơi thường trú: {DOTS}",
            f"Đơn vị công tác: {case['unit_name']}.",
            f"Chức vụ: chính quyền: {case['post'] or DOTS}; Đảng, đoàn thể: {DOTS}",
            f"Trình độ chuyên môn, nghiệp vụ; học hàm, học vị: {DOTS}",
            f"Ngày tuyển dụng lần đầu: {recruited}. Ngày về đơn vị: {joined}.",
        ),
    )


def _team(matter: Matter) -> Blocks:
    case, about = matter.case, matter.about
    return (
        Paragraph("I. Đặc điểm, tình hình", "heading"),
        *_lines(
            f"Tên đơn vị: {case['name']}.",
            f"Trụ sở: {DOTS} Điện thoại: …………… Trang thông tin điện tử: {DOTS}",
            f"Quá trình thành lập và phát triển: {DOTS}",
            f"Tổ chức, nhân sự: {about['people']} người đang công tác (theo dữ liệu); tổ chức Đảng, đoàn thể: {DOTS}",
            f"Chức năng, nhiệm vụ được giao: {DOTS}",
        ),
    )


def _day(day: str | None) -> str:
    return day_words(day) if day else DOTS


def _results(matter: Matter) -> Blocks:
    return (Paragraph("II. Thành tích đạt được", "heading"), *(_own if matter.is_person else _common)(matter))


def _own(matter: Matter) -> Blocks:
    return (
        *_lines(f"1. Nhiệm vụ được giao; kết quả thực hiện: {DOTS}"),
        *_against_targets(matter),
        *_compared(matter.years),
        *_lines("2. Sáng kiến, đề tài đã được công nhận:"),
        works_table(matter.works),
    )


def _common(matter: Matter) -> Blocks:
    return (
        *_lines(f"1. Kết quả so với chỉ tiêu, số liệu so sánh của các năm:{'' if matter.targets else f' {DOTS}'}"),
        *_against_targets(matter),
        *_compared(matter.years),
        *_lines(
            f"2. Nguyên nhân đạt được thành tích, biện pháp: {DOTS}",
            f"3. Thực hiện chủ trương của Đảng, chính sách, pháp luật của Nhà nước; hoạt động đoàn thể: {DOTS}",
        ),
    )


def _against_targets(matter: Matter) -> Blocks:
    words = f"Kết quả chấm điểm năm {matter.case['year']}: {matter.score}."
    scored = _lines(words) if matter.score else ()
    if not matter.targets:
        return scored
    rows = tuple((one["name"], one["registered"], one["result"] or DOTS) for one in matter.targets)
    headers = ("Chỉ tiêu đã đăng ký", "Mức đăng ký", "Kết quả (theo dữ liệu)")
    return Table("Chỉ tiêu", headers, rows, (5, 2, 4)), *scored


def _compared(years: Rows) -> Blocks:
    rows = tuple((str(one["year"]), one["words"], one["rate"], str(one["works"] or NOT_KNOWN)) for one in years)
    headers = ("Năm", "Xếp loại chất lượng", "Nhiệm vụ đúng hạn / đến hạn", "Sáng kiến được công nhận")
    words = f"{YEARS_MARK}: {len(years)} ({report_rules().mark.words})."
    return Table("Số liệu các năm", headers, rows, (1, 4, 4, 2)), Paragraph(words)


def works_table(works: Rows) -> Table:
    """Return the table of recognised initiatives."""
    made = tuple((str(one["year"]), one["title"], one["decision"]) for one in works)
    headers = ("Năm", "Tên sáng kiến, đề tài", "Quyết định công nhận")
    return Table("Sáng kiến", headers, made or (("", NOT_KNOWN, ""),), (1, 6, 3))


def _awards(matter: Matter) -> Blocks:
    return (
        Paragraph("III. Các hình thức đã được khen thưởng", "heading"),
        *_lines("1. Danh hiệu thi đua:"),
        held(matter.titles, "Danh hiệu"),
        *_lines("2. Hình thức khen thưởng:"),
        held(matter.forms, "Hình thức"),
    )


def held(history: Rows, what: str) -> Table:
    """Return the year table of awards, filled from the history; `what`: titles or forms."""
    rows = tuple(
        (str(one["year"]), one["label"], f"{one['number']} ngày {day_words(one['dated'])}", one["authority"])
        for one in history
    )
    headers = ("Năm", what, "Số, ngày quyết định", "Cơ quan ban hành")
    return Table(what, headers, rows or NOTHING_KNOWN, (1, 4, 5, 4))


def _discipline(matter: Matter) -> Blocks:
    return (Paragraph(f"IV. Kỷ luật (hình thức, thời gian): {DOTS}", "heading"),) if matter.is_person else ()


def _service(matter: Matter) -> Blocks:
    about, case = matter.about, matter.case
    now = (f"{_day(about['joined_unit'])} đến nay", ", ".join(filter(None, (case["post"], case["unit_name"]))), "")
    rows = ((now,) if matter.is_person else ()) + (("", "", ""),) * BLANK_ROWS
    headers = ("Từ ngày đến ngày", "Chức vụ, đơn vị", "Số năm, tháng giữ chức vụ")
    return Paragraph("Quá trình công tác, giữ chức vụ:"), Table("Quá trình công tác", headers, rows, (3, 5, 3))


def _deed(matter: Matter) -> Blocks:
    dossier = matter.dossier
    when = f" ({_day(dossier['achieved_on'])})" if dossier["achieved_on"] else ""
    return (
        *_lines(f"{subject_words(matter.case)}."),
        Paragraph("1. Hoàn cảnh", "heading"),
        *_lines(f"{DOTS}{DOTS}{DOTS}"),
        Paragraph("2. Hành động, việc làm", "heading"),
        *_lines(f"{dossier['achievement'] or DOTS}{when}", f"{DOTS}{DOTS}{DOTS}"),
        Paragraph("3. Kết quả, tác dụng", "heading"),
        *_lines(f"{DOTS}{DOTS}{DOTS}"),
    )


def _foreign(matter: Matter) -> Blocks:
    return _lines(
        f"{'Họ và tên' if matter.is_person else 'Tên tổ chức'}: {matter.case['name']}.", f"Thành tích: {DOTS}{DOTS}"
    )


FORMS: Final[Mapping[str, Form]] = {
    "bao-cao-thanh-tich": Form("02", "01", (_subject, _results, _awards, _discipline), FIELDS_KNOWN),
    "bao-cao-cong-hien": Form("03", "03", (_subject, _service, _awards, _discipline), NAME_KNOWN),
    "bao-cao-anh-hung": Form("05", "04", (_subject, _results, _awards, _discipline), NAME_KNOWN),
    "bao-cao-dot-xuat": Form("06", "06", (_deed,), FIELDS_KNOWN),
    "bao-cao-chuyen-de": Form("07", "07", (_deed,), FIELDS_KNOWN),
    "bao-cao-nuoc-ngoai": Form("09", "08", (_foreign, _awards), NAME_KNOWN),
}
"""By kind; the numbers are those of decree 91/2017, form 09 from memory."""


def report(kind: str, matter: Matter, head: Mapping[str, Any]) -> Paper:
    """Return a report form; texts are the unit's, everything that the suite knows stands in its place."""
    form, rules, year = FORMS[kind], report_rules().forms, matter.case["year"]
    number = form.person if matter.is_person else form.team
    foot = form.known if year <= rules.until else f"{form.known} {LATER}"
    return Paper(
        kind,
        **head,
        kind="Báo cáo thành tích",
        about=f"Đề nghị tặng {matter.case['title_label']} năm {year}",
        blocks=tuple(block for part in form.parts for block in part(matter)),
        signatures=signers(matter.case),
        foot=foot,
        form=f"Mẫu {number} ({rules.decree})",
    )


def summary(matter: Matter, head: Mapping[str, Any]) -> Paper:
    """Return the report on one page (báo cáo tóm tắt): ratings, initiatives and awards, and room for the rest."""
    case = matter.case
    counted = {one["year"] for one in matter.years}
    works = [one for one in matter.works if one["year"] in counted]
    awards = (*matter.titles, *matter.forms)
    rows = tuple(
        (str(one["year"]), one["words"], one["rate"],
         "; ".join(f"{held['label']} ({held['number']})" for held in awards if held["year"] == one["year"]))
        for one in matter.years
    )  # fmt: skip
    headers = ("Năm", "Xếp loại chất lượng", "Nhiệm vụ đúng hạn / đến hạn", "Khen thưởng (số quyết định)")
    blocks: Blocks = (
        Paragraph(f"{subject_words(case)}. Hình thức đề nghị: {case['title_label']}."),
        Paragraph(f"Thành tích nổi bật: {DOTS}{DOTS}"),
        Table("Số liệu các năm", headers, rows, (1, 3, 3, 6)),
        *((works_table(works),) if works else ()),
    )
    return Paper("bao-cao-tom-tat", **head, kind="Báo cáo tóm tắt thành tích",
                 about=f"Đề nghị tặng {case['title_label']} năm {case['year']}", blocks=blocks,
                 signatures=signers(case))  # fmt: skip


def subject_words(case: Mapping[str, Any]) -> str:
    """Name a subject with its post and unit; a collective by its name alone."""
    if case["subject_kind"] != "individual":
        return str(case["name"])
    return ", ".join(filter(None, (case["name"], case["post"], case["unit_name"])))


def signers(case: Mapping[str, Any]) -> tuple[Signature, ...]:
    """Return who signs a report: whoever reports, and the level that confirms it."""
    if case["subject_kind"] == "individual":
        return Signature("Thủ trưởng đơn vị xác nhận"), Signature("Người báo cáo")
    return Signature("Cấp trên trực tiếp xác nhận"), Signature("Thủ trưởng đơn vị")
