"""The life of one task: given, perhaps extended, perhaps withdrawn, completed in time, late or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from thidua.contracts.work import Assignee, Extension, TaskEnd, TaskReport, moment_of
from thidua_sample.generate.campaign import CLOSING_DAY, following
from thidua_sample.generate.draw import Draw
from thidua_sample.generate.records import TaskEvent
from thidua_sample.generate.totals import VIETNAM

FIRST_DAY: Final = date(2022, 1, 3)
LAST_DAY: Final = date(2022, 12, 31)
LEADS_IN_DAYS: Final = ((10, 3), (15, 4), (20, 4), (30, 5), (45, 3), (75, 1))

EXTENDED_IN_TIME_PERCENT: Final = 6
EXTENDED_TOO_LATE_PERCENT: Final = 7
LAST_HOUR_PERCENT: Final = 3
DONE_AFTER_CLOSING_PERCENT: Final = 5


@dataclass(frozen=True, slots=True)
class Given:
    """A task on the day it is given. `last` is the day its deadline in force will lie on."""

    source: str
    source_id: str
    unit: str
    title: str | None
    assignees: tuple[Assignee, ...]
    on: date
    last: date


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a moment of a day in Việt Nam."""
    return datetime.combine(day, time(hour, minute), VIETNAM)


def office_hour(draw: Draw, day: date) -> datetime:
    """Return a drawn minute of the working day."""
    return at(day, draw.between(8, 16), draw.below(60))


def day_given(draw: Draw, deadline: date) -> date:
    """Return the working day in 2022 on which a task with this deadline is given."""
    lead = draw.weighted(LEADS_IN_DAYS)
    earliest = max(FIRST_DAY, deadline - timedelta(days=lead + 5))
    latest = max(FIRST_DAY, deadline - timedelta(days=max(5, lead - 5)))
    return draw.workday(earliest, latest)


def report(given: Given, moment: datetime, deadline: date) -> TaskReport:
    """Return the first report of a task; its version is the moment in milliseconds."""
    return TaskReport(
        source=given.source,
        source_id=given.source_id,
        version=moment_of(moment),
        unit=given.unit,
        title=given.title,
        assignees=given.assignees,
        deadline=deadline,
        secret=given.title is None,
    )


def changed(event: TaskEvent, moment: datetime, **change: object) -> TaskEvent:
    """Return the next report of a task: the whole state again, changed in the fields named."""
    return TaskEvent(moment, event.report.model_copy(update={**change, "version": moment_of(moment)}))


def begin(draw: Draw, given: Given, *, extend_percent: int) -> list[TaskEvent]:
    """Return the report at the start and, in some tasks, an extension by a document dated in time."""
    moment = office_hour(draw, given.on)
    room = (given.last - given.on).days
    if room < 14 or not draw.chance(extend_percent):
        return [TaskEvent(moment, report(given, moment, given.last))]
    first_deadline = given.on + timedelta(days=draw.between(6, room - 5))
    start = TaskEvent(moment, report(given, moment, first_deadline))
    # Dated on the deadline itself in some cases: that is still in time.
    latest = min(first_deadline, LAST_DAY - timedelta(days=3))
    dated = latest if draw.chance(15) else draw.workday(given.on + timedelta(days=1), latest)
    return [start, extended(draw, start, dated, given.last)]


def extended(draw: Draw, event: TaskEvent, dated: date, deadline: date) -> TaskEvent:
    """Return the report that adds an extension by a document of `dated`."""
    number = f"{draw.between(100, 4999)}/GH-BTNMT"
    extension = Extension(deadline=deadline, document=number, dated=dated)
    return changed(event, at(dated, 17, draw.below(60)), extensions=(*event.report.extensions, extension))


def complete_in_time(draw: Draw, events: list[TaskEvent], deadline: date) -> TaskEvent:
    """Return the completion of a task on or before its deadline, now and then in the last hour of it."""
    if draw.chance(LAST_HOUR_PERCENT):
        return _completed(draw, events[-1], at(deadline, 23, draw.between(0, 59)))
    first = events[-1].at.date() + timedelta(days=1)
    # Most work is handed in close to its deadline.
    near = max(first, deadline - timedelta(days=draw.between(1, 12)))
    return _completed(draw, events[-1], office_hour(draw, draw.workday(near, deadline)))


def complete_late(draw: Draw, events: list[TaskEvent], deadline: date) -> list[TaskEvent]:
    """Return what follows a missed deadline: perhaps an extension that comes too late, and the completion."""
    more: list[TaskEvent] = []
    first = deadline + timedelta(days=1)
    if draw.chance(EXTENDED_TOO_LATE_PERCENT) and deadline < date(2022, 11, 20):
        dated = draw.workday(first, first + timedelta(days=8))
        more.append(extended(draw, events[-1], dated, dated + timedelta(days=20)))
        first = dated + timedelta(days=1)
    last = min(LAST_DAY, _late_until(draw, deadline, first))
    newest = (more or events)[-1]
    if not more and draw.chance(LAST_HOUR_PERCENT):
        # Minutes after midnight in Việt Nam are late, although the day in UTC is still the deadline.
        return [_completed(draw, newest, at(first, 0, draw.between(1, 59)))]
    return [*more, _completed(draw, newest, office_hour(draw, draw.workday(first, last)))]


def _late_until(draw: Draw, deadline: date, first: date) -> date:
    # Most late work is done before its month is closed; what is done later corrects the closed month.
    if draw.chance(DONE_AFTER_CLOSING_PERCENT):
        return first + timedelta(days=draw.between(20, 50))
    closing = date(*following(deadline.month), CLOSING_DAY)
    return max(first, min(first + timedelta(days=20), closing - timedelta(days=1)))


def _completed(draw: Draw, event: TaskEvent, moment: datetime) -> TaskEvent:
    return changed(event, moment + timedelta(minutes=draw.between(1, 20)), completed_at=moment)


def end(draw: Draw, event: TaskEvent, dated: date, how: str) -> TaskEvent:
    """Return the report that withdraws or reassigns (`how`) a task by a document of `dated`."""
    document = TaskEnd(document=f"{draw.between(100, 4999)}/BTNMT-VP", dated=dated)
    return changed(event, at(dated, 17, draw.below(60)), **{how: document})
