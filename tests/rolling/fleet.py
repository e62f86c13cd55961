"""Four services, each a process of its own and of its own version, and what flows through all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx2

from thidua.contracts import SourceMark, TaskReport
from thidua_runtime.access import token_line
from thidua_runtime.kafka.trial import send_as_foreigner
from thidua_runtime.testing import outgoing_state
from thidua_sample.demo import RoleTokens
from thidua_sample.errors import DoorRefused
from thidua_sample.play.doors import Doors
from thidua_sample.play.organisation import enter_organisation
from thidua_sample.play.stage import Stage

from ..faults.story import UNITS, story_year
from ..faults.town import Kept, Town, open_ground
from .heartbeats import Heartbeats, streams_of

SERVICES: Final = ("registration", "monitoring", "scoring", "awards")
UNIT: Final = UNITS[1]
TASKS_A_ROUND: Final = 20
ROUND_SECONDS: Final = 60.0
ROLES: Final = ("office", "operator", "reader")
TASKS: Final = "select count(*) from task"
RESULTS: Final = """
select coalesce(sum((body->>'due')::integer), 0) from replica_monthly_results
 where not deleted and body->>'subject_kind' = 'collective'
"""
# None while somebody waits to be scored.
NEWEST_SCORE: Final = """
select max(version) from thidua.published where stream = 'scores' and not exists (select from dirty)
"""
SCORED: Final = "select coalesce(max(version), 0) from replica_scores"
SET_ASIDE: Final = """
select reason || ' ' || coalesce(aggregate, '') from thidua.dead_letter union all select waits_for from thidua.parked
"""


@dataclass
class Fleet:
    """The services of one province; each can be replaced by another version of itself while the others go on."""

    town: Town
    commands: dict[str, Path]
    doors: Doors
    heartbeats: Heartbeats
    running: dict[str, Kept] = field(default_factory=dict)
    rounds: int = 0
    _scored: int = 0

    async def start(self, service: str, version: str) -> None:
        """Start a service in a version."""
        told = self.town.told(
            THIDUA_HTTP_PORT=str(self.town.ports[service]), THIDUA_HEARTBEAT_SECONDS="1",
            THIDUA_API_TOKENS_FILE=str(self.town.folder / "tokens"), THIDUA_SCORER_PROCESSES="1",
        )  # fmt: skip
        log = self.town.folder / f"{service}.log"
        kept = Kept(f"{service} {version}", (self.commands[version], "run", service), log, told)
        kept.start()
        self.running[service] = kept
        self.heartbeats.versions[service] = version
        self.town.services.append(kept)

    async def replace(self, service: str, version: str) -> None:
        """End a service, bring its schema to the newer of both versions, and start it in a version."""
        await self.end(service)
        if version == "new":
            await self.town.migrate(self.commands["new"], service)
        await self.start(service, version)

    async def end(self, service: str) -> None:
        """End a service as an operator does."""
        kept = self.running.pop(service)
        self.town.services.remove(kept)
        await kept.end()

    async def send_round(self) -> None:
        """Enter a unit, and let the e-office report tasks of it and of a participant of the campaign."""
        self.rounds += 1
        await _until_open(self)
        unit = {"code": f"dv-{self.rounds}", "name": f"Đơn vị {self.rounds}", "kind": "vu", "valid_from": "2021-01-01"}
        await self.doors.put("/registration/units", [unit])
        await self._state_facts()
        tasks = [_task(self.rounds, number) for number in range(TASKS_A_ROUND)]
        await send_as_foreigner(self.town.settings, [outgoing_state(one) for one in tasks])

    async def _state_facts(self) -> None:
        """State how much more capital a participant has used, which moves its score, once monitoring knows of it."""
        facts = [_fact("capital_planned", "2022", 1_000_000), _fact("capital_used", "2022-01", 10_000 * self.rounds)]
        async with asyncio.timeout(ROUND_SECONDS):
            while True:
                try:
                    await self.doors.put("/monitoring/facts", facts)
                except DoorRefused:
                    await asyncio.sleep(0.3)
                else:
                    return

    async def has_arrived(self) -> list[str]:
        """Return where what was sent, and a heartbeat of every stream that is due, has not arrived; waits for it."""
        begun, end = datetime.now(UTC), time.monotonic() + ROUND_SECONDS
        while (missing := await self._missing(begun)) and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        self._scored = await self.town.ask("awards", SCORED)
        return missing

    async def _missing(self, begun: datetime) -> list[str]:
        found = []
        for service in SERVICES:
            ended = self.running[service].process
            if ended is None or ended.poll() is not None:
                raise AssertionError(f"{service} ended: {self.running[service].words()}")
            found += await self.heartbeats.missing(service, begun)
        units = f"select count(*) from replica_units where body->>'name' = 'Đơn vị {self.rounds}'"
        found += [f"{one} misses the unit" for one in SERVICES[1:] if not await self.town.ask(one, units)]
        for service, query in (("monitoring", TASKS), ("scoring", RESULTS)):
            number = await self.town.ask(service, query)
            if number != self.rounds * TASKS_A_ROUND:
                found.append(f"{service} knows of {number} tasks instead of {self.rounds * TASKS_A_ROUND}")
        newest = await self.town.ask("scoring", NEWEST_SCORE)
        if newest is None or not self._scored < newest == await self.town.ask("awards", SCORED):
            found.append("awards lacks a newer score")
        return found

    async def set_aside(self) -> list[str]:
        """Return what a service could not apply or still waits for."""
        return [f"{name}: {row[0]}" for name in SERVICES for row in await self.town.rows(name, SET_ASIDE)]


@asynccontextmanager
async def open_fleet(commands: dict[str, Path], version: str) -> AsyncIterator[Fleet]:
    """Start all services in one version, with the organisation and the campaign of the small story."""
    roles = RoleTokens()
    async with open_ground(SERVICES) as town, httpx2.AsyncClient(transport=_Street(town), timeout=60) as client:
        lines = [token_line("rolling", role, roles.of(role)) for role in ROLES]
        (town.folder / "tokens").write_text("\n".join(lines), encoding="utf-8")
        client.base_url = httpx2.URL("http://127.0.0.1")
        heartbeats = Heartbeats(town, {name: streams_of(command) for name, command in commands.items()})
        fleet = Fleet(town, commands, Doors(client, roles.of), heartbeats)
        await town.migrate(commands[version])
        for service in SERVICES:
            await fleet.start(service, version)
        await _until_open(fleet)
        # No month of the story closes: its source has not vouched for any of them.
        mark = SourceMark(source="eoffice", complete_until=datetime(2022, 1, 1, tzinfo=UTC), version=1)
        await send_as_foreigner(town.settings, [outgoing_state(mark)])
        await enter_organisation(Stage(story_year(), fleet.doors, _stand_still, lambda *_: None))
        yield fleet


class _Street(httpx2.AsyncHTTPTransport):
    """The way to the doors: the first part of a path names the service, which has a port of its own."""

    def __init__(self, town: Town) -> None:
        super().__init__()
        self.town = town

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        service = request.url.path.split("/", 2)[1]
        request.url = request.url.copy_with(port=self.town.ports[service])
        return await super().handle_async_request(request)


async def _until_open(fleet: Fleet) -> None:
    async with asyncio.timeout(60):
        for service in SERVICES:
            while not await _is_open(fleet, service):  # noqa: ASYNC110
                await asyncio.sleep(0.2)


async def _is_open(fleet: Fleet, service: str) -> bool:
    try:
        return (await fleet.doors.client.get(f"/{service}/health/started")).status_code == 200
    except httpx2.TransportError:
        return False


async def _stand_still(_: datetime) -> None:
    return


def _task(turn: int, number: int) -> TaskReport:
    unit = UNIT if number % 2 else f"dv-{turn}"
    told = {"source": "eoffice", "source_id": f"{turn}/{number}", "version": 1, "unit": unit, "deadline": "2022-01-20"}
    return TaskReport.model_validate(told)


def _fact(name: str, period: str, value: int) -> dict[str, Any]:
    entry = {"id": name, "period": period, "dated": "2022-01-30", "value": str(value), "evidence": [f"MC-{name}"]}
    campaign = story_year().campaign.code
    return {"subject": UNIT, "campaign": campaign, "input": name, "stated_by": "self", "entries": [entry]}
