"""The year made from the official scores of its periods."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from thidua.criteria.case import Case, PeriodScore
from thidua.criteria.compiled import Rules
from thidua.criteria.exact import in_words
from thidua.criteria.groups import Total
from thidua.criteria.lines import CriterionResult, Finding
from thidua.criteria.periods import Period, period
from thidua.criteria.resolved import ONE, ZERO, Status
from thidua.criteria.total import Filled


def fill_year(rules: Rules, case: Case, printed: Callable[[Fraction | Decimal], Decimal]) -> Filled:
    """Return the mean of the totals of the year's periods, with a line for each. A missing period makes it missing.

    Which periods: months, quarters or halves as the first one in the case is, else as the set scores first.
    One that was not scored, because nothing applied in it, is skipped if the set says so. `printed` rounds.
    """
    scale = rules.manifest.points.scale
    scores = {one.period: one for one in case.periods}
    lines = tuple(_line(rules, case, part, scores.get(part.name), printed) for part in _parts(rules, case))
    counted = [line for line in lines if line.points is not None]
    missing = tuple(line.code for line in counted if line.status == "missing")
    later = tuple(line.code for line in lines if line.status == "not_due")
    count = len(counted)
    total = sum((Fraction(line.points or 0) for line in counted), ZERO)
    points = total / count if count else ZERO
    upper = (total + len(missing) * scale) / count if count else ZERO
    made = Total("missing" if missing else "partly", points, upper, scale, scale)
    unscored = "" if count else "cả năm không có kỳ nào được chấm điểm"
    return Filled(lines, (), made, unscored, missing, later, _how(counted))


def _how(counted: list[CriterionResult]) -> str:
    totals = [in_words(line.points or 0) for line in counted]
    return f"trung bình của {len(totals)} kỳ: ({' + '.join(totals)})/{len(totals)}" if totals else ""


def _line(
    rules: Rules, case: Case, part: Period, one: PeriodScore | None, printed: Callable[[Fraction | Decimal], Decimal]
) -> CriterionResult:
    """Tell one period: points as its total was printed, or why it does not count."""
    manifest = rules.manifest
    scale, name = manifest.points.scale, part.in_words()
    total: Decimal | None = None
    upper: Decimal | None = None
    status: Status = "not_applicable"
    counted_as = None
    if one is not None and one.state == "not_scored" and manifest.period.year and manifest.period.year.skip:
        sentence, counted_as = f"Không áp dụng: {name} không được chấm điểm, không tính vào trung bình.", "dropped"
    elif one is not None and one.state == "complete" and one.total is not None:
        total = upper = one.total
        status = "met" if total >= scale else "partly" if total > 0 else "not_met"
        sentence = f"Điểm chính thức {name}: {in_words(total)}/{in_words(scale)}."
    elif case.lane == "official" or part.last < case.as_of:
        total, upper, status = printed(ZERO), printed(scale), "missing"
        sentence = f"Chưa có số liệu: điểm chính thức {name}."
        is_closed = case.lane == "official" and manifest.missing_at_close == "not_met"
        counted_as = "not_met" if is_closed else None
    else:
        status, sentence = "not_due", f"Chưa đến hạn: điểm chính thức {name}."
    finding = Finding(
        code=part.name,
        title=f"Điểm {name}",
        clause=None,
        points=total,
        maximum=printed(scale),
        due_maximum=printed(ZERO if total is None else scale),
        upper=upper,
        credit=min(ONE, max(ZERO, Fraction(total or 0) / scale)),
        status=status,
        counted_as=counted_as,
        in_percent=False,
        sentence=sentence,
        parameters=(),
        marks=tuple(mark for mark in (manifest.points.mark,) if mark),
    )
    return CriterionResult(finding)


def _parts(rules: Rules, case: Case) -> tuple[Period, ...]:
    kinds = [period(one.period).kind for one in case.periods] or list(rules.manifest.period.scored)
    subject, year = case.subject, period(case.period)
    first = subject.active_from or "0001-01"
    last = subject.active_to or "9999-12"
    parts = year.parts(kinds[0])
    return tuple(one for one in parts if any(first <= month.name <= last for month in one.parts("month")))
