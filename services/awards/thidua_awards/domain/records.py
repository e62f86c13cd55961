"""What a check may look at: frozen records of one subject, already gathered by `inputs.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final, Self, TypeVar

from thidua.contracts.campaign import InitiativeState, RegistrationState
from thidua.contracts.judgement import Verdict
from thidua.contracts.organisation import RatingLevel
from thidua_awards.law import DisciplineForm, Share, TrainingResult, review_date

A = TypeVar("A")
NOTHING: Final[Mapping[str, object]] = MappingProxyType({})

DISCIPLINE_COMPLETE: Final = "discipline.complete"
"""Declaration: the disciplines entered for the year are all there are; without it silence is not "none".

Of the year is what was decided in it, and what was decided before and still ran in it: a year's merit counts again
from the end of the period on.
"""

DISCIPLINE_EVER: Final = "discipline.ever"
"""Declaration: the disciplines entered are all there ever were; that of one year says nothing of the years before."""

REGISTRATION_NONE: Final = "registration.none"
"""Declaration of the unit: no registration was sent for this subject."""

INITIATIVES_COMPLETE: Final = "initiatives.complete"
"""Declaration of the base: the subject has no initiative or topic beyond those recorded."""

HISTORY_COMPLETE: Final = "history.complete"
"""Declaration: the earlier awards recorded for the subject are all there are."""

DECLARATIONS: Final = (DISCIPLINE_COMPLETE, DISCIPLINE_EVER, REGISTRATION_NONE, INITIATIVES_COMPLETE, HISTORY_COMPLETE)
"""Facts about the records themselves; every other confirmation answers the check whose key it carries."""


OF_ONE: Final = frozenset({REGISTRATION_NONE, HISTORY_COMPLETE, "g.once"})
"""Answers about the record of one subject: what is said so of a collective says nothing of its members."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's answer to a check, or a declaration: who said it, by which document, and about which title, if one."""

    answer: bool
    by: str
    document: str
    dated: date
    title: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A subject's item in the registration; the registration service sets `late` and `title_mismatch`."""

    titles: tuple[str, ...]
    state: RegistrationState
    sent_on: date | None = None
    due: date | None = None
    late: bool = False
    title_mismatch: bool = False
    targets: int = 0


@dataclass(frozen=True, slots=True)
class Discipline:
    """A discipline decision; `counted_in`: the year whose title the same violation already refused."""

    subject: str
    kind: str
    form: DisciplineForm | None
    decided_on: date
    ends_on: date | None = None
    counted_in: int | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """A course the person was sent to, in full months."""

    months: int
    result: TrainingResult | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Days that count as working time or do not; the reason is nowhere in the suite."""

    counted: bool
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Merit:
    """An initiative or topic of the person in the campaign; `decision` is its recognition at the base."""

    title: str
    share: int
    state: InitiativeState
    first_applied_on: date | None = None
    submitted_on: date | None = None
    decision: str = ""
    decided_on: date | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """An award that already counted an achievement, by which decision; `route` as in `Held`.

    `what`: the achievement as an official reads it, empty where the sentence around it says so. `dated`: the day of the
    decision, where it is known.
    """

    code: str
    year: int
    decision: str
    route: str = ""
    what: str = ""
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A recognised initiative or topic of any year; `scope` is empty until its influence is recognised too.

    `decision` recognised it at the base. `scope`: bo, tinh or toan_quoc; `scope_decision` recognises it, on `scope_on`.
    `uses` is the ledger of awards that counted it.
    """

    title: str
    year: int
    kind: str = "sang_kien"
    scope: str = ""
    scope_decision: str = ""
    uses: tuple[Use, ...] = ()
    decision: str = ""
    id: str = ""
    scope_on: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """An earlier award in force; `route`: excellent or initiative, how CSTĐCS was won, empty if not recorded.

    `kind`: empty for the yearly merit, chuyen_de or dot_xuat for thematic and sudden commendation.
    """

    code: str
    year: int
    decision: str = ""
    decided_on: date | None = None
    route: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """Totals of the counting minutes; `members` are all members of the council, present or not.

    `own_share`: what the vote was opened with, `own_rules` its clause; `own_mark` the mark of a regime's figure,
    empty where the council's rules of procedure gave it.
    """

    members: int
    yes: int
    written_yes: int = 0
    own_share: Share | None = None
    own_rules: str = ""
    own_mark: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A public notice: when it was posted and when the council meets.

    `working_days` lie between the two, neither day counted. `begun_on`: the day of the first step of the dossier.
    """

    posted_on: date
    council_on: date
    working_days: int
    begun_on: date | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """What a dossier says of its dates; `achievement` names a deed, such as one of sudden achievement.

    `sent_on`: when a later dossier was proposed; `is_another`: whether it is about something else than those before it.
    """

    received_on: date | None = None
    achieved_on: date | None = None
    achievement: str = ""
    sent_on: date | None = None
    is_another: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """Years in the sector, disciplined time already taken off; `outsider`: comes from another sector."""

    woman: bool
    years: int
    outsider: bool = False
    years_here: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """The score shown beside a condition; it never decides one."""

    version: int
    points: str
    maximum: str
    official: bool


def of_matter(title: str, matter: str) -> str:
    """Return under what a later dossier's votes and notices are kept, beside those of the first under its title."""
    return f"{title}/{matter}" if matter else title


