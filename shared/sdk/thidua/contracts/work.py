"""Tasks, sources, months, reports, facts and reminders (inboxes, and owner: monitoring)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from thidua.contracts.base import (
    Code,
    Document,
    Exact,
    Month,
    OpenEnum,
    Part,
    Period,
    State,
    SubjectKind,
    Text,
)


class Extension(Part):
    """A new deadline by a document; it counts when the document is dated on or before the deadline it changes."""

    deadline: date
    document: Code
    dated: date


class TaskEnd(Part):
    """Withdrawal or reassignment by a document."""

    document: Code
    dated: date


class IncidentKind(OpenEnum):
    """What went wrong with a work item."""

    FAILED_REVIEW = "failed_review"
    DELAY = "delay"
    UNKNOWN = "unknown"


class Incident(Part):
    """A failed review or a delay; not counted when a document confirms an objective cause."""

    kind: IncidentKind
    on: date
    objective_cause: Code | None = None


class Assignee(Part):
    """A person by the staff code of the source, and the share of the work."""

    code: Code
    weight: int = Field(1, ge=0, le=1000)


MOST_WEIGHT = Decimal(10) ** 15
"""A converted weight is less: a share of it to six places must be exact."""


class TaskReport(State):
    """What a source says about one work item; an inbox record, keyed by the source's unit code.

    Its identity is (`source`, `source_id`); `version` is any number that grows per task, such as the
    source's last-changed time in milliseconds. Deadlines are dates in Asia/Ho_Chi_Minh and last until
    their end. A secret task carries no title.
    """

    stream: ClassVar[str] = "tasks"
    owner: ClassVar[str] = ""

    source: Code
    source_id: Code
    version: int = Field(ge=0, le=2**62)
    unit: Code
    title: Text | None = None
    assignees: tuple[Assignee, ...] = ()
    deadline: date
    extensions: tuple[Extension, ...] = ()
    completed_at: AwareDatetime | None = None
    withdrawn: TaskEnd | None = None
    reassigned: TaskEnd | None = None
    secret: bool = False
    weight: Annotated[Exact, Field(gt=-MOST_WEIGHT, lt=MOST_WEIGHT)] | None = None
    incidents: tuple[Incident, ...] = ()

    @property
    def key(self) -> str:
        """The source's unit code: any client's default partitioner then keeps a unit together."""
        return self.unit

    @property
    def identity(self) -> str:
        """`source/source id`."""
        return f"{self.source}/{self.source_id}"


class SourceMark(State):
    """A source vouches that everything up to `complete_until` was sent."""

    stream: ClassVar[str] = "sources"
    owner: ClassVar[str] = ""

    source: Code
    complete_until: AwareDatetime

    @property
    def key(self) -> str:
        """The source's name."""
        return self.source


class MonthState(OpenEnum):
    """Life of a month's figures, up to the closed and corrected result."""

    RUNNING = "running"
    PUBLISHED = "published"
    OBJECTION = "objection"
    CLOSED = "closed"
    CORRECTED = "corrected"
    UNKNOWN = "unknown"


class WeightByCount(Part):
    """Converted weight of the done work items that had this many counted incidents."""

    count: int
    weight: Exact


class WorkItems(Part):
    """Converted weight assigned and done; None in `assigned` where a weight is missing."""

    assigned: Exact | None = None
    done: Exact | None = None
    by_failures: tuple[WeightByCount, ...] = ()
    by_delays: tuple[WeightByCount, ...] = ()
    without_weight: int = 0


class MonthlyResult(State):
    """The figures of one subject in one month.

    `due` is D, `on_time` is N; the rate is N / D and passes when it is more than 90 %. `due` = 0 with
    `reported` is "not applicable"; without a report it is "missing". Of the tasks whose deadline in
    force lies in the month: `late` were completed after it, `open` still have time, `overdue` have none.
    """

    stream: ClassVar[str] = "monthly-results"
    owner: ClassVar[str] = "monitoring"

    subject: Code
    subject_kind: SubjectKind
    unit: Code
    month: Month
    state: MonthState
    reported: bool
    declared: bool = False
    due: int = Field(ge=0)
    on_time: int = Field(ge=0)
    late: int = Field(0, ge=0)
    open: int = Field(0, ge=0)
    overdue: int = Field(0, ge=0)
    excluded: int = Field(0, ge=0)
    work: WorkItems | None = None
    as_of: date
    closed_on: date | None = None
    forced_because: Text = ""

    @property
    def key(self) -> str:
        """`subject/month`."""
        return f"{self.subject}/{self.month}"

    @property
    def stamps(self) -> frozenset[str]:
        """A person's figures say since when they stand; a unit's carry the as-of date on."""
        return frozenset({"as_of"}) if self.subject_kind is SubjectKind.INDIVIDUAL else frozenset()


class ReportState(OpenEnum):
    """Where a unit's report of a period stands."""

    DUE = "due"
    SENT = "sent"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"


class Report(State):
    """What a unit owes for a period; the basis of "late"."""

    stream: ClassVar[str] = "reports"
    owner: ClassVar[str] = "monitoring"

    unit: Code
    campaign: Code
    period: Period
    due_on: date
    closes_on: date
    state: ReportState
    sent_on: date | None = None
    returned_because: Text = ""

    @property
    def key(self) -> str:
        """`unit/campaign/period`."""
        return f"{self.unit}/{self.campaign}/{self.period}"


class StatedBy(OpenEnum):
    """Whose statement a fact is; three sources are kept apart."""

    SELF = "self"
    APPRAISER = "appraiser"
    COUNCIL = "council"
    UNKNOWN = "unknown"


class FactStatus(OpenEnum):
    """Whether somebody checked a stated value; a refused one is missing, never zero."""

    STATED = "stated"
    VERIFIED = "verified"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class FactEntry(Part):
    """One stated value: text as the input's kind asks (`yes`, `12`, `137.5`, a date, a case's code).

    `entered_by`, `checked_by`: who acted, as the token names them; no part of a case or a score.
    """

    id: Code
    period: Period
    dated: date
    value: Text
    document: Document | None = None
    evidence: tuple[Code, ...] = ()
    status: FactStatus = FactStatus.STATED
    entered_by: Text = ""
    checked_by: Text = ""


class Fact(State):
    """Everything one source states for one criterion input of a subject in a campaign."""

    stream: ClassVar[str] = "facts"
    owner: ClassVar[str] = "monitoring"

    subject: Code
    subject_kind: SubjectKind
    unit: Code
    campaign: Code
    input: Code
    stated_by: StatedBy
    entries: tuple[FactEntry, ...] = ()

    @property
    def key(self) -> str:
        """`subject/campaign/input/stated by`."""
        return f"{self.subject}/{self.campaign}/{self.input}/{self.stated_by}"


class Reminder(State):
    """What is missing or late, by when, and how often it was reminded."""

    stream: ClassVar[str] = "reminders"
    owner: ClassVar[str] = "monitoring"

    subject: Code
    subject_kind: SubjectKind
    unit: Code
    what: Code
    kind: Code
    sentence: Text
    due_on: date
    times: int = 0
    last_on: date | None = None
    settled: bool = False

    @property
    def key(self) -> str:
        """`subject/what`."""
        return f"{self.subject}/{self.what}"


def moment_of(day: datetime) -> int:
    """Return a task version for a point in time: milliseconds since 1970."""
    return int(day.timestamp() * 1000)
