"""Jobs: what happens by the clock. A daily run is a row (name, date), so that two instances run it once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text

from thidua_runtime.database import Database, Transaction
from thidua_runtime.errors import MeasurePublishes

RunJob = Callable[[date, Transaction], Awaitable[None]]

# A run that neither ended nor failed within ten minutes died with its process and may be taken over; a
# failed one is tried again after a minute.
CLAIM: Final = text("""
insert into thidua.job_run as j (name, day, holder, started_at) values (:name, :day, :holder, clock_timestamp())
    on conflict (name, day) do update
       set holder = excluded.holder, started_at = clock_timestamp(), finished_at = null, error = null,
           attempts = j.attempts + 1
     where (j.finished_at is null and j.started_at < clock_timestamp() - interval '10 minutes')
        or (j.error is not null and j.finished_at < clock_timestamp() - interval '1 minute')
returning attempts
""")
FINISH: Final = text("""
update thidua.job_run set finished_at = clock_timestamp(), error = :error where name = :name and day = :day
""")
FREE: Final = text("""
update thidua.job_run set finished_at = clock_timestamp() - interval '1 hour', error = 'the process ended'
 where finished_at is null
""")
PREPARED: Final = text("""
insert into thidua.job_run as j (name, day, holder, started_at) values (:name, :day, :holder, clock_timestamp())
    on conflict (name, day) do update set started_at = clock_timestamp(), finished_at = null, error = null
""")


# The first statement after it takes the snapshot that all the others read.
GLANCE: Final = text("set transaction isolation level repeatable read")
LOOK: Final = text("select 1")

Begun = Callable[[], None]


def _nobody_waits() -> None:
    """Nobody waits for a job to begin."""


@dataclass(frozen=True)
class Job:
    """Something that runs once a `day`, every `minute`, or every `seconds:N`; `run` gets today's date.

    `beside`: nothing rests on its having run before another, so that it may run side by side with others.
    `at_a_glance`: all it reads stands as it was when it began, so that the day's work may go on meanwhile. It only
    measures and publishes nothing: a day that ends before it does must not lack what others are told.
    """

    name: str
    run: RunJob
    every: str = "day"
    beside: bool = False
    at_a_glance: bool = False

    @property
    def interval_seconds(self) -> float | None:
        """Seconds between two runs; None for a daily job."""
        if self.every == "day":
            return None
        return 60.0 if self.every == "minute" else float(self.every.removeprefix("seconds:"))


async def run_if_due(job: Job, database: Database, holder: str, begun: Begun = _nobody_waits) -> bool:
    """Run a daily job unless today's run is done or in somebody's hands; return whether it ran.

    `begun` is told when a job `at_a_glance` has had its look.
    """
    day = database.clock.today()
    if not await database.alone(CLAIM, name=job.name, day=day, holder=holder):
        return False
    await _run_and_note(job, database, day, begun)
    return True


async def free_unfinished(database: Database) -> None:
    """Let runs that a process left unfinished be taken over at once; only for who knows that it is gone."""
    await database.alone(FREE)


async def run_now(job: Job, database: Database, holder: str, begun: Begun = _nobody_waits) -> None:
    """Run a job now, by hand, whatever was run today; its row tells when it last succeeded."""
    day = database.clock.today()
    await database.alone(PREPARED, name=job.name, day=day, holder=holder)
    await _run_and_note(job, database, day, begun)


async def run_noted(name: str, database: Database, work: Callable[[], Awaitable[None]]) -> None:
    """Do what an operator asked for, and let the metrics of jobs tell when it last succeeded and how long it took."""
    day = database.clock.today()
    await database.alone(PREPARED, name=name, day=day, holder="operator")
    await _noted(name, database, day, work)


async def _run_and_note(job: Job, database: Database, day: date, begun: Begun) -> None:
    async def work() -> None:
        async with database.transaction(f"job:{job.name}") as tx:
            if job.at_a_glance:
                await tx.execute(GLANCE)
                await tx.execute(LOOK)
                begun()
            await job.run(day, tx)
            if job.at_a_glance and tx.is_publishing:
                raise MeasurePublishes(job=job.name)

    await _noted(job.name, database, day, work)


async def _noted(name: str, database: Database, day: date, work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception as error:
        await database.alone(FINISH, name=name, day=day, error=f"{type(error).__name__}: {error}"[:2000])
        raise
    await database.alone(FINISH, name=name, day=day, error=None)
