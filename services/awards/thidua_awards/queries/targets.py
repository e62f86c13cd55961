"""Registered targets beside what months and scores say of them, for the reports that print both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import Registration, ScoreState
from thidua.contracts.campaign import RegistrationState, Target
from thidua_awards.queries.months import rates
from thidua_runtime.database import Transaction

REGISTERED: Final = text("""
select body::text as body from replica_registrations
 where not deleted and campaign = :campaign and subject = any(cast(:subjects as text[])) order by key
""")
SCORES: Final = text("""
-- The official result of the period, else the running one.
select distinct on (subject) body::text as body from replica_scores
 where not deleted and campaign = :campaign and period = :period and subject = any(cast(:subjects as text[]))
 order by subject, lane = 'official' desc, version desc
""")
NOT_IN_FORCE: Final = frozenset({RegistrationState.DRAFT, RegistrationState.DECLINED, RegistrationState.WITHDRAWN})
ON_TIME: Final = ("nhiệm vụ", "đúng hạn")
"""Words of a target that asks, in %, for the rate of work on time."""
LANES: Final = {"official": "chính thức"}


async def compared(
    tx: Transaction, campaign: str, subjects: Sequence[str], period: str, first: str, last: str
) -> dict[str, dict[str, Any]]:
    """Return by subject its `targets`, registered and reached, and its `score`; "" where nothing is known.

    `period`: that of the scores, such as 2022; `first`, `last`: the months that count. What was reached is the on-time
    rate where a target asks for it, else the points of the criterion that bears its name. Any other target is a text,
    whose result its unit writes.
    """
    at = {"campaign": campaign, "subjects": list(subjects)}
    items = [Registration.model_validate_json(row.body) for row in await tx.rows(REGISTERED, **at)]
    found = [ScoreState.model_validate_json(row.body) for row in await tx.rows(SCORES, **at, period=period)]
    targets = {one.subject: one.targets for one in items if one.state not in NOT_IN_FORCE}
    scores = {one.subject: one for one in found}
    on_time = await rates(tx, subjects, first, last)
    return {
        one: {
            "score": _score(scores.get(one)),
            "targets": _shown(targets.get(one, ()), on_time.get(one, ""), scores.get(one)),
        }
        for one in subjects
    }


def _score(score: ScoreState | None) -> str:
    points = _of(score.points, score.maximum) if score else ""
    return f"{points} ({LANES.get(score.lane.value, 'tạm tính')})" if score and points else ""


def _shown(targets: Sequence[Target], rate: str, score: ScoreState | None) -> list[dict[str, str]]:
    lines = ((one.title.casefold(), _of(one.points, one.maximum)) for one in (score.lines if score else ()))
    points = {title: f"{reached} điểm" for title, reached in lines if reached}
    return [
        {"name": one.name, "registered": _registered(one), "result": _reached(one, rate, points)} for one in targets
    ]


def _registered(target: Target) -> str:
    return " ".join(filter(None, ("" if target.value is None else _number(target.value), target.measure)))


def _reached(target: Target, rate: str, points: Mapping[str, str]) -> str:
    name = target.name.casefold()
    asks_for_rate = target.measure == "%" and all(words in name for words in ON_TIME)
    return rate if asks_for_rate else points.get(name, "")


def _of(points: object, maximum: object) -> str:
    """Return points with their maximum; what was not scored is not nought."""
    return "" if points is None or maximum is None else f"{_number(points)}/{_number(maximum)}"


def _number(value: object) -> str:
    return str(value).replace(".", ",")
