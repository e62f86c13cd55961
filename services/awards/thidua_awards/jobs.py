"""What happens by the clock."""

from __future__ import annotations

from datetime import date
from typing import Final

from thidua_awards.commands.review import review_marked
from thidua_awards.queries import outcomes
from thidua_runtime.database import Transaction
from thidua_runtime.jobs import Job


async def _review_changed(day: date, tx: Transaction) -> None:
    await review_marked(tx)


review_changed: Final = Job("review_changed", _review_changed, every="seconds:5")
"""Review again what changed since its last review; does nothing while nothing changed."""


async def _mark_all(day: date, tx: Transaction) -> None:
    await outcomes.mark(tx, [outcomes.EVERY_UNIT])


new_day: Final = Job("new_day", _mark_all)
"""Review everything once a day: a hold may begin or end with the day."""
