"""From filled-in lines to a score: the total, its range, eliminations, the band, and who is ranked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from thidua.criteria.case import Case
from thidua.criteria.compiled import Rules
from thidua.criteria.conditions import Condition, decide
from thidua.criteria.exact import in_words
from thidua.criteria.groups import Combined, combine
from thidua.criteria.inputs import Inputs
from thidua.criteria.loader import CriteriaSet
from thidua.criteria.manifest import Band, BandEffect, Elimination
from thidua.criteria.periods import period
from thidua.criteria.resolved import ZERO, Outcome
from thidua.criteria.score import CriterionResult, EliminationResult, InputUsed, Score, ScoreState


class FilledSheet(Protocol):
    """What the total needs of the sheet it closes."""

    inputs: Inputs

    def used(self, names: Iterable[str]) -> tuple[InputUsed, ...]:
        """Record the inputs a line read."""

    def printed(self, points: Fraction) -> Decimal:
        """Round as the set says."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a score comes to: state with its reason, total, band, rank and the sentence of the total."""

    state: ScoreState
    reason: str
    total: Decimal | None
    band: Band | None
    not_ranked_because: str
    sentence: str
    counted_as: str | None


def make_score(
    criteria_set: CriteriaSet,
    rules: Rules,
    case: Case,
    sheet: FilledSheet,
    criteria: tuple[CriterionResult, ...],
    adjustments: tuple[CriterionResult, ...],
    applies: Outcome | None,
    engine: str,
) -> Score:
    """Close a sheet. `applies`: why the whole set does not apply, is not due, or is undecided."""
    manifest = rules.manifest
    made = combine("sum", criteria, manifest.points.scale, manifest.not_applicable)
    lower, upper = _bounds(rules, sheet, made, adjustments)
    eliminations = tuple(_strike(one, case, sheet) for one in manifest.eliminations)
    missing = (*_missing(criteria), *_missing(adjustments), *_undecided(eliminations))
    standing = _standing(rules, case, sheet, made, criteria, applies, eliminations, missing, (lower, upper))
    points = manifest.points
    marks = [points.mark, *(mark for line in _leaves((*criteria, *adjustments)) for mark in line.marks)]
    band = standing.band
    return Score(
        campaign=case.campaign,
        subject=case.subject,
        period=case.period,
        set_id=criteria_set.id,
        set_version=criteria_set.version,
        artefact=criteria_set.artefact,
        lane=case.lane,
        as_of=case.as_of,
        engine=engine,
        case_hash=case.hash,
        state=standing.state,
        reason=standing.reason,
        total=standing.total,
        maximum=sheet.printed(made.due),
        applicable_maximum=sheet.printed(made.applicable),
        scale=sheet.printed(points.scale),
        lower=lower,
        upper=upper,
        missing=missing,
        counted_as=standing.counted_as,
        band=band.code if band else None,
        band_title=band.title if band else None,
        ranked=not standing.not_ranked_because,
        not_ranked_because=standing.not_ranked_because,
        sentence=standing.sentence,
        mark=points.mark,
        marks=tuple(dict.fromkeys(mark for mark in marks if mark)),
        criteria=criteria,
        adjustments=adjustments,
        eliminations=eliminations,
        parameters=tuple(rules.parameters[name] for name in sorted(rules.parameters)),
    )


def _leaves(lines: Iterable[CriterionResult]) -> Iterable[CriterionResult]:
    for line in lines:
        if line.parts:
            yield from _leaves(line.parts)
        else:
            yield line


def _missing(lines: Iterable[CriterionResult]) -> tuple[str, ...]:
    return tuple(line.code for line in _leaves(lines) if line.status == "missing")


def _undecided(eliminations: Iterable[EliminationResult]) -> tuple[str, ...]:
    return tuple(one.code for one in eliminations if one.verdict == "undecided")


def _bounds(
    rules: Rules, sheet: FilledSheet, made: Combined, adjustments: Sequence[CriterionResult]
) -> tuple[Decimal, Decimal]:
    """Return the certain total and the one if all that is missing were full, both held inside the bounds."""
    lower, upper = Fraction(sheet.printed(made.points)), Fraction(sheet.printed(made.upper))
    for line in adjustments:
        if line.points is None or line.upper is None:
            continue
        if line.sign == "plus":
            lower, upper = lower + Fraction(line.points), upper + Fraction(line.upper)
        else:
            # What may still be taken off is taken off until it is stated: silence never scores better.
            lower, upper = lower - Fraction(line.upper), upper - Fraction(line.points)
    return sheet.printed(_held(rules, lower)), sheet.printed(_held(rules, upper))


def _held(rules: Rules, total: Fraction) -> Fraction:
    points = rules.manifest.points
    least = points.total.at_least if points.total else ZERO
    most = points.total.at_most if points.total else points.scale
    return max(least, min(most, total))


def _strike(one: Elimination, case: Case, sheet: FilledSheet) -> EliminationResult:
    verdict, reason = _struck(one, case, sheet)
    names = [*one.when.names(), *(one.applies_when.names() if one.applies_when else ())]
    effect = one.effect
    return EliminationResult(
        code=one.code,
        title=one.title,
        clause=one.clause,
        verdict=verdict,  # type: ignore[arg-type]  # one of the literals of the table below
        effect=f"band:{effect.band}" if isinstance(effect, BandEffect) else effect,
        sentence=f"{_VERDICTS[verdict]}: {reason}." if reason else f"{_VERDICTS[verdict]}.",
        inputs=sheet.used([name for name in dict.fromkeys(names) if name in sheet.inputs]),
        marks=(one.mark,) if one.mark else (),
    )


