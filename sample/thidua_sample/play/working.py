"""The work of the year: tasks, declared totals, reports, facts and the marks of the sources, day by day."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, Final

from thidua.contracts import TaskReport
from thidua_sample.errors import DoorRefused
from thidua_sample.generate.records import SampleFact, SampleReport, SampleTotals, TaskEvent
from thidua_sample.generate.tasks import SOURCES
from thidua_sample.generate.totals import VIETNAM
from thidua_sample.play.doors import APPRAISER, OFFICE, batches, json_list, together
from thidua_sample.play.stage import Stage, Waiting

TASKS_PER_REQUEST: Final = 2_000
FACTS_PER_REQUEST: Final = 1_000
MONTH: Final = re.compile(r"\d{4}-\d{2}$")
TAKEN: Final = ("applied", "stale")

Publish = Callable[[Sequence[TaskReport]], Awaitable[None]]
"""Puts task reports on the `tasks` stream, as an e-office with a Kafka client would."""


class Working:
    """Tasks by source, newest last; without `publish` they go through the HTTP door."""

    def __init__(self, stage: Stage, publish: Publish | None = None) -> None:
        self._stage = stage
        self._publish = publish
        self._events = stage.year.events
        # A small sample may hold units of one source only.
        heard = {event.report.source for event in self._events}
        self._heard = [source for source in SOURCES if source in heard]
        self._next = 0

    async def until(self, moment: datetime) -> None:
        """Send every report made up to a moment, then vouch for it in the name of the sources."""
        first = self._next
        while self._next < len(self._events) and self._events[self._next].at <= moment:
            self._next += 1
        for batch in batches(self._events[first : self._next], TASKS_PER_REQUEST):
            await self._send(batch)
        self._stage.progress("tasks", self._next, len(self._events))

    async def vouch(self, moment: datetime) -> None:
        """Let each source say that everything up to a moment was sent."""
        for source in self._heard:
            body = {"complete_until": moment}
            await self._stage.doors.put(f"/monitoring/sources/{source}/mark", body, f"source:{source}")

    async def _send(self, batch: Sequence[TaskEvent]) -> None:
        by_source: dict[str, list[TaskReport]] = defaultdict(list)
        for event in batch:
            by_source[event.report.source].append(event.report)
        if self._publish is not None:
            for _, reports in sorted(by_source.items()):
                await self._publish(reports)
        else:
            await together(partial(self._post, source, reports) for source, reports in sorted(by_source.items()))

    async def _post(self, source: str, reports: Sequence[TaskReport]) -> None:
        path, role = "/monitoring/tasks", f"source:{source}"
        told = await self._stage.doors.post(path, json_list(reports), role)
        lost = {name: number for name, number in told["counts"].items() if name not in TAKEN}
        if lost:
            raise DoorRefused(method="POST", path=path, status=200, detail=str(lost))


class Declaring:
    """Totals of the units that send no tasks."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._totals = Waiting(stage.year.totals, lambda one: one.sent_on)

    async def until(self, day: date) -> None:
        """Declare what units sent up to a day."""
        await together(partial(self._declare, one) for one in self._totals.until(day))

    async def _declare(self, one: SampleTotals) -> None:
        path = f"/monitoring/months/{one.month}/declared/{one.unit}"
        await self._stage.doors.put(path, _totals(one), f"unit:{one.unit}")


def _totals(one: SampleTotals) -> dict[str, Any]:
    return {
        "due": one.due,
        "on_time": one.on_time,
        "late": one.late,
        "overdue": one.overdue,
        "document": one.evidence,
        "evidence": [one.evidence.number],
    }


@dataclass(frozen=True)
class _Step:
    """One step of one report on a day."""

    day: date
    order: int
    body: dict[str, Any]


