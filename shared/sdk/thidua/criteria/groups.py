"""How parts become a group, and the table of section 5 on the way: not applicable, missing, zero, not due."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from thidua.criteria.exact import added, in_words, percent_in_words
from thidua.criteria.manifest import BestOf
from thidua.criteria.resolved import ONE, ZERO, Status
from thidua.criteria.score import CriterionResult

_NOTHING: Final = Decimal(0)


class Combined(NamedTuple):
    """What parts come to. `points`, `upper`: exact, of `due`, the maximum that applies and is due.

    `applicable`: that maximum before a rescaling. `is_rounded`: whether the sum of printed figures is
    printed as it is; a rescaled sum and a mean are rounded once more. `credit`: points/due.
    """

    status: Status
    points: Fraction
    upper: Fraction
    due: Fraction
    applicable: Fraction
    is_rounded: bool
    sentence: str
    credit: Fraction


def status_of(parts: Sequence[CriterionResult]) -> Status:
    """Return a group's status from those of its parts."""
    statuses = {part.status for part in parts}
    if "missing" in statuses:
        return "missing"
    statuses.discard("not_applicable")
    if not statuses:
        return "not_applicable"
    statuses.discard("not_due")
    if not statuses:
        return "not_due"
    return statuses.pop() if len(statuses) == 1 else "partly"


def combine(how: str | BestOf, parts: Sequence[CriterionResult], maximum: Fraction, not_applicable: str) -> Combined:
    """Combine the printed figures of parts into points of a group."""
    if how == "sum":
        return _sum(parts, maximum, not_applicable)
    return _of_credits(how, parts, maximum)


def _sum(parts: Sequence[CriterionResult], maximum: Fraction, not_applicable: str) -> Combined:
    away = _exactly([part.maximum for part in parts if part.status == "not_applicable"])
    counted = [part for part in parts if part.points is not None]
    printed = [part.points or _NOTHING for part in counted]
    most = [part.upper or _NOTHING for part in counted]
    points = _exactly(printed)
    upper = points if most == printed else _exactly(most)
    due = applicable = _exactly([part.due_maximum for part in counted])
    factor = ONE
    if away and not_applicable == "rescale" and away < maximum:
        factor = maximum / (maximum - away)
    elif away and not_applicable == "full":
        points, upper, due, applicable = points + away, upper + away, due + away, due + away
    credit = points / due if due else ZERO
    sentence = f"Cộng {in_words(points)}/{in_words(due)} điểm"
    if factor is ONE:
        return Combined(status_of(parts), points, upper, due, applicable, True, f"{sentence}.", credit)
    sentence += (
        f", quy đổi từ {in_words(applicable)} điểm áp dụng: {in_words(points)} × {in_words(maximum)}"
        f"/{in_words(maximum - away)}"
    )
    return Combined(
        status_of(parts), points * factor, upper * factor, due * factor, applicable, False, f"{sentence}.", credit
    )


def _exactly(figures: Sequence[Decimal]) -> Fraction:
    return _fraction(added(figures)) if figures else ZERO


@lru_cache(maxsize=16_384)
def _fraction(figure: Decimal) -> Fraction:
    return Fraction(*figure.as_integer_ratio())


def _of_credits(how: str | BestOf, parts: Sequence[CriterionResult], maximum: Fraction) -> Combined:
    live = [part for part in parts if part.points is not None]
    # A missing part counts 0 whatever of it is certain; the value over the others is shown beside it.
    certain = [_NOTHING if part.status == "missing" else part.points or _NOTHING for part in live]
    most = [part.upper or _NOTHING for part in live]
    credit = _one_credit(how, certain)
    upper = credit if most == certain else _one_credit(how, most)
    sentence = f"{_how_in_words(how)} {len(live)} nội dung: {percent_in_words(credit)}"
    known = [part.points or _NOTHING for part in live if part.status != "missing"]
    if len(known) < len(live):
        provisional = percent_in_words(_one_credit(how, known)) if known else "chưa có"
        sentence += f"; tạm tính trên {len(known)} nội dung đã có số liệu: {provisional}"
    due = maximum if live else ZERO
    points = maximum * credit
    full = points if upper is credit else maximum * upper
    return Combined(status_of(parts), points, full, due, due, False, f"{sentence}.", credit if due else ZERO)


def _one_credit(how: str | BestOf, percents: Sequence[Decimal]) -> Fraction:
    if not percents:
        return ZERO
    if how == "lowest":
        counted: Sequence[Decimal] = [min(percents)]
    else:
        counted = sorted(percents, reverse=True)[: how.best] if isinstance(how, BestOf) else percents
    numerator, denominator = added(counted).as_integer_ratio()
    return Fraction(numerator, denominator * 100 * len(counted))


def _how_in_words(how: str | BestOf) -> str:
    if isinstance(how, BestOf):
        return f"Trung bình {how.best} nội dung cao nhất của"
    return "Thấp nhất của" if how == "lowest" else "Trung bình của"