_VERDICTS = {
    "strikes": "Bị loại",
    "does_not_strike": "Không bị loại",
    "undecided": "Chưa xác định, chưa có số liệu",
    "not_due": "Chưa đến hạn",
    "not_applicable": "Không áp dụng",
    "judged_by_year": "Xét khi tổng hợp cả năm",
}


def _struck(one: Elimination, case: Case, sheet: FilledSheet) -> tuple[str, str]:
    if one.scope == "year" and period(case.period).kind != "year":
        return "judged_by_year", ""
    if one.applies_when:
        answer, reason = _answer(one.applies_when, case, sheet)
        if answer != "strikes":
            return ("not_applicable" if answer == "does_not_strike" else answer), reason
    return _answer(one.when, case, sheet)


def _answer(condition: Condition, case: Case, sheet: FilledSheet) -> tuple[str, str]:
    verdict = decide(condition, sheet.inputs, case.subject)
    names = {"holds": "strikes", "fails": "does_not_strike", "missing": "undecided", "not_due": "not_due"}
    return names[verdict.answer], verdict.reason


def _standing(
    rules: Rules,
    case: Case,
    sheet: FilledSheet,
    made: Combined,
    criteria: Sequence[CriterionResult],
    applies: Outcome | None,
    eliminations: Sequence[EliminationResult],
    missing: tuple[str, ...],
    bounds: tuple[Decimal, Decimal],
) -> Standing:
    unscored = _why_not_scored(rules, made, criteria, applies)
    if unscored:
        return Standing("not_scored", unscored, None, None, unscored, f"Không chấm điểm: {unscored}.", None)
    manifest = rules.manifest
    is_official = case.lane == "official"
    if missing and is_official and manifest.missing_at_close == "blocks":
        reason = f"còn thiếu {len(missing)} nội dung ({', '.join(missing)})"
        return Standing("incomplete", reason, None, None, reason, f"Chưa có điểm chính thức: {reason}.", None)
    struck = [one for one in eliminations if one.verdict == "strikes"]
    total = Decimal(0) if any(one.effect == "zero" for one in struck) else bounds[0]
    counted_as = "not_met" if missing and is_official else None
    open_matter = _open_matter(made, criteria, eliminations, missing, counted_as)
    band = None if open_matter else _band(rules, total, struck)
    because = open_matter or "; ".join(f"{one.code} {one.title}" for one in struck if one.effect == "not_ranked")
    sentence = _total_sentence(rules, sheet, made, total, missing, bounds, counted_as, criteria)
    is_open = (bool(missing) and counted_as is None) or bool(_undecided(eliminations))
    state: ScoreState = "incomplete" if is_open else "complete"
    return Standing(state, open_matter, total, band, because, sentence, counted_as)


def _why_not_scored(rules: Rules, made: Combined, criteria: Sequence[CriterionResult], applies: Outcome | None) -> str:
    if applies is not None and applies.status != "missing":
        return applies.sentence.rstrip(".")
    required = rules.manifest.points.requires or ()
    for line in criteria:
        if line.code in required and line.status == "not_applicable":
            return f"{line.code} {line.title} không áp dụng"
    if made.status == "not_applicable":
        return "không có nội dung nào áp dụng"
    return "chưa có nội dung nào đến hạn" if made.status == "not_due" else ""


def _open_matter(
    made: Combined,
    criteria: Sequence[CriterionResult],
    eliminations: Sequence[EliminationResult],
    missing: tuple[str, ...],
    counted_as: str | None,
) -> str:
    """Say why there is no band and no rank yet; empty if nothing is open."""
    undecided = _undecided(eliminations)
    if missing and counted_as is None:
        return f"còn thiếu {len(missing)} nội dung ({', '.join(missing)})"
    if undecided:
        return f"chưa xác định được trường hợp loại trừ {', '.join(undecided)}"
    later = [line.code for line in _leaves(criteria) if line.status == "not_due"]
    return f"còn {len(later)} nội dung chưa đến hạn" if later else ""


def _band(rules: Rules, total: Decimal, struck: Sequence[EliminationResult]) -> Band | None:
    bands = rules.manifest.bands
    reached = next((place for place, band in enumerate(bands) if Fraction(total) >= band.at_least), None)
    if reached is None:
        return None
    effects = [one.effect.removeprefix("band:") for one in struck if one.effect.startswith("band:")]
    forced = [place for place, band in enumerate(bands) if band.code in effects]
    return bands[max([reached, *forced])]


def _total_sentence(
    rules: Rules,
    sheet: FilledSheet,
    made: Combined,
    total: Decimal,
    missing: tuple[str, ...],
    bounds: tuple[Decimal, Decimal],
    counted_as: str | None,
    criteria: Sequence[CriterionResult],
) -> str:
    scale, due = rules.manifest.points.scale, sheet.printed(made.due)
    is_due = any(line.status == "not_due" for line in _leaves(criteria))
    sentence = f"{in_words(total)}/{in_words(due)} điểm{' đến hạn' if is_due else ''}"
    if made.applicable != scale and not is_due:
        sentence += f", tính trên {in_words(made.applicable)}/{in_words(scale)} điểm áp dụng"
    if missing and counted_as:
        return f"{sentence}; {len(missing)} nội dung không có số liệu tính là không đạt."
    if missing:
        low, high = (in_words(bound) for bound in bounds)
        return f"Tạm tính {sentence}, còn thiếu {len(missing)} nội dung; từ {low} đến {high} điểm nếu đủ số liệu."
    return f"{sentence}."
