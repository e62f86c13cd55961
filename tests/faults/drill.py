"""Events flow through a town of real processes while a seeded hand kills, stops, cuts and delays."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from thidua.contracts import Unit
from thidua.contracts.organisation import DatedCode
from thidua_runtime.kafka import open_kafka_bus
from thidua_runtime.kafka.access import client_options, topic_name
from thidua_runtime.kafka.publisher import open_publisher
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, VERSION_HEADER
from thidua_runtime.testing import outgoing_state

from .tally import Tally, Totals, differences
from .town import Kept, Town

SESSION_SECONDS: Final = 10
"""The session time-out of a group's member: who is silent for longer has lost its partitions."""
LONGEST_RECOVERY_SECONDS: Final = 150.0
SLOW_SECONDS: Final = 0.1
"""A line that holds everything back for so long makes a transaction take half a second."""
BATCH: Final = 200
APPLIED: Final = "select coalesce(sum(next_offset), 0)::bigint from thidua.position where stream = 'tasks'"
LETTERS: Final = "select count(*) from thidua.dead_letter"
TASKS: Final = "select count(*) from task"
KEPT_RESULTS: Final = """
select coalesce(json_agg(json_build_array(key, body->>'due', body->>'on_time', body->>'late')), '[]')
  from replica_monthly_results where not deleted
"""
# Whatever a committed transaction put into the outbox is noted beside it: a row that was deleted and never sent shows,
# even where a later result of the same month hides it.
NOTE_OUTBOX: Final = (
    "create table noted (stream text, key text, version bigint)",
    """create function note_outbox() returns trigger language plpgsql as $$
       begin
           insert into noted
           select new.stream, s.key, s.version from unnest(new.keys, new.versions) as s (key, version);
           return null;
       end $$""",
    """create trigger noting after insert on thidua.outbox for each row when (new.kind = 'states')
       execute function note_outbox()""",
)
NOTED: Final = """
select coalesce(json_agg(json_build_array(key, version)), '[]') from noted where stream = 'monthly-results'
"""


