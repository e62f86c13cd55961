"""How parts become a group, and the table of section 5 on the way: not applicable, missing, zero, not due."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from thidua.criteria.exact import add, added, in_words, percent_in_words
from thidua.criteria.lines import CriterionResult
from thidua.criteria.manifest import BestOf
from thidua.criteria.resolved import ONE, ZERO, Status

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


def _status_of(statuses: set[Status]) -> Status:
    """Return a group's status from those of its parts."""
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


class Tally(NamedTuple):
    """The printed figures of parts, added up: all that decides what their group comes to.

    `counted`: how many of the parts count, `upper`: of these, if all that is missing were full. For a group by the
    credits of its parts `known` says how many are not missing, and `of_known` what these come to; a group that adds
    points up takes `due` and `away` instead, the maxima of parts that count, and of those that do not apply.
    """

    status: Status
    points: Decimal
    upper: Decimal
    counted: int = 0
    known: int = 0
    of_known: Decimal = _NOTHING
    due: Decimal = _NOTHING
    away: Decimal = _NOTHING


def tally(how: str | BestOf, parts: Sequence[CriterionResult], nothing: Decimal) -> Tally:
    """Add up the printed figures of the parts of a group. `nothing`: no points, as printed."""
    if how != "sum":
        return _tally_of_credits(how, parts)
    status, points, upper, due, away = _added_up(parts, nothing)
    return Tally(status, points, upper, due=due, away=away)


def combine(how: str | BestOf, made: Tally, maximum: Fraction, not_applicable: str) -> Combined:
    """Return what the figures of parts come to as points of a group."""
    return _sum(made, maximum, not_applicable) if how == "sum" else _of_credits(how, made, maximum)


def add_up(parts: Sequence[CriterionResult], maximum: Fraction, not_applicable: str, nothing: Decimal) -> Total:
    """Add the printed points of parts; what does not apply leaves, counts as full, or is made up for by the others."""
    return _total(_added_up(parts, nothing), maximum, not_applicable)


_Sums = tuple[Status, Decimal, Decimal, Decimal, Decimal]
"""Status, points, upper, due and away of a `Tally`."""


def _added_up(parts: Sequence[CriterionResult], nothing: Decimal) -> _Sums:
    statuses: set[Status] = set()
    points = upper = due = away = nothing
    for part in parts:
        own, most, status = part.points, part.upper, part.status
        statuses.add(status)
        if own is not None:
            points, due = add(points, own), add(due, part.due_maximum)
            upper = add(upper, most or nothing)
        if status == "not_applicable":
            away = add(away, part.maximum)
    return _status_of(statuses), points, points if upper == points else upper, due, away


def _total(sums: _Sums, maximum: Fraction, not_applicable: str) -> Total:
    status, points, upper, due, away = sums
    total = Total(status, points, upper, due, due)
    return _without(total, _fraction(away), maximum, not_applicable) if away else total


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


def _sum(made: Tally, maximum: Fraction, not_applicable: str) -> Combined:
    total = _total((made.status, made.points, made.upper, made.due, made.away), maximum, not_applicable)
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


def _tally_of_credits(how: str | BestOf, parts: Sequence[CriterionResult]) -> Tally:
    statuses: set[Status] = set()
    known: list[Decimal] = []
    most: list[Decimal] = []
    for part in parts:
        own, status = part.points, part.status
        statuses.add(status)
        if own is not None:
            most.append(part.upper or _NOTHING)
            if status != "missing":
                known.append(own)
    of_known = _of_counted(how, known)
    if most == known:
        return Tally(_status_of(statuses), of_known, of_known, len(known), len(known), of_known)
    # A missing part counts 0 whatever of it is certain; the value over the others is shown beside it.
    points = _of_counted(how, [*known, *[_NOTHING] * (len(most) - len(known))])
    return Tally(_status_of(statuses), points, _of_counted(how, most), len(most), len(known), of_known)


def _of_counted(how: str | BestOf, percents: Sequence[Decimal]) -> Decimal:
    """Add up those percents whose mean a group takes."""
    if how == "mean" or not percents:
        return added(percents)
    return added(sorted(percents, reverse=True)[: how.best]) if isinstance(how, BestOf) else min(percents)


def _of_credits(how: str | BestOf, made: Tally, maximum: Fraction) -> Combined:
    credit = _one_credit(how, made.points, made.counted)
    upper = credit if made.upper == made.points else _one_credit(how, made.upper, made.counted)
    sentence = f"{_how_in_words(how)} {made.counted} nội dung: {percent_in_words(credit)}"
    if made.status == "missing":
        known = percent_in_words(_one_credit(how, made.of_known, made.known)) if made.known else "chưa có"
        sentence += f"; tạm tính trên {made.known} nội dung đã có số liệu: {known}"
    points = _times(maximum, credit)
    full = points if upper is credit else _times(maximum, upper)
    return Combined(made.status, points, full, maximum if made.counted else ZERO, f"{sentence}.", credit)


def _times(maximum: Fraction, credit: Fraction) -> Fraction:
    # For half the time of an operator, which looks at both sides first.
    return Fraction(maximum.numerator * credit.numerator, maximum.denominator * credit.denominator)


def _one_credit(how: str | BestOf, percents: Decimal, count: int) -> Fraction:
    if not count:
        return ZERO
    if isinstance(how, BestOf):
        count = min(how.best, count)
    return _mean(percents, 1 if how == "lowest" else count)


# Of all sums of printed percents that people have, few are left.
@lru_cache(maxsize=16_384)
def _mean(percents: Decimal, count: int) -> Fraction:
    numerator, denominator = percents.as_integer_ratio()
    return Fraction(numerator, denominator * 100 * count)


def _how_in_words(how: str | BestOf) -> str:
    if isinstance(how, BestOf):
        return f"Trung bình {how.best} nội dung cao nhất của"
    return "Thấp nhất của" if how == "lowest" else "Trung bình của"
