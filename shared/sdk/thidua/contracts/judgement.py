"""Criteria sets, scores, recommendations and decisions (owners: scoring, awards)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import AwareDatetime, Field

from thidua.contracts.base import Code, Document, Exact, OpenEnum, Part, Period, State, SubjectKind, Text


class SetState(OpenEnum):
    """Life of an installed criteria set."""

    EVALUATION = "evaluation"
    ENABLED = "enabled"
    DISABLED = "disabled"
    WITHDRAWN = "withdrawn"
    QUARANTINED = "quarantined"
    UNKNOWN = "unknown"


class InputDue(Part):
    """When a declared input is due: once on a date, or `day` days after each period of kind `after`."""

    on: date | None = None
    day: int | None = None
    after: Code | None = None


class AskedWhen(Part):
    """The answer to another input (`yes` or `no`) without which nobody owes a value."""

    input: Code
    value: Code


class DeclaredInput(Part):
    """An input a criteria set reads; forms, reminders and "what is missing" come from these alone.

    `asked_when`: set where every criterion that reads the input applies only under that answer.
    """

    name: Code
    origin: Code
    kind: Code
    title: Text = ""
    measure: Text = ""
    evidence: Code = "none"
    stated_by: tuple[Code, ...] = ()
    counts: tuple[Code, ...] = ()
    absent: Code = "missing"
    cases: tuple[Code, ...] = ()
    out_of: Exact | None = None
    due: InputDue | None = None
    asked_when: AskedWhen | None = None


class CriteriaSetState(State):
    """An installed criteria set: what it declares and whether it counts."""

    stream: ClassVar[str] = "criteria-sets"
    owner: ClassVar[str] = "scoring"

    id: Code
    set_version: Code
    title: Text
    subject_kind: SubjectKind
    state: SetState
    artefact: Code
    inputs: tuple[DeclaredInput, ...] = ()
    manifest: dict[str, Any] = Field(default_factory=dict)
    reason: Text = ""

    @property
    def key(self) -> str:
        """`set/version of the set`."""
        return f"{self.id}/{self.set_version}"


class Lane(OpenEnum):
    """Official after the close of the period, running as of a date; shadow scores never leave the service."""

    OFFICIAL = "official"
    RUNNING = "running"
    UNKNOWN = "unknown"


class CriterionLine(Part):
    """One line of a score: the status is the official part, points carry the mark of their source."""

    code: Code
    title: Text
    status: Code
    points: Exact | None = None
    maximum: Exact | None = None
    sentence: Text = ""
    mark: Code | None = None


class ScoreState(State):
    """The newest score of a subject in a campaign, period, criteria set and lane, with its explanation.

    `points` is None while the subject cannot be scored; `state` says why. `case_hash`, `artefact` and
    `engine` name what a replay needs to give the same bytes again.
    """

    stream: ClassVar[str] = "scores"
    owner: ClassVar[str] = "scoring"

    subject: Code
    subject_kind: SubjectKind
    unit: Code
    cluster: Code | None = None
    campaign: Code
    period: Period
    criteria_set: Code
    set_version: Code
    lane: Lane
    state: Code
    points: Exact | None = None
    maximum: Exact | None = None
    points_mark: Code | None = None
    band: Code | None = None
    ranked: bool = True
    not_ranked_because: Text = ""
    lines: tuple[CriterionLine, ...] = ()
    explanation: dict[str, Any] = Field(default_factory=dict)
    engine: Code = "0"
    artefact: Code = "-"
    case_hash: Code = "-"
    as_of: date
    cut: AwareDatetime | None = None

    @property
    def key(self) -> str:
        """`subject/campaign/period/set/lane`."""
        return f"{self.subject}/{self.campaign}/{self.period}/{self.criteria_set}/{self.lane}"

    @property
    def stamps(self) -> frozenset[str]:
        """A running score says since when it stands; an official one is published as it was made."""
        return frozenset({"as_of", "case_hash"}) if self.lane is Lane.RUNNING else frozenset()


class FindingStatus(OpenEnum):
    """Outcome of one check: đạt, chưa đạt, không áp dụng, chưa đủ dữ liệu, cần người xem xét.

    WITHHELD stands on streams for whatever a check found that would tell of a discipline, an absence or a person's sex.
    """

    MET = "met"
    NOT_MET = "not_met"
    NA = "na"
    NO_DATA = "no_data"
    PERSON = "person"
    WITHHELD = "withheld"
    UNKNOWN = "unknown"


class Finding(Part):
    """One checked condition with a whole Vietnamese sentence, its clause and the mark of its source."""

    key: Code
    status: FindingStatus
    sentence: Text
    clause: Text = ""
    mark: Code | None = None


class Verdict(OpenEnum):
    """Result of the software's review (rà soát điều kiện); refusing for good is an official's act."""

    ELIGIBLE = "eligible"
    NO_DATA = "no_data"
    PERSON = "person"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class QuotaPlace(Part):
    """Where a subject stands in a quota: group, places, candidates; the council chooses within them."""

    group: Code
    sentence: Text
    denominator: int
    places: int
    candidates: int


class Recommendation(State):
    """A reviewed candidate for one title in one campaign.

    `matter`: None for the review of the year and the first dossier on it; each later dossier of the subject for that
    title, as for another sudden achievement, has a recommendation of its own, under the id of the dossier.
    """

    stream: ClassVar[str] = "recommendations"
    owner: ClassVar[str] = "awards"

    subject: Code
    subject_kind: SubjectKind
    unit: Code
    campaign: Code
    title: Code
    regime: Code
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    first_unmet: Text = ""
    quota: QuotaPlace | None = None
    state: Code = "reviewed"
    score_version: int | None = None
    matter: Code | None = None

    @property
    def key(self) -> str:
        """`subject/campaign/title`, of a later dossier `subject/campaign/title/matter`."""
        key = f"{self.subject}/{self.campaign}/{self.title}"
        return key if self.matter is None else f"{key}/{self.matter}"


class Award(Part):
    """One line of a decision: who got which title or commendation for which year.

    `kind`: None for yearly merit, chuyen_de or dot_xuat else. `uses`: what it counted, so that a second use shows:
    `initiative:ID`, `year:2024`, `deed:…`. `matter`: which recommendation of the subject for that title it follows.
    """

    subject: Code
    subject_kind: SubjectKind
    unit: Code
    code: Code
    year: int
    route: Code | None = None
    kind: Code | None = None
    uses: tuple[Text, ...] = ()
    matter: Code | None = None


class CancelledAward(Award):
    """A line that another document cancelled while the rest of its decision stands."""

    document: Text
    because: Text


class Decision(State):
    """A signed decision; number and date come from the document register. The award history is made of these.

    `cut`: the moment up to which all figures had arrived when it was recorded; None where no review stood behind it.
    `awards`: the lines in force; one that was cancelled alone is among `cancelled_awards`. `corrected_by`: the
    documents that corrected it, oldest first; what is here is the newest wording.
    """

    stream: ClassVar[str] = "decisions"
    owner: ClassVar[str] = "awards"

    id: Code
    number: Code
    dated: date
    signer: Text
    authority: Text = ""
    campaign: Code | None = None
    cut: AwareDatetime | None = None
    awards: tuple[Award, ...] = ()
    cancelled: bool = False
    cancelled_because: Text = ""
    cancelled_awards: tuple[CancelledAward, ...] = ()
    corrected_by: tuple[Document, ...] = ()

    @property
    def key(self) -> str:
        """The decision's id."""
        return self.id