class Reporting:
    """Reports of units per period: sent, returned, sent again, accepted."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._steps = Waiting(_steps(stage), lambda step: step.day)

    async def until(self, day: date) -> None:
        """Carry out the steps due up to a day, kind after kind so that each finds its state before."""
        due = self._steps.until(day)
        for order in sorted({step.order for step in due}):
            bodies = [step.body for step in due if step.order == order]
            await self._stage.doors.post("/monitoring/reports/moves", bodies)


def _steps(stage: Stage) -> list[_Step]:
    closing = {period.period: period.closes_on for period in stage.year.campaign.calendar}
    found: list[_Step] = []
    for one in stage.year.reports:
        found += _of_report(one, stage.year.campaign.code, closing[one.period])
    return found


def _of_report(one: SampleReport, campaign: str, closes_on: date) -> Iterable[_Step]:
    def step(day: date, order: int, to: str, **more: object) -> _Step:
        body = {"unit": one.unit, "campaign": campaign, "period": one.period, "to": to, **more}
        return _Step(day, order, body)

    if one.sent_on is None:
        return
    yield step(one.sent_on, 0, "sent", sent_on=one.sent_on)
    if one.returned_on and one.resent_on:
        yield step(one.returned_on, 1, "returned", because=one.returned_because)
        yield step(one.resent_on, 2, "sent", sent_on=one.resent_on)
    # The office accepts half-year and yearly reports by name; a monthly one stands as it was sent.
    if not MONTH.match(one.period):
        yield step(closes_on, 3, "accepted")


class Stating:
    """Facts: a statement is sent whole, so each request repeats what the same party stated before."""

    def __init__(self, stage: Stage, ids: dict[str, str]) -> None:
        self._stage = stage
        self._ids = ids
        self._facts = Waiting(stage.year.facts, lambda fact: fact.dated)
        self._stated: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        self._done = 0

    async def until(self, day: date) -> None:
        """State what is dated up to a day; the office enters what units sent on paper."""
        due = self._facts.until(day)
        changed: dict[tuple[str, str, str], None] = {}
        for fact in due:
            key = (self._ids.get(fact.subject, fact.subject), fact.input, fact.stated_by)
            self._stated[key].append(_entry(fact, len(self._stated[key])))
            changed[key] = None
        await together(
            partial(self._put, role, batch)
            for role, keys in _by_role(changed).items()
            for batch in batches(keys, FACTS_PER_REQUEST)
        )
        self._done += len(due)
        self._stage.progress("facts", self._done, len(self._stage.year.facts))

    async def _put(self, role: str, keys: Sequence[tuple[str, str, str]]) -> None:
        await self._stage.doors.put("/monitoring/facts", [self._fact(key) for key in keys], role)

    def _fact(self, key: tuple[str, str, str]) -> dict[str, Any]:
        subject, name, stated_by = key
        return {
            "subject": subject,
            "campaign": self._stage.year.campaign.code,
            "input": name,
            "stated_by": stated_by,
            "entries": self._stated[key],
        }


def _entry(fact: SampleFact, number: int) -> dict[str, Any]:
    return {
        # Unique within everything stated about the subject: a score refers to its entries by these ids.
        "id": f"{fact.input}.{fact.stated_by}.{fact.period}.{number}",
        "period": fact.period,
        "dated": fact.dated,
        "value": fact.value,
        "document": fact.document,
        "evidence": fact.evidence,
    }


def _by_role(keys: Iterable[tuple[str, str, str]]) -> dict[str, list[tuple[str, str, str]]]:
    by_role: dict[str, list[tuple[str, str, str]]] = {OFFICE: [], APPRAISER: []}
    for key in keys:
        by_role[APPRAISER if key[2] == "appraiser" else OFFICE].append(key)
    return by_role


async def approve_corrections(stage: Stage) -> int:
    """Approve what moved after a month was closed: late work that was completed since. Returns how many."""
    paper = {"number": "MẪU-01/QĐ-ĐC", "dated": CORRECTED_ON, "issuer": stage.year.label}
    body = {"reason": CORRECTION_REASON, "document": paper}
    found = [row async for row in stage.doors.pages("/monitoring/corrections")]
    await together(partial(stage.doors.post, f"/monitoring/corrections/{row['id']}/approve", body) for row in found)
    stage.progress("corrections", len(found), len(found))
    return len(found)


CORRECTED_ON: Final = date(2023, 1, 19)
CORRECTION_REASON: Final = "Nhiệm vụ hoàn thành sau ngày chốt số liệu tháng."


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins in Việt Nam."""
    return datetime.combine(day, time(0), VIETNAM)
