"""Papers that units and people fill in: reports of achievements with their year tables, letters, tables of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thidua_awards.documents import form_papers
from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table

DOTS: Final = form_papers.DOTS
OF_PERSON: Final = (
    "Họ và tên khác; giới tính; ngày sinh; quê quán; nơi thường trú",
    "Chức vụ Đảng, chính quyền, đoàn thể",
    "Trình độ chuyên môn, nghiệp vụ",
    "Nhiệm vụ được giao",
)
OF_TEAM: Final = (
    "Trụ sở, điện thoại, trang thông tin điện tử; quá trình thành lập",
    "Tổ chức, nhân sự; tổ chức Đảng, đoàn thể",
    "Chức năng, nhiệm vụ được giao",
)
"""What a report asks for and the suite does not hold: it is left to be filled in by hand."""


def achievements(
    case: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    years: Sequence[Mapping[str, Any]],
    works: Sequence[Mapping[str, Any]],
    head: Mapping[str, Any],
) -> Paper:
    """Return the report of achievements (mẫu 01 of a collective, mẫu 02 of a person) with its tables filled.

    `years`: yearly ratings; `works`: recognised initiatives. Texts are the unit's and left empty.
    """
    is_person = case["subject_kind"] == "individual"
    blank = OF_PERSON if is_person else OF_TEAM
    blocks: Blocks = (
        Paragraph("I. Sơ lược" if is_person else "I. Đặc điểm, tình hình", "heading"),
        Paragraph(f"{form_papers.subject_words(case)}. Hình thức đề nghị: {case['title_label']}."),
        *(Paragraph(f"{item}: {DOTS}") for item in blank),
        Paragraph("II. Thành tích đạt được", "heading"),
        Paragraph(f"Kết quả, số liệu so sánh, nguyên nhân, biện pháp: {DOTS}{DOTS}"),
        form_papers.ratings(years),
        form_papers.works_table(works),
        Paragraph("III. Các hình thức đã được khen thưởng", "heading"),
        form_papers.held(history),
    )
    form = "Mẫu 02" if is_person else "Mẫu 01"
    return Paper("bao-cao-thanh-tich", **head, symbol="", kind=f"Báo cáo thành tích ({form})",
                 about=f"Đề nghị tặng {case['title_label']}", blocks=blocks,
                 signatures=form_papers.signers(case))  # fmt: skip


ASKED: Final = {"agencies": "hiệp y khen thưởng", "party": "xin ý kiến cấp ủy về việc khen thưởng"}


def letter(asked: Mapping[str, Any], labels: Mapping[str, str], head: Mapping[str, Any]) -> Paper:
    """Return the letter that asks agencies (hiệp y) or the Party committee for an opinion, with its list."""
    rows = tuple(
        (str(number), one["name"], one["post"], one["unit"], labels.get(one["title"], one["title"]))
        for number, one in enumerate(asked["list"], 1)
    )
    headers = ("Số TT", "Họ và tên, tập thể", "Chức vụ", "Đơn vị", "Danh hiệu, hình thức")
    blocks: Blocks = (
        Paragraph(f"Kính gửi: {asked['addressee']}", "to"),
        Paragraph(f"Đề nghị cho ý kiến về các trường hợp sau, trả lời trước hết ngày {day_words(asked['until'])}."),
        Table("Danh sách", headers, rows, (1, 5, 4, 5, 5)),
    )
    about = f"V/v {ASKED.get(asked['kind'], 'lấy ý kiến')}"
    return Paper("xin-y-kien", **head, symbol="TĐKT", kind="", about=about, blocks=blocks,
                 signatures=(Signature("Thường trực Hội đồng"),), receivers=("Như trên;", "Lưu: VT."))  # fmt: skip


def answers(asked: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the table of comments and how each was taken up or answered; no sender is named."""
    rows = tuple(
        (str(one["number"]), day_words(one["received_on"]), one["said"], one["answer"] or "chưa trả lời")
        for one in asked["remarks"]
    )
    headers = ("Số TT", "Ngày nhận", "Ý kiến", "Tiếp thu, giải trình")
    result = (
        f"Kết thúc ngày {day_words(asked['closed_on'])}: {asked['answer']}."
        if asked["closed_on"]
        else "Đang lấy ý kiến."
    )
    blocks: Blocks = (Table("Ý kiến", headers, rows, (1, 2, 6, 6)), Paragraph(result))
    return Paper("bang-tiep-thu", **head, symbol="", kind="Bảng tiếp thu, giải trình ý kiến",
                 about=asked["document"], blocks=blocks, signatures=(Signature("Thường trực Hội đồng"),))  # fmt: skip


def cancelling(
    decision: Mapping[str, Any], relied: Sequence[Mapping[str, Any]], names: Mapping[str, Mapping[str, str]],
    head: Mapping[str, Any],
) -> Paper:  # fmt: skip
    """Return the draft of a decision that cancels another; what relied on it is listed for a person to look at."""
    rows = tuple(
        (
            str(number),
            names[one["subject"]]["name"],
            f"{one['label']} năm {one['year']}",
            one["number"],
            " ".join(one["reasons"]),
        )
        for number, one in enumerate(relied, 1)
    )
    headers = ("Số TT", "Họ và tên, tập thể", "Danh hiệu, hình thức", "Quyết định", "Lý do xem lại")
    cancelled = f"Quyết định số {decision['number']} ngày {day_words(decision['dated'])} của {decision['authority']}"
    number = len(decision["awards"])
    blocks: Blocks = (
        Paragraph("NGƯỜI CÓ THẨM QUYỀN", "center"),
        Paragraph(f"Căn cứ {cancelled};", "base"),
        Paragraph("Theo đề nghị của Thường trực Hội đồng Thi đua - Khen thưởng.", "base"),
        Paragraph("QUYẾT ĐỊNH:", "center"),
        Paragraph(f"Điều 1. Hủy bỏ {cancelled}. Lý do: {decision['cancelled_because'] or DOTS}."),
        Paragraph(f"Điều 2. Thu hồi hiện vật và tiền thưởng của {number} trường hợp."),
        Paragraph("Điều 3. Các đơn vị, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này."),
    )
    annex: Blocks = (
        Paragraph("CẦN NGƯỜI XEM XÉT", "center"),
        Paragraph("(Tài liệu nội bộ, không kèm Quyết định: các trường hợp có thể đã dựa vào quyết định này)", "to"),
        Table("Cần xem lại", headers, rows, (1, 5, 4, 3, 7)),
    )
    return Paper("du-thao-huy-bo", **head, symbol="QĐ", kind="Quyết định", about="Về việc hủy bỏ quyết định",
                 blocks=blocks, signatures=(Signature("Người có thẩm quyền"),), receivers=("Như Điều 3;", "Lưu: VT."),
                 annex=annex)  # fmt: skip
