"""Two readers mark an initiative, neither seeing the other's mark; a third one reads where they disagree.

What counts as disagreement is declared before anybody marks, and stays with the readers who were named under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from thidua.contracts.base import Exact, Text
from thidua.contracts.campaign import InitiativeState
from thidua.spelling import plain_name
from thidua_registration.domain.initiative import LABELS as STATE_LABELS
from thidua_registration.errors import AssessedAlready, ItemRefused, MarkRefused
from thidua_runtime.reasons import WrongEntry

FULL: Final = Decimal(100)
"""Marks are points of a hundred."""

MARKED_IN: Final = InitiativeState.FORMALLY_OK
"""An initiative is marked while it is formally in order and not yet recorded as assessed."""


READ_LATER: Final = (InitiativeState.DRAFT, InitiativeState.SUBMITTED, InitiativeState.RETURNED)
"""Steps before that one, in which readers may be named beforehand."""


class MarkingRule(BaseModel):
    """When two marks disagree, and what three come to.

    They disagree if they differ by more than `differs_by`, or if one reaches `pass_at` and the other does not.
    `settles`: the mean of the third mark and the nearer one of the two, or the third mark alone. `mark` says how well
    `source` settles all this.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    differs_by: Annotated[Exact, Field(ge=0, le=FULL)]
    pass_at: Annotated[Exact, Field(ge=0, le=FULL)] | None = None
    settles: Literal["nearest", "third"] = "nearest"
    source: Annotated[Text, Field(min_length=1)]
    mark: Literal["official", "derived", "memory", "proposal"] = "proposal"


PROPOSED: Final = MarkingRule(
    differs_by=Decimal(20), source="không thấy văn bản quy định mức lệch; đề xuất của phần mềm", mark="proposal"
)
"""In force where a campaign declares nothing."""


class ReadingState(StrEnum):
    """How far the reading of an initiative is."""

    WAITING = "waiting"
    DISAGREED = "disagreed"
    SETTLED = "settled"


LABELS: Final[Mapping[ReadingState, str]] = {
    ReadingState.WAITING: "Chờ chấm",
    ReadingState.DISAGREED: "Hai người chấm lệch, cần người thứ ba",
    ReadingState.SETTLED: "Đã thống nhất điểm",
}


class Readers(BaseModel):
    """Who reads one initiative; readers go by the name of their token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: Annotated[Text, Field(min_length=1, max_length=200)]
    second: Annotated[Text, Field(min_length=1, max_length=200)]
    third: Annotated[Text, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _different_people(self) -> Readers:
        if len({plain_name(name) for name in self.all}) < len(self.all):
            raise WrongEntry("những người chấm phải là những người khác nhau", "readers are different people")
        return self

    @property
    def all(self) -> tuple[str, ...]:
        """Everybody who is named."""
        return tuple(name for name in (self.first, self.second, self.third) if name)


@dataclass(frozen=True)
class Reading:
    """The readers of one initiative, the rule they were named under, and the marks given so far, by reader."""

    readers: Readers
    rule: MarkingRule
    marks: Mapping[str, Decimal]

    @property
    def state(self) -> ReadingState:
        """How far it is."""
        if not self._has(self.readers.first, self.readers.second):
            return ReadingState.WAITING
        if not self.why_disagreed or self._has(self.readers.third):
            return ReadingState.SETTLED
        return ReadingState.DISAGREED

    @property
    def why_disagreed(self) -> tuple[str, str] | None:
        """Say in Vietnamese and English why the first two marks disagree; None while one is missing, or they agree."""
        if not self._has(self.readers.first, self.readers.second):
            return None
        one, two = self.marks[self.readers.first], self.marks[self.readers.second]
        if abs(one - two) > self.rule.differs_by:
            apart, most = abs(one - two), self.rule.differs_by
            return (
                f"hai điểm lệch nhau {_said(apart)}, quá mức {_said(most)} cho phép",
                f"the marks differ by {apart}, more than {most}",
            )
        bar = self.rule.pass_at
        if bar is not None and (one >= bar) != (two >= bar):
            return (
                f"một điểm đạt mức {_said(bar)}, một điểm không đạt",
                f"one mark reaches {bar}, the other does not",
            )
        return None

    @property
    def settled(self) -> Decimal | None:
        """What the marks come to; None until they are all in."""
        if self.state is not ReadingState.SETTLED:
            return None
        one, two = self.marks[self.readers.first], self.marks[self.readers.second]
        if not self.why_disagreed:
            return _mean(one, two)
        third = self.marks[str(self.readers.third)]
        if self.rule.settles == "third" or abs(one - third) == abs(two - third):
            # As near to the one as to the other: then it is the mean of all three.
            return third
        return _mean(third, min((one, two), key=lambda mark: abs(mark - third)))

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Who has yet to mark; without a third reader nobody, until the office names one."""
        asked = (self.readers.first, self.readers.second)
        waiting = tuple(name for name in asked if name not in self.marks)
        if waiting or self.state is ReadingState.SETTLED or self.readers.third is None:
            return waiting
        return (self.readers.third,)

    def _has(self, *names: str | None) -> bool:
        return all(name in self.marks for name in names)


