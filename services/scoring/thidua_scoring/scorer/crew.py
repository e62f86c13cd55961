"""A few worker processes that answer in bytes: what foreign code may have touched is never unpickled here.

A `ProcessPoolExecutor` unpickles whatever its processes send, which runs what foreign code put into it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Final

Question = Callable[..., bytes]

MOST_BYTES: Final = 64 * 1024 * 1024
"""An answer that is larger ends its process: fifty cases with all their explanations take some megabytes."""
_SPAWN: Final = multiprocessing.get_context("spawn")


class WorkerEnded(Exception):
    """The process ended, or answered something that is too large, before the answer was there."""


class WorkerTooSlow(Exception):
    """The process was ended, since it took longer than allowed."""


@dataclass(frozen=True)
class _Worker:
    process: SpawnProcess
    line: Connection


class Crew:
    """Up to `size` processes, each served by a thread of its own that waits for it; one that ends is replaced.

    `prepare` runs first in each process, with `arguments`.
    """

    def __init__(self, size: int, prepare: Callable[..., None], *arguments: object) -> None:
        # A thread that ends takes its process along (see `_end_with_parent`).
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="crew")
        self._beginning = (prepare, arguments)
        self._of_thread = threading.local()
        self._running: set[_Worker] = set()
        self._lock = threading.Lock()
        self._is_closed = False

    async def ask(self, seconds: float, question: Question, *arguments: object) -> bytes:
        """Let a process answer within so many seconds; raises WorkerEnded or WorkerTooSlow, never what it raised."""
        return await asyncio.wrap_future(self._threads.submit(self._answer, seconds, question, arguments))

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

    def _answer(self, seconds: float, question: Question, arguments: tuple[object, ...]) -> bytes:
        worker = self._of_this_thread()
        # Sending and receiving may both hang on a process that does nothing any more; ending it ends them.
        is_late = threading.Event()
        clock = threading.Timer(seconds, _end_late, (worker.process, is_late))
        clock.start()
        broken: Exception | None = None
        try:
            worker.line.send((question, arguments))
            answer = worker.line.recv_bytes(MOST_BYTES)
        except (EOFError, OSError) as error:
            broken = error
        finally:
            clock.cancel()
            clock.join()
        if broken is None and not is_late.is_set():
            return answer
        self._drop(worker)
        raise WorkerTooSlow if is_late.is_set() else WorkerEnded from broken

    def _of_this_thread(self) -> _Worker:
        worker: _Worker | None = getattr(self._of_thread, "worker", None)
        if worker is not None and worker.process.is_alive():
            return worker
        if worker is not None:
            self._drop(worker)
        ours, theirs = _SPAWN.Pipe()
        with self._lock:
            if self._is_closed:
                raise WorkerEnded
            process = _SPAWN.Process(target=_serve, args=(theirs, *self._beginning), daemon=True)
            process.start()
            theirs.close()
            begun = self._of_thread.worker = _Worker(process, ours)
            self._running.add(begun)
        return begun

    def _drop(self, worker: _Worker) -> None:
        with self._lock:
            self._running.discard(worker)
        self._of_thread.worker = None
        worker.process.kill()
        worker.process.join(5)
        worker.line.close()


def _end_late(process: SpawnProcess, is_late: threading.Event) -> None:
    is_late.set()
    process.kill()


def _serve(line: Connection, prepare: Callable[..., None], arguments: tuple[object, ...]) -> None:
    prepare(*arguments)
    while True:
        try:
            question, given = line.recv()
        except EOFError:
            return
        try:
            answer = question(*given)
        except BaseException:
            # Foreign code broke what answers here; the end of this process tells it.
            os._exit(1)
        line.send_bytes(answer)
