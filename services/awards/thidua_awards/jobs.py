"""What happens by the clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from thidua_awards.commands import counting
from thidua_awards.commands.review import review_marked
from thidua_awards.queries import dossiers, marks, review_sets
from thidua_runtime.database import Transaction
from thidua_runtime.jobs import Job


async def _review_changed(day: date, tx: Transaction) -> None:
    await review_marked(tx)


review_changed: Final = Job("review_changed", _review_changed, every="seconds:5")
"""Review again what changed since its last review; does nothing while nothing changed."""


destroy_keys: Final = Job("destroy_keys", counting.destroy_keys)
"""Destroy, once a day, keys and sealed ballots of votes whose recount term is over."""


LOOK_BACK_DAYS: Final = 31
"""So long a service may be away without missing the day on which a hold began or ended, or a council met."""


async def _mark_day(day: date, tx: Transaction) -> None:
    first = day - timedelta(days=LOOK_BACK_DAYS)
    # Once the day of a meeting is over, a list is shown for the next one.
    await dossiers.mark_shown(tx, met_between=(first, day - timedelta(days=1)))
    moved = await tx.rows(review_sets.HOLDS_MOVED, first=first, day=day)
    marks.mark_subjects(tx, [row.subject for row in moved])


new_day: Final = Job("new_day", _mark_day)
"""Review again, once a day, those whose hold has just begun or ended, or whose meeting is over: nothing else depends on
the day."""
