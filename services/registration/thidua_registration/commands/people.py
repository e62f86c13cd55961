"""Enter people and their yearly ratings, and erase a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from thidua.contracts import Document, Erasure, Person, Rating, Registration, SubjectKind
from thidua.contracts.organisation import RatingLevel
from thidua_registration.commands import batch
from thidua_registration.commands.batch import Draft, Result
from thidua_registration.commands.units import external_names
from thidua_registration.domain import organisation
from thidua_registration.entries.organisation import ErasureEntry, PersonEntry, RatingEntry, RatingRow
from thidua_registration.errors import ItemRefused, PersonHasRecords, RecordNotFound, UnknownPerson, UnknownUnit
from thidua_registration.queries import erasure, lookups, store
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.imports import Row, plain
from thidua_runtime.web import forget_answers

GIVEN = (
    "code", "name", "post", "leads_unit", "comparable_group", "first_recruited", "joined_unit", "active", "periods",
)  # fmt: skip

LEVELS: Mapping[str, RatingLevel] = {
    "hoan thanh xuat sac nhiem vu": RatingLevel.EXCELLENT,
    "hoan thanh xuat sac": RatingLevel.EXCELLENT,
    "hoan thanh tot nhiem vu": RatingLevel.GOOD,
    "hoan thanh tot": RatingLevel.GOOD,
    "hoan thanh nhiem vu": RatingLevel.COMPLETED,
    "hoan thanh": RatingLevel.COMPLETED,
    "khong hoan thanh nhiem vu": RatingLevel.NOT_COMPLETED,
    "khong hoan thanh": RatingLevel.NOT_COMPLETED,
}
"""The four levels as an import file writes them; accents and case do not matter."""


@dataclass(frozen=True)
class _Known:
    today: date
    units: dict[str, str]
    ids: dict[int, str]
    codes: dict[str, str]
    stored: dict[str, store.Stored[Person]]


async def save_people(
    tx: Transaction, rows: Sequence[Row[PersonEntry]], *, dry_run: bool = False, expected: int | None = None
) -> Result:
    """Enter or change people; fields not given keep what is stored. A transfer is a change of `unit`."""
    await store.take_turns(tx, ["people"])
    known = await _known(tx, rows)
    for person_id in known.ids.values() if expected is not None else ():
        batch.check_expected(expected, known.stored.get(person_id))
    drafts, refusals = batch.each(rows, lambda row: _draft(row, known))
    drafts, twice = batch.once(drafts)
    await batch.keep(tx, Person, drafts, dry_run=dry_run)
    taken = {draft.number for draft in drafts}
    names = {n: known.ids[r.number] for r in rows if r.number in taken for n in external_names(r.value)}
    if not dry_run:
        await lookups.keep_external(tx, "person", names)
    return batch.result(drafts, [*refusals, *twice])


async def _known(tx: Transaction, rows: Sequence[Row[PersonEntry]]) -> _Known:
    entries = [row.value for row in rows]
    today = tx.clock.today()
    units = await lookups.units_on(tx, {entry.unit for entry in entries}, today)
    codes = {code: person.id for code, person in (await lookups.people(tx, {e.code for e in entries})).items()}
    foreign = await lookups.external(tx, "person", [name for e in entries for name in external_names(e)])
    ids: dict[int, str] = {}
    fresh: dict[str, str] = {}
    for row in rows:
        found = next((foreign[name] for name in external_names(row.value) if name in foreign), None)
        code = row.value.code
        ids[row.number] = found or codes.get(code) or fresh.setdefault(code, new_id())
    return _Known(today, units, ids, codes, await store.load(tx, Person, ids.values()))


def _draft(row: Row[PersonEntry], known: _Known) -> Draft[Person]:
    entry = row.value
    person_id = known.ids[row.number]
    if entry.unit not in known.units:
        raise UnknownUnit(code=entry.unit, day=known.today)
    if known.codes.get(entry.code, person_id) != person_id:
        raise ItemRefused(
            why=f"mã cán bộ “{entry.code}” đã thuộc người khác",
            why_en=f"the staff code {entry.code!r} belongs to somebody else",
            column="code",
        )
    organisation.check_periods(entry.periods)
    stored = known.stored.get(person_id)
    before = stored.state if stored else None
    given: dict[str, Any] = {
        name: getattr(entry, name) for name in GIVEN if before is None or name in entry.model_fields_set
    }
    given["unit"] = known.units[entry.unit]
    after = before.model_copy(update=given) if before else Person(id=person_id, **given)
    return Draft(row.number, entry.code, before, after)


async def save_ratings(tx: Transaction, rows: Sequence[Row[RatingEntry]], *, dry_run: bool = False) -> Result:
    """Enter yearly ratings; one per subject and year."""
    await store.take_turns(tx, ["ratings"])
    entries = [row.value for row in rows]
    people = await lookups.people(tx, {entry.person for entry in entries if entry.person})
    today = tx.clock.today()
    units = await lookups.units_on(tx, {e.unit for e in entries if e.unit}, today)
    built, refusals = batch.each(rows, lambda row: _rating(row, people, units, today))
    stored = await store.load(tx, Rating, [draft.after.key for draft in built])
    drafts = [
        Draft(d.number, d.code, stored[d.after.key].state if d.after.key in stored else None, d.after) for d in built
    ]
    drafts, twice = batch.once(drafts)
    await batch.keep(tx, Rating, drafts, dry_run=dry_run)
    return batch.result(drafts, [*refusals, *twice])


def rating_rows(rows: Sequence[Row[RatingRow]]) -> tuple[list[Row[RatingEntry]], Result]:
    """Read the rows of a rating file; the result holds what could not be read."""
    built, refusals = batch.each(rows, lambda row: Row(row.number, _entry(row.value)))
    return built, Result((), tuple(refusals))


def _entry(row: RatingRow) -> RatingEntry:
    level = LEVELS.get(plain(row.level))
    if level is None:
        known = {level.value: level for level in RatingLevel if level is not RatingLevel.UNKNOWN}
        level = known.get(row.level.strip().casefold())
    if level is None:
        raise ItemRefused(
            why=f"không có mức xếp loại “{row.level[:100]}”",
            why_en=f"there is no level {row.level[:100]!r}",
            column="level",
        )
    decision = None
    if row.decision_number and row.decision_dated:
        decision = Document(number=row.decision_number, dated=row.decision_dated, issuer=row.decision_issuer)
    elif row.decision_number or row.decision_dated:
        raise ItemRefused(
            why="quyết định phải có cả số và ngày",
            why_en="a decision has a number and a date",
            column="decision_number",
        )
    return RatingEntry(person=row.person, unit=row.unit, year=row.year, level=level.value, decision=decision)


def _rating(
    row: Row[RatingEntry], people: Mapping[str, lookups.KnownPerson], units: Mapping[str, str], today: date
) -> Draft[Rating]:
    entry = row.value
    if entry.unit is not None and entry.unit not in units:
        raise UnknownUnit(code=entry.unit, day=today)
    if entry.person is not None:
        known = people.get(entry.person)
        if known is None:
            raise UnknownPerson(code=entry.person)
        # The unit that rated may be named: it is the one of that year, not today's.
        unit = units[entry.unit] if entry.unit else known.unit
        subject, kind, code = known.id, SubjectKind.INDIVIDUAL, entry.person
    else:
        unit = subject = units[entry.unit or ""]
        kind, code = SubjectKind.COLLECTIVE, entry.unit or ""
    after = Rating(
        subject=subject, subject_kind=kind, unit=unit, year=entry.year, level=RatingLevel(entry.level),
        decision=entry.decision,
    )  # fmt: skip
    return Draft(row.number, f"{code}/{entry.year}", None, after)


async def erase_person(tx: Transaction, entry: ErasureEntry) -> dict[str, object]:
    """Remove a person with ratings, registrations and their moves, and tell every other service to remove its own.

    A record stays, with the document and numbers of rows; signed decisions stay where they are kept. Raises
    RecordNotFound.
    """
    await store.take_turns(tx, ["people", "ratings"])
    found = await _found(tx, entry.person)
    await _withdraw(tx, found)
    removed = await erasure.erase(tx, found.id, await erasure.registrations_of(tx, found.id))
    document = Document(number=entry.document, dated=entry.dated, issuer=entry.issuer)
    erased = Erasure(person=found.id, document=document, erased_on=tx.clock.today())
    await store.save(tx, Erasure, [erased])
    await erasure.note(tx, found.id, entry.reason, removed)
    await forget_answers(tx)
    tx.publish([erased])
    return {"erased": entry.person, "id": found.id, "removed": removed}


async def remove_person(tx: Transaction, code: str) -> dict[str, object]:
    """Remove a person entered by mistake; raises RecordNotFound, PersonHasRecords once there is anything to erase."""
    await store.take_turns(tx, ["people", "ratings"])
    found = await _found(tx, code)
    if await erasure.ratings_of(tx, found.id) or await erasure.registrations_of(tx, found.id):
        raise PersonHasRecords(code=code)
    await _withdraw(tx, found)
    await erasure.erase(tx, found.id, ())
    return {"removed": code}


async def _found(tx: Transaction, code: str) -> lookups.KnownPerson:
    found = (await lookups.people(tx, [code])).get(code)
    if found is None:
        raise RecordNotFound(what="người mang mã cán bộ", what_en="The person with the staff code", code=code)
    return found


async def _withdraw(tx: Transaction, found: lookups.KnownPerson) -> None:
    tx.withdraw(Person, [f"{found.unit}/{found.id}"])
    tx.withdraw(Rating, await erasure.ratings_of(tx, found.id))
    tx.withdraw(Registration, await erasure.registrations_of(tx, found.id))
