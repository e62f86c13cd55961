"""Letters that ask for opinions, tables of answers, and the decision that cancels another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.form_papers import DOTS
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table
from thidua_awards.domain.authorities import authority

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
    number, by = len(decision["awards"]), authority(decision["authority"])
    blocks: Blocks = (
        Paragraph(by.named.upper(), "center"),
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
                 blocks=blocks, signatures=(Signature(by.post),), receivers=("Như Điều 3;", "Lưu: VT."),
                 annex=annex)  # fmt: skip
