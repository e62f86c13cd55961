"""New tasks of the usual kind are stored by COPY, all others are merged: equal results, whatever is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from thidua.contracts import TaskReport
from thidua_monitoring.commands import tasks
from thidua_monitoring.commands.decisions import DecisionIn, decide
from thidua_monitoring.commands.tasks import Outcome, merge_reports
from thidua_monitoring.domain.deadlines import DecisionKind
from thidua_monitoring.queries import new_tasks
from thidua_monitoring.service import SERVICE
from thidua_runtime.clock import ManualClock
from thidua_runtime.database import Transaction
from thidua_runtime.plain_reports import read_plain
from thidua_runtime.records import Arrival, Record, newest
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .ministry import task
from .test_counters import begin, days, ends, extensions, prepare

START = date(2022, 3, 1)
LEDGER = text("""
select source, source_id, version, coalesce(content_hash, sha256(convert_to(body, 'UTF8'))) as content_hash, unit,
       month, counted_deadline, open_deadline, completed_on, ended_on, secret, standing, people, weights, weight,
       failures, delays, coalesce(report, cast(body as jsonb)) as report, report_bytes, unknown_fields, moved_from,
       received_at
  from task order by source, source_id
""")
OTHERS = (
    "select * from month_counter order by month, subject", "select * from month_work order by 1, 2, 3, 4",
    "select * from source order by name", "select * from source_unit order by 1, 2",
    "select source, source_id, outcome, version, reason, times from source_event order by 1, 2, 3",
    "select * from month_to_publish order by 1, 2",
    "select stream, aggregate, version, waits_for, body from thidua.parked order by aggregate",
)  # fmt: skip
PARKED_GONE = text("delete from thidua.parked")
NOTES_GONE = text("delete from month_to_publish")


@pytest.fixture(autouse=True)
def _few_are_worth_copying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "WORTH_COPYING", 1)


moments = st.none() | st.builds(
    lambda day, zone: datetime.fromisoformat(f"{day}T23:30:00{zone}"),
    days,
    st.sampled_from(["+07:00", "+00:00", "-05:00"]),
)
# Few, so that reports of one deadline differ in all else.
deadlines = st.sampled_from([START, START + timedelta(days=9)])
staff = st.sampled_from([(), ("nv-an",), ("nv-an", "0190-an"), ("nv-khong-co",)])


@st.composite
def reports(draw: st.DrawFn) -> TaskReport:
    unusual = draw(st.sampled_from([{}, {}, {}, {}, {"secret": True}, {"weight": "2.5"}, {"title": "Một\x7fhai"}]))
    sent = task(
        draw(st.sampled_from("abcdef")), draw(deadlines), version=draw(st.integers(1, 3)),
        of=draw(st.sampled_from(["stnmt-01", "stnmt-02", "stnmt-03"])), withdrawn=draw(st.none() | ends),
        extensions=draw(st.just([]) | extensions),
        **{"assignees": [{"code": code} for code in draw(staff)], **unusual},
    )  # fmt: skip
    return sent.model_copy(update={"completed_at": draw(moments)})


def arrivals(sent: Sequence[TaskReport], *, as_it_ships: bool) -> tuple[Arrival[TaskReport], ...]:
    """Return reports as the stream brings them: read as they are in a service, or all of them by the contract."""
    made = []
    for number, report in enumerate(sent):
        body = report.model_dump_json(exclude_defaults=True).encode()
        plain = read_plain([body])[0] if as_it_ships else None
        record = Record("tasks", 0, number, report.key.encode(), (), body, 1_646_000_000_123 + number)
        made.append(Arrival(report.identity, report.version, plain or TaskReport.model_validate_json(body), record))
    return newest(made)


async def take(
    running: RunningSuite, batches: Sequence[Sequence[TaskReport]], decision: DecisionKind | None, as_it_ships: bool
) -> tuple[list[Outcome], list[Any]]:
    await begin(running)
    outcomes: list[Outcome] = []
    async with running.transaction("monitoring") as tx:
        await tx.execute(PARKED_GONE)
        await tx.execute(NOTES_GONE)
    for batch in batches:
        async with running.transaction("monitoring") as tx:
            outcomes += sorted(await merge_reports(tx, arrivals(batch, as_it_ships=as_it_ships)))
        decision = await _decide(running, decision)
    async with running.transaction("monitoring") as tx:
        kept = [list(await tx.rows(LEDGER))] + [list(await tx.rows(text(each))) for each in OTHERS]
    return outcomes, kept


async def _decide(running: RunningSuite, kind: DecisionKind | None) -> DecisionKind | None:
    """Lay a decision over the first task there is, once."""
    async with running.transaction("monitoring") as tx:
        row = await tx.row(text("select source, source_id from task order by source_id limit 1"))
        if kind is None or row is None:
            return kind
        deadline = START + timedelta(days=9) if kind is DecisionKind.EXTENSION else None
        await decide(tx, DecisionIn(
            source=row.source, source_id=row.source_id, kind=kind, document="9/QĐ", dated=START, deadline=deadline,
        ))  # fmt: skip
    return None


@pytest.mark.drill
def test_a_new_task_of_the_usual_kind_leaves_what_merging_it_would_leave(
    suite: SuiteFactory, clock: ManualClock
) -> None:
    kinds = [DecisionKind.EXTENSION, DecisionKind.WITHDRAWAL, DecisionKind.SECRECY]
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(suite(SERVICE, clock=clock)) as running,
    ):
        portal.call(prepare, running)

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(st.lists(reports(), min_size=1, max_size=8), min_size=1, max_size=3),
               st.none() | st.sampled_from(kinds))  # fmt: skip
        def both_ways_are_equal(batches: list[list[TaskReport]], decision: DecisionKind | None) -> None:
            assert portal.call(take, running, batches, decision, True) == portal.call(
                take, running, batches, decision, False
            )

        both_ways_are_equal()


@pytest.mark.anyio
async def test_a_decision_outlives_the_ledger_that_is_read_anew(monitoring: RunningSuite) -> None:
    sent = [task("1", START, done=START + timedelta(days=5))]
    async with monitoring.transaction("monitoring") as tx:
        await merge_reports(tx, arrivals(sent, as_it_ships=True))
    await _decide(monitoring, DecisionKind.EXTENSION)
    async with monitoring.transaction("monitoring") as tx:
        await tx.execute(text("with c as (delete from month_counter) delete from task"))
        await merge_reports(tx, arrivals(sent, as_it_ships=True))
        (row,) = await tx.rows(text("select open_deadline from task"))
    assert row.open_deadline == START + timedelta(days=9)


@pytest.mark.anyio
async def test_usual_reports_do_come_by_copy_and_stay_as_they_were_sent(monitoring: RunningSuite) -> None:
    sent = [task(str(number), START, done=START, assignees=[{"code": "nv-an"}]) for number in range(5)]
    async with monitoring.transaction("monitoring") as tx:
        await merge_reports(tx, arrivals(sent, as_it_ships=True))
        rows = await tx.rows(text("select body, report, content_hash from task order by source_id"))
    assert [row.body for row in rows] == [each.model_dump_json(exclude_defaults=True) for each in sent]
    assert {(row.report, row.content_hash) for row in rows} == {(None, None)}


@pytest.mark.anyio
async def test_after_a_batch_of_new_tasks_alone_nobody_looks_for_stored_ones_before_one_comes(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[list[str]] = []
    look = new_tasks.stored

    async def watched(tx: Transaction, source: str, ids: Sequence[str]) -> set[str]:
        looked.append(list(ids))
        return await look(tx, source, ids)

    monkeypatch.setattr(new_tasks, "stored", watched)
    for numbers, version in [("1", 1), ("2", 1), ("23", 2), ("4", 1), ("5", 1)]:
        sent = [task(number, START, version=version) for number in numbers]
        async with monitoring.transaction("monitoring") as tx:
            assert {each.outcome for each in await merge_reports(tx, arrivals(sent, as_it_ships=True))} == {"applied"}
    assert looked == [["1"], ["2", "3"], ["4"]]
    async with monitoring.transaction("monitoring") as tx:
        rows = await tx.rows(text("select source_id, version from task order by source_id"))
    assert [(row.source_id, row.version) for row in rows] == [("1", 1), ("2", 2), ("3", 2), ("4", 1), ("5", 1)]


@pytest.mark.anyio
async def test_new_tasks_that_move_one_counter_in_several_ways_are_added_up(monitoring: RunningSuite) -> None:
    an = [{"code": "nv-an"}]
    sent = [
        task("1", START, done=START, assignees=an), task("2", START, done=START, assignees=an),
        task("3", START, assignees=an), task("4", START, done=START + timedelta(days=1)), task("5", START),
    ]  # fmt: skip
    async with monitoring.transaction("monitoring") as tx:
        await merge_reports(tx, arrivals(sent, as_it_ships=True))
        rows = await tx.rows(text("select individual, due, on_time, late, open + overdue as undone from month_counter"))
        (stored,) = await tx.rows(text("select count(body) as tasks from task"))
    assert stored.tasks == len(sent), "all of them came by COPY"
    assert sorted(rows) == [(False, 5, 2, 1, 2), (True, 3, 2, 0, 1)]


@pytest.mark.anyio
async def test_a_task_stored_meanwhile_by_somebody_else_is_merged_instead(
    monitoring: RunningSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = monitoring.suite.services["monitoring"].database
    first, second = task("1", START, version=1), task("1", START, version=2, done=START)
    copy, looked = new_tasks.copy, asyncio.Event()

    async def copy_late(*given: Any) -> None:
        looked.set()
        await asyncio.sleep(0.2)
        await copy(*given)

    async with database.transaction("first") as tx:
        await merge_reports(tx, arrivals([first], as_it_ships=True))
        monkeypatch.setattr(new_tasks, "copy", copy_late)
        other = asyncio.create_task(_merge_alone(monitoring, second))
        await looked.wait()
    await other
    async with monitoring.transaction("monitoring") as tx:
        (row,) = await tx.rows(text("select version, standing from task"))
        (counter,) = await tx.rows(text("select due, open from month_counter where not individual"))
    assert (row.version, counter.due + counter.open) == (2, 1)


async def _merge_alone(running: RunningSuite, report: TaskReport) -> None:
    async with running.suite.services["monitoring"].database.transaction("second") as tx:
        (outcome,) = await merge_reports(tx, arrivals([report], as_it_ships=True))
        assert outcome.outcome == "applied"
