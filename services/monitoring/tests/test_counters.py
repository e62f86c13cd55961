"""Counters equal a recount whatever happens, in whatever order: properties on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from thidua.contracts import TaskReport
from thidua_monitoring.commands.decisions import DecisionIn, arrivals_of, decide
from thidua_monitoring.commands.months import roll_to
from thidua_monitoring.commands.tasks import merge_reports
from thidua_monitoring.domain.deadlines import Decision, DecisionKind, position_of, standing
from thidua_monitoring.domain.months import figures_of, month_of
from thidua_monitoring.queries import recounting
from thidua_monitoring.service import SERVICE
from thidua_runtime.clock import ManualClock
from thidua_runtime.records import newest
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .ministry import AN, LAND, ORGANISATION, WATER, at, task

# Deleted, not truncated: that would wait for the gauges, which read these tables once a minute, and they for it.
CLEAN = text("""
with t as (delete from task), d as (delete from task_decision), c as (delete from month_counter),
     w as (delete from month_work), s as (delete from source), u as (delete from source_unit),
     e as (delete from source_event)
delete from as_of
""")
START = date(2022, 3, 1)
TODAY = date(2022, 3, 15)

days = st.integers(-20, 60).map(lambda offset: START + timedelta(days=offset))
ends = st.none() | days.map(lambda day: {"document": "1/QĐ", "dated": day})
extensions = st.lists(
    st.builds(lambda to, dated: {"deadline": to, "document": "2/QĐ", "dated": dated}, days, days), max_size=2
)
incidents = st.lists(
    st.builds(
        lambda kind, cause: {"kind": kind, "on": START, "objective_cause": cause},
        st.sampled_from(["failed_review", "delay", "flood"]), st.none() | st.just("3/BB"),
    ),
    max_size=3,
)  # fmt: skip
assignees = st.sampled_from([(), ({"code": "nv-an"},), ({"code": "nv-an", "weight": 2}, {"code": "0190-an"})])
weights = st.none() | st.sampled_from(["1", "2.5", "0.333"])


@st.composite
def reports(draw: st.DrawFn) -> TaskReport:
    return task(
        draw(st.sampled_from("abc")), draw(days), done=draw(st.none() | days), version=draw(st.integers(1, 4)),
        of=draw(st.sampled_from(["stnmt-01", "stnmt-02"])), withdrawn=draw(ends), reassigned=draw(st.none() | ends),
        extensions=draw(extensions), secret=draw(st.sampled_from([False, False, False, True])),
        weight=draw(weights), assignees=draw(assignees), incidents=draw(incidents),
    )  # fmt: skip


@dataclass(frozen=True)
class Roll:
    day: date


@dataclass(frozen=True)
class Decide:
    source_id: str
    kind: DecisionKind
    dated: date
    deadline: date


decisions = st.builds(
    Decide,
    st.sampled_from("abc"),
    st.sampled_from([DecisionKind.EXTENSION, DecisionKind.WITHDRAWAL, DecisionKind.SECRECY]),
    days,
    days,
)
histories = st.lists(
    st.lists(reports(), min_size=1, max_size=4) | st.builds(Roll, days) | decisions, min_size=1, max_size=8
)


async def prepare(running: RunningSuite) -> None:
    await running.deliver(*ORGANISATION)
    await running.settle()


def clock_of(running: RunningSuite) -> ManualClock:
    assert isinstance(running.suite.clock, ManualClock)
    return running.suite.clock


async def begin(running: RunningSuite) -> None:
    clock_of(running).set(at(TODAY))
    async with running.transaction("monitoring") as tx:
        await tx.execute(CLEAN)


async def merge(running: RunningSuite, batch: Sequence[TaskReport]) -> None:
    async with running.transaction("monitoring") as tx:
        arrivals = arrivals_of(tx, [(report, None) for report in batch])
        await merge_reports(tx, newest(arrivals))


async def happen(running: RunningSuite, event: Any) -> None:
    if isinstance(event, list):
        await merge(running, event)
        return
    async with running.transaction("monitoring") as tx:
        if isinstance(event, Roll):
            await roll_to(tx, event.day)
        elif await tx.row(text("select 1 from task where source_id = :id and source = 'eoffice'"), id=event.source_id):
            deadline = event.deadline if event.kind is DecisionKind.EXTENSION else None
            # Recorded once it was signed; what is due is told by the as-of row, not by the clock.
            clock_of(running).set(max(clock_of(running).now(), at(event.dated)))
            await decide(tx, DecisionIn(
                source="eoffice", source_id=event.source_id, kind=event.kind, document="9/QĐ", dated=event.dated,
                deadline=deadline,
            ))  # fmt: skip


async def differences(running: RunningSuite) -> dict[str, int]:
    async with running.transaction("monitoring") as tx:
        row = await tx.row(text("select day from as_of"))
        return await recounting.differences(tx, START if row is None else row.day)


async def canonical(running: RunningSuite) -> list[tuple[Any, ...]]:
    async with running.transaction("monitoring") as tx:
        rows = await tx.rows(
            text("""
            select source_id, version, unit, month, counted_deadline, open_deadline, standing, people, weights
              from task order by source_id""")
        )
        counters = await tx.rows(
            text("""
            select * from month_counter where (due, on_time, late, open, overdue, excluded, without_weight)
                                              is distinct from (0, 0, 0, 0, 0, 0, 0) order by month, subject""")
        )
        work = await tx.rows(text("select * from month_work where items <> 0 order by 1, 2, 3, 4"))
    # Numbers stay numbers: a sum that once held six places may read 0.000000, which is the same figure.
    return [tuple(row) for row in (*rows, *counters, *work)]


SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def test_counters_equal_a_recount_after_any_history(suite: SuiteFactory, clock: ManualClock) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(suite(SERVICE, clock=clock)) as running,
    ):
        portal.call(prepare, running)

        @SLOW
        @given(histories)
        def counters_equal_a_recount(history: list[Any]) -> None:
            portal.call(begin, running)
            for event in history:
                portal.call(happen, running, event)
            assert set(portal.call(differences, running).values()) == {0}

        counters_equal_a_recount()


def test_order_and_repetition_of_reports_change_nothing(suite: SuiteFactory, clock: ManualClock) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(suite(SERVICE, clock=clock)) as running,
    ):
        portal.call(prepare, running)

        @SLOW
        @given(st.lists(reports(), min_size=2, max_size=6), st.randoms(use_true_random=False))
        def order_is_irrelevant(sent: list[TaskReport], shuffled: Any) -> None:
            portal.call(begin, running)
            portal.call(merge, running, sent)
            first = portal.call(canonical, running)
            again = [*sent, *sent]
            shuffled.shuffle(again)
            portal.call(begin, running)
            for report in again:
                portal.call(merge, running, [report])
            assert portal.call(canonical, running) == first

        order_is_irrelevant()


def test_counters_in_sql_equal_the_rules_of_the_domain(suite: SuiteFactory, clock: ManualClock) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(suite(SERVICE, clock=clock)) as running,
    ):
        portal.call(prepare, running)

        @SLOW
        @given(st.lists(reports(), max_size=5, unique_by=lambda r: r.source_id), days, st.none() | decisions)
        def sql_equals_domain(sent: list[TaskReport], as_of: date, decision: Decide | None) -> None:
            portal.call(begin, running)
            portal.call(happen, running, Roll(START - timedelta(days=40)))
            portal.call(merge, running, sent) if sent else None
            if decision is not None:
                portal.call(happen, running, decision)
            portal.call(happen, running, Roll(as_of))
            assert portal.call(unit_figures, running) == expected(sent, portal.call(current_day, running), decision)

        sql_equals_domain()


async def current_day(running: RunningSuite) -> date:
    async with running.transaction("monitoring") as tx:
        row = await tx.row(text("select day from as_of"))
        assert row is not None
        day: date = row.day
        return day


async def unit_figures(running: RunningSuite) -> dict[tuple[str, str], tuple[int, ...]]:
    async with running.transaction("monitoring") as tx:
        rows = await tx.rows(text("select * from month_counter where not individual"))
    found = {(r.subject, r.month): (r.due, r.on_time, r.late, r.open, r.ahead, r.overdue, r.excluded) for r in rows}
    return {key: figures for key, figures in found.items() if any(figures)}


def expected(sent: list[TaskReport], as_of: date, decision: Decide | None) -> dict[tuple[str, str], tuple[int, ...]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for report in sent:
        decided = []
        if decision is not None and decision.source_id == report.source_id:
            deadline = decision.deadline if decision.kind is DecisionKind.EXTENSION else None
            decided = [Decision(decision.kind, "9/QĐ", decision.dated, deadline)]
        position = position_of(report, decided)
        subject = LAND if report.unit == "stnmt-01" else WATER
        key = (subject, month_of(position.terms.counted))
        found.setdefault(key, []).append(standing(position, as_of))
    totals = {key: figures_of(standings) for key, standings in found.items()}
    return {key: (f.due, f.on_time, f.late, f.open, f.ahead, f.overdue, f.excluded) for key, f in totals.items()}


def test_the_person_of_the_tests_belongs_to_the_first_unit() -> None:
    assert {state.key for state in ORGANISATION} == {LAND, WATER, f"{LAND}/{AN}"}
