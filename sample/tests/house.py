"""The installed services in one process behind one address, with a clock the play moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.routing import Mount
from thidua_runtime.access import Principal, Tokens, parse_role
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.testing import RunningSuite
from thidua_runtime.web import service_app

NAMES = ("registration", "monitoring", "scoring", "awards")
START = datetime(2022, 1, 3, 7, 30, tzinfo=VIETNAM)


@dataclass
class House:
    """What the play needs of a running suite."""

    running: RunningSuite
    clock: ManualClock
    client: httpx2.AsyncClient
    known: Tokens = field(default_factory=lambda: Tokens({}))

    def token_of(self, role: str) -> str:
        """Return the token of a role, known to the services from now on; in tests it is the role's name."""
        name, scope = parse_role(role)
        self.known.by_hash.update(self.known.with_token(role, Principal(f"mẫu {role}", name, scope)).by_hash)
        return role

    async def advance(self, to: datetime) -> None:
        """Set the clock, run what it makes due, and wait until nothing moves."""
        self.clock.set(to)
        await self.running.settle()
        for service in self.running.suite.services.values():
            await service.run_due_jobs()
        await self.running.settle()


def services(names: tuple[str, ...] = NAMES) -> list[Any]:
    return [import_module(f"thidua_{name}.service").SERVICE for name in names]


@asynccontextmanager
async def open_house(suite: Any, names: tuple[str, ...] = NAMES) -> AsyncIterator[House]:
    clock = ManualClock(START)
    async with suite(*services(names), clock=clock) as running:
        known = Tokens({})
        mounts = [Mount(f"/{n}", service_app(one, known)) for n, one in running.suite.services.items()]
        transport = httpx2.ASGITransport(app=Starlette(routes=mounts))
        async with httpx2.AsyncClient(transport=transport, base_url="http://test", timeout=600) as client:
            yield House(running, clock, client, known)
