"""Task events of an e-office, and the independent recount of what their counters must come to."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

Totals = dict[tuple[str, str], tuple[int, int, int]]
"""Unit and month to tasks due, done on time, done late."""


@dataclass
class Tally:
    """Draws events: six in ten are new tasks, two change one, one repeats what was said, one says something older."""

    units: int
    dice: random.Random = field(default_factory=lambda: random.Random(2022))
    newest: list[tuple[int, str, date, date | None]] = field(default_factory=list)
    drawn: int = 0

    def draw(self) -> tuple[bytes, bytes]:
        """Return the key and body of the next event."""
        self.drawn += 1
        chance = self.dice.random()
        if len(self.newest) < 10 or chance < 0.6:
            self.newest.append(self._task(1, f"dv-{self.dice.randrange(self.units)}"))
            return self._body(len(self.newest) - 1, self.newest[-1])
        number = self.dice.randrange(len(self.newest))
        version, unit, *_ = self.newest[number]
        if chance < 0.8:
            self.newest[number] = self._task(version + 1, unit)
        elif chance > 0.9:
            return self._body(number, self._task(version - 1, unit))
        return self._body(number, self.newest[number])

    def totals(self) -> Totals:
        """Recount from the newest version of every task."""
        due: Counter[tuple[str, str]] = Counter()
        on_time: Counter[tuple[str, str]] = Counter()
        late: Counter[tuple[str, str]] = Counter()
        for _, unit, deadline, done in self.newest:
            place = unit, f"{deadline:%Y-%m}"
            due[place] += 1
            if done is not None:
                (on_time if done <= deadline else late)[place] += 1
        return {place: (count, on_time[place], late[place]) for place, count in due.items()}

    def _task(self, version: int, unit: str) -> tuple[int, str, date, date | None]:
        deadline = date(2022, self.dice.randrange(1, 13), self.dice.randrange(1, 29))
        done = deadline + timedelta(self.dice.choice((-1, 0, 0, 3)))
        return version, unit, deadline, None if self.dice.random() < 0.1 else done

    def _body(self, number: int, task: tuple[int, str, date, date | None]) -> tuple[bytes, bytes]:
        version, unit, deadline, done = task
        body = {
            "source": "eoffice", "source_id": f"{number}", "version": version, "unit": unit, "deadline": f"{deadline}",
            "completed_at": None if done is None else f"{done}T09:00:00+07:00",
        }  # fmt: skip
        return unit.encode(), json.dumps(body).encode()


def differences(found: Totals, wanted: Totals) -> list[str]:
    """Say which counters differ; one of zero may be missing."""
    none = (0, 0, 0)
    return [
        f"{unit} {month}: {found.get((unit, month), none)} instead of {wanted.get((unit, month), none)}"
        for unit, month in sorted(found.keys() | wanted.keys())
        if found.get((unit, month), none) != wanted.get((unit, month), none)
    ]
