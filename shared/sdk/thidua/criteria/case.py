"""The case: everything one score is computed from, and nothing else.

A case holds raw material (registrations, months, facts …) as the streams say it; the engine resolves a set's
inputs from it, so that a replay needs only the case and the set. It names no person: ids only.
Collections have no order of their own and are sorted when the case is made; fields left at their default are
not written, so that a field added tomorrow does not change the hash of a case stored today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from thidua.criteria.canonical import (
    Exact,
    Text,
    as_written,
    canonical_json,
    content_hash,
    exact,
    listed,
    plain_decimal,
)
from thidua.criteria.periods import period

Item = TypeVar("Item")


def _sorted_by(key: Callable[[Any], Any]) -> AfterValidator:
    def in_order(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(sorted(items, key=key))

    return AfterValidator(in_order)


def _known_period(name: str) -> str:
    return period(name).name


def _known_month(name: str) -> str:
    if period(name).kind != "month":
        raise ValueError(f'"{name}" is no month; write 2022-03')
    return name


def _one_spelling(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return plain_decimal(value) if isinstance(value, Decimal) else exact(value)


PeriodName = Annotated[str, AfterValidator(_known_period)]
"""A period's name: "2022", "2022-H1", "2022-Q1" or "2022-03"."""

MonthName = Annotated[str, AfterValidator(_known_month)]
"""A month's name, "2022-03"."""

Count = Annotated[int, Field(ge=0, strict=True)]
"""How many: a whole number, never negative."""

Value = Annotated[bool | int | Text | None, BeforeValidator(_one_spelling)]
"""A stated value: yes or no, a whole number, or text (a decimal "137.5", a date, a document's number)."""

Stater = Literal["self", "appraiser", "council"]
Texts = Annotated[tuple[Text, ...], AfterValidator(lambda texts: tuple(sorted(set(texts))))]


_NOBODY_ASKS: Final[set[str]] = set()
_WORKED_OUT: Final = ("written", "canonical", "hash")
_WRITTEN_APART: Final = {"subject", "months", "facts"}


class Frozen(BaseModel):
    """Base of every part of a case: frozen, and an unknown field is an error, because a case is replayed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def checked(cls, fields: dict[str, Any]) -> Self:
        """Make a part of fields that were looked at already: all of them, each as validation would leave it.

        Only for whoever proves that (a test holds both ways equal): nothing is refused here.
        """
        # What `model_construct` does, for a fifth of its time.
        made = cls.__new__(cls)
        given = object.__setattr__
        given(made, "__dict__", fields)
        given(made, "__pydantic_fields_set__", _NOBODY_ASKS)
        given(made, "__pydantic_extra__", None)
        given(made, "__pydantic_private__", None)
        return made

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy; what was worked out of the fields is worked out anew."""
        copied = super().model_copy(update=update, deep=deep)
        for name in _WORKED_OUT:
            copied.__dict__.pop(name, None)
        return copied

    @cached_property
    def written(self) -> bytes:
        """The part as canonical JSON, without what is left at its default."""
        return canonical_json(self.model_dump(mode="json", exclude_defaults=True))


class Subject(Frozen):
    """Who is scored. `unit` is the own unit of a collective, the unit of record of a person.

    `active_from`, `active_to`: first and last month the subject existed or belonged here; months outside
    them are expected of nobody. None means the whole period.
    """

    kind: Literal["collective", "individual"]
    id: Text
    unit: Text
    cluster: Text | None = None
    unit_kind: Text | None = None
    post: Text | None = None
    leads_unit: bool | None = None
    comparable_group: Text | None = None
    months_in_period: Count | None = None
    active_from: MonthName | None = None
    active_to: MonthName | None = None


class ParameterChange(Frozen):
    """A parameter the campaign replaced, with its reason; `value` is spelled as in criteria.yaml."""

    value: Annotated[bool | int | Text | dict[str, int | Text], BeforeValidator(_one_spelling)]
    reason: Text = Field(min_length=1)


class RegisteredTarget(Frozen):
    """A registered target: its wording, and how much of what, if it says so."""

    name: Text
    value: Exact | None = None
    measure: Text = ""


