"""How parts become a group, and the table of section 5 on the way: not applicable, missing, zero, not due."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from thidua.criteria.exact import added, in_words
from thidua.criteria.manifest import BestOf
from thidua.criteria.resolved import ONE, ZERO, Status
from thidua.criteria.score import CriterionResult


class Combined(NamedTuple):
    """What parts come to. `points`, `upper`: exact, of `due`, the maximum that applies and is due.

    `applicable`: that maximum before a rescaling. `is_rounded`: whether the sum of printed figures is
    printed as it is; a rescaled sum and a mean are rounded once more.
    """

    status: Status
    points: Fraction
    upper: Fraction
    due: Fraction
    applicable: Fraction
    is_rounded: bool
    sentence: str


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
    points = _exactly([part.points for part in counted if part.points is not None])
    upper = _exactly([part.upper for part in counted if part.upper is not None])
    due = _exactly([part.due_maximum for part in counted])
    factor = ONE
    applicable = due
    if away and not_applicable == "rescale" and away < maximum:
        factor = maximum / (maximum - away)
    elif away and not_applicable == "full":
        points, upper, due, applicable = points + away, upper + away, due + away, due + away
    sentence = f"Cộng {in_words(points)}/{in_words(due)} điểm"
    if factor == 1:
        return Combined(status_of(parts), points, upper, due, applicable, True, f"{sentence}.")
    sentence += (
        f", quy đổi từ {in_words(applicable)} điểm áp dụng: {in_words(points)} × {in_words(maximum)}"
        f"/{in_words(maximum - away)}"
    )
    return Combined(status_of(parts), points * factor, upper * factor, due * factor, applicable, False, f"{sentence}.")


def _exactly(figures: Sequence[Decimal]) -> Fraction:
    return Fraction(*added(figures).as_integer_ratio()) if figures else ZERO


def _of_credits(how: str | BestOf, parts: Sequence[CriterionResult], maximum: Fraction) -> Combined:
    live = [part for part in parts if part.points is not None]
    # A missing part counts 0 whatever of it is certain; the value over the others is shown beside it.
    certain = [ZERO if part.status == "missing" else _share(part.points) for part in live]
    known = [_share(part.points) for part in live if part.status != "missing"]
    credit = _one_credit(how, certain)
    upper = _one_credit(how, [_share(part.upper) for part in live])
    sentence = f"{_how_in_words(how)} {len(live)} nội dung: {in_words(credit * 100)} %"
    if len(known) < len(live):
        provisional = f"{in_words(_one_credit(how, known) * 100)} %" if known else "chưa có"
        sentence += f"; tạm tính trên {len(known)} nội dung đã có số liệu: {provisional}"
    due = maximum if live else ZERO
    return Combined(status_of(parts), maximum * credit, maximum * upper, due, due, False, f"{sentence}.")


def _share(percent: object) -> Fraction:
    return Fraction(str(percent or 0)) / 100


def _one_credit(how: str | BestOf, credits: Sequence[Fraction]) -> Fraction:
    if not credits:
        return ZERO
    if how == "lowest":
        return min(credits)
    best = sorted(credits, reverse=True)[: how.best] if isinstance(how, BestOf) else list(credits)
    return sum(best, ZERO) / len(best)


def _how_in_words(how: str | BestOf) -> str:
    if isinstance(how, BestOf):
        return f"Trung bình {how.best} nội dung cao nhất của"
    return "Thấp nhất của" if how == "lowest" else "Trung bình của"
