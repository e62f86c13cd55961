"""From the engine's score to the published state: points, status per line, explanation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from thidua.contracts import ScoreState, SubjectKind
from thidua.contracts.judgement import Lane
from thidua.criteria import CriterionResult, EliminationResult, Score
from thidua.criteria.canonical import plain_decimal
from thidua.criteria.score import in_order
from thidua_runtime.database import written
from thidua_scoring.domain.material import Material

NOT_SCORED: Final = "not_scored"
NO_CASE: Final = "-"
"""Stands for the hash of the case where a set came to nothing: it failed, was stopped, or is not there. What it finds
not applicable itself has a case."""
PREFIX: Final = "chưa chấm: "
"""How every reason starts why a subject has no score."""

_STAMPS: Final = ("case_hash", "as_of")


class Row(NamedTuple):
    """A score as its table and the stream take it. `body`: the published state as JSON, with the digest of it."""

    subject: str
    campaign: str
    period: str
    set_id: str
    set_version: str
    lane: str
    unit: str
    state: str
    points: Decimal | None
    band: str | None
    case_hash: str
    artefact: str
    body: str
    digest: bytes

    @property
    def key(self) -> str:
        """`subject/campaign/period/set/lane`."""
        return f"{self.subject}/{self.campaign}/{self.period}/{self.set_id}/{self.lane}"


class Outcome(NamedTuple):
    """What came of one case: the score to write and publish, canonical score and case (both compressed), or why
    there is none.

    `failure`: the label of `thidua_criteria_set_failures_total`, None unless the set failed. `detail`: for
    the log and the author of the set, never for the stream.
    """

    row: Row
    tree: bytes | None = None
    case: bytes | None = None
    failure: str | None = None
    detail: str = ""

    @property
    def state(self) -> ScoreState:
        """The state to publish, read back from its body."""
        return ScoreState.model_validate_json(self.row.body)


def row_of(state: ScoreState) -> Row:
    """Return a state as its table takes it."""
    body, digest = written(state)
    assert body is not None
    assert digest is not None
    return Row(
        state.subject, state.campaign, state.period, state.criteria_set, state.set_version, state.lane.value,
        state.unit, state.state, state.points, state.band, state.case_hash, state.artefact, body, digest,
    )  # fmt: skip


def scored_row(material: Material, score: Score, cut: datetime | None = None) -> Row:
    """Return what `row_of(scored(…))` returns, for a third of the time: the same bytes without a model in between.

    Raises ValueError for text with U+0000, which no database takes.
    """
    lines = _listed([_line_written(one, score.mark) for one in in_order((*score.criteria, *score.adjustments))])
    struck = _listed([_elimination_written(*_said(one)) for one in score.eliminations])
    fields = _fields(material, score, cut, lines, _explanation(score, struck))
    stamps = {name: fields.pop(name) for name in _STAMPS} if score.lane == "running" else {}
    body = orjson.dumps(fields)
    if b"\\u0000" in body:
        raise ValueError("text contains U+0000, which PostgreSQL cannot store")
    digest = hashlib.sha256(body).digest()[:16]
    if stamps:
        body = body[:-1] + b"," + orjson.dumps(stamps)[1:]
    return Row(
        material.subject, material.frame.campaign, score.period, score.set_id, score.set_version, score.lane,
        material.unit_id, score.state, score.total, score.band, score.case_hash, score.artefact, body.decode(), digest,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SetUsed:
    """The set, version and artefact a campaign scores with."""

    id: str
    version: str
    artefact: str = "-"


def scored(material: Material, score: Score, cut: datetime | None = None) -> ScoreState:
    """Return the state that says what the engine found."""
    lines = [_line(one, score.mark) for one in score.lines.values()]
    struck = [_elimination(*_said(one)) for one in score.eliminations]
    return ScoreState.model_validate(_fields(material, score, cut, lines, _explanation(score, struck)))


def _fields(
    material: Material, score: Score, cut: datetime | None, lines: object, explanation: object
) -> dict[str, Any]:
    """Return the fields of the state but its version, spelled and ordered as its contract does."""
    return {
        "subject": material.subject,
        "subject_kind": material.kind,
        "unit": material.unit_id,
        "cluster": material.cluster,
        "campaign": material.frame.campaign,
        "period": score.period,
        "criteria_set": score.set_id,
        "set_version": score.set_version,
        "lane": score.lane,
        "state": score.state,
        "points": None if score.total is None else str(score.total),
        "maximum": str(score.maximum),
        "points_mark": score.mark,
        "band": score.band,
        "ranked": score.ranked,
        "not_ranked_because": score.not_ranked_because,
        "lines": lines,
        "explanation": explanation,
        "engine": score.engine,
        "artefact": score.artefact,
        "case_hash": score.case_hash,
        "as_of": score.as_of.isoformat(),
        "cut": None if cut is None else cut.isoformat().replace("+00:00", "Z"),
    }


def not_scored(
    material: Material, used: SetUsed, period: str, lane: str, why: str, cut: datetime | None = None
) -> ScoreState:
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
        case_hash=NO_CASE,
        as_of=material.frame.as_of,
        cut=cut,
    )


def _line(one: CriterionResult, mark: str | None) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": one.title,
        "status": one.status,
        "points": None if one.points is None else str(one.points),
        "maximum": str(one.maximum),
        "sentence": one.sentence,
        "mark": one.marks[0] if one.marks else mark,
    }


def _line_written(one: CriterionResult, mark: str | None) -> bytes:
    # What people share is written once: lines that differ in evidence alone remember the one they are like.
    remarks, key = one.finding.remarks, ("published", mark)
    found: bytes | None = remarks.get(key)
    if found is None:
        found = remarks[key] = _to_keep(_line(one, mark))
    return found


def _said(one: EliminationResult) -> tuple[str, str, str | None, str, str, str]:
    return one.code, one.title, one.clause, one.verdict, one.effect, one.sentence


def _elimination(
    code: str, title: str, clause: str | None, verdict: str, effect: str, sentence: str
) -> dict[str, str | None]:
    return {
        "code": code, "title": title, "clause": clause, "verdict": verdict, "effect": effect, "sentence": sentence
    }  # fmt: skip


@lru_cache(maxsize=4096)
def _elimination_written(code: str, title: str, clause: str | None, verdict: str, effect: str, sentence: str) -> bytes:
    return _to_keep(_elimination(code, title, clause, verdict, effect, sentence))


def _to_keep(value: dict[str, Any]) -> bytes:
    # What orjson returns stands in a buffer of some kilobytes, however short it is.
    return b"%b" % orjson.dumps(value)


def _listed(written: Sequence[bytes]) -> orjson.Fragment:
    return orjson.Fragment(b"[%b]" % b",".join(written))


def _explanation(score: Score, eliminations: object) -> dict[str, Any]:
    said: dict[str, Any] = {
        "sentence": score.sentence,
        "reason": score.reason,
        "lower": plain_decimal(score.lower),
        "upper": plain_decimal(score.upper),
        "applicable_maximum": plain_decimal(score.applicable_maximum),
        "missing": score.missing,
        "counted_as": score.counted_as,
        "band_title": score.band_title,
        "marks": score.marks,
        "eliminations": eliminations if score.eliminations else (),
        "replaced": [one.as_json() for one in score.parameters if one.reason],
    }
    return {name: value for name, value in said.items() if value not in (None, "", (), [])}
