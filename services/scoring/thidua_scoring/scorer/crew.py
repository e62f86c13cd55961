"""A few worker processes that answer in bytes: what foreign code may have touched is never unpickled here.

A `ProcessPoolExecutor` unpickles whatever its processes send, which runs what foreign code put into it.
"""

from __future__ import annotations

import asyncio
import fcntl
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

Question = Callable[..., bytes]

MOST_BYTES: Final = 64 * 1024 * 1024
"""An answer that is larger ends its process: fifty cases with all their explanations take some megabytes."""
PIPE_BYTES: Final = 1024 * 1024
"""What a pipe takes before somebody reads it: an order or its answer, so that neither end wakes for each piece."""
_SPAWN: Final = multiprocessing.get_context("spawn")


class WorkerEnded(Exception):
    """The process ended, or answered something that is too large, before the answer was there."""


class WorkerTooSlow(Exception):
    """The process was ended, since it took longer than allowed."""


@dataclass(frozen=True)
class _Worker:
    process: SpawnProcess
    asks: Connection
    answers: Connection


class _Deadline:
    """Ends a process that answers too late, from the loop: a thread that waits for each answer would cost more.

    The time runs from `begin`, since a question may wait until a process is free, to `end`.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._began: tuple[float, SpawnProcess] | None = None
        self._is_late = self._has_ended = False
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.call_later(seconds, self._look)

    def begin(self, process: SpawnProcess, after_seconds: float) -> None:
        """Let the time run for this process, which may take so long until it is ready."""
        self._began = time.monotonic() + after_seconds, process

    def end(self) -> bool:
        """Leave the process alone from now on; return whether it was ended."""
        with self._lock:
            self._has_ended = True
            return self._is_late

    def cancel(self) -> None:
        """Look no more; in the loop."""
        self._clock.cancel()

    def _look(self) -> None:
        with self._lock:
            began = self._began
            left = self._seconds if began is None else began[0] + self._seconds - time.monotonic()
            if self._has_ended:
                return
            if began is not None and left <= 0:
                self._is_late = True
                began[1].kill()
                return
        self._clock = self._loop.call_later(left, self._look)


class Crew:
    """Up to `size` processes, each served by a thread of its own that waits for it; one that ends is replaced.

    `prepare` runs first in each process, with `arguments`; the first answer of a process may take `start_seconds` more.
    One that holds more than `replaced_above` bytes when it has answered is replaced too: what it keeps to work faster
    must never become a failure of the case in hand.
    """

    def __init__(
        self,
        size: int,
        prepare: Callable[..., None],
        *arguments: object,
        start_seconds: float = 0.0,
        replaced_above: float = inf,
    ) -> None:
        # A thread that ends takes its process along (see `_end_with_parent`).
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="crew")
        self._beginning = (prepare, arguments)
        self._start_seconds = start_seconds
        self._replaced_above = replaced_above
        self._of_thread = threading.local()
        self._running: set[_Worker] = set()
        self._lock = threading.Lock()
        self._is_closed = False

    async def ask(self, seconds: float, question: Question, *arguments: object) -> bytes:
        """Let a process answer within so many seconds; raises WorkerEnded or WorkerTooSlow, never what it raised."""
        deadline = _Deadline(seconds)
        answering = self._threads.submit(self._answer, deadline, question, arguments)
        try:
            return await asyncio.wrap_future(answering)
        finally:
            # Nobody waits for it any more, but a process that hangs is to be ended all the same.
            if answering.done():
                deadline.cancel()

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of those that run."""
        with self._lock:
            return tuple(one.process.pid or 0 for one in self._running)

    def retire(self) -> None:
        """Take no more questions; those that were asked are still answered."""
        self._threads.shutdown(wait=False)

    def end(self) -> None:
        """End all processes at once."""
        with self._lock:
            self._is_closed = True
            running = list(self._running)
        self._threads.shutdown(wait=False, cancel_futures=True)
        for one in running:
            one.process.kill()
        for one in running:
            one.process.join(5)

    def _answer(self, deadline: _Deadline, question: Question, arguments: tuple[object, ...]) -> bytes:
        worker = self._of_this_thread()
        # Sending and receiving may both hang on a process that does nothing any more; ending it ends them.
        deadline.begin(worker.process, self._start_seconds if self._of_thread.is_fresh else 0.0)
        broken: Exception | None = None
        try:
            worker.asks.send((question, arguments))
            answer = worker.answers.recv_bytes(MOST_BYTES)
        except (EOFError, OSError) as error:
            broken = error
        is_late = deadline.end()
        if broken is None and not is_late:
            self._of_thread.is_fresh = False
            if _bytes_held(worker.process) > self._replaced_above:
                self._drop(worker)
            return answer
        self._drop(worker)
        # Its own alarm ended it, after the set did not hear the first one.
        is_late = is_late or worker.process.exitcode == -signal.SIGALRM
        raise WorkerTooSlow if is_late else WorkerEnded from broken

    def _of_this_thread(self) -> _Worker:
        worker: _Worker | None = getattr(self._of_thread, "worker", None)
        if worker is not None and worker.process.is_alive():
            return worker
        if worker is not None:
            self._drop(worker)
        (asked, asks), (answers, answered) = _pipe(), _pipe()
        with self._lock:
            if self._is_closed:
                raise WorkerEnded
            process = _SPAWN.Process(target=_serve, args=(asked, answered, *self._beginning), daemon=True)
            process.start()
            asked.close()
            answered.close()
            begun = self._of_thread.worker = _Worker(process, asks, answers)
            self._of_thread.is_fresh = True
            self._running.add(begun)
        return begun

    def _drop(self, worker: _Worker) -> None:
        with self._lock:
            self._running.discard(worker)
        self._of_thread.worker = None
        worker.process.kill()
        worker.process.join(5)
        worker.asks.close()
        worker.answers.close()


def _bytes_held(process: SpawnProcess) -> int:
    """Return what a process counts towards its limit of memory; 0 where the system does not tell."""
    try:
        data_pages = int(Path(f"/proc/{process.pid}/statm").read_bytes().split()[5])
    except OSError:
        return 0
    return data_pages * os.sysconf("SC_PAGE_SIZE")


def _pipe() -> tuple[Connection, Connection]:
    reads, writes = _SPAWN.Pipe(duplex=False)
    # Elsewhere, or where the kernel allows no more, pieces are smaller and nothing else.
    with suppress(AttributeError, OSError):
        fcntl.fcntl(writes.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return reads, writes


def _serve(
    asked: Connection, answered: Connection, prepare: Callable[..., None], arguments: tuple[object, ...]
) -> None:
    prepare(*arguments)
    while True:
        try:
            question, given = asked.recv()
        except EOFError:
            return
        try:
            answer = question(*given)
        except BaseException:
            # Foreign code broke what answers here; the end of this process tells it.
            os._exit(1)
        answered.send_bytes(answer)
