"""The injected clock: the only place of the suite that may ask what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Time zone of every date in the suite; it has no daylight saving time."""


class Clock(Protocol):
    """Tells the business time; the sample year and tests bring their own."""

    def now(self) -> datetime:
        """Return the present moment, aware, in Asia/Ho_Chi_Minh."""
        ...

    def today(self) -> date:
        """Return today's date in Asia/Ho_Chi_Minh."""
        ...


class SystemClock:
    """The machine's clock, shifted by `offset` (zero but for a sample that lives in its own year)."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Return the machine's time plus the offset."""
        return datetime.now(VIETNAM) + self.offset

    def today(self) -> date:
        """Return today's date in Việt Nam."""
        return self.now().date()


class ManualClock:
    """A clock that stands still until it is set; it only moves forward unless told otherwise."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(VIETNAM)

    def now(self) -> datetime:
        """Return the moment last set."""
        return self._now

    def today(self) -> date:
        """Return the date last set."""
        return self._now.date()

    def set(self, moment: datetime) -> None:
        """Move to `moment` (aware)."""
        self._now = moment.astimezone(VIETNAM)


def wall_clock() -> datetime:
    """Return the machine's time in UTC; for heartbeats, leases and logs, never for the field's dates."""
    return datetime.now(UTC)
