"""Write and move the registrations of units: one sheet per unit and campaign, one item per subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from thidua.contracts import Campaign, Registration, SubjectKind
from thidua.contracts.campaign import CampaignState, RegistrationState
from thidua.errors import ThiduaError
from thidua_registration.commands import batch
from thidua_registration.commands.batch import Draft, Result, Taken
from thidua_registration.domain import registration
from thidua_registration.domain.moves import Act, Side
from thidua_registration.domain.registration import Content, Move
from thidua_registration.entries.campaign import (
    ActEntry,
    ContentEntry,
    ItemEntry,
    MoveEntry,
    SheetEntry,
)
from thidua_registration.errors import (
    CampaignNotFound,
    ItemRefused,
    NotAParticipant,
    RecordNotFound,
    UnknownPerson,
    UnknownUnit,
)
from thidua_registration.queries import lookups, moves, store
from thidua_runtime.database import Transaction
from thidua_runtime.imports import Refusal, Row


@dataclass(frozen=True)
class SheetResult:
    """What became of a sheet's items, and its revision afterwards."""

    result: Result
    revision: int


async def campaign_of(tx: Transaction, code: str) -> Campaign:
    """Return the campaign of that code; raises CampaignNotFound."""
    stored = await lookups.campaign(tx, code)
    if stored is None:
        raise CampaignNotFound(code=code)
    return stored.state


async def participant(tx: Transaction, campaign: Campaign, unit_code: str) -> str:
    """Return the id of a unit that takes part; raises UnknownUnit or NotAParticipant."""
    day = lookups.campaign_day(tx, campaign)
    unit = (await lookups.units_on(tx, [unit_code], day)).get(unit_code)
    if unit is None:
        raise RecordNotFound(what="đơn vị", what_en="The unit", code=unit_code)
    if unit not in campaign.participants:
        raise NotAParticipant(code=unit_code, campaign=campaign.code)
    return unit


async def save_sheet(
    tx: Transaction,
    campaign_code: str,
    unit_code: str,
    sheet: SheetEntry,
    rows: Sequence[Row[ItemEntry]],
    *,
    complete: bool,
    expected: int | None = None,
) -> SheetResult:
    """Write a unit's bản đăng ký. Items that were sent change by moves only.

    With `complete` (no row was refused before) drafts that `rows` no longer name are removed. The same
    sheet again changes nothing. Raises Stale, CampaignNotFound, NotAParticipant.
    """
    campaign = await campaign_of(tx, campaign_code)
    unit = await participant(tx, campaign, unit_code)
    await store.take_turns(tx, [sheet_name(campaign.id, unit)])
    before = await moves.sheet(tx, campaign.id, unit)
    revision = before.revision if before else 0
    batch.check_expected(expected, store.Stored(campaign, revision) if before else None)
    _refuse_closed(campaign)
    drafts, refusals = await _drafts(tx, campaign, unit, sheet, rows)
    gone = await _unlisted(tx, campaign, unit, drafts) if complete and not refusals else []
    await batch.keep(tx, Registration, drafts)
    await store.drop(tx, Registration, gone)
    tx.withdraw(Registration, gone)
    new_paper = sheet.document is not None and (before is None or before.document != sheet.document)
    if gone or new_paper or before is None or any(draft.outcome != "unchanged" for draft in drafts):
        await moves.touch_sheets(tx, campaign.id, [unit], sheet.document)
        revision += 1
    return SheetResult(batch.result(drafts, refusals), revision)


async def move_registrations(tx: Transaction, campaign_code: str, rows: Sequence[Row[MoveEntry]], side: Side) -> Result:
    """Carry out acts upon items, in the order given; several acts may follow one another on one item."""
    campaign = await campaign_of(tx, campaign_code)
    day = lookups.campaign_day(tx, campaign)
    named = {row.value.unit for row in rows} | {row.value.successor for row in rows if row.value.successor}
    units = await lookups.units_on(tx, named, day)
    people = await lookups.people(tx, {row.value.person for row in rows if row.value.person})
    await store.take_turns(tx, [sheet_name(campaign.id, unit) for unit in units.values()])
    work = _Work(tx, campaign, side, day, units, {code: person.id for code, person in people.items()})
    work.take(await moves.items_of_units(tx, campaign.id, units.values()))
    for row in rows:
        work.carry_out(row)
    await work.keep()
    codes = await lookups.codes_of_people(tx, (one.column for one in work.refusals))
    codes |= dict.fromkeys(units.values(), "tập thể")
    named_refusals = (replace(one, column=codes.get(one.column, one.column)) for one in work.refusals)
    return Result(tuple(work.taken), tuple(named_refusals))