ABOUT_THE_DEED: Final = ("g.once", "g.regime")
"""Questions about what was achieved, beside those of the title itself."""


def is_about_the_deed(key: str, title: str) -> bool:
    """Whether an answer says something of what was achieved, and so may be given for one dossier alone."""
    return key in ABOUT_THE_DEED or key.startswith(f"{title.lower()}.")


def answers_of(said: Mapping[str, A], title: str, matter: str, *, is_another: bool) -> dict[str, A]:
    """Return the answers that stand for a later dossier: those given for it, over those given for the subject.

    Where it is about another achievement, what was said of that of the first is none of them.
    """
    common = {key: one for key, one in said.items() if not (is_another and is_about_the_deed(key, title))}
    own = {key.removesuffix(f"/{matter}"): one for key, one in said.items() if key.endswith(f"/{matter}")}
    return {**common, **own}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known of a subject for one title of one year; None and empty mean "not known", never "no".

    `group` is the unit that decides (the nearest with legal personality); `awarded` are codes the subject
    holds by decisions in force for the year, `history` those of every year; `verdicts` are those of the same
    review. `uses`: awards that already counted this achievement. `leads`: the collective the person heads.
    `votes`, `notices`, `proposals`: by title, the newest of each; `vote`, `notice`, `proposed_on` belong to `title`.
    `answers`: by title, for titles with answers of their own; `confirmations` are those of `title`, by key.
    `rated_by`: where the rating comes from, if not from a decision on ratings. `filed`: what dossiers say, by title;
    `received_on`, `achieved_on` (None: the end of the year) and `achievement` (what was achieved, where it is one deed)
    belong to `title`. `ledger`: what awards in force counted (`Award.uses`).
    `later`: what later dossiers say, by title and matter; `matter`: the one of them the case is about, empty for the
    year's review. What is kept by title is kept of those by `of_matter`.
    `legal_person`: whether `group` has legal personality; `under_ministry`: whether `unit` belongs to the Ministry.
    """

    title: str
    subject: str
    unit: str
    group: str
    year: int
    as_of: date
    registration: Registered | None = None
    rating: RatingLevel | None = None
    rated_by: str = ""
    held_since: date | None = None
    disciplines: tuple[Discipline, ...] = ()
    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Confirmation]] = field(default_factory=dict)
    awarded: frozenset[str] = frozenset()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    score: Score | None = None
    history: tuple[Held, ...] = ()
    past_ratings: Mapping[int, RatingLevel] = field(default_factory=dict)
    uses: tuple[Use, ...] = ()
    proposed_on: date | None = None
    vote: Vote | None = None
    votes: Mapping[str, Vote] = field(default_factory=dict)
    notices: Mapping[str, Notice] = field(default_factory=dict)
    proposals: Mapping[str, date] = field(default_factory=dict)
    filed: Mapping[str, Filed] = field(default_factory=dict)
    received_on: date | None = None
    achieved_on: date | None = None
    achievement: str = ""
    ledger: Mapping[str, tuple[Use, ...]] = field(default_factory=dict)
    notice: Notice | None = None
    leads: str = ""
    legal_person: bool | None = None
    under_ministry: bool | None = None
    matter: str = ""
    later: Mapping[str, Mapping[str, Filed]] = field(default_factory=dict)

    @property
    def review_date(self) -> date:
        """Last day of the achievement year; conditions in months and members are counted on it."""
        return review_date(self.year)

    def for_title(self, title: str, verdicts: Mapping[str, Verdict]) -> Self:
        """Return the case of one title, beside the verdicts reached so far; its vote and notice are those of it."""
        # As dataclasses.replace, which would pass thirty unchanged fields through the constructor for every title.
        case = object.__new__(type(self))
        known = {"title": title, "verdicts": dict(verdicts)}
        known["confirmations"] = self.answers.get(title, self.confirmations)
        vote, notice = self.votes.get(title, self.vote), self.notices.get(title, self.notice)
        proposed_on = self.proposals.get(title, self.proposed_on)
        case.__dict__.update(self.__dict__, vote=vote, notice=notice, proposed_on=proposed_on, **known)
        if title in self.filed:
            filed = self.filed[title]
            of_dossier = {"received_on": filed.received_on, "achieved_on": filed.achieved_on}
            case.__dict__.update(of_dossier, achievement=filed.achievement)
        return case

    def for_matter(self, title: str, matter: str, verdicts: Mapping[str, Verdict]) -> Self:
        """Return the case of a later dossier: its own dates, vote and notice, and answers given about its deed."""
        filed, at = self.later[title][matter], of_matter(title, matter)
        case = self.for_title(title, verdicts)
        case.__dict__.update(
            matter=matter,
            vote=self.votes.get(at),
            notice=self.notices.get(at),
            proposed_on=filed.sent_on,
            received_on=filed.received_on,
            achieved_on=filed.achieved_on,
            achievement=filed.achievement,
            confirmations=answers_of(case.confirmations, title, matter, is_another=filed.is_another),
        )
        return case

    def declared(self, key: str) -> bool:
        """Whether somebody declared `key` (one of DECLARATIONS) by a document."""
        found = self.confirmations.get(key)
        return found is not None and found.answer


@dataclass(frozen=True, kw_only=True)
class PersonCase(Case):
    """A person; `ldtt_decided`: the deciding unit already has decisions on LĐTT for the year."""

    first_recruited: date | None = None
    joined_unit: date | None = None
    periods: tuple[Period, ...] = ()
    trainings: tuple[Training, ...] = ()
    merits: tuple[Merit, ...] = ()
    ldtt_decided: bool = False
    works: tuple[Work, ...] = ()
    service: Service | None = None


@dataclass(frozen=True, kw_only=True)
class TeamCase(Case):
    """A collective; members are the active people on the review date, awards those of members by decision.

    `ldtt` and `cstdcs` are None while no decision on that title exists in the deciding unit. `flags`: flags of the
    Ministry awarded for the year; `firsts`: collectives voted first of their clusters.
    """

    members: int = 0
    unrated: int = 0
    below: tuple[int, int, int] = (0, 0, 0)
    ldtt: int | None = None
    cstdcs: int | None = None
    member_disciplines: tuple[Discipline, ...] = ()
    cluster: str = ""
    flags: int | None = None
    firsts: int | None = None

    def members_below(self, level: RatingLevel) -> int:
        """Return how many rated members are below `level`: excellent, good or completed."""
        order = (RatingLevel.EXCELLENT, RatingLevel.GOOD, RatingLevel.COMPLETED)
        return self.below[order.index(level)]
