"""Campaigns, registrations, initiatives and their moves as clients send them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from thidua.contracts import Document
from thidua.contracts.base import Text
from thidua.contracts.campaign import (
    CampaignState,
    CriteriaSetUse,
    PeriodDates,
    RegisteredInitiative,
    Target,
)
from thidua_registration.domain.initiative import InitiativeMove
from thidua_registration.domain.registration import Move
from thidua_registration.entries.organisation import Entry, Name, Year
from thidua_runtime.reasons import WrongEntry


def exact(value: Any) -> Any:
    """Return a JSON value with a fraction as the text it was written in."""
    # A JSON number with a fraction must not travel on as a float.
    return str(Decimal(repr(value))) if isinstance(value, float) else value


def _known(state: CampaignState) -> CampaignState:
    # The contract reads what it does not know as `unknown`; a client must not send it.
    if state is CampaignState.UNKNOWN:
        raise WrongEntry("phải là open hoặc closed", "is open or closed")
    return state


ParameterValue = Annotated[bool | int | Text | list[Text] | dict[Name, Text | int | bool], BeforeValidator(exact)]


class ParameterEntry(Entry):
    """A value in place of a criteria set's own; every change names its reason."""

    name: Name
    value: ParameterValue
    reason: Annotated[Text, Field(min_length=1)]


DeadlineDays = Annotated[int, Field(ge=1, le=400)]


class DeadlineEntry(Entry):
    """A time limit of a step: `on` a day, or so many `days` or `working_days` after the step began; `proposer` by code.

    Working days are known to the awards service alone, and so for dossiers only.
    """

    about: Literal["registration", "initiative", "dossier"]
    state: Name
    title: Name | None = None
    proposer: Name | None = None
    on: date | None = None
    days: DeadlineDays | None = None
    working_days: DeadlineDays | None = None
    document: Annotated[Text, Field(max_length=500)] = ""


class CampaignEntry(Entry):
    """A campaign as a whole. `moved_because` is the reason for every date this request moves."""

    title: Name
    theme: Text = ""
    kind: Name = "thuong_xuyen"
    year: Year
    starts_on: date
    ends_on: date
    launched_by: Document | None = None
    state: Annotated[CampaignState, AfterValidator(_known)] = CampaignState.OPEN
    participants: Annotated[tuple[Name, ...], Field(max_length=5_000)] = ()
    registration_due: date
    amend_until: date | None = None
    calendar: Annotated[tuple[PeriodDates, ...], Field(max_length=100)] = ()
    criteria_sets: Annotated[tuple[CriteriaSetUse, ...], Field(max_length=100)] = ()
    parameters: Annotated[tuple[ParameterEntry, ...], Field(max_length=1_000)] = ()
    deadline_rolls_to_working_day: bool = False
    deadlines: Annotated[tuple[DeadlineEntry, ...], Field(max_length=2_000)] = ()
    moved_because: Text = ""


def _title_code(written: str) -> str:
    # Officials write LĐTT, CSTĐCS; the codes of titles have no Đ. Which ones there are, the law of awards says.
    plain = written.replace("Đ", "D")
    return plain if plain.isascii() else written


TitleCode = Annotated[Name, AfterValidator(_title_code)]
"""The code of a title or form, as officials abbreviate it: `LĐTT` is read as `LDTT`."""


class ContentEntry(Entry):
    """What a subject registers."""

    titles: Annotated[tuple[TitleCode, ...], Field(max_length=50)] = ()
    targets: Annotated[tuple[Target, ...], Field(max_length=200)] = ()
    initiatives: Annotated[tuple[RegisteredInitiative, ...], Field(max_length=200)] = ()


class ItemEntry(ContentEntry):
    """One item of a unit's registration: of a `person` by staff code, or of the unit itself."""

    person: Name | None = None


class SheetEntry(Entry):
    """A unit's bản đăng ký: document and items. Drafts that it no longer lists are removed."""

    document: Document | None = None
    items: tuple[Any, ...] = ()


class ActEntry(Entry):
    """The paper side of a move; without `done_on` it is done today."""

    done_on: date | None = None
    on_behalf_of: Annotated[Text, Field(max_length=500)] = ""
    document: Document | None = None
    reason: Text = ""


class MoveEntry(ActEntry):
    """A move of one item (`person`, or without it the unit's own), or of `all` items of the unit it fits."""

    unit: Name
    person: Name | None = None
    all: bool = False
    move: Move
    content: ContentEntry | None = None
    successor: Name | None = None


class AuthorEntry(Entry):
    """An author by staff code, with a share in percent."""

    person: Name
    share: Annotated[int, Field(ge=1, le=100)]


class InitiativeEntry(Entry):
    """An initiative of a unit, found by `unit` and `code`; without `content` its text stays as it is."""

    unit: Name
    code: Name
    campaign: Name | None = None
    title: Name
    kind: Name = "sang_kien"
    authors: Annotated[tuple[AuthorEntry, ...], Field(min_length=1, max_length=50)]
    first_applied_on: date | None = None
    content: Annotated[Text, Field(max_length=100_000)] | None = None


class InitiativeMoveEntry(ActEntry):
    """A move of one initiative; `scope` says how far its influence is recognised."""

    unit: Name
    code: Name
    move: InitiativeMove
    scope: Name | None = None
