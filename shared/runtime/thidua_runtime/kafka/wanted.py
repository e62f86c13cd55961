"""The topics as the design wants them: how many partitions, what is kept how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from thidua.contracts import STREAMS

DAY_MS: Final = 24 * 60 * 60 * 1000

# Order across keys is never needed (versions decide), so these numbers may be raised at any time, never lowered.
PARTITIONS: Final = {
    "units": 1, "clusters": 1, "campaigns": 1, "criteria-sets": 1, "sources": 1, "erasures": 1,
    "people": 3, "ratings": 3, "registrations": 3, "initiatives": 3, "facts": 3, "reports": 3, "reminders": 3,
    "recommendations": 3, "decisions": 3,
    "tasks": 6, "monthly-results": 6, "scores": 6,
}  # fmt: skip

COMPACTED: Final = MappingProxyType(
    {
        "cleanup.policy": "compact",
        # An erased person is gone from the log within eight days: a segment closes after one, is cleaned after seven.
        "segment.ms": str(DAY_MS),
        "max.compaction.lag.ms": str(7 * DAY_MS),
        # A follower may be away this long and still learn what was withdrawn.
        "delete.retention.ms": str(30 * DAY_MS),
        "max.message.bytes": str(1024 * 1024),
    }
)

# An inbox is keyed by unit: compaction would keep one task of each unit. Stamped by the broker, because a record
# that carries last year's date would be deleted as soon as it arrives.
INBOX: Final = MappingProxyType(
    {
        "cleanup.policy": "delete",
        "segment.ms": str(DAY_MS),
        "retention.ms": str(35 * DAY_MS),
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(1024 * 1024),
    }
)

DECISIVE: Final = ("cleanup.policy", "message.timestamp.type", "retention.ms")
"""Settings without which events would be lost; a service refuses to start where they differ."""


@dataclass(frozen=True)
class WantedTopic:
    """One topic as it should be: at least `partitions`, and these topic settings."""

    stream: str
    partitions: int
    settings: Mapping[str, str]

    def name(self, province: str) -> str:
        """Return the topic's name in a province."""
        return f"thidua.{province}.{self.stream}"

    def settings_with(self, replication: int) -> dict[str, str]:
        """Return the settings with min.insync.replicas one less than the copies, but at least one."""
        return {**self.settings, "min.insync.replicas": str(max(1, replication - 1))}


WANTED: Final[Mapping[str, WantedTopic]] = MappingProxyType(
    {name: WantedTopic(name, PARTITIONS[name], INBOX if name == "tasks" else COMPACTED) for name in STREAMS}
)
"""Every topic of a province by its stream."""
