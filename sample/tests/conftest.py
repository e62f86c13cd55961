"""One sample year for all tests of this folder, and the services in one process behind one address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from thidua_runtime.access import Principal, Tokens, parse_role
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.service import load_service
from thidua_runtime.testing import RunningSuite
from thidua_runtime.web import service_app
from thidua_sample.generate import SampleYear, generate
from thidua_sample.play.doors import Doors, role_and_person

NAMES = ("registration", "monitoring", "scoring", "awards")
START = datetime(2022, 1, 3, 7, 30, tzinfo=VIETNAM)


@dataclass
class House:
    """What the play needs of a running suite."""

    running: RunningSuite
    clock: ManualClock
    known: Tokens
    doors: Doors = field(init=False)

    def token_of(self, role: str) -> str:
        """Return the token of a role, known to the services from now on; in tests it is the role's name."""
        bare, person = role_and_person(role)
        name, scope = parse_role(bare)
        # A header holds no Vietnamese letters.
        token = "".join(f"{ord(sign):x}." for sign in role) if person else role
        self.known.by_hash.update(self.known.with_token(token, Principal(f"mẫu {role}", name, scope)).by_hash)
        return token

    async def advance(self, to: datetime) -> None:
        """Set the clock, run the jobs of the day, and wait until nothing moves."""
        self.clock.set(to)
        await self.running.settle()
        for service in self.running.suite.services.values():
            await service.run_jobs_of_the_day()
        await self.running.settle()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def year() -> SampleYear:
    return generate(2022)


@pytest.fixture
def open_house(suite: Any) -> Any:
    """Give a function that opens services by name behind one address: `open_house("registration", …)`."""

    @asynccontextmanager
    async def opened(*names: str) -> AsyncIterator[House]:
        clock = ManualClock(START)
        async with suite(*(load_service(n) for n in names or NAMES), clock=clock, heartbeat_seconds=1) as running:
            house = House(running, clock, Tokens({}))
            services = running.suite.services.items()
            mounts = [Mount(f"/{name}", service_app(one, house.known)) for name, one in services]
            transport = httpx2.ASGITransport(app=Starlette(routes=mounts))
            async with httpx2.AsyncClient(transport=transport, base_url="http://thidua", timeout=600) as client:
                house.doors = Doors(client, house.token_of)
                yield house

    return opened
