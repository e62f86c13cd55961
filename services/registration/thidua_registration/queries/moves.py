"""Acts on record: moves of registrations and initiatives, moved dates, sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import Document, Registration
from thidua_registration.domain.moves import Act
from thidua_registration.queries.store import Stored
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id

KEEP_MOVES: Final = text("""
insert into move (id, about, record, move, from_state, to_state, round, done_on, done_by, on_behalf_of, document,
                  reason, recorded_afterwards, recorded_at)
select id, :about, record, move, from_state, to_state, round, done_on, done_by, on_behalf_of, document::jsonb,
       reason, recorded_afterwards, :recorded_at
  from unnest(cast(:ids as text[]), cast(:records as text[]), cast(:moves as text[]),
              cast(:from_states as text[]), cast(:to_states as text[]), cast(:rounds as integer[]),
              cast(:done_on as date[]), cast(:done_by as text[]), cast(:on_behalf_of as text[]),
              cast(:documents as text[]), cast(:reasons as text[]), cast(:recorded_afterwards as boolean[]))
       as m (id, record, move, from_state, to_state, round, done_on, done_by, on_behalf_of, document, reason,
             recorded_afterwards)
""")

KEEP_DATE_MOVES: Final = text("""
insert into date_move (id, campaign, what, old, new, reason, moved_by, moved_at)
select id, :campaign, what, old, new, reason, :moved_by, :moved_at
  from unnest(cast(:ids as text[]), cast(:what as text[]), cast(:old as date[]), cast(:new as date[]),
              cast(:reasons as text[])) as m (id, what, old, new, reason)
""")

LET_IN: Final = text("""
update registration as r set let_in_by = i.let_in_by
  from unnest(cast(:ids as text[]), cast(:names as text[])) as i (id, let_in_by)
 where r.id = i.id
""")

ITEMS_OF_UNITS: Final = text("""
select id, body::text as body, revision from registration
 where campaign = :campaign and unit = any(cast(:units as text[])) order by id
""")

ITEMS_IN_FORCE: Final = text("""
select id, body::text as body, revision from registration
 where campaign = :campaign and state in ('accepted', 'amended') order by id
""")

SHEET: Final = text("""
select document::text as document, revision from sheet where campaign = :campaign and unit = :unit
""")

TOUCH_SHEETS: Final = text("""
insert into sheet as s (campaign, unit, document, revision, changed_by, changed_at)
select :campaign, unit, cast(:document as jsonb), 1, :actor, now()
  from unnest(cast(:units as text[])) as u (unit) order by unit
    on conflict (campaign, unit) do update
       set document = coalesce(excluded.document, s.document), revision = s.revision + 1,
           changed_by = excluded.changed_by, changed_at = excluded.changed_at
""")


@dataclass(frozen=True)
class Recorded:
    """One act as it goes on record."""

    record: str
    move: str
    from_state: str
    to_state: str
    act: Act
    round: int | None = None


@dataclass(frozen=True)
class Sheet:
    """A unit's bản đăng ký as stored."""

    document: Document | None
    revision: int


async def keep_moves(tx: Transaction, about: str, acts: Sequence[Recorded]) -> None:
    """Write acts upon `registration` or `initiative` records; the order of ids is the order of acts."""
    if not acts:
        return
    await tx.execute(
        KEEP_MOVES,
        about=about,
        recorded_at=tx.clock.now(),
        ids=_ordered_ids(len(acts)),
        records=[a.record for a in acts],
        moves=[a.move for a in acts],
        from_states=[a.from_state for a in acts],
        to_states=[a.to_state for a in acts],
        rounds=[a.round for a in acts],
        done_on=[a.act.done_on for a in acts],
        done_by=[a.act.actor for a in acts],
        on_behalf_of=[a.act.on_behalf_of for a in acts],
        documents=[a.act.document.model_dump_json() if a.act.document else None for a in acts],
        reasons=[a.act.reason for a in acts],
        recorded_afterwards=[a.act.recorded_afterwards for a in acts],
    )


async def keep_date_moves(tx: Transaction, campaign: str, moved: Sequence[Mapping[str, Any]]) -> None:
    """Write moved dates with their reasons."""
    if moved:
        await tx.execute(
            KEEP_DATE_MOVES,
            campaign=campaign,
            moved_by=tx.actor,
            moved_at=tx.clock.now(),
            ids=_ordered_ids(len(moved)),
            what=[move["what"] for move in moved],
            old=[move["old"] for move in moved],
            new=[move["new"] for move in moved],
            reasons=[move["reason"] for move in moved],
        )


async def let_in(tx: Transaction, names: Mapping[str, str]) -> None:
    """Note who let late registrations in, by row id."""
    if names:
        await tx.execute(LET_IN, ids=list(names), names=list(names.values()))


async def items_of_units(tx: Transaction, campaign: str, units: Iterable[str]) -> list[Stored[Registration]]:
    """Return all items on the sheets of these units."""
    return _items(await tx.rows(ITEMS_OF_UNITS, campaign=campaign, units=sorted(set(units))))


async def items_in_force(tx: Transaction, campaign: str) -> list[Stored[Registration]]:
    """Return all accepted and amended items of a campaign."""
    return _items(await tx.rows(ITEMS_IN_FORCE, campaign=campaign))


async def sheet(tx: Transaction, campaign: str, unit: str) -> Sheet | None:
    """Return a unit's sheet, or None."""
    row = await tx.row(SHEET, campaign=campaign, unit=unit)
    if row is None:
        return None
    return Sheet(Document.model_validate_json(row.document) if row.document else None, row.revision)


async def touch_sheets(tx: Transaction, campaign: str, units: Iterable[str], document: Document | None = None) -> None:
    """Raise the revision of these units' sheets, creating them; a document replaces the one stored."""
    await tx.execute(
        TOUCH_SHEETS,
        campaign=campaign,
        units=sorted(set(units)),
        document=document.model_dump_json() if document else None,
        actor=tx.actor,
    )


def _items(rows: Sequence[Any]) -> list[Stored[Registration]]:
    return [Stored(Registration.model_validate_json(row.body), row.revision) for row in rows]


def _ordered_ids(count: int) -> list[str]:
    # Ids made within one millisecond are not in order; sorted, they are again.
    return sorted(new_id() for _ in range(count))
