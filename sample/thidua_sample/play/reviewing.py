"""Reviews on the awards side, and waiting for the cut that official figures stand behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Final

from thidua_sample.errors import DoorRefused
from thidua_sample.play.doors import APPRAISER, together
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


Row = dict[str, Any]
"""What a list of recommendations tells of a subject and a title."""

WITHHELD: Final = "withheld"
SETTLED: Final = ("met", "na", WITHHELD)
"""What is kept back of somebody who is eligible is met or does not apply."""


async def recommended(stage: Stage, title: str, **more: str) -> list[dict[str, Any]]:
    """Return what the review says of everybody reviewed for a title; `more` narrows the list."""
    query = {"campaign": stage.year.campaign.code, "title": title, **more}
    return [row async for row in stage.doors.pages("/awards/recommendations", **query)]


async def met_but_for(stage: Stage, rows: Iterable[Row], keys: Collection[str]) -> list[Row]:
    """Return whom nothing but these conditions keeps from a title, with their whole findings.

    Lists keep back what tells of disciplines and absences; where it may be what decides, the file is read.
    """
    likely = [row for row in rows if _is_met_but_for(row, keys)]
    whole = {row["subject"]: row for row in likely}

    async def read(row: Row) -> None:
        whole[row["subject"]] = await with_whole_findings(stage, row)

    unsure = [row for row in likely if row["verdict"] != "eligible" and WITHHELD in map(_status, row["findings"])]
    await together(partial(read, row) for row in unsure)
    return [row for row in whole.values() if _is_met_but_for(row, keys)]


async def with_whole_findings(stage: Stage, row: Row) -> Row:
    """Return a row of a list with the findings as the file has them, which only those who appraise read."""
    file = "/".join((stage.year.campaign.code, row["subject"], row["title"]))
    found = await stage.doors.get(f"/awards/recommendations/{file}", APPRAISER)
    return {**row, "findings": found["findings"]}


def _is_met_but_for(row: Row, keys: Collection[str]) -> bool:
    return all(_status(one) in SETTLED for one in row["findings"] if one["key"] not in keys)


def _status(finding: Mapping[str, Any]) -> str:
    return str(finding["status"])
