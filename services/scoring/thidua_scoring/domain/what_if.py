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
    Score,
    judge_quotas,
    rank,
    score,
)

Group = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Moved:
    """One subject under both: points and rank in its group; None where there is none."""

    subject: str
    before: Decimal | None
    after: Decimal | None
    rank_before: int | None
    rank_after: int | None


@dataclass(frozen=True)
class WhatIf:
    """What would change. `leaders`: groups whose first subjects change, old and new ones.

    `broken`: quotas with more in the band than places. `skipped`: why some cases could not be scored, with how many.
    """

    scored: int
    moved: tuple[Moved, ...]
    leaders: tuple[tuple[Group, tuple[str, ...], tuple[str, ...]], ...]
    broken: tuple[QuotaFinding, ...]
    skipped: Mapping[str, int]


def what_if(draft: CriteriaSet, rows: Iterable[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> WhatIf:
    """Score stored cases under a draft. `rows`: as the door of cases gives them; `before`: rank groups of then."""
    scores: dict[str, Score] = {}
    official: dict[str, Decimal | None] = {}
    skipped: dict[str, int] = {}
    for row in rows:
        official[row["subject"]] = None if row["points"] is None else Decimal(row["points"])
        try:
            scores[row["subject"]] = score(draft, _under(draft, row["case"]))
        except (CaseDoesNotFit, ParameterRefused) as error:
            skipped[str(error)] = skipped.get(str(error), 0) + 1
    groups = rank(draft, scores.values())
    old, new = _old_ranks(before), _new_ranks(groups)
    every = (
        Moved(name, official[name], found.total, old.get(name), new.get(name)) for name, found in sorted(scores.items())
    )
    moved = tuple(one for one in every if (one.before, one.rank_before) != (one.after, one.rank_after))
    quotas = judge_quotas(draft, scores.values())
    broken = tuple(one for one in quotas if one.status == "needs_person")
    return WhatIf(len(scores), moved, tuple(_leaders(before, groups)), broken, skipped)


def _under(draft: CriteriaSet, case: Mapping[str, Any]) -> Case:
    # A campaign's own value of a parameter that the draft has no more is no reason to stop.
    parameters = {name: one for name, one in case.get("parameters", {}).items() if name in draft.parameters}
    return Case.model_validate({**case, "parameters": parameters})


def _old_ranks(before: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {one["subject"]: one["rank"] for group in before for one in group["ranked"]}


def _new_ranks(groups: Iterable[RankGroup]) -> dict[str, int]:
    return {one.subject: one.rank for group in groups for one in group.ranked}


def _leaders(
    before: Sequence[Mapping[str, Any]], after: Iterable[RankGroup]
) -> Iterable[tuple[Group, tuple[str, ...], tuple[str, ...]]]:
    old = {tuple(sorted(group["within"].items())): _first(group["ranked"]) for group in before}
    for group in after:
        new = tuple(one.subject for one in group.ranked if one.rank == 1)
        led = old.get(tuple(sorted(group.within)), ())
        if set(led) != set(new):
            yield group.within, led, new


def _first(ranked: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(one["subject"] for one in ranked if one["rank"] == 1)
