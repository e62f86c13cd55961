"""A service while it runs: followers, relay, jobs, gauges and loops, started and stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy import text

from thidua.contracts import REFERENCE_STREAMS
from thidua_runtime.bus import Bus
from thidua_runtime.consume import Fault, fault_of
from thidua_runtime.database import Database
from thidua_runtime.errors import ActivityEnded, BusAway, VersionsBehind
from thidua_runtime.follower import Follower
from thidua_runtime.ids import new_id
from thidua_runtime.jobs import Job, run_if_due, run_now
from thidua_runtime.metrics import Meters, Sample
from thidua_runtime.relay import Relay
from thidua_runtime.service import Loop, Service
from thidua_runtime.state_gauges import runtime_gauges

GAUGE_SECONDS = 60.0
LAG_SECONDS = 10.0
"""Lag costs a question per stream, not a look over tables: a burst is seen before it is over."""
FIRST_GAUGES_SECONDS = 1.0
"""Gauges count over whole tables: whoever starts a service waits for its doors, not for them."""
JOB_TICK_SECONDS = 1.0
STOP_TICK_SECONDS = 0.01
LAST_VERSION = text("select last_value from thidua.version")

log = structlog.get_logger()


class RunningService:
    """One service of one process. `failed` holds the error that ended it, if any."""

    def __init__(self, service: Service, database: Database, bus: Bus) -> None:
        self.service = service
        self.database = database
        self.bus = bus
        self.holder = new_id()
        self.meters = Meters(database.settings.province, service.name)
        database.meters = self.meters
        database.lag = self.lag
        self.relay = Relay(database, bus)
        self.followers = {stream: Follower(database, self.meters, stream) for stream in sorted(service.by_stream)}
        self.started = asyncio.Event()
        self.failed: BaseException | None = None
        self.ended = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._last_run: dict[str, float] = {}
        self._stopping = False
        self._jobs_in_hand = False
        self._looking: asyncio.Task[None] | None = None

    async def start(self, *, jobs_by_clock: bool = True) -> None:
        """Start everything; reference streams are read to their end before the others begin.

        A setting the service cannot use ends it here, with the sentence `thidua doctor` has for it.
        """
        for examine in self.service.examines.values():
            examine(self.database.settings)
        await self.bus.check(self.service.name, sorted({m.stream for m in self.service.owns} | set(self.followers)))
        await self._refuse_old_versions()
        self.meters.gauges.live.append(self._live_samples)
        await self._begin_counters()
        for follower in self.followers.values():
            await follower.open(self.bus)
        self._spawn("relay", self.relay.run())
        self._spawn("followers", self._follow())
        self._spawn("gauges", self._repeat(self.refresh_gauges, GAUGE_SECONDS))
        self._spawn("lag", self._repeat(self.refresh_lag, LAG_SECONDS))
        self._spawn_loops(self.service.loops)
        if jobs_by_clock:
            self.start_jobs()

    def start_jobs(self) -> None:
        """Let jobs run by the clock from now on, and bursts be watched; who plays a year says itself when."""
        self._spawn("jobs", self._run_jobs())
        self.start_watches()

    def start_watches(self) -> None:
        """Let bursts be watched from now on."""
        self._spawn_loops(self.service.watches)

    def _spawn_loops(self, loops: Sequence[Loop]) -> None:
        for loop in loops:
            self._spawn(getattr(loop, "__name__", "loop"), _forever(loop(self)))

    async def stop(self) -> None:
        """Finish the batches and the job in hand, for at most SHUTDOWN_SECONDS; then end all activities.

        What is cut off leaves no trace and is done again after the next start.
        """
        self._stopping = True
        for follower in self.followers.values():
            follower.hold()
        await self._finish_in_hand()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task
        self._tasks.clear()
        self.ended.set()

    async def run_job(self, name: str) -> None:
        """Run one job now."""
        job = next(job for job in self.service.jobs if job.name == name)
        await run_now(job, self.database, self.holder)

    async def run_due_jobs(self) -> None:
        """Run every job that the clock makes due."""
        for job in self.service.jobs:
            if not self._stopping:
                await self._run_if_due(job)

    async def run_jobs_of_the_day(self) -> None:
        """Run every job as if its moment had come: the daily ones once per day of the clock, the others now.

        Jobs at a glance have begun when it returns, and go on; the next day, and the end of the service, wait for them.
        """
        if self._looking is not None:
            await self._looking
            self._tasks.remove(self._looking)
        for job in self.service.jobs:
            if not (job.beside or job.at_a_glance):
                await self._run_of_the_day(job)
        begun = {job.name: asyncio.Event() for job in self.service.jobs if job.at_a_glance}
        self._looking = self._spawn("looking", self._side_by_side(begun))
        await self._side_by_side({job.name: asyncio.Event() for job in self.service.jobs if job.beside})
        for event in begun.values():
            await event.wait()

    @property
    def is_looking(self) -> bool:
        """Whether a job at a glance goes on."""
        return self._looking is not None and not self._looking.done()

    async def _side_by_side(self, begun: Mapping[str, asyncio.Event]) -> None:
        async with asyncio.TaskGroup() as group:
            for job in self.service.jobs:
                if job.name in begun:
                    group.create_task(self._run_of_the_day(job, begun[job.name]))

    async def _run_of_the_day(self, job: Job, begun: asyncio.Event | None = None) -> None:
        begun = begun or asyncio.Event()
        run = run_if_due if job.interval_seconds is None else run_now
        try:
            await run(job, self.database, self.holder, begun.set)
        finally:
            begun.set()

    async def refresh_gauges(self) -> None:
        """Run the gauge queries once."""
        samples: list[Sample] = []
        async with self.database.transaction("gauges") as tx:
            for source in (runtime_gauges, *self.service.gauges):
                samples.extend(await source(tx))
        self.meters.gauges.replace(samples)

    async def refresh_lag(self) -> None:
        """Ask once how far each stream is ahead of what was applied."""
        for follower in self.followers.values():
            await follower.look()

    async def lag(self, streams: Sequence[str]) -> int:
        """Return how many records of these streams were not applied yet."""
        readings = [self.followers[stream].reading for stream in streams if stream in self.followers]
        return sum([await reading.lag() for reading in readings if reading is not None])

    def stuck(self) -> str | None:
        """Return the stream whose batch has been in hand longer than allowed, or None."""
        now = asyncio.get_running_loop().time()
        limit = self.database.settings.handler_stuck_seconds
        for follower in self.followers.values():
            if follower.busy_since is not None and now - follower.busy_since > limit:
                return follower.stream
        return None

    def _has_work_in_hand(self) -> bool:
        # A batch that waits for the database is not in hand: it was rolled back, and may wait for long.
        looking = self._looking is not None and not self._looking.done()
        return (
            self._jobs_in_hand
            or looking
            or any(follower.busy_since is not None for follower in self.followers.values())
        )

    async def _refuse_old_versions(self) -> None:
        version = (await self.database.alone(LAST_VERSION))[0].last_value
        if await self.bus.is_ahead([model.stream for model in self.service.owns], version):
            raise VersionsBehind(service=self.service.name, version=version)

    async def _begin_counters(self) -> None:
        async with self.database.transaction("counters") as tx:
            for source in self.service.counters:
                for sample in await source(tx):
                    self.meters.count(sample.name, 0, **sample.labels)

    async def _finish_in_hand(self) -> None:
        try:
            async with asyncio.timeout(self.database.settings.shutdown_seconds):
                while self._has_work_in_hand():  # noqa: ASYNC110  (a look at some attributes, once in a lifetime)
                    await asyncio.sleep(STOP_TICK_SECONDS)
        except TimeoutError:
            busy = sorted(f.stream for f in self.followers.values() if f.busy_since is not None)
            log.warning("stopped before the work in hand was done", service=self.service.name, streams=busy)

    async def _follow(self) -> None:
        reference = [f for name, f in self.followers.items() if name in REFERENCE_STREAMS]
        rest = [f for name, f in self.followers.items() if name not in REFERENCE_STREAMS]
        async with asyncio.TaskGroup() as group:
            for follower in reference:
                group.create_task(follower.run())
            for follower in reference:
                assert follower.reading is not None
                await follower.reading.reach_end()
                follower.state = "running"
            self.started.set()
            for follower in rest:
                group.create_task(follower.run())

    async def _repeat(self, refresh: Callable[[], Awaitable[None]], seconds: float) -> None:
        await asyncio.sleep(FIRST_GAUGES_SECONDS)
        while True:
            try:
                await refresh()
            except Exception as error:
                # Without its brokers a service goes on serving; without its database it waits.
                if not isinstance(error, BusAway) and fault_of(error) is not Fault.PASSING:
                    raise
                log.warning("gauges not refreshed", service=self.service.name, why=str(error))
            await asyncio.sleep(seconds)

    async def _run_jobs(self) -> None:
        await self.started.wait()
        while not self._stopping:
            # First of all the doors open: nobody who starts a service waits for its jobs.
            await asyncio.sleep(JOB_TICK_SECONDS)
            self._jobs_in_hand = True
            try:
                await self.run_due_jobs()
            finally:
                self._jobs_in_hand = False

    async def _run_if_due(self, job: Job) -> None:
        now = asyncio.get_running_loop().time()
        interval = job.interval_seconds
        try:
            if interval is None:
                await run_if_due(job, self.database, self.holder)
            elif now - self._last_run.get(job.name, -interval) >= interval:
                self._last_run[job.name] = now
                await run_now(job, self.database, self.holder)
        except Exception as error:
            # A job is tried again; its row and `thidua_job_last_success…` tell who must look.
            log.error("job failed", service=self.service.name, job=job.name, why=str(error))

    def _live_samples(self) -> list[Sample]:
        version = Sample("thidua_build_info", {"version": self.service.version, "contracts": "1"}, 1)
        return [version, *(s for f in self.followers.values() for s in f.samples())]

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"{self.service.name}:{name}")
        task.add_done_callback(self._on_end)
        self._tasks.append(task)
        return task

    def _on_end(self, task: asyncio.Task[None]) -> None:
        # Nobody but `stop` cancels a task: one that was cancelled otherwise would be missed by nobody.
        if self._stopping if task.cancelled() else task.exception() is None:
            return
        self.failed = ActivityEnded(name=task.get_name()) if task.cancelled() else _first_cause(task.exception())
        log.error("service ended", task=task.get_name(), why=str(self.failed), exc_info=self.failed)
        self.ended.set()


async def _forever(work: Coroutine[Any, Any, None]) -> None:
    """Do what is to go on until it is cancelled; raises ActivityEnded where it comes to an end by itself."""
    task = asyncio.current_task()
    await work
    raise ActivityEnded(name=task.get_name() if task else "loop")


def _first_cause(error: BaseException | None) -> BaseException | None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
