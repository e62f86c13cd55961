"""A batch that an instance which woke up late applies once more."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from thidua.contracts import TaskReport
from thidua_runtime.consume import Inlet, consume
from thidua_runtime.database import Database, Transaction
from thidua_runtime.records import Batch, Positions, Record

pytestmark = pytest.mark.anyio


def report(offset: int, version: int) -> Record:
    body = {"source": "eoffice", "source_id": "1", "version": version, "unit": "u", "deadline": "2022-03-31"}
    return Record("tasks", 0, offset, b"u", (), orjson.dumps(body), 0)


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
