"""What arrives from the streams: kept as replicas, and marked so that what depends on it is reviewed again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import Cluster, Initiative, Person, Rating, Registration, ScoreState
from thidua_awards.queries import outcomes
from thidua_runtime import replicas
from thidua_runtime.database import Transaction
from thidua_runtime.records import Batch

UNITS_OF: Final = text("""
select unit from replica_people where id = any(cast(:subjects as text[])) and not deleted
""")


async def keep_and_mark(batch: Batch[Any], tx: Transaction) -> None:
    """Keep a batch of any followed stream; mark the units whose review it may change."""
    changed = frozenset(await replicas.keep(batch, tx))
    arrived = [arrival for arrival in batch.arrivals if arrival.key in changed]
    units = {unit for arrival in arrived for unit in _units(batch.stream, arrival.key, arrival.state)}
    people = {person for arrival in arrived for person in _people(arrival.state)}
    if people:
        # A rating or score may still name the unit a person has left.
        units.update(row.unit for row in await tx.rows(UNITS_OF, subjects=sorted(people)))
    outcomes.mark(tx, units)


async def keep_campaigns(batch: Batch[Any], tx: Transaction) -> None:
    """Keep campaigns; a changed one is reviewed again as a whole."""
    for campaign in sorted(await replicas.keep(batch, tx)):
        outcomes.mark(tx, [outcomes.EVERY_UNIT], campaign)


def _units(stream: str, key: str, state: object) -> Iterable[str]:
    if stream in (Person.stream, Initiative.stream):
        return (key.split("/", 1)[0],)
    match state:
        case Rating() | Registration() | ScoreState():
            return (state.unit,)
        case Cluster():
            return tuple(member.unit for member in state.members)
    # A unit moves the borders between deciding units, and a tombstone no longer says whose it was.
    return (outcomes.EVERY_UNIT,)


def _people(state: object) -> Iterable[str]:
    match state:
        case Rating() | Registration() | ScoreState():
            return (state.subject,)
        case Initiative():
            return tuple(author.person for author in state.authors)
    return ()
