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


class Need(Enum):
    """What a move must bring along."""

    DOCUMENT = auto()
    REASON = auto()
    NAMED = auto()
    CONTENT = auto()
    SUCCESSOR = auto()
    SCOPE = auto()


ASKED_FOR: Final[Mapping[Need, str]] = {
    Need.DOCUMENT: "số, ngày văn bản",
    Need.REASON: "lý do",
    Need.NAMED: "người quyết định (on_behalf_of)",
    Need.CONTENT: "nội dung điều chỉnh (content)",
    Need.SUCCESSOR: "mã đơn vị kế thừa (successor)",
    Need.SCOPE: "phạm vi ảnh hưởng (scope)",
}


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


def check(rule: Rule[S], state: S, act: Act, brought: frozenset[Need], labels: Mapping[S, str]) -> None:
    """Raise what stops this act, in the order a person would ask: state, authority, date, papers.

    `brought` names the needs that are met outside the act itself. An act recorded afterwards always needs
    its document.
    """
    if state not in rule.leaves:
        allowed = ", ".join(f"“{labels[leaves]}”" for leaves in rule.leaves)
        raise MoveRefused(move=rule.label, state=labels[state], allowed=allowed)
    if act.side not in rule.sides:
        raise MoveReserved(move=rule.label, whose=rule.sides[0].value)
    if act.done_on > act.today:
        raise MoveInFuture(done_on=act.done_on, today=act.today)
    needs = (*rule.needs, Need.DOCUMENT) if act.recorded_afterwards else rule.needs
    for need in needs:
        if need not in brought | _brought(act):
            raise MoveNeeds(move=rule.label, what=ASKED_FOR[need])


def _brought(act: Act) -> frozenset[Need]:
    found = {Need.DOCUMENT: act.document, Need.REASON: act.reason.strip(), Need.NAMED: act.on_behalf_of.strip()}
    return frozenset(need for need, value in found.items() if value)
