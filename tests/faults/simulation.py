"""One run of the story under one seed: the services, their log and databases, the people at the doors."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from types import SimpleNamespace
from typing import Any, Final

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

import thidua_monitoring.commands.tasks as tasks_module
import thidua_runtime.ids as ids_module
import thidua_runtime.relay as relay_module
from thidua.contracts import TaskReport
from thidua_runtime.access import Tokens
from thidua_runtime.canonical import canonical, owned_streams, read_streams
from thidua_runtime.clock import ManualClock
from thidua_runtime.database import Database
from thidua_runtime.embedded import EmbeddedPublisher
from thidua_runtime.errors import RelayFenced
from thidua_runtime.jobs import free_unfinished
from thidua_runtime.records import VERSION_HEADER, Outgoing
from thidua_runtime.service import Service
from thidua_runtime.settings import Settings
from thidua_runtime.settling import OUTBOX_WAITS
from thidua_runtime.testing import outgoing_state
from thidua_runtime.web import service_app
from thidua_sample.demo import START, RoleTokens
from thidua_sample.play.doors import Doors
from thidua_sample.play.stage import Stage

from .ground import Ground
from .processes import SCORED_BY, Process, SharedLog
from .scheduler import Scheduler
from .story import play_story, story_year, unordered
from .straight import Straight

# What only time brings about: no test waits for it.
LEASES_RUN_OUT: Final = text("update thidua.lease set expires_at = clock_timestamp() - interval '1 second'")
MARKS_RUN_OUT: Final = text(
    "update dirty set leased_until = clock_timestamp() - interval '1 second' where leased_until is not null"
)
UNFINISHED_JOBS: Final = text(
    "select exists (select from thidua.job_run where finished_at is null or error is not null)"
)
STEPS_UNTIL_RESTART: Final = 25
STEPS_UNTIL_FREEZE: Final = 6
STEPS_UNTIL_STRANGER: Final = 20
LONGEST_FREEZE_STEPS: Final = 1_000
LETTERS: Final = text("select stream, aggregate, reason, sentence from thidua.dead_letter where state = 'waiting'")
PARKED: Final = text("select stream, aggregate, waits_for from thidua.parked")


class World:
    """All processes of one run, and the official, the e-office and the clock outside of them."""

    def __init__(self, scheduler: Scheduler, ground: Ground, settings: Settings) -> None:
        self.scheduler = scheduler
        self.ground = ground
        self.log = SharedLog(Straight(ground.lines["log"]), settings.fetch_max_records, {})
        self.settings = settings
        self.clock = ManualClock(START)
        self.services = ground.services
        self.observers = {name: ground.database(name, settings, self.clock) for name in self.services}
        self.processes: list[Process] = []
        self.kills = 0
        self.apps: dict[str, FastAPI] = {}
        self.is_quiet = False
        self.strangers: list[EmbeddedPublisher] = []
        self._number = 0

    async def start(self, service: Service) -> Process:
        """Start one more process of a service."""
        self._number += 1
        process = Process(service, self._number, self)
        self.processes.append(process)
        process.start()
        return process

    async def bury(self) -> None:
        """Start anew whatever died, after its leases have run out."""
        for dead in [one for one in self.processes if one.is_dead]:
            self.processes.remove(dead)
            self.kills += 1
            await self.scheduler.kill(dead, dead.tasks)
            await self.let_time_pass(dead.service)
            await free_unfinished(self.observers[dead.service.name])
            await self.start(dead.service)

    async def let_time_pass(self, service: Service) -> None:
        """Let leases run out, as they do within seconds."""
        await self.observers[service.name].alone(LEASES_RUN_OUT)
        if service.name == SCORED_BY:
            await self.observers[service.name].alone(MARKS_RUN_OUT)

    async def tend(self) -> None:
        """Start dead processes anew after a while; now and then let one sleep so long that another takes over."""
        if any(one.is_dead for one in self.processes) and self.scheduler.draws(STEPS_UNTIL_RESTART):
            await self.bury()
        if self.scheduler.freezes_left and self.scheduler.draws(STEPS_UNTIL_FREEZE):
            # A relay that sleeps with rows in hand is the dangerous one: before it sends them, or before it deletes.
            sending = [one for one in self.processes if self.scheduler.waits_at(("send", "sent"), one)]
            if sending:
                self.scheduler.freezes_left -= 1
                await self._freeze(self.scheduler.rng.choice(sending))
        if self.scheduler.strangers_left and self.scheduler.draws(STEPS_UNTIL_STRANGER):
            await self._let_a_stranger_in()
        await self._let_strangers_speak()

    async def _let_a_stranger_in(self) -> None:
        """Open a publisher in the name of a service that is about to send: an instance that shares no lease with it."""
        sending = [one for one in self.processes if self.scheduler.waits_at(("send",), one)]
        if sending:
            self.scheduler.strangers_left -= 1
            name = self.scheduler.rng.choice(sending).service.name
            self.scheduler.note(f"a stranger publishes as {name}")
            self.strangers.append(await self.log.publisher(name))

    async def _let_strangers_speak(self) -> None:
        """Let a stranger say something old once the service has taken its name back."""
        for one in [one for one in self.strangers if one.epoch < self.log.newest_epoch[one.service]]:
            self.strangers.remove(one)
            stream = self.services[one.service].owns[0].stream
            with suppress(RelayFenced):
                await one.publish([Outgoing(stream, "old", "old", ((VERSION_HEADER, b"0"),), b"{}")])

    async def _freeze(self, process: Process) -> None:
        process.frozen_until = self.scheduler.steps + self.scheduler.rng.randrange(LONGEST_FREEZE_STEPS)
        self.scheduler.note(f"{process.name}: FROZEN")
        await self.let_time_pass(process.service)
        await self.start(process.service)

    async def wake(self) -> bool:
        """Called when nothing is ready: bury the dead, let the living look once more; False if all is quiet."""
        if any(one.is_dead for one in self.processes):
            await self.bury()
            return True
        if self.scheduler.draws(4) and self.scheduler.thaw():
            return True
        if await self._has_work():
            return True
        was_quiet, self.is_quiet = self.is_quiet, True
        # Who sleeps on has missed what the next act brings, unless the act waits for the sleeper.
        return not was_quiet or self.scheduler.thaw()

    async def _has_work(self) -> bool:
        for name, observer in self.observers.items():
            waiting = observer.service.waiting  # type: ignore[attr-defined]
            works = waiting is not None and (await observer.alone(waiting))[0][0]
            if works or (await observer.alone(OUTBOX_WAITS))[0][0]:
                if works and observer.service.before_heartbeat is not None:
                    await observer.service.before_heartbeat(observer)
                await self.let_time_pass(self.services[name])
                for one in self.of(name):
                    one.wake()
                return True
        return False

    def of(self, name: str) -> list[Process]:
        """Return the living processes of a service."""
        return [one for one in self.processes if one.service.name == name and not one.is_dead]

    async def settle(self) -> None:
        """Return once nothing moves any more."""
        self.is_quiet = False
        await self.scheduler.point("settle", is_ready=lambda: self.is_quiet)
        self.is_quiet = False

    async def in_some_process(self, name: str, what: str, act: Any) -> Any:
        """Do something in a living process of a service, again in another one if that dies meanwhile."""
        while True:
            await self.scheduler.point(what, is_ready=lambda: bool(self.of(name)))
            process = self.scheduler.rng.choice(self.of(name))
            try:
                return await act(process)
            # A dying process raises Killed, a group around it, or the cancelling that a library made of it; what a
            # living one raises is raised on, whatever it is.
            except BaseException:
                if not process.is_dead:
                    raise

    async def advance(self, to: datetime) -> None:
        """Set the clock and let the services do what the day brings."""
        self.clock.set(to)
        # A month waits until the process that closes it has read everything: whoever sleeps wakes first.
        self.scheduler.thaw()
        await self.settle()
        for name in self.services:
            await self.in_some_process(name, "jobs", _jobs_of_the_day)
            # A run whose process died is taken over once that is known, which another living one does not know.
            while await self._has_unfinished_jobs(name):
                await self.settle()
                await self.in_some_process(name, "jobs", _jobs_of_the_day)

    async def _has_unfinished_jobs(self, name: str) -> bool:
        await self.scheduler.point("look at the jobs")
        return bool((await self.observers[name].alone(UNFINISHED_JOBS))[0][0])

    async def beat(self) -> None:
        """Let every service write its heartbeats, and everybody hear them."""
        await self.settle()
        for name in self.services:
            await self.in_some_process(name, "beat", lambda one: one.running.relay.write_heartbeats())
        await self.settle()

    async def publish(self, reports: Sequence[TaskReport]) -> None:
        """Send task reports as an e-office does."""
        sent = list(reports) if self.scheduler.weather.is_calm else unordered(reports, self.scheduler.rng)
        await self.scheduler.point("e-office")
        await self.log.append([outgoing_state(one) for one in sent])


class Street(httpx2.AsyncBaseTransport):
    """The way from the people to the doors: whoever gets no answer asks again, with the same key."""

    def __init__(self, world: World, tokens: Tokens) -> None:
        self.world = world
        self.tokens = tokens
        self.number = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        _, name, path = request.url.path.split("/", 2)
        self.number += 1
        if request.method != "GET":
            request.headers["Idempotency-Key"] = f"request-{self.number}"
        request.url = request.url.copy_with(path=f"/{path}")

        async def ask(process: Process) -> httpx2.Response:
            return await self._ask(process, request)

        answer: httpx2.Response = await self.world.in_some_process(name, "request", ask)
        return answer

    async def _ask(self, process: Process, request: httpx2.Request) -> httpx2.Response:
        app = self._app(process)
        answer = await httpx2.ASGITransport(app=app).handle_async_request(request)
        body = await answer.aread()
        headers = {"content-type": answer.headers.get("content-type", "")}
        return httpx2.Response(answer.status_code, headers=headers, content=body)

    def _app(self, process: Process) -> FastAPI:
        """Return the application of a process; building one anew for every process would take most of the time."""
        name = process.service.name
        if name not in APPLICATIONS:
            APPLICATIONS[name] = service_app(process.running, self.tokens)
        app = APPLICATIONS[name]
        app.state.database, app.state.running, app.state.tokens = process.database, process.running, self.tokens
        return app


APPLICATIONS: Final[dict[str, FastAPI]] = {}


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    state: str
    wrong: list[str]
    kills: int
    fenced: int
    scheduler: Scheduler


@asynccontextmanager
async def _world(scheduler: Scheduler, ground: Ground) -> AsyncIterator[World]:
    await ground.empty()
    rows = scheduler.weather.relay_rows
    world = World(scheduler, ground, Settings.model_validate({"heartbeat_seconds": 300, "relay_batch_rows": rows}))
    try:
        yield world
    finally:
        for one in world.processes:
            await scheduler.kill(one, one.tasks)


async def run_story(
    seed: int | None, ground: Ground, scheduled: Callable[[int | None], Scheduler] = Scheduler
) -> Outcome:
    """Play the story under a seed, or undisturbed; raises what a service or the official ran into."""
    async with _world(scheduled(seed), ground) as world:
        with _nothing_left_to_chance(seed):
            await _play(world)
        state = canonical(await read_streams(world.log, owned_streams()))
        wrong = [*await _set_aside(world.observers), *_older_behind_newer(world.log), *world.log.unfenced]
        return Outcome(state, wrong, world.kills, world.log.fenced, world.scheduler)


async def _play(world: World) -> None:
    scheduler = world.scheduler
    for service in world.services.values():
        await world.start(service)
    if not scheduler.weather.is_calm and scheduler.rng.random() < 0.5:
        await world.start(scheduler.rng.choice(list(world.services.values())))
    roles = RoleTokens()
    async with httpx2.AsyncClient(transport=Street(world, roles.tokens), base_url="http://thidua") as client:
        stage = Stage(story_year(), Doors(client, roles.of), world.advance, lambda *_: None, world.beat)
        story = asyncio.create_task(_tell(world, stage))
        try:
            await scheduler.run(story, world.tend, world.wake)
        finally:
            story.cancel()
            await asyncio.gather(story, return_exceptions=True)


async def _tell(world: World, stage: Stage) -> None:
    await play_story(stage, world.publish)
    await world.settle()
    world.scheduler.thaw()
    await world.settle()


async def _jobs_of_the_day(process: Process) -> None:
    """Run the jobs of the day, those that only look too: the next day would wait for them outside of the scheduler."""
    await process.running.run_jobs_of_the_day()
    if process.running._looking is not None:
        await process.running._looking


def _older_behind_newer(log: SharedLog) -> list[str]:
    """Return the keys whose last record is not their newest: compaction would keep the wrong one."""
    last: dict[tuple[str, bytes], int] = {}
    newest: dict[tuple[str, bytes], int] = {}
    for stream in owned_streams():
        for record in (one for rows in log.of(stream) for one in rows):
            name = stream, record.key or b""
            last[name] = int(record.header(VERSION_HEADER) or 0)
            newest[name] = max(newest.get(name, 0), last[name])
    return [f"{stream} {key.decode()} ends with an older version" for (stream, key), version in last.items()
            if version < newest[stream, key]]  # fmt: skip


async def _set_aside(observers: Mapping[str, Database]) -> list[str]:
    """Return what services set aside or still wait for, and counters that differ from a recount."""
    found: list[str] = []
    for name, observer in observers.items():
        found += [f"{name}: {tuple(row)}" for query in (LETTERS, PARKED) for row in await observer.alone(query)]
    return found


@contextmanager
def _nothing_left_to_chance(seed: int | None) -> Iterator[None]:
    """Let a relay with nothing to send come back instead of waiting; draw ids from the seed; start no threads.

    Every second seed takes small batches the way that only large ones go.
    """

    async def at_once(*_: object) -> None:
        return

    async def inline(call: Any, *arguments: Any) -> Any:
        return call(*arguments)

    ticks = count(1_640_995_200_000_000_000, 1_000_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relay_module, "asyncio", _Hurried(sleep=at_once))
        patch.setattr(relay_module, "_wait", at_once)
        patch.setattr(asyncio, "to_thread", inline)
        patch.setattr(ids_module, "secrets", SimpleNamespace(randbits=random.Random(seed).getrandbits))
        patch.setattr(ids_module, "time", SimpleNamespace(time_ns=lambda: next(ticks)))
        if seed is not None and seed % 2:
            # As if every batch were part of a burst: new tasks by COPY, people's counters set aside.
            patch.setattr(tasks_module, "WORTH_COPYING", 1)
            patch.setattr(tasks_module, "PEOPLE_AT_ONCE", 0)
            patch.setattr(tasks_module, "UNITS_AT_ONCE", 0)
        yield


class _Hurried(SimpleNamespace):
    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)
