"""Monthly, half-year and yearly reports of the 90 units, and the totals some of them declare."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from thidua_sample.generate.campaign import calendar, following
from thidua_sample.generate.draw import Draw
from thidua_sample.generate.organisation import paper
from thidua_sample.generate.plan import DECLARING, NOTHING_DUE
from thidua_sample.generate.records import SamplePeriod, SampleReport, SampleTotals, SampleUnit

LATE_PERCENT: Final = 6
RETURNED_PERCENT: Final = 2
# Months without a report: of one department that declares totals nothing at all is known then.
NEVER_REPORTED: Final = (
    ("stnmt-95", "2022-08"), ("stnmt-95", "2022-09"), ("stnmt-06", "2022-11"), ("stnmt-15", "2022-07"),
    ("btnmt-21", "2022-05"), ("btnmt-21", "2022-06"),
)  # fmt: skip
RETURN_REASON: Final = "Số liệu nhiệm vụ chưa khớp với phần mềm; đề nghị rà soát."


def reports(draw: Draw, units: tuple[SampleUnit, ...]) -> tuple[SampleReport, ...]:
    """Return what each unit sent for each of 14 periods, or did not."""
    never_late = {(unit, f"2022-{month:02d}") for unit, month in NOTHING_DUE}
    return tuple(
        _report(draw, unit.code, period, in_time=(unit.code, period.period) in never_late)
        for period in calendar()
        for unit in units
    )


def _report(draw: Draw, unit: str, period: SamplePeriod, *, in_time: bool) -> SampleReport:
    if (unit, period.period) in NEVER_REPORTED:
        return SampleReport(unit, period.period, sent_on=None)
    due = period.report_due
    if not in_time and draw.chance(LATE_PERCENT):
        return SampleReport(unit, period.period, due + timedelta(days=draw.between(1, 4)))
    sent = due - timedelta(days=draw.between(0, 3))
    if not in_time and draw.chance(RETURNED_PERCENT):
        back, again = due + timedelta(days=1), due + timedelta(days=draw.between(2, 4))
        return SampleReport(unit, period.period, sent, back, RETURN_REASON, again)
    return SampleReport(unit, period.period, sent)


def declared_totals(draw: Draw, units: tuple[SampleUnit, ...]) -> tuple[SampleTotals, ...]:
    """Return the monthly totals of the units that send no tasks; months never reported are left out."""
    names = {unit.code: unit.name for unit in units}
    return tuple(
        _totals(draw, unit, names[unit], month)
        for unit in DECLARING
        for month in range(1, 13)
        if (unit, f"2022-{month:02d}") not in NEVER_REPORTED
    )


def _totals(draw: Draw, unit: str, name: str, month: int) -> SampleTotals:
    due = draw.between(8, 26)
    late = draw.weighted(((0, 5), (1, 4), (2, 3), (4, 1)))
    overdue = 1 if month == 12 and draw.chance(40) else 0
    sent = date(*following(month), draw.between(2, 5))
    return SampleTotals(
        unit=unit,
        month=f"2022-{month:02d}",
        due=due,
        on_time=due - late - overdue,
        late=late,
        overdue=overdue,
        evidence=paper(f"{draw.between(10, 400)}/BC-{unit.upper()}", sent, name),
        sent_on=sent,
    )
