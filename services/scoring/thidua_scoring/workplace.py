"""What the parts of one running scoring service share: the loaded sets, and the bell that wakes the scorer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol
from weakref import WeakKeyDictionary

from thidua.criteria import CriteriaSet
from thidua_runtime.database import Database
from thidua_scoring.domain.reads import reads_of
from thidua_scoring.domain.scoring import has_code


@dataclass(frozen=True)
class LoadedSet:
    """A set this process can score with; `place` is where a worker loads it from."""

    place: str
    criteria_set: CriteriaSet
    reads: frozenset[str]
    has_code: bool


class Apart(Protocol):
    """What runs the code of sets, in processes of their own."""

    async def rescore(self, place: str, case: bytes, *, has_code: bool) -> bytes:
        """Score a stored case again and return the canonical score; raises ValueError with what the set did."""
        ...

    async def why_not_loaded(self, place: str) -> str:
        """Load the code of a set; return why that failed, "" if it did not."""
        ...


@dataclass(eq=False)
class Workplace:
    """Shared by the handlers, doors and loops of one service in one process.

    `folder`: where stored sets are unpacked for as long as the service runs. `failing`: by id and version of a set, how
    its last cases in a row went beyond their limits.
    """

    bell: asyncio.Event = field(default_factory=asyncio.Event)
    sets: Mapping[tuple[str, str], LoadedSet] = field(default_factory=dict)
    apart: Apart | None = None
    folder: Path | None = None
    failing: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def have(self, loaded: LoadedSet) -> None:
        """Add a set, under its id and version."""
        key = (loaded.criteria_set.id, loaded.criteria_set.version)
        self.sets = MappingProxyType({**self.sets, key: loaded})


_workplaces: WeakKeyDictionary[Database, Workplace] = WeakKeyDictionary()


def workplace_of(database: Database) -> Workplace:
    """Return the workplace of a running service, made at the first call."""
    return _workplaces.setdefault(database, Workplace())


def as_loaded(place: str, criteria_set: CriteriaSet) -> LoadedSet:
    """Describe a set that was just loaded."""
    return LoadedSet(place, criteria_set, reads_of(criteria_set), has_code(criteria_set))
