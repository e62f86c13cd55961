"""The year of the national report of 2017: 21,914 tasks through the stream handler."""

from __future__ import annotations

from datetime import date, timedelta
from time import perf_counter

import pytest
from sqlalchemy import text

from thidua.contracts import TaskReport
from thidua_monitoring.commands.decisions import arrivals_of
from thidua_monitoring.commands.tasks import merge_reports
from thidua_monitoring.service import SERVICE
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import SuiteFactory

from .ministry import at, person, task, unit

UNITS = [f"bo-{number:02d}" for number in range(90)]
PASSED, AHEAD = date(2017, 6, 1), date(2017, 12, 27)
SECONDS_ALLOWED = 20
"""Generous, for a machine that does other things; it takes about three seconds on two quiet cores."""


def year_of_2017() -> list[TaskReport]:
    made = []
    for number in range(21_914):
        deadline = PASSED + timedelta(days=number % 180)
        done: date | None = deadline
        if number >= 14_068:
            done = deadline + timedelta(days=1)
        if number >= 14_068 + 1_983:
            done = None
        if number >= 14_068 + 1_983 + 223:
            deadline = AHEAD
        made.append(task(str(number), deadline, done=done, of=UNITS[number % 90], weight="1.5",
                         assignees=[{"code": f"nv-{number % 300}"}]))  # fmt: skip
    return made


@pytest.mark.drill
@pytest.mark.anyio
async def test_the_national_year_of_2017_is_counted_in_seconds(suite: SuiteFactory) -> None:
    clock = ManualClock(at(date(2017, 12, 26)))
    async with suite(SERVICE, clock=clock) as running:
        await running.deliver(*(unit(f"u-{code}", code) for code in UNITS))
        await running.deliver(*(person(f"p-{n}", f"nv-{n}", f"u-{UNITS[n % 90]}") for n in range(300)))
        await running.settle()
        reports = year_of_2017()
        started = perf_counter()
        for first in range(0, len(reports), 5000):
            async with running.transaction("monitoring") as tx:
                arrivals = arrivals_of(tx, [(report, None) for report in reports[first : first + 5000]])
                await merge_reports(tx, sorted(arrivals, key=lambda arrival: arrival.key))
        seconds = perf_counter() - started
        print(f"{len(reports) / seconds:,.0f} tasks a second")
        async with running.transaction("monitoring") as tx:
            row = await tx.row(
                text("""
                select sum(due) as due, sum(on_time) as on_time, sum(late) as late, sum(overdue) as overdue,
                       sum(open) as open from month_counter where not individual""")
            )
        assert row is not None
        assert tuple(row) == (16_274, 14_068, 1_983, 223, 5_640)
        assert seconds < SECONDS_ALLOWED
