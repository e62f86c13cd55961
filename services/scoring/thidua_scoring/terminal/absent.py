"""Which part of a question matches nothing, and what there is instead: figures of the errors of the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from thidua_runtime.calling import call

_PARTS: Final = {
    "campaign": ("thuộc phong trào", "in campaign"),
    "period": ("của kỳ", "of period"),
    "set": ("theo bộ tiêu chí", "under set"),
    "lane": ("loại", "of lane"),
}
_SHOWN: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "campaign": lambda row: row["campaign_code"] or row["campaign"],
    "period": lambda row: row["period"],
    "set": lambda row: row["criteria_set"],
    "lane": lambda row: row["lane"],
}


def official_sets(url: str, campaign: str) -> set[str]:
    """Return the sets that a campaign has official scores of."""
    counted = call(f"{url}/scores/counts?{urlencode({'campaign': campaign})}")["counts"]
    return {one["set"] for one in counted if one["lane"] == "official"}


def no_set(where: str, set_id: str, known: Iterable[str]) -> dict[str, str]:
    """Say that a campaign or file has no official scores of a set, or none at all."""
    there = _listed(known)
    if not there:
        return _why(f"{where} chưa có điểm chính thức nào", f"{where} has no official scores yet")
    return _why(
        f"{where} không có bộ tiêu chí {set_id}; hãy chọn bộ tiêu chí bằng --set (đang có: {there})",
        f"{where} has none of set {set_id}; choose one with --set (there are: {there})",
    )


def no_period(where: str, set_id: str, period: str, known: Iterable[str]) -> dict[str, str]:
    """Say that there are official scores of a set, and of which periods."""
    there = _listed(known)
    return _why(
        f"bộ tiêu chí {set_id} trong {where} không có kỳ {period}; hãy chọn kỳ bằng --period (đang có: {there})",
        f"set {set_id} in {where} has no period {period}; choose one with --period (there are: {there})",
    )


def no_score(asked: dict[str, str], rows_of: Callable[[dict[str, str]], Sequence[dict[str, Any]]]) -> dict[str, str]:
    """Ask with one part more at a time, and say which one leaves nothing."""
    subject = asked["subject"]
    tried = {"subject": subject}
    rows = rows_of(tried)
    if not rows:
        return _why(
            f"chưa có đơn vị, cá nhân nào mã {subject} được chấm điểm; hãy kiểm tra lại mã đơn vị hoặc mã cán bộ",
            f"no unit or person with the code {subject} was scored; check the code",
        )
    for part, (words, english) in _PARTS.items():
        if not asked.get(part):
            continue
        tried = {**tried, part: asked[part]}
        found = rows_of(tried)
        if not found:
            there = _listed(_SHOWN[part](row) for row in rows)
            return _why(
                f"{subject} không có điểm {words} {asked[part]} (đang có: {there})",
                f"{subject} has no score {english} {asked[part]} (there are: {there})",
            )
        rows = found
    return _why(f"điểm của {subject} vừa thay đổi; hãy hỏi lại", f"the scores of {subject} just changed; ask again")


def _listed(known: Iterable[str]) -> str:
    return ", ".join(sorted(set(known)))


def _why(why: str, why_en: str) -> dict[str, str]:
    return {"why": why, "why_en": why_en}
