"""Registered targets beside what months and scores say of them, for the reports that print both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thidua.contracts import Registration, ScoreState
from thidua.contracts.campaign import Target
from thidua_awards.domain.common import IN_FORCE
from thidua_awards.queries.months import rates
from thidua_awards.queries.review_sets import REGISTRATIONS_OF
from thidua_awards.queries.scores import number_words, of_maximum, scores_of, standing
from thidua_runtime.database import Transaction

ON_TIME: Final = ("nhiệm vụ", "đúng hạn")
"""Words of a target that asks, in %, for the rate of work on time."""


async def compared(
    tx: Transaction, campaign: str, subjects: Sequence[str], period: str, first: str, last: str
) -> dict[str, dict[str, Any]]:
    """Return by subject its `targets`, registered and reached, and its `score`; "" where nothing is known.

    `period`: that of the scores, such as 2022; `first`, `last`: the months that count. What was reached is the on-time
    rate where a target asks for it, else the points of the criterion that bears its name, with what they may be relied
    on. Any other target is a text, whose result its unit writes.
    """
    rows = await tx.rows(REGISTRATIONS_OF, campaign=campaign, subjects=list(subjects))
    items = (Registration.model_validate_json(row.body) for row in rows)
    targets = {one.subject: one.targets for one in items if one.state in IN_FORCE}
    scores = await scores_of(tx, campaign, period, subjects)
    on_time = await rates(tx, subjects, first, last)
    return {
        one: {
            "score": _score(scores.get(one)),
            "targets": _shown(targets.get(one, ()), on_time.get(one, ""), scores.get(one)),
        }
        for one in subjects
    }


def _score(score: ScoreState | None) -> str:
    points = of_maximum(score.points, score.maximum) if score else ""
    return f"{points} ({standing(score)})" if score and points else ""


def _shown(targets: Sequence[Target], rate: str, score: ScoreState | None) -> list[dict[str, str]]:
    points = _points_by_title(score) if score else {}
    return [
        {"name": one.name, "registered": _registered(one), "result": _reached(one, rate, points)} for one in targets
    ]


def _points_by_title(score: ScoreState) -> dict[str, str]:
    found = ((one, of_maximum(one.points, one.maximum)) for one in score.lines)
    return {one.title.casefold(): f"{words} điểm ({standing(score, one.mark)})" for one, words in found if words}


def _registered(target: Target) -> str:
    return " ".join(filter(None, (number_words(target.value), target.measure)))


def _reached(target: Target, rate: str, points: Mapping[str, str]) -> str:
    name = target.name.casefold()
    asks_for_rate = target.measure == "%" and all(words in name for words in ON_TIME)
    return rate if asks_for_rate else points.get(name, "")
