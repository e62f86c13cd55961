"""A score and its explanation: frozen, and JSON-able to the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, NamedTuple, Self

from thidua.criteria.canonical import as_written, canonical_json, fraction_text, in_pieces, listed, plain_decimal
from thidua.criteria.case import Subject
from thidua.criteria.parameters import InForce
from thidua.criteria.resolved import Status
from thidua.criteria.used import InputUsed

ScoreState = Literal["complete", "incomplete", "not_scored"]
"""complete: nothing the set asks for is open. incomplete: provisional or, at close, blocked. not_scored:
the set does not apply, or nothing is due yet; `reason` says which."""


EliminationVerdict = Literal["strikes", "does_not_strike", "undecided", "not_due", "not_applicable", "judged_by_year"]
"""Whether an elimination strikes; undecided leaves a subject without band and rank."""


class _Line(NamedTuple):
    code: str
    title: str
    clause: str | None
    points: Decimal | None
    maximum: Decimal
    due_maximum: Decimal
    upper: Decimal | None
    credit: Fraction
    status: Status
    counted_as: str | None
    in_percent: bool
    sentence: str
    inputs: tuple[InputUsed, ...]
    parameters: tuple[str, ...]
    marks: tuple[str, ...]
    parts: tuple[CriterionResult, ...]
    sign: Literal["plus", "minus"] | None = None


class CriterionResult(_Line):
    """One line of the explanation.

    `points`: printed, rounded once; None where none exist (not applicable, not due); percent if
    `in_percent`. `maximum`: as printed in the table; `due_maximum`: what of it applies and is due.
    `credit`: exact. `upper`: the printed points if all that is missing were full. Of points taken off, where `sign` is
    minus, `points` has what may still be taken off and `upper` what is certain: again the best for the subject.
    `counted_as`: how a line without a value of its own entered: not_met, deducted, rescaled, full, dropped. `marks`:
    memory, derived, proposal, illustrative, wherever one of them decided something here.
    """

    like: CriterionResult | None = None
    """A line of another case that differs in evidence alone."""

    def as_json(self) -> dict[str, Any]:
        """Return the line with its parts as JSON-able matter."""
        whole = self._alone()
        whole["inputs"] = [_input(used) for used in self.inputs]
        whole["parts"] = [part.as_json() for part in self.parts]
        return whole

    @property
    def remarks(self) -> dict[Any, Any]:
        """Room for what is made of the line but for its inputs and parts; lines that differ in evidence share it."""
        kept = (self.like or self).__dict__
        found: dict[Any, Any] | None = kept.get("kept_remarks")
        if found is None:
            found = kept["kept_remarks"] = {}
        return found

    @property
    def pieces(self) -> tuple[bytes, bytes, bytes]:
        """The line as canonical JSON, in pieces between which its inputs and parts belong."""
        remarks = self.remarks
        found: tuple[bytes, bytes, bytes] | None = remarks.get(_PIECES)
        if found is None:
            found = remarks[_PIECES] = self._in_pieces()
        return found

    def _in_pieces(self) -> tuple[bytes, bytes, bytes]:
        start, to_inputs, to_parts, to_points, to_sentence, to_upper, end = _around_figures(
            self.code, self.title, self.clause, plain_decimal(self.maximum), plain_decimal(self.due_maximum),
            self.status, self.counted_as, self.in_percent, self.parameters, self.marks, self.sign,
        )  # fmt: skip
        points, sentence, upper = _quoted(self.points), canonical_json(self.sentence), _quoted(self.upper)
        figures = b"%b%b%b%b%b%b%b" % (to_points, points, to_sentence, sentence, to_upper, upper, end)
        return b'%b"%b"%b' % (start, fraction_text(self.credit).encode(), to_inputs), to_parts, figures

    def written(self) -> bytes:
        """Return the line with its parts as canonical JSON."""
        kept: bytes | None = None if self.like else self.remarks.get(_WHOLE)
        if kept is not None:
            return kept
        # A line that is written again belongs to what its set keeps, and is the same for all whose score has it.
        is_kept = not self.like and not self.parts and _PIECES in self.remarks
        before, between, after = self.pieces
        inputs = b",".join([_written_input(used) for used in self.inputs])
        parts = b",".join([part.written() for part in self.parts])
        whole = b"%b[%b]%b[%b]%b" % (before, inputs, between, parts, after)
        if is_kept:
            self.remarks[_WHOLE] = whole
        return whole

    def _alone(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title,
            "clause": self.clause,
            "points": _decimal(self.points),
            "maximum": plain_decimal(self.maximum),
            "due_maximum": plain_decimal(self.due_maximum),
            "upper": _decimal(self.upper),
            "credit": fraction_text(self.credit),
            "status": self.status,
            "counted_as": self.counted_as,
            "in_percent": self.in_percent,
            "sentence": self.sentence,
            "parameters": list(self.parameters),
            "marks": list(self.marks),
            "sign": self.sign,
        }


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
        return {**self._alone(), "inputs": [_input(used) for used in self.inputs]}

    @cached_property
    def written(self) -> bytes:
        """The elimination as canonical JSON."""
        before, after = in_pieces(self._alone(), "inputs")
        return b"%b[%b]%b" % (before, b",".join([_written_input(used) for used in self.inputs]), after)

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


_PIECES: Final = "pieces"
_WHOLE: Final = "whole"


def _input(used: InputUsed) -> dict[str, Any]:
    return {**used._asdict(), "evidence": list(used.evidence)}


def _written_input(used: InputUsed) -> bytes:
    return _proved_input(used) if used.evidence else _bare_input(used)


# Several lines read the same work, and most people state nothing about most else.
@lru_cache(maxsize=1024)
def _bare_input(used: InputUsed) -> bytes:
    return _proved_input(used)


def _proved_input(used: InputUsed) -> bytes:
    name, heading, state, value, why, evidence, stated_by, provisional = used
    before, between, after = _around_value(name, heading, state, why, stated_by, provisional)
    proved = canonical_json(evidence) if evidence else b"[]"
    return b"%b%b%b%b%b" % (before, proved, between, canonical_json(value), after)


# Most people state one of few values, each with evidence of their own.
@lru_cache(maxsize=4096)
def _around_value(
    name: str, heading: str, state: str, why: str, stated_by: str | None, provisional: bool
) -> tuple[bytes, ...]:
    used = InputUsed(name, heading, state, None, why, (), stated_by, provisional)
    return in_pieces(_input(used), "evidence", "value")


# Beside its figures and its sentence a line says the same of everybody. Maxima are text: 0 equals 0.00 as a number.
@lru_cache(maxsize=4096)
def _around_figures(
    code: str, title: str, clause: str | None, maximum: str, due_maximum: str, status: str, counted_as: str | None,
    in_percent: bool, parameters: tuple[str, ...], marks: tuple[str, ...], sign: str | None,
) -> tuple[bytes, ...]:  # fmt: skip
    said = {
        "code": code, "title": title, "clause": clause, "maximum": maximum, "due_maximum": due_maximum,
        "status": status, "counted_as": counted_as, "in_percent": in_percent, "parameters": parameters,
        "marks": marks, "sign": sign,
    }  # fmt: skip
    return in_pieces(said, "credit", "inputs", "parts", "points", "sentence", "upper")


def _quoted(figure: Decimal | None) -> bytes:
    return b"null" if figure is None else b'"%b"' % plain_decimal(figure).encode()


def _decimal(number: Decimal | None) -> str | None:
    return None if number is None else plain_decimal(number)
