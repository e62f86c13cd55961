"""What the pages of a campaign share: which campaign, the way back, the moment of the figures, turning pages."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from thidua.contracts import Campaign
from thidua_awards.queries import catalogue, lookups
from thidua_runtime import cuts
from thidua_runtime.database import Transaction
from thidua_runtime.web.doors import Page
from thidua_runtime.web.views import Link, Section, View, moment_words

NO_CAMPAIGN = View(
    "Chưa có phong trào nào",
    (Section(empty="Tạo phong trào và đăng ký đơn vị trước (dịch vụ Đăng ký), sau đó mở lại trang này."),),
)


async def campaign_of(tx: Transaction, code: str) -> Campaign | None:
    """Return the campaign named, or the newest; None where there is none at all. Raises UnknownCampaign."""
    wanted = code or await catalogue.newest(tx)
    return await lookups.campaign(tx, wanted) if wanted else None


async def framed(
    tx: Transaction, campaign: Campaign, title: str, sections: Sequence[Section], note: str = "", depth: int = 0
) -> View:
    """Return a page of a campaign; its figures are of the last heartbeats. `depth`: folders between it and `pages`."""
    up = "../" * depth
    home = Link(campaign.title, f"{up}./?{urlencode({'campaign': campaign.code})}")
    as_of = moment_words(lookups.in_own_time(tx, await cuts.heard_until(tx)))
    return View(title, tuple(sections), as_of, note, (Link("thidua", f"{up}../../"), home))


def to(path: str, campaign: Campaign, **query: str | int) -> str:
    """Return the address of another page of the campaign."""
    return f"{path}?{urlencode({'campaign': campaign.code, **query})}"


def turned(path: str, campaign: Campaign, page: Page, total: int, **query: str) -> Section:
    """Return the part that says which lines are shown and leads to the others."""
    last = min(page.offset + page.limit, total)
    words: list[str | Link] = [f"Dòng {page.offset + 1} đến {last} trong {total} dòng."] if total else []
    if page.offset:
        back = max(page.offset - page.limit, 0)
        words.append(Link("Trang trước", to(path, campaign, **query, limit=page.limit, offset=back)))
    if last < total:
        words.append(Link("Trang sau", to(path, campaign, **query, limit=page.limit, offset=last)))
    return Section(words=words)
