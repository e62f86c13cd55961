"""Look-ups of many codes at once: official codes by date, staff codes, codes of other systems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text

from thidua.contracts import Campaign, CriteriaSetState, Initiative
from thidua.contracts.organisation import DatedCode
from thidua_registration.domain.organisation import clamped
from thidua_registration.queries.store import Stored
from thidua_runtime.database import Transaction

# A code of that day wins; a code that only ever belonged to one unit names it on any day.
UNITS_ON: Final = text("""
select code,
       coalesce(min(unit) filter (where valid_from <= :day and (valid_to is null or valid_to >= :day)),
                case when count(distinct unit) = 1 then min(unit) end) as unit
  from unit_code where code = any(cast(:codes as text[])) group by code
""")

CODES_OF_UNITS: Final = text("""
select distinct on (unit) unit, code from unit_code
 where unit = any(cast(:units as text[]))
 order by unit, (valid_from <= :day and (valid_to is null or valid_to >= :day)) desc, valid_from desc
""")

HOLDERS: Final = text("""
select code, valid_from, valid_to, unit from unit_code where code = any(cast(:codes as text[]))
""")

PARENTS: Final = text("select id, parent from unit")

DROP_CODES: Final = text("delete from unit_code where unit = any(cast(:units as text[]))")

ADD_CODES: Final = text("""
insert into unit_code (code, valid_from, valid_to, unit)
select * from unnest(cast(:codes as text[]), cast(:valid_from as date[]), cast(:valid_to as date[]),
                     cast(:units as text[]))
""")

EXTERNAL: Final = text("""
select e.source, e.code, e.id
  from unnest(cast(:sources as text[]), cast(:codes as text[])) as wanted (source, code)
  join external_code as e on e.kind = :kind and e.source = wanted.source and e.code = wanted.code
""")

KEEP_EXTERNAL: Final = text("""
insert into external_code (kind, source, code, id)
select distinct :kind, i.source, i.code, i.id
  from unnest(cast(:sources as text[]), cast(:codes as text[]), cast(:ids as text[])) as i (source, code, id)
    on conflict (kind, source, code) do update set id = excluded.id
""")

PEOPLE: Final = text("""
select code, id, unit from person where code = any(cast(:codes as text[]))
""")

CODES_OF_PEOPLE: Final = text("select id, code from person where id = any(cast(:ids as text[]))")

CAMPAIGN: Final = text("select body::text as body, revision from campaign where code = :code")

CAMPAIGN_IDS: Final = text("select code, id from campaign where code = any(cast(:codes as text[]))")

CLUSTER_KEYS: Final = text("select id from cluster where year = any(cast(:years as integer[]))")

INITIATIVES: Final = text("""
select i.body::text as body, i.revision
  from unnest(cast(:units as text[]), cast(:codes as text[])) as wanted (unit, code)
  join initiative as i on i.unit = wanted.unit and i.code = wanted.code
""")

KNOWN_SETS: Final = text("""
select key, body from replica_criteria_sets where not deleted and key = any(cast(:keys as text[]))
""")


@dataclass(frozen=True)
class KnownPerson:
    """A person by staff code."""

    id: str
    unit: str


@dataclass(frozen=True)
class Holder:
    """Who holds an official code, and when."""

    code: DatedCode
    unit: str


async def units_on(tx: Transaction, codes: Iterable[str], day: date) -> dict[str, str]:
    """Return the ids of units by official code valid on `day`; unknown and ambiguous codes are left out."""
    rows = await tx.rows(UNITS_ON, codes=sorted(set(codes)), day=day)
    return {row.code: row.unit for row in rows if row.unit is not None}


async def codes_of_units(tx: Transaction, units: Iterable[str], day: date) -> dict[str, str]:
    """Return each unit's official code on `day`, else its latest one."""
    return {row.unit: row.code for row in await tx.rows(CODES_OF_UNITS, units=sorted(set(units)), day=day)}


