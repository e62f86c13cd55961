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
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from thidua.criteria.errors import printable
from thidua.criteria.purity import watch
from thidua_runtime.collector import spare_collector
from thidua_runtime.settings import Settings
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.domain.received import as_bytes, read_outcomes, read_plain, true_outcomes
from thidua_scoring.domain.scoring import Order, failed, rescored, score_order, why_not_loaded, withheld
from thidua_scoring.scorer.crew import Crew, WorkerEnded, WorkerTooSlow

# Loading a set and starting a process take their time once; it is no fault of the set.
START_SECONDS = 20.0
# Beyond the limits of its cases, within which a process ends by its own alarms (`DEAF_SECONDS`).
SLACK_SECONDS = 3.0
MOST_KILLS = 3
"""Cases of one order that may end a process each before the rest of the order is given up."""
_PR_SET_PDEATHSIG = 1
COMMON = ""
"""The processes of all sets without code; one with code has processes of its own, under its place: two versions of
a package cannot be imported side by side, and what one breaks costs no other."""
MOST_CREWS = 8
INLINE_CASES = 4
"""Up to so many cases are scored in a thread: handing them to a process would take longer."""


Stopped = Callable[[], Awaitable[str]]
"""Tells why a set may score nobody any more, as a piece of a Vietnamese sentence; "" while it may."""


async def never() -> str:
    """Tell that nobody stopped the set."""
    return ""


@dataclass
class _Blame:
    """What is known of one order while the cases that end processes are looked for."""

    home: str
    stopped: Stopped
    kills: int = 0


class Workers:
    """The processes of one scorer. An order that kills its process is halved until the guilty case stands alone."""

    def __init__(self, settings: Settings) -> None:
        self.processes = settings.scorer_processes
        self.seconds = settings.score_time_limit_ms / 1000
        self._memory_bytes = settings.score_memory_limit_mb * 1024 * 1024
        self._crews: OrderedDict[str, Crew] = OrderedDict()

    async def score(self, order: Order, *, has_code: bool, stopped: Stopped = never) -> list[Outcome]:
        """Score an order; never raises for what a set does. `stopped` is asked after each process that ended."""
        if not has_code and len(order.items) <= INLINE_CASES:
            return await asyncio.to_thread(score_order, order)
        home = order.place if has_code else COMMON
        return await self._in_process(replace(order, seconds=self.seconds), _Blame(home, stopped))

    async def rescore(self, place: str, case: bytes, *, has_code: bool) -> bytes:
        """Score a stored case again and return the canonical score; raises ValueError with what the set did."""
        if has_code:
            found, why = read_plain(await self._asked(place, _rescored, place, case), tuple[bytes, str])
        else:
            found, why = await asyncio.to_thread(rescored, place, case)
        if why:
            raise ValueError(printable(why))
        return found

    async def why_not_loaded(self, place: str) -> str:
        """Load the code of a set in its process; return why that failed, "" if it did not."""
        try:
            why = read_plain(await self._asked(place, _why_not_loaded, place, self.seconds), str)
        except ValueError as error:
            why = str(error)
        return printable(why)

    def close(self) -> None:
        """End all processes at once."""
        for home in list(self._crews):
            self._crews.pop(home).end()

    async def _asked(self, home: str, question: Callable[..., bytes], *arguments: object) -> bytes:
        crew, allowed = self.crew(home), self.seconds + SLACK_SECONDS
        try:
            return await crew.ask(allowed, question, *arguments)
        except WorkerEnded:
            why = "its code ended the process"
        except WorkerTooSlow:
            why = f"its code took more than {allowed:g} s"
        raise ValueError(why)

    async def _in_process(self, order: Order, blame: _Blame) -> list[Outcome]:
        crew, allowed = self.crew(blame.home), self.seconds * len(order.items) + SLACK_SECONDS
        try:
            answer = await crew.ask(allowed, _scored, order)
        except WorkerEnded:
            return await self._halved(order, blame, "crash")
        except WorkerTooSlow:
            return await self._halved(order, blame, "time")
        if blame.home == COMMON:
            return read_outcomes(answer)
        return await asyncio.to_thread(true_outcomes, order, answer)

    async def _halved(self, order: Order, blame: _Blame, failure: str) -> list[Outcome]:
        if len(order.items) == 1:
            blame.kills += 1
            return _all_failed(order, failure)
        middle = len(order.items) // 2
        outcomes: list[Outcome] = []
        # One after the other, so that a set that kills processes has one of them at a time.
        for items in (order.items[:middle], order.items[middle:]):
            half = replace(order, items=items)
            if blame.kills >= MOST_KILLS:
                outcomes += _all_failed(half, failure)
            elif why := await blame.stopped():
                outcomes += withheld(half, why)
            else:
                outcomes += await self._in_process(half, blame)
        return outcomes

    def crew(self, home: str = COMMON) -> Crew:
        """Return the processes of a set with code, or of all without, begun at the first question."""
        if home not in self._crews:
            limit = self._memory_bytes
            # One order of cases takes far less than the last quarter.
            bounds = {"start_seconds": START_SECONDS, "replaced_above": limit * 3 // 4}
            self._crews[home] = Crew(self.processes, _prepare, limit, **bounds)
        self._crews.move_to_end(home)
        while len(self._crews) > MOST_CREWS:
            self._crews.popitem(last=False)[1].retire()
        return self._crews[home]


def _all_failed(order: Order, failure: str) -> list[Outcome]:
    return [failed(order, *item, failure) for item in order.items]


def _scored(order: Order) -> bytes:
    return as_bytes(score_order(order))


def _rescored(place: str, case: bytes) -> bytes:
    return as_bytes(rescored(place, case))


def _why_not_loaded(place: str, seconds: float) -> bytes:
    return as_bytes(why_not_loaded(place, seconds))


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
        # The signal also comes when the thread that started this worker ends: it waits for its answers.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_wait_for_parent, name="parent", daemon=True).start()


def _wait_for_parent() -> None:
    # The alarm of a score must interrupt the set, which runs in the main thread.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
