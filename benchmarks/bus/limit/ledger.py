"""The limit program's PostgreSQL: tasks, counters and positions change in one transaction per batch.

What is stored already is looked up first, so that new tasks go straight into the table by COPY and only changed
ones by an update. Counters name the batch that changed them last: those of a batch that was not published before a
crash are published after it, so that no outbox is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

import asyncpg

from benchmarks.bus.limit.copying import COLUMNS, copy_bytes
from benchmarks.bus.limit.events import LATE, ON_TIME, OPEN, Batch, Row, move, parts_of

# Room on every page, so that an updated counter or task stays on its page and no index is touched.
SCHEMA: Final = """
create table if not exists task (
    id text collate "C" primary key, version bigint not null, unit text collate "C" not null,
    people text collate "C" not null, deadline date not null, done date, title text not null
) with (fillfactor = 85);
create table if not exists counter (
    subject text collate "C" not null, month text collate "C" not null, due int not null, on_time int not null,
    late int not null, partition int not null, batch bigint not null, primary key (subject, month)
) with (fillfactor = 45);
create table if not exists position (
    partition int primary key, next_offset bigint not null, batch bigint not null, published bigint not null
);
create table if not exists dead_letter (partition int, record_offset bigint, body bytea, reason text);
"""
BEGIN: Final = "insert into position select unnest($1::int[]), 0, 0, 0 on conflict do nothing"
POSITIONS: Final = "select partition, next_offset, batch, published from position where partition = any($1::int[])"
# Whoever finds another offset than it left there is not alone any more, and ends.
MOVE: Final = """
update position as p set next_offset = m.ends, batch = $4, published = $5
  from unnest($1::int[], $2::bigint[], $3::bigint[]) as m (partition, begins, ends)
 where p.partition = m.partition and p.next_offset <= m.begins
"""
KNOWN: Final = "select id, version, unit, people, deadline, done from task where id = any($1::text[])"
CHANGE: Final = """
update task as t
   set version = i.version, unit = i.unit, people = i.people, deadline = i.deadline, done = i.done, title = i.title
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[])
       as i (id, version, unit, people, deadline, done, title)
 where t.id = i.id and t.version < i.version
"""
COUNT: Final = """
insert into counter as c (subject, month, due, on_time, late, partition, batch)
select i.*, $7 from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::int[], $6::int[]) as i
    on conflict (subject, month) do update
       set due = c.due + excluded.due, on_time = c.on_time + excluded.on_time, late = c.late + excluded.late,
           batch = excluded.batch
returning subject, month, due, on_time, late, partition
"""
UNPUBLISHED: Final = """
select subject, month, due, on_time, late, c.partition
  from counter as c join position as p on p.partition = c.partition and c.batch > p.published
 where c.partition = any($1::int[])
"""
SETTINGS: Final = {"jit": "off", "plan_cache_mode": "force_generic_plan", "work_mem": "64MB"}

Counters = Sequence[Any]
"""Rows of subject, month, due, on time, late and the partition that the results go to."""


_DAY: Final = cache(date.fromisoformat)


class NotAlone(Exception):
    """Another instance has moved the position of a partition that this one believes to be its own."""


class Ledger:
    """One connection, and the partitions it owns. `published`: the newest batch whose results are on the bus."""

    def __init__(self, connection: asyncpg.Connection, partitions: Sequence[int]) -> None:
        self.connection = connection
        self.partitions = partitions
        self.batch = 0
        self.published = 0

    async def begin(self) -> tuple[dict[int, int], Counters]:
        """Return where each partition goes on, and the counters of batches that were not published."""
        await self.connection.execute("select pg_advisory_lock(1)")
        await self.connection.execute(SCHEMA)
        await self.connection.execute(BEGIN, self.partitions)
        await self.connection.execute("select pg_advisory_unlock(1)")
        rows = await self.connection.fetch(POSITIONS, self.partitions)
        self.batch = self.published = max(row["batch"] for row in rows)
        waiting = await self.connection.fetch(UNPUBLISHED, self.partitions)
        return {row["partition"]: row["next_offset"] for row in rows}, waiting

    async def apply(self, batch: Batch) -> Counters:
        """Store a batch, and return the counters it moved; raises NotAlone with nothing stored."""
        self.batch += 1
        async with self.connection.transaction():
            await self._move(batch)
            new, changed = self._sorted_out(batch, await self.connection.fetch(KNOWN, list(batch.rows)))
            await self._store(new, changed)
            if batch.bad:
                await self.connection.copy_records_to_table("dead_letter", records=batch.bad)
            return await self._count(batch)

    async def _move(self, batch: Batch) -> None:
        partitions = list(batch.ends)
        begins, ends = [batch.begins[p] for p in partitions], [batch.ends[p] for p in partitions]
        moved = await self.connection.execute(MOVE, partitions, begins, ends, self.batch, self.published)
        if int(moved.split()[-1]) != len(partitions):
            raise NotAlone(f"partitions {partitions} from {begins}")

    def _sorted_out(self, batch: Batch, known: Sequence[Any]) -> tuple[Iterable[Row], list[Row]]:
        if not known:
            return batch.rows.values(), []
        fresh = dict(batch.rows)
        changed = []
        for task_id, version, unit, people, deadline, done in known:
            row = fresh.pop(task_id)
            if row.version > version:
                changed.append(row)
                kept = OPEN if done is None else ON_TIME if done <= deadline else LATE
                move(batch, unit, people, str(deadline)[:7], -kept, row.partition)
            else:
                move(batch, row.unit, row.people, row.deadline[:7], -row.weight, row.partition)
        return fresh.values(), changed

    async def _store(self, new: Iterable[Row], changed: list[Row]) -> None:
        rows = list(new)
        if rows:
            content = await asyncio.to_thread(copy_bytes, rows)
            await self.connection.copy_to_table("task", source=content, columns=COLUMNS, format="binary")
        if changed:
            await self.connection.execute(
                CHANGE, [r.id for r in changed], [r.version for r in changed], [r.unit for r in changed],
                [r.people for r in changed], [_DAY(r.deadline) for r in changed],
                [None if r.done is None else _DAY(r.done) for r in changed], [r.title for r in changed],
            )  # fmt: skip

    async def _count(self, batch: Batch) -> Counters:
        moved = {place: weight for place, weight in batch.counters.items() if weight}
        if not moved:
            return []
        subjects, months, partitions = zip(*moved, strict=True)
        due, on_time, late = zip(*map(parts_of, moved.values()), strict=True)
        counters: Counters = await self.connection.fetch(
            COUNT, subjects, months, due, on_time, late, partitions, self.batch
        )
        return counters


async def open_ledger(address: str, partitions: Sequence[int]) -> Ledger:
    """Connect to the limit program's database."""
    connection = await asyncpg.connect(address, server_settings=SETTINGS)
    return Ledger(connection, partitions)
