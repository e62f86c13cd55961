"""Scores as papers print them: points of a maximum, official or running, with the mark of their source and the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from thidua.contracts import ScoreState
from thidua_awards.domain.findings import day_text
from thidua_awards.law import Mark
from thidua_runtime.database import Transaction

SCORES: Final = text("""
-- The official result of the period, else the running one.
select distinct on (subject) body::text as body from replica_scores
 where not deleted and campaign = :campaign and period = :period and subject = any(cast(:subjects as text[]))
 order by subject, lane = 'official' desc, version desc
""")
LANES: Final = {"official": "chính thức"}
RUNNING: Final = "tạm tính"
MARKS: Final = {mark.value: mark.words for mark in Mark if mark is not Mark.OFFICIAL} | {"illustrative": "mẫu minh họa"}
"""What stands beside points whose source is no text that was read; those of an official text need no words."""


async def scores_of(tx: Transaction, campaign: str, period: str, subjects: Sequence[str]) -> dict[str, ScoreState]:
    """Return the score of each subject that has one in that period, such as `2022` or `2022-H1`."""
    rows = await tx.rows(SCORES, campaign=campaign, period=period, subjects=list(subjects))
    return {one.subject: one for one in (ScoreState.model_validate_json(row.body) for row in rows)}


def number_words(value: object) -> str:
    """Write a number with a decimal comma; "" for None: what was not scored is not nought."""
    return "" if value is None else str(value).replace(".", ",")


def of_maximum(points: object, maximum: object) -> str:
    """Write points with their maximum; "" where one of them is not known."""
    return "" if points is None or maximum is None else f"{number_words(points)}/{number_words(maximum)}"


def standing(score: ScoreState, mark: str | None = None) -> str:
    """Say how far points may be relied on: `chính thức, mẫu minh họa, tính đến 31/12/2022`.

    `mark`: that of the single criterion, where it has one of its own.
    """
    words = (LANES.get(score.lane.value, RUNNING), MARKS.get(mark or score.points_mark or "", ""))
    return ", ".join(filter(None, (*words, f"tính đến {day_text(score.as_of)}")))
