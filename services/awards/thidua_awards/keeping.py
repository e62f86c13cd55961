"""How the tables of awards hold what it publishes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from sqlalchemy import text

from thidua.contracts import Decision, Recommendation, State
from thidua_awards.queries import adopting, outcomes, records
from thidua_runtime.database import Transaction
from thidua_runtime.keeping import Keeping

PORTION: Final = 500
RECOMMENDATIONS: Final = text("select * from recommendation")
DECISIONS: Final = text("select id from decision order by id")


async def _read_recommendations(tx: Transaction) -> AsyncIterator[Sequence[Recommendation]]:
    async for portion in tx.portions(RECOMMENDATIONS, PORTION):
        yield [outcomes.published(outcomes.from_row(row)) for row in portion]


async def _read_decisions(tx: Transaction) -> AsyncIterator[Sequence[Decision]]:
    async for portion in tx.portions(DECISIONS, PORTION):
        yield [state for state, _ in await records.decisions(tx, [row.id for row in portion])]


KEEPS: Final[Mapping[type[State], Keeping]] = {
    Recommendation: Keeping(_read_recommendations, adopting.take_recommendations),
    Decision: Keeping(_read_decisions, adopting.take_decisions),
}
