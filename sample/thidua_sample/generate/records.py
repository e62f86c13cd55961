"""What the sample year consists of: frozen records that name units and people by code, never by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from thidua.contracts import Document, TaskReport

LABEL = "dữ liệu sinh từ số liệu tổng hợp đã công bố"
"""Stands on everything of the sample year that an official could take for real."""

LABEL_ENGLISH = "generated from published totals"


@dataclass(frozen=True, slots=True)
class SampleUnit:
    """A unit of 2022; `illustrative` says that no source confirms its cluster.

    A Vụ has no legal personality: the Ministry decides its people's titles.
    """

    code: str
    name: str
    kind: str
    parent: str | None
    cluster: str | None
    illustrative: bool
    source: str

    @property
    def legal_person(self) -> bool:
        """Whether its head decides titles."""
        return self.kind != "vu"


@dataclass(frozen=True, slots=True)
class SampleCluster:
    """A khối or cụm with its members; leader and deputy only where a source names them."""

    code: str
    name: str
    members: tuple[tuple[str, bool], ...]
    leader: str | None = None
    deputy: str | None = None


@dataclass(frozen=True, slots=True)
class WorkPeriod:
    """Days that count or do not count as working time, as personnel records give them."""

    counted: bool
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """An invented person; `code` is the staff code that tasks name."""

    code: str
    unit: str
    name: str
    post: str
    group: str
    leads_unit: bool
    first_recruited: date
    joined_unit: date
    periods: tuple[WorkPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleTarget:
    """A registered target with its figure and unit of measure."""

    name: str
    value: str
    measure: str


@dataclass(frozen=True, slots=True)
class SampleItem:
    """What one subject registers within the registration of its unit."""

    subject: str
    kind: str
    titles: tuple[str, ...]
    targets: tuple[SampleTarget, ...]
    initiatives: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SampleRegistration:
    """A unit's registration: when it was sent, whether it came back, when it was sent again."""

    unit: str
    document: Document
    submitted_on: date
    returned_on: date | None
    returned_because: str
    resubmitted_on: date | None
    late_reason: str
    items: tuple[SampleItem, ...]


@dataclass(frozen=True, slots=True)
class SampleInitiative:
    """An initiative, its authors with shares in percent, and what became of it."""

    code: str
    unit: str
    title: str
    kind: str
    authors: tuple[tuple[str, int], ...]
    applied_on: date
    submitted_on: date
    outcome: str
    recognition: Document | None = None
    scope: str | None = None
    scope_recognition: Document | None = None


@dataclass(frozen=True, slots=True)
class SampleRating:
    """The quality rating of a subject for a year."""

    subject: str
    kind: str
    unit: str
    year: int
    level: str
    decision: Document


@dataclass(frozen=True, slots=True)
class SampleDiscipline:
    """A disciplinary decision: form, date and the end of its effect."""

    person: str
    unit: str
    form: str
    decision: Document
    ends_on: date


@dataclass(frozen=True, slots=True)
class SampleAward:
    """One line of an earlier decision."""

    subject: str
    kind: str
    unit: str
    code: str
    year: int


@dataclass(frozen=True, slots=True)
class SampleDecision:
    """A decision of an earlier year, part of the award history."""

    document: Document
    signer: str
    authority: str
    awards: tuple[SampleAward, ...]


@dataclass(frozen=True, slots=True)
class SampleMember:
    """A member of the council under the council's own name for the member; `role` as the awards side has it."""

    code: str
    name: str
    post: str
    role: str


@dataclass(frozen=True, slots=True)
class SampleCouncil:
    """The council that votes on titles of the ministry, set up by a document, with its rules of procedure."""

    name: str
    document: Document
    rules: str
    members: tuple[SampleMember, ...]


@dataclass(frozen=True, slots=True)
class SampleConfirmation:
    """A person's answer to a check of the awards side, or a declaration, by a document.

    `by`: who answers (unit, personnel, office, appraiser, cluster). `title`: what it is about, empty where it is about
    all titles of the base.
    """

    subject: str
    kind: str
    unit: str
    key: str
    answer: bool
    by: str
    document: Document
    title: str = ""


@dataclass(frozen=True, slots=True)
class SampleFact:
    """One statement for a criterion input; `period` as the contract writes it."""

    subject: str
    kind: str
    unit: str
    input: str
    stated_by: str
    period: str
    dated: date
    value: str
    document: Document | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What a unit sent for a period: None in `sent_on` when it never reported."""

    unit: str
    period: str
    sent_on: date | None
    returned_on: date | None = None
    returned_because: str = ""
    resent_on: date | None = None


@dataclass(frozen=True, slots=True)
class SampleTotals:
    """Totals a unit declares for a month instead of sending tasks (tự khai báo)."""

    unit: str
    month: str
    due: int
    on_time: int
    late: int
    overdue: int
    evidence: Document
    sent_on: date


@dataclass(frozen=True, slots=True)
class SamplePeriod:
    """Calendar of one period of the campaign."""

    period: str
    report_due: date
    objection_until: date
    closes_on: date


@dataclass(frozen=True, slots=True)
class SampleCampaign:
    """The movement of 2022: its letter, theme, calendar and criteria sets."""

    code: str
    title: str
    theme: str
    launched_by: Document
    registration_due: date
    registration_due_mark: str
    calendar: tuple[SamplePeriod, ...]
    criteria_sets: tuple[tuple[str, str, str], ...]
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """A task as its source reports it at one moment of the year."""

    at: datetime
    report: TaskReport


@dataclass(frozen=True, slots=True)
class SampleYear:
    """The whole sample year, a pure function of its seed. Every record is invented but the units.

    The totals of the tasks are the published ones of 2017: see `thidua_sample.generate.totals`.
    """

    seed: int
    label: str
    units: tuple[SampleUnit, ...]
    clusters: tuple[SampleCluster, ...]
    people: tuple[SamplePerson, ...]
    campaign: SampleCampaign
    registrations: tuple[SampleRegistration, ...]
    initiatives: tuple[SampleInitiative, ...]
    ratings: tuple[SampleRating, ...]
    discipline: tuple[SampleDiscipline, ...]
    decisions: tuple[SampleDecision, ...]
    confirmations: tuple[SampleConfirmation, ...]
    council: SampleCouncil
    facts: tuple[SampleFact, ...]
    totals: tuple[SampleTotals, ...]
    reports: tuple[SampleReport, ...]
    events: tuple[TaskEvent, ...]
