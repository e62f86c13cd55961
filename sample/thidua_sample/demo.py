"""The demonstration: one folder, all services in one process, the sample year played through their doors."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from thidua_runtime.access import Principal, Tokens, new_token, parse_role
from thidua_runtime.clock import VIETNAM, ManualClock, SystemClock
from thidua_runtime.collector import spare_collector
from thidua_runtime.host import embedded_suite, store_clock
from thidua_runtime.installed import installed_services
from thidua_runtime.service import load_service
from thidua_runtime.serving import suite_app
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite
from thidua_sample.errors import OtherYear
from thidua_sample.generate import SampleYear
from thidua_sample.journal import Journal, JournalTransport
from thidua_sample.play import LAST_STOP, play
from thidua_sample.play.doors import Doors, role_and_person
from thidua_sample.printing import FOLDER, print_documents
from thidua_sample.reading import collect
from thidua_sample.result import Result
from thidua_sample.tried import TriedSet

START = datetime(2021, 12, 31, 8, tzinfo=VIETNAM)
JOURNAL_FILE = "play.jsonl"
ACTORS = {
    "office": "Thường trực Hội đồng Thi đua - Khen thưởng",
    "appraiser": "Chuyên viên thẩm định",
    "operator": "Quản trị hệ thống",
    "reader": "Người xem",
    "unit": "Thủ trưởng đơn vị",
    "source": "Hệ thống hồ sơ công việc",
}

Progress = Callable[[str, int, int], None]
Around = Callable[[httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport]


@dataclass
class Phases:
    """Elapsed seconds per phase of the play, measured as the progress reports come in."""

    seconds: dict[str, float]
    _phase: str = ""
    _since: float = 0.0

    def enter(self, phase: str) -> None:
        """Count the time from now on for `phase`."""
        now = time.perf_counter()
        if self._phase and phase != self._phase:
            self.seconds[self._phase] = round(self.seconds.get(self._phase, 0.0) + now - self._since, 3)
        if phase != self._phase:
            self._phase, self._since = phase, now


class RoleTokens:
    """A token per role, made when it is first asked for."""

    def __init__(self) -> None:
        self.tokens = Tokens({})
        self._by_role: dict[str, str] = {}

    def of(self, role: str) -> str:
        """Return the token of `office`, `unit:stnmt-01`, `office/Kiểm phiếu viên` and so on."""
        if role not in self._by_role:
            token = new_token()
            bare, person = role_and_person(role)
            name, scope = parse_role(bare)
            actor = person or (ACTORS[name] if scope is None else f"{ACTORS[name]} {scope}")
            self.tokens.by_hash.update(self.tokens.with_token(token, Principal(actor, name, scope)).by_hash)
            self._by_role[role] = token
        return self._by_role[role]


async def run_demo(
    folder: Path,
    make_year: Callable[[], SampleYear],
    settings: Settings,
    progress: Progress,
    tried: TriedSet | None = None,
) -> tuple[Result, dict[str, Any]]:
    """Play the year in `folder`, or go on where an earlier play was killed; return what it came to.

    The year is made while the database starts. `tried`: a set installed before the year begins; second comes
    what its door says of the ranks (nothing without it).
    """
    phases = Phases({})

    def told(phase: str, done: int, total: int) -> None:
        phases.enter(phase)
        progress(phase, done, total)

    told("start", 0, 1)
    clock = ManualClock(START)
    # The play compresses a year: it says itself when the services write heartbeats.
    settings = settings.model_copy(update={"heartbeat_seconds": 300})
    making = asyncio.create_task(asyncio.to_thread(make_year))
    services = [load_service(name) for name in installed_services()]
    async with embedded_suite(folder, services, settings, clock, jobs_by_clock=False, write_behind=True) as suite:
        year = await making
        told("start", 1, 1)
        spare_collector()
        if tried is not None:
            async with open_roles(suite) as doors:
                await tried.install(doors)
            await suite.settle()
        journal = Journal(folder / JOURNAL_FILE)
        found, wanted = journal.told_of(name_of(year)), name_of(year)
        if found != wanted:
            raise OtherYear(folder=folder, found=found, wanted=wanted)
        async with open_roles(suite, lambda real: JournalTransport(journal, real, suite.reach_disk)) as doors:
            await play(year, doors, _advancing(suite, clock, journal), told, beat=_beating(suite, journal))
        journal.close()
        told("result", 0, 1)
        await suite.settle()
        async with open_roles(suite) as doors:
            printing = print_documents(doors, folder / FOLDER, lambda done, total: told("documents", done, total))
            result, printed = await asyncio.gather(_told_after(collect(doors), lambda: told("result", 1, 1)), printing)
            ranks = {} if tried is None else await tried.ranks(doors)
        told("end", 1, 1)
    store_clock(folder, clock.now() - SystemClock().now())
    return result.with_documents(printed).with_elapsed(phases.seconds), ranks


async def _told_after(work: Awaitable[Result], tell: Callable[[], None]) -> Result:
    result = await work
    tell()
    return result


def name_of(year: SampleYear) -> str:
    """Return what tells one sample year from another: its size, the sets it is scored with, a mark of its tasks."""
    sets = ", ".join(" ".join(use[:2]) for use in year.campaign.criteria_sets)
    first = "".join(event.report.model_dump_json() for event in year.events[:50])
    mark = hashlib.sha256(first.encode()).hexdigest()[:8]
    return f"{len(year.units)} units, {len(year.people)} people, {len(year.events)} task reports ({mark}), sets {sets}"


def _beating(suite: Suite, journal: Journal) -> Callable[[], Awaitable[None]]:
    async def beat() -> None:
        if not journal.replays:
            await suite.beat()

    return beat


@asynccontextmanager
async def open_roles(suite: Suite, around: Around = lambda real: real) -> AsyncIterator[Doors]:
    """Open the public doors of a running suite to every role; `around` may stand between play and services."""
    roles = RoleTokens()
    transport = around(httpx2.ASGITransport(app=suite_app(suite, roles.tokens)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://thidua", timeout=300) as client:
        yield Doors(client, roles.of)


async def live_through(suite: Suite, moment: datetime) -> None:
    """Let a suite whose clock stands at `moment` do what the day brings; return when the play may go on."""
    # During the year what is recorded next rests on registrations and figures: scoring and awards follow meanwhile.
    # What is reviewed afterwards rests on all that was said; scores that come later are reviewed before decisions.
    acting = () if moment.date() > LAST_STOP else ("registration", "monitoring")
    await suite.settle(*acting, loops=False)
    await asyncio.gather(*(running.run_jobs_of_the_day() for running in suite.services.values()))


def _advancing(suite: Suite, clock: ManualClock, journal: Journal) -> Callable[[datetime], Awaitable[None]]:
    async def advance(to: datetime) -> None:
        clock.set(to)
        step = journal.step()
        if journal.recorded(step) is not None:
            return
        await live_through(suite, to)
        await suite.reach_disk()
        journal.record(step, {"advanced": to.isoformat()})

    return advance