@dataclass
class Drill:
    """One drill: what is sent, what was done to the town, how long it took to go on."""

    town: Town
    seed: int
    units: int
    events_per_second: float
    tell: Callable[[str], None] = print
    tally: Tally = field(init=False)
    recoveries: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _sent: int = 0
    _is_over: bool = False
    _producer: AIOKafkaProducer | None = None
    _watches: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tally = Tally(self.units, random.Random(self.seed))

    async def publish_units(self) -> None:
        """Publish the units that the tasks name, as registration would."""
        codes = [f"dv-{number}" for number in range(self.units)]
        publisher = await open_publisher(self.town.settings, "registration")
        try:
            await publisher.publish([outgoing_state(_unit(code)) for code in codes])
        finally:
            await publisher.close()

    async def note_outbox(self) -> None:
        """Let PostgreSQL note from now on what the outbox of monitoring ever holds."""
        for statement in NOTE_OUTBOX:
            await self.town.ask("monitoring", statement)

    async def send(self, until: Callable[[], bool]) -> None:
        """Send events until told to stop, each batch again until the broker has all of it."""
        begun, first = time.monotonic(), self._sent
        while not until() and not self._is_over:
            batch = [self.tally.draw() for _ in range(BATCH)]
            while not await self._is_sent(batch) and not self._is_over:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
            self._sent += BATCH
            ahead = (self._sent - first) / self.events_per_second - (time.monotonic() - begun)
            await asyncio.sleep(max(0.0, ahead))

    async def _is_sent(self, batch: list[tuple[bytes, bytes]]) -> bool:
        if self._producer is None:
            self._producer = AIOKafkaProducer(
                **client_options(self.town.settings), acks="all", request_timeout_ms=5_000
            )
            try:
                await self._producer.start()
            except (KafkaError, OSError):
                await self._drop_producer()
                return False
        topic = topic_name(self.town.settings, "tasks")
        try:
            async with asyncio.timeout(10):
                sent = [await self._producer.send(topic, body, key) for key, body in batch]
                found = await asyncio.gather(*sent, return_exceptions=True)
        except (KafkaError, OSError, TimeoutError):
            found = [TimeoutError()]
        if any(isinstance(one, BaseException) for one in found):
            await self._drop_producer()
            return False
        return True

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        with suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(5):
                await producer.stop()

    def watch(self, what: str) -> None:
        """Note how long it takes from now until events sent after this moment are applied."""
        self._watches.append(asyncio.create_task(self._note_recovery(what)))

    async def _note_recovery(self, what: str) -> None:
        begun = time.monotonic()
        async with asyncio.timeout(LONGEST_RECOVERY_SECONDS):
            await self._until_applied_again()
        self.recoveries[what].append(time.monotonic() - begun)
        self.tell(f"{what}: applied again after {self.recoveries[what][-1]:.1f} s, {self._sent} events sent")

    async def _until_applied_again(self) -> None:
        before = int(await self.town.ask("monitoring", APPLIED))
        while int(await self.town.ask("monitoring", APPLIED)) <= before:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def kill(self, one: Kept) -> None:
        """Kill a process; whoever keeps it starts it again."""
        await asyncio.to_thread(one.kill)
        self.watch(f"kill -9 {one.name.split()[0]}")

    async def kill_amid(self, wire: str, what: str) -> None:
        """Kill all services while they use a wire: on a slow one they nearly always do.

        The one to the broker finds a relay sending, the one to the database a batch being applied.
        """
        await asyncio.gather(*self._watches)
        slow = getattr(self.town, wire)
        slow.delay_seconds = SLOW_SECONDS
        await self._until_applied_again()
        await asyncio.sleep(3 * SLOW_SECONDS)
        for one in self.town.services:
            await asyncio.to_thread(one.kill)
        slow.delay_seconds = 0.0
        self.watch(f"kill -9 all services while {what}")

    async def pause(self, one: Kept, seconds: float) -> None:
        """Stop a process for so long."""
        one.signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        one.signal(signal.SIGCONT)
        self.watch(f"SIGSTOP {one.name.split()[0]} for {seconds:.0f} s")

    async def cut(self, wire: str, seconds: float) -> None:
        """Cut a wire for so long."""
        one = getattr(self.town, wire)
        await one.cut()
        await asyncio.sleep(seconds)
        await one.mend()
        self.watch(f"cut {wire} for {seconds:.0f} s")

    async def delay(self, wire: str, delay: float, seconds: float) -> None:
        """Hold back everything on a wire for so long."""
        one = getattr(self.town, wire)
        one.delay_seconds = delay
        await asyncio.sleep(seconds)
        one.delay_seconds = 0.0
        self.watch(f"{delay * 1000:.0f} ms on {wire} for {seconds:.0f} s")

    async def run(
        self, acts: list[Callable[[], Awaitable[None]]], events: int, pause_between: float, *, one_by_one: bool
    ) -> None:
        """Do one act after the other while events flow, then send what is left of `events`.

        `one_by_one`: the next act comes once the town has recovered; else they come as they come, and pile up.
        """
        dice = random.Random(self.seed)
        done = False
        tending = asyncio.create_task(self.town.tend())
        sending = asyncio.create_task(self.send(lambda: done and self._sent >= events))
        try:
            for act in acts:
                await asyncio.sleep(dice.uniform(0.2, 2 * pause_between))
                await act()
                if one_by_one:
                    await asyncio.gather(*self._watches)
            # Events flow until the last fault is over: without any nobody could tell.
            await asyncio.gather(*self._watches)
            done = True
            await sending
        finally:
            # The client swallows a cancellation now and then.
            self._is_over = True
            for each in (sending, tending, *self._watches):
                each.cancel()
            await asyncio.gather(sending, tending, *self._watches, return_exceptions=True)
            await self._drop_producer()

    async def settle(self, seconds: float) -> list[str]:
        """Return what differs from the recount once it should be right; waits for it no longer than so many seconds."""
        wanted = self.tally.totals()
        tending = asyncio.create_task(self.town.tend())
        end = time.monotonic() + seconds
        try:
            wrong = await self._wrong(wanted)
            while wrong and time.monotonic() < end:
                await asyncio.sleep(0.5)
                wrong = await self._wrong(wanted)
        finally:
            tending.cancel()
            await asyncio.gather(tending, return_exceptions=True)
        return wrong

    async def _wrong(self, wanted: Totals) -> list[str]:
        tasks = await self.town.ask("monitoring", TASKS)
        if tasks != len(self.tally.newest):
            return [f"{tasks} tasks instead of {len(self.tally.newest)}"]
        letters = [await self.town.ask(name, LETTERS) for name in ("monitoring", "scoring")]
        rows = json.loads(await self.town.ask("scoring", KEPT_RESULTS))
        followed = {(key.split("/")[0], key.split("/")[1]): tuple(map(int, counts)) for key, *counts in rows}
        wrong = [f"dead letters: {letters}"] if any(letters) else []
        return wrong + differences(followed, wanted)  # type: ignore[arg-type]

    async def wrong_on_the_topic(self) -> list[str]:
        """Return what the newest results on the topic differ in from the recount, and what was never sent at all."""
        bus = await open_kafka_bus(self.town.settings)
        found: Totals = {}
        sent: set[tuple[str, int]] = set()
        try:
            for record in await bus.everything("monthly-results"):
                if record.header(TYPE_HEADER) == HEARTBEAT:
                    continue
                key = (record.key or b"").decode()
                sent.add((key, int(record.header(VERSION_HEADER) or 0)))
                subject, _, month = key.rpartition("/")
                body = json.loads(record.body or b"{}")
                found[subject, month] = tuple(body.get(name, 0) for name in ("due", "on_time", "late"))  # type: ignore[assignment]
        finally:
            await bus.close()
        noted = {(key, version) for key, version in json.loads(await self.town.ask("monitoring", NOTED))}
        lost = [f"{len(noted - sent)} of {len(noted)} results were never sent"] if noted - sent else []
        return lost + differences(found, self.tally.totals())

    def report(self) -> str:
        """Say how long it took to go on after each kind of fault, in seconds."""
        lines = [f"{self._sent} events, {len(self.tally.newest)} tasks"]
        for what, found in sorted(self.recoveries.items()):
            lines.append(
                f"{what}: {len(found)} times, applied again after {statistics.median(found):.1f} s "
                f"(median), {max(found):.1f} s (longest)"
            )
        return "\n".join(lines + self.ended_by_themselves())

    def ended_by_themselves(self) -> list[str]:
        """Return which processes ended though nobody killed them, and how often."""
        return [
            f"{one.name} ended by itself {one.ended_by_itself} times, {len(one.defects)} of them while it ran"
            for one in self.town.kept
            if one.ended_by_itself
        ]


def _unit(code: str) -> Unit:
    codes = (DatedCode.model_validate({"code": code, "valid_from": "2021-01-01"}),)
    given = {"id": code, "name": code, "kind": "vu", "valid_from": "2021-01-01", "codes": codes, "version": 1}
    return Unit.model_validate(given)
