"""What a draft would change, as lines an official can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from thidua.criteria import CriteriaSet
from thidua_runtime.calling import call
from thidua_scoring.domain.what_if import Moved, WhatIf


def groups(url: str, campaign: str, set_id: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rank groups of the newest period that the rows are about."""
    if not rows:
        return []
    query = {"campaign": campaign, "set": set_id, "period": max(row["period"] for row in rows), "lane": "official"}
    found: list[dict[str, Any]] = call(f"{url}/rankings?{urlencode(query)}")["groups"]
    return found


def names(listed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the names of subjects and clusters that rank groups tell."""
    known = {one["subject"]: one["name"] for group in listed for one in (*group["ranked"], *group["apart"])}
    clusters = {group["within"].get("subject.cluster"): group["cluster_name"] for group in listed}
    return {str(key): name for key, name in {**known, **clusters}.items() if name}


def shown(draft: CriteriaSet, found: WhatIf, called: Mapping[str, str]) -> Iterator[str]:
    """Give the report: how many were scored, who moves, new leaders, quotas that break, what was skipped."""
    yield f"Chấm thử {found.scored} hồ sơ theo dự thảo {draft.id} {draft.version}; không công bố, không lưu kết quả."
    yield f"{len(found.moved)} đối tượng đổi điểm hoặc thứ hạng:"
    for one in sorted(found.moved, key=_change, reverse=True):
        name = called.get(one.subject, one.subject)
        ranks = f"hạng {_rank(one.rank_before)} → {_rank(one.rank_after)}"
        yield f"  {name}: {_figure(one.before)} → {_figure(one.after)} điểm, {ranks}"
    yield f"{len(found.leaders)} cụm, khối, đơn vị đổi người dẫn đầu:"
    for within, old, new in found.leaders:
        where = ", ".join(called.get(value, value) for _, value in within) or "toàn bộ"
        yield f"  {where}: {_all(old, called)} → {_all(new, called)}"
    yield f"{len(found.broken)} hạn mức bị vượt:"
    yield from (f"  {one.sentence}" for one in found.broken)
    yield from (f"bỏ qua {number} hồ sơ: {why}" for why, number in sorted(found.skipped.items()))


def _change(one: Moved) -> Any:
    return abs((one.after or 0) - (one.before or 0)), one.subject


def _figure(points: object) -> str:
    return "chưa có" if points is None else f"{points}".replace(".", ",")


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _all(subjects: Sequence[str], called: Mapping[str, str]) -> str:
    return "; ".join(called.get(one, one) for one in subjects) or "chưa có"
