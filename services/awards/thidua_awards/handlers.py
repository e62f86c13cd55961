"""What arrives from the streams: kept as replicas, and marked so that what depends on it is reviewed again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import TextClause, text

from thidua.contracts import Cluster, Erasure, Initiative, Person, Rating, Registration, Unit
from thidua_awards.commands import erasing as erase
from thidua_awards.queries import erasing, marks
from thidua_runtime import replicas
from thidua_runtime.database import Transaction
from thidua_runtime.records import Arrival, Batch

KNOWN_PEOPLE: Final = text("""
select key, cast('{}' as text[]) as names from replica_people where key = any(cast(:keys as text[])) and not deleted
""")
AUTHORS: Final = text("""
select key, array(select a->>'person' from jsonb_array_elements(body->'authors') as a) as names
  from replica_initiatives where key = any(cast(:keys as text[])) and not deleted
""")
MEMBERS: Final = text("""
select key, array(select m->>'unit' from jsonb_array_elements(body->'members') as m) as names
  from replica_clusters where key = any(cast(:keys as text[])) and not deleted
""")
KEYS_OF: Final = text("select key from replica_people where id = :person and not deleted")
KNOWN_BEFORE: Final[Mapping[str, TextClause]] = {
    Person.stream: KNOWN_PEOPLE,
    Initiative.stream: AUTHORS,
    Cluster.stream: MEMBERS,
}
"""What is asked before a batch is kept: whom the states it replaces named."""

Named = Mapping[str, Sequence[str]]
"""By key, whom a state named before the batch; a key that was not known is absent."""


async def keep_and_mark(batch: Batch[Any], tx: Transaction) -> None:
    """Keep a batch of any followed stream; mark whose review it may change."""
    before = await _named_before(batch, tx)
    changed = frozenset(await replicas.keep(batch, tx))
    arrived = [arrival for arrival in batch.arrivals if arrival.key in changed]
    if batch.stream == Unit.stream and arrived:
        # A unit moves the borders between deciding units.
        marks.mark(tx, [marks.EVERY_UNIT])
    elif batch.stream == Person.stream:
        _mark_people(tx, arrived, before)
    elif batch.stream == Registration.stream:
        for arrival in arrived:
            subject, campaign = arrival.key.split("/")[:2]
            marks.mark_subjects(tx, [subject], campaign)
    else:
        named = {one for arrival in arrived for one in _subjects(batch.stream, arrival, before)}
        # The rating of a member is one of its collective's.
        homes = await marks.units_of(tx, named) if batch.stream == Rating.stream else {}
        marks.mark_subjects(tx, {*named, *homes.values()})


async def _named_before(batch: Batch[Any], tx: Transaction) -> Named:
    statement = KNOWN_BEFORE.get(batch.stream)
    if statement is None:
        return {}
    rows = await tx.rows(statement, keys=[arrival.key for arrival in batch.arrivals])
    return {row.key: row.names for row in rows}


def _mark_people(tx: Transaction, arrived: Iterable[Arrival[Any]], before: Named) -> None:
    """Mark a person and the collectives that count it; who comes or goes takes titles along, a denominator of all."""
    for arrival in arrived:
        unit, person = arrival.key.split("/", 1)
        if arrival.state is None or arrival.key not in before:
            marks.mark(tx, [unit])
        else:
            marks.mark_subjects(tx, [person, unit])


def _subjects(stream: str, arrival: Arrival[Any], before: Named) -> Iterable[str]:
    match arrival.state:
        case Initiative() as state:
            named: Iterable[str] = [author.person for author in state.authors]
        case Cluster() as state:
            named = [member.unit for member in state.members]
        case _:
            named = [] if stream in KNOWN_BEFORE else [arrival.key.split("/", 1)[0]]
    return (*named, *before.get(arrival.key, ()))


async def keep_people(batch: Batch[Person], tx: Transaction) -> None:
    """Keep people; of those who go, the names that decisions and minutes know stay."""
    gone = [arrival.key for arrival in batch.arrivals if arrival.state is None]
    if gone:
        await erasing.keep_names(tx, gone)
    await keep_and_mark(batch, tx)


async def keep_erasures(batch: Batch[Erasure], tx: Transaction) -> None:
    """Remove what is kept of erased people beyond what was decided."""
    changed = frozenset(await replicas.keep(batch, tx))
    for one in batch.states:
        if one.key in changed:
            rows = await tx.rows(KEYS_OF, person=one.person)
            await erasing.keep_names(tx, [row.key for row in rows])
            await erase.follow(tx, one)


async def keep_campaigns(batch: Batch[Any], tx: Transaction) -> None:
    """Keep campaigns; a changed one is reviewed again as a whole."""
    for campaign in sorted(await replicas.keep(batch, tx)):
        marks.mark(tx, [marks.EVERY_UNIT], campaign)
