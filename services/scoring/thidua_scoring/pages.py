"""The page of ranks, for officials: what the door of rankings answers as JSON, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import text

from thidua.contracts import Campaign, SubjectKind
from thidua_runtime.database import Transaction
from thidua_runtime.web import Reader, reader
from thidua_runtime.web.views import Link, Section, Sheet, View, as_html
from thidua_scoring.queries import ranks
from thidua_scoring.queries.official import campaign_of

router = APIRouter(prefix="/pages", include_in_schema=False)

NEWEST: Final = text("""
select key from replica_campaigns where not deleted order by cast(body->>'year' as int) desc, key desc limit 1
""")
NO_CAMPAIGN: Final = "Chưa có phong trào nào: tạo ở dịch vụ Đăng ký trước."
EMPTY: Final = (
    "Chưa có kết quả chấm. Điểm chính thức có sau khi các tháng đã chốt và Thường trực yêu cầu chấm (thidua official "
    "ask)."
)
DEFINITION: Final = (
    "Đúng hạn: số nhiệm vụ hoàn thành trong hạn / số nhiệm vụ đến hạn của cả năm. Tháng đạt: số tháng có tỷ lệ trên "
    "90 % / số tháng có nhiệm vụ đến hạn."
)
HEADERS: Final = ("Hạng", "Đơn vị", "Điểm", "Đúng hạn", "Tháng đạt", "Ghi chú")
Filter = Annotated[str, Query(pattern=r"^[^\x00]{0,200}$")]


@router.get("/ranking")
async def show_ranking(reader: Annotated[Reader, Depends(reader)], campaign: Filter = "") -> Response:
    """Show the ranks of units per cluster, in the newest campaign if none is named."""
    return await reader.run(ranking, campaign)


async def ranking(tx: Transaction, code: str) -> Response:
    """Return the page of ranks: units alone, since people go by staff codes here."""
    newest = await tx.row(NEWEST)
    trail = (Link("thidua", "../../"),)
    if not code and newest is None:
        return as_html(View("Xếp hạng", (Section(empty=NO_CAMPAIGN),), trail=trail))
    campaign = await campaign_of(tx, code or str(newest and newest.key))
    found = [await ranks.ranks(tx, campaign.code, str(campaign.year), one, "") for one in _sets(campaign)]
    sections = tuple(section for one in found for section in _sections(one))
    notes = " ".join(dict.fromkeys(note for one in found for note in one["notes"]))
    as_of = ", ".join(sorted({_day(one["as_of"]) for one in found if one["as_of"]}))
    shown = sections or (Section(empty=EMPTY),)
    return as_html(View(f"Xếp hạng năm {campaign.year}: {campaign.title}", shown, as_of, notes, trail))


def _sets(campaign: Campaign) -> Iterable[str]:
    return (one.id for one in campaign.criteria_sets if one.subject_kind is SubjectKind.COLLECTIVE)


def _sections(found: Mapping[str, Any]) -> Iterable[Section]:
    for group in sorted(found["groups"], key=lambda group: group["cluster_name"] or ""):
        rows = [(str(one["rank"]), *_cells(one, found), _tied(one["tied"])) for one in group["ranked"]]
        rows += [("–", *_cells(one, found), one["reason"]) for one in group["apart"]]
        yield Section(group["cluster_name"] or "Ngoài khối, cụm", DEFINITION, Sheet(HEADERS, tuple(rows)))


def _tied(number: int) -> str:
    return f"đồng hạng {number} đơn vị" if number > 1 else ""


def _cells(one: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    name = one["name"] or one["subject"]
    on_time, months = one["on_time"], one["months"]
    return (
        f"{name} (thành viên minh họa)" if one["illustrative_member"] else name,
        "chưa có" if one["total"] is None else f"{one['total'].replace('.', ',')}/{found['scale'].replace('.', ',')}",
        _rate(on_time["n"], on_time["d"]) if on_time else "chưa có số liệu",
        f"{months['passed']}/{months['judged']}" if months else "chưa có số liệu",
    )


def _rate(on_time: int, due: int) -> str:
    """Write a rate with numerator and denominator, one decimal cut and not rounded.

    >>> _rate(144, 156), _rate(0, 0)
    ('144/156 (92,3 %)', 'không có nhiệm vụ đến hạn')
    """
    if not due:
        return "không có nhiệm vụ đến hạn"
    whole, tenths = divmod(on_time * 1000 // due, 10)
    return f"{on_time}/{due} ({whole}{f',{tenths}' if tenths else ''} %)"


def _day(day: str) -> str:
    return f"{date.fromisoformat(day):%d/%m/%Y}"
