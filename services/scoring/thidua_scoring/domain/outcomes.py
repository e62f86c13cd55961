"""From the engine's score to the published state: points, status per line, explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from thidua.contracts import ScoreState, SubjectKind
from thidua.contracts.judgement import Lane
from thidua.criteria import CriterionResult, Score
from thidua_scoring.domain.material import Material

NOT_SCORED: Final = "not_scored"
PREFIX: Final = "chưa chấm: "
"""How every reason starts why a subject has no score."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case: the state to publish, the canonical score (compressed) and case, or why
    there is none.

    `failure`: the label of `thidua_criteria_set_failures_total`, None unless the set failed. `detail`: for
    the log and the author of the set, never for the stream.
    """

    state: ScoreState
    tree: bytes | None = None
    case: bytes | None = None
    failure: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SetUsed:
    """The set, version and artefact a campaign scores with."""

    id: str
    version: str
    artefact: str = "-"


def scored(material: Material, score: Score, whole: Mapping[str, Any]) -> ScoreState:
    """Return the state that says what the engine found; `whole` is the score as JSON-able matter."""
    return ScoreState.model_validate(
        {
            "subject": material.subject,
            "subject_kind": SubjectKind(material.kind),
            "unit": material.unit_id,
            "cluster": material.cluster,
            "campaign": material.frame.campaign,
            "period": score.period,
            "criteria_set": score.set_id,
            "set_version": score.set_version,
            "lane": Lane(score.lane),
            "state": score.state,
            "points": score.total,
            "maximum": score.maximum,
            "points_mark": score.mark,
            "band": score.band,
            "ranked": score.ranked,
            "not_ranked_because": score.not_ranked_because,
            # Not yet CriterionLine: lines and state are checked together, in one pass.
            "lines": [_line(one, score.mark) for one in score.lines.values()],
            "explanation": _explanation(whole),
            "engine": score.engine,
            "artefact": score.artefact,
            "case_hash": score.case_hash,
            "as_of": score.as_of,
        }
    )


def not_scored(material: Material, used: SetUsed, period: str, lane: str, why: str) -> ScoreState:
    """Return the state of a subject that has no score; `why` is a piece of a Vietnamese sentence."""
    reason = f"{PREFIX}{why}"
    return ScoreState(
        subject=material.subject,
        subject_kind=SubjectKind(material.kind),
        unit=material.unit_id,
        cluster=material.cluster,
        campaign=material.frame.campaign,
        period=period,
        criteria_set=used.id,
        set_version=used.version,
        lane=Lane(lane),
        state=NOT_SCORED,
        ranked=False,
        not_ranked_because=reason,
        explanation={"reason": reason},
        artefact=used.artefact,
        as_of=material.frame.as_of,
    )


def _line(one: CriterionResult, mark: str | None) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": one.title,
        "status": one.status,
        "points": one.points,
        "maximum": one.maximum,
        "sentence": one.sentence,
        "mark": one.marks[0] if one.marks else mark,
    }


def _explanation(whole: Mapping[str, Any]) -> dict[str, Any]:
    named = (
        "sentence",
        "reason",
        "lower",
        "upper",
        "applicable_maximum",
        "missing",
        "counted_as",
        "band_title",
        "marks",
    )
    struck = [
        {key: one[key] for key in ("code", "title", "clause", "verdict", "effect", "sentence")}
        for one in whole["eliminations"]
    ]
    replaced = [one for one in whole["parameters"] if one["reason"]]
    chosen = {key: whole[key] for key in named if whole[key] not in (None, "", [])}
    return {**chosen, **({"eliminations": struck} if struck else {}), **({"replaced": replaced} if replaced else {})}
