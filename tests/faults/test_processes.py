"""Real processes, killed, stopped and cut off while events flow: nothing is lost, nothing counts twice."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from thidua_runtime.kafka.trial import require_broker, trial_settings

from .drill import SESSION_SECONDS, Drill
from .town import Town, open_town

KILLS, EVENTS = int(os.environ.get("KILLS", "10")), int(os.environ.get("EVENTS", "10000"))
UNITS = 100
SHORT = 10

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.timeout(60 * KILLS + EVENTS / 100 + 300),
]

Act = Callable[[], Awaitable[None]]


async def test_whatever_is_killed_stopped_or_cut_off_every_event_counts_once() -> None:
    require_broker(trial_settings())
    async with open_town() as town:
        drill = Drill(town, seed=2022, units=UNITS, events_per_second=500 if KILLS <= SHORT else 3_000)
        await drill.note_outbox()
        await drill.publish_units()
        await drill.run(acts_of(drill, town), EVENTS, pause_between=1.0, one_by_one=KILLS > SHORT)
        wrong = await drill.settle(seconds=90)
        print(drill.report())
        assert wrong == [], town.services[0].words()
        assert await drill.wrong_on_the_topic() == []


def acts_of(drill: Drill, town: Town) -> list[Act]:
    """Kills by seed, and between them what else happens to processes and lines."""
    dice = random.Random(drill.seed)
    acts: list[Act] = []
    for number in range(KILLS):
        # Services die most often; of ten kills broker and database get two each.
        victims = [town.services[0], town.services[1], town.services[0], town.postgres, town.broker]
        acts.append(partial(drill.kill, victims[number % 5] if KILLS <= SHORT else dice.choice(victims)))
    others: list[Act] = [
        partial(drill.cut, "to_kafka", 3),
        partial(drill.cut, "to_postgres", 3),
        partial(drill.delay, "to_kafka", 0.1, 3),
        partial(drill.delay, "to_postgres", 0.02, 3),
        partial(drill.pause, town.services[1], SESSION_SECONDS + 2),
    ]
    dice.shuffle(acts)
    return acts + others * max(1, KILLS // 40) + [drill.kill_while_sending] * max(2, KILLS // 20)
