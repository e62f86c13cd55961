"""Papers of initiatives: the request, the sheet of marks, the minutes, the decision, the certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.form_papers import DOTS
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table
from thidua_awards.domain.authorities import Authority

KINDS: Final = {"sang_kien": "sáng kiến", "de_tai": "đề tài", "de_an": "đề án", "cong_trinh": "công trình"}
MARKED: Final = ("Tính mới", "Khả năng áp dụng", "Hiệu quả, lợi ích thiết thực", "Phạm vi ảnh hưởng")


def _kind(one: Mapping[str, Any]) -> str:
    return KINDS.get(one["kind"], str(one["kind"]))


def _authors(one: Mapping[str, Any]) -> Table:
    rows = tuple(
        (str(number), author["name"], author["post"], author["unit"], f"{author['share']} %")
        for number, author in enumerate(one["authors"], 1)
    )
    return Table("Tác giả", ("Số TT", "Họ và tên", "Chức vụ", "Nơi công tác", "Tỷ lệ đóng góp"), rows, (1, 4, 4, 5, 2))


def request(one: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the request for recognition (đơn yêu cầu công nhận); descriptions are the authors'."""
    first = day_words(one["first_applied_on"]) if one["first_applied_on"] else DOTS
    asked = (
        "Chủ đầu tư tạo ra sáng kiến",
        "Lĩnh vực áp dụng",
        "Bản chất, tính mới của giải pháp; thông tin cần bảo mật",
        "Điều kiện cần thiết để áp dụng",
        "Lợi ích thu được theo ý kiến của tác giả",
        "Lợi ích thu được theo ý kiến của tổ chức, cá nhân đã áp dụng",
        "Những người tham gia áp dụng lần đầu",
    )
    blocks: Blocks = (
        Paragraph(f"Kính gửi: {one['unit_name']}", "to"),
        Paragraph("Chúng tôi (tôi) là tác giả của:"),
        _authors(one),
        Paragraph(f"đề nghị công nhận {_kind(one)}: “{one['title']}” (mã {one['code']})."),
        Paragraph(f"Ngày áp dụng lần đầu: {first}."),
        *(Paragraph(f"{item}: {DOTS}") for item in asked),
        Paragraph("Chúng tôi (tôi) cam đoan mọi thông tin nêu trong đơn là trung thực, đúng sự thật và hoàn toàn chịu "
                  "trách nhiệm trước pháp luật."),
    )  # fmt: skip
    return Paper("don-sang-kien", **head, symbol="", kind="Đơn yêu cầu công nhận sáng kiến", about=one["title"],
                 blocks=blocks, signatures=(Signature("Người nộp đơn"),))  # fmt: skip


def mark_sheet(one: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the sheet of marks for one reader; it names no author: readers are blind."""
    rows = tuple((item, "", "", "") for item in MARKED)
    blocks: Blocks = (
        Paragraph(f"Mã hồ sơ: {one['code']}. Tên {_kind(one)}: {one['title']}."),
        Table("Chấm điểm", ("Tiêu chí", "Điểm tối đa", "Điểm chấm", "Nhận xét"), rows, (4, 2, 2, 5)),
        Paragraph(f"Kết luận: {DOTS}"),
    )
    return Paper("phieu-cham-sang-kien", **head, symbol="", kind="Phiếu chấm sáng kiến", about=one["code"],
                 blocks=blocks, signatures=(Signature("Người chấm"),))  # fmt: skip


def _list(works: Sequence[Mapping[str, Any]], *last: str) -> Table:
    rows = tuple(
        (str(number), one["code"], one["title"], ", ".join(author["name"] for author in one["authors"]),
         one["unit_name"], *("" for _ in last))
        for number, one in enumerate(works, 1)
    )  # fmt: skip
    headers = ("Số TT", "Mã", "Tên sáng kiến", "Tác giả", "Đơn vị", *last)
    return Table("Sáng kiến", headers, rows, (1, 2, 6, 4, 4, *(2 for _ in last)))


def minutes(works: Sequence[Mapping[str, Any]], campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the minutes of the council on initiatives, with room for what it says of each."""
    blocks: Blocks = (
        Paragraph(f"Thời gian, địa điểm: {DOTS}. Thành viên có mặt: ……; vắng mặt: ……."),
        Paragraph(f"Chủ trì: {DOTS}. Thư ký: {DOTS}."),
        _list(works, "Điểm", "Đồng ý", "Kết quả"),
    )
    return Paper("bien-ban-sang-kien", **head, symbol="BB", kind="Biên bản", wide=True,
                 about=f"Họp Hội đồng sáng kiến năm {campaign['year']}", blocks=blocks,
                 signatures=(Signature("Thư ký"), Signature("Chủ tịch Hội đồng")))  # fmt: skip


def decision(
    works: Sequence[Mapping[str, Any]], campaign: Mapping[str, Any], by: Authority, head: Mapping[str, Any]
) -> Paper:
    """Return the draft of the decision that recognises initiatives, with those recognised as its list."""
    blocks: Blocks = (
        Paragraph(by.named.upper(), "center"),
        Paragraph("Căn cứ Nghị định số 13/2012/NĐ-CP ngày 02/3/2012 của Chính phủ ban hành Điều lệ Sáng kiến;", "base"),
        Paragraph("Căn cứ Biên bản họp Hội đồng sáng kiến;", "base"),
        Paragraph("QUYẾT ĐỊNH:", "center"),
        Paragraph(f"Điều 1. Công nhận {len(works)} sáng kiến (danh sách kèm theo)."),
        Paragraph("Điều 2. Tác giả được hưởng quyền lợi theo Điều lệ Sáng kiến."),
        Paragraph("Điều 3. Các đơn vị, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này."),
    )
    annex: Blocks = (
        Paragraph("DANH SÁCH", "center"),
        Paragraph("(Kèm theo Quyết định số            ngày            )", "to"),
        _list(works),
    )
    return Paper("quyet-dinh-sang-kien", **head, symbol="QĐ", kind="Quyết định",
                 about=f"Về việc công nhận sáng kiến năm {campaign['year']}", blocks=blocks,
                 signatures=(Signature(by.post),), receivers=("Như Điều 3;", "Lưu: VT."), annex=annex,
                 )  # fmt: skip


def certificate(one: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the certificate of a recognised initiative: every author with the same standing, shares shown."""
    recognition = one["recognition"]
    words = f"{recognition['number']} ngày {day_words(recognition['dated'])}" if recognition else DOTS
    blocks: Blocks = (
        Paragraph(f"{one['unit_name']} chứng nhận", "to"),
        _authors(one),
        Paragraph(f"là tác giả của {_kind(one)}: “{one['title']}”."),
        Paragraph(f"Quyết định công nhận số: {words}."),
        Paragraph(f"Tóm tắt nội dung, lợi ích: {DOTS}{DOTS}"),
    )
    return Paper("chung-nhan-sang-kien", **head, symbol="", kind="Giấy chứng nhận sáng kiến", about=one["code"],
                 blocks=blocks, signatures=(Signature("Thủ trưởng đơn vị"),))  # fmt: skip
