"""Load and save aggregates in bulk, and take turns while doing so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sqlalchemy import TextClause, text

from thidua.contracts import Campaign, Cluster, Erasure, Initiative, Person, Rating, Registration, State, Unit
from thidua_runtime.database import Transaction

S = TypeVar("S", bound=State)

TABLES: Final[Mapping[type[State], str]] = {
    Unit: "unit",
    Cluster: "cluster",
    Person: "person",
    Erasure: "erasure",
    Rating: "rating",
    Campaign: "campaign",
    Registration: "registration",
    Initiative: "initiative",
}

_LOAD = "select id, body::text as body, revision from {table} where id = any(cast(:ids as text[]))"

# Rows are taken in the order of their ids, so that two writers never wait for each other in a circle.
_SAVE = """
insert into {table} as t (id, body, revision, changed_by, changed_at)
select id, body::jsonb, 1, :actor, now()
  from unnest(cast(:ids as text[]), cast(:bodies as text[])) as i (id, body)
 order by id
    on conflict (id) do update
       set body = excluded.body, revision = t.revision + 1, changed_by = excluded.changed_by,
           changed_at = excluded.changed_at
"""

_DROP = "delete from {table} where id = any(cast(:ids as text[]))"


def _for_each_table(statement: str) -> Mapping[type[State], TextClause]:
    # Table names are the constants above; nothing a client sends gets here.
    return {model: text(statement.format(table=table)) for model, table in TABLES.items()}


LOAD: Final = _for_each_table(_LOAD)
SAVE: Final = _for_each_table(_SAVE)
DROP: Final = _for_each_table(_DROP)

# Reference data is read, compared and written; two writers of the same kind take turns.
TAKE_TURNS: Final = text("""
select pg_advisory_xact_lock(hashtextextended('registration:' || name, 0))
  from (select name from unnest(cast(:names as text[])) as n (name) order by name) as ordered
""")


@dataclass(frozen=True)
class Stored(Generic[S]):
    """A state as stored, and its revision for `If-Match`."""

    state: S
    revision: int


def row_id(state: State) -> str:
    """Return the id of a state's row: its own id where it has one that survives moves, else its key."""
    if isinstance(state, (Unit, Person, Campaign, Initiative)):
        return state.id
    return state.key


async def load(tx: Transaction, model: type[S], ids: Iterable[str]) -> dict[str, Stored[S]]:
    """Return the stored states of these rows, by row id."""
    rows = await tx.rows(LOAD[model], ids=sorted(set(ids)))
    return {row.id: Stored(model.model_validate_json(row.body), row.revision) for row in rows}


async def save(tx: Transaction, model: type[S], states: Iterable[S]) -> None:
    """Insert or replace states that changed; every replacement raises the revision."""
    ordered = {row_id(state): state.model_dump_json(exclude={"version"}) for state in states}
    if ordered:
        await tx.execute(SAVE[model], ids=list(ordered), bodies=list(ordered.values()), actor=tx.actor)


async def drop(tx: Transaction, model: type[State], ids: Iterable[str]) -> None:
    """Delete rows by id."""
    await tx.execute(DROP[model], ids=sorted(set(ids)))


async def take_turns(tx: Transaction, names: Iterable[str]) -> None:
    """Wait until no other transaction holds one of these names, then hold them to the end of this one."""
    await tx.execute(TAKE_TURNS, names=sorted(set(names)))
