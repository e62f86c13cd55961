"""A story of two units and four people, played through the public doors up to the closing of its first month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Final

from thidua.contracts import TaskReport
from thidua.contracts.work import Assignee
from thidua_sample.generate import SampleYear, generate
from thidua_sample.generate.campaign import YEAR
from thidua_sample.generate.records import TaskEvent
from thidua_sample.play.awarding import enter_ratings, staff_ids
from thidua_sample.play.organisation import enter_organisation
from thidua_sample.play.registering import Registering
from thidua_sample.play.reviewing import review
from thidua_sample.play.stage import Stage
from thidua_sample.play.working import Publish, Reporting, Stating, Working, midnight
from thidua_sample.subset import only_units

UNITS: Final = ("btnmt-25", "stnmt-04")
FIRST_DAY, MIDDLE, CLOSING = date(2022, 1, 3), date(2022, 1, 20), date(2022, 2, 16)
TASKS: Final = 24
PEOPLE_PER_UNIT: Final = 2


@cache
def story_year() -> SampleYear:
    """Return the sample year of seed 7 cut down to what a run of a second can hold."""
    year = only_units(generate(7), UNITS)
    kept = {unit: sorted(p.code for p in year.people if p.unit == unit)[:PEOPLE_PER_UNIT] for unit in UNITS}
    names = {*UNITS, *(code for codes in kept.values() for code in codes)}
    return replace(
        year,
        people=tuple(p for p in year.people if p.code in names),
        registrations=tuple(
            replace(one, items=tuple(item for item in one.items if item.subject in names)) for one in year.registrations
        ),
        ratings=tuple(one for one in year.ratings if one.subject in names),
        facts=tuple(one for one in year.facts if one.subject in names and one.dated <= CLOSING),
        reports=tuple(one for one in year.reports if one.period <= f"{YEAR}-02"),
        events=tuple(_by(event, kept) for event in year.events if event.at.date() < CLOSING)[:TASKS],
        initiatives=(), discipline=(), decisions=(), totals=(), confirmations=(),
    )  # fmt: skip


def _by(event: TaskEvent, kept: dict[str, list[str]]) -> TaskEvent:
    assignees = tuple(Assignee(code=code) for code in kept[event.report.unit])
    return replace(event, report=event.report.model_copy(update={"assignees": assignees}))


async def play_story(stage: Stage, publish: Publish) -> None:
    """Play it; every request must be taken whole."""
    registering, working = Registering(stage), Working(stage, publish)
    reporting = Reporting(stage)
    # The e-office knows nothing of us: its tasks may come before the units that they name.
    await stage.morning_of(FIRST_DAY)
    await working.until(midnight(FIRST_DAY))
    await enter_organisation(stage)
    ids = await staff_ids(stage)
    stating = Stating(stage, ids)
    await working.until(midnight(MIDDLE))
    await stage.morning_of(CLOSING)
    await registering.until(CLOSING)
    await enter_ratings(stage)
    await working.until(midnight(CLOSING))
    await reporting.until(CLOSING)
    await stating.until(CLOSING)
    await working.vouch(midnight(CLOSING))
    await stage.noon_of(CLOSING)
    await stage.beat()
    await review(stage)


def unordered(reports: Sequence[TaskReport], rng: object) -> list[TaskReport]:
    """Return reports as a careless source sends them: in any order, every fifth again."""
    sent = list(reports) + [one for one in reports if rng.random() < 0.2]  # type: ignore[attr-defined]
    rng.shuffle(sent)  # type: ignore[attr-defined]
    return sent
