"""A small province for tests: units, people, one campaign, and what arrives about them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from thidua.contracts import (
    Campaign,
    Cluster,
    Fact,
    MonthlyResult,
    Person,
    Registration,
    ScoreState,
    State,
    SubjectKind,
    Unit,
)
from thidua.contracts.campaign import (
    CriteriaSetUse,
    RegisteredInitiative,
    RegistrationState,
    Target,
)
from thidua.contracts.organisation import ClusterMember, DatedCode
from thidua.contracts.work import FactEntry, FactStatus, MonthState, StatedBy
from thidua_runtime import testing
from thidua_runtime.records import Outgoing
from thidua_scoring.service import SERVICE

SET = "tnmt-2022-tap-the"
CAMPAIGN = "phong-trao-2022"
MONTHS = tuple(f"2022-{number:02d}" for number in range(1, 13))


def unit(name: str) -> Unit:
    code = DatedCode(code=name.upper(), valid_from=date(2020, 1, 1))
    return Unit(id=name, name=f"Sở {name}", kind="so", codes=(code,), valid_from=date(2020, 1, 1))


def person(name: str, of: str, **changes: Any) -> Person:
    given = {"id": name, "unit": of, "code": name, "name": "Nguyễn Thị Bí Mật", "first_recruited": date(2010, 1, 1)}
    return Person.model_validate({**given, **changes})


def cluster(*units: str, name: str = "khoi-1") -> Cluster:
    members = tuple(ClusterMember(unit=one, illustrative=place == 0) for place, one in enumerate(units))
    return Cluster(id=name, year=2022, name="Khối thi đua số 1", members=members)


def campaign(*units: str, sets: tuple[tuple[str, str], ...] = ((SET, "collective"),), **changes: Any) -> Campaign:
    return Campaign(
        id=CAMPAIGN,
        code="btnmt-2022",
        title="Phong trào thi đua năm 2022",
        year=2022,
        starts_on=date(2022, 1, 1),
        ends_on=date(2022, 12, 31),
        participants=units,
        registration_due=date(2022, 3, 31),
        criteria_sets=tuple(CriteriaSetUse(id=i, version="1.0.0", subject_kind=SubjectKind(k)) for i, k in sets),
        **changes,
    )


def registration(subject: str, day: date = date(2022, 2, 1), **changes: Any) -> Registration:
    given: dict[str, Any] = {
        "subject": subject, "subject_kind": "collective", "unit": subject, "campaign": CAMPAIGN, "titles": ("TTLDTT",),
        "targets": (Target(name="Tỷ lệ đúng hạn"),), "initiatives": (RegisteredInitiative(name="Số hóa hồ sơ"),),
        "state": RegistrationState.ACCEPTED, "first_submitted_on": day,
    }  # fmt: skip
    return Registration.model_validate({**given, **changes})


def kind_of(subject: str) -> SubjectKind:
    """Ids of people begin with p in these tests."""
    return SubjectKind.INDIVIDUAL if subject.startswith("p") else SubjectKind.COLLECTIVE


def month(subject: str, name: str, on_time: int = 19, due: int = 20, **changes: Any) -> MonthlyResult:
    given = {
        "subject": subject, "subject_kind": kind_of(subject), "unit": subject, "month": name, "reported": True,
        "state": MonthState.RUNNING, "due": due, "on_time": on_time, "late": due - on_time, "as_of": f"{name}-28",
    }  # fmt: skip
    return MonthlyResult.model_validate({**given, **changes})


def fact(subject: str, name: str, value: str, by: str = "appraiser", period: str = "2022", **changes: Any) -> Fact:
    entry = {"id": f"{subject}-{name}-{by}-{period}", "period": period, "dated": date(2022, 1, 20), "value": value,
             "evidence": (f"MC-{subject}-{name}",), "status": FactStatus.VERIFIED, **changes}  # fmt: skip
    return Fact(
        subject=subject, subject_kind=kind_of(subject), unit=subject, campaign=CAMPAIGN, input=name,
        stated_by=StatedBy(by), entries=(FactEntry.model_validate(entry),),
    )  # fmt: skip


def year_of(subject: str, state: MonthState = MonthState.RUNNING, on_time: int = 19) -> list[State]:
    return [month(subject, name, on_time, state=state, as_of=date(2023, 1, 5)) for name in MONTHS]


def everything(*units: str) -> list[State]:
    """A whole year of some units, with a few facts each."""
    said: list[State] = [*(unit(one) for one in units), cluster(*units), campaign(*units)]
    for one in units:
        said += [registration(one), *year_of(one)]
        said += [fact(one, "launch_plan", "12/KH"), fact(one, "welfare", "8"), fact(one, "makes_law", "no")]
    return said


def heartbeats(at: datetime, *, without: str = "") -> list[Outgoing]:
    """What the owners of all followed streams write; `without` leaves one stream silent."""
    return testing.heartbeats(SERVICE, at, without=without)


def canonical(scores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Scores without versions and times, in the order of their keys."""
    plain = [{key: value for key, value in one.items() if key != "version"} for one in scores]
    return sorted(plain, key=lambda one: (one["subject"], one["period"], one["criteria_set"], one["lane"]))


def score_state(body: str) -> ScoreState:
    return ScoreState.model_validate_json(body)
