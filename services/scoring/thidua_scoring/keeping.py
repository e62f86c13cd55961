"""How the tables of scoring hold what it publishes: sets and scores, each with its body as published."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from sqlalchemy import text

from thidua.contracts import CriteriaSetState, ScoreState, State
from thidua_runtime.database import Transaction
from thidua_runtime.keeping import Keeping
from thidua_scoring.queries import adopting

PORTION: Final = 500
SETS: Final = text("select body::text as body from criteria_set")
SCORES: Final = text("select body::text as body from score")


async def _read_sets(tx: Transaction) -> AsyncIterator[Sequence[CriteriaSetState]]:
    yield [CriteriaSetState.model_validate_json(row.body) for row in await tx.rows(SETS)]


async def _read_scores(tx: Transaction) -> AsyncIterator[Sequence[ScoreState]]:
    async for portion in tx.portions(SCORES, PORTION):
        yield [ScoreState.model_validate_json(row.body) for row in portion]


KEEPS: Final[Mapping[type[State], Keeping]] = {
    CriteriaSetState: Keeping(_read_sets, adopting.take_sets),
    ScoreState: Keeping(_read_scores, adopting.take_scores),
}
