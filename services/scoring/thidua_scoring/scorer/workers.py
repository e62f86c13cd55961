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
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TypeVar

from thidua.criteria.purity import watch
from thidua_runtime.collector import spare_collector
from thidua_runtime.settings import Settings
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.domain.scoring import Order, failed, rescored, score_order, why_not_loaded

Answer = TypeVar("Answer")

# Loading a set and starting a process take their time once; it is no fault of the set.
START_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1
COMMON = ""
"""The processes of all sets without code; one with code has processes of its own, under its place: two versions of
a package cannot be imported side by side, and what one breaks costs no other."""
MOST_POOLS = 8
INLINE_CASES = 4
"""Up to so many cases are scored in a thread: handing them to a process would take longer."""


class Workers:
    """The processes of one scorer. An order that kills its process is halved until the guilty case stands alone."""

    def __init__(self, settings: Settings) -> None:
        self.processes = settings.scorer_processes
        self.seconds = settings.score_time_limit_ms / 1000
        self._memory_bytes = settings.score_memory_limit_mb * 1024 * 1024
        self._pools: OrderedDict[str, ProcessPoolExecutor] = OrderedDict()

    async def score(self, order: Order, *, has_code: bool) -> list[Outcome]:
        """Score an order; never raises for what a set does."""
        if not has_code and len(order.items) <= INLINE_CASES:
            return await asyncio.to_thread(score_order, order)
        return await self._in_process(replace(order, seconds=self.seconds), order.place if has_code else COMMON)

    async def rescore(self, place: str, case: bytes, *, has_code: bool) -> bytes:
        """Score a stored case again and return the canonical score; raises ValueError with what the set did."""
        if has_code:
            found, why = await self._asked(place, rescored, place, case)
        else:
            found, why = await asyncio.to_thread(rescored, place, case)
        if why:
            raise ValueError(why)
        return found

    async def why_not_loaded(self, place: str) -> str:
        """Load the code of a set in its process; return why that failed, "" if it did not."""
        try:
            return await self._asked(place, why_not_loaded, place, self.seconds)
        except ValueError as error:
            return str(error)

    def close(self) -> None:
        """End all processes at once."""
        for home in list(self._pools):
            _end(self._pools.pop(home))

    async def _asked(self, home: str, question: Callable[..., Answer], *arguments: object) -> Answer:
        pool = self._started(home)
        try:
            async with asyncio.timeout(START_SECONDS + self.seconds):
                return await asyncio.wrap_future(pool.submit(question, *arguments))
        except BrokenProcessPool:
            why = "its code ended the process"
        except TimeoutError:
            why = f"its code took more than {START_SECONDS + self.seconds:g} s"
        self._drop(home, pool)
        raise ValueError(why)

    async def _in_process(self, order: Order, home: str) -> list[Outcome]:
        pool = self._started(home)
        allowed = START_SECONDS + self.seconds * len(order.items)
        try:
            async with asyncio.timeout(allowed):
                return await asyncio.wrap_future(pool.submit(score_order, order))
        except BrokenProcessPool:
            return await self._blame(pool, order, home, "crash")
        except TimeoutError:
            # The case ignores its own alarm, so it sits in code that no signal reaches.
            return await self._blame(pool, order, home, "time")

    async def _blame(self, pool: ProcessPoolExecutor, order: Order, home: str, failure: str) -> list[Outcome]:
        self._drop(home, pool)
        if len(order.items) == 1:
            material, wanted = order.items[0]
            return [failed(order, material, wanted, failure)]
        middle = len(order.items) // 2
        halves = (order.items[:middle], order.items[middle:])
        # One after the other: side by side the guilty half would end the innocent one's process too.
        return [outcome for half in halves for outcome in await self._in_process(replace(order, items=half), home)]

    def _started(self, home: str = COMMON) -> ProcessPoolExecutor:
        if home not in self._pools:
            self._pools[home] = ProcessPoolExecutor(
                self.processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_prepare,
                initargs=(self._memory_bytes,),
            )
        self._pools.move_to_end(home)
        while len(self._pools) > MOST_POOLS:
            # Unlike `_end`, this lets those it has in hand come to their end.
            self._pools.popitem(last=False)[1].shutdown(wait=False)
        return self._pools[home]

    def _drop(self, home: str, pool: ProcessPoolExecutor) -> None:
        if self._pools.get(home) is pool:
            del self._pools[home]
        _end(pool)


def _prepare(memory_bytes: int) -> None:
    os.environ.clear()
    spare_collector()
    watch()
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
