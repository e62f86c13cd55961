"""A ledger that holds millions of tasks already: written by SQL in the shape in which the service stores them.

What a stored task says follows from its number alone, here and in the statement that writes it, so that nobody has
to keep twenty million of them in memory. The service's own recount proves the tables, the judge of the race proves
that both ways of reading a number agree.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import asyncpg

from benchmarks.bus.events import FIRST_VERSION, PEOPLE_PER_UNIT, SOURCE, UNITS, YEAR, Task, Totals, Workload
from thidua_monitoring.queries import periods, recounting
from thidua_runtime.clock import SystemClock
from thidua_runtime.database import open_database
from thidua_runtime.service import load_service
from thidua_runtime.settings import Settings

ROWS_AT_ONCE: Final = 250_000
WRITERS: Final = 2

_MIXED: Final = 2**32
_FIRST, _SECOND = 2_654_435_761, 668_265_263
_MONTHS, _DAYS, _HUNDRED, _LATEST = 12, 28, 100, 19
_IN_TIME, _DONE = 90, 97

# The body as `Task.body` writes it; `drawn` is what `stored_task` draws.
_TASKS: Final = f"""
insert into task (source, source_id, version, unit, month, counted_deadline, open_deadline, completed_on, secret,
                  standing, people, weights, failures, delays, report_bytes, body, received_at)
