"""The ledger and its counters, on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from thidua_monitoring.queries import recounting
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import RunningSuite, schema_difference

from .ministry import AN, LAND, WATER, months, roll, task

pytestmark = pytest.mark.anyio


async def test_the_migrated_schema_equals_the_metadata(monitoring: RunningSuite) -> None:
    assert await schema_difference(monitoring, "monitoring") == []


async def test_a_task_moves_from_open_to_on_time_when_its_deadline_has_passed(
    monitoring: RunningSuite, clock: ManualClock
) -> None:
    await monitoring.deliver(
        task("1", date(2022, 3, 20), done=date(2022, 3, 18)), task("2", date(2022, 3, 20)), task("3", date(2022, 3, 10))
    )
    await monitoring.settle()
    before = (await months(monitoring))[LAND, "2022-03"]
    assert (before["due"], before["on_time"], before["open"], before["overdue"]) == (1, 0, 2, 1)
    await roll(monitoring, clock, date(2022, 3, 21))
    after = (await months(monitoring))[LAND, "2022-03"]
    assert (after["due"], after["on_time"], after["open"], after["overdue"]) == (3, 1, 0, 2)
    async with monitoring.transaction("monitoring") as tx:
        assert set((await recounting.differences(tx, date(2022, 3, 21))).values()) == {0}


async def test_converted_weight_is_kept_by_counted_failures_and_delays(monitoring: RunningSuite) -> None:
    failed = {"kind": "failed_review", "on": "2022-03-05"}
    excused = {**failed, "kind": "delay", "objective_cause": "3/BB-LĐ"}
    both = [{"code": "nv-an", "weight": 1}, {"code": "0190-an", "weight": 2}]
    due = date(2022, 3, 10)
    await monitoring.deliver(
        task("1", due, done=due, weight="2.50", incidents=[failed, failed, excused], assignees=both),
        task("2", due, done=due, weight="1", incidents=[failed]),
        task("3", due, weight="0.5"),
        task("4", due, weight="9", secret=True),
    )
    await monitoring.settle()
    found = await months(monitoring)
    assert found[LAND, "2022-03"]["work"] == {
        "assigned": "4", "done": "3.5", "without_weight": 0,
        "by_failures": [{"count": 1, "weight": "1"}, {"count": 2, "weight": "2.5"}],
        "by_delays": [{"count": 0, "weight": "3.5"}],
    }  # fmt: skip
    assert found[AN, "2022-03"]["work"]["done"] == "2.5"
    await monitoring.deliver(task("5", due))
    await monitoring.settle()
    work = (await months(monitoring))[LAND, "2022-03"]["work"]
    assert (work["assigned"], work["done"], work["without_weight"]) == (None, "3.5", 1)


async def test_an_individual_is_counted_for_the_tasks_assigned_to_the_person(monitoring: RunningSuite) -> None:
    due = date(2022, 3, 10)
    mine = [{"code": "nv-an"}]
    await monitoring.deliver(task("1", due, done=due, assignees=mine), task("2", due, assignees=mine), task("3", due))
    await monitoring.settle()
    found = await months(monitoring)
    own = found[AN, "2022-03"]
    assert (own["subject_kind"], own["unit"], own["due"], own["on_time"]) == ("individual", LAND, 2, 1)
    assert found[LAND, "2022-03"]["due"] == 3
    await monitoring.deliver(task("2", due, version=2, assignees=[]))
    await monitoring.settle()
    assert (await months(monitoring))[AN, "2022-03"]["due"] == 1


async def test_a_task_a_source_moves_to_another_unit_counts_there_and_is_listed(monitoring: RunningSuite) -> None:
    due = date(2022, 3, 10)
    await monitoring.deliver(task("1", due))
    await monitoring.settle()
    await monitoring.deliver(task("1", due, version=2, of="stnmt-02"))
    await monitoring.settle()
    found = await months(monitoring)
    assert (LAND, "2022-03") not in found
    assert found[WATER, "2022-03"]["due"] == 1
    async with monitoring.client("monitoring", role="reader") as client:
        (listed,) = (await client.get("/contradictions")).json()["contradictions"]
    assert listed["sentences"] == ["Nguồn đổi đơn vị của nhiệm vụ mà không có văn bản giao lại."]


async def test_a_task_of_the_far_future_and_one_of_the_far_past_harm_nobody(monitoring: RunningSuite) -> None:
    late = task("1", date(9999, 12, 31)).model_copy(update={"completed_at": datetime.max.replace(tzinfo=UTC)})
    await monitoring.deliver(late, task("2", date(1, 1, 1)), task("3", date(2022, 3, 10)))
    await monitoring.settle()
    assert (await months(monitoring))[LAND, "2022-03"]["due"] == 1
