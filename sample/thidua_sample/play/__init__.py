"""The sample year played through the public doors: organisation, registrations, twelve months, titles."""

from __future__ import annotations

from datetime import date
from typing import Final

from thidua_sample.generate import SampleYear
from thidua_sample.play.awarding import (
    Recording,
    award_titles,
    enter_confirmations,
    enter_ratings,
    staff_ids,
)
from thidua_sample.play.doors import Doors, side_by_side
from thidua_sample.play.organisation import enter_organisation
from thidua_sample.play.registering import Inventing, Registering
from thidua_sample.play.scoring import official_scores
from thidua_sample.play.stage import Advance, Beat, Progress, Stage, closing_mornings, heartbeats_of_the_clock, stops
from thidua_sample.play.working import (
    Declaring,
    Publish,
    Reporting,
    Stating,
    Working,
    approve_corrections,
    midnight,
)

OPENED_ON: Final = date(2022, 1, 3)
LAST_STOP: Final = date(2023, 1, 21)


async def play(
    year: SampleYear,
    doors: Doors,
    advance: Advance,
    progress: Progress,
    publish: Publish | None = None,
    beat: Beat = heartbeats_of_the_clock,
) -> None:
    """Play the whole year; every request and its order depend on the year alone.

    `publish` puts task reports on the stream instead of sending them through the HTTP door; `beat` lets the
    services write heartbeats where the play needs them. Raises
    DoorRefused at the first call that a service does not take whole.
    """
    stage = Stage(year, doors, advance, progress, beat)
    await stage.morning_of(OPENED_ON)
    await enter_organisation(stage)
    await stage.morning_of(OPENED_ON)
    ids = await staff_ids(stage)
    await _play_months(stage, publish, ids)
    await enter_ratings(stage)
    await enter_confirmations(stage)
    await approve_corrections(stage)
    await official_scores(stage)
    await award_titles(stage, ids)


async def _play_months(stage: Stage, publish: Publish | None, ids: dict[str, str]) -> None:
    registering, inventing, recording = Registering(stage), Inventing(stage), Recording(stage)
    working, declaring, reporting = Working(stage, publish), Declaring(stage), Reporting(stage)
    stating = Stating(stage, ids)
    for day in stops(LAST_STOP):
        moment = await stage.morning_of(day)
        await side_by_side(
            (
                ("registering", registering.until(day)),
                ("inventing", inventing.until(day)),
                ("recording", recording.until(day)),
                ("working", working.until(moment)),
                ("declaring", declaring.until(day)),
                ("reporting", reporting.until(day)),
                ("stating", stating.until(day)),
            )
        )
        if day in closing_mornings():
            await working.vouch(midnight(day))
            await stage.noon_of(day)


__all__ = ["LAST_STOP", "Advance", "Doors", "Progress", "play"]
