"""Another day for whatever is imported from now on in this process: what asks the clock then answers otherwise.

Eighteen lines instead of a library: it is needed in a process of its own that is thrown away, for two classes.
"""

from __future__ import annotations

import datetime
import time
from typing import Any, Final

SHIFT: Final = datetime.timedelta(days=1_000, hours=7, minutes=13)
"""Another year, month, day of the week and hour."""


class _Like(type):
    """What was made before, and by C code, is still a date."""

    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, cls.__mro__[1])

    def __subclasscheck__(cls, one: type) -> bool:
        return issubclass(one, cls.__mro__[1])


class _Moment(datetime.datetime, metaclass=_Like):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return super().now(tz) + SHIFT

    @classmethod
    def utcnow(cls) -> Any:
        return super().now(datetime.UTC).replace(tzinfo=None) + SHIFT

    @classmethod
    def today(cls) -> Any:
        return super().now() + SHIFT


class _Day(datetime.date, metaclass=_Like):
    @classmethod
    def today(cls) -> Any:
        return super().today() + SHIFT


def begin_another_day() -> None:
    """Move `datetime` and `time.time` of this process, for good; call it before the code to be examined is imported."""
    asked = time.time
    vars(datetime).update(datetime=_Moment, date=_Day)
    vars(time)["time"] = lambda: asked() + SHIFT.total_seconds()