class Registration(Frozen):
    """How many titles, targets or initiatives one registration names, and when it was first submitted.

    `titles` (codes), `targets` and `late` are there only for sets that read the registrations whole.
    """

    what: Literal["titles", "targets", "initiatives"]
    count: Count
    first_submitted: date | None = None
    withdrawn: bool = False
    late: bool = False
    titles: Texts = ()
    targets: Annotated[tuple[RegisteredTarget, ...], _sorted_by(lambda one: (one.name, one.measure))] = ()


class WorkTally(Frozen):
    """Converted weights of work items. `by_failures` and `by_delays` split `done`: (times, weight).

    Only counted failed reviews and delays are in it: one with a confirmed objective cause is not.
    """

    assigned: Exact = Field(ge=0)
    done: Exact = Field(ge=0)
    by_failures: Annotated[tuple[tuple[Count, Exact], ...], _sorted_by(lambda pair: pair)] = ()
    by_delays: Annotated[tuple[tuple[Count, Exact], ...], _sorted_by(lambda pair: pair)] = ()


class Month(Frozen):
    """One month's results of the subject itself; for a person, `reported` is about the unit's report.

    `reported`: the unit's report came in or its source vouches for the month; a month that has no row, or
    `reported=False`, is unknown, never zero. `due`: D, `on_time`: N of docs/architecture.md; `completed`: of D,
    late ones too; `overdue_open`: deadline in the month, passed, not completed. `work` holds weighted items,
    `work_unweighted` those without a weight, each counted as one. `declared`: totals declared by the unit.
    `weights_missing`: how many work items have no weight, which a set may count as missing or as one each;
    for the latter `work_unweighted` must be given.
    """

    month: MonthName
    reported: bool
    due: Count = 0
    on_time: Count = 0
    completed: Count = 0
    overdue_open: Count = 0
    closed: bool = False
    declared: bool = False
    work: WorkTally | None = None
    work_unweighted: WorkTally | None = None
    weights_missing: Count = 0

    @model_validator(mode="after")
    def _parts_of_the_due(self) -> Self:
        if not self.on_time <= self.completed <= self.due:
            raise ValueError(f"month {self.month}: on_time <= completed <= due does not hold")
        return self


class Initiative(Frozen):
    """An initiative of the subject. `level`: the widest scope that recognised it.

    The rest is there only for sets that read initiatives whole: `authors`: how many wrote it, `share`: percent of a
    person who is one of them, `mark`: what the readers settled on, of a hundred.
    """

    id: Text
    stage: Literal["registered", "recognised"]
    level: Literal["base", "province", "ministry", "national"] | None = None
    recognised_on: date | None = None
    kind: Text | None = None
    authors: Count | None = None
    share: Count | None = None
    first_applied_on: date | None = None
    mark: Exact | None = None


class Fact(Frozen):
    """One value somebody stated for a criterion input: one entry of the `facts` stream.

    `value`: yes or no (True, "yes"), a number (12, "137.5"), a date, a document's number, a mark, or for a
    log the code of one case: a log has one fact per entry. `period`: what the value is stated for
    ("2022-03"); None: all of the scored period; one that does not lie within the scored period is not read.
    `dated`: the day of a document or of a log's entry; of two statements for one period by one side the
    later one counts. `status`: verified or refused by who checks the evidence, open until then; a refused
    fact is missing.
    """

    id: Text
    input: Text
    stated_by: Stater
    value: Value = None
    period: PeriodName | None = None
    dated: date | None = None
    evidence: Texts = ()
    status: Literal["open", "verified", "refused"] = "open"


class Discipline(Frozen):
    """A disciplinary measure in force from the first to the last day; None: still in force."""

    form: Literal["khien_trach", "canh_cao", "ha_bac_luong", "giang_chuc", "cach_chuc", "buoc_thoi_viec"]
    first_day: date
    last_day: date | None = None


class MemberBand(Frozen):
    """The band a member reached in a set."""

    set: Text
    band: Text


