"""Rounds of the drill, each on a town of its own: `python -m tests.faults.kills --kills 200 --events 1000000`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from .drill import SESSION_SECONDS, Drill
from .notebook import Notebook, open_notebook
from .town import Town, open_town

UNITS: Final = 100
SHORT: Final = 10
"""So many kills and fewer come as they come, and pile up; of more, each comes once the one before is over."""
ROUND: Final = 20
SETTLE_SECONDS: Final = 90.0
LONG_CUT_SECONDS: Final = 75
"""Longer than anything a running service asks its brokers for by the clock."""

Act = Callable[[], Awaitable[None]]


async def play_round(seed: int, kills: int, events: int, tell: Callable[[str], None]) -> list[str]:
    """Play one drill and return what differs from the recount at its end; empty is as it should be."""
    async with open_town() as town:
        drill = Drill(town, seed, UNITS, events_per_second=500 if kills <= SHORT else 3_000, tell=tell)
        await drill.note_outbox()
        await drill.publish_units()
        await drill.run(acts_of(drill, town, kills), events, pause_between=1.0, one_by_one=kills > SHORT)
        wrong = await drill.settle(SETTLE_SECONDS)
        wrong += await drill.wrong_on_the_topic() if not wrong else [town.services[0].words()]
        if kills > SHORT:
            wrong += [f"{one.name}: {why}" for one in town.services for why in one.defects]
        tell(drill.report())
        return wrong


def acts_of(drill: Drill, town: Town, kills: int) -> list[Act]:
    """Kills by seed, and after them what else happens to processes and lines."""
    dice = random.Random(drill.seed)
    # Services die most often; of ten kills broker and database get two each.
    victims = [town.services[0], town.services[1], town.services[0], town.postgres, town.broker]
    acts: list[Act] = [
        partial(drill.kill, victims[number % 5] if kills <= SHORT else dice.choice(victims)) for number in range(kills)
    ]
    others: list[Act] = [
        partial(drill.cut, "to_kafka", 3),
        partial(drill.cut, "to_postgres", 3),
        partial(drill.delay, "to_kafka", 0.1, 3),
        partial(drill.delay, "to_postgres", 0.02, 3),
        partial(drill.pause, town.services[1], SESSION_SECONDS + 2),
    ]
    dice.shuffle(acts)
    if kills > SHORT:
        others.append(partial(drill.cut, "to_kafka", LONG_CUT_SECONDS))
    amid: list[Act] = [
        partial(drill.kill_amid, "to_kafka", "sending"),
        partial(drill.kill_amid, "to_postgres", "applying"),
    ]
    return acts + others * max(1, kills // 40) + amid * max(2, kills // 20)


async def play_rounds(kills: int, events: int, in_one_round: int, first: int, seconds: float) -> int:
    """Play as many rounds as the kills need, but those noted before; return how many went wrong."""
    notes, begun = open_notebook(), time.monotonic()
    numbers = [min(in_one_round, kills - before) for before in range(0, kills, in_one_round)]
    done = {(line["seed"], line["kills"], line["events"]) for line in notes.of("kills")}
    rounds = [(seed, number, events * number // kills) for seed, number in enumerate(numbers, first)]
    for one in rounds:
        if one in done:
            continue
        if time.monotonic() - begun > seconds:
            print(f"stopped after {seconds:.0f} s; the same command goes on")
            break
        await _note_round(notes, *one)
    mine = [line for line in notes.of("kills") if (line["seed"], line["kills"], line["events"]) in rounds]
    failed = [line["seed"] for line in mine if line["wrong"]]
    print(f"{sum(line['kills'] for line in mine)} of {kills} kills under {sum(line['events'] for line in mine)} "
          f"events, {len(failed)} of {len(mine)} rounds failed {failed or ''}")  # fmt: skip
    return len(failed)


async def _note_round(notes: Notebook, seed: int, kills: int, events: int) -> None:
    begun = time.monotonic()
    print(f"round {seed}: {kills} kills under {events} events", flush=True)
    wrong = await play_round(seed, kills, events, partial(print, flush=True))
    took = time.monotonic() - begun
    verdict = "nothing lost, nothing twice" if not wrong else "FAILED: " + "\n".join(wrong)
    print(f"round {seed}: {took:.0f} s, {verdict}", flush=True)
    if wrong:
        print(f"  again: .venv/bin/python -m tests.faults.kills --first {seed} --kills {kills} "
              f"--events {events}", flush=True)  # fmt: skip
    notes.note("kills", seed=seed, kills=kills, events=events, seconds=took, wrong=wrong)


def main() -> None:
    """Play the rounds that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--events", type=int, default=1_000_000, help="in all rounds together")
    parser.add_argument("--round", type=int, default=ROUND, help="kills of one town; 200 plays all in one")
    parser.add_argument("--first", type=int, default=2022, help="seed of the first round")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no further round after so long")
    given = parser.parse_args()
    # That brokers are away is what happens here.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    sys.exit(bool(asyncio.run(play_rounds(given.kills, given.events, given.round, given.first, given.seconds))))


if __name__ == "__main__":
    main()
