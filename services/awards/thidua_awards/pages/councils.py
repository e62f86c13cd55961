"""Pages of votes and decisions."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from thidua.contracts import Campaign
from thidua_awards.documents.council_papers import day_words
from thidua_awards.law import regime_of
from thidua_awards.pages.frame import NO_CAMPAIGN, campaign_of, framed, turned
from thidua_awards.queries import council as of_council
from thidua_awards.queries import decided, lookups, voting
from thidua_runtime.database import Transaction
from thidua_runtime.web.doors import Page
from thidua_runtime.web.views import Link, Section, Sheet, View, as_html

NO_VOTE: Final = (
    "Chưa có lượt bỏ phiếu nào. Thư ký Hội đồng lập phiên họp và danh sách bỏ phiếu cho các hồ sơ đủ điều kiện trình."
)
NO_DECISION: Final = (
    "Chưa có quyết định nào. Người giữ sổ văn bản nhập số, ngày, người ký sau khi quyết định được ký (POST /decisions)."
)
TOTALS: Final = "Số phiếu chỉ hiện sau khi đã kiểm và hai người đối chiếu với biên bản; không có phiếu của ai."


async def votes(tx: Transaction, code: str, page: Page) -> Response:
    """Return the page of a campaign's votes."""
    campaign = await campaign_of(tx, code)
    if campaign is None:
        return as_html(NO_CAMPAIGN)
    found = await voting.listed(tx, campaign.code, page.limit, page.offset)
    label = regime_of(campaign.year).label
    rows = tuple(
        (day_words(one["held_on"]), Link(label(one["title"]), f"votes/{one['id']}"), one["state_label"],
         str(one["cases"]) if one["passed"] is None else f"{one['passed']}/{one['cases']}")
        for one in found["items"]
    )  # fmt: skip
    headers = ("Ngày họp", "Danh hiệu, hình thức", "Tình trạng", "Số thông qua / số trường hợp")
    sections = [Section(definition=TOTALS, sheet=Sheet(headers, rows), empty=NO_VOTE)]
    more = [turned("votes", campaign, page, found["total"])] if rows else []
    return as_html(await framed(tx, campaign, "Bỏ phiếu của Hội đồng", [*sections, *more]))


async def vote(tx: Transaction, id: str) -> Response:
    """Return the page of one vote; totals only once it is closed."""
    found = await voting.shown(tx, id)
    meeting = await of_council.found_meeting(tx, found["meeting"])
    campaign = await lookups.campaign(tx, meeting.row.campaign)
    closed = found["state"] == "closed"
    rows = tuple(
        (str(one["place"]), one["name"], *(str(one[key]) if closed else "" for key in ("yes", "no", "invalid")),
         one["result"] if closed else "")
        for one in found["cases"]
    )  # fmt: skip
    headers = ("Số TT", "Họ và tên, tập thể", "Đồng ý", "Không đồng ý", "Không hợp lệ", "Kết quả")
    label = regime_of(campaign.year).label(found["title"])
    words = [f"Hình thức: {found['method_label']}", f"Tình trạng: {found['state_label']}",
             f"Thành viên tham gia, kể cả ý kiến bằng văn bản: {found['taking_part']}/{found['members']}"]  # fmt: skip
    if found["checked_by"]:
        words.append(f"Đã đối chiếu với biên bản giấy: {', '.join(found['checked_by'])}")
    if found["withdrawn"]:
        words.append(f"Người rút: {found['withdrawn']['by']}")
    sections = (Section(label, words=words), Section("Kết quả", TOTALS, Sheet(headers, rows)))
    return as_html(await framed(tx, campaign, "Bỏ phiếu của Hội đồng", sections, depth=1))


async def decisions(tx: Transaction, code: str, page: Page) -> Response:
    """Return the page of a campaign's decisions, newest first."""
    campaign = await campaign_of(tx, code)
    if campaign is None:
        return as_html(NO_CAMPAIGN)
    found = await decided.listed(tx, campaign.code, page.limit, page.offset)
    rows = tuple(
        (Link(one["number"], f"decisions/{one['id']}"), day_words(one["dated"]), one["authority"], one["signer"],
         str(one["awards"]), f"đã hủy bỏ: {one['cancelled_because']}" if one["cancelled"] else "còn hiệu lực")
        for one in found["items"]
    )  # fmt: skip
    headers = ("Số", "Ngày", "Cấp quyết định", "Người ký", "Số trường hợp", "Tình trạng")
    sections = [Section(sheet=Sheet(headers, rows), empty=NO_DECISION)]
    more = [turned("decisions", campaign, page, found["total"])] if rows else []
    return as_html(await framed(tx, campaign, "Quyết định", [*sections, *more]))


async def decision(tx: Transaction, id: str) -> Response:
    """Return the page of one decision with its lines by name."""
    found, lines = await decided.one(tx, id)
    campaign = await _campaign(tx, found["campaign"])
    rows = tuple(
        (str(number), one["name"], one["post"], one["unit"], f"{one['label']} năm {one['year']}")
        for number, one in enumerate(lines, 1)
    )
    headers = ("Số TT", "Họ và tên, tập thể", "Chức vụ", "Đơn vị", "Danh hiệu, hình thức")
    words = [
        f"Ngày {day_words(found['dated'])}",
        f"Cấp quyết định: {found['authority']}",
        f"Người ký: {found['signer']}",
    ]
    if found["cancelled"]:
        words.append(f"Đã hủy bỏ: {found['cancelled_because']}")
    sections = (Section(f"Quyết định số {found['number']}", words=words),
                Section("Danh sách", sheet=Sheet(headers, rows), empty="Mọi dòng đã bị hủy bỏ riêng."))  # fmt: skip
    if campaign is None:
        return as_html(View("Quyết định", sections, trail=(Link("thidua", "../../../"), Link("Khen thưởng", "../"))))
    return as_html(await framed(tx, campaign, "Quyết định", sections, depth=1))


async def _campaign(tx: Transaction, id: str | None) -> Campaign | None:
    return await lookups.campaign(tx, id) if id else None
