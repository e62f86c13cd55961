"""Months: figures, rates, states, and what keeps a month from closing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from thidua_monitoring.domain.deadlines import DUE, VIETNAM, Standing

PASSES_ABOVE = Fraction(9, 10)
"""A month passes when the on-time rate is *more than* this; công văn 8240/BTNMT-TĐKTTT, 2021-12-31."""


@dataclass(frozen=True)
class Rate:
    """An exact share: `part` of `whole`; `whole` is never zero."""

    part: int
    whole: int

    @property
    def passes(self) -> bool:
        """Whether it is more than 90 %: whole numbers, so that exactly 90 % fails for certain."""
        return self.part * PASSES_ABOVE.denominator > self.whole * PASSES_ABOVE.numerator

    def percent(self, rounding: str = ROUND_HALF_UP) -> Decimal:
        """Return the share in percent with two places; `ROUND_DOWN` is how the 2017 report printed it."""
        exact = Decimal(self.part * 100) / Decimal(self.whole)
        return exact.quantize(Decimal("0.01"), rounding=rounding)


@dataclass(frozen=True)
class Figures:
    """The counters of one subject in one month.

    `due` is D, `on_time` is N. D also holds what is neither on time, late nor overdue: tasks withdrawn
    after their deadline or given a new one too late. `ahead` are those of `open` that are already done.
    """

    due: int = 0
    on_time: int = 0
    late: int = 0
    open: int = 0
    ahead: int = 0
    overdue: int = 0
    excluded: int = 0

    def __add__(self, other: Figures) -> Figures:
        names = [field.name for field in fields(self)]
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in names})


CONTRIBUTIONS: Mapping[Standing, Figures] = {
    Standing.EXCLUDED: Figures(excluded=1),
    Standing.OPEN: Figures(open=1),
    Standing.AHEAD: Figures(open=1, ahead=1),
    Standing.ON_TIME: Figures(due=1, on_time=1),
    Standing.LATE: Figures(due=1, late=1),
    Standing.ENDED: Figures(due=1),
    Standing.EXTENDED: Figures(due=1),
    Standing.OVERDUE: Figures(due=1, overdue=1),
}
"""What one task adds to its month's counters, by where it stands."""


def figures_of(standings: Iterable[Standing]) -> Figures:
    """Add up the tasks of one subject and month."""
    return sum((CONTRIBUTIONS[each] for each in standings), Figures())


def on_time_rate(figures: Figures) -> Rate | None:
    """Return N / D; None means D = 0, "not applicable", and is never shown as 0 % or 100 %.

    >>> on_time_rate(Figures(due=20, on_time=18)).passes
    False
    """
    return Rate(figures.on_time, figures.due) if figures.due else None


def completion_rate(figures: Figures) -> Rate | None:
    """Return the share of what was due that was completed at all, late included.

    The national report of 2017 printed this one; the movement asks for `on_time_rate`.
    """
    return Rate(figures.on_time + figures.late, figures.due) if figures.due else None


@lru_cache(maxsize=10_000)
def month_of(day: date) -> str:
    """Return the month of a day: `2022-03`."""
    return f"{day.year:04d}-{day.month:02d}"


def is_month(period: str) -> bool:
    """Whether a period is a month: `2022-03`, not `2022-Q1`, `2022-H1` or `2022`."""
    return len(period) == 7 and period[5].isdigit()


def first_day(month: str) -> date:
    """Return the first day of a month."""
    return date(int(month[:4]), int(month[5:7]), 1)


def last_day(month: str) -> date:
    """Return the last day of a month."""
    return (first_day(month) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def start_of_day(day: date) -> datetime:
    """Return midnight in Việt Nam at the start of `day`."""
    return datetime.combine(day, time(), VIETNAM)


def period_end(period: str) -> date:
    """Return the last day of a year, half-year, quarter or month."""
    year, _, part = period.partition("-")
    if not part:
        return date(int(year), 12, 31)
    if part[0] == "H":
        return last_day(f"{year}-{int(part[1]) * 6:02d}")
    if part[0] == "Q":
        return last_day(f"{year}-{int(part[1]) * 3:02d}")
    return last_day(period)


def period_start(period: str) -> date:
    """Return the first day of a year, half-year, quarter or month."""
    year, _, part = period.partition("-")
    months = {"": 1, "H1": 1, "H2": 7, "Q1": 1, "Q2": 4, "Q3": 7, "Q4": 10}
    return date(int(year), months[part] if part in months else int(part), 1)


class Obstacle(StrEnum):
    """Why a month waits with closing; the labels of `thidua_period_close_blocked`."""

    SOURCE_BEHIND = "source_behind"
    LAG = "lag"
    DEAD_LETTERS = "dead_letters"


@dataclass(frozen=True)
class Blocked:
    """One reason why a month cannot be closed yet, and a sentence for whoever can remove it, in both languages."""

    reason: Obstacle
    sentence: str
    english: str


def closing_moment(closes_on: date) -> datetime:
    """Return the moment a month closes: the start of its closing day in Việt Nam."""
    return start_of_day(closes_on)


def close_obstacles(
    closes_on: date, vouched: Mapping[str, datetime | None], lag: int, letters: int
) -> tuple[Blocked, ...]:
    """Return what keeps a month from closing.

    `vouched`: for every source that must vouch, until when it did. `lag`: events not read yet.
    `letters`: dead letters and parked events that touch the month. A unit that never reported is no
    obstacle: it is listed as missing.
    """
    moment = closing_moment(closes_on)
    behind = sorted(name for name, until in vouched.items() if until is None or until < moment)
    found = [
        Blocked(
            Obstacle.SOURCE_BEHIND,
            f"Nguồn {name} chưa xác nhận đã gửi đủ số liệu đến {closes_on:%d/%m/%Y}.",
            f"The source {name} has not vouched up to {closes_on}.",
        )
        for name in behind
    ]
    if lag:
        found.append(Blocked(Obstacle.LAG, f"Còn {lag} bản tin chưa đọc hết.", f"{lag} records are not read yet."))
    if letters:
        sentence = f"Còn {letters} bản tin nhiệm vụ chưa xử lý được (lỗi hoặc chờ đơn vị, người chưa khai báo)."
        found.append(Blocked(Obstacle.DEAD_LETTERS, sentence, f"{letters} task events are dead letters or parked."))
    return tuple(found)


def is_due(standing_now: Standing) -> bool:
    """Whether a task with this standing is counted in D."""
    return standing_now in DUE


__all__ = [
    "CONTRIBUTIONS", "PASSES_ABOVE", "ROUND_DOWN", "Blocked", "Figures", "Obstacle", "Rate", "close_obstacles",
    "closing_moment", "completion_rate", "figures_of", "first_day", "is_due", "last_day", "month_of",
    "on_time_rate", "period_end", "period_start", "start_of_day",
]  # fmt: skip
