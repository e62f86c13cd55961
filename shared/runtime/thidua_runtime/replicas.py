"""What a service needs of another's stream, in its own database: the body as received, and columns to filter by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Computed, Index, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from thidua.contracts import State
from thidua_runtime.database import Transaction
from thidua_runtime.records import Batch

# Sorted by key, so that two workers take the rows in one order; a newer version replaces, the rest is a repeat.
KEEP: Final = """
insert into {table} as r (key, version, deleted, body)
select * from unnest(cast(:keys as text[]), cast(:versions as bigint[]), cast(:deleted as boolean[]),
                     cast(:bodies as jsonb[]))
    on conflict (key) do update set version = excluded.version, deleted = excluded.deleted, body = excluded.body
 where excluded.version > r.version
returning key
"""


def table(
    metadata: MetaData,
    model: type[State],
    columns: Mapping[str, str] | None = None,
    indexed: Sequence[str] = (),
) -> Table:
    """Declare the replica table of a stream.

    `columns` are generated from the body by an SQL expression, so that a field unknown today can become
    one tomorrow without reading the stream again; each of `indexed` serves a query of the service.
    """
    name = table_name(model.stream)
    made = [
        Column(column, Text, Computed(expression, persisted=True)) for column, expression in (columns or {}).items()
    ]
    return Table(
        name,
        metadata,
        Column("key", Text(collation="C"), primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("deleted", Boolean, nullable=False),
        Column("body", JSONB),
        *made,
        *(Index(f"{name}_{column}", column) for column in indexed),
    )


def table_name(stream: str) -> str:
    """Return the name of a stream's replica table: `replica_monthly_results`."""
    return "replica_" + stream.replace("-", "_")


async def keep(batch: Batch[Any], tx: Transaction) -> tuple[str, ...]:
    """Store a batch of any stream that has a replica table; return the keys that really changed."""
    if not batch.arrivals:
        return ()
    rows = await tx.rows(
        text(KEEP.format(table=table_name(batch.stream))),
        keys=[arrival.key for arrival in batch.arrivals],
        versions=[arrival.version for arrival in batch.arrivals],
        deleted=[arrival.state is None for arrival in batch.arrivals],
        bodies=[None if arrival.state is None else arrival.body.decode() for arrival in batch.arrivals],
    )
    return tuple(row.key for row in rows)
