"""Playing a sample year on a running suite as the demonstration does, whatever transport is under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from sqlalchemy import text

from thidua.contracts import TaskReport
from thidua_runtime.clock import ManualClock
from thidua_runtime.kafka.access import client_options, topic_name
from thidua_runtime.service import Service, installed_services, load_service
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite
from thidua_runtime.testing import RunningSuite
from thidua_sample.demo import live_through, open_roles
from thidua_sample.generate import SampleYear
from thidua_sample.play import play
from thidua_sample.play.working import Publish

UNITS: Final = ("btnmt-25", "stnmt-04", "stnmt-06", "stnmt-45", "stnmt-54")
"""A few units of the year of seed 7 in which, small as they are, everything happens at least once."""

SET_ASIDE: Final = text("""
select stream, aggregate, reason as why from thidua.dead_letter
union all select stream, aggregate, waits_for from thidua.parked
""")
NOT_AS_MEANT: Final = text("select * from source_event where outcome not in ('applied', 'stale')")


def all_services() -> list[Service]:
    """Return every installed service."""
    return [load_service(name) for name in installed_services()]


async def play_year(year: SampleYear, suite: Suite, clock: ManualClock, publish: Publish | None = None) -> None:
    """Play a year from organisation to decided titles; returns once nothing moves any more."""

    async def advance(to: datetime) -> None:
        clock.set(to)
        await live_through(suite, to)

    async with open_roles(suite) as doors:
        await play(year, doors, advance, lambda phase, done, total: None, publish, suite.beat)
    await suite.settle()


@asynccontextmanager
async def e_office(settings: Settings) -> AsyncIterator[Publish]:
    """Give what puts task reports on the topic `tasks` as docs/integrators.md tells any Kafka client to."""
    async with AIOKafkaProducer(**client_options(settings), acks="all", enable_idempotence=True) as producer:

        async def publish(reports: Sequence[TaskReport]) -> None:
            for report in reports:
                body = report.model_dump_json(exclude_defaults=True).encode()
                await producer.send(topic_name(settings, "tasks"), body, key=report.unit.encode())
            await producer.flush()

        yield publish


async def refused_or_waiting(running: RunningSuite) -> list[Any]:
    """Return what a service set aside or keeps until a reference arrives, and reports not taken as they are."""
    found: list[Any] = []
    for name in running.suite.services:
        async with running.transaction(name) as tx:
            found += await tx.rows(SET_ASIDE)
    async with running.transaction("monitoring") as tx:
        found += await tx.rows(NOT_AS_MEANT)
    return found
