"""Worker processes: started with an empty environment, limited in time and memory, replaced when one dies."""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import NamedTuple

from thidua.contracts import ScoreState
from thidua_runtime.settings import Settings
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.domain.scoring import Order, failed, rescored, score_order

# Loading a set and starting a process take their time once; it is no fault of the set.
START_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1
INLINE_CASES = 4
"""Up to so many cases are scored in a thread: handing them to a process would take longer."""


class Packed(NamedTuple):
    """An outcome on its way between processes, the state as JSON: pickling its models takes three times as long."""

    state: str
    tree: bytes | None
    case: bytes | None
    failure: str | None
    detail: str


class Workers:
    """The processes of one scorer. An order that kills its process is halved until the guilty case stands alone."""

    def __init__(self, settings: Settings) -> None:
        self.processes = settings.scorer_processes
        self.seconds = settings.score_time_limit_ms / 1000
        self._memory_bytes = settings.score_memory_limit_mb * 1024 * 1024
        self._pool: ProcessPoolExecutor | None = None

    async def score(self, order: Order, *, has_code: bool) -> list[Outcome]:
        """Score an order; never raises for what a set does."""
        if not has_code and len(order.items) <= INLINE_CASES:
            return await asyncio.to_thread(score_order, order)
        return await self._in_process(replace(order, seconds=self.seconds))

    async def rescore(self, place: str, case: bytes, *, has_code: bool) -> bytes:
        """Score a stored case again and return the canonical score; raises what the set raises."""
        if not has_code:
            return await asyncio.to_thread(rescored, place, case)
        async with asyncio.timeout(START_SECONDS + self.seconds):
            return await asyncio.wrap_future(self._started().submit(rescored, place, case))

    def close(self) -> None:
        """End all processes at once."""
        pool, self._pool = self._pool, None
        if pool is not None:
            _end(pool)

    async def _in_process(self, order: Order) -> list[Outcome]:
        pool = self._started()
        allowed = START_SECONDS + self.seconds * len(order.items)
        try:
            async with asyncio.timeout(allowed):
                return unpacked(await asyncio.wrap_future(pool.submit(score_packed, order)))
        except BrokenProcessPool:
            return await self._blame(pool, order, "crash")
        except TimeoutError:
            # The case ignores its own alarm, so it sits in code that no signal reaches.
            return await self._blame(pool, order, "time")

    async def _blame(self, pool: ProcessPoolExecutor, order: Order, failure: str) -> list[Outcome]:
        if self._pool is pool:
            self.close()
        if len(order.items) == 1:
            material, wanted = order.items[0]
            return [failed(order, material, wanted, failure)]
        middle = len(order.items) // 2
        halves = (order.items[:middle], order.items[middle:])
        # One after the other: side by side the guilty half would end the innocent one's process too.
        return [outcome for half in halves for outcome in await self._in_process(replace(order, items=half))]

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_prepare,
                initargs=(self._memory_bytes,),
            )
        return self._pool


def score_packed(order: Order) -> list[Packed]:
    """Score an order and pack its outcomes; what a worker process runs."""
    outcomes = score_order(order)
    return [Packed(one.state.model_dump_json(), one.tree, one.case, one.failure, one.detail) for one in outcomes]


def unpacked(packed: list[Packed]) -> list[Outcome]:
    """Return the outcomes again, equal to those that were packed."""
    return [
        Outcome(ScoreState.model_validate_json(state), tree, case, failure, detail)
        for state, tree, case, failure, detail in packed
    ]


def _prepare(memory_bytes: int) -> None:
    os.environ.clear()
    _end_with_parent()
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


def _end_with_parent() -> None:
    """End this worker when the service that started it is gone, however it went: nobody else would."""
    if sys.platform == "linux":
        # A set may sit in code that lets no other thread run (a regular expression); only the kernel ends that.
        # The signal also comes when the thread that started this worker ends: it runs the loop that owns the pool.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_wait_for_parent, name="parent", daemon=True).start()


def _wait_for_parent() -> None:
    # The alarm of a score must interrupt the set, which runs in the main thread.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end(pool: ProcessPoolExecutor) -> None:
    # Python 3.11 has no public way to end workers that do not answer.
    running: Iterable[multiprocessing.process.BaseProcess] = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in running:
        process.kill()
    for process in running:
        process.join(5)
