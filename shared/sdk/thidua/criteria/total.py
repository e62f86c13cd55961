"""From filled-in lines to a score: the total, its range, the band, and who is ranked."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple, Protocol

from thidua.criteria.case import Case
from thidua.criteria.compiled import Rules
from thidua.criteria.eliminations import strike
from thidua.criteria.exact import add, in_words, reaches
from thidua.criteria.groups import Total
from thidua.criteria.inputs import Inputs
from thidua.criteria.lines import CriterionResult
from thidua.criteria.loader import CriteriaSet
from thidua.criteria.manifest import Band
from thidua.criteria.recorded import InputUsed
from thidua.criteria.remembered import keep
from thidua.criteria.resolved import ZERO
from thidua.criteria.score import EliminationResult, Score, ScoreState

# All fields of a score: a copy of a whole dictionary need not grow.
_NOTHING_YET: Final = dict.fromkeys(Score.__dataclass_fields__)


class FilledSheet(Protocol):
    """What the total needs of the sheet it closes."""

    rules: Rules
    case: Case
    inputs: Inputs

    tokens: dict[str, Hashable]
    seen: dict[str, InputUsed]

    def printed(self, points: Fraction | Decimal) -> Decimal:
        """Round as the set says."""


class Filled(NamedTuple):
    """The lines of a sheet and what they come to.

    `unscored`: why there is no score at all, empty if there is one. `missing`: codes of lines, or names of
    periods, without figures; `later`: those not yet due. `how`: the arithmetic of the total that is no sum.
    """

    criteria: tuple[CriterionResult, ...]
    adjustments: tuple[CriterionResult, ...]
    made: Total
    unscored: str
    missing: tuple[str, ...]
    later: tuple[str, ...]
    how: str = ""


_WHY: Final = Filled._fields.index("unscored")


class Standing(NamedTuple):
    """What a score comes to: the fields of `Score` that figures decide, and nobody's own."""

    state: ScoreState
    reason: str
    total: Decimal | None
    maximum: Decimal
    applicable_maximum: Decimal
    lower: Decimal
    upper: Decimal
    missing: tuple[str, ...]
    counted_as: str | None
    band: str | None
    band_title: str | None
    ranked: bool
    not_ranked_because: str
    sentence: str


def leaves(lines: Iterable[CriterionResult]) -> list[CriterionResult]:
    """Return the lines that have a rule of their own."""
    found: list[CriterionResult] = []
    for line in lines:
        if line.parts:
            found += leaves(line.parts)
        else:
            found.append(line)
    return found


def make_score(criteria_set: CriteriaSet, sheet: FilledSheet, filled: Filled, engine: str) -> Score:
    """Close a sheet: judge the eliminations, then total, band and rank."""
    rules, case = sheet.rules, sheet.case.__dict__  # of which a model's attributes are twice as far away
    struck = _struck(sheet)
    fields = _standing(sheet, filled, struck).copy()
    fields["campaign"] = case["campaign"]
    fields["subject"] = case["subject"]
    fields["period"] = case["period"]
    fields["set_id"] = criteria_set.id
    fields["set_version"] = criteria_set.version
    fields["artefact"] = criteria_set.artefact
    fields["lane"] = case["lane"]
    fields["as_of"] = case["as_of"]
    fields["engine"] = engine
    fields["case_hash"] = sheet.case.hash
    fields["marks"] = rules.marks if filled.criteria else tuple(mark for mark in (rules.manifest.points.mark,) if mark)
    fields["criteria"] = filled.criteria
    fields["adjustments"] = filled.adjustments
    fields["eliminations"] = struck.all
    return Score.of_all(fields)


class _Struck(NamedTuple):
    """What became of all eliminations. `number`: equal only where they say the same but for their evidence."""

    number: int
    all: tuple[EliminationResult, ...]
    seen: tuple[InputUsed, ...]
    undecided: tuple[str, ...]


def _struck(sheet: FilledSheet) -> _Struck:
    rules, seen = sheet.rules, sheet.rules.strikes_see(sheet.seen)
    key = rules.strikes_by(sheet.tokens)
    known = rules.memory.eliminations
    found: _Struck | None = known.get(key)
    if found is None:
        made = tuple(
            [strike(one.elimination, sheet.case, sheet.inputs, one.sees(sheet.seen)) for one in rules.eliminations]
        )
        undecided = tuple([one.code for one in made if one.verdict == "undecided"])
        fresh = _Struck(next(rules.memory.tokens), made, seen, undecided)
        keep(known, key, fresh)
        return fresh
    if found.seen == seen:
        return found
    pairs = zip(found.all, rules.eliminations, strict=True)
    return found._replace(all=tuple([old._replace(inputs=one.sees(sheet.seen)) for old, one in pairs]))


def _standing(sheet: FilledSheet, filled: Filled, struck: _Struck) -> dict[str, Any]:
    """Return the fields of the score with what figures decide filled in: kept, so to be copied."""
    made = filled.made
    lower, upper = _sums(sheet, filled)
    lane = sheet.case.__dict__["lane"]
    key = (lower, upper, made.due, made.applicable, filled[_WHY:], struck.number, lane)
    known = sheet.rules.memory.standings
    found: dict[str, Any] | None = known.get(key)
    if found is None:
        least = _held(sheet, lower)
        bounds = least, least if upper == lower else _held(sheet, upper)
        standing = _Closing(sheet, filled, struck, bounds, sheet.printed(made.due)).standing()
        found = keep(known, key, _NOTHING_YET.copy())
        found.update(zip(Standing._fields, standing, strict=True))
        found["scale"], found["mark"] = sheet.rules.scale, sheet.rules.manifest.points.mark
        found["parameters"] = tuple(sheet.rules.parameters.values())
    return found


