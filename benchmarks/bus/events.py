"""The task events of the benchmark, and the independent recount of what their counters must come to.

Units and months are drawn evenly, so a batch touches nearly all of them: the hardest order for whoever keeps
counters. Three mixes: `new` (every event a new task), `updates` (half of the events change a task among the
newest tenth), `repeats` (one in ten events repeats what was said before, one in ten is an older version).
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

UNITS: Final = 2_000
PEOPLE_PER_UNIT: Final = 5
MIXES: Final = ("new", "updates", "repeats")
YEAR: Final = 2022
FIRST_VERSION: Final = 2
"""So that an older version exists of every task."""

FEWEST: Final = 10
"""So many tasks there are before the first one is changed or repeated."""

LATE_DAYS: Final = 20
SOURCE: Final = "eoffice"

Totals = dict[tuple[str, str], tuple[int, int, int]]
"""Subject and month to tasks due, done on time, done late."""


def unit_code(number: int) -> str:
    """Return the code (and id) of a unit."""
    return f"dv-{number:05d}"


def person_code(unit: int, number: int) -> str:
    """Return the code (and id) of a person."""
    return f"cb-{unit:05d}-{number}"


@dataclass(frozen=True, slots=True)
class Task:
    """One version of a task; `done` is None while it is not done."""

    number: int
    version: int
    unit: int
    person: int
    deadline: date
    done: date | None

    @property
    def subjects(self) -> tuple[str, str]:
        """The unit and the person for whom this task counts."""
        return unit_code(self.unit), person_code(self.unit, self.person)

    def body(self) -> bytes:
        """Return the record's body as the contract of `tasks` has it."""
        unit, person = self.subjects
        minute = self.number % 540
        done = None if self.done is None else f"{self.done}T{8 + minute // 60:02d}:{minute % 60:02d}:00+07:00"
        return json.dumps(
            {
                "source": SOURCE, "source_id": f"{YEAR}/{self.number:08d}", "version": self.version, "unit": unit,
                "title": f"Xử lý hồ sơ công việc số {self.number}", "assignees": [{"code": person, "weight": 1}],
                "deadline": f"{self.deadline}", "completed_at": done,
            },
            ensure_ascii=False, separators=(",", ":"),
        ).encode()  # fmt: skip


@dataclass
class Workload:
    """Everything said so far: draws the next event, and recounts what it all must come to.

    `first`: number of the first task, for a workload that goes on where another one ended.
    """

    mix: str
    first: int = 0
    _dice: random.Random = field(default_factory=lambda: random.Random(2022))
    _newest: list[Task] = field(default_factory=list)

    def events(self, count: int) -> Iterator[Task]:
        """Draw the next `count` events of the mix."""
        draw = {"new": self._new, "updates": self._new_or_update, "repeats": self._new_or_repeat}[self.mix]
        for _ in range(count):
            yield draw()

    def totals(self) -> Totals:
        """Recount from the newest version of every task; nothing here knows how a contestant counts."""
        due: Counter[tuple[str, str]] = Counter()
        on_time: Counter[tuple[str, str]] = Counter()
        late: Counter[tuple[str, str]] = Counter()
        for task in self._newest:
            kept = None if task.done is None else on_time if task.done <= task.deadline else late
            for subject in task.subjects:
                place = subject, str(task.deadline)[:7]
                due[place] += 1
                if kept is not None:
                    kept[place] += 1
        return {place: (count, on_time[place], late[place]) for place, count in due.items()}

    def _new(self) -> Task:
        unit, person = self._dice.randrange(UNITS), self._dice.randrange(PEOPLE_PER_UNIT)
        task = self._drawn(self.first + len(self._newest), FIRST_VERSION, unit, person)
        self._newest.append(task)
        return task

    def _new_or_update(self) -> Task:
        count = len(self._newest)
        if count < FEWEST or self._dice.random() < 0.5:
            return self._new()
        old = self._newest[count - 1 - self._dice.randrange(count // 10)]
        task = self._drawn(old.number, old.version + 1, old.unit, old.person)
        self._newest[old.number - self.first] = task
        return task

    def _new_or_repeat(self) -> Task:
        chance = self._dice.random()
        if len(self._newest) < FEWEST or chance < 0.8:
            return self._new()
        known = self._newest[self._dice.randrange(len(self._newest))]
        if chance < 0.9:
            return known
        return self._drawn(known.number, known.version - 1, known.unit, known.person)

    def _drawn(self, number: int, version: int, unit: int, person: int) -> Task:
        dice = self._dice
        deadline = date(YEAR, dice.randrange(1, 13), dice.randrange(1, 29))
        chance = dice.random()
        done = deadline if chance < 0.9 else deadline + timedelta(dice.randrange(1, LATE_DAYS))
        return Task(number, version, unit, person, deadline, None if chance > 0.97 else done)


def differences(found: Totals, wanted: Totals) -> list[str]:
    """Say which counters differ; a counter of zero may be missing."""
    none = (0, 0, 0)
    places = wanted.keys() | found.keys()
    wrong = sorted(place for place in places if found.get(place, none) != wanted.get(place, none))
    shown = [f"{p[0]} {p[1]}: {found.get(p, none)} instead of {wanted.get(p, none)}" for p in wrong[:3]]
    return [f"{len(wrong)} counters of {len(places)} are wrong", *shown] if wrong else []
