"""Deadlines in force and where a task stands: the rules behind every counter.

Source: docs/domain.md, "Time rules" (marked there as proposal) and the Ministry's official letter
8240/BTNMT-TĐKTTT of 2021-12-31, criterion "on-time rate of each month above 90 %".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from thidua.contracts import TaskReport

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SEVEN_HOURS = timedelta(hours=7)
SEVEN_HOURS_AHEAD = timezone(SEVEN_HOURS)
LAST_CHANGE_OF_CLOCKS = 1975
"""Since then Việt Nam is seven hours ahead of UTC; most sources write so themselves."""

NO_ROLLING: Mapping[date, date] = {}
"""No deadline moves to a working day."""


class DecisionKind(StrEnum):
    """What a decision taken here changes about a reported task."""

    EXTENSION = "extension"
    WITHDRAWAL = "withdrawal"
    REASSIGNMENT = "reassignment"
    SECRECY = "secrecy"


class Standing(StrEnum):
    """Where a task stands on the as-of day; exactly one of these."""

    EXCLUDED = "excluded"
    OPEN = "open"
    AHEAD = "ahead"
    ON_TIME = "on_time"
    LATE = "late"
    ENDED = "ended"
    EXTENDED = "extended"
    OVERDUE = "overdue"


DUE = frozenset({Standing.ON_TIME, Standing.LATE, Standing.ENDED, Standing.EXTENDED, Standing.OVERDUE})
"""The standings that make D; `on_time` among them makes N."""


@dataclass(frozen=True, slots=True)
class Step:
    """A deadline set by a document."""

    deadline: date
    document: str
    dated: date


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision approved here about one task; it outlives every later report."""

    kind: DecisionKind
    document: str
    dated: date
    deadline: date | None = None


class Terms(NamedTuple):
    """The two deadlines of a task: `counted` chooses its month, `open` says until when it may still be done.

    They differ after an extension whose document came too late.
    """

    counted: date
    open: date


class Position(NamedTuple):
    """What a task's counters depend on: deadlines, completion, end by document, secrecy."""

    terms: Terms
    completed_on: date | None = None
    ended_on: date | None = None
    secret: bool = False


def local_day(moment: datetime) -> date:
    """Return the day of `moment` in Việt Nam: compared in UTC, work handed in before seven the next
    morning would still count as on time."""
    # Zones first: to ask for the difference and to compare it takes ten times as long, for every task.
    if moment.year > LAST_CHANGE_OF_CLOCKS and (
        moment.tzinfo == SEVEN_HOURS_AHEAD or moment.utcoffset() == SEVEN_HOURS
    ):
        return moment.date()
    try:
        return moment.astimezone(VIETNAM).date()
    except OverflowError:  # the last hours of the year 9999 have no date in Việt Nam
        return moment.date()


def terms_of(first: date, steps: Sequence[Step], rolled: Mapping[date, date] = NO_ROLLING) -> Terms:
    """Return the deadlines in force after `steps`, given in the order they took effect.

    A step counts when its document is dated on or before the deadline it changes; from the first one
    that is not, only the open deadline moves and the month of the counted one keeps the task as late.
    `rolled`: non-working days and the working day their deadlines move to.
    """
    counted = still_open = rolled.get(first, first)
    in_time = True
    for step in steps:
        in_time = in_time and step.dated <= still_open
        still_open = rolled.get(step.deadline, step.deadline)
        if in_time:
            counted = still_open
    return Terms(counted, still_open)


def steps_in_force(reported: Iterable[Step], decisions: Iterable[Decision]) -> tuple[Step, ...]:
    """Lay the extensions decided here over the reported ones.

    Of the reported ones remain those dated before the first decision; what a source reports afterwards,
    or under the number of a decision, is a contradiction to be listed and changes nothing.
    """
    decided = sorted(
        (Step(d.deadline, d.document, d.dated) for d in decisions if d.deadline is not None
         and d.kind is DecisionKind.EXTENSION),
        key=lambda step: (step.dated, step.deadline, step.document),
    )  # fmt: skip
    ordered = sorted(reported, key=lambda step: (step.dated, step.deadline, step.document))
    if not decided:
        return tuple(ordered)
    numbers = {step.document for step in decided}
    kept = [s for s in ordered if s.dated < decided[0].dated and s.document not in numbers]
    return (*kept, *decided)


def reported_steps(report: TaskReport) -> tuple[Step, ...]:
    """Return the extensions a source reports."""
    return tuple(Step(e.deadline, e.document, e.dated) for e in report.extensions)


