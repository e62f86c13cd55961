"""Batches that come once more to an instance which woke up late, and batches applied in two halves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from thidua.contracts import TaskReport
from thidua_runtime import consume as consume_module
from thidua_runtime.consume import Inlet, consume
from thidua_runtime.database import Database, Transaction
from thidua_runtime.errors import UnexpectedFailure
from thidua_runtime.records import Batch, Positions, Record

pytestmark = pytest.mark.anyio


def report(offset: int, version: int, partition: int = 0) -> Record:
    name = str(1 + partition)
    body = {"source": "eoffice", "source_id": name, "version": version, "unit": "u", "deadline": "2022-03-31"}
    return Record("tasks", partition, offset, b"u", (), orjson.dumps(body), 0)


async def refuse_the_first_version(batch: Batch[TaskReport], tx: Transaction) -> None:
    for arrival in batch.arrivals:
        if arrival.version == 1:
            await tx.refuse(arrival, "refused", "This one is refused.")


def inlet(database: Database) -> Inlet:
    handlers: tuple[Any, ...] = (refuse_the_first_version,)
    return Inlet(database, TaskReport, handlers, Positions("tasks"))


async def letters(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return [row.state for row in await tx.rows(text("select state from thidua.dead_letter order by id"))]


async def test_a_batch_that_comes_again_closes_no_letter_that_its_first_coming_wrote(database: Database) -> None:
    first, late = inlet(database), inlet(database)
    await consume(first, [report(0, 1)])
    assert await letters(database) == ["waiting"]
    await consume(late, [report(0, 1)])
    assert await letters(database) == ["waiting"]


async def test_a_newer_version_behind_what_was_applied_before_closes_the_letter(database: Database) -> None:
    first, late = inlet(database), inlet(database)
    await consume(first, [report(0, 1)])
    await consume(late, [report(0, 1), report(1, 2)])
    assert await letters(database) == ["superseded"]


@pytest.mark.parametrize("two", [(0, 1), (1, 3)])
async def test_two_halves_of_the_partitions_are_applied_at_the_same_time(
    database: Database, monkeypatch: pytest.MonkeyPatch, two: tuple[int, int]
) -> None:
    monkeypatch.setattr(consume_module, "WORTH_SPLITTING", 4)
    both_are_here = asyncio.Barrier(2)

    async def meet(batch: Batch[TaskReport], tx: Transaction) -> None:
        await both_are_here.wait()

    split = replace(inlet(database), handlers=(meet,), is_split=True)
    records = [report(offset, 1 + offset, partition) for partition in two for offset in range(2)]
    async with asyncio.timeout(20):
        assert await consume(split, records) == 0
    assert split.positions.next_offset == dict.fromkeys(two, 2)
    assert split.outcomes["applied"] == 2


async def test_what_one_half_applied_stays_when_the_other_one_fails(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consume_module, "WORTH_SPLITTING", 4)
    seen: list[int] = []

    async def fail_in_the_second(batch: Batch[TaskReport], tx: Transaction) -> None:
        seen.extend(arrival.record.partition for arrival in batch.arrivals)
        if seen.count(1) == 1 and batch.arrivals[0].record.partition == 1:
            raise ValueError("a defect")

    split = replace(inlet(database), handlers=(fail_in_the_second,), is_split=True)
    records = [report(offset, 1 + offset, partition) for partition in range(2) for offset in range(2)]
    with pytest.raises(UnexpectedFailure):
        await consume(split, records)
    assert (await consume_module.stored_positions(database, "tasks")).next_offset == {0: 2}
    await consume(split, records)
    assert sorted(seen) == [0, 1, 1]