async def holders(tx: Transaction, codes: Iterable[str]) -> tuple[Holder, ...]:
    """Return all units that ever held one of these codes."""
    return tuple(
        Holder(DatedCode(code=row.code, valid_from=row.valid_from, valid_to=row.valid_to), row.unit)
        for row in await tx.rows(HOLDERS, codes=sorted(set(codes)))
    )


async def parents(tx: Transaction) -> dict[str, str | None]:
    """Return every unit's parent."""
    return {row.id: row.parent for row in await tx.rows(PARENTS)}


async def replace_codes(tx: Transaction, codes: Mapping[str, Sequence[DatedCode]]) -> None:
    """Write the dated codes of these units anew."""
    pairs = [(unit, code) for unit, known in codes.items() for code in known]
    await tx.execute(DROP_CODES, units=sorted(codes))
    await tx.execute(
        ADD_CODES,
        codes=[code.code for _, code in pairs],
        valid_from=[code.valid_from for _, code in pairs],
        valid_to=[code.valid_to for _, code in pairs],
        units=[unit for unit, _ in pairs],
    )


async def external(tx: Transaction, kind: str, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the ids that (source, code) pairs of other systems name."""
    ordered = sorted(set(names))
    rows = await tx.rows(EXTERNAL, kind=kind, sources=[s for s, _ in ordered], codes=[c for _, c in ordered])
    return {(row.source, row.code): row.id for row in rows}


async def keep_external(tx: Transaction, kind: str, names: Mapping[tuple[str, str], str]) -> None:
    """Remember what other systems call our records."""
    if names:
        await tx.execute(
            KEEP_EXTERNAL,
            kind=kind,
            sources=[source for source, _ in names],
            codes=[code for _, code in names],
            ids=list(names.values()),
        )


async def people(tx: Transaction, codes: Iterable[str]) -> dict[str, KnownPerson]:
    """Return people by staff code."""
    rows = await tx.rows(PEOPLE, codes=sorted(set(codes)))
    return {row.code: KnownPerson(row.id, row.unit) for row in rows}


async def codes_of_people(tx: Transaction, ids: Iterable[str]) -> dict[str, str]:
    """Return the staff codes of those people who are known, by id."""
    wanted = sorted(set(ids))
    return {row.id: row.code for row in await tx.rows(CODES_OF_PEOPLE, ids=wanted)} if wanted else {}


async def campaign(tx: Transaction, code: str) -> Stored[Campaign] | None:
    """Return a campaign by its code, or None."""
    row = await tx.row(CAMPAIGN, code=code)
    return None if row is None else Stored(Campaign.model_validate_json(row.body), row.revision)


def campaign_day(tx: Transaction, campaign: Campaign) -> date:
    """Return the day on which a campaign's unit codes are read: today, or the nearer end of the campaign."""
    return clamped(tx.clock.today(), campaign.starts_on, campaign.ends_on)


async def campaign_ids(tx: Transaction, codes: Iterable[str]) -> dict[str, str]:
    """Return the ids of campaigns by code."""
    return {row.code: row.id for row in await tx.rows(CAMPAIGN_IDS, codes=sorted(set(codes)))}


async def cluster_keys(tx: Transaction, years: Iterable[int]) -> tuple[str, ...]:
    """Return the keys of all clusters of these years."""
    return tuple(row.id for row in await tx.rows(CLUSTER_KEYS, years=sorted(set(years))))


async def initiatives(tx: Transaction, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Stored[Initiative]]:
    """Return initiatives by unit id and code."""
    ordered = sorted(set(names))
    rows = await tx.rows(INITIATIVES, units=[unit for unit, _ in ordered], codes=[code for _, code in ordered])
    found = (Stored(Initiative.model_validate_json(row.body), row.revision) for row in rows)
    return {(stored.state.unit, stored.state.code): stored for stored in found}


async def known_sets(tx: Transaction, keys: Iterable[str]) -> dict[str, CriteriaSetState]:
    """Return those of these `set/version` keys that scoring has published."""
    rows = await tx.rows(KNOWN_SETS, keys=sorted(set(keys)))
    return {row.key: CriteriaSetState.model_validate_json(row.body) for row in rows}
