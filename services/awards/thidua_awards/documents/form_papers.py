"""Report forms beyond 01 and 02: long service, heroes, sudden and thematic achievements, foreigners, one page.

Their texts were not found; each form has the parts that are known, and says so at its foot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table

DOTS: Final = "……………………………………"
UNSEEN: Final = "Khung mẫu theo các phần đã biết; nguyên văn mẫu chưa được đối chiếu, đơn vị rà lại trước khi dùng."
BLANK_ROWS: Final = 4

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Form:
    """A report form: its number for a person and for a collective, and what its parts ask for."""

    file: str
    person: str
    team: str
    about_subject: tuple[str, ...]
    achievements: tuple[str, ...]
    service: bool = False


WHO: Final = ("Họ và tên khác; giới tính; ngày sinh; quê quán; nơi thường trú", "Chức vụ Đảng, chính quyền, đoàn thể")
WHAT: Final = ("Trụ sở, điện thoại, trang thông tin điện tử", "Tổ chức, nhân sự; chức năng, nhiệm vụ được giao")
FORMS: Final[Mapping[str, Form]] = {
    "bao-cao-cong-hien": Form(
        "bao-cao-cong-hien", "Mẫu 03", "Mẫu 03", WHO, ("Tóm tắt quá trình công tác",), service=True
    ),
    "bao-cao-anh-hung": Form(
        "bao-cao-anh-hung", "Mẫu 05", "Mẫu 04", WHO, ("Thành tích đặc biệt xuất sắc", "Việc nêu gương, nhân rộng")
    ),
    "bao-cao-dot-xuat": Form(
        "bao-cao-dot-xuat", "Mẫu 06", "Mẫu 06", WHO, ("Hoàn cảnh xảy ra", "Diễn biến, hành động", "Kết quả, tác dụng")
    ),
    "bao-cao-chuyen-de": Form(
        "bao-cao-chuyen-de", "Mẫu 07", "Mẫu 07", WHO, ("Nội dung, mục tiêu của phong trào", "Kết quả, biện pháp")
    ),
    "bao-cao-nuoc-ngoai": Form(
        "bao-cao-nuoc-ngoai", "Mẫu 09", "Mẫu 08", ("Quốc tịch, địa chỉ",), ("Đóng góp đối với Việt Nam",)
    ),
}
"""By kind; the numbers are those of decree 91/2017, form 09 from memory."""


def report(kind: str, case: Mapping[str, Any], history: Rows, years: Rows, head: Mapping[str, Any]) -> Paper:
    """Return a report form with its tables of ratings and awards filled; its texts are the unit's."""
    form = FORMS[kind]
    is_person = case["subject_kind"] == "individual"
    number = form.person if is_person else form.team
    asked = form.about_subject if is_person or form.about_subject is not WHO else WHAT
    blocks: Blocks = (
        Paragraph("I. Sơ lược lý lịch" if is_person else "I. Sơ lược đặc điểm, tình hình", "heading"),
        Paragraph(f"{subject_words(case)}. Hình thức đề nghị: {case['title_label']}."),
        *(Paragraph(f"{item}: {DOTS}") for item in asked),
        Paragraph("II. Thành tích", "heading"),
        *(Paragraph(f"{item}: {DOTS}{DOTS}") for item in form.achievements),
        *((_service(),) if form.service else ()),
        ratings(years),
        Paragraph("III. Các hình thức đã được khen thưởng", "heading"),
        held(history),
        *((Paragraph(f"IV. Kỷ luật (hình thức, thời gian): {DOTS}", "heading"),) if is_person else ()),
    )
    return Paper(form.file, **head, symbol="", kind=f"Báo cáo thành tích ({number})",
                 about=f"Đề nghị tặng {case['title_label']}", blocks=blocks, signatures=signers(case),
                 foot=UNSEEN)  # fmt: skip


def summary(case: Mapping[str, Any], history: Rows, years: Rows, works: Rows, head: Mapping[str, Any]) -> Paper:
    """Return the report on one page (báo cáo tóm tắt): ratings, initiatives and awards, and room for the rest."""
    blocks: Blocks = (
        Paragraph(f"{subject_words(case)}. Hình thức đề nghị: {case['title_label']}."),
        Paragraph(f"Thành tích nổi bật: {DOTS}{DOTS}"),
        ratings(years),
        works_table(works),
        held(history),
    )
    return Paper("bao-cao-tom-tat", **head, symbol="", kind="Báo cáo tóm tắt thành tích",
                 about=f"Đề nghị tặng {case['title_label']}", blocks=blocks, signatures=signers(case))  # fmt: skip


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


def held(history: Rows) -> Table:
    """Return the year table of awards in force, filled from the history."""
    rows = tuple(
        (str(one["year"]), one["label"], f"{one['number']} ngày {day_words(one['dated'])}", one["authority"])
        for one in history
        if not one["cancelled"]
    )
    return Table("Khen thưởng", ("Năm", "Danh hiệu, hình thức", "Số, ngày quyết định", "Cơ quan"), rows, (1, 4, 5, 3))


def ratings(years: Rows) -> Table:
    """Return the year table of quality ratings."""
    rows = tuple((str(one["year"]), one["words"]) for one in years)
    return Table("Xếp loại", ("Năm", "Xếp loại chất lượng"), rows, (1, 5))


def works_table(works: Rows) -> Table:
    """Return the table of recognised initiatives."""
    made = tuple((str(one["year"]), one["title"], one["decision"]) for one in works)
    return Table("Sáng kiến", ("Năm", "Tên sáng kiến, đề tài", "Quyết định công nhận"), made, (1, 6, 3))


def _service() -> Table:
    headers = ("Từ tháng, năm đến tháng, năm", "Chức vụ, đơn vị", "Số năm, tháng giữ chức vụ")
    return Table("Quá trình công tác", headers, (("", "", ""),) * BLANK_ROWS, (3, 5, 3))
