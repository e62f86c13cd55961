"""The scorer's loop: woken by the bell, it coalesces what came meanwhile and never polls faster than needed."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from thidua_runtime.database import Database
from thidua_runtime.service import Running
from thidua_scoring.commands.sets import register_installed
from thidua_scoring.commands.stored import load_stored
from thidua_scoring.queries import marks
from thidua_scoring.scorer.asides import Asides, survived
from thidua_scoring.scorer.official import advance
from thidua_scoring.scorer.rescoring import advance_rescorings
from thidua_scoring.scorer.turn import LEASE_ROWS, Scorer, turn
from thidua_scoring.scorer.workers import Workers
from thidua_scoring.workplace import workplace_of

# Marks of another instance, expired leases and late heartbeats are noticed without a bell within this time.
POLL_SECONDS: Final = 0.5

# With a thousand subjects waiting nobody looks for one score within seconds; after a minute it is due anyway.
MANY_ROWS: Final = 1_000
CALM_SECONDS: Final = 3.0
LONGEST_CALM_SECONDS: Final = 60.0

TURNS_AT_ONCE: Final = 3
# Official runs and re-scorings have the processes to themselves for so long; one whose set hangs holds up nobody.
HEAD_START_SECONDS: Final = 3.0


async def score_what_changes(running: Running) -> None:
    """Register the installed sets, then score until cancelled; waits while the database is away."""
    workers = Workers(running.database.settings)
    workplace = workplace_of(running.database)
    workplace.apart = workers
    asides = Asides(workplace.bell)
    scorer = Scorer(running.database, workers, asides)
    with tempfile.TemporaryDirectory(prefix="thidua-sets-") as folder:
        workplace.folder = Path(folder)
        try:
            while not await survived(_know_sets(running.database)):
                pass
            while True:
                await _next_round(scorer)
                asides.raise_what_broke()
        finally:
            workers.close()
            await asides.end()


async def _next_round(scorer: Scorer) -> None:
    bell = scorer.workplace.bell
    bell.clear()
    if await survived(_drain(scorer)):
        await _rings(bell)


async def _know_sets(database: Database) -> None:
    await register_installed(database)
    await load_stored(database)


async def _drain(scorer: Scorer) -> None:
    await _begun(scorer, advance)
    await _begun(scorer, advance_rescorings)
    until = None
    while until is None:
        if not await _small_turns(scorer):
            return
        until = await _many(scorer)
    await _calm(scorer)
    # Those marked up to now, in as many lanes as processes; who is marked meanwhile comes after the next calm.
    until = await _many(scorer)
    await asyncio.gather(*(_lane(scorer, until) for _ in range(scorer.workers.processes)))
    scorer.workplace.bell.set()


async def _begun(scorer: Scorer, work: Callable[[Scorer], Coroutine[Any, Any, object]]) -> None:
    """Do what no mark waits for, or leave it going if it takes long."""
    asides, name = scorer.asides, work.__name__
    if asides is None:
        await work(scorer)
    elif not asides.has(name):
        await asyncio.wait({asides.begin(work(scorer), name)}, timeout=HEAD_START_SECONDS)


async def _small_turns(scorer: Scorer) -> bool:
    """Take what waits; return whether more than a turn holds does.

    While one turn scores and another one waits for the database, the next one takes what came meanwhile: a mark waits
    for a part of a turn only. Marks are leased, so that two turns never hold the same one.
    """
    bell = scorer.workplace.bell
    going = {asyncio.create_task(turn(scorer))}
    is_full = False
    try:
        while going:
            rings = {asyncio.create_task(bell.wait())} if len(going) < TURNS_AT_ONCE and not is_full else set()
            done, _ = await asyncio.wait({*going, *rings}, return_when=asyncio.FIRST_COMPLETED)
            for bell_rope in rings - done:
                bell_rope.cancel()
            is_full = is_full or any(each.result() == LEASE_ROWS for each in done & going)
            going -= done
            if rings & done and not is_full:
                bell.clear()
                going.add(asyncio.create_task(turn(scorer)))
    finally:
        for each in going:
            each.cancel()
        await asyncio.gather(*going, return_exceptions=True)
    return is_full


async def _many(scorer: Scorer) -> datetime | None:
    return await marks.are_many(scorer.database, MANY_ROWS, () if scorer.asides is None else scorer.asides.sets)


async def _calm(scorer: Scorer) -> None:
    """Return once no mark came for a moment: a bulk import is scored when it is through, not after every batch.

    Official runs, which wait for no mark, go on meanwhile.
    """
    bell = scorer.workplace.bell
    time = asyncio.get_running_loop().time
    begun = rang = time()
    while time() < min(rang + CALM_SECONDS, begun + LONGEST_CALM_SECONDS):
        bell.clear()
        if await _rings(bell):
            rang = time()
        # Marks made during an official run have waited as long as it took.
        await _begun(scorer, advance)


async def _lane(scorer: Scorer, until: datetime | None) -> None:
    while await turn(scorer, until=until) == LEASE_ROWS:
        pass


async def _rings(bell: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await bell.wait()
    except TimeoutError:
        return False
    return True
