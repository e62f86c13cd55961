"""Pages of the review: who fulfils what, and the places of each deciding unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text
from starlette.responses import Response

from thidua.contracts import Campaign
from thidua.contracts.judgement import Verdict
from thidua.ordering import by_alphabet
from thidua_awards.domain.conditions import QUOTAS
from thidua_awards.domain.findings import KEPT_BACK
from thidua_awards.law import regime_of
from thidua_awards.pages.frame import NO_CAMPAIGN, campaign_of, framed, to, turned
from thidua_awards.queries import lists
from thidua_runtime.database import Transaction
from thidua_runtime.web.doors import Page
from thidua_runtime.web.views import Cell, Link, Section, Sheet, as_html

VERDICTS: Final = text("""
select title, verdict, count(*) as number from recommendation where campaign = :campaign group by title, verdict
""")
NOBODY: Final = (
    "Chưa rà soát ai. Thường trực Hội đồng rà soát điều kiện khi đã có bản đăng ký và kết quả xếp loại; kết quả hiện ở "
    "đây."
)
UNDECLARED: Final = (
    "Chưa đủ xác nhận hoặc dữ liệu về kỷ luật, thời gian nghỉ, tạm dừng; đơn vị xác nhận (PUT /confirmations), kết quả "
    "được rà soát lại sau đó. Chi tiết chỉ xem trong hồ sơ thẩm định."
)
SOFTWARE: Final = "Phần mềm rà soát theo dữ liệu; người có thẩm quyền quyết định."


async def of_title(tx: Transaction, code: str, title: str, page: Page) -> Response:
    """Return the page of a title's outcomes, of all titles the first."""
    campaign = await campaign_of(tx, code)
    if campaign is None:
        return as_html(NO_CAMPAIGN)
    summed: dict[str, Counter[str]] = {}
    for row in await tx.rows(VERDICTS, campaign=campaign.id):
        summed.setdefault(row.title, Counter())[row.verdict] += row.number
    label = regime_of(campaign.year).label
    chosen = title or next(iter(sorted(summed, key=lambda one: by_alphabet(label(one)))), "")
    found = await lists.recommendations(tx, campaign.code, chosen, None, None, page.limit, page.offset)
    rows = tuple(
        (_named(one), one["post"], one["unit_name"], one["verdict_label"], _first(one["verdict"], one["first_unmet"]))
        for one in found["items"]
    )
    headers = ("Họ và tên, tập thể", "Chức vụ", "Đơn vị", "Kết quả rà soát", "Điều kiện đầu tiên chưa đạt, còn chờ")
    sections = [_summed(campaign, summed), Section(label(chosen) if chosen else "", sheet=Sheet(headers, rows))]
    more = turned("reviews", campaign, page, found["total"], title=chosen)
    return as_html(await framed(tx, campaign, "Rà soát điều kiện", [*sections, more] if rows else sections[:1],
                                SOFTWARE))  # fmt: skip


def _named(one: Mapping[str, Any]) -> str:
    return f"{one['name']} (hồ sơ lập sau)" if one["matter"] else str(one["name"])


def _first(verdict: str, sentence: str) -> str:
    # That nothing was declared yet is no detail of anybody; the page says who goes on.
    return UNDECLARED if verdict == Verdict.NO_DATA and sentence == KEPT_BACK else sentence


def _summed(campaign: Campaign, summed: dict[str, Counter[str]]) -> Section:
    label = regime_of(campaign.year).label
    order = (Verdict.ELIGIBLE, Verdict.PERSON, Verdict.NO_DATA, Verdict.NOT_MET)
    rows: list[tuple[Cell, ...]] = []
    for title, numbers in sorted(summed.items(), key=lambda item: by_alphabet(label(item[0]))):
        link = Link(label(title), to("reviews", campaign, title=title))
        rows.append((link, *(f"{numbers[one.value]}/{numbers.total()}" for one in order)))
    headers = ("Danh hiệu, hình thức", *(lists.VERDICT_WORDS[one] for one in order))
    return Section(
        "Tổng hợp", "Số lượt có kết quả đó / số lượt được rà soát.", Sheet(headers, tuple(rows)), empty=NOBODY
    )


async def quotas(tx: Transaction, code: str) -> Response:
    """Return the page of quotas: provisional, every name in the running, in the order of names."""
    campaign = await campaign_of(tx, code)
    if campaign is None:
        return as_html(NO_CAMPAIGN)
    found = await lists.quotas(tx, campaign.code, tuple(QUOTAS), None)
    label = regime_of(campaign.year).label
    rows = tuple(
        (label(one["title"]), one["unit_name"], str(one["quota"].places) if one["quota"] else "chưa tính được",
         one["quota"].sentence if one["quota"] else "", ", ".join(each["name"] for each in one["candidates"]))
        for one in found["quotas"]
    )  # fmt: skip
    headers = ("Danh hiệu", "Nơi quyết định", "Số suất", "Cách tính", "Người trong diện xét, theo tên")
    definition = (
        "Số suất là mức trần tính trên số danh hiệu đã được tặng của nơi quyết định; Hội đồng chọn trong những người "
        "trong diện xét. Điểm minh họa không quyết định suất nào."
    )
    empty = "Chưa có ai trong diện xét danh hiệu có hạn mức. Hạn mức hiện ở đây sau khi rà soát điều kiện."
    section = Section("Hạn mức", definition, Sheet(headers, rows), empty=empty)
    return as_html(await framed(tx, campaign, "Hạn mức danh hiệu", [section], lists.PROVISIONAL))
