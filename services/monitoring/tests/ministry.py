"""A small ministry and its sources, for the monitoring tests."""

from __future__ import annotations

from datetime import date, datetime

from thidua.contracts import Campaign, Person, State, SubjectKind, TaskReport, Unit
from thidua.contracts.campaign import CriteriaSetUse, PeriodDates
from thidua.contracts.organisation import DatedCode
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.testing import RunningSuite

LAND = "0190-land"
WATER = "0190-water"
AN = "0190-an"


def at(day: date, hour: int = 8) -> datetime:
    """Return an hour of a day in Việt Nam."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=VIETNAM)


def unit(key: str, code: str, name: str = "") -> Unit:
    return Unit(
        id=key, name=name or code, kind="so", codes=(DatedCode(code=code, valid_from=date(2000, 1, 1)),),
        valid_from=date(2000, 1, 1),
    )  # fmt: skip


def person(key: str = AN, code: str = "nv-an", of: str = LAND) -> Person:
    return Person(id=key, unit=of, code=code, name="Nguyễn Văn An")


def task(
    source_id: str,
    deadline: date,
    *,
    done: date | None = None,
    version: int = 1,
    of: str = "stnmt-01",
    source: str = "eoffice",
    **more: object,
) -> TaskReport:
    completed = None if done is None else at(done, 16)
    return TaskReport.model_validate(
        {
            "source": source, "source_id": source_id, "version": version, "unit": of, "title": "Việc",
            "deadline": deadline, "completed_at": completed, **more,
        }
    )  # fmt: skip


def month_dates(period: str, due: date, closes: date) -> PeriodDates:
    return PeriodDates(period=period, report_due=due, objection_until=closes, closes_on=closes)


def campaign(rolls: bool = False, participants: tuple[str, ...] = (LAND, WATER), **more: object) -> Campaign:
    return Campaign.model_validate(
        {
            "id": "c-2022", "code": "td-2022", "title": "Phong trào 2022", "year": 2022,
            "starts_on": date(2022, 1, 1), "ends_on": date(2022, 12, 31), "participants": participants,
            "registration_due": date(2022, 3, 31), "deadline_rolls_to_working_day": rolls,
            "calendar": (
                month_dates("2022-03", date(2022, 4, 3), date(2022, 4, 6)),
                month_dates("2022-04", date(2022, 5, 4), date(2022, 5, 8)),
            ),
            "criteria_sets": (
                CriteriaSetUse(id="tnmt", version="1.0.0", subject_kind=SubjectKind.COLLECTIVE),
            ),
            **more,
        }
    )  # fmt: skip


ORGANISATION: tuple[State, ...] = (unit(LAND, "stnmt-01", "Sở A"), unit(WATER, "stnmt-02", "Sở B"), person())


async def roll(running: RunningSuite, clock: ManualClock, day: date) -> None:
    """Let a new day begin."""
    clock.set(at(day))
    await running.run_job("monitoring", "roll_day")
    await running.settle()


async def months(running: RunningSuite) -> dict[tuple[str, str], dict[str, object]]:
    """Return the published monthly results by subject and month."""
    found = await running.published("monthly-results")
    return {(each["subject"], each["month"]): each for each in found}