class Member(Frozen):
    """A member of the unit a subject leads; `judged` is False while the title or band is undecided."""

    subject: Text
    judged: bool
    titles: Texts = ()
    bands: Annotated[tuple[MemberBand, ...], _sorted_by(lambda band: (band.set, band.band))] = ()


class Peer(Frozen):
    """Another subject of the cluster, with the facts that are compared, and months where a set reads them too."""

    subject: Text
    facts: Annotated[tuple[Fact, ...], _sorted_by(lambda fact: _fact_key(fact))] = ()
    months: Annotated[tuple[Month, ...], _sorted_by(lambda month: month.month)] = ()


class Decision(Frozen):
    """An award the subject received. `year`: the one it is for, where a set reads the history whole."""

    code: Text
    dated: date
    number: Text
    year: Count | None = None


class PeriodScore(Frozen):
    """An official score of a part of the year, from which `period.year` makes the year."""

    period: PeriodName
    state: Literal["complete", "incomplete", "not_scored"]
    total: Decimal | None = None


def _fact_key(fact: Fact) -> tuple[str, ...]:
    return (fact.input, fact.period or "", fact.stated_by, fact.id)


def _no_two_alike(what: str, keys: list[str]) -> None:
    if len(set(keys)) < len(keys):
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise ValueError(f"{what} {twice} is given twice")


class Case(Frozen):
    """The frozen case of one score: subject, campaign, period, lane and all raw material.

    `as_of`: results and statements up to this date are in the case. `band_orders`: for each other set that a
    `members` input names, its bands from best to worst. `discipline`: None where whoever made the case does not
    know the measures, which is missing; an empty tuple says that there are none.
    """

    subject: Subject
    campaign: Text
    period: PeriodName
    as_of: date
    lane: Literal["running", "official"]
    parameters: dict[Text, ParameterChange] = Field(default_factory=dict)
    registrations: Annotated[
        tuple[Registration, ...],
        _sorted_by(lambda one: (one.what, one.first_submitted or date.max, one.count, one.withdrawn)),
    ] = ()
    months: Annotated[tuple[Month, ...], _sorted_by(lambda month: month.month)] = ()
    initiatives: Annotated[tuple[Initiative, ...], _sorted_by(lambda one: one.id)] = ()
    facts: Annotated[tuple[Fact, ...], _sorted_by(_fact_key)] = ()
    discipline: (
        Annotated[
            tuple[Discipline, ...],
            _sorted_by(lambda one: (one.first_day, one.form, one.last_day or date.max)),
        ]
        | None
    ) = ()
    members: Annotated[tuple[Member, ...], _sorted_by(lambda member: member.subject)] = ()
    peers: Annotated[tuple[Peer, ...], _sorted_by(lambda peer: peer.subject)] = ()
    decisions: Annotated[tuple[Decision, ...], _sorted_by(lambda one: (one.dated, one.code, one.number))] = ()
    periods: Annotated[tuple[PeriodScore, ...], _sorted_by(lambda one: one.period)] = ()
    band_orders: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _no_two_alike("month", [month.month for month in self.months])
        _no_two_alike("fact", [fact.id for fact in self.facts])
        _no_two_alike("member", [member.subject for member in self.members])
        _no_two_alike("peer", [peer.subject for peer in self.peers])
        return self

    @cached_property
    def canonical(self) -> bytes:
        """The case as canonical JSON: the same bytes for the same content, whatever order it came in."""
        whole = self.model_dump(mode="json", exclude_defaults=True, exclude=_WRITTEN_APART)
        whole["subject"] = as_written(self.subject.written)
        if self.months:
            whole["months"] = listed([one.written for one in self.months])
        if self.facts:
            whole["facts"] = listed([one.written for one in self.facts])
        return canonical_json(whole)

    @cached_property
    def hash(self) -> str:
        """ "sha256:…" of the canonical JSON; a score names it, a replay proves it."""
        return content_hash(self.canonical)

    @classmethod
    def from_canonical(cls, content: bytes) -> Self:
        """Read a stored case back. Raises pydantic.ValidationError, naming the field, if it is none."""
        return cls.model_validate_json(content)
