"""The council's arithmetic: who is a member on a day, whether it may meet, whether a vote can still pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from thidua_awards.law import Regime, Share, share_text
from thidua_awards.law.rules import Mark, Rule

FEWEST_SHOWN_APART: Final = 3
"""Written opinions of fewer members than this are never shown as a total of their own: each could be guessed."""

VOTE_RULES: Final[Mapping[str, str]] = {
    "CSTDB": "cstdb.vote",
    "CSTDT": "cstdb.vote",
    "CSTDTQ": "cstdtq.vote",
    "CTDCP": "ctdcp.vote",
}
"""Titles whose share of votes a regime rules; for the others the council's own rules of procedure say it."""


class Method(StrEnum):
    """How a council votes; paper is the default, electronic needs the council's own rules."""

    PAPER = "paper"
    ELECTRONIC = "electronic"
    HANDS = "hands"


METHOD_WORDS: Final = {
    Method.PAPER: "bỏ phiếu kín trên giấy",
    Method.ELECTRONIC: "bỏ phiếu kín điện tử",
    Method.HANDS: "biểu quyết",
}


class Presence(StrEnum):
    """How a member took part; a written opinion is a signed paper, not a secret ballot."""

    PRESENT = "present"
    WRITTEN = "written"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a council with the first and last day of the term; `ends_on` None: still running."""

    id: str
    name: str
    starts_on: date
    ends_on: date | None = None

    def sits_on(self, day: date) -> bool:
        """Whether the term covers `day`, both ends included."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Limit:
    """The share of yes votes a title needs, its clause, and whether its source may refuse anybody.

    `secret`: the clause asks for a secret ballot besides; a vote that is drawn up has no further need of it.
    """

    share: Share | None
    clause: str
    binds: bool
    mark: str = ""
    secret: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Totals:
    """Votes on one case, written opinions included."""

    yes: int
    no: int
    invalid: int

    @property
    def cast(self) -> int:
        """All votes, valid or not."""
        return self.yes + self.no + self.invalid


def limit_of(title: str, day: date, regime: Regime, own: Share | None, own_rules: str) -> Limit:
    """Return what a vote on `title` needs: the regime's rule where its figure binds, else the council's own rules.

    The rules of procedure bind the council that made them; a figure no text settles stands only where they say nothing.
    """
    rule: Rule | None = regime.rule(VOTE_RULES[title], day) if title in VOTE_RULES else None
    if rule is not None and rule.applies and rule.share is not None and (rule.mark.binds or own is None):
        return Limit(rule.share, rule.clause, rule.mark.binds, rule.mark.value, rule.secret and rule.mark.binds)
    return Limit(own, own_rules, own is not None)


def passed(totals: Totals, members: int, limit: Limit) -> bool | None:
    """Say whether a case passed; None where no share is known, or where a share that binds nobody was not reached."""
    if limit.share is None:
        return None
    if limit.share.allows(totals.yes, members):
        return True
    return False if limit.binds else None


def result_words(totals: Totals, members: int, limit: Limit) -> str:
    """Say the result of a case in a sentence, with its figures, and with the mark of a share that binds nobody."""
    have = f"{share_text(totals.yes, members)} tổng số thành viên Hội đồng đồng ý"
    if limit.share is None:
        return f"{have}; chưa có tỷ lệ yêu cầu, người có thẩm quyền xem xét."
    verdict = {True: "đạt", False: "không đạt", None: "cần người xem xét"}[passed(totals, members, limit)]
    source = limit.clause if limit.binds or not limit.mark else f"{limit.clause}; {Mark(limit.mark).words}"
    return f"{have}; yêu cầu {limit.share} ({source}): {verdict}."


def may_meet(taking_part: int, members: int, quorum: Share | None) -> bool:
    """Whether enough members take part, present or in writing; without a rule of its own any number may."""
    return quorum is None or quorum.allows(taking_part, members)


def out_of_reach(
    cases: Sequence[int],
    taking_part: Collection[str],
    recused: Mapping[int, Collection[str]],
    members: int,
    needs: Mapping[int, Limit],
) -> tuple[int, ...]:
    """Return the cases that cannot pass any more even if everybody who may vote says yes.

    A declared interest or an absence takes a vote away and leaves the number of members as it is.
    """
    shares = {case: needs[case].share for case in cases}
    left = {case: len(set(taking_part) - set(recused.get(case, ()))) for case in cases}
    return tuple(case for case, share in shares.items() if share and not share.allows(left[case], members))


def too_few_writers(
    cases: Iterable[int], wrote: Collection[str], recused: Mapping[int, Collection[str]]
) -> tuple[int, ...]:
    """Return the cases on which so few members wrote an opinion that its total would tell what each of them said."""
    writers = {case: len(set(wrote) - set(recused.get(case, ()))) for case in cases}
    return tuple(case for case, number in writers.items() if 0 < number < FEWEST_SHOWN_APART)


def sitting(members: Iterable[Member], day: date) -> tuple[Member, ...]:
    """Return the members whose term covers `day`."""
    return tuple(one for one in members if one.sits_on(day))