def ended_on(report: TaskReport, decisions: Sequence[Decision]) -> date | None:
    """Return the date of the document that took the task away, by decision here, else by report."""
    endings = (DecisionKind.WITHDRAWAL, DecisionKind.REASSIGNMENT)
    decided = [decision.dated for decision in decisions if decision.kind in endings] if decisions else ()
    if decided:
        return min(decided)
    if report.withdrawn is None and report.reassigned is None:
        return None
    reported = [end.dated for end in (report.withdrawn, report.reassigned) if end is not None]
    return min(reported)


def is_secret(report: TaskReport, decisions: Sequence[Decision]) -> bool:
    """Whether the task is secret, by report or by decision; no report lifts a decision."""
    if report.secret or not decisions:
        return report.secret
    return any(decision.kind is DecisionKind.SECRECY for decision in decisions)


SECRETS: Final = ("title", "assignees", "weight", "incidents")
"""What is not kept of the report of a secret task; its dates are, for a later decision may move them."""


def without_secrets(report: TaskReport) -> TaskReport:
    """Return what is kept of the report of a secret task."""
    return report.model_copy(
        update={**{name: TaskReport.model_fields[name].default for name in SECRETS}, "secret": True}
    )


def position_of(
    report: TaskReport, decisions: Sequence[Decision] = (), rolled: Mapping[date, date] = NO_ROLLING
) -> Position:
    """Return what the counters need of a reported task under the decisions taken here."""
    steps = steps_in_force(reported_steps(report), decisions) if report.extensions or decisions else ()
    return Position(
        terms=terms_of(report.deadline, steps, rolled),
        completed_on=None if report.completed_at is None else local_day(report.completed_at),
        ended_on=ended_on(report, decisions),
        secret=is_secret(report, decisions),
    )


def standing(task: Position, as_of: date) -> Standing:
    """Return where a task stands on the day `as_of`, which itself is not over yet.

    A deadline lasts until its day ends, so a task due on `as_of` still has time. Done before its
    deadline has passed it is `ahead`: it enters D and N together when the deadline has passed.
    """
    counted = task.terms.counted
    if task.secret or (task.ended_on is not None and task.ended_on <= counted):
        return Standing.EXCLUDED
    if counted >= as_of:
        return Standing.OPEN if task.completed_on is None else Standing.AHEAD
    if task.completed_on is not None:
        return Standing.ON_TIME if task.completed_on <= counted else Standing.LATE
    if task.ended_on is not None:
        return Standing.ENDED
    return Standing.EXTENDED if task.terms.open >= as_of else Standing.OVERDUE


def contradictions(report: TaskReport, decisions: Sequence[Decision]) -> tuple[str, ...]:
    """Say in Vietnamese what a source reports against the decisions taken here."""
    found: list[str] = []
    if decisions and report.secret is False and is_secret(report, decisions):
        found.append("Nguồn không ghi mật, nhưng đã có quyết định xác định nhiệm vụ mật.")
    decided = [d for d in decisions if d.kind is DecisionKind.EXTENSION]
    if decided:
        asked = terms_of(report.deadline, steps_in_force(reported_steps(report), ())).open
        held = terms_of(report.deadline, steps_in_force(reported_steps(report), decisions)).open
        if asked != held:
            found.append(f"Nguồn báo hạn {asked:%d/%m/%Y}; hạn theo quyết định là {held:%d/%m/%Y}.")
    return (*found, *_ending_contradictions(report, decisions))


def _ending_contradictions(report: TaskReport, decisions: Sequence[Decision]) -> tuple[str, ...]:
    found: list[str] = []
    labels = {DecisionKind.WITHDRAWAL: "rút", DecisionKind.REASSIGNMENT: "giao lại"}
    reported = {DecisionKind.WITHDRAWAL: report.withdrawn, DecisionKind.REASSIGNMENT: report.reassigned}
    for decision in decisions:
        label = labels.get(decision.kind)
        if label is None:
            continue
        end = reported[decision.kind]
        if end is not None and end.dated != decision.dated:
            found.append(f"Nguồn báo {label} ngày {end.dated:%d/%m/%Y}; quyết định ghi ngày {decision.dated:%d/%m/%Y}.")
        done = report.completed_at
        if done is not None and local_day(done) > decision.dated:
            found.append(f"Nguồn báo hoàn thành ngày {local_day(done):%d/%m/%Y}, sau quyết định {label}.")
    return tuple(found)
