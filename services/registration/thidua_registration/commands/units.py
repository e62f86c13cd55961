"""Enter units: found again by external or official code, under parents that may come in the same batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from thidua.contracts import Unit
from thidua.contracts.organisation import DatedCode
from thidua_registration.commands import batch
from thidua_registration.commands.batch import Draft, Result
from thidua_registration.domain import organisation
from thidua_registration.entries.organisation import UnitEntry
from thidua_registration.errors import ItemRefused, UnknownUnit
from thidua_registration.queries import lookups, store
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.imports import Refusal, Row

GIVEN = ("name", "kind", "managed_by", "legal_person", "valid_to")


@dataclass(frozen=True)
class _Known:
    today: date
    ids: dict[int, str]
    by_code: dict[str, str]
    stored: dict[str, store.Stored[Unit]]


async def save_units(
    tx: Transaction, rows: Sequence[Row[UnitEntry]], *, dry_run: bool = False, expected: int | None = None
) -> Result:
    """Enter or change units; fields not given keep what is stored. `expected` is the revision of the only row."""
    await store.take_turns(tx, ["units"])
    known = await _known(tx, rows)
    for unit_id in known.ids.values() if expected is not None else ():
        batch.check_expected(expected, known.stored.get(unit_id))
    drafts, refusals = batch.each(rows, lambda row: _draft(row, known))
    drafts, twice = batch.once(drafts)
    drafts, orphans = await _with_parents(tx, drafts)
    drafts, clashes = await _without_clashes(tx, drafts)
    await batch.keep(tx, Unit, drafts, dry_run=dry_run)
    if not dry_run:
        await _keep_codes(tx, rows, known, drafts)
    return batch.result(drafts, [*refusals, *twice, *orphans, *clashes])


async def _known(tx: Transaction, rows: Sequence[Row[UnitEntry]]) -> _Known:
    entries = [row.value for row in rows]
    today = tx.clock.today()
    named = {code for entry in entries for code in (entry.code, entry.parent) if code}
    by_code = await lookups.units_on(tx, named, today)
    foreign = await lookups.external(tx, "unit", [name for e in entries for name in external_names(e)])
    ids: dict[int, str] = {}
    for row in rows:
        found = next((foreign[name] for name in external_names(row.value) if name in foreign), None)
        # A row of this batch is a unit that its neighbours may name as their parent.
        ids[row.number] = by_code.setdefault(row.value.code, found or by_code.get(row.value.code) or new_id())
        if found:
            ids[row.number] = by_code[row.value.code] = found
    return _Known(today, ids, by_code, await store.load(tx, Unit, ids.values()))


def external_names(entry: Any) -> list[tuple[str, str]]:
    """Return what another system calls this entry, if it says so."""
    return [(entry.source, entry.external_code)] if entry.external_code else []


def _draft(row: Row[UnitEntry], known: _Known) -> Draft[Unit]:
    entry = row.value
    unit_id = known.ids[row.number]
    stored = known.stored.get(unit_id)
    before = stored.state if stored else None
    after = _changed(before, entry, known.today) if before else _new(unit_id, entry, known.today)
    if "parent" in entry.model_fields_set:
        after = after.model_copy(update={"parent": _parent(entry, known)})
    organisation.check_codes(after.codes)
    if after.valid_to is not None and after.valid_to < after.valid_from:
        raise ItemRefused(
            why="đơn vị hết hiệu lực trước khi có hiệu lực", why_en="the unit ends before it begins", column="valid_to"
        )
    return Draft(row.number, entry.code, before, after)


def _new(unit_id: str, entry: UnitEntry, today: date) -> Unit:
    since = entry.valid_from or date(today.year, 1, 1)
    given = {name: getattr(entry, name) for name in GIVEN}
    codes = entry.codes or (DatedCode(code=entry.code, valid_from=entry.code_from or since),)
    return Unit(id=unit_id, codes=codes, valid_from=since, **given)


def _changed(before: Unit, entry: UnitEntry, today: date) -> Unit:
    given: dict[str, Any] = {name: getattr(entry, name) for name in GIVEN if name in entry.model_fields_set}
    if entry.valid_from is not None:
        given["valid_from"] = entry.valid_from
    given["codes"] = entry.codes or organisation.codes_with(before.codes, entry.code, entry.code_from or today)
    return before.model_copy(update=given)


def _parent(entry: UnitEntry, known: _Known) -> str | None:
    if entry.parent is None:
        return None
    if entry.parent not in known.by_code:
        raise UnknownUnit(code=entry.parent, day=known.today, column="parent")
    return known.by_code[entry.parent]


UNDER_REFUSED: Final = (
    "Đơn vị cấp trên không được nhận nên đơn vị này cũng chưa nhận được.",
    "The unit above was refused, and so is this one.",
)
OWN_ANCESTOR: Final = ("Đơn vị không thể là cấp trên của chính mình.", "A unit cannot stand above itself.")
"""Why a unit has no place, in Vietnamese and English."""


async def _with_parents(tx: Transaction, drafts: list[Draft[Unit]]) -> tuple[list[Draft[Unit]], list[Refusal]]:
    """Refuse units under a refused unit, and units that would be their own ancestor."""
    parents = await lookups.parents(tx)
    refusals: list[Refusal] = []
    waiting = drafts
    while True:
        after = {**parents, **{draft.after.id: draft.after.parent for draft in waiting}}
        bad = {draft.number: why for draft in waiting if (why := _orphan(draft.after, after))}
        if not bad:
            return waiting, refusals
        refusals.extend(Refusal(number, "parent", *why) for number, why in bad.items())
        waiting = [draft for draft in waiting if draft.number not in bad]


def _orphan(unit: Unit, parents: dict[str, str | None]) -> tuple[str, str] | None:
    if unit.parent is not None and unit.parent not in parents:
        return UNDER_REFUSED
    if organisation.is_own_ancestor(unit.id, parents):
        return OWN_ANCESTOR
    return None


async def _without_clashes(tx: Transaction, drafts: list[Draft[Unit]]) -> tuple[list[Draft[Unit]], list[Refusal]]:
    """Refuse units whose code another unit holds on a common day."""
    mine = {draft.after.id for draft in drafts}
    taken = [
        (holder.unit, holder.code)
        for holder in await lookups.holders(tx, {code.code for d in drafts for code in d.after.codes})
        if holder.unit not in mine
    ]
    by_code: dict[str, list[tuple[str, DatedCode]]] = {}
    for unit, code in (*taken, *((d.after.id, code) for d in drafts for code in d.after.codes)):
        by_code.setdefault(code.code, []).append((unit, code))
    refusals = [
        Refusal(
            draft.number,
            "code",
            f"Mã “{code.code}” đã thuộc đơn vị khác trong cùng thời gian.",
            f"The code {code.code!r} belongs to another unit at the same time.",
        )
        for draft in drafts
        for code in draft.after.codes
        if any(unit != draft.after.id and organisation.overlap(code, c) for unit, c in by_code[code.code])
    ]
    refused = {refusal.row for refusal in refusals}
    return [draft for draft in drafts if draft.number not in refused], refusals


async def _keep_codes(
    tx: Transaction, rows: Sequence[Row[UnitEntry]], known: _Known, drafts: list[Draft[Unit]]
) -> None:
    moved = {
        draft.after.id: draft.after.codes
        for draft in drafts
        if draft.before is None or draft.before.codes != draft.after.codes
    }
    if moved:
        await lookups.replace_codes(tx, moved)
    taken = {draft.number for draft in drafts}
    names = {name: known.ids[row.number] for row in rows if row.number in taken for name in external_names(row.value)}
    await lookups.keep_external(tx, "unit", names)
