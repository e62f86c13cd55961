"""Papers of the movement itself: launching, registrations, agreements of clusters, initiatives, reviews, summing-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.form_papers import DOTS
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table
from thidua_awards.domain.authorities import Authority

Rows = Sequence[Mapping[str, Any]]
KINDS_OF_MOVEMENT: Final = {"thuong_xuyen": "thi đua thường xuyên", "chuyen_de": "thi đua theo đợt, chuyên đề"}


def launching(campaign: Mapping[str, Any], by: Authority, head: Mapping[str, Any]) -> Paper:
    """Return the document that launches a movement: theme, subjects, time, calendar; contents are the office's."""
    calendar = tuple(
        (_period(one["period"]), *(day_words(one[key]) for key in ("report_due", "objection_until", "closes_on")))
        for one in campaign["calendar"]
    )
    kind = KINDS_OF_MOVEMENT.get(campaign["kind"], campaign["kind"])
    headers = ("Kỳ", "Hạn báo cáo", "Hạn ý kiến", "Chốt số liệu")
    blocks: Blocks = (
        Paragraph("Kính gửi: Các đơn vị tham gia phong trào", "to"),
        Paragraph(f"Phát động {campaign['title']}."),
        *((Paragraph(f"1. Chủ đề: “{campaign['theme']}”."),) if campaign["theme"] else ()),
        Paragraph(f"2. Hình thức: {kind}. Đối tượng: {len(campaign['participants'])} đơn vị."),
        Paragraph(
            f"3. Thời gian: từ ngày {day_words(campaign['starts_on'])} đến ngày {day_words(campaign['ends_on'])}; "
            f"đăng ký trước hết ngày {day_words(campaign['registration_due'])}."
        ),
        Paragraph(f"4. Nội dung, tiêu chí, biện pháp: {DOTS}{DOTS}"),
        Paragraph("5. Lịch thực hiện:"),
        Table("Lịch", headers, calendar, (2, 3, 3, 3)),
    )
    return Paper("phat-dong", **head, symbol="TĐKT", kind="", about="V/v phát động phong trào thi đua", blocks=blocks,
                 signatures=(Signature(by.post),), receivers=("Như trên;", "Lưu: VT."))  # fmt: skip


def _period(period: str) -> str:
    """Write a period the Vietnamese way.

    >>> _period("2022-03"), _period("2022-H1"), _period("2022")
    ('Tháng 03/2022', '6 tháng đầu năm 2022', 'Năm 2022')
    """
    year, _, part = period.partition("-")
    halves = {"H1": "6 tháng đầu", "H2": "6 tháng cuối"}
    if part.startswith("Q"):
        return f"Quý {part[1:]}/{year}"
    return f"{halves[part]} năm {year}" if part in halves else f"Tháng {part}/{year}" if part else f"Năm {year}"


