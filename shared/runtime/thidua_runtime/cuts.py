"""Cuts: a moment that every followed stream must have passed before a result counts as official.

A heartbeat stands behind everything its owner had written when it departed. A service that has heard a
heartbeat later than the cut on every partition of a stream holds everything that was written up to the cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from thidua_runtime.clock import VIETNAM
from thidua_runtime.database import Transaction
from thidua_runtime.errors import CutNotReached

# A partition that was read but never carried a heartbeat counts as silent, so that a stream is as old as its
# most silent partition.
HEARD: Final = text("""
select s.stream,
       case when count(h.stream) >= (select count(*) from thidua.position as p where p.stream = s.stream)
            then min(h.departed_at) end as heard
  from unnest(cast(:streams as text[])) as s (stream)
  left join thidua.heartbeat as h on h.stream = s.stream
 group by s.stream
 order by s.stream
""")


WORDS: Final[Mapping[str, str]] = {
    "campaigns": "phong trào thi đua",
    "clusters": "khối, cụm thi đua",
    "criteria-sets": "bộ tiêu chí",
    "decisions": "quyết định khen thưởng",
    "erasures": "xóa dữ liệu cá nhân",
    "facts": "số liệu kê khai",
    "initiatives": "sáng kiến",
    "monthly-results": "kết quả tháng",
    "people": "danh sách cá nhân",
    "ratings": "xếp loại chất lượng",
    "recommendations": "kết quả rà soát điều kiện",
    "registrations": "đăng ký thi đua",
    "reminders": "đôn đốc",
    "reports": "báo cáo của đơn vị",
    "scores": "kết quả chấm điểm",
    "sources": "nguồn số liệu",
    "tasks": "nhiệm vụ",
    "units": "danh sách đơn vị",
}
"""What an official calls what a stream carries."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A followed stream and the oldest of the newest heartbeats of its partitions; None while one is silent."""

    stream: str
    heard: datetime | None

    def has_passed(self, cut: datetime) -> bool:
        """Whether everything written up to `cut` has arrived; a heartbeat at the cut itself is not past it."""
        return self.heard is not None and self.heard > cut


async def heard(tx: Transaction) -> tuple[Heard, ...]:
    """Return every followed stream with how far it has been heard, by name."""
    rows = await tx.rows(HEARD, streams=sorted(model.stream for model in tx.service.follows))
    return tuple(Heard(row.stream, row.heard) for row in rows)


async def late_streams(tx: Transaction, cut: datetime) -> tuple[Heard, ...]:
    """Return the followed streams that have not passed the cut."""
    return tuple(one for one in await heard(tx) if not one.has_passed(cut))


async def heard_until(tx: Transaction) -> datetime | None:
    """Return the moment up to which every followed stream is known; None while one was never heard."""
    moments = [one.heard for one in await heard(tx)]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known and len(known) == len(moments) else None


async def require_passed(tx: Transaction, cut: datetime) -> None:
    """Raise CutNotReached, naming the late streams, until every followed stream has passed the cut."""
    late = await late_streams(tx, cut)
    if late:
        raise CutNotReached(
            cut=_in_vietnam(cut).isoformat(),
            streams=in_words(late),
            streams_en=", ".join(one.stream for one in late),
            seconds=tx.settings.heartbeat_seconds,
            late=told(late),
        )


def _in_vietnam(moment: datetime) -> datetime:
    try:
        return moment.astimezone(VIETNAM)
    except OverflowError:  # the first and last hours that a date can name
        return moment


def in_words(late: Sequence[Heard]) -> str:
    """Return late streams as an official reads them."""
    return ", ".join(WORDS[one.stream] for one in late)


def told(late: Sequence[Heard]) -> list[dict[str, str | None]]:
    """Return late streams as answers carry them: `stream`, and until when it was `heard`."""
    return [{"stream": one.stream, "heard": one.heard.isoformat() if one.heard else None} for one in late]
