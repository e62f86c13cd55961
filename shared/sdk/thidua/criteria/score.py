"""A score and its explanation: frozen, and JSON-able to the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, NamedTuple, Self

from thidua.criteria.canonical import as_written, canonical_json, in_pieces, listed, plain_decimal
from thidua.criteria.case import Subject
from thidua.criteria.lines import CriterionResult
from thidua.criteria.parameters import InForce
from thidua.criteria.recorded import InputUsed
from thidua.criteria.used import input_as_json, written_input

ScoreState = Literal["complete", "incomplete", "not_scored"]
"""complete: nothing the set asks for is open. incomplete: provisional or, at close, blocked. not_scored:
the set does not apply, or nothing is due yet; `reason` says which."""


EliminationVerdict = Literal["strikes", "does_not_strike", "undecided", "not_due", "not_applicable", "judged_by_year"]
"""Whether an elimination strikes; undecided leaves a subject without band and rank."""


class _Elimination(NamedTuple):
    code: str
    title: str
    clause: str | None
    verdict: EliminationVerdict
    effect: str
    sentence: str
    inputs: tuple[InputUsed, ...]
    marks: tuple[str, ...]


class EliminationResult(_Elimination):
    """Whether an elimination strikes. `effect`: not_ranked, zero, or "band:" and the band's code."""

    def as_json(self) -> dict[str, Any]:
        """Return the elimination as JSON-able matter."""
        return {**self._alone(), "inputs": [input_as_json(used) for used in self.inputs]}

    @cached_property
    def written(self) -> bytes:
        """The elimination as canonical JSON."""
        before, after = in_pieces(self._alone(), "inputs")
        return b"%b[%b]%b" % (before, b",".join([written_input(used) for used in self.inputs]), after)

    def _alone(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title,
            "clause": self.clause,
            "verdict": self.verdict,
            "effect": self.effect,
            "sentence": self.sentence,
            "marks": list(self.marks),
        }


@dataclass(frozen=True)
class Score:
    """The score of one subject in one campaign, period, set and lane.

    `total`: printed, None if there is none; `maximum`: of what applies and is due, as printed beside it;
    `applicable_maximum`: before a rescaling. `lower` and `upper`: the range while something is missing.
    `missing`: codes of the lines without figures. `band`: None while undecided. `ranked`: False, with
    `not_ranked_because`, if an elimination strikes or the score is not complete. `mark`: of all points.
    """

    campaign: str
    subject: Subject
    period: str
    set_id: str
    set_version: str
    artefact: str
    lane: Literal["running", "official"]
    as_of: date
    engine: str
    case_hash: str
    state: ScoreState
    reason: str
    total: Decimal | None
    maximum: Decimal
    applicable_maximum: Decimal
    scale: Decimal
    lower: Decimal
    upper: Decimal
    missing: tuple[str, ...]
    counted_as: str | None
    band: str | None
    band_title: str | None
    ranked: bool
    not_ranked_because: str
    sentence: str
    mark: str | None
    marks: tuple[str, ...]
    criteria: tuple[CriterionResult, ...]
    adjustments: tuple[CriterionResult, ...]
    eliminations: tuple[EliminationResult, ...]
    parameters: tuple[InForce, ...]

    @classmethod
    def of_all(cls, fields: dict[str, Any]) -> Self:
        """Make a score of all its fields at once, which it takes over: one after another takes three times as long."""
        found = object.__new__(cls)
        object.__setattr__(found, "__dict__", fields)
        return found

    def line(self, code: str) -> CriterionResult:
        """Return the line of a code. Raises KeyError if the set has none."""
        return self.lines[code]

    @cached_property
    def lines(self) -> dict[str, CriterionResult]:
        """All lines by code, in the order of the printed table; groups before their parts."""
        return {line.code: line for line in in_order((*self.criteria, *self.adjustments))}

    def as_json(self) -> dict[str, Any]:
        """Return the score as JSON-able matter: decimals and fractions as strings, dates as ISO."""
        whole = {**self._alone(), "subject": self.subject.model_dump(mode="json", exclude_none=True)}
        whole["criteria"] = [line.as_json() for line in self.criteria]
        whole["adjustments"] = [line.as_json() for line in self.adjustments]
        whole["eliminations"] = [one.as_json() for one in self.eliminations]
        whole["parameters"] = [one.as_json() for one in self.parameters]
        return whole

    def canonical(self) -> bytes:
        """Return the score as canonical JSON; a replay must give the same bytes."""
        whole = {**self._alone(), "subject": as_written(self.subject.written)}
        whole["criteria"] = listed([line.written() for line in self.criteria])
        whole["adjustments"] = listed([line.written() for line in self.adjustments])
        whole["eliminations"] = listed([one.written for one in self.eliminations])
        whole["parameters"] = listed([one.written for one in self.parameters])
        return canonical_json(whole)

    def _alone(self) -> dict[str, Any]:
        return {
            "campaign": self.campaign,
            "period": self.period,
            "set_id": self.set_id,
            "set_version": self.set_version,
            "artefact": self.artefact,
            "lane": self.lane,
            "as_of": self.as_of.isoformat(),
            "engine": self.engine,
            "case_hash": self.case_hash,
            "state": self.state,
            "reason": self.reason,
            "total": _decimal(self.total),
            "maximum": plain_decimal(self.maximum),
            "applicable_maximum": plain_decimal(self.applicable_maximum),
            "scale": plain_decimal(self.scale),
            "lower": plain_decimal(self.lower),
            "upper": plain_decimal(self.upper),
            "missing": list(self.missing),
            "counted_as": self.counted_as,
            "band": self.band,
            "band_title": self.band_title,
            "ranked": self.ranked,
            "not_ranked_because": self.not_ranked_because,
            "sentence": self.sentence,
            "mark": self.mark,
            "marks": list(self.marks),
        }


def in_order(lines: Iterable[CriterionResult]) -> list[CriterionResult]:
    """Return lines with their parts in the order of the printed table: groups before their parts."""
    found: list[CriterionResult] = []
    for line in lines:
        found.append(line)
        if line.parts:
            found += in_order(line.parts)
    return found


def _decimal(number: Decimal | None) -> str | None:
    return None if number is None else plain_decimal(number)