def check_not_assessed(state: InitiativeState, code: str) -> None:
    """Raise AssessedAlready from the assessment on: what the council was given was marked by the readers named then."""
    if state not in (*READ_LATER, MARKED_IN):
        raise AssessedAlready(code=code, state=STATE_LABELS[state], state_en=state)


def check_readers(readers: Readers, before: Reading | None, authors: Iterable[str]) -> None:
    """Raise what keeps these people from reading: an author among them, or one left out who has marked already."""
    written_by = {plain_name(author) for author in authors}
    for name in readers.all:
        if plain_name(name) in written_by:
            raise ItemRefused(
                why=f"{name} là tác giả của sáng kiến nên không được chấm",
                why_en=f"{name} is an author of the initiative and does not mark it",
            )
    gone = [name for name in (before.marks if before else ()) if name not in readers.all]
    if gone:
        raise ItemRefused(
            why=f"{', '.join(gone)} đã chấm nên không thay được",
            why_en=f"{', '.join(gone)} marked already and cannot be replaced",
        )
    if before is not None and any(_seat(readers, name) != _seat(before.readers, name) for name in before.marks):
        raise ItemRefused(why="không đổi thứ tự người đã chấm", why_en="whoever marked already keeps the place")


def check_mark(reading: Reading | None, reader: str, state: InitiativeState, code: str) -> None:
    """Raise MarkRefused unless this reader may mark now.

    A reader may change a mark until the other one is in: from then on it could be changed with both in view.
    """
    if reading is None or reader not in reading.readers.all:
        raise MarkRefused(code=code, why=f"{reader} không được phân công chấm", why_en=f"{reader} is no reader of it")
    if state is not MARKED_IN:
        raise MarkRefused(
            code=code, why="sáng kiến không ở bước chấm", why_en="the initiative is not at the step of marking"
        )
    if reading.state is ReadingState.SETTLED:
        raise MarkRefused(code=code, why="điểm đã thống nhất", why_en="the mark is settled")
    if reading.state is ReadingState.DISAGREED and reader != reading.readers.third:
        raise MarkRefused(
            code=code,
            why="hai người đã chấm xong, nay chờ người thứ ba",
            why_en="two have marked, the third one is awaited",
        )
    if reading.state is ReadingState.WAITING and reader == reading.readers.third:
        raise MarkRefused(
            code=code,
            why="người thứ ba chỉ chấm khi hai người đầu lệch nhau",
            why_en="the third one marks only where two disagree",
        )


def _seat(readers: Readers, name: str) -> int:
    return (readers.first, readers.second, readers.third).index(name)


def _mean(one: Decimal, two: Decimal) -> Decimal:
    return (one + two) / 2


def _said(points: Decimal) -> str:
    return format(points.normalize(), "f").replace(".", ",")
