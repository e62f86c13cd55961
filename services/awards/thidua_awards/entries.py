"""What clients send: strict models that refuse unknown fields, so that a misspelt one is not silently lost."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from thidua.contracts.base import Code, Text
from thidua_awards.domain.common import ADMINISTRATIVE
from thidua_awards.law import DisciplineForm, TrainingResult
from thidua_runtime.imports import Column, Day
from thidua_runtime.reasons import WrongEntry

FIRST_YEAR: Final = 1945
LAST_YEAR: Final = 2100

Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
"""An achievement year."""

# The least length stands apart: it is that of the text without the blanks around it.
Written = Annotated[Text, StringConstraints(max_length=500, strip_whitespace=True), Field(min_length=1)]
"""A short text that must not be empty."""


Numbered = Annotated[Code, StringConstraints(strip_whitespace=True), Field(min_length=1)]
"""A number of the document register, without blanks around it."""

NearDay = Annotated[date, Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]
"""A day around which working days are counted; beyond these years there is no calendar."""


def each_once(*names: str) -> AfterValidator:
    """Return a check that no two entries of a list agree in all these fields."""

    def checked(entries: list[Entry]) -> list[Entry]:
        if len({tuple(getattr(one, name) for name in names) for one in entries}) < len(entries):
            raise WrongEntry(
                f"danh sách ghi một mục hai lần ({', '.join(names)})",
                f"the list names an item twice ({', '.join(names)})",
            )
        return entries

    return AfterValidator(checked)


class Entry(BaseModel):
    """Base of all entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ConfirmationEntry(Entry):
    """A person's answer to a check, or a declaration; `subject` may be a unit, which then covers its members.

    `title`: the title or form the answer is about; without one it is about all for which such an answer stands.
    `dossier`: the one it is about, where what was achieved is asked for and the subject has a later dossier.
    """

    campaign: Code
    subject: Code
    key: Code
    title: Code | Literal[""] = ""
    dossier: Code | None = None
    answer: bool
    by: Written
    document: Written
    dated: date


class CandidateEntry(Entry):
    """A subject named for a title it did not register; `document` is the list or submission that names it."""

    campaign: Code
    subject: Code
    title: Code
    document: Written


class DisciplineEntry(Entry):
    """A discipline decision; `counted_in`: the year whose title the same violation already refused."""

    id: Code | None = None
    subject: Code
    kind: Code = ADMINISTRATIVE
    form: DisciplineForm | None = None
    decided_on: date
    ends_on: date | None = None
    counted_in: Year | None = None

    @model_validator(mode="after")
    def _ends_after(self) -> DisciplineEntry:
        if self.ends_on is not None and self.ends_on < self.decided_on:
            raise WrongEntry(
                "ngày hết thời hạn kỷ luật trước ngày quyết định", "the discipline ends before its decision"
            )
        return self


class TrainingEntry(Entry):
    """A course the person was sent to, in full months up to the end of `year`."""

    id: Code | None = None
    subject: Code
    year: Year
    months: int = Field(ge=0, le=600)
    result: TrainingResult | None = None


class HoldEntry(Entry):
    """A hold on the review of a subject; its reason is asked for nowhere."""

    subject: Code
    starts_on: date


class LiftEntry(Entry):
    """The end of a hold; from `ends_on` on it no longer counts."""

    ends_on: date


CommendationKind = Literal["chuyen_de", "dot_xuat"]
"""Thematic (chuyên đề) or sudden (đột xuất); the yearly merit bears no kind."""


Route = Literal["excellent", "initiative"]
"""How CSTĐCS was reached: by an excellent rating or by an initiative, topic."""

ROUTE_WORDS: Final = {
    "hoàn thành xuất sắc nhiệm vụ": "excellent",
    "hoàn thành xuất sắc": "excellent",
    "sáng kiến": "initiative",
    "đề tài": "initiative",
}


def _route_of(written: object) -> object:
    return ROUTE_WORDS.get(written.strip().casefold(), written) if isinstance(written, str) else written


class AwardEntry(Entry):
    """One line of a decision; `subject` is the id or code of a unit or person.

    `route` and `uses` (such as `initiative:ID`) are those of the review where they are left out. `dossier`: which one
    it decides on, where the subject has several for that title under way.
    """

    subject: Code
    code: Code
    year: Year
    route: Route | None = None
    kind: CommendationKind | None = None
    uses: Annotated[tuple[Written, ...], Field(max_length=50)] = ()
    dossier: Code | None = None


