"""Units, clusters and people: who takes part (owner: registration)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from thidua.contracts.base import Code, Document, OpenEnum, Part, State, SubjectKind, Text


class DatedCode(Part):
    """An official code and the days it is valid; seven province codes were used again in 2025."""

    code: Code
    valid_from: date
    valid_to: date | None = None


class Unit(State):
    """A unit (đơn vị): department, office, public-service unit or ministry."""

    stream: ClassVar[str] = "units"
    owner: ClassVar[str] = "registration"

    id: Code
    name: Text
    kind: Code
    parent: Code | None = None
    managed_by: Text = ""
    legal_person: bool = True
    codes: tuple[DatedCode, ...]
    valid_from: date
    valid_to: date | None = None

    @property
    def key(self) -> str:
        """The unit's id."""
        return self.id


class ClusterOffice(Part):
    """Leader (trưởng) or deputy (phó) of a cluster between two dates, both included."""

    unit: Code
    from_: date
    to: date | None = None


class ClusterMember(Part):
    """A member unit; `illustrative` marks a membership no source confirms, and stays visible on output."""

    unit: Code
    illustrative: bool = False


class Cluster(State):
    """A khối or cụm thi đua in one year."""

    stream: ClassVar[str] = "clusters"
    owner: ClassVar[str] = "registration"

    id: Code
    year: int
    name: Text
    members: tuple[ClusterMember, ...] = ()
    leaders: tuple[ClusterOffice, ...] = ()
    deputies: tuple[ClusterOffice, ...] = ()
    decision: Document | None = None
    agreement: Document | None = None

    @property
    def key(self) -> str:
        """`cluster/year`."""
        return f"{self.id}/{self.year}"


class CountedPeriod(Part):
    """Days that count (maternity, injury, training) or do not count as working time; never the reason."""

    counted: bool
    from_: date
    to: date | None = None


class Person(State):
    """A person as far as the suite may know them; docs/domain.md, "Data kept small", allows nothing more."""

    stream: ClassVar[str] = "people"
    owner: ClassVar[str] = "registration"

    id: Code
    unit: Code
    code: Code
    name: Text
    post: Text = ""
    leads_unit: bool = False
    comparable_group: Text = ""
    first_recruited: date | None = None
    joined_unit: date | None = None
    active: bool = True
    periods: tuple[CountedPeriod, ...] = ()

    @property
    def key(self) -> str:
        """`unit of record/person`; a transfer deletes the old key and writes a new one."""
        return f"{self.unit}/{self.id}"


class Erasure(State):
    """A person whose data were erased, by which document: whoever follows removes what it keeps beyond decisions."""

    stream: ClassVar[str] = "erasures"
    owner: ClassVar[str] = "registration"

    person: Code
    document: Document
    erased_on: date

    @property
    def key(self) -> str:
        """The person's id, which names nobody any more."""
        return self.person


class RatingLevel(OpenEnum):
    """Yearly quality rating (xếp loại chất lượng)."""

    EXCELLENT = "excellent"
    GOOD = "good"
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"
    UNKNOWN = "unknown"


class Rating(State):
    """The yearly quality rating of a subject: the first condition of most awards."""

    stream: ClassVar[str] = "ratings"
    owner: ClassVar[str] = "registration"

    subject: Code
    subject_kind: SubjectKind
    unit: Code
    year: int
    level: RatingLevel
    decision: Document | None = None

    @property
    def key(self) -> str:
        """`subject/year`."""
        return f"{self.subject}/{self.year}"
