"""Reports on half year and year: registrations, on-time rates by month and unit, awards beside earlier years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thidua_awards.documents.form_papers import DOTS
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table

Rows = Sequence[Mapping[str, Any]]
RATE: Final = (
    "Tỷ lệ đúng hạn: số nhiệm vụ hoàn thành trong hạn chia cho số nhiệm vụ có hạn trong tháng, không kể nhiệm vụ mật, "
    "nhiệm vụ được rút hoặc giao lại trước hạn. Đạt khi trên 90 %."
)
NO_MONTHS: Final = f"Chưa có số liệu tháng được công bố; tỷ lệ đúng hạn hằng tháng: {DOTS}"


def report(campaign: Mapping[str, Any], found: Mapping[str, Any], head: Mapping[str, Any], *, half: bool) -> Paper:
    """Return the report on the half year (sơ kết) or the year (tổng kết): what is counted here, and room for texts.

    `found`: rows `registered`, `months`, `units`, `awarded` (with the numbers of the years in `years`), and how many
    `targets` were registered; `reached`: those of collectives beside the result, "" where no figure tells it.
    """
    span = f"6 tháng đầu năm {campaign['year']}" if half else f"năm {campaign['year']}"
    registered = tuple((one["label"], str(one["registered"])) for one in found["registered"])
    blocks: Blocks = (
        Paragraph("I. Tình hình tổ chức phong trào", "heading"),
        Paragraph(f"{campaign['title']}. {len(campaign['participants'])} đơn vị tham gia. {DOTS}"),
        Paragraph("II. Kết quả", "heading"),
        Paragraph("1. Đăng ký danh hiệu"),
        Table("Đăng ký", ("Danh hiệu, hình thức", "Số đăng ký"), registered, (6, 2)),
        *_targets(found),
        Paragraph("3. Tỷ lệ hoàn thành nhiệm vụ đúng hạn hằng tháng"),
        *_series(found["months"]),
        *_awarded(found, half=half),
        Paragraph(f"5. Mô hình, điển hình tiên tiến: {DOTS}"),
        Paragraph("III. Tồn tại, hạn chế; nguyên nhân", "heading"),
        Paragraph(f"{DOTS}{DOTS}"),
        Paragraph("IV. Phương hướng, nhiệm vụ; kiến nghị", "heading"),
        Paragraph(f"{DOTS}{DOTS}"),
    )
    words = "sơ kết" if half else "tổng kết"
    return Paper("so-ket" if half else "tong-ket", **head, symbol="BC", kind="Báo cáo",
                 about=f"Về việc {words} phong trào thi đua và công tác khen thưởng {span}", blocks=blocks,
                 signatures=(Signature("Thường trực Hội đồng"),), receivers=("Cấp trên trực tiếp;", "Lưu: VT."),
                 annex=(*_annex(found["units"], span), *_reached(found["reached"])))  # fmt: skip


def _targets(found: Mapping[str, Any]) -> Blocks:
    count, reached = found["targets"], found["reached"]
    told = sum(bool(one["result"]) for one in reached)
    words = f"2. Kết quả thực hiện {count} chỉ tiêu đã đăng ký: {DOTS}"
    seen = f"Chỉ tiêu của tập thể có số liệu: {told}/{len(reached)} (bảng ở Phụ lục); còn lại đơn vị báo cáo."
    return Paragraph(words), *((Paragraph(seen),) if reached else ())


def _reached(targets: Rows) -> Blocks:
    if not targets:
        return ()
    rows = tuple((one["unit"], one["name"], one["registered"], one["result"] or DOTS) for one in targets)
    headers = ("Đơn vị", "Chỉ tiêu đã đăng ký", "Mức đăng ký", "Kết quả (theo dữ liệu)")
    return Paragraph("Kết quả thực hiện chỉ tiêu của tập thể", "center"), Table("Chỉ tiêu", headers, rows, (4, 5, 2, 4))


def _series(months: Rows) -> Blocks:
    if not months:
        return (Paragraph(NO_MONTHS),)
    rows = tuple((one["month"], one["rate"], one["passed"], one["closed"], one["as_of"]) for one in months)
    headers = ("Tháng", "Đúng hạn / đến hạn", "Đơn vị đạt / có nhiệm vụ đến hạn", "Đơn vị đã chốt", "Tính đến")
    return Table("Đúng hạn theo tháng", headers, rows, (2, 4, 4, 2, 3)), Paragraph(RATE)


def _awarded(found: Mapping[str, Any], *, half: bool) -> Blocks:
    if half:
        return (Paragraph(f"4. Khen thưởng đột xuất, theo đợt trong kỳ: {DOTS}"),)
    rows = tuple((one["label"], *(str(number) for number in one["numbers"])) for one in found["awarded"])
    headers = ("Danh hiệu, hình thức", *(f"Năm {year}" for year in found["years"]))
    words = "4. Khen thưởng: số lượt được tặng theo năm thành tích (quyết định còn hiệu lực, theo dữ liệu hiện có)"
    return Paragraph(words), Table("Khen thưởng", headers, rows, (6, *(2 for _ in found["years"])))


def _annex(units: Rows, span: str) -> Blocks:
    if not units:
        return ()
    rows = tuple((str(number), one["name"], one["rate"], one["passed"]) for number, one in enumerate(units, 1))
    headers = ("Số TT", "Đơn vị", "Đúng hạn / đến hạn", "Tháng đạt / có nhiệm vụ đến hạn")
    return (
        Paragraph("PHỤ LỤC", "center"),
        Paragraph(f"(Tỷ lệ hoàn thành nhiệm vụ đúng hạn của từng đơn vị {span})", "to"),
        Table("Đúng hạn theo đơn vị", headers, rows, (1, 7, 4, 4)),
    )
