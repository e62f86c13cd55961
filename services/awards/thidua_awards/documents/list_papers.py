"""Lists and registers: what the review found, quotas, dossiers, decisions, the golden book, the fund, a history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.decision_papers import money
from thidua_awards.documents.form_papers import DOTS
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table
from thidua_awards.domain.authorities import authority

Rows = Sequence[Mapping[str, Any]]
OFFICE: Final = (Signature("Thường trực Hội đồng"),)


def _listed(
    file: str, kind: str, about: str, table: Table, head: Mapping[str, Any], *, note: str = "", wide: bool = True
) -> Paper:
    blocks: Blocks = (table, *((Paragraph(note),) if note else ()))
    return Paper(file, **head, symbol="", kind=kind, about=about, blocks=blocks, signatures=OFFICE, wide=wide)


def reviewed(rows: Rows, campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return what the review found of everybody, without details of disciplines, absences and holds."""
    cells = tuple(
        (str(number), one["name"], one["post"], one["unit_name"], one["title_label"], one["verdict_label"],
         one["first_unmet"])
        for number, one in enumerate(rows, 1)
    )  # fmt: skip
    headers = ("Số TT", "Họ và tên, tập thể", "Chức vụ", "Đơn vị", "Danh hiệu", "Kết quả rà soát", "Điều kiện chưa đạt")
    table = Table("Rà soát", headers, cells, (1, 4, 3, 5, 4, 3, 7))
    return _listed("ket-qua-ra-soat", "Kết quả rà soát điều kiện", f"Năm {campaign['year']}", table, head)


def quotas(rows: Rows, campaign: Mapping[str, Any], labels: Mapping[str, str], head: Mapping[str, Any]) -> Paper:
    """Return the quotas: places, how they are computed, and every name in the running, in the order of names."""
    cells = tuple(
        (str(number), one["unit_name"], labels.get(one["title"], one["title"]), str(one["places"]), one["sentence"],
         one["names"])
        for number, one in enumerate(rows, 1)
    )  # fmt: skip
    headers = ("Số TT", "Nơi quyết định", "Danh hiệu", "Số suất", "Cách tính", "Người trong diện xét")
    table = Table("Hạn mức", headers, cells, (1, 4, 3, 1, 5, 8))
    note = "Số suất là mức trần; Hội đồng chọn trong số người trong diện xét."
    return _listed("han-muc", "Hạn mức danh hiệu", f"Năm {campaign['year']}", table, head, note=note)


def dossiers(rows: Rows, campaign: Mapping[str, Any], labels: Mapping[str, str], head: Mapping[str, Any]) -> Paper:
    """Return the list of dossiers and where each stands."""
    cells = tuple(
        (str(number), one["name"], labels.get(one["title"], one["title"]), one["label"],
         day_words(one["due_on"]) if one["due_on"] else "")
        for number, one in enumerate(rows, 1)
    )  # fmt: skip
    table = Table(
        "Hồ sơ", ("Số TT", "Họ và tên, tập thể", "Danh hiệu, hình thức", "Bước", "Hạn"), cells, (1, 6, 5, 5, 2)
    )
    return _listed("danh-sach-ho-so", "Danh sách hồ sơ", f"Năm {campaign['year']}", table, head, wide=False)


