"""Quotas of bands: how many places a group has and who is inside by points. A person decides, never this code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Literal

from thidua.criteria.exact import in_words, percent_in_words, rounded
from thidua.criteria.loader import CriteriaSet
from thidua.criteria.manifest import Quota
from thidua.criteria.ranking import Within, group_of
from thidua.criteria.score import Score


@dataclass(frozen=True, slots=True)
class QuotaFinding:
    """One quota in one group.

    `status`: `waiting` while a score of the group is open (`waiting_for` names the subjects), `kept` if the
    band holds no more than `places`, else `needs_person`. `inside`: by points; `tied`: equal at the margin;
    `outside`: the rest. Nobody's band is lowered here: whoever decides states it as a fact.
    """

    band: str
    within: Within
    status: Literal["waiting", "kept", "needs_person"]
    base: int
    places: int
    inside: tuple[str, ...]
    tied: tuple[str, ...]
    outside: tuple[str, ...]
    waiting_for: tuple[str, ...]
    sentence: str
    source: str | None
    mark: str | None


def judge_quotas(criteria_set: CriteriaSet, scores: Iterable[Score]) -> tuple[QuotaFinding, ...]:
    """Judge every quota of a set in every group of official scores of one period.

    Raises ValueError for a running score: a quota is judged once official scores stand.
    """
    listed = list(scores)
    if any(one.lane != "official" for one in listed):
        raise ValueError("quotas are judged on official scores; leave running ones out")
    quotas = criteria_set.manifest.quotas
    return tuple(found for quota in quotas for found in _by_group(quota, listed))


def _by_group(quota: Quota, scores: list[Score]) -> Iterable[QuotaFinding]:
    def key(one: Score) -> Within:
        return group_of(one, quota.within)

    for within, members in groupby(sorted(scores, key=key), key=key):
        yield _judged(quota, within, list(members))


def _judged(quota: Quota, within: Within, members: list[Score]) -> QuotaFinding:
    waiting = tuple(one.subject.id for one in members if one.state == "incomplete")
    base = sum(one.band in quota.of for one in members)
    places = int(rounded(base * quota.at_most, 0, quota.rounding))
    wanted = [one for one in members if one.band == quota.band]
    wanted.sort(key=lambda one: ((one.total or Decimal(0)).copy_negate(), one.subject.id))
    inside, tied, outside = _at_the_margin(wanted, places)
    status: Literal["waiting", "kept", "needs_person"] = "kept" if len(wanted) <= places else "needs_person"
    return QuotaFinding(
        band=quota.band,
        within=within,
        status="waiting" if waiting else status,
        base=base,
        places=places,
        inside=inside,
        tied=tied,
        outside=outside,
        waiting_for=waiting,
        sentence=_sentence(quota, base, places, len(wanted), len(waiting)),
        source=quota.source,
        mark=quota.mark,
    )


def _at_the_margin(wanted: list[Score], places: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    names = tuple(one.subject.id for one in wanted)
    if len(wanted) <= places:
        return names, (), ()
    margin = wanted[places].total
    inside = tuple(one.subject.id for one in wanted[:places] if one.total != margin)
    tied = tuple(one.subject.id for one in wanted if one.total == margin)
    if len(inside) == places:
        # Nobody inside shares the figure of the first one outside, so nothing is tied at the margin.
        return inside, (), names[places:]
    return inside, tied, tuple(name for name in names if name not in inside and name not in tied)


def _sentence(quota: Quota, base: int, places: int, wanted: int, waiting: int) -> str:
    sentence = f"{wanted} trường hợp; tối đa {percent_in_words(quota.at_most)} của {base} là {in_words(places)}"
    return f"{sentence}; còn {waiting} trường hợp chưa có điểm chính thức." if waiting else f"{sentence}."
