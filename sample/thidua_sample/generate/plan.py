"""How many tasks are due, late and overdue in each month of each unit: whole numbers that add up exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thidua_sample.generate import totals
from thidua_sample.generate.draw import Draw, apportion
from thidua_sample.generate.records import SampleUnit

DECLARING: Final = ("stnmt-06", "stnmt-58", "stnmt-84", "stnmt-95")
"""Departments that send no tasks and declare monthly totals instead."""

# (unit, month): (on time, due). At exactly 90 % a month fails, just above it passes: both must occur.
EXACTLY_NINETY: Final = {
    ("stnmt-01", 3): (18, 20), ("stnmt-31", 6): (9, 10), ("btnmt-19", 9): (27, 30),
    ("stnmt-79", 11): (36, 40), ("stnmt-48", 5): (18, 20), ("btnmt-10", 3): (18, 20),
    ("stnmt-12", 3): (9, 10),
}  # fmt: skip
JUST_ABOVE: Final = {
    ("stnmt-01", 4): (19, 21), ("stnmt-31", 7): (10, 11), ("btnmt-10", 5): (28, 31),
    ("stnmt-79", 10): (37, 41), ("stnmt-42", 8): (19, 21),
}  # fmt: skip
# Nothing was due and the report says so: "not applicable", neither zero nor a full mark.
NOTHING_DUE: Final = (
    ("btnmt-26", 1), ("btnmt-26", 2), ("btnmt-27", 7), ("btnmt-25", 2), ("stnmt-12", 4), ("stnmt-62", 1),
)  # fmt: skip
FIXED: Final = {**EXACTLY_NINETY, **JUST_ABOVE, **dict.fromkeys(NOTHING_DUE, (0, 0))}

TASKS_BY_KIND: Final = {
    "so": 10, "vu": 11, "thanh_tra": 9, "van_phong": 14, "tong_cuc": 24, "cuc": 13, "su_nghiep": 3,
}  # fmt: skip
LARGE: Final = {
    "stnmt-01": 28,
    "stnmt-79": 30,
    "stnmt-31": 16,
    "stnmt-48": 15,
    "stnmt-75": 15,
    "stnmt-38": 15,
}
SEASON: Final = (6, 6, 8, 8, 8, 9, 8, 8, 9, 9, 10, 12)

# The published year was uneven: 86.44 % on time overall, while many units fail in no month. Figures are
# the relative weight of a late task: units that keep their time, units that mostly do, units that do not.
STEADY, MIXED, WEAK = 1, 16, 46
SHARES: Final = ((STEADY, 34), (MIXED, 28), (WEAK, 24))
MOST_LATE: Final = (6, 10)
"""Never more than six in ten tasks of a month are late."""

UNITS_WITH_OVERDUE: Final = 27


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """Tasks of one unit with their deadline in one month of 2022."""

    unit: str
    month: int
    on_time: int
    late: int
    overdue: int

    @property
    def due(self) -> int:
        """D of the on-time rate."""
        return self.on_time + self.late + self.overdue


@dataclass(frozen=True, slots=True)
class YearPlan:
    """Every month of every unit that sends tasks, and how many tasks each has open into 2023."""

    months: tuple[MonthPlan, ...]
    open_in_time: tuple[tuple[str, int], ...]


def year_plan(draw: Draw, units: tuple[SampleUnit, ...]) -> YearPlan:
    """Return a plan whose sums are the published totals; units that declare totals have no part in it."""
    senders = [unit for unit in units if unit.code not in DECLARING]
    sizes = {u.code: LARGE.get(u.code, TASKS_BY_KIND[u.kind]) * draw.between(60, 140) for u in senders}
    cells = [(unit.code, month) for unit in senders for month in range(1, 13)]
    due = _due(draw, cells, sizes)
    bad = _not_in_time(draw, cells, due, _qualities(draw, [unit.code for unit in senders]))
    overdue = _overdue(draw, cells, bad)
    months = tuple(
        MonthPlan(unit, month, on_time=d - b, late=b - o, overdue=o)
        for (unit, month), d, b, o in zip(cells, due, bad, overdue, strict=True)
    )
    opened = apportion(totals.OPEN_IN_TIME, [size * draw.between(70, 130) for size in sizes.values()])
    return YearPlan(months, tuple(zip(sizes, opened, strict=True)))


def _due(draw: Draw, cells: list[tuple[str, int]], sizes: dict[str, int]) -> list[int]:
    weights = [0 if cell in FIXED else sizes[cell[0]] * SEASON[cell[1] - 1] * draw.between(75, 125) for cell in cells]
    shared = apportion(totals.DUE_IN_YEAR - sum(due for _, due in FIXED.values()), weights)
    return [FIXED[cell][1] if cell in FIXED else share for cell, share in zip(cells, shared, strict=True)]


def _qualities(draw: Draw, codes: list[str]) -> dict[str, int]:
    kinds = [weight for weight, count in SHARES for _ in range(count)]
    return dict(zip(draw.shuffled(codes), kinds, strict=True))


def _not_in_time(draw: Draw, cells: list[tuple[str, int]], due: list[int], quality: dict[str, int]) -> list[int]:
    fixed = {cell: d - n for cell, (n, d) in FIXED.items()}
    weights = [
        0 if cell in fixed else d * quality[cell[0]] * draw.between(20, 180) for cell, d in zip(cells, due, strict=True)
    ]
    room = [d * MOST_LATE[0] // MOST_LATE[1] for d in due]
    shared = apportion(totals.LATE + totals.OVERDUE - sum(fixed.values()), weights, room)
    return [fixed.get(cell, share) for cell, share in zip(cells, shared, strict=True)]


def _overdue(draw: Draw, cells: list[tuple[str, int]], bad: list[int]) -> list[int]:
    late_units = list(dict.fromkeys(unit for (unit, _), b in zip(cells, bad, strict=True) if b > 2))
    chosen = set(draw.sample(late_units, UNITS_WITH_OVERDUE))
    # What is left undone is mostly recent: the weight grows with the month.
    weights = [b * month * month if unit in chosen else 0 for (unit, month), b in zip(cells, bad, strict=True)]
    return apportion(totals.OVERDUE, weights, bad)
