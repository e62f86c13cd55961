"""Codes to ids: which unit and which person a source means, and who belongs where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Row, text

from thidua_monitoring.errors import CampaignUnknown, UnitUnknown
from thidua_monitoring.queries.decoded import Decoded
from thidua_runtime.database import Database, Transaction

UNITS_BY_CODE: Final = text("""
select u.key as id, c.code, c.valid_from, c.valid_to
  from replica_units as u
 cross join lateral jsonb_to_recordset(u.body->'codes') as c (code text, valid_from date, valid_to date)
 where not u.deleted and c.code = any(cast(:codes as text[]))
union all
select key, key, null, null from replica_units where not deleted and key = any(cast(:codes as text[]))
""")

PEOPLE_BY_CODE: Final = text("""
-- An erased person gets no more tasks, even while the tombstone is on its way.
select id, code, unit from replica_people
 where not deleted and code = any(cast(:codes as text[])) and id not in (select key from replica_erasures)
union all
select id, id, unit from replica_people
 where not deleted and id = any(cast(:codes as text[])) and id not in (select key from replica_erasures)
""")

CODES_OF_UNITS: Final = text("""
select u.key as id, c.code
  from replica_units as u cross join lateral jsonb_to_recordset(u.body->'codes') as c (code text)
 where u.key = any(cast(:ids as text[]))
""")

CAMPAIGN: Final = text("""
select key, body from replica_campaigns
 where not deleted and (key = :campaign or body->>'code' = :campaign) order by key limit 1
""").columns(body=Decoded)

CAMPAIGNS: Final = text("select key, body from replica_campaigns where not deleted order by key").columns(body=Decoded)

SUBJECT: Final = text("""
select key as id, key as unit, false as individual from replica_units where not deleted and key = :subject
union all
select id, unit, true from replica_people where not deleted and id = :subject limit 1
""")

UNIT_CODES_ON: Final = text("""
select u.key as id, u.body->>'name' as name,
       coalesce((select c.code from jsonb_to_recordset(u.body->'codes')
                        as c (code text, valid_from date, valid_to date)
                  order by (c.valid_from <= :day and coalesce(c.valid_to >= :day, true)) desc, c.valid_from desc
                  limit 1), u.key) as code
  from replica_units as u where not u.deleted
""")


Validity = tuple[str, date | None, date | None]
"""A unit, and the days from and to which a code is its own."""


@dataclass(frozen=True)
class Names:
    """What codes mean: units by code with the days they are valid, people by staff code.

    `concluded`: what was found out from these names, and holds as long as they do.
    """

    units: dict[str, list[Validity]] = field(default_factory=dict)
    people: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    concluded: dict[Any, Any] = field(default_factory=dict)

    def lone_unit(self, code: str) -> str | None:
        """Return the unit that `code` means on any day, if it ever meant only one."""
        ever = {unit for unit, _, _ in self.units.get(code, ())}
        return ever.pop() if len(ever) == 1 else None

    def unit(self, code: str, day: date) -> str | None:
        """Return the unit that has `code` on `day`; a code only one unit ever had is its own on any day."""
        lone = self.lone_unit(code)
        if lone is not None:
            return lone
        valid = {
            unit for unit, start, end in self.units.get(code, ())
            if (start is None or start <= day) and (end is None or day <= end)
        }  # fmt: skip
        return valid.pop() if len(valid) == 1 else None

    def person(self, code: str, unit: str) -> str | None:
        """Return the person with a staff code: of the task's unit first, else if only one person has it."""
        holders = self.people.get(code, ())
        everybody = {person for person, _ in holders}
        if len(everybody) == 1:
            return everybody.pop()
        own = {person for person, of in holders if of == unit}
        return own.pop() if len(own) == 1 else None


