"""Units, clusters, people and ratings as clients send them; fields that are left out keep what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from thidua.contracts import Document
from thidua.contracts.base import Code
from thidua.contracts.organisation import CountedPeriod, DatedCode
from thidua_runtime.columns import OneOf
from thidua_runtime.imports import Column, Day, Flag, plain
from thidua_runtime.reasons import WrongEntry

Name = Annotated[Code, Field(max_length=500)]
"""A name that an official reads in a list: not empty, at most 500 characters."""

Year = Annotated[int, Field(ge=2000, le=2100)]
"""A calendar year."""

UNIT_KINDS: Final[Mapping[str, str]] = {
    "bo": "bộ, ngành",
    "tong_cuc": "tổng cục",
    "cuc": "cục",
    "vu": "vụ",
    "van_phong": "văn phòng",
    "thanh_tra": "thanh tra",
    "su_nghiep": "đơn vị sự nghiệp",
    "tinh": "tỉnh, thành phố",
    "so": "sở",
    "ban": "ban",
    "chi_cuc": "chi cục",
    "phong": "phòng",
    "xa": "xã, phường, đặc khu",
    "khac": "khác",
}
"""Kinds of units by their code; `khac` for whatever a province has beside them."""


def _unit_kind(value: str) -> str:
    code = plain(value).replace(" ", "_")
    if code not in UNIT_KINDS:
        listed = ", ".join(f"{known} ({called})" for known, called in UNIT_KINDS.items())
        raise WrongEntry(
            f"không có loại đơn vị “{value[:80]}”; các loại: {listed}",
            f"there is no kind of unit {value[:80]!r}; kinds: {', '.join(UNIT_KINDS)}",
        )
    return code


def _unbroken(value: str) -> str:
    if any(sign.isspace() for sign in value):
        raise WrongEntry(
            f"mã đơn vị không được có khoảng trắng: “{value[:80]}”; hãy viết liền hoặc dùng dấu gạch nối",
            f"a unit code holds no blank: {value[:80]!r}; leave it out or write a hyphen",
        )
    return value


Level = Literal["excellent", "good", "completed", "not_completed"]

LEVEL_WORDS: Final = (
    "hoàn thành xuất sắc nhiệm vụ", "hoàn thành tốt nhiệm vụ", "hoàn thành nhiệm vụ", "không hoàn thành nhiệm vụ",
)  # fmt: skip
"""The levels as a file writes them."""


class Entry(BaseModel):
    """Base of what clients send; an unknown field is refused, because a misspelt one would vanish in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ExternalEntry(Entry):
    """Something another system knows by a code of its own: (`source`, `external_code`) finds it again."""

    source: Annotated[Name | Literal[""], Column("Nguồn")] = ""
    external_code: Annotated[Name | Literal[""], Column("Mã ở nguồn")] = ""


class UnitEntry(ExternalEntry):
    """A unit, found by its external code or by its official `code`.

    `valid_from` is the first day of the year when nothing is given. A new `code` is in force from
    `code_from` (else today) and ends the one before it, unless all dated `codes` are given.
    """

    code: Annotated[Name, AfterValidator(_unbroken), Column("Mã đơn vị", "Mã")]
    name: Annotated[Name, Column("Tên đơn vị", "Tên")]
    kind: Annotated[Name, AfterValidator(_unit_kind), OneOf(tuple(UNIT_KINDS)), Column("Loại đơn vị", "Loại")]
    parent: Annotated[Name | None, Column("Mã đơn vị cấp trên", "Đơn vị cấp trên")] = None
    managed_by: Annotated[str, Field(max_length=500), Column("Cơ quan quản lý")] = ""
    legal_person: Annotated[Flag, Column("Có tư cách pháp nhân")] = True
    valid_from: Annotated[Day | None, Column("Có hiệu lực từ")] = None
    valid_to: Annotated[Day | None, Column("Có hiệu lực đến")] = None
    code_from: Annotated[Day | None, Column("Mã có hiệu lực từ")] = None
    codes: tuple[DatedCode, ...] | None = None


