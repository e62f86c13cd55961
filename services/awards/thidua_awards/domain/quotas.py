"""Quota of Chiến sĩ thi đua cơ sở: a cap on the number of titles, within which the council chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from thidua.contracts.judgement import Finding, QuotaPlace
from thidua_awards.domain.findings import met, person
from thidua_awards.law import Rule, decimal_text, percent_of


@dataclass(frozen=True, slots=True)
class QuotaGroup:
    """The deciding unit in one year: LĐTT *awarded* there (None: no decision yet), and who is in the running.

    `eligible` met every other condition; `waiting` still lack data or a person's judgement.
    """

    group: str
    awarded: int | None
    eligible: int
    waiting: int


def quota_place(found: QuotaGroup, rule: Rule) -> QuotaPlace | None:
    """Return the places of the group with the arithmetic, or None while it cannot be computed.

    Source: Nghị định 91/2017/NĐ-CP, Điều 9 khoản 3 (at most 15 % of those who hold LĐTT). Rounding down and
    `min_one` are data of the rule; points order nothing here.
    """
    if rule.share is None or found.awarded is None:
        return None
    places = rule.share.places(found.awarded, min_one=rule.min_one)
    limit = rule.share.limit
    arithmetic = f"{percent_of(limit)} của {found.awarded} = {decimal_text(found.awarded * limit)}"
    candidates = f"{found.eligible} người đủ điều kiện{_waiting(found)}"
    return QuotaPlace(
        group=found.group,
        sentence=f"{arithmetic} → {places} suất{_rounding(found.awarded * limit, places)}, {candidates}",
        denominator=found.awarded,
        places=places,
        candidates=found.eligible,
    )


def _rounding(exact: Fraction, places: int) -> str:
    """Say which setting decided where rounding makes the difference between one place and none."""
    if places > exact:
        return " (thiết lập “tối thiểu một suất” đang bật)"
    return " (làm tròn xuống; thiết lập “tối thiểu một suất” đang tắt)" if places == 0 < exact else ""


def _waiting(found: QuotaGroup) -> str:
    return f", {found.waiting} người còn chờ dữ liệu hoặc người xem xét" if found.waiting else ""


def within_quota(found: QuotaGroup, place: QuotaPlace | None, rule: Rule) -> Finding:
    """Check the quota: beyond it all names stay and the council chooses; never "not met"."""
    if rule.share is None:
        note = rule.note or "Chưa có tỷ lệ áp dụng."
        return person(rule, f"{note} Hiện có {found.eligible} người đủ điều kiện.")
    if place is None:
        return person(rule, "Chưa có quyết định Lao động tiên tiến của đơn vị nên chưa tính được số suất.")
    if place.candidates + found.waiting <= place.places:
        return met(rule, f"{place.sentence}.")
    if place.candidates <= place.places:
        return met(rule, f"{place.sentence}; số suất còn đủ cho người đã đủ điều kiện.")
    return person(rule, f"{place.sentence}; Hội đồng chọn trong số suất, điểm minh họa không quyết định.")


POINTS_MARK: Final = "mẫu minh họa, không quyết định suất nào"
"""Stands beside the points of those in the running: they may order a list, the council chooses."""


def tied(points: Mapping[str, Decimal], places: int) -> tuple[str, ...]:
    """Return who has the same points just where the places end, in the order given; nobody where that is no question.

    >>> tied({"A": Decimal(90), "B": Decimal(80), "C": Decimal(80)}, 2)
    ('B', 'C')
    """
    ordered = sorted(points.values(), reverse=True)
    if not 0 < places < len(ordered) or ordered[places - 1] != ordered[places]:
        return ()
    return tuple(name for name, have in points.items() if have == ordered[places])