def registration(unit: Mapping[str, Any], campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the registration of a unit: titles of collectives and persons, targets, initiatives."""
    items = unit["items"]
    persons = tuple(
        (str(number), one["name"], one["post"], one["titles"])
        for number, one in enumerate([one for one in items if one["is_person"]], 1)
    )
    targets = tuple(
        (one["name"], target["name"], str(target["value"] or ""), target["measure"])
        for one in items
        for target in one["targets"]
    )
    ideas = tuple((one["name"], idea["name"], idea["field"]) for one in items for idea in one["initiatives"])
    teams = [f"{one['name']}: {one['titles']}" for one in items if not one["is_person"]]
    blocks: Blocks = (
        Paragraph(f"Phong trào: {campaign['title']}."),
        *(Paragraph(f"Tập thể {one}.") for one in teams),
        Table("Cá nhân", ("Số TT", "Ông, bà", "Chức vụ", "Danh hiệu đăng ký"), persons, (1, 5, 4, 5)),
        Paragraph("Chỉ tiêu đăng ký", "heading"),
        Table("Chỉ tiêu", ("Đối tượng", "Chỉ tiêu", "Giá trị", "Đơn vị tính"), targets, (5, 6, 2, 2)),
        *((Paragraph("Sáng kiến đăng ký", "heading"),
           Table("Sáng kiến", ("Tác giả", "Tên sáng kiến", "Lĩnh vực"), ideas, (4, 7, 4))) if ideas else ()),
    )  # fmt: skip
    return Paper("ban-dang-ky", **head, symbol="ĐK", kind="Bản đăng ký thi đua", about=f"Năm {campaign['year']}",
                 blocks=blocks, signatures=(Signature("Thủ trưởng đơn vị"),))  # fmt: skip


def agreement(cluster: Mapping[str, Any], campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the agreement (giao ước thi đua) of a cluster: members, leader and deputy, targets, signatures."""
    members = tuple((str(number), one["name"], one["office"], "") for number, one in enumerate(cluster["members"], 1))
    targets = tuple(
        (one["name"], target["name"], f"{target['value'] or ''} {target['measure']}".strip())
        for one in cluster["members"]
        for target in one["targets"]
    )
    blocks: Blocks = (
        Paragraph(f"Các đơn vị thành viên {cluster['name']} thống nhất giao ước thi đua năm {campaign['year']}:"),
        Paragraph(f"Phong trào: {campaign['title']}."),
        Table("Thành viên", ("Số TT", "Đơn vị", "Vai trò", "Ký tên"), members, (1, 6, 3, 4)),
        Paragraph("Chỉ tiêu giao ước", "heading"),
        Table("Chỉ tiêu", ("Đơn vị", "Chỉ tiêu", "Mức"), targets, (5, 6, 3)),
        *_unproven(cluster),
    )
    return Paper("giao-uoc", **head, symbol="", kind="Giao ước thi đua", about=cluster["name"], blocks=blocks,
                 signatures=(Signature("Phó trưởng khối, cụm"), Signature("Trưởng khối, cụm")))  # fmt: skip


def _unproven(cluster: Mapping[str, Any]) -> tuple[Paragraph, ...]:
    if not any(one["name"].endswith("*") for one in cluster["members"]):
        return ()
    return (Paragraph("* Thành viên của khối, cụm là minh họa: chưa có nguồn xác nhận."),)


def cluster_minutes(cluster: Mapping[str, Any], campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the minutes of a cluster's meeting: points of each member beside room for its marks, rank and votes."""
    rows = tuple(
        (str(number), one["name"], "", one["points"], "", "", "") for number, one in enumerate(cluster["members"], 1)
    )
    headers = ("Số TT", "Đơn vị", "Tự chấm", "Kết quả chấm", "Khối, cụm chấm", "Xếp hạng", "Phiếu")
    blocks: Blocks = (
        Paragraph(f"Thời gian, địa điểm: {DOTS}. Có mặt: ……/{len(cluster['members'])} đơn vị."),
        Paragraph(f"Chủ trì: {DOTS}. Thư ký: {DOTS}."),
        Table("Kết quả", headers, rows, (1, 6, 2, 3, 2, 2, 2)),
        Paragraph(f"{cluster['name']} suy tôn đơn vị dẫn đầu: {DOTS}"),
        Paragraph(f"Ý kiến: {DOTS}{DOTS}"),
        *_unproven(cluster),
    )
    return Paper("bien-ban-cum", **head, symbol="BB", kind="Biên bản", about=f"Bình xét, suy tôn {cluster['name']} năm "
                 f"{campaign['year']}", blocks=blocks, signatures=(Signature("Thư ký"), Signature("Trưởng khối, cụm")),
                 )  # fmt: skip


def unit_minutes(unit: Mapping[str, Any], campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the minutes of a unit's own review: who is looked at per title, with room for the votes."""
    rows = tuple(
        (str(number), one["name"], one["post"], one["label"], one["verdict"], "", "")
        for number, one in enumerate(unit["candidates"], 1)
    )
    headers = ("Số TT", "Họ và tên, tập thể", "Chức vụ", "Danh hiệu", "Rà soát theo dữ liệu", "Đồng ý", "Không")
    blocks: Blocks = (
        Paragraph(f"Thời gian, địa điểm: {DOTS}. Có mặt: ……; vắng mặt: ……."),
        Paragraph(f"Chủ trì: {DOTS}. Thư ký: {DOTS}."),
        Table("Bình xét", headers, rows, (1, 5, 4, 4, 4, 2, 2)),
        Paragraph(f"Ý kiến: {DOTS}{DOTS}"),
    )
    return Paper("bien-ban-binh-xet", **head, symbol="BB", kind="Biên bản", about=f"Bình xét danh hiệu thi đua năm "
                 f"{campaign['year']}", blocks=blocks, signatures=(Signature("Thư ký"), Signature("Chủ trì")),
                 )  # fmt: skip


def score_sheet(unit: Mapping[str, Any], campaign: Mapping[str, Any], head: Mapping[str, Any]) -> Paper:
    """Return the sheet of marks: each criterion with its maximum and what scoring gave, room for the unit's own."""
    rows = tuple((one["code"], one["title"], one["maximum"], "", one["points"], "", "") for one in unit["lines"])
    headers = (
        "Mã",
        "Tiêu chí",
        "Điểm tối đa",
        "Đơn vị tự chấm",
        "Kết quả chấm",
        "Khối, cụm chấm",
        "Minh chứng",
    )
    blocks: Blocks = (
        Paragraph(f"Phong trào: {campaign['title']}. Mã bộ tiêu chí: {unit['criteria_set']}."),
        Table("Chấm điểm", headers, rows, (2, 7, 2, 2, 3, 2, 3)),
        Paragraph(f"Tổng kết quả chấm: {unit['total'] or DOTS} điểm. Điểm: {unit['standing']}."),
    )
    return Paper("bang-tu-cham", **head, symbol="", kind="Bảng tự chấm điểm", about=f"Năm {campaign['year']}",
                 blocks=blocks, signatures=(Signature("Thủ trưởng đơn vị"),))  # fmt: skip
