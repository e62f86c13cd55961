"""Official scores of the year, once its figures are closed."""

from __future__ import annotations

import asyncio
from typing import Final

from thidua_sample.errors import DoorRefused
from thidua_sample.generate.campaign import YEAR
from thidua_sample.play.stage import Stage

PHASE: Final = "scores"
# The run waits until every stream has passed its cut: some heartbeats, and the scoring of 3,000 people.
LONGEST_WAIT_SECONDS: Final = 600
ASK_AGAIN_SECONDS: Final = 0.25


async def official_scores(stage: Stage) -> None:
    """Ask for the official scores of the year and wait until they are made.

    Raises DoorRefused with the late streams when the run is still waiting after ten minutes.
    """
    campaign = stage.year.campaign.code
    stage.progress(PHASE, 0, 1)
    told = await stage.doors.post(f"/scoring/campaigns/{campaign}/official", {"period": str(YEAR)})
    path = f"/scoring/campaigns/{campaign}/official/{YEAR}"
    for _ in range(int(LONGEST_WAIT_SECONDS / ASK_AGAIN_SECONDS)):
        if told["state"] == "done":
            stage.progress(PHASE, 1, 1)
            return
        await stage.beat()
        await asyncio.sleep(ASK_AGAIN_SECONDS)
        told = await stage.doors.get(path)
    raise DoorRefused(method="GET", path=path, status=200, detail=str(told))
