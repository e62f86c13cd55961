"""What every move has in common: who acts, when, on whose behalf, by which document, for which reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum, auto
from typing import Final, Generic, TypeVar

from thidua.contracts import Document
from thidua_registration.errors import MoveInFuture, MoveNeeds, MoveRefused, MoveReserved

S = TypeVar("S", bound=StrEnum)


class Side(Enum):
    """Who stands behind a request: a unit (its clerk), or the standing office (Thường trực Hội đồng)."""

    UNIT = "đơn vị"
    OFFICE = "Thường trực Hội đồng"


SIDES: Final = {Side.UNIT: "the unit", Side.OFFICE: "the standing office"}
"""The sides in English."""


class Need(Enum):
    """What a move must bring along."""

    DOCUMENT = auto()
    REASON = auto()
    NAMED = auto()
    CONTENT = auto()
    SUCCESSOR = auto()
    SCOPE = auto()


ASKED_FOR: Final[Mapping[Need, tuple[str, str]]] = {
    Need.DOCUMENT: ("số, ngày văn bản", "number and date of a document"),
    Need.REASON: ("lý do", "a reason"),
    Need.NAMED: ("người quyết định (on_behalf_of)", "who decided (on_behalf_of)"),
    Need.CONTENT: ("nội dung điều chỉnh (content)", "the amended content (content)"),
    Need.SUCCESSOR: ("mã đơn vị kế thừa (successor)", "the unit that succeeds (successor)"),
    Need.SCOPE: ("phạm vi ảnh hưởng (scope)", "the scope of influence (scope)"),
}
"""What each need is called, in Vietnamese and English."""


@dataclass(frozen=True)
class Rule(Generic[S]):
    """One line of a table of moves: `enters` is None where the state stays; `label` is the verb an official reads."""

    label: str
    leaves: tuple[S, ...]
    enters: S | None
    sides: tuple[Side, ...] = (Side.OFFICE,)
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class Act:
    """One act of a person. `done_on` is the day on paper, `today` the day it is recorded."""

    side: Side
    actor: str
    today: date
    done_on: date
    on_behalf_of: str = ""
    document: Document | None = None
    reason: str = ""

    @property
    def recorded_afterwards(self) -> bool:
        """Whether it was decided on paper before it was entered; such an act is marked, never forbidden."""
        return self.done_on < self.today


def check(move: StrEnum, rule: Rule[S], state: S, act: Act, brought: frozenset[Need], labels: Mapping[S, str]) -> None:
    """Raise what stops this act, in the order a person would ask: state, authority, date, papers.

    `brought` names the needs that are met outside the act itself. An act recorded afterwards always needs
    its document.
    """
    named = move.value.replace("_", " ")
    if state not in rule.leaves:
        allowed = ", ".join(f"“{labels[leaves]}”" for leaves in rule.leaves)
        raise MoveRefused(
            move=rule.label,
            move_en=named,
            state=labels[state],
            state_en=state,
            allowed=allowed,
            allowed_en=", ".join(rule.leaves),
        )
    if act.side not in rule.sides:
        raise MoveReserved(move=rule.label, move_en=named, whose=rule.sides[0].value, whose_en=SIDES[rule.sides[0]])
    if act.done_on > act.today:
        raise MoveInFuture(done_on=act.done_on, today=act.today)
    needs = (*rule.needs, Need.DOCUMENT) if act.recorded_afterwards else rule.needs
    for need in needs:
        if need not in brought | _brought(act):
            what, what_en = ASKED_FOR[need]
            raise MoveNeeds(move=rule.label, move_en=named, what=what, what_en=what_en)


def _brought(act: Act) -> frozenset[Need]:
    found = {Need.DOCUMENT: act.document, Need.REASON: act.reason.strip(), Need.NAMED: act.on_behalf_of.strip()}
    return frozenset(need for need, value in found.items() if value)
