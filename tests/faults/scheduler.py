"""A seeded scheduler: everything waits at points, one thing goes on at a time, and a process may die at any of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from weakref import WeakSet

import uvloop

STUCK_SECONDS: Final = 60.0


class Killed(BaseException):
    """The process that this ran in is gone; not an Exception, as nothing of it may go on."""


class Mortal(Protocol):
    """What can die: one process of one service."""

    name: str
    is_dead: bool
    frozen_until: int


class CountingLoop(uvloop.Loop):
    """The event loop of the services, which can be asked whether it has anything to do: it counts what it was given."""

    called = 0

    def call_soon(self, callback: Any, *arguments: Any, context: Any = None) -> Any:
        self.called += 1
        return super().call_soon(callback, *arguments, context=context)


@dataclass(eq=False, slots=True)
class Waiting:
    """A piece of work at a point; `is_ready` tells whether it may go on at all, at any time if there is none."""

    where: str
    process: Mortal | None
    is_ready: Callable[[], bool] | None
    released: asyncio.Future[None] = field(repr=False)
    speed: float | None = None


@dataclass(frozen=True)
class Weather:
    """How rough a run is; the undisturbed one is calm."""

    kills: int = 0
    kill_once_in: int = 1
    repeat: float = 0.0
    freezes: int = 0
    strangers: int = 0
    relay_rows: int = 500
    is_calm: bool = True


class Scheduler:
    """Lets one waiting piece of work go on at a time; which one, its seed decides."""

    def __init__(self, seed: int | None) -> None:
        self.rng = random.Random(seed)
        self.weather = Weather() if seed is None else self._draw_weather()
        self.steps = 0
        self.trace: list[str] = []
        self.kills_left = self.weather.kills
        self.freezes_left = self.weather.freezes
        self.strangers_left = self.weather.strangers
        self._waiting: list[Waiting] = []
        self._moved = asyncio.Event()
        self._known: WeakSet[asyncio.Task[Any]] = WeakSet()
        self._speeds: dict[str, float] = {}
        self._quiet_at = -1
        self._is_stuck = False

    def _draw_weather(self) -> Weather:
        return Weather(
            kills=self.rng.choice((1, 1, 2, 3, 5)),
            kill_once_in=self.rng.choice((30, 60, 120, 240)),
            repeat=self.rng.choice((0.0, 0.1, 0.4)),
            freezes=self.rng.choice((0, 0, 1, 2)),
            strangers=self.rng.choice((0, 0, 1)),
            relay_rows=self.rng.choice((2, 20, 500)),
            is_calm=False,
        )

    def note(self, step: str) -> None:
        """Keep a step for whoever has to find out what happened."""
        self.trace.append(step)

    async def point(
        self, where: str, process: Mortal | None = None, is_ready: Callable[[], bool] | None = None
    ) -> None:
        """Wait until the scheduler lets this go on; raises Killed when the process died meanwhile."""
        if process is not None and process.is_dead:
            raise Killed
        self._know_this_task()
        one = Waiting(where, process, is_ready, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._moved.set()
        await one.released

    def _know_this_task(self) -> None:
        """Let the end of the task at hand count as reaching a point."""
        task = asyncio.current_task()
        assert task is not None
        if task not in self._known:
            self._known.add(task)
            task.add_done_callback(lambda _: self._moved.set())

    def decides_to_kill(self) -> bool:
        """Whether the process at hand dies at one of its next steps."""
        if self.kills_left and self.rng.randrange(self.weather.kill_once_in) == 0:
            self.kills_left -= 1
            return True
        return False

    async def run(
        self, story: asyncio.Task[Any], tend: Callable[[], Awaitable[None]], wake: Callable[[], Awaitable[bool]]
    ) -> None:
        """Run until the story ends; `tend` is called before each step.

        `wake` is called when nothing is ready, and says whether that has changed.
        """
        story.add_done_callback(lambda _: self._moved.set())
        watch = asyncio.create_task(self._watch())
        try:
            await self._run(story, tend, wake)
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        """Notice a step that reaches no point; a time limit of its own for every step would cost more than most do."""
        seen = -1
        while seen != self.steps or self._moved.is_set():
            seen = self.steps
            await asyncio.sleep(STUCK_SECONDS)
        self._is_stuck = True
        self._moved.set()

    async def _run(
        self, story: asyncio.Task[Any], tend: Callable[[], Awaitable[None]], wake: Callable[[], Awaitable[bool]]
    ) -> None:
        await self._let_points_be_reached()
        while not story.done():
            await tend()
            await self._let_points_be_reached()
            ready = self._ready()
            if not ready:
                woken = await wake()
                await self._let_points_be_reached()
                if not woken and not self._ready():
                    raise AssertionError(f"nothing can go on: {[one.where for one in self._waiting]}")
                continue
            await self._let_go(self._choose(ready))
        story.result()

    def _ready(self) -> list[Waiting]:
        # Asked for before every step, of all that waits.
        self._waiting = [one for one in self._waiting if not one.released.done()]
        return [
            one for one in self._waiting
            if (one.process is None or one.process.frozen_until <= self.steps)
            and (one.is_ready is None or one.is_ready())
        ]  # fmt: skip

    def draws(self, once_in: int) -> bool:
        """Whether something happens now that happens at one of so many steps."""
        return not self.weather.is_calm and self.rng.randrange(once_in) == 0

    def waits_at(self, where: tuple[str, ...], process: Mortal) -> bool:
        """Whether something of a process waits at a point of one of these names."""
        return any(one.process is process and one.where in where for one in self._waiting)

    def thaw(self) -> bool:
        """Wake whoever sleeps; False if nobody does."""
        sleeping = {one.process for one in self._waiting if one.process and one.process.frozen_until > self.steps}
        for process in sleeping:
            process.frozen_until = 0
        return bool(sleeping)

    def _choose(self, ready: list[Waiting]) -> Waiting:
        if self.weather.is_calm:
            return ready[0]
        return self.rng.choices(ready, [self._speed(one) for one in ready])[0]

    def _speed(self, one: Waiting) -> float:
        # Some ways are slow for a whole run: what travels on them arrives long after everything else.
        if one.speed is None:
            way = f"{one.process.name if one.process else ''} {one.where}"
            if way not in self._speeds:
                self._speeds[way] = self.rng.choice((1.0, 1.0, 0.2, 0.02))
            one.speed = self._speeds[way]
        return one.speed

    async def _let_go(self, one: Waiting) -> None:
        self.steps += 1
        self.note(f"{one.process.name if one.process else '-'}: {one.where}")
        self._waiting.remove(one)
        self._moved.clear()
        one.released.set_result(None)
        await self._moved.wait()
        if self._is_stuck:
            raise AssertionError(f"no point was reached after {self.trace[-1]}")
        await self._let_points_be_reached()

    def spawn(self, work: Any, name: str) -> asyncio.Task[Any]:
        """Start an activity whose end counts as reaching a point."""
        return asyncio.create_task(work, name=name)

    async def kill(self, process: Mortal, tasks: list[asyncio.Task[Any]]) -> None:
        """Let everything of a process that waits end where it is."""
        process.is_dead = True
        self.note(f"{process.name}: KILLED")
        for one in [one for one in self._waiting if one.process is process]:
            self._waiting.remove(one)
            if not one.released.done():
                one.released.set_exception(Killed())
        with suppress(TimeoutError):
            async with asyncio.timeout(STUCK_SECONDS):
                await asyncio.gather(*tasks, return_exceptions=True)
        await self._let_points_be_reached()

    async def _let_points_be_reached(self) -> None:
        """Return once nothing can go on without an answer from outside: what was woken waits at its own point."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, CountingLoop)
        # What is ready goes on in turn: if nobody but this task asked for another turn, nobody is left.
        while self._quiet_at != loop.called:
            self._quiet_at = loop.called + 1
            await asyncio.sleep(0)
