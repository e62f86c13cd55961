"""Eliminations: what strikes a subject out whatever its points. Unknown is undecided, never a strike."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from thidua.criteria.case import Case
from thidua.criteria.conditions import Answer, Condition, decide
from thidua.criteria.inputs import Inputs
from thidua.criteria.manifest import BandEffect, Elimination
from thidua.criteria.periods import period
from thidua.criteria.recorded import InputUsed
from thidua.criteria.score import EliminationResult, EliminationVerdict

_WORDS: Final = MappingProxyType(
    {
        "strikes": "Bị loại",
        "does_not_strike": "Không bị loại",
        "undecided": "Chưa xác định, chưa có số liệu",
        "not_due": "Chưa đến hạn",
        "not_applicable": "Không áp dụng",
        "judged_by_year": "Xét khi tổng hợp cả năm",
    }
)
_VERDICTS: Final[dict[Answer, EliminationVerdict]] = {
    "holds": "strikes",
    "fails": "does_not_strike",
    "missing": "undecided",
    "not_due": "not_due",
}


def strike(one: Elimination, case: Case, inputs: Inputs, used: tuple[InputUsed, ...]) -> EliminationResult:
    """Judge one elimination; one of scope year waits for the year. `used`: the record of what it reads."""
    verdict, reason = _verdict(one, case, inputs)
    effect = one.effect
    return EliminationResult(
        code=one.code,
        title=one.title,
        clause=one.clause,
        verdict=verdict,
        effect=f"band:{effect.band}" if isinstance(effect, BandEffect) else effect,
        sentence=f"{_WORDS[verdict]}: {reason}." if reason else f"{_WORDS[verdict]}.",
        inputs=used,
        marks=(one.mark,) if one.mark else (),
    )


def _verdict(one: Elimination, case: Case, inputs: Inputs) -> tuple[EliminationVerdict, str]:
    if one.scope == "year" and period(case.period).kind != "year":
        return "judged_by_year", ""
    if one.applies_when:
        verdict, reason = _answer(one.applies_when, case, inputs)
        if verdict != "strikes":
            return ("not_applicable" if verdict == "does_not_strike" else verdict), reason
    return _answer(one.when, case, inputs)


def _answer(condition: Condition, case: Case, inputs: Inputs) -> tuple[EliminationVerdict, str]:
    verdict = decide(condition, inputs, case.subject)
    return _VERDICTS[verdict.answer], verdict.reason
