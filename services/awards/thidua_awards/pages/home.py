"""The page of a campaign: what there is to look at, with numbers."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from sqlalchemy import text
from starlette.responses import Response

from thidua_awards.law import regime_of
from thidua_awards.pages.frame import NO_CAMPAIGN, campaign_of, framed, to
from thidua_runtime.database import Transaction
from thidua_runtime.web.views import Link, Section, Sheet, as_html

COUNTS: Final = text("""
select (select count(*) from recommendation where campaign = :campaign) as reviewed,
       (select count(*) from recommendation where campaign = :campaign and verdict = 'eligible') as eligible,
       (select count(*) from dossier where campaign = :campaign) as dossiers,
       (select count(*) from vote where campaign = :campaign) as votes,
       (select count(*) from vote where campaign = :campaign and state = 'closed') as closed,
       (select count(*) from decision where campaign = :campaign) as decisions,
       (select count(*) from decision where campaign = :campaign and not cancelled) as in_force
""")
CAMPAIGNS: Final = text("""
select code, body->>'title' as title, body->>'year' as year from replica_campaigns where not deleted
 order by cast(body->>'year' as int) desc, code
""")


async def view(tx: Transaction, code: str) -> Response:
    """Return the page of a campaign, or what to do where there is none."""
    campaign = await campaign_of(tx, code)
    if campaign is None:
        return as_html(NO_CAMPAIGN)
    row = await tx.row(COUNTS, campaign=campaign.id)
    assert row is not None
    rows = (
        (Link("Rà soát điều kiện", to("reviews", campaign)),
         f"{row.eligible}/{row.reviewed} lượt đủ điều kiện theo dữ liệu"),
        (Link("Hạn mức danh hiệu", to("quotas", campaign)), "số suất là mức trần, Hội đồng chọn"),
        (Link("Hồ sơ", to("dossiers", campaign)), f"{row.dossiers} hồ sơ"),
        (Link("Bỏ phiếu của Hội đồng", to("votes", campaign)), f"{row.closed}/{row.votes} lượt đã kiểm phiếu"),
        (Link("Quyết định", to("decisions", campaign)), f"{row.in_force}/{row.decisions} còn hiệu lực"),
        (Link("Văn bản in được", to("documents", campaign)), "cần liên kết khởi động hoặc mã truy cập"),
        (Link("Báo cáo tham khảo về sự công bằng", to("fairness", campaign)), "cho Hội đồng, trước khi họp"),
    )  # fmt: skip
    others = [
        Link(f"{one.title} ({one.year})", f"./?{urlencode({'campaign': one.code})}")
        for one in await tx.rows(CAMPAIGNS)
        if one.code != campaign.code
    ]
    law = f"Chế độ pháp lý: {regime_of(campaign.year).name}."
    sections = [Section("Nội dung", law, Sheet(("Trang", "Hiện có"), rows))]
    if others:
        sections.append(Section("Phong trào khác", words=others))
    return as_html(await framed(tx, campaign, campaign.title, sections))
