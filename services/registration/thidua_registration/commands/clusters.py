"""Enter clusters (khối, cụm thi đua) of a year, one by one or as a file of members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from thidua.contracts import Cluster
from thidua.contracts.organisation import ClusterMember, ClusterOffice
from thidua_registration.commands import batch
from thidua_registration.commands.batch import Draft, Result, Taken
from thidua_registration.domain import organisation
from thidua_registration.entries.organisation import (
    ClusterEntry,
    ClusterRow,
    MemberEntry,
    OfficeEntry,
)
from thidua_registration.errors import ItemRefused, UnknownUnit
from thidua_registration.queries import lookups, store
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.imports import Refusal, Row

UnitIds = Mapping[tuple[int, str], str]
"""Ids of units by year and code: a code may name another unit in another year."""


async def save_clusters(tx: Transaction, rows: Sequence[Row[ClusterEntry]], *, dry_run: bool = False) -> Result:
    """Enter or replace clusters with their members and leaders; a unit belongs to one cluster a year."""
    await store.take_turns(tx, ["clusters"])
    units = await _unit_ids(tx, (pair for row in rows for pair in _named(row.value)))
    ids = await _ids(tx, {row.value.code for row in rows})
    keys = await lookups.cluster_keys(tx, {row.value.year for row in rows})
    stored = await store.load(tx, Cluster, keys)
    drafts, refusals = batch.each(rows, lambda row: _draft(row, ids, units, stored))
    drafts, twice = batch.once(drafts)
    drafts, doubles = _without_doubles(drafts, {key: found.state for key, found in stored.items()})
    await batch.keep(tx, Cluster, drafts, dry_run=dry_run)
    if not dry_run:
        names = {("", d.code.rpartition("/")[0]): d.after.id for d in drafts}
        await lookups.keep_external(tx, "cluster", names)
    return batch.result(drafts, [*refusals, *twice, *doubles])


async def import_clusters(tx: Transaction, rows: Sequence[Row[ClusterRow]], *, dry_run: bool = False) -> Result:
    """Enter the clusters of a file with one member per line; a bad line leaves its cluster's other members."""
    units = await _unit_ids(tx, ((row.value.year, row.value.unit) for row in rows))
    good = [row for row in rows if (row.value.year, row.value.unit) in units]
    lost = [
        batch.refusal(row.number, UnknownUnit(code=row.value.unit, day=row.value.year, column="unit"))
        for row in rows
        if (row.value.year, row.value.unit) not in units
    ]
    lines: dict[tuple[str, int], list[Row[ClusterRow]]] = {}
    for row in good:
        lines.setdefault((row.value.code, row.value.year), []).append(row)
    entered = await save_clusters(tx, [_entry(same) for same in lines.values()], dry_run=dry_run)
    outcomes = {taken.code: taken for taken in entered.taken}
    taken = tuple(
        Taken(row.number, outcomes[name].outcome, name, outcomes[name].id)
        for row in good
        if (name := f"{row.value.code}/{row.value.year}") in outcomes
    )
    return Result(taken, (*entered.refusals, *lost))


def _entry(lines: Sequence[Row[ClusterRow]]) -> Row[ClusterEntry]:
    first = lines[0].value
    entry = ClusterEntry(
        code=first.code,
        year=first.year,
        name=first.name,
        members=tuple(MemberEntry(unit=r.value.unit, illustrative=r.value.illustrative) for r in lines),
        leaders=tuple(OfficeEntry(unit=r.value.unit) for r in lines if r.value.leader),
        deputies=tuple(OfficeEntry(unit=r.value.unit) for r in lines if r.value.deputy),
    )
    return Row(lines[0].number, entry)


def _named(entry: ClusterEntry) -> Iterable[tuple[int, str]]:
    places: tuple[MemberEntry | OfficeEntry, ...] = (*entry.members, *entry.leaders, *entry.deputies)
    return ((entry.year, place.unit) for place in places)


async def _unit_ids(tx: Transaction, named: Iterable[tuple[int, str]]) -> UnitIds:
    by_year: dict[int, set[str]] = {}
    for year, code in named:
        by_year.setdefault(year, set()).add(code)
    today = tx.clock.today()
    found: dict[tuple[int, str], str] = {}
    for year, codes in sorted(by_year.items()):
        ids = await lookups.units_on(tx, codes, organisation.day_in_year(today, year))
        found.update({(year, code): unit for code, unit in ids.items()})
    return found


async def _ids(tx: Transaction, codes: Iterable[str]) -> Mapping[str, str]:
    names = sorted(codes)
    known = await lookups.external(tx, "cluster", [("", code) for code in names])
    return {code: known.get(("", code)) or new_id() for code in names}


def _draft(
    row: Row[ClusterEntry], ids: Mapping[str, str], units: UnitIds, stored: Mapping[str, store.Stored[Cluster]]
) -> Draft[Cluster]:
    entry = row.value
    for year, code in _named(entry):
        if (year, code) not in units:
            raise UnknownUnit(code=code, day=year, column="members")
    after = Cluster(
        id=ids[entry.code],
        year=entry.year,
        name=entry.name,
        members=tuple(
            ClusterMember(unit=units[entry.year, m.unit], illustrative=m.illustrative) for m in entry.members
        ),
        leaders=tuple(_office(entry, office, units) for office in entry.leaders),
        deputies=tuple(_office(entry, office, units) for office in entry.deputies),
        decision=entry.decision,
        agreement=entry.agreement,
    )
    organisation.check_cluster(after)
    before = stored.get(after.key)
    return Draft(row.number, f"{entry.code}/{entry.year}", before.state if before else None, after)


def _office(entry: ClusterEntry, office: OfficeEntry, units: UnitIds) -> ClusterOffice:
    first = organisation.day_in_year(office.since or organisation.FIRST_DAY, entry.year)
    return ClusterOffice(unit=units[entry.year, office.unit], from_=first, to=office.to)


def _without_doubles(
    drafts: list[Draft[Cluster]], stored: Mapping[str, Cluster]
) -> tuple[list[Draft[Cluster]], list[Refusal]]:
    after = {**stored, **{draft.after.key: draft.after for draft in drafts}}
    doubles = organisation.double_members(after.values())
    refusals = [
        batch.refusal(
            draft.number,
            ItemRefused(
                why=f"một đơn vị thành viên đã thuộc {'; '.join(doubles[draft.after.key])}",
                why_en=f"a member belongs to {'; '.join(doubles[draft.after.key])} already",
                column="members",
            ),
        )
        for draft in drafts
        if draft.after.key in doubles
    ]
    return [draft for draft in drafts if draft.after.key not in doubles], refusals
