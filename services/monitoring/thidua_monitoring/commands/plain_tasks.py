"""New tasks of the usual kind: most of what comes. What they cost is asked once for all that are alike.

Their reports are plain (`thidua_runtime.plain_reports`), nobody extended or ended them, no decision concerns them,
their unit's code means one unit on every day. All others are merged one by one (`commands.tasks`), with equal results.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

from asyncpg import UniqueViolationError

from thidua.contracts import TaskReport
from thidua_monitoring.commands.frame import Frame, Task
from thidua_monitoring.domain.deadlines import local_day, position_of, standing
from thidua_monitoring.domain.months import month_of
from thidua_monitoring.domain.sources import Sources
from thidua_monitoring.queries import new_tasks
from thidua_monitoring.queries.counting import Counts, Move
from thidua_monitoring.queries.ledger import SEPARATOR
from thidua_monitoring.queries.names import MOST_KEPT, Names
from thidua_monitoring.queries.new_tasks import Days, NewTask, Subject
from thidua_runtime.database import Transaction
from thidua_runtime.plain_reports import PlainReport

_SUBJECT: Final = itemgetter(2)

Spoken = tuple[str, ...]
"""Whom a report is about as its source says: the source, the unit's code, the codes of people."""


class Sorted(NamedTuple):
    """Arrivals that may be stored as new tasks, and those that are merged."""

    candidates: Sequence[NewTask]
    others: Sequence[Task]


@dataclass(frozen=True)
class Meanings:
    """What codes and days of reports mean on an as-of day, found out once for each; None: not usual.

    It holds for all batches with these names and rolling days.
    """

    sources: Sources
    names: Names
    as_of: date
    rolled: Mapping[date, date]
    subjects: dict[Spoken, Subject | None] = field(default_factory=dict)
    days: dict[tuple[date, date | None], Days] = field(default_factory=dict)

    def sort_out(self, arrivals: Iterable[Task], decided: Container[tuple[str, str]]) -> Sorted:
        """Find the reports that are of the usual kind and about which nothing was decided."""
        subjects, known_days = self.subjects, self.days
        candidates: list[NewTask] = []
        others: list[Task] = []
        for arrival in arrivals:
            report = arrival.state
            assert report is not None
            subject: Subject | None = None
            if isinstance(report, PlainReport) and not (report.extensions or report.withdrawn or report.reassigned):
                staff = report.assignees
                if len(staff) == 1:
                    spoken: Spoken = (report.source, report.unit, staff[0].code)
                else:
                    spoken = (report.source, report.unit, *[assignee.code for assignee in staff])
                subject = subjects.get(spoken) or (None if spoken in subjects else self._subject(spoken))
            if subject is None or (decided and (report.source, report.source_id) in decided):
                others.append(arrival)
                continue
            done = report.completed_at
            dates = report.deadline, None if done is None else local_day(done)
            days = known_days.get(dates) or self._days(dates, report)
            candidates.append((report.source_id, arrival, subject, days))
        return Sorted(candidates, others)

    def _subject(self, spoken: Spoken) -> Subject | None:
        source, code, *codes = spoken
        unit = self.names.lone_unit(self.sources.our_code(source, code))
        people = None if unit is None or SEPARATOR in unit else self._people(unit, codes)
        if unit is None or people is None:
            self.subjects[spoken] = None
        else:
            self.subjects[spoken] = new_tasks.subject_of(source, unit, people)
        return self.subjects[spoken]

    def _people(self, unit: str, codes: Iterable[str]) -> tuple[str, ...] | None:
        found = [self.names.person(code, unit) for code in codes]
        known = tuple(sorted({person for person in found if person is not None}))
        is_usual = None not in found and not any(SEPARATOR in person for person in known)
        return known if is_usual else None

    def _days(self, dates: tuple[date, date | None], report: TaskReport) -> Days:
        position = position_of(report, (), self.rolled)
        stands, month = standing(position, self.as_of), month_of(position.terms.counted)
        days = self.days[dates] = new_tasks.days_of(month, position, stands)
        return days


def meanings_of(frame: Frame) -> Meanings:
    """Return what was found out for earlier batches, as far as it still holds."""
    kept = frame.names.concluded.get(Meanings)
    made = Meanings(frame.sources, frame.names, frame.as_of, frame.rolled)
    if kept is None or (kept.as_of, kept.rolled) != (made.as_of, made.rolled) or len(kept.subjects) > MOST_KEPT:
        kept = frame.names.concluded[Meanings] = made
    assert isinstance(kept, Meanings)
    return kept


def sort_out(arrivals: Iterable[Task], frame: Frame) -> Sorted:
    """Find the reports that are of the usual kind; they come in the order of the ledger's key. No tombstones."""
    found = meanings_of(frame).sort_out(arrivals, frame.decisions)
    # Arrivals are in the order of source and id with a slash between: of one source that is the order of its ids.
    if len(sources_of(subjects_of(found.candidates))) > 1:
        return found._replace(candidates=sorted(found.candidates, key=_key))
    return found


def _key(task: NewTask) -> tuple[str, str]:
    source_id, _, subject, _ = task
    return subject.source, source_id


def subjects_of(tasks: Iterable[NewTask]) -> Counter[Subject]:
    """Return whom tasks are for, and how many of them."""
    return Counter(map(_SUBJECT, tasks))


def sources_of(subjects: Mapping[Subject, int]) -> Counter[str]:
    """Return which sources tasks are of, and how many of them; see `subjects_of`."""
    found: Counter[str] = Counter()
    for subject, number in subjects.items():
        found[subject.source] += number
    return found


async def add(tx: Transaction, candidates: Sequence[NewTask], frame: Frame) -> Sorted:
    """Store the candidates that the ledger does not hold yet; return them, and what is to be merged."""
    if not candidates:
        return Sorted((), ())
    kept = frame.names.concluded
    # After a batch of new tasks alone the next one is taken for another: nothing is looked for before COPY objects.
    if kept.get(add) and await _are_stored_as_new(tx, candidates, frame):
        return Sorted(candidates, ())
    stored = await _stored(tx, candidates)
    kept[add] = not stored
    fresh = [each for each in candidates if _key(each) not in stored] if stored else candidates
    known = [each[1] for each in candidates if _key(each) in stored] if stored else []
    if fresh and not await _are_stored_as_new(tx, fresh, frame):
        # Another transaction has stored one of them since.
        return Sorted((), [arrival for _, arrival, _, _ in candidates])
    return Sorted(fresh, known)


async def _are_stored_as_new(tx: Transaction, tasks: Sequence[NewTask], frame: Frame) -> bool:
    try:
        await new_tasks.copy(tx, tasks, frame.now)
    except UniqueViolationError:
        return False
    return True


def count(tasks: Iterable[NewTask]) -> Counts:
    """Count new tasks for their units and people."""
    alike: defaultdict[Move, list[Subject]] = defaultdict(list)
    for _, _, subject, days in tasks:
        alike[days.move].append(subject)
    people = {move: [person for each in subjects for person in each.people] for move, subjects in alike.items()}
    return Counts(
        units={move: Counter([each.unit for each in subjects]) for move, subjects in alike.items()},
        people={move: Counter(moved) for move, moved in people.items() if moved},
    )


async def _stored(tx: Transaction, tasks: Iterable[NewTask]) -> Set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for source, together in groupby(tasks, _source):
        ids = await new_tasks.stored(tx, source, [source_id for source_id, _, _, _ in together])
        found.update((source, each) for each in ids)
    return found


def _source(task: NewTask) -> str:
    return task[2].source
