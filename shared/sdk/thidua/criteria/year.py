"""The year made from the official scores of its periods."""

from __future__ import annotations

from fractions import Fraction

from thidua.criteria.case import Case, PeriodScore
from thidua.criteria.compiled import Rules
from thidua.criteria.groups import Total
from thidua.criteria.periods import Period, period
from thidua.criteria.resolved import ZERO
from thidua.criteria.total import Filled


def fill_year(rules: Rules, case: Case) -> Filled:
    """Return the mean of the totals of the year's periods. A missing period makes the year missing.

    Which periods: months, quarters or halves as the first one in the case is, else as the set scores first.
    One that was not scored, because nothing applied in it, is skipped if the set says so.
    """
    scale = rules.manifest.points.scale
    rule = rules.manifest.period.year
    scores = {one.period: one for one in case.periods}
    parts = _parts(rules, case)
    skipped = {name for name, one in scores.items() if one.state == "not_scored" and rule is not None and rule.skip}
    asked = [part for part in parts if part.name not in skipped]
    missing = tuple(part.name for part in asked if _is_missing(scores, part) and _is_over(case, part))
    later = tuple(part.name for part in asked if _is_missing(scores, part) and not _is_over(case, part))
    totals = [Fraction(one.total or 0) for part in asked if (one := scores.get(part.name)) and _is_known(one)]
    count = len(totals) + len(missing)
    points = sum(totals, ZERO) / count if count else ZERO
    upper = (sum(totals, ZERO) + len(missing) * scale) / count if count else ZERO
    made = Total("missing" if missing else "partly", points, upper, scale, scale)
    unscored = "" if count else "cả năm không có kỳ nào được chấm điểm"
    return Filled((), (), made, unscored, missing, later)


def _parts(rules: Rules, case: Case) -> tuple[Period, ...]:
    kinds = [period(one.period).kind for one in case.periods] or list(rules.manifest.period.scored)
    subject, year = case.subject, period(case.period)
    first = subject.active_from or "0001-01"
    last = subject.active_to or "9999-12"
    parts = year.parts(kinds[0])
    return tuple(one for one in parts if any(first <= month.name <= last for month in one.parts("month")))


def _is_over(case: Case, part: Period) -> bool:
    return case.lane == "official" or part.last < case.as_of


def _is_missing(scores: dict[str, PeriodScore], part: Period) -> bool:
    return part.name not in scores or not _is_known(scores[part.name])


def _is_known(one: PeriodScore) -> bool:
    return one.state == "complete" and one.total is not None