async def close_items(tx: Transaction, campaign: Campaign) -> int:
    """Close every item in force, at the end of a campaign; returns how many."""
    work = _Work(tx, campaign, Side.OFFICE, tx.clock.today(), {}, {})
    work.take(await moves.items_in_force(tx, campaign.id))
    act = Act(Side.OFFICE, tx.actor, tx.clock.today(), tx.clock.today())
    for item in list(work.items.values()):
        work.move(item, Move.CLOSE, act)
    await work.keep()
    return len(work.acts)


def sheet_name(campaign: str, unit: str) -> str:
    """Return the name by which writers of one sheet take turns."""
    return f"sheet/{campaign}/{unit}"


def act_of(tx: Transaction, entry: ActEntry, side: Side) -> Act:
    """Return the act that an entry describes; without a date it is done today."""
    today = tx.clock.today()
    return Act(side, tx.actor, today, entry.done_on or today, entry.on_behalf_of, entry.document, entry.reason)


@dataclass
class _Work:
    """The items in hand while a list of acts is carried out in memory; `keep` then writes them at once."""

    tx: Transaction
    campaign: Campaign
    side: Side
    day: date
    units: Mapping[str, str]
    people: Mapping[str, str]
    items: dict[str, Registration] = field(default_factory=dict)
    before: dict[str, Registration] = field(default_factory=dict)
    acts: list[moves.Recorded] = field(default_factory=list)
    let_in: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def take(self, stored: Sequence[store.Stored[Registration]]) -> None:
        self.items = {found.state.key: found.state for found in stored}
        self.before = dict(self.items)

    def carry_out(self, row: Row[MoveEntry]) -> None:
        moved: list[str] = []
        try:
            act = act_of(self.tx, row.value, self.side)
            for item in self._meant(row.value):
                moved.extend(self._try(row, item, act))
        except ThiduaError as error:
            self.refusals.append(batch.refusal(row.number, error))
        if moved:
            self.taken.append(Taken(row.number, "moved", row.value.person or row.value.unit, moved[0]))

    def move(
        self,
        item: Registration,
        move: Move,
        act: Act,
        content: Content | None = None,
        successor: str | None = None,
    ) -> None:
        after = registration.moved(item, move, act, self.campaign, content=content, successor=successor)
        self.items[item.key] = after.item
        self.acts.append(moves.Recorded(item.key, move, item.state, after.item.state, act, after.item.round))
        if after.let_in_by:
            self.let_in[item.key] = after.let_in_by
        if move is Move.SUCCEED and successor and item.subject_kind is SubjectKind.COLLECTIVE:
            heir = registration.inherited(item, successor)
            self.items.setdefault(heir.key, heir)

    async def keep(self) -> None:
        drafts = [Draft(0, key, self.before.get(key), item) for key, item in self.items.items()]
        await batch.keep(self.tx, Registration, drafts)
        await moves.keep_moves(self.tx, "registration", self.acts)
        await moves.let_in(self.tx, self.let_in)
        moved = [draft for draft in drafts if draft.outcome != "unchanged"]
        touched = {state.unit for draft in moved for state in (draft.before, draft.after) if state}
        await moves.touch_sheets(self.tx, self.campaign.id, touched)

    def _try(self, row: Row[MoveEntry], item: Registration, act: Act) -> list[str]:
        entry = row.value
        try:
            self.move(item, entry.move, act, _content(entry.content), self._successor(entry))
        except ThiduaError as error:
            if not entry.all:
                raise
            self.refusals.append(Refusal(row.number, item.subject, str(error), error.in_english))
            return []
        return [item.key]

    def _meant(self, entry: MoveEntry) -> list[Registration]:
        unit = self.units.get(entry.unit)
        if unit is None:
            raise UnknownUnit(code=entry.unit, day=self.day)
        if self.side is Side.UNIT:
            _refuse_closed(self.campaign)
        if entry.all:
            leaves = registration.MOVES[entry.move].leaves
            found = [item for item in self.items.values() if item.unit == unit and item.state in leaves]
        else:
            subject = self._person(entry.person) if entry.person else unit
            item = self.items.get(f"{subject}/{self.campaign.id}")
            found = [item] if item and item.unit == unit else []
        if not found:
            raise RecordNotFound(
                what="mục đăng ký phù hợp của", what_en="A registration that fits, of", code=entry.person or entry.unit
            )
        return found

    def _person(self, code: str) -> str:
        if code not in self.people:
            raise UnknownPerson(code=code)
        return self.people[code]

    def _successor(self, entry: MoveEntry) -> str | None:
        if entry.successor is None:
            return None
        if entry.successor not in self.units:
            raise UnknownUnit(code=entry.successor, day=self.day, column="successor")
        return self.units[entry.successor]


