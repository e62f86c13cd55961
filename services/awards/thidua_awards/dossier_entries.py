"""What clients send about dossiers and the opinions that are asked for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from thidua.contracts.base import Code
from thidua_awards.domain.dossier import Kind
from thidua_awards.entries import Entry, NearDay, Written
from thidua_runtime.reasons import WrongEntry

MOST_DOSSIERS = 2_000


class DossierEntry(Entry):
    """A dossier of a subject for one title or form of a campaign; the subject was reviewed for it before.

    `achieved_on`: the day of a sudden achievement, of a thematic one its end; the end of the year if left out.
    `achievement` names it, so that a second commendation of the same shows.
    """

    campaign: Code
    subject: Code
    title: Code
    kind: Kind = "merit"
    due_on: date | None = None
    achieved_on: NearDay | None = None
    achievement: Written | Literal[""] = ""


class StepEntry(Entry):
    """One step of a dossier.

    `acted_on`: when it happened, today if left out; an earlier day is recorded afterwards and needs its document.
    `on_behalf`: whose act it was, such as the head of the unit. `due_on`: until when the next step is expected.
    `title`: the form a council proposes instead, `agreement`: the document by which the unit agrees to it; both for
    `converted` alone.
    """

    to: Code
    acted_on: NearDay | None = None
    on_behalf: Written | Literal[""] = ""
    document: Written | Literal[""] = ""
    dated: NearDay | None = None
    reason: Written | Literal[""] = ""
    due_on: date | None = None
    title: Code | None = None
    agreement: Written | Literal[""] = ""


class ListStepsEntry(Entry):
    """The same steps for every dossier of a list: a list goes to the council, or to the Minister, as one."""

    dossiers: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST_DOSSIERS)]
    steps: Annotated[tuple[StepEntry, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _each_once(self) -> ListStepsEntry:
        if len(set(self.dossiers)) < len(self.dossiers):
            raise WrongEntry("danh sách ghi một hồ sơ hai lần", "the list names a dossier twice")
        return self


class ConsultationEntry(Entry):
    """A request for opinions on a list: public notice, agencies (hiệp y), or the Party committee.

    `until`: the last day for answers; of a public notice it is counted from the working days asked for if left out.
    """

    kind: Literal["public", "agencies", "party"]
    campaign: Code
    document: Written
    addressee: Written
    posted_on: NearDay
    until: NearDay | None = None
    dossiers: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST_DOSSIERS)]

    @model_validator(mode="after")
    def _until_given(self) -> ConsultationEntry:
        if self.kind != "public" and self.until is None:
            raise WrongEntry("ghi hạn trả lời (until)", "say until when an answer is due (until)")
        if self.until is not None and self.until < self.posted_on:
            raise WrongEntry("hạn trả lời trước ngày gửi, đăng", "an answer is due before the day of sending")
        return self


class RemarkEntry(Entry):
    """A comment that came in, without the name of whoever sent it."""

    received_on: date
    said: Written


class AnswerEntry(Entry):
    """How a comment was taken up or answered."""

    answer: Written


class EndEntry(Entry):
    """The end of asking: the document with the answer, or that the time passed without one."""

    closed_on: date
    answer: Written


class DayEntry(Entry):
    """A day that a document made working or free."""

    day: NearDay
    working: bool
    document: Written
