"""The way of a year from `tasks` to `recommendations`, phase by phase."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from aiokafka import AIOKafkaProducer

from benchmarks.bus.broker import PARTITIONS, TASKS, Watch, gate, partition_of
from benchmarks.pipeline.house import House
from benchmarks.pipeline.phases import Phases
from thidua_runtime.kafka.access import group_name
from thidua_runtime.settings import Settings
from thidua_sample.enlarge import LargerYear
from thidua_sample.generate.tasks import SOURCES
from thidua_sample.play import LAST_STOP, OPENED_ON
from thidua_sample.play.awarding import Recording, enter_confirmations, enter_ratings, staff_ids
from thidua_sample.play.doors import side_by_side
from thidua_sample.play.organisation import enter_organisation
from thidua_sample.play.registering import Inventing, Registering
from thidua_sample.play.reviewing import review
from thidua_sample.play.scoring import official_scores
from thidua_sample.play.stage import Stage, closing_mornings, stops
from thidua_sample.play.working import Declaring, Reporting, Stating, approve_corrections, midnight

LOOK_SECONDS: Final = 0.2
ACTING: Final = ("registration", "monitoring")
"""What is recorded on a day rests on these; scoring and awards follow meanwhile."""


@dataclass
class Course:
    """Takes a year through the services."""

    larger: LargerYear
    house: House
    settings: Settings
    phases: Phases
    events: int = 0
    intake_seconds: float = 0.0

    async def run(self) -> None:
        """Go all the way."""
        stage = Stage(self.larger.year, self.house.doors, self.house.set_clock, self.phases.tell, self._beat)
        async with self.phases.measure("organisation"):
            await stage.morning_of(OPENED_ON)
            await enter_organisation(stage)
            await self.house.settle()
        async with self.phases.measure("records"):
            await self._enter_records(stage, await staff_ids(stage))
            await self.house.settle()
        await stage.morning_of(OPENED_ON)
        counts: Counter[int] = Counter()
        async with gate(self.settings, self._records(counts)) as producer, self.phases.measure("tasks"):
            await self._take_tasks(producer, counts)
        async with self.phases.measure("days and months"):
            await self._live_through_the_year(stage)
        async with self.phases.measure("people's answers"):
            await enter_ratings(stage)
            await enter_confirmations(stage)
            await approve_corrections(stage)
            await self.house.settle()
        async with self.phases.measure("official scores"):
            await official_scores(stage)
            await self.house.settle()
        async with self.phases.measure("recommendations"):
            await review(stage)
            await self.house.settle()

    async def _beat(self) -> None:
        await self.house.all("beat")

    async def _enter_records(self, stage: Stage, ids: dict[str, str]) -> None:
        """All that people enter in the year, each on its day; no day is rolled and no month closed yet."""
        registering, inventing, recording = Registering(stage), Inventing(stage), Recording(stage)
        declaring, reporting, stating = Declaring(stage), Reporting(stage), Stating(stage, ids)
        days = stops(LAST_STOP)
        for number, day in enumerate(days, 1):
            await stage.morning_of(day)
            await side_by_side(
                (
                    ("registering", registering.until(day)),
                    ("inventing", inventing.until(day)),
                    ("recording", recording.until(day)),
                    ("declaring", declaring.until(day)),
                    ("reporting", reporting.until(day)),
                    ("stating", stating.until(day)),
                )
            )
            await self.house.settle(*ACTING, loops=False)
            self.phases.tell("days with records", number, len(days))

    def _records(self, counts: Counter[int]) -> Iterator[tuple[int, bytes, bytes]]:
        begun = time.monotonic()
        for unit, body in self.larger.bodies():
            partition = partition_of(unit)
            counts[partition] += 1
            yield partition, unit.encode(), body
        self.events = counts.total()
        print(f"{self.events:,} events lie on the topic after {time.monotonic() - begun:.0f} s", flush=True)

    async def _take_tasks(self, producer: AIOKafkaProducer, counts: Counter[int]) -> None:
        watch = Watch(self.settings, group_name(self.settings, "monitoring", TASKS))
        await watch.open()
        try:
            begun = time.monotonic()
            await producer.commit_transaction()
            while True:
                committed = await watch.committed()
                self.phases.tell("events taken", sum(committed), self.events)
                if all(committed[partition] >= counts[partition] for partition in range(PARTITIONS)):
                    break
                await asyncio.sleep(LOOK_SECONDS)
            await self.house.settle("monitoring", loops=False)
            self.intake_seconds = time.monotonic() - begun
            await self.house.settle()
        finally:
            await watch.close()

    async def _live_through_the_year(self, stage: Stage) -> None:
        days = stops(LAST_STOP)
        for number, day in enumerate(days, 1):
            await self._live_through(await stage.morning_of(day))
            if day in closing_mornings():
                await self._vouch(stage, day)
                await self._live_through(await stage.noon_of(day))
            self.phases.tell("days", number, len(days))
        await self.house.settle()

    async def _live_through(self, moment: datetime) -> None:
        acting = () if moment.date() > LAST_STOP else ACTING
        await self.house.settle(*acting, loops=False)
        await self.house.all("jobs")

    async def _vouch(self, stage: Stage, day: date) -> None:
        for source in SOURCES:
            body = {"complete_until": midnight(day)}
            await stage.doors.put(f"/monitoring/sources/{source}/mark", body, f"source:{source}")
