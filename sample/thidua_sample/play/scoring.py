"""Official scores of the year, once its figures are closed."""

from __future__ import annotations

from thidua_sample.play.stage import Stage


async def official_scores(stage: Stage) -> None:
    """Ask for the official scores of the campaign's year."""
    await stage.doors.post(f"/scoring/campaigns/{stage.year.campaign.code}/official", {})
