"""A draft held against last year: the stored cases scored again under it, beside what was official."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from thidua.criteria import (
    Case,
    CaseDoesNotFit,
    CriteriaSet,
    ParameterRefused,
    QuotaFinding,
    RankGroup,
    RuleBroken,
    Score,
    judge_quotas,
    rank,
    score,
)
from thidua.criteria.periods import period as period_of

Group = tuple[tuple[str, str], ...]
Row = Mapping[str, Any]
"""An official score with its case, as the door of cases gives it."""


@dataclass(frozen=True)
class Moved:
    """One subject under both: points, band and rank in its group; None where there is none."""

    subject: str
    before: Decimal | None
    after: Decimal | None
    rank_before: int | None
    rank_after: int | None
    band_before: str | None
    band_after: str | None


@dataclass(frozen=True)
class Led:
    """Who leads a group, first ones that tie included, and with how many points."""

    subjects: tuple[str, ...]
    points: Decimal | None


@dataclass(frozen=True)
class WhatIf:
    """What would change in one period. `leaders`: groups whose first subjects change, before and after.

    `as_of`: the newest date that a case knows. `is_ranked`: whether the ranks of then were at hand; without them only
    points and bands are compared. `broken`: quotas with more in the band than places. `skipped`: why some cases could
    not be scored, with how many. `maxima`: the highest points that could be reached, officially and under the draft.
    `without_data`: inputs of the draft of which no case knows anything, by name, with their headings.
    """

    period: str
    as_of: str
    scored: int
    moved: tuple[Moved, ...]
    is_ranked: bool
    leaders: tuple[tuple[Group, Led, Led], ...]
    broken: tuple[QuotaFinding, ...]
    skipped: Mapping[str, int]
    maxima: tuple[tuple[Decimal, ...], tuple[Decimal, ...]] = ((), ())
    without_data: tuple[tuple[str, str], ...] = ()

    @property
    def counted(self) -> tuple[int, int, int]:
        """How many gain points, how many lose some, and how many change only their rank or band."""
        both = [(one.before, one.after) for one in self.moved if one.before is not None and one.after is not None]
        more, less = sum(after > before for before, after in both), sum(after < before for before, after in both)
        return more, less, len(self.moved) - more - less


def of_one_period(rows: Sequence[Row], period: str) -> list[Row]:
    """Return the rows of a period; without one of the longest, and of these the newest."""
    spans = [period_of(row["period"]) for row in rows]
    chosen = period or max(((one.last - one.first, one.last, one.name) for one in spans), default=(0, 0, ""))[2]
    return [row for row in rows if row["period"] == chosen]


def what_if(draft: CriteriaSet, rows: Sequence[Row], before: Sequence[Mapping[str, Any]] | None) -> WhatIf:
    """Score the stored cases of one period under a draft. `before`: rank groups of then; None: they are not known."""
    scores: dict[str, Score] = {}
    skipped: dict[str, int] = {}
    for row in rows:
        try:
            scores[row["subject"]] = score(draft, _under(draft, row["case"]))
        except (CaseDoesNotFit, ParameterRefused, RuleBroken) as error:
            skipped[str(error)] = skipped.get(str(error), 0) + 1
    groups = rank(draft, scores.values())
    quotas = judge_quotas(draft, scores.values())
    return WhatIf(
        period=rows[0]["period"] if rows else "",
        as_of=max((str(row["case"]["as_of"]) for row in rows), default=""),
        scored=len(scores),
        moved=tuple(_moved(rows, scores, before, groups)),
        is_ranked=before is not None,
        leaders=tuple(_leaders(before or (), groups)),
        broken=tuple(one for one in quotas if one.status == "needs_person"),
        skipped=skipped,
        maxima=(_maxima(row.get("maximum") for row in rows), _maxima(one.maximum for one in scores.values())),
        without_data=_without_data(scores.values()),
    )


def _without_data(scores: Iterable[Score]) -> tuple[tuple[str, str], ...]:
    """Return the inputs that lines asked for and that are missing in every score."""
    states: dict[str, set[str]] = {}
    headings: dict[str, str] = {}
    for one in scores:
        waiting = [*one.criteria, *one.adjustments]
        for line in waiting:
            waiting += line.parts
            for used in line.inputs:
                states.setdefault(used.name, set()).add(used.state)
                headings[used.name] = used.heading
    return tuple((name, headings[name]) for name, seen in states.items() if seen == {"missing"})


def _maxima(figures: Iterable[Any]) -> tuple[Decimal, ...]:
    return tuple(sorted({Decimal(one) for one in figures if one is not None}))


def _under(draft: CriteriaSet, case: Mapping[str, Any]) -> Case:
    # A campaign's own value of a parameter that the draft has no more is no reason to stop.
    parameters = {name: one for name, one in case.get("parameters", {}).items() if name in draft.parameters}
    return Case.model_validate({**case, "parameters": parameters})


def _moved(
    rows: Iterable[Row],
    scores: Mapping[str, Score],
    before: Sequence[Mapping[str, Any]] | None,
    groups: Iterable[RankGroup],
) -> Iterable[Moved]:
    old, new = _old_ranks(before or ()), {one.subject: one.rank for group in groups for one in group.ranked}
    for row in sorted(rows, key=lambda row: str(row["subject"])):
        name = row["subject"]
        if name not in scores:
            continue
        points = None if row["points"] is None else Decimal(row["points"])
        after = scores[name]
        rank_before, rank_after = (None, None) if before is None else (old.get(name), new.get(name))
        one = Moved(name, points, after.total, rank_before, rank_after, row["band"], after.band)
        if (points, rank_before, row["band"]) != (after.total, rank_after, after.band):
            yield one


def _old_ranks(before: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {one["subject"]: one["rank"] for group in before for one in group["ranked"]}


def _leaders(before: Sequence[Mapping[str, Any]], after: Iterable[RankGroup]) -> Iterable[tuple[Group, Led, Led]]:
    old = {tuple(sorted(group["within"].items())): _first(group["ranked"]) for group in before}
    for group in after:
        first = [one for one in group.ranked if one.rank == 1]
        new = Led(tuple(one.subject for one in first), first[0].total if first else None)
        led = old.get(tuple(sorted(group.within)))
        if led is not None and set(led.subjects) != set(new.subjects):
            yield group.within, led, new


def _first(ranked: Iterable[Mapping[str, Any]]) -> Led:
    first = [one for one in ranked if one["rank"] == 1]
    return Led(tuple(one["subject"] for one in first), Decimal(first[0]["total"]) if first else None)
