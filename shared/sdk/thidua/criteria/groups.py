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

    `credit`: points/due. A decimal is a sum of printed figures.
    """

    status: Status
    points: Fraction | Decimal
    upper: Fraction | Decimal
    due: Fraction | Decimal
    sentence: str
    credit: Fraction


class Total(NamedTuple):
    """What lines come to, exactly. `applicable`: `due` before a rescaling by `factor`. Decimals are printed sums."""

    status: Status
    points: Fraction | Decimal
    upper: Fraction | Decimal
    due: Fraction | Decimal
    applicable: Fraction | Decimal
    factor: Fraction = ONE


def status_of(parts: Sequence[CriterionResult]) -> Status:
    """Return a group's status from those of its parts."""
    statuses = {part.status for part in parts}
    if len(statuses) == 1:
        return statuses.pop()
    if "missing" in statuses:
        return "missing"
    statuses.discard("not_applicable")
    if not statuses:
        return "not_applicable"
    statuses.discard("not_due")
    if not statuses:
        return "not_due"
    return statuses.pop() if len(statuses) == 1 else "partly"


def combine(
    how: str | BestOf, parts: Sequence[CriterionResult], maximum: Fraction, not_applicable: str, nothing: Decimal
) -> Combined:
    """Combine the printed figures of parts into points of a group. `nothing`: no points, as printed."""
    if how == "sum":
        return _sum(parts, maximum, not_applicable, nothing)
    return _of_credits(how, parts, maximum)


def add_up(parts: Sequence[CriterionResult], maximum: Fraction, not_applicable: str, nothing: Decimal) -> Total:
    """Add the printed points of parts; what does not apply leaves, counts as full, or is made up for by the others."""
    counted = [part for part in parts if part.points is not None]
    printed = [part.points or nothing for part in counted]
    most = [part.upper or nothing for part in counted]
    points = added(printed, nothing)
    upper = points if most == printed else added(most, nothing)
    due = added([part.due_maximum for part in counted], nothing)
    away = [part.maximum for part in parts if part.status == "not_applicable"]
    total = Total(status_of(parts), points, upper, due, due)
    return _without(total, _fraction(added(away, nothing)), maximum, not_applicable) if away else total


def _without(total: Total, away: Fraction, maximum: Fraction, not_applicable: str) -> Total:
    status, points, upper, due = total.status, *(_fraction(one) for one in (total.points, total.upper, total.due))
    if away and not_applicable == "rescale" and away < maximum:
        factor = maximum / (maximum - away)
        return Total(status, points * factor, upper * factor, due * factor, due, factor)
    if away and not_applicable == "full":
        return Total(status, points + away, upper + away, due + away, due + away)
    return total


def quotient(part: Fraction | Decimal, whole: Fraction | Decimal) -> Fraction:
    """Divide exactly; nothing by nothing is nothing."""
    (above, below), (of, of_below) = part.as_integer_ratio(), whole.as_integer_ratio()
    return Fraction(above * of_below, below * of) if of else ZERO


def _sum(parts: Sequence[CriterionResult], maximum: Fraction, not_applicable: str, nothing: Decimal) -> Combined:
    total = add_up(parts, maximum, not_applicable, nothing)
    factor, due = total.factor, total.due
    credit = quotient(total.points, due)
    if factor is ONE:
        sentence = f"Cộng {in_words(total.points)}/{in_words(due)} điểm."
        return Combined(total.status, total.points, total.upper, due, sentence, credit)
    points, applicable = in_words(quotient(total.points, factor)), in_words(total.applicable)
    sentence = (
        f"Cộng {points}/{applicable} điểm, quy đổi từ {applicable} điểm áp dụng: {points} × {in_words(maximum)}"
        f"/{in_words(maximum / factor)}."
    )
    return Combined(total.status, total.points, total.upper, due, sentence, credit)


@lru_cache(maxsize=16_384)
def _fraction(figure: Fraction | Decimal) -> Fraction:
    return Fraction(*figure.as_integer_ratio())


def _of_credits(how: str | BestOf, parts: Sequence[CriterionResult], maximum: Fraction) -> Combined:
    live = [part for part in parts if part.points is not None]
    # A missing part counts 0 whatever of it is certain; the value over the others is shown beside it.
    certain = [_NOTHING if part.status == "missing" else part.points or _NOTHING for part in live]
    most = [part.upper or _NOTHING for part in live]
    credit = _one_credit(how, certain)
    upper = credit if most == certain else _one_credit(how, most)
    sentence = f"{_how_in_words(how)} {len(live)} nội dung: {percent_in_words(credit)}"
    status = status_of(parts)
    if status == "missing":
        known = [part.points or _NOTHING for part in live if part.status != "missing"]
        provisional = percent_in_words(_one_credit(how, known)) if known else "chưa có"
        sentence += f"; tạm tính trên {len(known)} nội dung đã có số liệu: {provisional}"
    points = _times(maximum, credit)
    full = points if upper is credit else _times(maximum, upper)
    return Combined(status, points, full, maximum if live else ZERO, f"{sentence}.", credit if live else ZERO)


def _times(maximum: Fraction, credit: Fraction) -> Fraction:
    # For half the time of an operator, which looks at both sides first.
    return Fraction(maximum.numerator * credit.numerator, maximum.denominator * credit.denominator)


def _one_credit(how: str | BestOf, percents: Sequence[Decimal]) -> Fraction:
    if not percents:
        return ZERO
    if how == "lowest":
        counted: Sequence[Decimal] = [min(percents)]
    else:
        counted = sorted(percents, reverse=True)[: how.best] if isinstance(how, BestOf) else percents
    return _mean(added(counted), len(counted))


# Of all sums of printed percents that people have, few are left.
@lru_cache(maxsize=16_384)
def _mean(percents: Decimal, count: int) -> Fraction:
    numerator, denominator = percents.as_integer_ratio()
    return Fraction(numerator, denominator * 100 * count)


def _how_in_words(how: str | BestOf) -> str:
    if isinstance(how, BestOf):
        return f"Trung bình {how.best} nội dung cao nhất của"
    return "Thấp nhất của" if how == "lowest" else "Trung bình của"
