"""Ranks within a cluster, by printed figures; ties share a rank, and who cannot be compared stands apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from thidua.criteria.exact import rounded
from thidua.criteria.loader import CriteriaSet
from thidua.criteria.resolved import ONE
from thidua.criteria.score import Score

Within = tuple[tuple[str, str], ...]
"""What the members of a group share, as (attribute, value)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rank; `tied`: how many share it. `figures`: what was compared, in the order of the set."""

    rank: int
    subject: str
    total: Decimal
    tied: int
    figures: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """A subject without a rank, with the reason as a Vietnamese text."""

    subject: str
    total: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class RankGroup:
    """One group of compared subjects: `within` as (attribute, value), ranked ones, and those apart.

    `mark`: the points carry it ("illustrative"), and the rank with them.
    """

    within: Within
    ranked: tuple[Place, ...]
    apart: tuple[Apart, ...]
    mark: str | None


def rank(criteria_set: CriteriaSet, scores: Iterable[Score]) -> tuple[RankGroup, ...]:
    """Rank scores of one set, campaign, period and lane. Empty if the set ranks nobody.

    Raises ValueError for scores of another set, or of several campaigns, periods or lanes.
    """
    ranking = criteria_set.manifest.ranking
    listed = list(scores)
    if len({(one.set_id, one.campaign, one.period, one.lane) for one in listed}) > 1 or any(
        one.set_id != criteria_set.id for one in listed
    ):
        raise ValueError("scores of several sets, campaigns, periods or lanes cannot be ranked together")
    if ranking is None:
        return ()
    attributes = ranking.within if isinstance(ranking.within, tuple) else (ranking.within,)
    listed.sort(key=lambda one: (group_of(one, attributes), one.subject.id))
    groups = groupby(listed, key=lambda one: group_of(one, attributes))
    mark = criteria_set.manifest.points.mark
    maxima = {one.code: Fraction(one.maximum or ONE) for one in criteria_set.manifest.criteria}
    compared_by = tuple((code, maxima.get(code, ONE)) for code in ranking.by)
    return tuple(_ranked(key, list(members), compared_by, mark) for key, members in groups)


def group_of(one: Score, attributes: tuple[str, ...]) -> Within:
    """Return the group a score is compared in: (attribute, value) pairs; an unknown value is an empty text."""
    return tuple((name, str(getattr(one.subject, name.removeprefix("subject.")) or "")) for name in attributes)


def _ranked(within: Within, members: list[Score], by: Sequence[tuple[str, Fraction]], mark: str | None) -> RankGroup:
    compared = [one for one in members if one.ranked and one.total is not None]
    figures = {one.subject.id: tuple(_figure(one, *each) for each in by) for one in compared}
    compared.sort(key=lambda one: tuple(-figure for figure in figures[one.subject.id]))
    places: list[Place] = []
    for key, equals in groupby(compared, key=lambda one: figures[one.subject.id]):
        tied = list(equals)
        first = len(places) + 1
        places += [Place(first, one.subject.id, one.total or Decimal(0), len(tied), key) for one in tied]
    apart = [
        Apart(one.subject.id, one.total, one.not_ranked_because or one.reason)
        for one in members
        if not one.ranked or one.total is None
    ]
    return RankGroup(within, tuple(places), tuple(apart), mark)


def _figure(one: Score, code: str, maximum: Fraction) -> Decimal:
    if code == "total":
        return one.total or Decimal(0)
    # A year made of periods has no line of its own for a criterion.
    line = one.lines.get(code)
    if line is not None and line.points is not None:
        return line.points
    # A tie-break that does not apply to a subject must neither help nor harm it more than its total does.
    whole = one.maximum or Decimal(1)
    most = maximum if line is None else Fraction(line.maximum)
    return rounded(most * Fraction(one.total or 0) / Fraction(whole), 2)