async def _drafts(
    tx: Transaction, campaign: Campaign, unit: str, sheet: SheetEntry, rows: Sequence[Row[ItemEntry]]
) -> tuple[list[Draft[Registration]], list[Refusal]]:
    people = await lookups.people(tx, {row.value.person for row in rows if row.value.person})
    subjects = {person.id for person in people.values()} | {unit}
    stored = await store.load(tx, Registration, [f"{subject}/{campaign.id}" for subject in subjects])
    items = {key: found.state for key, found in stored.items()}
    elsewhere = any(person.unit != unit for person in people.values())
    parents = await lookups.parents(tx) if elsewhere else {}
    homes = {
        code: registration.sheet_of(person.unit, parents, campaign.participants) for code, person in people.items()
    }

    def draft(row: Row[ItemEntry]) -> Draft[Registration]:
        fresh = _fresh(row.value, people, unit, campaign.id, sheet)
        before = items.get(fresh.key)
        whom = row.value.person or "tập thể"
        _refuse_stranger(row.value, before, homes, unit)
        after = registration.drafted(before, fresh, whom)
        return Draft(row.number, whom, before, after)

    drafts, refusals = batch.each(rows, draft)
    drafts, twice = batch.once(drafts)
    return drafts, [*refusals, *twice]


def _fresh(
    entry: ItemEntry, people: Mapping[str, lookups.KnownPerson], unit: str, campaign: str, sheet: SheetEntry
) -> Registration:
    if entry.person is not None and entry.person not in people:
        raise UnknownPerson(code=entry.person)
    return Registration(
        subject=people[entry.person].id if entry.person else unit,
        subject_kind=SubjectKind.INDIVIDUAL if entry.person else SubjectKind.COLLECTIVE,
        unit=unit,
        campaign=campaign,
        titles=entry.titles,
        targets=entry.targets,
        initiatives=entry.initiatives,
        state=RegistrationState.DRAFT,
        document=sheet.document,
    )


def _refuse_stranger(entry: ItemEntry, before: Registration | None, homes: Mapping[str, str], unit: str) -> None:
    # Whoever registered here and was transferred later stays on this sheet.
    if before is not None and before.unit == unit:
        return
    if before is not None and before.state is not RegistrationState.DRAFT:
        raise ItemRefused(
            why=f"“{entry.person}” đã đăng ký ở đơn vị khác",
            why_en=f"{entry.person!r} is registered with another unit",
            column="person",
        )
    if entry.person is not None and homes[entry.person] != unit:
        why = f"“{entry.person}” không thuộc đơn vị này, cũng không thuộc đơn vị cấp dưới đăng ký chung với đơn vị này"
        why_en = f"{entry.person!r} is neither of this unit nor of one below it that registers with it"
        raise ItemRefused(why=why, why_en=why_en, column="person")


async def _unlisted(tx: Transaction, campaign: Campaign, unit: str, drafts: Sequence[Draft[Registration]]) -> list[str]:
    listed = {draft.after.key for draft in drafts}
    return [
        found.state.key
        for found in await moves.items_of_units(tx, campaign.id, [unit])
        if found.state.state is RegistrationState.DRAFT and found.state.key not in listed
    ]


def _content(entry: ContentEntry | None) -> Content | None:
    return None if entry is None else Content(entry.titles, entry.targets, entry.initiatives)


def _refuse_closed(campaign: Campaign) -> None:
    if campaign.state is CampaignState.CLOSED:
        raise ItemRefused(
            why=f"phong trào “{campaign.code}” đã tổng kết", why_en=f"the campaign {campaign.code!r} is closed"
        )
