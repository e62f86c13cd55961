"""A small year to test with: a department with two offices, their people, registrations and ratings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from thidua.contracts import (
    Campaign,
    Cluster,
    Initiative,
    MonthlyResult,
    Person,
    Rating,
    Registration,
    ScoreState,
    State,
    SubjectKind,
    Unit,
)
from thidua.contracts.base import Document
from thidua.contracts.campaign import Author, InitiativeState, RegistrationState
from thidua.contracts.judgement import Lane
from thidua.contracts.organisation import ClusterMember, DatedCode, RatingLevel
from thidua.contracts.work import MonthState

SINCE = date(2015, 1, 1)
CAMPAIGN = Campaign(
    id="c22",
    code="TD2022",
    title="Phong trào thi đua ngành tài nguyên và môi trường năm 2022",
    year=2022,
    starts_on=date(2022, 1, 1),
    ends_on=date(2022, 12, 31),
    registration_due=date(2022, 3, 31),
)


def unit(id: str, name: str, parent: str | None = None, *, legal: bool = True) -> Unit:
    codes = (DatedCode(code=id.upper(), valid_from=SINCE),)
    return Unit(id=id, name=name, kind="so", parent=parent, legal_person=legal, codes=codes, valid_from=SINCE)


def person(id: str, unit: str, name: str, *, active: bool = True) -> Person:
    return Person(
        id=id,
        unit=unit,
        code=id.upper(),
        name=name,
        first_recruited=date(2012, 5, 1),
        joined_unit=SINCE,
        active=active,
    )


def registration(subject: str, unit: str, *titles: str, late: bool = False) -> Registration:
    kind = SubjectKind.COLLECTIVE if subject == unit else SubjectKind.INDIVIDUAL
    return Registration(
        subject=subject,
        subject_kind=kind,
        unit=unit,
        campaign="c22",
        titles=titles,
        state=RegistrationState.ACCEPTED,
        first_submitted_on=date(2022, 4, 5) if late else date(2022, 3, 15),
        late=late,
    )


def rating(subject: str, unit: str, level: RatingLevel = RatingLevel.GOOD, year: int = 2022) -> Rating:
    kind = SubjectKind.COLLECTIVE if subject == unit else SubjectKind.INDIVIDUAL
    return Rating(subject=subject, subject_kind=kind, unit=unit, year=year, level=level)


def initiative(author: str, unit: str) -> Initiative:
    return Initiative(
        id=f"sk-{author}",
        unit=unit,
        campaign="c22",
        code=f"SK-{author}",
        title="Số hóa hồ sơ địa chính",
        authors=(Author(person=author, share=100),),
        state=InitiativeState.RECOGNISED,
        recognition=Document(number="77/QĐ", dated=date(2022, 9, 1)),
    )


def score(subject: str, unit: str, points: str = "912.5") -> ScoreState:
    return ScoreState(
        subject=subject,
        subject_kind=SubjectKind.COLLECTIVE,
        unit=unit,
        campaign="c22",
        period="2022",
        criteria_set="tap-the",
        set_version="1",
        lane=Lane.OFFICIAL,
        state="complete",
        points=Decimal(points),
        maximum=Decimal(1000),
        as_of=date(2022, 12, 31),
    )


def month(subject: str, month: str, on_time: int, due: int, unit: str = "") -> MonthlyResult:
    kind = SubjectKind.INDIVIDUAL if unit else SubjectKind.COLLECTIVE
    return MonthlyResult(
        subject=subject,
        subject_kind=kind,
        unit=unit or subject,
        month=month,
        state=MonthState.CLOSED,
        reported=True,
        due=due,
        on_time=on_time,
        as_of=date(2022, 12, 31),
    )


def months() -> Iterator[State]:
    """Yield months of the department, exactly and more than nine tenths on time, and the campaign it takes part in."""
    yield CAMPAIGN.model_copy(update={"participants": ("stnmt",), "version": 10**9})
    yield month("stnmt", "2022-03", 3, 4)
    yield month("stnmt", "2022-08", 9, 9)
    yield month("p0", "2022-08", 5, 6, "pdd")


def department() -> Iterator[State]:
    """Yield the reference states: the department `stnmt`, offices `pdd` and `pmt`, ten people in the first."""
    yield unit("stnmt", "Sở Tài nguyên và Môi trường")
    yield unit("pdd", "Phòng Đất đai", "stnmt", legal=False)
    yield unit("pmt", "Phòng Môi trường", "stnmt", legal=False)
    yield Cluster(id="kc", year=2022, name="Khối các Sở", members=(ClusterMember(unit="stnmt"),))
    yield CAMPAIGN
    for number in range(10):
        yield person(f"p{number}", "pdd", f"Nguyễn Văn {number}")


def registrations() -> Iterator[State]:
    """Yield what people and the office registered, with their ratings."""
    for number in range(10):
        titles = ("CSTDCS",) if number < 2 else ("LDTT",)
        yield registration(f"p{number}", "pdd", *titles)
        yield rating(f"p{number}", "pdd")
    for number in range(2):
        yield initiative(f"p{number}", "pdd")
    yield registration("pdd", "pdd", "TTLDXS")
    yield rating("pdd", "pdd", RatingLevel.EXCELLENT)
    yield score("pdd", "pdd")


def declared(*keys: str, subject: str = "PDD", title: str = "") -> list[dict[str, object]]:
    """Return confirmations of a unit, as its head sends them; of one title where it is named."""
    return [
        {
            "campaign": "TD2022",
            "subject": subject,
            "key": key,
            "title": title,
            "answer": True,
            "by": "Trưởng phòng",
            "document": "Báo cáo 05/BC",
            "dated": "2022-12-05",
        }
        for key in keys
    ]


AUTHORITIES = {
    **dict.fromkeys(("CSTDB", "CTDB", "BKB", "TTLDXS", "KNC"), "Bộ trưởng"),
    **dict.fromkeys(("CSTDTQ", "CTDCP", "BKTTG"), "Thủ tướng Chính phủ"),
    **dict.fromkeys(("HCLD1", "HCLD2", "HCLD3"), "Chủ tịch nước"),
}
"""Who decides on what, where that is not the head of the unit."""


def decision(number: str, code: str, *subjects: str, campaign: str | None = "TD2022") -> dict[str, object]:
    """Return a decision as the registrar types it in."""
    return {
        "number": number,
        "dated": "2022-12-20",
        "signer": "Trần Thị Bình",
        "authority": AUTHORITIES.get(code, "Giám đốc Sở"),
        "campaign": campaign,
        "awards": [{"subject": subject, "code": code, "year": 2022} for subject in subjects],
    }
