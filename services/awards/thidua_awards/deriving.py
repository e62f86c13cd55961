"""Everything that awards derives: the recommendations that nobody has moved on, reviewed anew."""

from __future__ import annotations

from thidua_awards.commands.review import review_marked
from thidua_awards.queries import marks, outcomes
from thidua_runtime.database import Transaction


async def derive(tx: Transaction) -> None:
    """Drop the recommendations that only the review has touched, and review every campaign under review again."""
    await outcomes.drop_reviewed(tx)
    marks.mark(tx, [marks.EVERY_UNIT])
    # Marks are written at the end of a transaction; this review is to find them.
    await tx.flush()
    await review_marked(tx)
