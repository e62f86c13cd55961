"""What the sample year came to, as the public APIs tell it: natural keys only, sorted, comparable byte by byte."""

from __future__ import annotations

import json
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from thidua_sample.generate.records import LABEL, LABEL_ENGLISH

ILLUSTRATIVE_POINTS: Final = "mẫu minh họa"


class _Piece(BaseModel):
    """A frozen piece of the result."""

    model_config = ConfigDict(frozen=True)


class Counts(_Piece):
    """How many of each the services hold."""

    units: int
    people: int
    tasks: int
    months_closed: int
    registrations: int
    initiatives: int
    scores: int
    recommendations: int
    dossiers: int = 0
    votes: int = 0
    decisions: int = 0
    documents: int = 0


class CriterionStatus(_Piece):
    """One criterion of a score: its status is what counts, its points are illustrative."""

    code: str
    status: str
    points: str | None
    maximum: str | None


class Place(_Piece):
    """A unit in the ranking of its cluster; `rank` is None where it is listed apart, `note` says why.

    `months` is (months passed, months judged), `on_time` the year's (on time, due).
    """

    rank: int | None
    unit: str
    name: str
    illustrative: bool
    points: str | None
    maximum: str | None
    on_time: tuple[int, int]
    months: tuple[int, int]
    criteria: tuple[CriterionStatus, ...]
    note: str = ""


class ClusterRanking(_Piece):
    """The members of one cluster: ranked ones first, then those listed apart."""

    code: str
    name: str
    places: tuple[Place, ...]


class Candidate(_Piece):
    """A subject reviewed for a title: the software checks, people decide."""

    subject: str
    name: str
    unit: str
    verdict: str
    first_unmet: str


class Quota(_Piece):
    """Places of a title in one deciding unit, with the arithmetic in `sentence`."""

    title: str
    group: str
    denominator: int
    places: int
    candidates: int
    sentence: str


class Printed(_Piece):
    """A kind of document: its name, how many were printed, and in how many files (a document has up to three)."""

    name: str
    documents: int
    files: int


Rate = tuple[int, int] | None
"""(on time, due) of a month; (0, 0) when nothing was due in a reported month, None when it was not reported."""


class Result(_Piece):
    """The whole result. Two runs of one seed differ in `elapsed` (seconds per phase) alone.

    `dossiers`: title → state → how many; `documents`: kind → its name and how many.
    """

    label: str = LABEL
    label_english: str = LABEL_ENGLISH
    points_mark: str = ILLUSTRATIVE_POINTS
    campaign: str
    as_of: date
    counts: Counts
    rates: dict[str, dict[str, Rate]]
    ranking: tuple[ClusterRanking, ...]
    candidates: dict[str, tuple[Candidate, ...]]
    quotas: tuple[Quota, ...]
    dossiers: dict[str, dict[str, int]] = {}
    documents: dict[str, Printed] = {}
    elapsed: dict[str, float] = {}

    def with_documents(self, printed: dict[str, Printed]) -> Result:
        """Return the result with how many documents of each kind were printed."""
        counts = self.counts.model_copy(update={"documents": sum(one.documents for one in printed.values())})
        return self.model_copy(update={"documents": printed, "counts": counts})

    def with_elapsed(self, seconds: dict[str, float]) -> Result:
        """Return the result with the seconds each phase took."""
        return self.model_copy(update={"elapsed": seconds})

    def as_json(self) -> str:
        """Return the result as indented JSON with sorted keys."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True)
