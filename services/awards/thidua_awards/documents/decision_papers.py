"""Papers that follow a decision: payment table and data for certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table
from thidua_awards.law.rules import MARK_WORDS, Mark


def money(amount: int | None) -> str:
    """Write an amount in đồng with dots between thousands; empty where nobody knows it."""
    return "" if amount is None else f"{amount:,}".replace(",", ".")


def payments(
    paid: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], labels: Mapping[str, str], head: Mapping[str, Any]
) -> Paper:
    """Return the payment table: multiplier, base salary and its date, amount, and why a line is not paid."""
    rows = tuple(
        (
            str(number),
            names[line["subject"]]["name"],
            labels.get(line["code"], line["code"]),
            line["times"] or "",
            money(line["amount"]),
            " ".join((line["note"], *sorted({_words(mark) for mark in line["marks"]} - {""}))).strip(),
        )
        for number, line in enumerate(paid["lines"], 1)
    )
    headers = ("Số TT", "Họ và tên, tập thể", "Danh hiệu, hình thức", "Hệ số", "Số tiền (đồng)", "Ghi chú")
    since = paid["base_salary_from"]
    salary = f"{money(paid['base_salary'])} đồng, từ ngày {day_words(since)}" if since else "chưa có"
    blocks: Blocks = (
        Paragraph(f"Theo Quyết định số {paid['decision']} ngày {day_words(paid['dated'])}. Lương cơ sở: {salary}."),
        Table("Chi thưởng", headers, rows, (1, 5, 5, 2, 3, 6)),
        Paragraph(f"Tổng cộng: {money(paid['total'])} đồng; {paid['unknown']} dòng chưa xác định được mức.", "heading"),
    )
    return Paper("bang-chi-thuong", **head, symbol="", kind="Bảng chi tiền thưởng", about=f"QĐ {paid['decision']}",
                 blocks=blocks, signatures=(Signature("Kế toán"), Signature("Thủ trưởng đơn vị")))  # fmt: skip


def _words(mark: str) -> str:
    return "" if Mark(mark).binds else f"({MARK_WORDS[Mark(mark)]})"


def certificates(decision: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], head: Mapping[str, Any]) -> Paper:
    """Return the data from which certificates are printed; the book number is given by hand."""
    rows: Sequence[tuple[str, ...]] = [
        (
            str(number),
            one["name"],
            one["post"],
            one["unit"],
            f"{one['label']} năm {one['year']}",
            f"{decision['number']} ngày {day_words(decision['dated'])}",
            "",
        )
        for number, one in enumerate(lines, 1)
    ]
    headers = ("Số TT", "Họ và tên, tập thể", "Chức vụ", "Đơn vị", "Nội dung ghi", "Quyết định", "Số sổ vàng")
    table = Table("Dữ liệu in", headers, tuple(rows), (1, 5, 4, 5, 6, 4, 2))
    return Paper("du-lieu-in-bang", **head, symbol="", kind="Dữ liệu in bằng, giấy chứng nhận",
                 about=f"Quyết định số {decision['number']}", blocks=(table,), signatures=(Signature("Văn phòng"),),
                 wide=True)  # fmt: skip
