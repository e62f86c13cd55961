"""The page of the fairness report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from thidua_awards.domain.fairness import HEADINGS, NEXT
from thidua_awards.pages.frame import NO_CAMPAIGN, campaign_of, framed
from thidua_awards.queries import fairness
from thidua_runtime.database import Transaction
from thidua_runtime.web.views import Section, Sheet, as_html


async def view(tx: Transaction, code: str) -> Response:
    """Return the report of a campaign; every part says what its figures are, an empty one what to do next."""
    campaign = await campaign_of(tx, code)
    if campaign is None:
        return as_html(NO_CAMPAIGN)
    report = await fairness.report(tx, campaign.code)
    sections = [
        Section(
            f"{number}. {HEADINGS[part['key']]}",
            part["definition"],
            _sheet(part["key"], list(part["figures"])),
            empty=NEXT[part["key"]],
        )
        for number, part in enumerate(report["parts"], 1)
    ]
    title = f"Báo cáo tham khảo về sự công bằng trong xét khen thưởng năm {campaign.year}"
    return as_html(await framed(tx, campaign, title, sections, report["note"]))


def _sheet(key: str, figures: Iterable[Mapping[str, Any]]) -> Sheet:
    if key == "flags":
        return Sheet(("Khối, cụm", "Dấu hiệu", "Đã được tặng cờ"), tuple(_flags(one) for one in figures))
    if key in ("leaders", "sex", "small_units"):
        rows = tuple((one["title"], line["group"], line["figure"]) for one in figures for line in one["lines"])
        return Sheet(("Danh hiệu", "Nhóm", "Số đạt / tổng số"), rows)
    if key == "ballots":
        ballots = tuple((one["title"], one["figure"]) for one in figures)
        return Sheet(("Danh hiệu", "Số trường hợp nhất trí / đã kiểm phiếu"), ballots)
    copies = tuple((one["kind"], one["figure"], _largest(one)) for one in figures)
    return Sheet(("Đối tượng", "Số bản trùng / có chỉ tiêu", "Nhóm trùng lớn nhất"), copies)


def _flags(one: Mapping[str, Any]) -> tuple[str, ...]:
    held = "; ".join(f"{flag['year']}: {', '.join(flag['units'])}" for flag in one["flags"])
    return one["cluster"], "có dấu hiệu luân phiên" if one["rotates"] else "không có dấu hiệu luân phiên", held


def _largest(one: Mapping[str, Any]) -> str:
    return f"{one['largest_group']} bản" if one["largest_group"] else "không có"