def _sums(sheet: FilledSheet, filled: Filled) -> tuple[Decimal, Decimal]:
    """Return the certain total and the one if all that is missing were full, neither held inside the bounds yet."""
    made = filled.made
    lower = sheet.printed(made.points)
    upper = lower if made.upper is made.points else sheet.printed(made.upper)
    for line in filled.adjustments:
        if line.points is None or line.upper is None:
            continue
        if line.sign == "plus":
            lower, upper = add(lower, line.points), add(upper, line.upper)
        else:
            lower, upper = add(lower, line.points.copy_negate()), add(upper, line.upper.copy_negate())
    return lower, upper


def _held(sheet: FilledSheet, total: Decimal) -> Decimal:
    points = sheet.rules.manifest.points
    least = points.total.at_least if points.total else ZERO
    most = points.total.at_most if points.total else points.scale
    if not reaches(most, total):
        return sheet.printed(most)
    return total if reaches(total, least) else sheet.printed(least)


class _Closing(NamedTuple):
    sheet: FilledSheet
    filled: Filled
    struck: _Struck
    bounds: tuple[Decimal, Decimal]
    due: Decimal

    @property
    def undecided(self) -> tuple[str, ...]:
        return self.struck.undecided

    def standing(self) -> Standing:
        unscored = self.filled.unscored
        if unscored:
            return self._without_total("not_scored", unscored, f"Không chấm điểm: {unscored}.")
        if self._is_blocked():
            reason = self._what_is_missing()
            return self._without_total("incomplete", reason, f"Chưa có điểm chính thức: {reason}.")
        struck = [one for one in self.struck.all if one.verdict == "strikes"]
        total = Decimal(0) if any(one.effect == "zero" for one in struck) else self.bounds[0]
        open_matter = self._open_matter()
        band = None if open_matter else self._band(total, struck)
        not_ranked = open_matter or "; ".join(f"{one.code} {one.title}" for one in struck if one.effect == "not_ranked")
        is_open = bool(self.undecided or (self.filled.missing and not self._counted_as()))
        state: ScoreState = "incomplete" if is_open else "complete"
        return self._with(state, open_matter, total, band, not_ranked, self._sentence(total), self._counted_as())

    def _without_total(self, state: ScoreState, why: str, sentence: str) -> Standing:
        return self._with(state, why, None, None, why, sentence, None)

    def _with(
        self, state: ScoreState, reason: str, total: Decimal | None, band: Band | None, not_ranked_because: str,
        sentence: str, counted_as: str | None,
    ) -> Standing:  # fmt: skip
        made = self.filled.made
        return Standing(
            state=state,
            reason=reason,
            total=total,
            maximum=self.due,
            applicable_maximum=self.due if made.applicable is made.due else self.sheet.printed(made.applicable),
            lower=self.bounds[0],
            upper=self.bounds[1],
            missing=(*self.filled.missing, *self.undecided),
            counted_as=counted_as,
            band=band.code if band else None,
            band_title=band.title if band else None,
            ranked=not not_ranked_because,
            not_ranked_because=not_ranked_because,
            sentence=sentence,
        )

    def _is_blocked(self) -> bool:
        has_gap = bool(self.filled.missing or self.undecided)
        return has_gap and self._is_official() and self.sheet.rules.manifest.missing_at_close == "blocks"

    def _is_official(self) -> bool:
        return self.sheet.case.lane == "official"

    def _counted_as(self) -> str | None:
        return "not_met" if self.filled.missing and self._is_official() else None

    def _what_is_missing(self) -> str:
        names = (*self.filled.missing, *self.undecided)
        return f"còn thiếu {len(names)} nội dung ({', '.join(names)})"

    def _open_matter(self) -> str:
        """Say why there is no band and no rank yet; empty if nothing is open."""
        if self.filled.missing and self._counted_as() is None:
            return self._what_is_missing()
        if self.undecided:
            return f"chưa xác định được trường hợp loại trừ {', '.join(self.undecided)}"
        return f"còn {len(self.filled.later)} nội dung chưa đến hạn" if self.filled.later else ""

    def _gaps_in_words(self) -> str:
        deducted = [line for line in self.filled.adjustments if line.counted_as == "deducted"]
        others = len(self.filled.missing) - len(deducted)
        words = [f"{others} nội dung không có số liệu tính là không đạt"] if others else []
        if deducted:
            words.append(f"{len(deducted)} khoản trừ không có số liệu được trừ đủ")
        return "; ".join(words)

    def _band(self, total: Decimal, struck: Sequence[EliminationResult]) -> Band | None:
        bands = self.sheet.rules.manifest.bands
        for place, band in enumerate(bands):
            if reaches(total, band.at_least):
                effects = [one.effect.removeprefix("band:") for one in struck if one.effect.startswith("band:")]
                return bands[max([place, *(at for at, one in enumerate(bands) if one.code in effects)])]
        return None

    def _sentence(self, total: Decimal) -> str:
        made, scale = self.filled.made, self.sheet.rules.manifest.points.scale
        due = "" if not self.filled.later else " đến hạn"
        sentence = f"{in_words(total)}/{in_words(self.due)} điểm{due}"
        if made.applicable != scale and not due:
            sentence += f", tính trên {in_words(made.applicable)}/{in_words(scale)} điểm áp dụng"
        if self.filled.how:
            sentence += f", {self.filled.how}"
        gaps = len(self.filled.missing) + len(self.undecided)
        if self._counted_as():
            return f"{sentence}; {self._gaps_in_words()}."
        if not gaps:
            return f"{sentence}."
        low, high = (in_words(bound) for bound in self.bounds)
        return f"Tạm tính {sentence}, còn thiếu {gaps} nội dung; từ {low} đến {high} điểm nếu đủ số liệu."
