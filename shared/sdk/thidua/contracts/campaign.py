"""Campaigns, registrations and initiatives (owner: registration)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from thidua.contracts.base import Code, Document, Exact, OpenEnum, Part, Period, State, SubjectKind, Text


class CriteriaSetUse(Part):
    """Which version of which criteria set scores which kind of subject in a campaign."""

    id: Code
    version: Code
    subject_kind: SubjectKind


class PeriodDates(Part):
    """Calendar of one period: when its report is due, until when it may be objected to, when it closes.

    `moved_because` is the reason of the last change of a date; moving a date needs one.
    """

    period: Period
    report_due: date
    objection_until: date
    closes_on: date
    moved_because: Text = ""


class ParameterChange(Part):
    """A value that the campaign puts in place of a criteria set's own, with its reason."""

    name: Code
    value: Any
    reason: Text


class StepDeadline(Part):
    """Until when a step of a registration, initiative or dossier is expected: a day, or days after it began.

    `state`: the state that waits. `title` and `proposer` (a unit) narrow it; without them it holds for all. A deadline
    that passed reminds people and moves nothing.
    """

    about: Code
    state: Code
    title: Code | None = None
    proposer: Code | None = None
    on: date | None = None
    days: int | None = None
    working_days: int | None = None
    document: Text = ""


class CampaignState(OpenEnum):
    """Life of a campaign."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Campaign(State):
    """An emulation movement (phong trào thi đua): calendar, participants, criteria sets, parameters in force."""

    stream: ClassVar[str] = "campaigns"
    owner: ClassVar[str] = "registration"

    id: Code
    code: Code
    title: Text
    theme: Text = ""
    kind: Code = "thuong_xuyen"
    year: int
    starts_on: date
    ends_on: date
    launched_by: Document | None = None
    state: CampaignState = CampaignState.OPEN
    participants: tuple[Code, ...] = ()
    registration_due: date
    amend_until: date | None = None
    calendar: tuple[PeriodDates, ...] = ()
    criteria_sets: tuple[CriteriaSetUse, ...] = ()
    parameters: tuple[ParameterChange, ...] = ()
    deadline_rolls_to_working_day: bool = False
    deadlines: tuple[StepDeadline, ...] = ()

    @property
    def key(self) -> str:
        """The campaign's id."""
        return self.id


class RegistrationState(OpenEnum):
    """States of a registration item (`Đang soạn` … `Đã tổng kết`)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    SUCCEEDED = "succeeded"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Target(Part):
    """A registered target (chỉ tiêu) with its unit of measure."""

    name: Text
    value: Exact | None = None
    measure: Text = ""


class RegisteredInitiative(Part):
    """An initiative announced in a registration; the initiative itself follows later."""

    name: Text
    field: Text = ""


class Registration(State):
    """One subject's item in a unit's registration (bản đăng ký) for a campaign.

    `first_submitted_on` survives returns and amendments: lateness is judged by it. `late` and
    `title_mismatch` are flags, not states: late is not the same as not registered.
    """

    stream: ClassVar[str] = "registrations"
    owner: ClassVar[str] = "registration"

    subject: Code
    subject_kind: SubjectKind
    unit: Code
    campaign: Code
    titles: tuple[Code, ...] = ()
    targets: tuple[Target, ...] = ()
    initiatives: tuple[RegisteredInitiative, ...] = ()
    state: RegistrationState
    round: int = 1
    first_submitted_on: date | None = None
    document: Document | None = None
    late: bool = False
    late_reason: Text = ""
    title_mismatch: bool = False

    @property
    def key(self) -> str:
        """`subject/campaign`."""
        return f"{self.subject}/{self.campaign}"


class Author(Part):
    """An author of an initiative and their share in percent; shares sum to 100."""

    person: Code
    share: int = Field(ge=0, le=100)


class InitiativeState(OpenEnum):
    """States of an initiative, from writing to recognition at the base and of its scope."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    FORMALLY_OK = "formally_ok"
    ASSESSED = "assessed"
    COUNCIL = "council"
    RECOGNISED = "recognised"
    NOT_RECOGNISED = "not_recognised"
    INFLUENCE_REQUESTED = "influence_requested"
    INFLUENCE_RECOGNISED = "influence_recognised"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class Initiative(State):
    """An initiative, research topic, project or work; recognition and its scope are two acts of two authorities.

    `mark`: what its readers settled on, of a hundred points; None until they have.
    """

    stream: ClassVar[str] = "initiatives"
    owner: ClassVar[str] = "registration"

    id: Code
    unit: Code
    campaign: Code | None = None
    code: Code
    title: Text
    kind: Code = "sang_kien"
    authors: tuple[Author, ...]
    state: InitiativeState
    first_applied_on: date | None = None
    submitted_on: date | None = None
    recognition: Document | None = None
    scope: Code | None = None
    scope_recognition: Document | None = None
    mark: Exact | None = None

    @property
    def key(self) -> str:
        """`unit/initiative`."""
        return f"{self.unit}/{self.id}"
