"""Write initiatives and move them towards recognition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from thidua.contracts import Initiative
from thidua.contracts.campaign import Author, InitiativeState
from thidua_registration.commands import batch
from thidua_registration.commands.batch import Draft, Result, Taken
from thidua_registration.commands.reading import check_assessed
from thidua_registration.commands.registrations import act_of
from thidua_registration.domain import initiative
from thidua_registration.domain.initiative import InitiativeMove
from thidua_registration.domain.moves import Side
from thidua_registration.entries.campaign import InitiativeEntry, InitiativeMoveEntry
from thidua_registration.errors import CampaignNotFound, RecordNotFound, UnknownPerson, UnknownUnit
from thidua_registration.queries import lookups, moves, reading, store, texts
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.imports import Row


@dataclass(frozen=True)
class _Known:
    today: date
    units: Mapping[str, str]
    people: Mapping[str, lookups.KnownPerson]
    campaigns: Mapping[str, str]
    stored: Mapping[tuple[str, str], store.Stored[Initiative]]
    contents: Mapping[str, str]


async def save_initiatives(tx: Transaction, rows: Sequence[Row[InitiativeEntry]]) -> Result:
    """Enter or rewrite initiatives, found by unit and code; what was sent changes by moves only."""
    await store.take_turns(tx, ["initiatives"])
    known = await _known(tx, rows)
    drafts, refusals = batch.each(rows, lambda row: _draft(row, known))
    drafts, twice = batch.once(drafts)
    await batch.keep(tx, Initiative, drafts)
    await texts.keep(tx, dict(_texts(drafts, rows, known)))
    return batch.result(drafts, [*refusals, *twice])


def _texts(
    drafts: Iterable[Draft[Initiative]], rows: Iterable[Row[InitiativeEntry]], known: _Known
) -> Iterator[tuple[str, tuple[str, str]]]:
    said = {row.number: row.value.content for row in rows}
    for draft in drafts:
        item, before = draft.after, known.contents.get(draft.after.id)
        content = before if said[draft.number] is None else said[draft.number]
        if before is None or content != before or draft.outcome != "unchanged":
            yield item.id, (item.title, content or "")


async def move_initiatives(tx: Transaction, rows: Sequence[Row[InitiativeMoveEntry]], side: Side) -> Result:
    """Carry out acts upon initiatives, in the order given."""
    await store.take_turns(tx, ["initiatives"])
    today = tx.clock.today()
    units = await lookups.units_on(tx, {row.value.unit for row in rows}, today)
    names = {(units[row.value.unit], row.value.code) for row in rows if row.value.unit in units}
    before = {name: found.state for name, found in (await lookups.initiatives(tx, names)).items()}
    after = dict(before)
    read = (await reading.found(tx, [item.id for item in before.values()])).readings
    acts: list[moves.Recorded] = []

    def carry_out(row: Row[InitiativeMoveEntry]) -> Taken:
        entry = row.value
        if entry.unit not in units:
            raise UnknownUnit(code=entry.unit, day=today)
        item = after.get((units[entry.unit], entry.code))
        if item is None:
            raise RecordNotFound(what="sáng kiến", what_en="The initiative", code=entry.code)
        act = act_of(tx, entry, side)
        if entry.move is InitiativeMove.ASSESS:
            check_assessed(item, read.get(item.id))
        moved = initiative.moved(item, entry.move, act, scope=entry.scope)
        after[item.unit, item.code] = moved
        acts.append(moves.Recorded(item.id, entry.move, item.state, moved.state, act))
        return Taken(row.number, "moved", entry.code, item.id)

    taken, refusals = batch.each(rows, carry_out)
    await batch.keep(tx, Initiative, [Draft(0, code, before[unit, code], after[unit, code]) for unit, code in before])
    await moves.keep_moves(tx, "initiative", acts)
    return Result(tuple(taken), tuple(refusals))


async def _known(tx: Transaction, rows: Sequence[Row[InitiativeEntry]]) -> _Known:
    entries = [row.value for row in rows]
    today = tx.clock.today()
    units = await lookups.units_on(tx, {entry.unit for entry in entries}, today)
    people = await lookups.people(tx, {author.person for entry in entries for author in entry.authors})
    campaigns = await lookups.campaign_ids(tx, {entry.campaign for entry in entries if entry.campaign})
    names = {(units[entry.unit], entry.code) for entry in entries if entry.unit in units}
    stored = await lookups.initiatives(tx, names)
    contents = await texts.contents(tx, [one.state.id for one in stored.values()])
    return _Known(today, units, people, campaigns, stored, contents)


def _draft(row: Row[InitiativeEntry], known: _Known) -> Draft[Initiative]:
    entry = row.value
    if entry.unit not in known.units:
        raise UnknownUnit(code=entry.unit, day=known.today)
    if entry.campaign is not None and entry.campaign not in known.campaigns:
        raise CampaignNotFound(code=entry.campaign, column="campaign")
    authors = tuple(Author(person=_author(a.person, known), share=a.share) for a in entry.authors)
    initiative.check_authors(authors)
    unit = known.units[entry.unit]
    stored = known.stored.get((unit, entry.code))
    before = stored.state if stored else None
    fresh = Initiative(
        id=before.id if before else new_id(),
        unit=unit,
        campaign=known.campaigns[entry.campaign] if entry.campaign else None,
        code=entry.code,
        title=entry.title,
        kind=entry.kind,
        authors=authors,
        state=InitiativeState.DRAFT,
        first_applied_on=entry.first_applied_on,
    )
    is_rewritten = before is not None and entry.content not in (None, known.contents.get(before.id, ""))
    after = initiative.written(before, fresh, is_rewritten=is_rewritten)
    return Draft(row.number, f"{entry.unit}/{entry.code}", before, after)


def _author(code: str, known: _Known) -> str:
    if code not in known.people:
        raise UnknownPerson(code=code, column="authors")
    return known.people[code].id
