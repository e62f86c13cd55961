"""Many seeds of the simulation, in worker processes: `python -m tests.faults.seeds --first 0 --seeds 10000`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import structlog

from thidua_runtime.collector import spare_collector
from thidua_runtime.postgres import start_postgres, stop_postgres
from thidua_runtime.testing_databases import Databases

from ..flows.thidua_command import difference
from .ground import Ground, open_ground
from .notebook import Notebook, open_notebook
from .scheduler import CountingLoop
from .simulation import Outcome, run_story

CORES: Final = sorted(os.sched_getaffinity(0))
PORTION: Final = 20
"""So many seeds are handed out and noted at once; what is cut off within them is played again."""


@dataclass(frozen=True)
class Found:
    """What came of a portion of seeds; `failed`: seed to the first thing wrong with it."""

    first: int
    number: int
    seconds: float
    steps: int
    kills: int
    fenced: int
    failed: dict[int, str]


def how_to_replay(seed: int) -> str:
    """Return the command that plays one seed again, every step of it printed."""
    return f"replay it with: .venv/bin/python -m tests.faults.replay {seed}"


def what_is_wrong(outcome: Outcome, undisturbed: Outcome) -> list[str]:
    """Return what a run must not end with; nothing is as it should be."""
    return [*difference(outcome.state, undisturbed.state), *outcome.wrong]


async def play(portion: range, ground: Ground, undisturbed: Outcome) -> Found:
    """Play some seeds one after the other; what one runs into ends that one only."""
    begun = time.monotonic()
    failed: dict[int, str] = {}
    outcomes = []
    for seed in portion:
        try:
            outcomes.append(await run_story(seed, ground))
        except Exception as error:  # whatever it is, the seed that it came from is to be named
            failed[seed] = repr(error)
            continue
        wrong = what_is_wrong(outcomes[-1], undisturbed)
        if wrong:
            failed[seed] = wrong[0]
    return Found(
        portion.start, len(portion), time.monotonic() - begun, sum(one.scheduler.steps for one in outcomes),
        sum(one.kills for one in outcomes), sum(one.fenced for one in outcomes), failed,
    )  # fmt: skip


def _work(core: int, portions: Any, results: Any) -> None:
    # A worker and its server take turns all the time: beside each other on one core none of them has to be woken up.
    os.sched_setaffinity(0, {core})
    # That a service ended is what happens here all the time.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="thidua-seeds-", ignore_cleanup_errors=True) as folder:
        databases = Databases(start_postgres(Path(folder) / "pg"))
        try:
            with asyncio.Runner(loop_factory=CountingLoop) as runner:
                runner.run(_play_all(portions, results, databases))
        finally:
            stop_postgres(Path(folder) / "pg")


async def _play_all(portions: Any, results: Any, databases: Databases) -> None:
    async with open_ground(databases) as ground:
        spare_collector()
        undisturbed = await run_story(None, ground)
        while (portion := await asyncio.to_thread(portions.get)) is not None:
            results.put(await play(portion, ground, undisturbed))


@contextmanager
def _workers(number: int) -> Iterator[tuple[Any, Any]]:
    context = multiprocessing.get_context("spawn")
    portions, results = context.Queue(), context.Queue()
    working = [
        context.Process(target=_work, args=(core, portions, results), daemon=True)
        for core in islice(cycle(CORES), number)
    ]
    for each in working:
        each.start()
    try:
        yield portions, results
    finally:
        for _ in working:
            portions.put(None)
        for each in working:
            each.join(60)


def portions_left(first: int, number: int, notes: Notebook) -> list[range]:
    """Return the portions of these seeds that the notes do not hold."""
    done = {(line["first"], line["number"]) for line in notes.of("seeds")}
    cut = [range(start, min(start + PORTION, first + number)) for start in range(first, first + number, PORTION)]
    return [one for one in cut if (one.start, len(one)) not in done]


def play_seeds(first: int, number: int, workers: int, seconds: float) -> int:
    """Play seeds and say how far it is; return how many failed, with those known from before."""
    notes, begun = open_notebook(), time.monotonic()
    left = portions_left(first, number, notes)
    if len(left) * PORTION < number:
        print(f"{number - sum(map(len, left))} of {number} seeds were played before: {notes.path}")
    played, handed = 0, 0
    with _workers(min(workers, max(1, len(left)))) as (portions, results):
        while handed < min(2 * workers, len(left)):
            portions.put(left[handed])
            handed += 1
        for answered in range(len(left)):
            if answered == handed:
                print(f"stopped after {seconds:.0f} s; the same command goes on", flush=True)
                break
            found: Found = results.get()
            notes.note("seeds", **asdict(found))
            played += found.number
            _tell(found, number - sum(map(len, left)) + played, number, (time.monotonic() - begun) / played)
            if handed < len(left) and time.monotonic() - begun < seconds:
                portions.put(left[handed])
                handed += 1
    return _sum_up(notes, first, number)


def _tell(found: Found, done: int, number: int, seconds_each: float) -> None:
    last = found.first + found.number - 1
    print(f"seeds {found.first}-{last}: {found.number - len(found.failed)} of {found.number} end as they should, "
          f"{found.kills} kills, {found.fenced} late relays fenced; {done} of {number} done, "
          f"about {(number - done) * seconds_each / 60:.0f} minutes left", flush=True)  # fmt: skip
    for seed, why in found.failed.items():
        print(f"seed {seed} FAILED: {why}\n  {how_to_replay(seed)}", flush=True)


def _sum_up(notes: Notebook, first: int, number: int) -> int:
    mine = [line for line in notes.of("seeds") if first <= line["first"] < first + number]
    failed = sorted({int(seed) for line in mine for seed in line["failed"]})
    totals = {name: sum(line[name] for line in mine) for name in ("number", "steps", "kills", "fenced", "seconds")}
    counts = f"{totals['steps']} steps, {totals['kills']} kills, {totals['fenced']} late relays fenced"
    print(f"{totals['number']} of {number} seeds played in {totals['seconds']:.0f} s: {counts}, "
          f"{len(failed)} failed {failed or ''}")  # fmt: skip
    return len(failed)


def main() -> None:
    """Play the seeds that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=len(CORES))
    parser.add_argument("--seconds", type=float, default=1e9, help="hand out no more after so long")
    given = parser.parse_args()
    sys.exit(bool(play_seeds(given.first, given.seeds, given.workers, given.seconds)))


if __name__ == "__main__":
    main()