with first as (
    select n, (n * {_FIRST}) % {_MIXED} as h from generate_series($1::bigint, $2::bigint - 1) as n
), second as (
    select n, ((h # (h >> 15)) * {_SECOND}) % {_MIXED} as h from first
), mixed as (
    select n, h # (h >> 13) as h from second
), drawn as (
    select n, h % {UNITS} as unit, h / {UNITS} % {PEOPLE_PER_UNIT} as person,
           h / {UNITS * PEOPLE_PER_UNIT} % {_MONTHS} + 1 as month,
           (h / {UNITS * PEOPLE_PER_UNIT * _MONTHS} % {_DAYS})::int as day,
           h / {UNITS * PEOPLE_PER_UNIT * _MONTHS * _DAYS} % {_HUNDRED} as chance
      from mixed
), dated as (
    select n, 'dv-' || lpad(unit::text, 5, '0') as unit, 'cb-' || lpad(unit::text, 5, '0') || '-' || person as person,
           '{YEAR}-' || lpad(month::text, 2, '0') as month, make_date({YEAR}, month::int, day + 1) as deadline, chance,
           case when chance >= {_DONE} then null
                when chance < {_IN_TIME} then make_date({YEAR}, month::int, day + 1)
                else make_date({YEAR}, month::int, day + 1) + 1 + day % {_LATEST} end as done
      from drawn
), worded as (
    select *, '{YEAR}/' || lpad(n::text, 8, '0') as source_id,
           concat('{{"source":"{SOURCE}","source_id":"{YEAR}/', lpad(n::text, 8, '0'),
                  '","version":{FIRST_VERSION},"unit":"', unit, '","title":"Xử lý hồ sơ công việc số ', n,
                  '","assignees":[{{"code":"', person, '","weight":1}}],"deadline":"', deadline, '","completed_at":',
                  case when done is null then 'null' else
                  concat('"', done, 'T', lpad((8 + n % 540 / 60)::text, 2, '0'), ':', lpad((n % 60)::text, 2, '0'),
                         ':00+07:00"') end, '}}') as body
      from dated
)
select '{SOURCE}', source_id, {FIRST_VERSION}, unit, month, deadline, deadline, done, false,
       case when done is null then 'overdue' when done <= deadline then 'on_time' else 'late' end,
       array[person], array[null::numeric], 0, 0, octet_length(body), body, now()
  from worded order by n
"""
_COUNTED: Final = """
create temporary table counted as
select month, unit, people[1] as person, count(*) as due, count(*) filter (where standing = 'on_time') as on_time,
       count(*) filter (where standing = 'late') as late, count(*) filter (where standing = 'overdue') as overdue
  from task group by month, unit, people[1]
"""
# As if all of it had been counted and published: nothing of it is met for the first time.
_REST: Final = (
    """
insert into month_counter (month, subject, individual, due, on_time, late, overdue, without_weight)
select month, subject, individual, sum(due), sum(on_time), sum(late), sum(overdue), sum(due)
  from (select month, unit as subject, false as individual, due, on_time, late, overdue from counted
        union all select month, person, true, due, on_time, late, overdue from counted) as each
 group by month, subject, individual order by month, subject
""",
    """
insert into thidua.published (stream, key, version, deleted, digest)
select 'monthly-results', subject || '/' || month, nextval('thidua.version'), false,
       decode(md5(subject || '/' || month), 'hex')
  from month_counter order by subject, month
""",
    f"insert into source (name, last_event_at, applied) select '{SOURCE}', now(), sum(due) from counted",
    f"insert into source_unit (source, unit) select distinct '{SOURCE}', unit from counted",
    "drop table counted",
    # The night has been: its recount does not run beside the race.
    """
insert into thidua.job_run (name, day, holder, started_at, finished_at)
values ('recount', (now() at time zone 'Asia/Ho_Chi_Minh')::date, 'benchmark', now(), now())
""",
    "vacuum (analyze)",
    "checkpoint",
)
_FIGURES: Final = "select subject, month, due, on_time, late from month_counter"

Progress = Callable[[str], None]


def stored_task(number: int) -> Task:
    """Return what the statement writes for a number."""
    drawn = number * _FIRST % _MIXED
    drawn = (drawn ^ drawn >> 15) * _SECOND % _MIXED
    drawn, unit = divmod(drawn ^ drawn >> 13, UNITS)
    drawn, person = divmod(drawn, PEOPLE_PER_UNIT)
    drawn, month = divmod(drawn, _MONTHS)
    chance, day = divmod(drawn, _DAYS)
    chance %= _HUNDRED
    deadline = date(YEAR, month + 1, day + 1)
    done = None if chance >= _DONE else deadline if chance < _IN_TIME else deadline + timedelta(1 + day % _LATEST)
    return Task(number, FIRST_VERSION, unit, person, deadline, done)


class Deep(Workload):
    """The mix `updates` on top of stored tasks: half of the events change one among the newest tenth of all."""

    def __init__(self, stored: int, before: Totals) -> None:
        super().__init__("updates")
        self.count = self.stored = stored
        self.before = before
        self.changed: dict[int, Task] = {}

    def totals(self) -> Totals:
        """Return what was counted before, less what changed tasks said then, and what they say now."""
        figures = {place: list(total) for place, total in self.before.items()}
        for number, task in self.changed.items():
            _count(figures, task, 1)
            if number < self.stored:
                _count(figures, stored_task(number), -1)
        return {place: (due, on_time, late) for place, (due, on_time, late) in figures.items()}

    def _new(self) -> Task:
        unit, person = self._dice.randrange(UNITS), self._dice.randrange(PEOPLE_PER_UNIT)
        task = self.changed[self.count] = self._drawn(self.count, FIRST_VERSION, unit, person)
        self.count += 1
        return task

    def _new_or_update(self) -> Task:
        if self._dice.random() < 0.5:
            return self._new()
        number = self.count - 1 - self._dice.randrange(self.count // 10)
        old = self.changed.get(number) or stored_task(number)
        task = self.changed[number] = self._drawn(number, old.version + 1, old.unit, old.person)
        return task


def _count(figures: dict[tuple[str, str], list[int]], task: Task, by: int) -> None:
    for subject in task.subjects:
        counted = figures.setdefault((subject, str(task.deadline)[:7]), [0, 0, 0])
        counted[0] += by
        if task.done is not None:
            counted[1 if task.done <= task.deadline else 2] += by


async def fill(url: str, count: int, say: Progress) -> Totals:
    """Write so many stored tasks, and all that was counted and published of them; return the counters."""
    begun = time.monotonic()
    waiting = iter(range(0, count, ROWS_AT_ONCE))
    done = 0

    async def write() -> None:
        nonlocal done
        connection = await asyncpg.connect(url)
        try:
            for first in waiting:
                last = min(first + ROWS_AT_ONCE, count)
                await connection.execute(_TASKS, first, last)
                done += last - first
                say(f"{done:,} of {count:,} tasks stored after {time.monotonic() - begun:.0f} s")
        finally:
            await connection.close()

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    connection = await asyncpg.connect(url)
    try:
        for statement in (_COUNTED, *_REST):
            await connection.execute(statement)
        rows = await connection.fetch(_FIGURES)
    finally:
        await connection.close()
    say(f"{count:,} tasks stored, counted and vacuumed after {time.monotonic() - begun:.0f} s")
    return {(row["subject"], row["month"]): (row["due"], row["on_time"], row["late"]) for row in rows}


async def recount(url: str) -> dict[str, int]:
    """Return how many counters differ from the service's own recount of the ledger, by figure; none where all agree."""
    settings = Settings.model_validate({"database_url": url})
    known = settings.url_of("monitoring")
    assert known is not None
    database = open_database(known, load_service("monitoring"), settings, SystemClock())
    try:
        async with database.transaction() as tx:
            found = await recounting.differences(tx, await periods.hold_as_of(tx))
    finally:
        await database.close()
    return {name: number for name, number in found.items() if number}
