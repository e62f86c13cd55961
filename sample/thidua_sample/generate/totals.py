"""The published totals that the tasks of the sample year reproduce exactly.

Source: report 1270/BC-TCTTTg on tasks given by the Government and the Prime Minister in 2017
(https://hethongphapluat.vn/bao-cao-1270-bc-tctttg-...): 21,914 tasks, of them 16,051 completed
(14,068 on time, 1,983 late) and 5,863 not completed (5,640 still in time, 223 overdue).

How the four totals are counted here: over all 21,914 tasks, by completion and deadline in force on
31 December 2022 alone, as the published report does. Every completed or overdue task has its
deadline in 2022, every task still in time has it in 2023. The tasks that the monthly rates leave out
(withdrawn or reassigned in time, secret) are inside the total, all among the 5,640 still in time; a
reassigned task counts at its giver, and its successor at the receiver is one of the 21,914 as well.
So the months of 2022 of all units that send tasks add up to D = 16,274 and N = 14,068, and both
published rates come out of the same tasks:

* done / (done + overdue) = 16,051 / 16,274 = 98.63 % (the report prints 98.62 %)
* on time / (done + overdue) = 14,068 / 16,274 = 86.44 %

Totals that units declare themselves come on top: they are no tasks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from typing import Final

from thidua.contracts import TaskReport

ON_TIME: Final = 14_068
LATE: Final = 1_983
OPEN_IN_TIME: Final = 5_640
OVERDUE: Final = 223

DUE_IN_YEAR: Final = ON_TIME + LATE + OVERDUE
AS_OF: Final = date(2022, 12, 31)

# Việt Nam has had no other offset since 1975, and a fixed one needs no time zone database.
VIETNAM: Final = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class FourStates:
    """Tasks by the four states of the published report."""

    on_time: int
    late: int
    open_in_time: int
    overdue: int

    @property
    def total(self) -> int:
        """All tasks."""
        return self.on_time + self.late + self.open_in_time + self.overdue


PUBLISHED: Final = FourStates(ON_TIME, LATE, OPEN_IN_TIME, OVERDUE)


def deadline_in_force(task: TaskReport) -> date:
    """Return the deadline that decides on time or late: an extension counts when dated in time."""
    deadline = task.deadline
    for extension in task.extensions:
        if extension.dated <= deadline:
            deadline = extension.deadline
    return deadline


def state_of(task: TaskReport, as_of: date = AS_OF) -> str:
    """Return the published state of a task on a day, the day included."""
    deadline = deadline_in_force(task)
    if task.completed_at is not None and task.completed_at.astimezone(VIETNAM).date() <= as_of:
        return "on_time" if task.completed_at.astimezone(VIETNAM).date() <= deadline else "late"
    return "overdue" if deadline < as_of else "open_in_time"


def four_states(tasks: Iterable[TaskReport], as_of: date = AS_OF) -> FourStates:
    """Count tasks, the newest version of each, by the four states of the published report."""
    counts = Counter(state_of(task, as_of) for task in tasks)
    return FourStates(counts["on_time"], counts["late"], counts["open_in_time"], counts["overdue"])
