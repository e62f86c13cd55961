"""Registrations and initiatives of the small sample year, through the doors of the registration service."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from thidua_sample.generate import SampleYear
from thidua_sample.play.doors import Doors
from thidua_sample.play.organisation import enter_organisation
from thidua_sample.play.registering import Inventing, Registering
from thidua_sample.play.stage import Stage
from thidua_sample.subset import only_clusters

# One worker makes the year for all.
pytestmark = pytest.mark.xdist_group("year")

REGISTRATIONS = "/registration/campaigns/btnmt-2022/registrations"


@pytest.mark.anyio
async def test_registrations_and_initiatives_end_in_the_states_of_the_year(open_house: Any, year: SampleYear) -> None:
    small = only_clusters(year)
    async with open_house("registration") as house:
        stage = Stage(small, house.doors, house.advance, lambda phase, done, total: None)
        await enter_organisation(stage)
        registering, inventing = Registering(stage), Inventing(stage)
        for day in (date(2022, 2, 28), date(2022, 5, 16), date(2022, 12, 16)):
            await stage.morning_of(day)
            await registering.until(day)
            await inventing.until(day)
        assert await _states(house.doors, REGISTRATIONS) == {
            "accepted": sum(len(registration.items) for registration in small.registrations)
        }
        assert await _states(house.doors, "/registration/initiatives") == Counter(
            initiative.outcome for initiative in small.initiatives
        )


async def _states(doors: Doors, path: str) -> Counter[str]:
    return Counter([row["state"] async for row in doors.pages(path)])
