"""Pages of dossiers: where each stands, and one with its way."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.dossier_papers import STATUS_WORDS
from thidua_awards.domain.dossier import LABELS, OPINION_WORDS
from thidua_awards.law import condition_names, regime_of
from thidua_awards.pages.frame import NO_CAMPAIGN, campaign_of, framed, turned
from thidua_awards.queries import dossiers, lists, lookups
from thidua_runtime.database import Transaction
from thidua_runtime.web.doors import Page
from thidua_runtime.web.views import Link, Section, Sheet, as_html

NONE_YET: Final = (
    "Chưa có hồ sơ nào. Đơn vị hoặc Thường trực lập hồ sơ cho người, tập thể đã được rà soát (POST /dossiers)."
)


async def every(tx: Transaction, code: str, page: Page) -> Response:
    """Return the page of a campaign's dossiers."""
    campaign = await campaign_of(tx, code)
    if campaign is None:
        return as_html(NO_CAMPAIGN)
    found = await dossiers.listed(tx, campaign.id, None, page.limit, page.offset)
    label = regime_of(campaign.year).label
    rows = tuple(
        (Link(one["name"], f"dossiers/{one['id']}"), _asked_for(label(one["title"]), one), one["label"],
         _day(one["due_on"]))
        for one in found["items"]
    )  # fmt: skip
    headers = ("Họ và tên, tập thể", "Danh hiệu, hình thức", "Bước hiện tại", "Hạn của bước")
    sections = [Section(sheet=Sheet(headers, rows), empty=NONE_YET)]
    more = [turned("dossiers", campaign, page, found["total"])] if rows else []
    return as_html(await framed(tx, campaign, "Hồ sơ", [*sections, *more]))


async def one(tx: Transaction, id: str) -> Response:
    """Return the page of one dossier: the findings, its steps, the opinions asked for, what may come next."""
    found = await dossiers.shown(tx, id)
    campaign = await lookups.campaign(tx, found["campaign"])
    line = (found["subject"], found["title"], found["matter"])
    case = (await lists.reviewed(tx, campaign.id, line)).body
    who = ", ".join(filter(None, (case["name"], case["post"], case["unit_name"])))
    words = [f"{_asked_for(case['title_label'], found)} năm {campaign.year}", f"Bước hiện tại: {found['label']}",
             f"Kết quả rà soát theo dữ liệu: {case['verdict_label']}"]  # fmt: skip
    sections = (
        Section(who, words=words),
        Section("Điều kiện", sheet=_findings(case), empty="Chưa có kết quả rà soát."),
        Section(
            "Quá trình xử lý", sheet=_steps(found), empty="Chưa ghi bước nào; bước đầu tiên là bình xét của tập thể."
        ),
        Section("Lấy ý kiến", sheet=_opinions(found), empty="Chưa lấy ý kiến về hồ sơ này."),
        Section("Bước có thể làm tiếp", words=[_next(move) for move in found["next"]], empty="Hồ sơ đã kết thúc."),
    )
    return as_html(await framed(tx, campaign, "Hồ sơ", sections, depth=1))


def _asked_for(label: str, dossier: dict[str, Any]) -> str:
    # Of two dossiers for one form the achievement tells which is which.
    return f"{label} ({dossier['achievement']})" if dossier["achievement"] else label


def _day(day: str | None) -> str:
    return day_words(day) if day else ""


def _findings(case: dict[str, Any]) -> Sheet:
    names = condition_names()
    rows = tuple(
        (names.get(each["key"], each["key"]), STATUS_WORDS.get(each["status"], each["status"]), each["sentence"],
         each["clause"])
        for each in case["findings"]
    )  # fmt: skip
    return Sheet(("Điều kiện", "Kết quả", "Số liệu", "Căn cứ"), rows)


def _steps(found: dict[str, Any]) -> Sheet:
    rows = tuple(
        (_day(step["acted_on"]), step["label"], step["document"], step["on_behalf"],
         ("Ghi sau. " if step["recorded_afterwards"] else "") + step["reason"])
        for step in found["steps"]
    )  # fmt: skip
    return Sheet(("Ngày", "Bước", "Văn bản", "Người thực hiện", "Ghi chú"), rows)


def _opinions(found: dict[str, Any]) -> Sheet:
    rows = tuple(
        (OPINION_WORDS[one["kind"]], _day(one["until"]), _day(one["closed_on"]) or "chưa kết thúc",
         f"{one['remarks']} ý kiến, {one['unanswered']} chưa trả lời")
        for one in found["opinions"]
    )  # fmt: skip
    return Sheet(("Hình thức", "Hạn", "Kết thúc", "Ý kiến"), rows)


def _next(move: dict[str, Any]) -> str:
    asked = [words for name, words in (("document", "văn bản"), ("reason", "lý do")) if move[name]]
    return LABELS[move["to"]] + (f" (cần {' và '.join(asked)})" if asked else "")
