"""Name readers of initiatives, take their marks, settle them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from thidua.contracts import Campaign, Initiative, Person
from thidua.spelling import spelled
from thidua_registration.commands import batch
from thidua_registration.commands.batch import Draft, Result, Taken
from thidua_registration.commands.registrations import campaign_of
from thidua_registration.domain import reading
from thidua_registration.domain.reading import PROPOSED, MarkingRule, Readers, Reading
from thidua_registration.entries.reading import MarkEntry, ReadersEntry
from thidua_registration.errors import ItemRefused, NotYetMarked, RecordNotFound, RuleInUse, UnknownUnit
from thidua_registration.queries import lookups, store
from thidua_registration.queries import reading as readings
from thidua_runtime.database import Transaction
from thidua_runtime.imports import Row

Named = Row[ReadersEntry] | Row[MarkEntry]


@dataclass(frozen=True)
class _Known:
    units: Mapping[str, str]
    stored: Mapping[tuple[str, str], store.Stored[Initiative]]
    found: readings.Found

    def item(self, entry: ReadersEntry | MarkEntry, day: Any) -> Initiative:
        """Return the initiative an entry names; raises UnknownUnit, RecordNotFound."""
        if entry.unit not in self.units:
            raise UnknownUnit(code=entry.unit, day=day)
        stored = self.stored.get((self.units[entry.unit], entry.code))
        if stored is None:
            raise RecordNotFound(what="sáng kiến", what_en="The initiative", code=entry.code)
        return stored.state


async def declare_rule(tx: Transaction, code: str, rule: MarkingRule) -> dict[str, Any]:
    """Declare when two marks of a campaign's initiatives disagree; raises RuleInUse once there are marks."""
    await store.take_turns(tx, ["initiatives"])
    campaign: Campaign = await campaign_of(tx, code)
    marks = await readings.marks_given(tx, campaign.id)
    if marks:
        raise RuleInUse(code=code, marks=marks)
    await readings.keep_rule(tx, campaign.id, rule)
    return {"campaign": code, **rule.model_dump(mode="json"), "declared_by": tx.actor}


async def name_readers(tx: Transaction, rows: Sequence[Row[ReadersEntry]]) -> Result:
    """Name two readers, and a third where they disagree, until the initiative is assessed; who has marked stays."""
    known = await _known(tx, rows)
    rules = await readings.rules(tx, {one.state.campaign or "" for one in known.stored.values()})
    authors = await _authors(tx, [one.state for one in known.stored.values()])
    named: dict[str, Reading] = {}

    def name(row: Row[ReadersEntry]) -> Taken:
        entry = row.value
        item = known.item(entry, tx.clock.today())
        reading.check_not_assessed(item.state, entry.code)
        before = known.found.readings.get(item.id)
        readers = _readers(entry)
        reading.check_readers(readers, before, [authors[one.person] for one in item.authors if one.person in authors])
        rule = before.rule if before else rules.get(item.campaign or "", PROPOSED)
        named[item.id] = Reading(readers, rule, before.marks if before else {})
        return Taken(row.number, "named", entry.code, item.id)

    taken, refusals = batch.each(rows, name)
    await readings.keep_readers(tx, known.found.rounds, named)
    return Result(tuple(taken), tuple(refusals))


async def mark_initiatives(tx: Transaction, rows: Sequence[Row[MarkEntry]]) -> Result:
    """Take the marks of whoever sends them; where all are in, the initiative gets the mark they come to."""
    known = await _known(tx, rows)
    reader = spelled(tx.actor)
    current = dict(known.found.readings)
    given: dict[str, readings.Given] = {}

    def take(row: Row[MarkEntry]) -> Taken:
        entry = row.value
        item = known.item(entry, tx.clock.today())
        reading.check_mark(current.get(item.id), reader, item.state, entry.code)
        before = current[item.id]
        current[item.id] = replace(before, marks={**before.marks, reader: entry.points})
        given[item.id] = readings.Given(item.id, entry.points, entry.comment, entry.evidence)
        return Taken(row.number, "marked", entry.code, item.id)

    taken, refusals = batch.each(rows, take)
    await readings.keep_marks(tx, reader, known.found.rounds, list(given.values()))
    items = [one.state for one in known.stored.values() if one.state.id in given]
    await batch.keep(tx, Initiative, [_settled(item, current[item.id]) for item in items])
    return Result(tuple(taken), tuple(refusals))


def check_assessed(item: Initiative, found: Reading | None) -> None:
    """Raise NotYetMarked while readers were named and have not settled on a mark."""
    if found is None or found.settled is not None:
        return
    waiting = ", ".join(found.waits_for)
    said, told = found.why_disagreed or ("", "")
    why = f"còn chờ {waiting}" if waiting else f"{said}, cần người thứ ba"
    why_en = f"{waiting} has yet to mark" if waiting else f"{told}, a third reader is needed"
    raise NotYetMarked(code=item.code, why=why, why_en=why_en)


def _settled(item: Initiative, found: Reading) -> Draft[Initiative]:
    return Draft(0, item.code, item, item.model_copy(update={"mark": found.settled}))


def _readers(entry: ReadersEntry) -> Readers:
    try:
        third = spelled(entry.third) if entry.third else None
        return Readers(first=spelled(entry.first), second=spelled(entry.second), third=third)
    except ValueError as error:
        raise ItemRefused(
            why="những người chấm phải là những người khác nhau", why_en="readers are different people"
        ) from error


async def _known(tx: Transaction, rows: Sequence[Named]) -> _Known:
    await store.take_turns(tx, ["initiatives"])
    units = await lookups.units_on(tx, {row.value.unit for row in rows}, tx.clock.today())
    names = {(units[row.value.unit], row.value.code) for row in rows if row.value.unit in units}
    stored = await lookups.initiatives(tx, names)
    return _Known(units, stored, await readings.found(tx, [one.state.id for one in stored.values()]))


async def _authors(tx: Transaction, items: Iterable[Initiative]) -> dict[str, str]:
    people = {author.person for item in items for author in item.authors}
    return {person: one.state.name for person, one in (await store.load(tx, Person, people)).items()}