class MemberEntry(Entry):
    """A member of a cluster by its unit code; `illustrative` where no source confirms the membership."""

    unit: Name
    illustrative: bool = False


class OfficeEntry(Entry):
    """Leader or deputy of a cluster, both dates included; without `since`, for the whole year."""

    unit: Name
    since: Day | None = None
    to: Day | None = None


class ClusterEntry(Entry):
    """A khối or cụm in one year, found by `code` and `year`; its lists replace what is stored."""

    code: Name
    year: Year
    name: Name
    members: tuple[MemberEntry, ...] = ()
    leaders: tuple[OfficeEntry, ...] = ()
    deputies: tuple[OfficeEntry, ...] = ()
    decision: Document | None = None
    agreement: Document | None = None


class ClusterRow(Entry):
    """One line of a cluster file: one member; the lines of a cluster and year together replace its members."""

    code: Annotated[Name, Column("Mã cụm, khối", "Mã cụm", "Mã khối", "Mã")]
    year: Annotated[Year, Column("Năm")]
    name: Annotated[Name, Column("Tên cụm, khối", "Cụm, khối", "Tên cụm", "Tên khối", "Tên")]
    unit: Annotated[Name, Column("Mã đơn vị", "Đơn vị thành viên")]
    illustrative: Annotated[Flag, Column("Minh họa")] = False
    leader: Annotated[Flag, Column("Trưởng", "Cụm trưởng", "Khối trưởng")] = False
    deputy: Annotated[Flag, Column("Phó", "Cụm phó", "Khối phó")] = False


class PersonEntry(ExternalEntry):
    """A person, found by external code or staff code; nothing beyond what may be known of people is accepted."""

    code: Annotated[Name, Column("Mã cán bộ", "Mã công chức", "Mã")]
    name: Annotated[Name, Column("Họ và tên", "Họ tên")]
    unit: Annotated[Name, Column("Mã đơn vị", "Đơn vị")]
    post: Annotated[str, Field(max_length=500), Column("Chức vụ")] = ""
    leads_unit: Annotated[Flag, Column("Người đứng đầu", "Thủ trưởng")] = False
    comparable_group: Annotated[str, Field(max_length=200), Column("Nhóm tương đồng")] = ""
    first_recruited: Annotated[Day | None, Column("Ngày tuyển dụng lần đầu", "Ngày tuyển dụng")] = None
    joined_unit: Annotated[Day | None, Column("Ngày về đơn vị")] = None
    active: Annotated[Flag, Column("Đang làm việc")] = True
    periods: tuple[CountedPeriod, ...] = ()


class SubjectEntry(Entry):
    """Names a subject: a `person` by staff code, or else the collective of `unit`."""

    person: Annotated[Name | None, Column("Mã cán bộ")] = None
    unit: Annotated[Name | None, Column("Mã đơn vị")] = None

    @model_validator(mode="after")
    def _one_subject(self) -> SubjectEntry:
        if self.person is None and self.unit is None:
            raise WrongEntry("phải nêu mã cán bộ hoặc mã đơn vị", "a staff code or a unit code is needed")
        return self


class RatingEntry(SubjectEntry):
    """The yearly quality rating of a person, or of a unit where no person is named."""

    year: Annotated[Year, Column("Năm")]
    level: Annotated[Level, Column("Xếp loại")]
    decision: Document | None = None


class RatingRow(SubjectEntry):
    """One line of a rating file; the level in Vietnamese or by its code, the decision in three columns."""

    year: Annotated[Year, Column("Năm")]
    level: Annotated[str, Field(max_length=100), OneOf(LEVEL_WORDS), Column("Xếp loại", "Mức xếp loại")]
    decision_number: Annotated[Name | None, Column("Số quyết định")] = None
    decision_dated: Annotated[Day | None, Column("Ngày quyết định")] = None
    decision_issuer: Annotated[str, Field(max_length=500), Column("Cơ quan quyết định")] = ""


class ErasureEntry(Entry):
    """The request to erase a person, by staff code: the document it rests on, its day, and why."""

    person: Name
    document: Name
    dated: Day
    issuer: Name | Literal[""] = ""
    reason: Annotated[Code, Field(max_length=2_000)]
