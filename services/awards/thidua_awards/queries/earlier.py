"""Read what earlier years say of subjects that aim at a title or form resting on several years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import text

from thidua.contracts import Initiative
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.individuals import RECOGNISED
from thidua_awards.domain.records import Held, Work
from thidua_runtime.database import Transaction

HISTORY: Final = text("""
select a.subject, a.code, a.year, a.route, d.number, d.dated
  from decision_award a join decision d on d.id = a.decision
 where not d.cancelled and a.year <= :year and a.subject = any(cast(:subjects as text[]))
 order by a.subject, a.year, a.code, d.id
""")
RATINGS: Final = text("""
select subject, cast(year as int) as year, level from replica_ratings
 where not deleted and subject = any(cast(:subjects as text[])) and cast(year as int) <= :year
""")
WORKS: Final = text("""
select i.body::text as body from replica_initiatives i
 where not i.deleted and i.body->>'state' = any(cast(:states as text[]))
   and exists (select from jsonb_array_elements(i.body->'authors') as a
                where a->>'person' = any(cast(:subjects as text[])))
 order by i.key
""")


@dataclass(frozen=True)
class Earlier:
    """By subject: awards in force, ratings by year, recognised works; a subject not asked about is absent."""

    history: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    ratings: Mapping[str, Mapping[int, RatingLevel]] = field(default_factory=dict)
    works: Mapping[str, tuple[Work, ...]] = field(default_factory=dict)


async def earlier_years(tx: Transaction, subjects: Sequence[str], year: int) -> Earlier:
    """Return what is known of these subjects up to `year`; three queries whatever their number, none for nobody."""
    if not subjects:
        return Earlier()
    of = {"subjects": list(subjects)}
    history: dict[str, list[Held]] = defaultdict(list)
    for row in await tx.rows(HISTORY, year=year, **of):
        history[row.subject].append(Held(row.code, row.year, row.number, row.dated, row.route or ""))
    ratings: dict[str, dict[int, RatingLevel]] = defaultdict(dict)
    for row in await tx.rows(RATINGS, year=year, **of):
        ratings[row.subject][row.year] = RatingLevel(row.level)
    return Earlier(
        {subject: tuple(every) for subject, every in history.items()}, dict(ratings), await _works(tx, subjects)
    )


async def _works(tx: Transaction, subjects: Sequence[str]) -> dict[str, tuple[Work, ...]]:
    adapter, wanted = TypeAdapter(Initiative), frozenset(subjects)
    rows = await tx.rows(WORKS, subjects=list(subjects), states=[state.value for state in RECOGNISED])
    found: dict[str, list[Work]] = defaultdict(list)
    for one in (adapter.validate_json(row.body) for row in rows):
        for author in one.authors:
            if author.person in wanted and one.recognition is not None:
                found[author.person].append(_work(one, one.recognition.dated.year))
    return {person: tuple(works) for person, works in found.items()}


def _work(one: Initiative, year: int) -> Work:
    base = one.recognition.number if one.recognition else ""
    decision = one.scope_recognition.number if one.scope_recognition else ""
    return Work(one.title, year, one.kind, one.scope or "", decision, decision=base)
