"""The tasks reproduce the published totals exactly, by the definitions of the suite."""

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction

import pytest

from thidua.contracts import TaskReport
from thidua_sample.generate import SampleYear
from thidua_sample.generate.plan import DECLARING, EXACTLY_NINETY, JUST_ABOVE, NOTHING_DUE
from thidua_sample.generate.totals import PUBLISHED, VIETNAM, deadline_in_force, four_states, state_of

# One worker makes the year for all.
pytestmark = pytest.mark.xdist_group("year")


def newest(year: SampleYear) -> list[TaskReport]:
    tasks = {event.report.identity: event.report for event in year.events}
    return list(tasks.values())


def excluded(task: TaskReport) -> bool:
    return task.secret or task.withdrawn is not None or task.reassigned is not None


def months(year: SampleYear) -> dict[tuple[str, int], tuple[int, int]]:
    """N and D of every unit and month of 2022, counted anew from the last reports."""
    counts: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for task in newest(year):
        deadline = deadline_in_force(task)
        if deadline.year == 2022 and not excluded(task):
            counts[task.unit, deadline.month][state_of(task)] += 1
    return {cell: (c["on_time"], c.total()) for cell, c in counts.items()}


def test_the_four_published_totals_are_reproduced_exactly(year: SampleYear) -> None:
    assert four_states(newest(year)) == PUBLISHED
    assert PUBLISHED.total == 21_914 == len(newest(year))
    assert (PUBLISHED.on_time, PUBLISHED.late, PUBLISHED.open_in_time, PUBLISHED.overdue) == (
        14_068, 1_983, 5_640, 223,
    )  # fmt: skip


def test_the_months_of_all_units_add_up_to_both_published_rates(year: SampleYear) -> None:
    on_time = sum(n for n, _ in months(year).values())
    due = sum(d for _, d in months(year).values())
    states = four_states(newest(year))
    done = states.on_time + states.late
    assert (on_time, due) == (14_068, 16_274)
    assert round(Fraction(100 * on_time, due), 2) == Fraction("86.44")
    assert round(Fraction(100 * done, done + states.overdue), 2) == Fraction("98.63")


def test_excluded_tasks_are_all_open_with_time_left_in_the_next_year(year: SampleYear) -> None:
    left_out = [task for task in newest(year) if excluded(task)]
    assert Counter(state_of(task) for task in left_out) == {"open_in_time": 60 + 45 + 25}
    assert all(end.dated <= deadline_in_force(t) for t in left_out if (end := t.withdrawn or t.reassigned))
    assert all(task.title is None for task in left_out if task.secret)


def test_planned_months_sit_at_exactly_ninety_percent_and_just_above(year: SampleYear) -> None:
    counted = months(year)
    for cell, (on_time, due) in EXACTLY_NINETY.items():
        assert counted[cell] == (on_time, due)
        assert on_time * 10 == due * 9
    for cell, (on_time, due) in JUST_ABOVE.items():
        assert counted[cell] == (on_time, due)
        assert due * 9 < on_time * 10 < due * 10


def test_months_without_due_tasks_have_a_report_that_says_so(year: SampleYear) -> None:
    sent = {(report.unit, report.period) for report in year.reports if report.sent_on}
    for unit, month in NOTHING_DUE:
        assert (unit, month) not in months(year)
        assert (unit, f"2022-{month:02d}") in sent


def test_units_that_declare_totals_send_no_tasks(year: SampleYear) -> None:
    assert {totals.unit for totals in year.totals} == set(DECLARING)
    assert not {event.report.unit for event in year.events} & set(DECLARING)
    assert all(t.due == t.on_time + t.late + t.overdue for t in year.totals)


def test_extensions_before_and_after_the_deadline_both_occur(year: SampleYear) -> None:
    chains = [(t, e) for t in newest(year) if len(t.extensions) == 1 for e in t.extensions]
    in_time = [t for t, e in chains if e.dated <= t.deadline]
    too_late = [t for t, e in chains if e.dated > t.deadline]
    assert len(in_time) > 500
    assert len(too_late) > 50
    assert {state_of(task) for task in too_late} == {"late"}


def test_work_of_the_last_hour_counts_and_work_after_midnight_does_not(year: SampleYear) -> None:
    done = [(t, t.completed_at.astimezone(VIETNAM)) for t in newest(year) if t.completed_at]
    last_hour = [t for t, at in done if at.hour == 23 and at.date() == deadline_in_force(t)]
    after = [t for t, at in done if at.hour == 0]
    assert last_hour
    assert {state_of(task) for task in last_hour} == {"on_time"}
    assert after
    assert {state_of(task) for task in after} == {"late"}


def test_versions_of_a_task_grow_with_the_moments_of_its_reports(year: SampleYear) -> None:
    seen: dict[str, int] = {}
    moments = [event.at for event in year.events]
    for event in year.events:
        assert seen.get(event.report.identity, -1) < event.report.version
        seen[event.report.identity] = event.report.version
    assert moments == sorted(moments)
    assert date(2022, 1, 3) <= moments[0].date()
    assert moments[-1].date() <= date(2022, 12, 31)
