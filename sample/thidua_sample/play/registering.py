"""Registrations and initiatives: units write and send, the office returns, accepts, recognises."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from thidua.contracts import Document
from thidua_sample.generate.records import SampleInitiative, SampleItem, SampleRegistration
from thidua_sample.play.doors import OFFICE, together
from thidua_sample.play.stage import Stage, Waiting

ACCEPTED_AFTER_DAYS: Final = 7
COUNCIL_AFTER_DAYS: Final = 21
HEAD_OF_OFFICE: Final = "Chánh Văn phòng Thường trực Hội đồng"
HEAD_OF_BASE: Final = "Thủ trưởng đơn vị"
MINISTER: Final = "Bộ trưởng Bộ Tài nguyên và Môi trường"
NOT_NEW: Final = "Giải pháp chưa có tính mới trong phạm vi đơn vị."
TOO_LATE: Final = "Ghi nhận đơn nộp sau thời hiệu một năm để người đứng đầu cơ sở xác nhận."


@dataclass(frozen=True)
class Act:
    """A move on a day, on the side of a role; `target` is a registration's or an initiative's own body."""

    day: date
    role: str
    body: dict[str, Any]


class Registering:
    """The registrations of the campaign, act by act, as their days come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._sheets = Waiting(stage.year.registrations, lambda sheet: sheet.submitted_on)
        acts = [act for sheet in stage.year.registrations for act in _acts(sheet)]
        self._acts = Waiting(acts, lambda act: act.day)
        self._done = 0

    async def until(self, day: date) -> None:
        """Write the sheets and carry out the acts that have come due."""
        stage = self._stage
        base = f"/registration/campaigns/{stage.year.campaign.code}/registrations"
        sheets = self._sheets.until(day)
        await together(partial(self._write, base, sheet) for sheet in sheets)
        for calls in _rounds(self._acts.until(day)):
            await together(partial(stage.doors.post, f"{base}/moves", bodies, role) for role, bodies in calls)

    async def _write(self, base: str, sheet: SampleRegistration) -> None:
        body = {"document": sheet.document, "items": [_item(item) for item in sheet.items]}
        await self._stage.doors.put(f"{base}/{sheet.unit}", body, f"unit:{sheet.unit}")
        self._done += 1
        self._stage.progress("registrations", self._done, len(self._stage.year.registrations))


def _rounds(acts: Sequence[Act]) -> Iterator[list[tuple[str, list[dict[str, Any]]]]]:
    """Group the first act of every unit, then the second and so on, each round by role.

    What the office does for many units goes in one request; what units do in a round goes side by side.
    """
    turns: Counter[str] = Counter()
    rounds: dict[int, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for act in acts:
        unit = act.body["unit"]
        rounds[turns[unit]][act.role].append(act.body)
        turns[unit] += 1
    for _, by_role in sorted(rounds.items()):
        yield sorted(by_role.items(), key=lambda one: one[0])


def _item(item: SampleItem) -> dict[str, Any]:
    return {
        "person": item.subject if item.kind == "individual" else None,
        "titles": item.titles,
        "targets": [{"name": t.name, "value": t.value, "measure": t.measure} for t in item.targets],
        "initiatives": [{"name": name, "field": field} for name, field in item.initiatives],
    }


def _acts(sheet: SampleRegistration) -> Iterator[Act]:
    unit = f"unit:{sheet.unit}"
    paper = sheet.document

    def act(day: date, role: str, move: str, **more: object) -> Act:
        body = {"unit": sheet.unit, "all": True, "move": move, "done_on": day, "document": paper, **more}
        return Act(day, role, body)

    yield act(sheet.submitted_on, unit, "submit", reason=sheet.late_reason)
    last = sheet.submitted_on
    if sheet.returned_on and sheet.resubmitted_on:
        yield act(sheet.returned_on, OFFICE, "return", reason=sheet.returned_because)
        last = sheet.resubmitted_on
        yield act(last, unit, "submit")
    accepted = last + timedelta(days=ACCEPTED_AFTER_DAYS)
    yield act(accepted, OFFICE, "accept", reason=sheet.late_reason, on_behalf_of=HEAD_OF_OFFICE)


class Inventing:
    """The initiatives of the year on their way to recognition."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._drafts = Waiting(stage.year.initiatives, lambda one: one.submitted_on)
        acts = [act for one in stage.year.initiatives for act in _way(one)]
        self._acts = Waiting(acts, lambda act: act.day)
        self._done = 0

    async def until(self, day: date) -> None:
        """Write the initiatives and carry out the acts that have come due."""
        stage = self._stage
        drafts = self._drafts.until(day)
        if drafts:
            rows = [_draft(one, stage.year.campaign.code) for one in drafts]
            await stage.doors.put("/registration/initiatives", rows)
            self._done += len(drafts)
            stage.progress("initiatives", self._done, len(stage.year.initiatives))
        await _carry_out(stage, self._acts.until(day))


async def _carry_out(stage: Stage, acts: Sequence[Act]) -> None:
    if acts:
        await stage.doors.post("/registration/initiatives/moves", [act.body for act in acts])


def _draft(one: SampleInitiative, campaign: str) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "code": one.code,
        "campaign": campaign,
        "title": one.title,
        "kind": one.kind,
        "authors": [{"person": person, "share": share} for person, share in one.authors],
        "first_applied_on": one.applied_on,
    }


def _way(one: SampleInitiative) -> Iterator[Act]:
    def act(day: date, move: str, paper: Document, **more: object) -> Act:
        body = {"unit": one.unit, "code": one.code, "move": move, "done_on": day, "document": paper, **more}
        return Act(day, OFFICE, body)

    request = Document(number=f"ĐN-{one.code}", dated=one.submitted_on)
    if one.outcome == "lapsed":
        yield act(one.submitted_on, "submit", request, reason=TOO_LATE)
        yield act(one.submitted_on, "lapse", request, on_behalf_of=HEAD_OF_BASE)
        return
    yield act(one.submitted_on, "submit", request)
    if one.outcome == "submitted":
        return
    met = one.submitted_on + timedelta(days=COUNCIL_AFTER_DAYS)
    council = Document(number=f"BB-{one.code}", dated=min(met, one.recognition.dated) if one.recognition else met)
    for move in ("check", "assess", "convene"):
        yield act(council.dated, move, council)
    if one.recognition is None:
        yield act(council.dated, "not_recognise", council, on_behalf_of=HEAD_OF_BASE, reason=NOT_NEW)
        return
    yield act(one.recognition.dated, "recognise", one.recognition, on_behalf_of=HEAD_OF_BASE)
    if one.scope_recognition is not None:
        yield act(one.recognition.dated, "request_influence", one.recognition)
        yield act(
            one.scope_recognition.dated, "recognise_influence", one.scope_recognition,
            on_behalf_of=MINISTER, scope=one.scope,
        )  # fmt: skip
