"""New tasks of the usual kind: most of what comes. What they cost is asked once for all that are alike.

Their reports are plain (`thidua_runtime.plain_reports`), nobody extended or ended them, no decision concerns them,
their unit's code means one unit on every day. All others are merged one by one (`commands.tasks`), with equal results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from asyncpg import UniqueViolationError

from thidua.contracts import TaskReport
from thidua_monitoring.commands.frame import Frame, Task
from thidua_monitoring.domain.deadlines import local_day, position_of, standing
from thidua_monitoring.domain.months import month_of
from thidua_monitoring.domain.sources import Sources
from thidua_monitoring.queries import new_tasks
from thidua_monitoring.queries.counting import MOVED, Counts
from thidua_monitoring.queries.ledger import SEPARATOR
from thidua_monitoring.queries.names import MOST_KEPT, Names
from thidua_runtime.database import Transaction
from thidua_runtime.plain_reports import is_plain


class Days(NamedTuple):
    """What a deadline and a day of completion come to: the month, what counters move by, and a row's words."""

    month: str
    moved: int
    part: bytes


class People(NamedTuple):
    """The people of a task, and they in a row's words."""

    people: tuple[str, ...]
    part: bytes


class Candidate(NamedTuple):
    """A task that may be new, with what its report means."""

    source: str
    source_id: str
    arrival: Task
    unit: str
    days: Days
    people: People


@dataclass(frozen=True)
class Meanings:
    """What codes and days of reports mean on an as-of day, found out once for each; None: not usual.

    It holds for all batches with these names and rolling days.
    """

    sources: Sources
    names: Names
    as_of: date
    rolled: Mapping[date, date]
    units: dict[tuple[str, str], str | None] = field(default_factory=dict)
    people: dict[tuple[str, ...], People | None] = field(default_factory=dict)
    days: dict[tuple[date, date | None], Days] = field(default_factory=dict)

    def candidate(self, arrival: Task, report: TaskReport) -> Candidate | None:
        """Return what a report means if it is of the usual kind."""
        if not is_plain(report) or report.extensions or report.withdrawn is not None or report.reassigned is not None:
            return None
        spoken = source, _ = report.source, report.unit
        unit = self.units[spoken] if spoken in self.units else self._unit(*spoken)
        if unit is None:
            return None
        staff = (unit, *[assignee.code for assignee in report.assignees])
        people = self.people[staff] if staff in self.people else self._people(staff)
        if people is None:
            return None
        done = report.completed_at
        dates = report.deadline, None if done is None else local_day(done)
        days = self.days[dates] if dates in self.days else self._days(dates, report)
        return Candidate(source, report.source_id, arrival, unit, days, people)

    def _unit(self, source: str, code: str) -> str | None:
        unit = self.names.lone_unit(self.sources.our_code(source, code))
        self.units[source, code] = None if unit is None or SEPARATOR in unit else unit
        return self.units[source, code]

    def _people(self, staff: tuple[str, ...]) -> People | None:
        unit, *codes = staff
        found = [self.names.person(code, unit) for code in codes]
        known = tuple(sorted({person for person in found if person is not None}))
        is_usual = None not in found and not any(SEPARATOR in person for person in known)
        people = self.people[staff] = People(known, new_tasks.people_part(known)) if is_usual else None
        return people

    def _days(self, dates: tuple[date, date | None], report: TaskReport) -> Days:
        position = position_of(report, (), self.rolled)
        stands, month = standing(position, self.as_of), month_of(position.terms.counted)
        days = self.days[dates] = Days(month, MOVED[stands], new_tasks.days_part(month, position, stands))
        return days


def meanings_of(frame: Frame) -> Meanings:
    """Return what was found out for earlier batches, as far as it still holds."""
    kept = frame.names.concluded.get(Meanings)
    made = Meanings(frame.sources, frame.names, frame.as_of, frame.rolled)
    if kept is None or (kept.as_of, kept.rolled) != (made.as_of, made.rolled) or len(kept.people) > MOST_KEPT:
        kept = frame.names.concluded[Meanings] = made
    assert isinstance(kept, Meanings)
    return kept


class Sorted(NamedTuple):
    """Arrivals that may be stored as new tasks, and those that are merged."""

    candidates: Sequence[Candidate]
    others: Sequence[Task]


def sort_out(arrivals: Iterable[Task], frame: Frame) -> Sorted:
    """Find the arrivals that are of the usual kind."""
    meanings = meanings_of(frame)
    decided = frame.decisions
    candidates: list[Candidate] = []
    others: list[Task] = []
    for arrival in arrivals:
        report = arrival.state
        if report is None:
            continue
        found = meanings.candidate(arrival, report)
        if found is None or (decided and found[:2] in decided):
            others.append(arrival)
        else:
            candidates.append(found)
    return Sorted(candidates, others)


async def add(tx: Transaction, candidates: Sequence[Candidate], frame: Frame) -> Sorted:
    """Store the candidates that the ledger does not hold yet; return them, and what is to be merged."""
    stored = await _stored(tx, candidates)
    fresh = [each for each in candidates if each.source_id not in stored.get(each.source, ())] if stored else candidates
    known = [each.arrival for each in candidates if each.source_id in stored.get(each.source, ())] if stored else []
    if fresh:
        try:
            # In key order, as everybody takes them: source and id come first, and no two share them.
            await new_tasks.copy(tx, _worded(sorted(fresh), frame))
        except UniqueViolationError:
            # Another transaction has stored one of them since.
            return Sorted((), [each.arrival for each in candidates])
    return Sorted(fresh, known)


def count(tasks: Iterable[Candidate]) -> Counts:
    """Count new tasks for their units and people."""
    counts = Counts()
    units, people = counts.units, counts.people
    for task in tasks:
        month, moved, _ = task.days
        units[month, task.unit] += moved
        for person in task.people.people:
            people[month, person] += moved
    return counts


async def _stored(tx: Transaction, candidates: Sequence[Candidate]) -> Mapping[str, set[str]]:
    ids: dict[str, list[str]] = {}
    for each in candidates:
        ids.setdefault(each.source, []).append(each.source_id)
    found = {source: await new_tasks.stored(tx, source, named) for source, named in sorted(ids.items())}
    return {source: stored for source, stored in found.items() if stored}


def _worded(tasks: Iterable[Candidate], frame: Frame) -> Iterable[new_tasks.NewTask]:
    sources: dict[str, bytes] = {}
    units: dict[str, bytes] = {}
    moments: dict[int, bytes] = {}
    for source, source_id, arrival, unit, days, people in tasks:
        record = arrival.record
        taken = record.timestamp_ms
        if source not in sources:
            sources[source] = new_tasks.source_part(source)
        if unit not in units:
            units[unit] = new_tasks.unit_part(unit)
        if taken not in moments:
            moments[taken] = new_tasks.moment_part(frame.moment(arrival))
        yield new_tasks.NewTask(
            sources[source], source_id, arrival.version, units[unit], days.part, people.part, record.body or b"",
            moments[taken],
        )  # fmt: skip