async def names_of(tx: Transaction, unit_codes: Iterable[str], staff_codes: Iterable[str]) -> Names:
    """Read what these codes mean today in the replicas."""
    units: dict[str, list[Validity]] = {}
    people: dict[str, list[tuple[str, str]]] = {}
    for row in await tx.rows(UNITS_BY_CODE, codes=sorted(set(unit_codes))):
        units.setdefault(row.code, []).append((row.id, row.valid_from, row.valid_to))
    staff = sorted(set(staff_codes))
    for row in await tx.rows(PEOPLE_BY_CODE, codes=staff) if staff else ():
        people.setdefault(row.code, []).append((row.id, row.unit))
    return Names(units, people)


@dataclass(frozen=True)
class _Kept:
    """What was read of names while `mark` stood; codes that mean nobody are kept as well."""

    mark: UUID
    units: dict[str, list[Validity]] = field(default_factory=dict)
    people: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    concluded: dict[Any, Any] = field(default_factory=dict)


_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()
MOST_KEPT: Final = 100_000
"""So many codes are kept in memory at most."""


async def kept_names(
    tx: Transaction, mark: UUID | None, unit_codes: Iterable[str], staff_codes: Iterable[str]
) -> Names:
    """Return what these codes mean, from memory as far as no unit and no person has changed since.

    The caller holds the as-of row, and `mark` is its mark.
    """
    if mark is None:
        return await names_of(tx, unit_codes, staff_codes)
    kept = _kept.get(tx.database)
    if kept is None or kept.mark != mark or len(kept.units) + len(kept.people) > MOST_KEPT:
        kept = _kept[tx.database] = _Kept(mark)
    # Not by subtracting: that would go through all that is kept, for the few codes of a batch.
    new_units = {code for code in unit_codes if code not in kept.units}
    new_staff = {code for code in staff_codes if code not in kept.people}
    if new_units or new_staff:
        found = await names_of(tx, new_units, new_staff)
        kept.units.update({code: found.units.get(code, []) for code in new_units})
        kept.people.update({code: found.people.get(code, []) for code in new_staff})
    return Names(kept.units, kept.people, kept.concluded)


async def unit_id(tx: Transaction, code: str, day: date) -> str:
    """Return the id of the unit with this id or official code; raises UnitUnknown."""
    return (await unit_ids(tx, [code], day))[code]


async def unit_ids(tx: Transaction, codes: Iterable[str], day: date) -> dict[str, str]:
    """Return the ids of units by id or official code; raises UnitUnknown for the first that is none."""
    wanted = sorted(set(codes))
    known = await names_of(tx, wanted, ())
    found: dict[str, str] = {}
    for code in wanted:
        unit = known.unit(code, day)
        if unit is None:
            raise UnitUnknown(code=code)
        found[code] = unit
    return found


async def unit_codes(tx: Transaction, ids: Iterable[str]) -> dict[str, set[str]]:
    """Return every official code of these units, past ones too."""
    codes: dict[str, set[str]] = {}
    for row in await tx.rows(CODES_OF_UNITS, ids=sorted(set(ids))):
        codes.setdefault(row.id, set()).add(row.code)
    return codes


async def units_on(tx: Transaction, day: date) -> dict[str, Row[Any]]:
    """Return all units by id, each with its name and its code on `day`."""
    return {row.id: row for row in await tx.rows(UNIT_CODES_ON, day=day)}


async def campaign(tx: Transaction, name: str) -> Row[Any]:
    """Return key and body of a campaign by id or code; raises CampaignUnknown."""
    row = await tx.row(CAMPAIGN, campaign=name)
    if row is None:
        raise CampaignUnknown(campaign=name)
    return row


async def campaigns(tx: Transaction) -> Sequence[Row[Any]]:
    """Return all campaigns."""
    return await tx.rows(CAMPAIGNS)


async def subject(tx: Transaction, name: str) -> Row[Any]:
    """Return a subject's id, unit and whether it is an individual; raises UnitUnknown."""
    row = await tx.row(SUBJECT, subject=name)
    if row is None:
        raise UnitUnknown(code=name)
    return row
