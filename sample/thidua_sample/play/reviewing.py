"""Reviews on the awards side, and waiting for the cut that official figures stand behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from thidua_sample.errors import DoorRefused
from thidua_sample.play.stage import Stage

# Heartbeats pass the cut of a review within seconds; beyond this an owner or a follower stands still.
LONGEST_WAIT_SECONDS: Final = 120
ASK_AGAIN_SECONDS: Final = 0.1


async def review(stage: Stage) -> str:
    """Review all titles; return the cut that what rests on this review stands behind."""
    answer = await stage.doors.post(f"/awards/campaigns/{stage.year.campaign.code}/review", None)
    return str(answer["cut"])


async def behind_cut(
    stage: Stage, ask: Callable[[], Awaitable[Any]], meanwhile: Callable[[], Awaitable[Any]] | None = None
) -> Any:
    """Ask again, some heartbeats later, until every stream has passed the cut; raises any other refusal at once.

    `meanwhile` is done when what arrived late has to be reviewed first.
    """
    for _ in range(int(LONGEST_WAIT_SECONDS / ASK_AGAIN_SECONDS)):
        try:
            return await ask()
        except DoorRefused as refused:
            if not refused.says("cut-not-reached", "review-pending"):
                raise
            if meanwhile is not None and refused.says("review-pending"):
                await meanwhile()
                continue
        await stage.beat()
        await asyncio.sleep(ASK_AGAIN_SECONDS)
    return await ask()


async def recommended(stage: Stage, title: str, **more: str) -> list[dict[str, Any]]:
    """Return what the review says of everybody reviewed for a title; `more` narrows the list."""
    query = {"campaign": stage.year.campaign.code, "title": title, **more}
    return [row async for row in stage.doors.pages("/awards/recommendations", **query)]
