"""The page of what can be printed."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from thidua.contracts import Campaign
from thidua_awards.documents.kinds import KINDS
from thidua_awards.pages.frame import NO_CAMPAIGN, campaign_of, framed, to, turned
from thidua_awards.queries import catalogue
from thidua_runtime.database import Transaction
from thidua_runtime.web.doors import Page
from thidua_runtime.web.views import Link, Section, Sheet, as_html

NOTHING: Final = "Chưa có gì để in: văn bản hiện ở đây khi có bản đăng ký, hồ sơ, phiên họp hoặc quyết định."
DRAFTS: Final = (
    "Số và ngày lấy từ sổ văn bản sau khi ký; bản dự thảo ghi “DỰ THẢO” và thời điểm số liệu. DOCX để sửa, PDF để in, "
    "XLSX gồm mọi bảng."
)


async def every(tx: Transaction, code: str, kind: str, page: Page) -> Response:
    """Return the page of the kinds there are, or of one kind with links to print each document."""
    campaign = await campaign_of(tx, code)
    if campaign is None:
        return as_html(NO_CAMPAIGN)
    if kind not in KINDS:
        return as_html(await framed(tx, campaign, "Văn bản in được", [await _kinds(tx, campaign)], DRAFTS))
    found = await catalogue.listed(tx, campaign.code, page.limit, page.offset, kind)
    rows = tuple((one["words"], *_forms(one)) for one in found["items"])
    sections = [Section(sheet=Sheet(("Văn bản của", "Để sửa", "Để in", "Bảng tính"), rows), empty=NOTHING)]
    back = Section(words=[Link("Các loại văn bản khác", to("documents", campaign))])
    more = turned("documents", campaign, page, found["total"], kind=kind)
    return as_html(await framed(tx, campaign, KINDS[kind].label, [*sections, more, back], DRAFTS))


async def _kinds(tx: Transaction, campaign: Campaign) -> Section:
    counted: Counter[str] = Counter(await catalogue.counted(tx, campaign))
    rows = tuple(
        (Link(one.label, to("documents", campaign, kind=kind)), str(counted[kind]))
        for kind, one in KINDS.items()
        if counted[kind]
    )
    return Section(sheet=Sheet(("Loại văn bản", "Số văn bản"), rows), empty=NOTHING)


def _forms(one: dict[str, Any]) -> tuple[Link, ...]:
    stem = f"../documents/{one['kind']}/{quote(one['id'], safe='')}"
    campaign = quote(one["campaign"])
    return tuple(Link(form.upper(), f"{stem}.{form}?campaign={campaign}") for form in ("docx", "pdf", "xlsx"))