def decisions(rows: Rows, campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the list of a campaign's decisions, newest first; a cancelled one says so."""
    cells = tuple(
        (str(number), one["number"], day_words(one["dated"]), one["signer"], one["authority"], str(one["awards"]),
         one["cancelled_because"] or "còn hiệu lực")
        for number, one in enumerate(rows, 1)
    )  # fmt: skip
    headers = ("Số TT", "Số quyết định", "Ngày", "Người ký", "Cấp quyết định", "Số trường hợp", "Tình trạng")
    table = Table("Quyết định", headers, cells, (1, 5, 2, 5, 3, 2, 5))
    return _listed("so-quyet-dinh", "Danh mục quyết định", f"Năm {campaign['year']}", table, head)


def golden_book(rows: Rows, campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the golden book (sổ vàng): everybody awarded in force; the book number is given by hand."""
    cells = tuple(
        (str(number), one["name"], one["unit"], one["label"], f"{one['number']} ngày {day_words(one['dated'])}", "")
        for number, one in enumerate(rows, 1)
    )
    headers = ("Số TT", "Họ và tên, tập thể", "Đơn vị", "Danh hiệu, hình thức", "Quyết định", "Số sổ vàng")
    table = Table("Sổ vàng", headers, cells, (1, 5, 6, 5, 6, 2))
    return _listed("so-vang", "Sổ vàng thi đua, khen thưởng", f"Năm {campaign['year']}", table, head)


def fund(
    found: Mapping[str, Any], campaign: Mapping[str, Any], labels: Mapping[str, str], head: Mapping[str, Any]
) -> Paper:
    """Return what the decisions in force take from the fund, per title and form."""
    cells = tuple(
        (labels.get(one["code"], one["code"]), str(one["lines"]), str(one["paid"]), money(one["amount"]),
         str(one["unknown"]))
        for one in found["by_code"]
    )  # fmt: skip
    headers = ("Danh hiệu, hình thức", "Số trường hợp", "Được chi", "Số tiền (đồng)", "Chưa xác định mức")
    table = Table("Quỹ", headers, cells, (6, 2, 2, 3, 2))
    note = f"Tổng cộng: {money(found['total'])} đồng."
    if found["unknown"]:
        note += f" Chưa gồm {found['unknown']} trường hợp chưa xác định được mức; kế toán tra cứu văn bản."
    if found["beside"]:
        note += (
            f" {found['beside']} trường hợp được nhiều quyết định cùng ngày khen thưởng cho cùng thành tích, chỉ chi"
            " một mức cao nhất; kế toán xem xét theo bảng chi tiền thưởng."
        )
    about = f"Năm {campaign['year']}"
    return _listed("quy-khen-thuong", "Tổng hợp quỹ khen thưởng", about, table, head, note=note, wide=False)


def history(name: str, rows: Rows, head: Mapping[str, Any]) -> Paper:
    """Return everything a subject was ever awarded; what was cancelled stays and says so."""
    cells = tuple(
        (str(one["year"]), one["label"], f"{one['number']} ngày {day_words(one['dated'])}", one["authority"],
         one["cancelled_because"])
        for one in rows
    )  # fmt: skip
    headers = ("Năm", "Danh hiệu, hình thức", "Số, ngày quyết định", "Cấp quyết định", "Ghi chú")
    table = Table("Khen thưởng", headers, cells, (1, 5, 5, 3, 5))
    return _listed("ly-lich-khen-thuong", "Lý lịch khen thưởng", name, table, head, wide=False)


def annex_of_decision(decision: Mapping[str, Any], rows: Rows, head: Mapping[str, Any]) -> Paper:
    """Return the list that goes with a recorded decision, under the number and date typed in from the register."""
    cells = tuple(
        (str(number), one["name"], one["post"], one["unit"], one["label"]) for number, one in enumerate(rows, 1)
    )
    headers = ("Số TT", "Họ và tên, tập thể", "Chức vụ", "Đơn vị", "Danh hiệu, hình thức")
    table = Table("Danh sách", headers, cells, (1, 5, 4, 6, 5))
    about = f"Kèm theo Quyết định số {decision['number']} ngày {day_words(decision['dated'])}"
    return Paper("danh-sach-quyet-dinh", **head, symbol="", kind="Danh sách", about=about, blocks=(table,),
                 signatures=(Signature(decision["signer"]),))  # fmt: skip


def correction(decision: Mapping[str, Any], rows: Rows, head: Mapping[str, Any]) -> Paper:
    """Return the draft of a decision that corrects another (đính chính): lines as signed, room for the new."""
    cells = tuple((str(number), one["name"], one["label"], "", "") for number, one in enumerate(rows, 1))
    table = Table(
        "Đính chính", ("Số TT", "Nội dung đã ghi", "Danh hiệu", "Đính chính thành", "Lý do"), cells, (1, 5, 4, 5, 4)
    )
    named, by = _named(decision), authority(decision["authority"])
    blocks: Blocks = (
        Paragraph(by.named.upper(), "center"),
        Paragraph(f"Căn cứ {named};", "base"),
        Paragraph("QUYẾT ĐỊNH:", "center"),
        Paragraph(f"Điều 1. Đính chính một số nội dung của {named} (bảng kèm theo; gạch các dòng không đính chính)."),
        Paragraph("Điều 2. Các nội dung khác không thay đổi."),
        Paragraph("Điều 3. Các đơn vị, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này."),
    )
    return Paper("du-thao-dinh-chinh", **head, symbol="QĐ", kind="Quyết định", about="Về việc đính chính quyết định",
                 blocks=blocks, signatures=(Signature(by.post),), receivers=("Như Điều 3;", "Lưu: VT."),
                 annex=(Paragraph("BẢNG ĐÍNH CHÍNH", "center"), table))  # fmt: skip


def renewal(decision: Mapping[str, Any], rows: Rows, head: Mapping[str, Any]) -> Paper:
    """Return the draft of a decision that gives a certificate or object anew (cấp đổi, cấp lại)."""
    cells = tuple((str(number), one["name"], one["label"], "", "") for number, one in enumerate(rows, 1))
    headers = ("Số TT", "Họ và tên, tập thể", "Danh hiệu, hình thức", "Cấp đổi / cấp lại", "Lý do")
    by = authority(decision["authority"])
    blocks: Blocks = (
        Paragraph(by.named.upper(), "center"),
        Paragraph(f"Căn cứ {_named(decision)};", "base"),
        Paragraph(f"Căn cứ đơn đề nghị {DOTS};", "base"),
        Paragraph("QUYẾT ĐỊNH:", "center"),
        Paragraph("Điều 1. Cấp đổi, cấp lại bằng, giấy chứng nhận, hiện vật cho các trường hợp trong bảng kèm theo."),
        Paragraph("Điều 2. Các đơn vị, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này."),
    )
    annex: Blocks = (Paragraph("DANH SÁCH", "center"), Table("Cấp đổi", headers, cells, (1, 5, 5, 3, 4)))
    return Paper("du-thao-cap-doi", **head, symbol="QĐ", kind="Quyết định", about="Về việc cấp đổi, cấp lại",
                 blocks=blocks, signatures=(Signature(by.post),), receivers=("Như Điều 2;", "Lưu: VT."),
                 annex=annex)  # fmt: skip


def _named(decision: Mapping[str, Any]) -> str:
    return f"Quyết định số {decision['number']} ngày {day_words(decision['dated'])}"


def certificates(decision: Mapping[str, Any], lines: Rows, head: Mapping[str, Any]) -> Paper:
    """Return the data sheets of certificates, a page each: what is printed on one, for whoever prints and signs it."""
    blocks: list[Paragraph | Table] = []
    for number, line in enumerate(lines, 1):
        words = f"Phiếu số {number}/{len(lines)}: {line['name']}"
        blocks += [Paragraph(words, "page" if number > 1 else "center"), _sheet(decision, line, number)]
    return Paper("phieu-in-bang", **head, symbol="", kind="Phiếu dữ liệu in bằng, giấy chứng nhận",
                 about=_named(decision), blocks=tuple(blocks), signatures=(Signature("Văn phòng"),))  # fmt: skip


def _sheet(decision: Mapping[str, Any], line: Mapping[str, Any], number: int) -> Table:
    cells = (
        ("Họ và tên, tập thể", line["name"]),
        ("Chức vụ", line["post"]),
        ("Đơn vị", line["unit"]),
        ("Nội dung ghi", f"{line['label']} năm {line['year']}"),
        ("Quyết định", f"số {decision['number']} ngày {day_words(decision['dated'])}"),
        ("Người ký", decision["signer"]),
        ("Số sổ vàng", ""),
    )
    return Table(f"Phiếu {number}", ("Mục", "Nội dung"), cells, (2, 6))
