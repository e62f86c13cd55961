"""Which subjects an initiative or a decision names: kept beside the replicas, and told again when that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import text

from thidua_runtime.database import Transaction

# One statement says whom the changed states named before and whom they name now.
RELINK: Final = """
with old as (
    delete from {table} where key = any(cast(:changed as text[])) returning subject, key
), named as (
    select distinct subject, key from unnest(cast(:subjects as text[]), cast(:keys as text[])) as n (subject, key)
)
select subject from old union select subject from named
"""
LINK: Final = """
insert into {table} (subject, key)
select distinct subject, key from unnest(cast(:subjects as text[]), cast(:keys as text[])) as n (subject, key)
 order by subject, key on conflict do nothing
"""
INITIATIVES: Final = "initiative_subject"
DECISIONS: Final = "decision_subject"


async def relink(
    tx: Transaction, table: str, changed: Sequence[str], named: Mapping[str, Sequence[str]]
) -> frozenset[str]:
    """Replace the subjects of changed keys; return everybody named before or now."""
    pairs = [(subject, key) for key, subjects in named.items() for subject in subjects]
    arrays = {"subjects": [subject for subject, _ in pairs], "keys": [key for _, key in pairs]}
    rows = await tx.rows(text(RELINK.format(table=table)), changed=list(changed), **arrays)
    await tx.execute(text(LINK.format(table=table)), **arrays)
    return frozenset(row.subject for row in rows)