class DecisionEntry(Entry):
    """A signed decision as the document register has it; number and date are typed in, never issued here.

    `cut`: the moment it stands behind, where the campaign was reviewed here; default: when it is sent. `reason`: why
    the competent person decided otherwise than the council voted.
    """

    number: Numbered
    dated: NearDay
    signer: Written
    authority: Written
    campaign: Code | None = None
    cut: AwareDatetime | None = None
    reason: Written | Literal[""] = ""
    awards: Annotated[tuple[AwardEntry, ...], Field(min_length=1, max_length=20_000)]


class ReasonEntry(Entry):
    """Why a decision was made all the same, entered afterwards from its papers."""

    reason: Written


class CancelEntry(Entry):
    """Cancelling a decision as a whole, by another document."""

    reason: Written
    document: Written


class LineName(Entry):
    """Names one line of a decision; `subject` is an id or code."""

    subject: Code
    code: Code
    year: Year


class CancelLinesEntry(CancelEntry):
    """Cancelling some lines of a decision by another document; the others stand."""

    lines: Annotated[tuple[LineName, ...], Field(min_length=1, max_length=20_000)]


class LineCorrection(LineName):
    """What a line should have said; what is left out stays as it is."""

    to_subject: Code | None = None
    to_code: Code | None = None
    to_year: Year | None = None
    to_route: Route | None = None
    to_kind: CommendationKind | None = None
    to_uses: Annotated[tuple[Written, ...], Field(max_length=50)] | None = None


class CorrectEntry(Entry):
    """A correction of a decision by another document (đính chính): its head, some lines, or both."""

    document: Written
    dated: date
    reason: Written
    number: Numbered | None = None
    signed_on: date | None = None
    signer: Written | None = None
    authority: Written | None = None
    lines: Annotated[tuple[LineCorrection, ...], Field(max_length=20_000)] = ()


class ServiceTimeEntry(Entry):
    """A person's years in the sector, disciplined time taken off; the one place where a rule needs the sex.

    `outsider`: comes from another sector; `years_here` of the years were in this one.
    """

    subject: Code
    woman: bool
    years: int = Field(ge=0, le=80)
    outsider: bool = False
    years_here: int = Field(0, ge=0, le=80)
    document: Written


class SexCountEntry(Entry):
    """Totals of a unit by sex for one title, as its personnel officer states them; nobody is named."""

    campaign: Code
    unit: Code
    title: Code
    women: int = Field(ge=0, le=1_000_000)
    men: int = Field(ge=0, le=1_000_000)
    women_awarded: int = Field(ge=0, le=1_000_000)
    men_awarded: int = Field(ge=0, le=1_000_000)
    document: Written

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> SexCountEntry:
        if self.women_awarded > self.women or self.men_awarded > self.men:
            raise WrongEntry(
                "số người đạt nhiều hơn số người của giới đó", "more were awarded than there are of that sex"
            )
        return self


class ErasureEntry(Entry):
    """An erasure of a person, by id, as a document asks for it."""

    person: Code
    document: Written
    reason: Written


class SuccessionEntry(Entry):
    """A unit (`successor`) that took over from another from a day on, as a document says."""

    predecessor: Code
    successor: Code
    effective_on: date
    document: Written
    dated: date


class PastAward(Entry):
    """A row of an import of past awards."""

    subject: Annotated[Code, Column("Mã đơn vị, cá nhân", "Mã cá nhân", "Mã đơn vị", "Mã")]
    code: Annotated[Code, Column("Mã danh hiệu", "Danh hiệu", "Hình thức")]
    year: Annotated[Year, Column("Năm", "Năm thành tích")]
    number: Annotated[Code, Column("Số quyết định", "Số QĐ")]
    dated: Annotated[Day, Column("Ngày quyết định", "Ngày QĐ", "Ngày ký")]
    signer: Annotated[Written, Column("Người ký")]
    authority: Annotated[Written, Column("Cơ quan ban hành", "Cấp quyết định")]
    route: Annotated[Route | None, BeforeValidator(_route_of), Column("Con đường")] = None
    kind: Annotated[CommendationKind | None, Column("Loại khen thưởng")] = None
