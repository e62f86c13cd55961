"""What clients send about councils, meetings and votes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from thidua.contracts.base import Code
from thidua_awards.domain.council import Method, Presence
from thidua_awards.entries import Entry, NearDay, Written
from thidua_awards.law import Share
from thidua_runtime.reasons import WrongEntry

LARGEST_COUNCIL = 200
LONGEST_LIST = 500

Votes = Annotated[int, Field(ge=0, le=LARGEST_COUNCIL)]
"""A number of votes on one case."""


def _not_at_most(share: Share) -> Share:
    if share.at_most is not None:
        raise WrongEntry(
            "tỷ lệ của Hội đồng là mức tối thiểu (at_least hoặc more_than), không phải mức tối đa (at_most)",
            "the share of a council is a least one (at_least or more_than), not a most (at_most)",
        )
    return share


LeastShare = Annotated[Share, AfterValidator(_not_at_most)]
"""A share of all members that must be reached."""


class MemberEntry(Entry):
    """A member with the term the decision on the council gives; `id` is the council's own name for the member."""

    id: Code
    name: Written
    post: Written
    role: Literal["chair", "deputy", "secretary", "member"] = "member"
    starts_on: date
    ends_on: date | None = None

    @model_validator(mode="after")
    def _ends_after(self) -> MemberEntry:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise WrongEntry("ngày hết nhiệm kỳ trước ngày bắt đầu", "the term ends before it begins")
        return self


class CouncilEntry(Entry):
    """A council as its decision sets it up.

    `rules`: its rules of procedure. `electronic`: these allow an electronic secret ballot. `quorum` and `share` are
    what these say of taking part and of yes votes, both of all members; left out where they say nothing.
    """

    name: Written
    unit: Code
    document: Written
    dated: date
    rules: Written
    electronic: bool = False
    quorum: LeastShare | None = None
    share: LeastShare | None = None
    members: Annotated[tuple[MemberEntry, ...], Field(min_length=1, max_length=LARGEST_COUNCIL)]

    @model_validator(mode="after")
    def _each_once(self) -> CouncilEntry:
        if len({one.id for one in self.members}) < len(self.members):
            raise WrongEntry("danh sách ghi một thành viên hai lần", "the list names a member twice")
        return self


class TermEntry(Entry):
    """The last day of a member's term."""

    ends_on: date


class MeetingEntry(Entry):
    """A meeting of a council; chair and secretary are names as the minutes bear them, or ids of members."""

    campaign: Code
    held_on: NearDay
    place: Written
    chair: Written
    secretary: Written
    agenda: Annotated[tuple[Written, ...], Field(max_length=100)] = ()


class PresenceEntry(Entry):
    """How a member took part; a written opinion is a signed paper that stays with the secretary."""

    member: Code
    presence: Presence


class VoteEntry(Entry):
    """A vote on one title: its list of subjects, in the order of the ballot paper.

    `dossiers`: which ones are voted on, of subjects that have several for that title under way.
    """

    title: Code
    method: Method = Method.PAPER
    subjects: Annotated[tuple[Code, ...], Field(min_length=1, max_length=LONGEST_LIST)]
    dossiers: Annotated[tuple[Code, ...], Field(max_length=LONGEST_LIST)] = ()


class InterestEntry(Entry):
    """A declared interest of a member in one case, by number on the list."""

    member: Code
    place: int = Field(ge=1)
    document: Written


class OpenEntry(Entry):
    """Opening a vote.

    `despite`: cases that cannot pass any more are known and the vote is opened all the same. `despite_notice`: so is a
    public notice that is missing or too short. `despite_voted`: so are counting minutes on a case that stand.
    `despite_held`: so is a hold on a case. `reason`: why, kept with the vote; each of them needs one. `recount_days`:
    for an electronic ballot, days after closing in which it can be counted again.
    """

    despite: bool = False
    despite_notice: bool = False
    despite_voted: bool = False
    despite_held: bool = False
    reason: Written | Literal[""] = ""
    recount_days: int = Field(30, ge=1, le=3650)

    @model_validator(mode="after")
    def _reason_given(self) -> OpenEntry:
        if self.waived and not self.reason:
            raise WrongEntry(
                "ghi lý do vẫn mở lượt biểu quyết (reason)", "say why the vote is opened all the same (reason)"
            )
        return self

    @property
    def waived(self) -> tuple[str, ...]:
        """What speaks against the vote and is known, by field."""
        named = ("despite", "despite_notice", "despite_voted", "despite_held")
        return tuple(name for name in named if getattr(self, name))


class WithdrawalEntry(Entry):
    """Taking back a vote that was drawn up or opened by mistake, before anybody voted or counted."""

    reason: Written


class BallotEntry(Entry):
    """A member's ballot, one word per case in the order of the list; `none` exactly where an interest is declared."""

    choices: Annotated[
        tuple[Literal["yes", "no", "invalid", "none"], ...], Field(min_length=1, max_length=LONGEST_LIST)
    ]


class CaseTotals(Entry):
    """Votes on one case, as the counting minutes have them, written opinions included."""

    place: int = Field(ge=1)
    yes: Votes
    no: Votes
    invalid: Votes = 0


class CountEntry(Entry):
    """The totals of counting minutes; whoever checks sends them again, read from the paper."""

    document: Written
    totals: Annotated[tuple[CaseTotals, ...], Field(min_length=1, max_length=LONGEST_LIST)]


class CloseEntry(Entry):
    """Closing an electronic ballot; `written` are totals of the written opinions, per case."""

    document: Written
    written: Annotated[tuple[CaseTotals, ...], Field(max_length=LONGEST_LIST)] = ()


class RecountEntry(Entry):
    """A recount of an electronic ballot; it takes no figures of the written opinions, whose papers are read apart."""

    document: Written
