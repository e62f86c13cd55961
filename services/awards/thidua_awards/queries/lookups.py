"""Look up campaigns, units and subjects by the names people use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import text

from thidua.contracts import Campaign, SubjectKind, Unit
from thidua_awards.errors import UnknownCampaign, UnknownSubject
from thidua_runtime.clock import wall_clock
from thidua_runtime.database import Database, Transaction

CAMPAIGN: Final = text("""
select body::text as body from replica_campaigns where not deleted and (code = :code or key = :code)
""")
UNITS: Final = text("select body::text as body from replica_units where not deleted")
UNITS_STAMP: Final = text("""
-- Another sum where any unit came, went or has another version.
select cast(count(*) as text) || '/' || coalesce(sum(hashtextextended(key, version)), 0) as stamp
  from replica_units where not deleted
""")
SUBJECTS: Final = text("""
-- A subject may be named by id or by an official code; a unit's code may be any it ever had.
with wanted as (select distinct name from unnest(cast(:names as text[])) as w (name))
select name, 'collective' as kind, u.key as id, u.key as unit
  from wanted join replica_units as u on u.key = name where not u.deleted
 union
select name, 'collective', u.key, u.key
  from replica_units as u, jsonb_array_elements(u.body->'codes') as c, wanted where name = c->>'code' and not u.deleted
 union
select name, 'individual', p.id, p.unit from wanted join replica_people as p on p.id = name where not p.deleted
 union
select name, 'individual', p.id, p.unit from wanted join replica_people as p on p.code = name where not p.deleted
""")
NAME: Final = text("""
select coalesce((select min(body->>'name') from replica_people where id = :id and not deleted),
                (select body->>'name' from replica_units where key = :id and not deleted), :id) as name
""")
UNIT_CODE: Final = text("""
select body::text as body from replica_units where key = :unit and not deleted
""")


@dataclass(frozen=True, slots=True)
class Subject:
    """A known unit or person, and the unit it belongs to (a unit belongs to itself)."""

    id: str
    kind: SubjectKind
    unit: str


def in_own_time(tx: Transaction, heard: datetime | None) -> datetime | None:
    """Return a moment of heartbeats in the time of the data; None stays None.

    Heartbeats depart by the machine's clock; the data of a played year live in a time of their own.
    """
    return None if heard is None else min(heard + (tx.clock.now() - wall_clock()), tx.clock.now())


async def campaign(tx: Transaction, code: str) -> Campaign:
    """Return a campaign by code or id; raises UnknownCampaign."""
    row = await tx.row(CAMPAIGN, code=code)
    if row is None:
        raise UnknownCampaign(code=code)
    return campaign_of(row.body)


@lru_cache(maxsize=64)
def campaign_of(body: str) -> Campaign:
    """Return the campaign of a stored body."""
    return Campaign.model_validate_json(body)


_known: WeakKeyDictionary[Database, tuple[str, Mapping[str, Unit]]] = WeakKeyDictionary()


async def units(tx: Transaction, stamp: str | None = None) -> Mapping[str, Unit]:
    """Return all units by id; read only where they changed since the last time. `stamp`: what UNITS_STAMP said."""
    if stamp is None:
        row = await tx.row(UNITS_STAMP)
        stamp = str(row.stamp) if row else ""
    kept = _known.get(tx.database)
    if kept is None or kept[0] != stamp:
        found = (Unit.model_validate_json(row.body) for row in await tx.rows(UNITS))
        kept = _known[tx.database] = (stamp, MappingProxyType({unit.id: unit for unit in found}))
    return kept[1]


async def subjects(tx: Transaction, names: Iterable[str]) -> Mapping[str, Subject]:
    """Return the known subjects among `names`, by the name used."""
    rows = await tx.rows(SUBJECTS, names=sorted(set(names)))
    return {row.name: Subject(row.id, SubjectKind(row.kind), row.unit) for row in rows}


async def subject(tx: Transaction, name: str) -> Subject:
    """Return one subject by id or code; raises UnknownSubject."""
    found = await subjects(tx, [name])
    if name not in found:
        raise UnknownSubject(subject=name)
    return found[name]


async def name_of(tx: Transaction, id: str) -> str:
    """Return the name of a unit or person by id; the id itself of somebody unknown."""
    row = await tx.row(NAME, id=id)
    return str(row.name) if row else id


async def unit_codes(tx: Transaction, unit: str) -> tuple[str, ...]:
    """Return the id and every official code of a unit."""
    row = await tx.row(UNIT_CODE, unit=unit)
    if row is None:
        return (unit,)
    return (unit, *(dated.code for dated in Unit.model_validate_json(row.body).codes))
