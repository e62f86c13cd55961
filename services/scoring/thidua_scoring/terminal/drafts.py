"""What a draft would change, as lines an official can read: a summary first, then who and what, with names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from thidua.criteria import CriteriaSet, QuotaFinding
from thidua_runtime.calling import call
from thidua_scoring.domain.what_if import Group, Led, Moved, WhatIf

LISTED: Final = 200
"""How many of those who move are named; those who move most come first."""
MOST_TIED: Final = 3
"""How many of those who lead together are named; the others are counted."""


def groups(url: str, campaign: str, set_id: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rank groups of the period that the rows are about."""
    if not rows:
        return []
    query = {"campaign": campaign, "set": set_id, "period": rows[0]["period"], "lane": "official"}
    found: list[dict[str, Any]] = call(f"{url}/rankings?{urlencode(query)}")["groups"]
    return found


def names(rows: Sequence[Mapping[str, Any]], listed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what subjects, their units and clusters are called; people by their staff code."""
    units = {row["case"]["subject"]["unit"]: row["unit_name"] for row in rows if "unit_name" in row}
    subjects = {row["subject"]: row["called"] for row in rows if "called" in row}
    clusters = {group["within"].get("subject.cluster"): group["cluster_name"] for group in listed}
    return {str(key): name for key, name in {**units, **subjects, **clusters}.items() if name}


def shown(draft: CriteriaSet, found: WhatIf, called: Mapping[str, str]) -> Iterator[str]:
    """Give the report: a summary, new leaders, quotas that break, who moves, what was skipped."""
    bands = {band.code: band.title for band in draft.manifest.bands}
    yield from _summary(draft, found)
    if found.leaders:
        yield f"Đổi người dẫn đầu ({len(found.leaders)}):"
    for within, old, new in found.leaders:
        yield f"  {_where(within, called)}: {_led(old, called)} → {_led(new, called)}"
    if found.broken:
        yield f"Hạn mức bị vượt ({len(found.broken)}):"
        yield from (f"  {_quota(one, bands, called)}" for one in found.broken)
    yield f"Đối tượng đổi điểm, hạng hoặc mức xếp loại ({len(found.moved)}):"
    moved = sorted(found.moved, key=_change, reverse=True)
    yield from (f"  {_line(one, bands, called, is_ranked=found.is_ranked)}" for one in moved[:LISTED])
    if len(moved) > LISTED:
        yield f"  … và {len(moved) - LISTED} đối tượng khác đổi ít hơn."
    yield from (f"Bỏ qua {number} hồ sơ: {why}" for why, number in sorted(found.skipped.items()))


def _summary(draft: CriteriaSet, found: WhatIf) -> Iterator[str]:
    yield f"Chấm thử {found.scored} hồ sơ theo dự thảo {draft.id} {draft.version}; không công bố, không lưu kết quả."
    if found.period:
        yield f"So với điểm chính thức kỳ {found.period}, số liệu tính đến {_day(found.as_of)}."
    was, now = found.maxima
    if was and now and was != now:
        yield (
            f"Thang điểm khác nhau: điểm chính thức tối đa {_figures(was)}, dự thảo tối đa {_figures(now)}; "
            "mức tăng, giảm dưới đây gồm cả chênh lệch thang điểm."
        )
    if draft.manifest.points.mark == "illustrative":
        yield "Điểm là mẫu minh họa, không phải điểm do văn bản quy định."
    if found.without_data:
        listed = "; ".join(f"{heading} ({name})" for name, heading in found.without_data)
        yield (
            f"{len(found.without_data)} đầu vào của dự thảo chưa có số liệu trong hồ sơ nào: {listed}; "
            "điểm tạm tính vì vậy có thể thấp hơn thực tế."
        )
    more, less, others = found.counted
    yield f"Tóm tắt: {len(found.moved)}/{found.scored} đối tượng thay đổi: {more} tăng điểm, {less} giảm điểm, " + (
        f"{others} chỉ đổi hạng hoặc mức xếp loại."
    )
    leaders = f"{len(found.leaders)} cụm, khối, đơn vị đổi người dẫn đầu" if found.is_ranked else "không so thứ hạng"
    yield f"  {leaders}; {len(found.broken)} hạn mức bị vượt; {sum(found.skipped.values())} hồ sơ bỏ qua."


def _day(written: str) -> str:
    return date.fromisoformat(written).strftime("%d/%m/%Y")


def _where(within: Group, called: Mapping[str, str]) -> str:
    return ", ".join(called.get(value, value) for _, value in within if value) or "Toàn bộ"


def _led(one: Led, called: Mapping[str, str]) -> str:
    who = "; ".join(called.get(subject, subject) for subject in one.subjects[:MOST_TIED])
    if len(one.subjects) > MOST_TIED:
        who += f" và {len(one.subjects) - MOST_TIED} đối tượng đồng hạng khác"
    return f"{who} ({_figure(one.points)} điểm)" if who else "chưa có"


def _quota(one: QuotaFinding, bands: Mapping[str, str], called: Mapping[str, str]) -> str:
    return f"{_where(one.within, called)}, “{bands.get(one.band, one.band)}”: {one.sentence}"


def _line(one: Moved, bands: Mapping[str, str], called: Mapping[str, str], *, is_ranked: bool) -> str:
    said = [f"{called.get(one.subject, one.subject)}: {_figure(one.before)} → {_figure(one.after)} điểm{_by(one)}"]
    if is_ranked:
        said.append(f"hạng {_rank(one.rank_before)} → {_rank(one.rank_after)}")
    if one.band_before != one.band_after:
        before, after = (bands.get(band or "", band or "chưa xếp loại") for band in (one.band_before, one.band_after))
        said.append(f"{before} → {after}")
    return ", ".join(said)


def _by(one: Moved) -> str:
    change = one.after - one.before if one.after is not None and one.before is not None else Decimal(0)
    return f" ({'+' if change > 0 else ''}{_figure(change)})" if change else ""


def _change(one: Moved) -> Any:
    return abs((one.after or 0) - (one.before or 0)), one.subject


def _figure(points: Decimal | None) -> str:
    return "chưa có" if points is None else format(points, "f").replace(".", ",")


def _figures(points: Sequence[Decimal]) -> str:
    return "; ".join(map(_figure, points))


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)
