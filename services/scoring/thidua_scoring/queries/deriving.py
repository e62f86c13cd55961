"""What scoring derives from its replicas besides scores: dropped, and linked anew."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from thidua_runtime.database import Transaction

_DROP: Final = (
    text("delete from score where lane = 'running'"),
    text("delete from shadow_score"),
    text("delete from initiative_subject"),
    text("delete from decision_subject"),
    text("delete from campaign_day"),
)
_LINK: Final = (
    text("""
    insert into initiative_subject (subject, key)
    select named.subject, i.key from replica_initiatives as i
     cross join lateral (select i.body->>'unit' as subject union
                         select a.author->>'person' from jsonb_array_elements(i.body->'authors') as a (author)) as named
     where not i.deleted
    """),
    text("""
    insert into decision_subject (subject, key)
    select distinct a.award->>'subject', d.key from replica_decisions as d
     cross join lateral jsonb_array_elements(d.body->'awards') as a (award)
     where not d.deleted
    """),
)


async def drop_derived(tx: Transaction) -> None:
    """Drop running scores, links and days; official scores and the state of sets are what somebody decided."""
    for statement in _DROP:
        await tx.execute(statement)


async def link_anew(tx: Transaction) -> None:
    """Link subjects with the initiatives and decisions that name them."""
    for statement in _LINK:
        await tx.execute(statement)
