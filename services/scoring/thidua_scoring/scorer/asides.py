"""What foreign code may hold up is done aside: each piece in a task of its own, so that nobody else waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError

from thidua_runtime.consume import Fault, fault_of
from thidua_scoring.queries.marks import Lease

PATIENCE_SECONDS: Final = 1.0
SET: Final = "set"
SHADOW: Final = "shadow"

log = structlog.get_logger()


class Asides:
    """The tasks of one scorer that nobody waits for, one under each name. `bell` is rung when one with marks ends.

    `left`: marks in hand whose part under a name is not done, since another task has the name; given back at its end.
    """

    def __init__(self, bell: asyncio.Event) -> None:
        self._bell = bell
        self._going: dict[tuple[str, ...], asyncio.Task[bool]] = {}
        self._broken: list[BaseException] = []
        self.left: dict[tuple[str, ...], list[Lease]] = {}

    def has(self, *name: str) -> bool:
        """Whether something is being done under this name."""
        return name in self._going

    @property
    def sets(self) -> list[str]:
        """The ids of sets whose marks are being worked on aside."""
        return sorted(name[1] for name in self._going if name[0] == SET)

    def begin(self, work: Coroutine[Any, Any, object], *name: str) -> asyncio.Task[bool]:
        """Do a piece of work under a name that is free."""
        task = self._going[name] = asyncio.create_task(survived(work))
        task.add_done_callback(lambda done: self._ended(done, name))
        return task

    def raise_what_broke(self) -> None:
        """Raise what ended a task, so that it ends the service visibly."""
        if self._broken:
            raise self._broken.pop()

    async def end(self) -> None:
        """Cancel all of it."""
        going = list(self._going.values())
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)

    def _ended(self, task: asyncio.Task[bool], name: tuple[str, ...]) -> None:
        del self._going[name]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._broken.append(error)
        if name[0] in (SET, SHADOW):
            self._bell.set()


async def survived(work: Coroutine[Any, Any, object]) -> bool:
    """Do the work; False, after a pause, when the database was away. Anything else is raised."""
    try:
        await work
    except (DBAPIError, OSError, TimeoutError) as error:
        if fault_of(error) is not Fault.PASSING:
            raise
        log.warning("scorer waits for the database", why=str(error).partition("\n")[0])
        await asyncio.sleep(PATIENCE_SECONDS)
        return False
    return True
